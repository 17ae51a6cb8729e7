"""Chats as earlier versions of the program wrote them, byte for byte, and one as a person left it who edited it."""

# ruff: noqa: E501

from __future__ import annotations

FIRST = r'''[session]
format = 1
id = "c0ffee0001"
created = 2025-03-01T12:30:05Z
model = "gpt-4o"
system = """
Answer briefly.
Never say "\"\"sorry"\"\"."""
[session.values]
temperature = 0.5
max_tokens = 900
stream = false
reasoning_effort = "low"
# end 238 e161d3c4

[[node]]
id = "a000000001"
role = "user"
time = 2025-03-01T12:31:05Z
seq = 1
[[node.parts]]
kind = "text"
text = """
What is on it?\r
And what is said?"""
[[node.parts]]
kind = "image"
blob = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
media_type = "image/png"
name = "plan.png"
width = 640
height = 480
size = 2048
detail = "high"
[[node.parts]]
kind = "image"
url = "https://example.org/a.jpg"
[[node.parts]]
kind = "audio"
blob = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
format = "wav"
name = "note.wav"
size = 96044
[[node.parts]]
kind = "document"
blob = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
media_type = "application/pdf"
name = "report.pdf"
size = 4096
[[node.parts]]
kind = "text_file"
blob = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
name = "main.py"
size = 120
language = "python"
# end 895 30cab1bf

[[node]]
id = "a000000002"
parent = "a000000001"
role = "assistant"
time = 2025-03-01T12:32:05Z
seq = 2
model = "gpt-4o"
answered_by = "gpt-4o-2024-08-06"
finish = "stop"
request_id = "20250301r1"
service_tier = "default"
system_fingerprint = "fp_1"
[node.values]
temperature = 0.5
max_tokens = 900
[node.usage]
prompt_tokens = 31
completion_tokens = 18
total_tokens = 49
cached_tokens = 16
reasoning_tokens = 4
[node.timing]
first_token_s = 0.25
total_s = 2.0
[[node.parts]]
kind = "reasoning"
text = "Let me look."
seconds = 1.5
[[node.parts]]
kind = "text"
text = """
A plan.

```python
print('[[node]]')
```"""
[[node.parts]]
kind = "citation"
url = "https://example.org/x"
title = "A page"
start = 2
end = 6
# end 713 c8a15f88

[[change]]
time = 2025-03-01T12:33:05Z
seq = 3
kind = "head"
[change.fields]
title = "计划"
pinned = true
[change.fields.values]
top_p = 0.9
# end 143 aa685842

[[node]]
id = "a000000003"
parent = "a000000001"
role = "assistant"
time = 2025-03-01T12:34:05Z
seq = 4
model = "gpt-4o"
finish = "content_filter"
[node.usage]
prompt_tokens = 31
completion_tokens = 6
[[node.parts]]
kind = "refusal"
text = "I can't say."
# end 255 2d8fe9f3

[[node]]
id = "a000000004"
parent = "a000000002"
role = "user"
time = 2025-03-01T12:35:05Z
seq = 5
[[node.parts]]
kind = "text"
text = "More"
# end 142 bdbb3775

[[node]]
id = "a000000005"
parent = "a000000004"
role = "assistant"
time = 2025-03-01T12:36:05Z
seq = 6
model = "gpt-4o"
finish = "interrupted"
[node.timing]
first_token_s = 0.4
[node.failure]
key = "error.stream_cut"
retryable = true
[node.failure.facts]
status = 200
message = "cut"
[[node.parts]]
kind = "text"
text = "It brea"
# end 331 bc6e54d8

[[change]]
time = 2025-03-01T12:37:05Z
seq = 7
kind = "deleted"
ids = ["a000000005"]
# end 85 c7769aaa

[[change]]
time = 2025-03-01T12:38:05Z
seq = 8
kind = "restored"
ids = ["a000000005"]
# end 86 1f9f59ca

[[change]]
time = 2025-03-01T12:39:05Z
seq = 9
kind = "leaf"
leaf = "a000000005"
# end 81 6c4bd17e
'''
"""By the first version that kept chats: words, thoughts, pictures, sound, files, sources, refusals, how answers ended."""

