"""An answer as the one JSON object of `ask --json`; null where a thing is absent."""

from __future__ import annotations

from tui_chat import words
from tui_chat.chat.events import TurnEnded
from tui_chat.chat.node import Node
from tui_chat.wire.messages import Audio, Citation, Image, Refusal, ToolCall


def as_json(node: Node | None, ended: TurnEnded | None) -> dict[str, object]:
    """The object `ask --json` prints. `node` is the answer kept, None where none was."""
    finish = ended.finish if ended is not None else (node.finish if node is not None else "stopped")
    answered = node is not None and bool(node.parts)
    choice = _choice(node) if node is not None and answered else dict.fromkeys(_CHOICE)
    complete = finish in {"stop", "length", "tool_calls", "content_filter"}
    finish_reason = finish if complete else None
    return {
        **choice,
        "choices": [{"index": 0, **choice, "finish_reason": finish_reason}] if answered else [],
        "finish_reason": finish_reason,
        "complete": complete,
        "model": (node.answered_by or node.model or None) if node is not None else None,
        "id": (node.completion_id or None) if node is not None else None,
        "usage": node.usage.known() if node is not None and node.usage is not None else None,
        "annotations": _annotations(node) if node is not None else None,
        "images": _images(node) if node is not None else None,
        "audio": _audio(node) if node is not None else None,
        "service_tier": (node.service_tier or None) if node is not None else None,
        "system_fingerprint": (node.system_fingerprint or None) if node is not None else None,
        "request_id": (node.request_id or None) if node is not None else None,
        "error": _error(ended),
    }


_CHOICE = ("content", "reasoning", "refusal", "tool_calls")


def _choice(node: Node) -> dict[str, object]:
    refusal = "".join(part.text for part in node.parts if isinstance(part, Refusal))
    calls = [
        {"id": part.id, "name": part.name, "arguments": part.arguments}
        for part in node.parts
        if isinstance(part, ToolCall)
    ]
    return {
        "content": node.text or None,
        "reasoning": node.reasoning or None,
        "refusal": refusal or None,
        "tool_calls": calls or None,
    }


def _annotations(node: Node) -> list[dict[str, object]] | None:
    found: list[dict[str, object]] = [
        {"url": part.url, "title": part.title or None, "start_index": part.start, "end_index": part.end}
        for part in node.parts
        if isinstance(part, Citation)
    ]
    return found or None


def _images(node: Node) -> list[dict[str, object]] | None:
    found: list[dict[str, object]] = [
        {"url": part.url or None, "sha256": part.blob or None, "media_type": part.media_type or None}
        for part in node.parts
        if isinstance(part, Image)
    ]
    return found or None


def _audio(node: Node) -> dict[str, object] | None:
    for part in node.parts:
        if isinstance(part, Audio):
            return {"sha256": part.blob, "format": part.format}
    return None


def _error(ended: TurnEnded | None) -> dict[str, object] | None:
    if ended is None or ended.failure is None:
        return None
    key, facts = ended.failure.key, ended.failure.facts
    return {
        "key": key.removeprefix("error."),
        "says": words.t(f"{key}.says", **facts),
        "advice": words.t(f"{key}.advice", **facts) if words.has(f"{key}.advice") else None,
        "status": facts.get("status") or None,
        "message": facts.get("message") or None,
        "request_id": facts.get("request_id") or None,
    }
