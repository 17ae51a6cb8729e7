"""Chunks as the named upstreams write them, field by field and in their order, when they come through the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.gateway.answers import data

Json = dict[str, Any]
CREATED = 1787465742


def usage(prompt: int, completion: int, cached: int = 0, reasoning: int = 0) -> Json:
    """A full OpenAI usage object."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def counts(prompt: int, completion: int, cached: int = 0, reasoning: int = 0) -> Json:
    """What a client must know of `usage(…)`."""
    known = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**known, "cached_tokens": cached, "reasoning_tokens": reasoning}


def head(id: str, model: str, **more: object) -> Json:
    return {"id": id, "object": "chat.completion.chunk", "created": CREATED, "model": model, **more}


def openai(delta: Mapping[str, object], finish: str | None = None, index: int = 0, **more: object) -> bytes:
    """OpenAI, raw through the gateway; `more` lands in the choice."""
    choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish, **more}
    about = head("chatcmpl-D3vK9wQx7Lm2", "gpt-4o-mini-2024-07-18")
    return data(
        about
        | {"service_tier": "default", "system_fingerprint": "fp_8bda4d3a2c"}
        | {"choices": [choice], "usage": None, "obfuscation": "hT3q"}
    )


def openai_usage(counted: Json | None) -> bytes:
    """OpenAI's last chunk: no choices, usage."""
    about = head("chatcmpl-D3vK9wQx7Lm2", "gpt-4o-mini-2024-07-18")
    return data(
        about
        | {"service_tier": "default", "system_fingerprint": "fp_8bda4d3a2c"}
        | {"choices": [], "usage": counted, "obfuscation": ""}
    )


def gateway_usage(counted: Json) -> bytes:
    """The usage chunk the gateway makes itself: after a lost or silent upstream, with an empty id."""
    return data(head("", "gpt-4o-mini", system_fingerprint=None, choices=[], usage=counted))


def deepseek(delta: Mapping[str, object], finish: str | None = None, counted: Json | None = None) -> bytes:
    """DeepSeek, raw: content and reasoning_content both present, one of them null; usage on the finish chunk."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    about = head("8f0b3c1e-5a52-4c6c-9f6e-0d9b6f1f2a11", "deepseek-reasoner", system_fingerprint="fp_eaab8d114b_prod")
    return data({**about, "choices": [choice], **({"usage": counted} if counted else {})})


def claude(delta: Mapping[str, object], finish: str | None = None, counted: Json | None = None) -> bytes:
    """Claude, re-encoded by the gateway's adaptor: delta first, nulls for what it has not."""
    choice = {"delta": delta, "logprobs": None, "finish_reason": finish, "index": 0}
    about = head("msg_01XFDUDYJgAACzvnptvVoYEL", "claude-sonnet-4-5-20250929", system_fingerprint=None)
    return data({**about, "choices": [choice], "usage": counted})


def gemini(delta: Mapping[str, object], finish: str | None = None, counted: Json | None = None) -> bytes:
    """Gemini, re-encoded by the gateway's adaptor."""
    choice = {"delta": delta, "logprobs": None, "finish_reason": finish, "index": 0}
    about = head("chatcmpl-5b1d6a0e-7f6f-4f29-8a3f-1f1f3d1f0a77", "gemini-3-pro", system_fingerprint=None)
    return data({**about, "choices": [choice], "usage": counted})


def openrouter(delta: Mapping[str, object], finish: str | None = None, **more: object) -> bytes:
    """OpenRouter, raw: `provider` on top, `native_finish_reason` in the choice; `more` lands in the choice."""
    about = head("gen-1787465742-TqZ8kXw1", "anthropic/claude-sonnet-4.5")
    choice = {
        "index": 0,
        "delta": delta,
        "finish_reason": finish,
        "native_finish_reason": finish,
        "logprobs": None,
        **more,
    }
    return data({"id": about.pop("id"), "provider": "Anthropic", **about, "choices": [choice]})


def plain(model: str, delta: Mapping[str, object], finish: str | None = None, **top: object) -> bytes:
    """A small OpenAI-compatible upstream: only what is needed; `top` lands beside `choices`."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return data({**head("chat-7c1f", model), "choices": [choice], **top})


def whole(message: Mapping[str, object], finish: str | None = "stop", counted: Json | None = None) -> Json:
    """A non-streamed completion."""
    about = head("chatcmpl-D3vK9wQx7Lm2", "gpt-4o-mini-2024-07-18") | {"object": "chat.completion"}
    choice = {"index": 0, "message": {"role": "assistant", **message}, "logprobs": None, "finish_reason": finish}
    return {**about, "choices": [choice], "usage": counted or usage(9, 6), "system_fingerprint": "fp_8bda4d3a2c"}