TOOLS = r"""[session]
format = 1
id = "c0ffee0002"
created = 2026-06-01T08:00:00Z
model = "gpt-4.1"
tools = ["clock", "files__read"]
[session.values]
n = 2
logprobs = true
top_logprobs = 3
stop = [
    "END",
    "a\nb",
]
modalities = [
    "text",
    "audio",
]
tool_choice = "clock"

[session.values.metadata]
run = "1"

[session.values.audio]
voice = "alloy"
format = "pcm16"
[session.values_json]
response_format = "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"tree\", \"strict\": null, \"schema\": {\"enum\": [null, 1], \"type\": [\"integer\", \"null\"]}}}"
extra_body = "{\"functions\": [{\"name\": \"f\"}], \"top_k\": null}"
# end 635 e3c1a00f

[[node]]
id = "b000000001"
role = "developer"
time = 2026-06-01T08:01:00Z
seq = 1
name = "boss"
[[node.parts]]
kind = "text"
text = "Be kind."
# end 143 bcf3e088

[[node]]
id = "b000000002"
parent = "b000000001"
role = "user"
time = 2026-06-01T08:02:00Z
seq = 2
name = "ann"
[[node.parts]]
kind = "text"
text = "What time is it?"
[[node.parts]]
kind = "document"
blob = ""
media_type = ""
name = ""
file_id = "file-abc123"
# end 260 b039d289

[[node]]
id = "b000000003"
parent = "b000000002"
role = "assistant"
time = 2026-06-01T08:03:00Z
seq = 3
model = "gpt-4.1"
finish = "tool_calls"
[node.values]
n = 2
logprobs = true
top_logprobs = 3
stop = [
    "END",
    "a\nb",
]
modalities = [
    "text",
    "audio",
]
tool_choice = "clock"

[node.values.metadata]
run = "1"

[node.values.audio]
voice = "alloy"
format = "pcm16"
[node.values_json]
response_format = "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"tree\", \"strict\": null, \"schema\": {\"enum\": [null, 1], \"type\": [\"integer\", \"null\"]}}}"
extra_body = "{\"functions\": [{\"name\": \"f\"}], \"top_k\": null}"
[node.usage]
prompt_tokens = 82
completion_tokens = 17
total_tokens = 99
prompt_audio_tokens = 1
completion_audio_tokens = 2
accepted_prediction_tokens = 3
rejected_prediction_tokens = 4
cache_write_tokens = 5
prompt_text_tokens = 6
prompt_image_tokens = 7
completion_text_tokens = 8
completion_image_tokens = 9
[[node.parts]]
kind = "reasoning"
text = "I must look."
seconds = 0.3
[[node.parts]]
kind = "text"
text = "I look."
[[node.parts]]
kind = "tool_call"
id = "call_1"
name = "clock"
arguments = "{\"zone\":\"UTC\"}"
[[node.parts]]
kind = "tool_call"
id = "call_2"
name = "clock"
# end 1233 2f398c3e

[[change]]
time = 2026-06-01T08:04:00Z
seq = 4
kind = "call_started"
node = "b000000003"
call = "call_1"
# end 105 87ecf1a7

[[node]]
id = "b000000004"
parent = "b000000003"
role = "tool"
time = 2026-06-01T08:04:00Z
seq = 5
[[node.parts]]
kind = "tool_result"
call_id = "call_1"
text = "08:03"
decision = "once"
seconds = 0.012
log = "/tmp/log.txt"
[[node.parts]]
kind = "image"
blob = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
media_type = "image/png"
size = 12
# end 363 47f39483

[[node]]
id = "b000000005"
parent = "b000000004"
role = "tool"
time = 2026-06-01T08:05:00Z
seq = 6
[[node.parts]]
kind = "tool_result"
call_id = "call_2"
text = "Denied."
failed = true
decision = "denied"
# end 205 2db06025

[[node]]
id = "b000000006"
parent = "b000000005"
role = "assistant"
time = 2026-06-01T08:06:00Z
seq = 7
model = "gpt-4.1"
finish = "stop"
completion_id = "chatcmpl-2"
logprobs = "1111111111111111111111111111111111111111111111111111111111111111"
[[node.parts]]
kind = "text"
text = "Three past eight."
[[node.parts]]
kind = "audio"
blob = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
format = "wav"
size = 19244
id = "audio_1"
seconds = 0.4
transcript = "3 past 8"
expires_at = 1787469342
# end 510 85252b4a

[[node]]
id = "b000000007"
parent = "b000000005"
role = "assistant"
time = 2026-06-01T08:06:00Z
seq = 8
model = "gpt-4.1"
finish = "length"
completion_id = "chatcmpl-2"
blocked = "violence, hate"
[[node.parts]]
kind = "text"
text = "八点"
# end 241 2397d075

[[change]]
time = 2026-06-01T08:09:00Z
seq = 9
kind = "head"
[change.fields]
model = "o3"
system = "Be brief."
tools = ["clock"]
[change.fields.values]
seed = 9007199254740991

[change.fields.values.extra_headers]
X-Title = "yibu"
# end 231 fe4032dc

[[node]]
id = "b000000008"
parent = "b000000006"
role = "function"
time = 2026-06-01T08:09:00Z
seq = 10
name = "old_function"
[[node.parts]]
kind = "text"
text = "{}"
# end 167 ceffd532

[[change]]
time = 2026-06-01T08:11:00Z
seq = 11
kind = "leaf"
leaf = "b000000007"
# end 82 e42adb1f
"""
"""By the version that brought tools, answers side by side, probabilities, sound in answers, and every parameter."""

EDITED = r"""# my notes on this chat
[session]
format = 1
id = "c0ffee0003"
title = "By hand"
model = "m"
values = { temperature = 1, stop = ["x"] }

[[node]]
id = "d000000001"
role = "user"
time = 2025-04-01T09:00:00
parts = [{ kind = "text", text = "你好" }]

[[node]]
role = "assistant"
parent = "d000000001"
id = "d000000002"
time = 2025-04-01T09:00:05Z
finish = "stop"
[node.usage]
prompt_tokens = 3
[[node.parts]]
text = "Hello."
kind = "text"
"""
"""Put in other order by hand, without the trailers of records, with a comment."""

CHATS = {"c0ffee0001": FIRST, "c0ffee0002": TOOLS, "c0ffee0003": EDITED}
