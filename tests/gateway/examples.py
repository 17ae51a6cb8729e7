"""Answers with the fields of the API document's examples, to be served; lists of stored ones are in `stored.py`."""

from __future__ import annotations

from typing import Any

from tests.gateway.answers import DONE, Answer, data, json_answer, sse


def usage(given: int, said: int, *, sound: bool) -> dict[str, Any]:
    """A usage with its details; `sound`: those of audio and of the prompt, too."""
    details = {"reasoning_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
    counted = {"prompt_tokens": given, "completion_tokens": said, "total_tokens": given + said}
    if not sound:
        return {**counted, "completion_tokens_details": details}
    prompt = {"cached_tokens": 0, "audio_tokens": 0}
    return {**counted, "prompt_tokens_details": prompt, "completion_tokens_details": {**details, "audio_tokens": 0}}


def completion(id: str, created: int, model: str, message: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A chat completion object with one choice."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "logprobs": None, "finish_reason": "stop"}
    choice |= {name: more.pop(name) for name in ("logprobs", "finish_reason") if name in more}
    return {"id": id, "object": "chat.completion", "created": created, "model": model, "choices": [choice], **more}


def likely(token: str, logprob: float, other: str, other_logprob: float) -> dict[str, Any]:
    """One token and what might have stood there; a mark such as <|end|> has no bytes."""

    def one(token: str, logprob: float) -> dict[str, Any]:
        return {
            "token": token,
            "logprob": logprob,
            "bytes": None if token.startswith("<|") else list(token.encode()),
        }

    return {**one(token, logprob), "top_logprobs": [one(token, logprob), one(other, other_logprob)]}


TEXT = completion(
    "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    1741569952,
    "gpt-4.1-2025-04-14",
    {"content": "你好!我能为你提供什么帮助?", "refusal": None, "annotations": []},
    usage=usage(19, 10, sound=True),
    service_tier="default",
)
IMAGE = completion(
    "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
    1741570283,
    "gpt-4.1-2025-04-14",
    {"content": "图片展示了一条穿过茂密绿色草地的木制栈道。", "refusal": None, "annotations": []},
    usage=usage(1117, 46, sound=True),
    service_tier="default",
    system_fingerprint="fp_fc9f1d7035",
)
CALL = completion(
    "chatcmpl-abc123",
    1699896916,
    "gpt-4o-mini",
    {
        "content": None,
        "tool_calls": [
            {
                "id": "call_abc123",
                "type": "function",
                "function": {"name": "get_current_weather", "arguments": '{\n"location": "Boston, MA"\n}'},
            }
        ],
    },
    finish_reason="tool_calls",
    usage=usage(82, 17, sound=False),
)
LOGPROBS = completion(
    "chatcmpl-123",
    1702685778,
    "gpt-4o-mini",
    {"content": "Hello! How can I help you?"},
    logprobs={
        "content": [
            likely("Hello", -0.31725305, "Hi", -1.3190403),
            likely("!", -0.02380986, " there", -3.787621),
            likely(" How", -0.000054669687, "<|end|>", -10.953937),
            likely(" can", -0.015801601, " may", -4.161023),
            likely(" I", -3.7697225e-6, " assist", -13.596657),
            likely(" help", -0.04571125, " assist", -3.1089056),
            likely(" you", -5.4385737e-6, " today", -12.807695),
            likely("?", -0.0008108172, "?\n", -7.184561),
        ]
    },
    usage=usage(9, 9, sound=False),
    system_fingerprint=None,
)
_CHUNK = {
    "id": "chatcmpl-123",
    "object": "chat.completion.chunk",
    "created": 1694268190,
    "model": "gpt-4o-mini",
    "system_fingerprint": "fp_44709d6fcb",
}
CHUNKS = [
    {**_CHUNK, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}
    for delta, finish in (({"role": "assistant", "content": ""}, None), ({"content": "你好"}, None), ({}, "stop"))
]
STREAMED = completion(
    "chatcmpl-123", 1694268190, "gpt-4o-mini", {"content": "你好"}, system_fingerprint="fp_44709d6fcb"
)
"""What the chunks say together."""

EXAMPLES = {"text": TEXT, "image": IMAGE, "stream": STREAMED, "call": CALL, "logprobs": LOGPROBS}


def served(name: str) -> Answer:
    """The example as the gateway sends it."""
    return sse(*map(data, CHUNKS), DONE) if name == "stream" else json_answer(EXAMPLES[name])
