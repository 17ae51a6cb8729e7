"""Reads recorded bodies as the client does, without a socket, and says what came of them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from tui_chat.wire.reader import AnswerReader
from tui_chat.wire.reply import Reply


def read(chunks: Iterable[bytes], status: int = 200, headers: Mapping[str, str] | None = None) -> tuple[Reply, str]:
    """The reply that these pieces of a body make, and the key of the error it ended in ("" for none)."""
    reader, reply = AnswerReader(status, headers or {}), Reply()
    for chunk in chunks:
        for delta in reader.take(chunk):
            reply.fold(delta)
        if reader.failure or reader.done:
            break
    for delta in reader.finish():
        reply.fold(delta)
    return reply, reader.failure.key if reader.failure else ""


def state(reply: Reply) -> dict[str, Any]:
    """Everything a reply holds, fit for comparison."""
    choices = {
        number: (
            choice.text,
            choice.reasoning,
            choice.refusal,
            choice.tool_calls,
            choice.images,
            choice.audio,
            choice.citations,
            choice.finish_reason,
        )
        for number, choice in reply.choices.items()
    }
    about = (reply.usage, reply.id, reply.model, reply.service_tier, reply.system_fingerprint, reply.complete)
    return {"choices": choices, "about": about, "restarted": reply.restarted}


def check(expects: Mapping[str, Any], reply: Reply, error_key: str) -> None:
    """Assert that a reply is what a named case promises."""
    for name in ("text", "reasoning", "refusal"):
        if name in expects:
            assert getattr(reply, name).strip() == expects[name].strip(), name
    for number, text in expects.get("texts", {}).items():
        assert reply.choice(number).text.strip() == text
    for number, reason in expects.get("finish_reasons", {}).items():
        assert reply.choice(number).finish_reason == reason
    for name in ("finish_reason", "complete", "id", "model", "service_tier", "system_fingerprint", "restarted"):
        if name in expects:
            assert getattr(reply, name) == expects[name], name
    if "usage" in expects:
        known = reply.usage.known() if reply.usage else None
        wanted = expects["usage"]
        assert known is None if wanted is None else known is not None and wanted.items() <= known.items()
    if expects.get("error_key"):
        assert error_key == expects["error_key"]
    if "error_key" in expects and expects["error_key"] is None:
        assert error_key in ("", "error.stream_cut")
    if "tool_calls" in expects:
        calls = [{"id": c.id, "name": c.name, "arguments": json.loads(c.arguments)} for c in reply.tool_calls]
        assert calls == [{**call, "arguments": json.loads(call["arguments"])} for call in expects["tool_calls"]]
    if "images" in expects:
        assert [picture(uri) for uri in reply.images] == expects["images"]
    if "audio" in expects:
        sound, wanted = reply.audio, expects["audio"]
        assert sound is not None
        assert (sound.id, sound.transcript) == (wanted["id"], wanted["transcript"])
        assert (len(sound.data), hashlib.sha256(sound.data).hexdigest()) == (wanted["pcm_size"], wanted["pcm_sha256"])
    if "citations" in expects:
        assert [{"url": c.url, "title": c.title} for c in reply.citations] == expects["citations"]


def picture(uri: str) -> dict[str, object]:
    head, _comma, data = uri.partition(";base64,")
    body = base64.b64decode(data, validate=True)
    return {
        "media_type": head.removeprefix("data:"),
        "sha256": hashlib.sha256(body).hexdigest(),
        "size": len(body),
    }
