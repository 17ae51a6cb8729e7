"""One value, as typed for `--set`, for every parameter of the table; and forty settings of them."""

from __future__ import annotations

import json

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": ["integer", "null"]}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "person", "description": "谁", "strict": True, "schema": SCHEMA},
}
NESTED = {
    "type": "json_schema",
    "json_schema": {
        "name": "tree-1",
        "strict": None,
        "schema": {
            "$defs": {
                "node": {"type": "object", "properties": {"sub": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}
            },
            "anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}],
            "enum": [None, 1, "a\nb", {"x": [1.5, [], {}]}],
        },
    },
}
PARTS = {"type": "content", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}

TYPED: dict[str, str] = {
    "temperature": "0.7",
    "top_p": "0.25",
    "seed": "-9007199254740991",
    "max_completion_tokens": "2048",
    "max_tokens": "1",
    "stop": "END,\\n",
    "reasoning_effort": "xhigh",
    "verbosity": "low",
    "response_format": json.dumps(FORMAT),
    "n": "3",
    "stream": "off",
    "presence_penalty": "-2",
    "frequency_penalty": "0.1",
    "logit_bias": "15043=-100,50256=2.5",
    "logprobs": "on",
    "top_logprobs": "20",
    "web_search_options": "search_context_size=low,country=cn,city=杭州,region=浙江,timezone=Asia/Shanghai",
    "modalities": "text,audio",
    "audio": "voice=alloy,format=pcm16",
    "prediction": "class User:\n    name: str\n",
    "prompt_cache_key": "chat-1",
    "service_tier": "flex",
    "store": "on",
    "metadata": "project=测试,owner=ann",
    "safety_identifier": "9f86d081",
    "user": "u-1",
    "tool_choice": "required",
    "parallel_tool_calls": "off",
    "stream_options": "on",
    "functions": "on",
    "function_call": "clock",
    "extra_headers": "X-Title=yibu,HTTP-Referer=https://example.org/",
    "extra_body": '{"enable_thinking":false,"extra_body":{"google":{"thinking_config":{"thinking_budget":0}}},'
    '"top_k":null}',
}

SETTINGS: list[dict[str, str]] = [
    {},
    *({name: typed} for name, typed in TYPED.items() if name not in {"extra_headers", "extra_body"}),
    {"response_format": "text"},
    {"response_format": "json_object", "temperature": "0"},
    {"response_format": json.dumps(SCHEMA), "seed": "7"},
    {"response_format": json.dumps(NESTED)},
    {"prediction": json.dumps(PARTS), "stream": "off"},
    {"functions": "on", "function_call": "none", "temperature": "1"},
    {"stream_options": '{"include_usage":false}', "max_tokens": "5"},
    {"stop": "END"},
    {"stop": json.dumps(["a,b", " lead", "\t", "四"]), "top_p": "0"},
    {"web_search_options": "{}"},
    {"web_search_options": '{"user_location":{"type":"approximate","approximate":{"city":"Paris"}}}'},
    {"modalities": "text", "audio": "voice=cedar,format=wav", "store": "off"},
    {"metadata": json.dumps({f"k{at}": "v" * 512 for at in range(16)}), "store": "on"},
    {"temperature": "2", "top_p": "1", "presence_penalty": "2", "frequency_penalty": "-2", "logprobs": "off"},
    {"logprobs": "on", "top_logprobs": "0", "max_completion_tokens": "1"},
    {**{name: typed for name, typed in TYPED.items() if name not in {"extra_headers", "extra_body"}}},
]
