"""An answer as the one JSON object of `ask --json`; null where a thing is absent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_chat import words
from tui_chat.chat.events import TurnEnded
from tui_chat.chat.node import Node
from tui_chat.wire.messages import Audio, Citation, Image, Refusal, ToolCall, ToolResult

Rounds = Sequence[tuple[Node, Sequence[ToolResult]]]
"""Answers that called tools, each with the results of its calls."""


Likely = Callable[[Node], dict[str, object] | None]
"""An answer → how likely its tokens were, in the document's form; None where that is not known."""
_WHOLE = frozenset({"stop", "length", "tool_calls", "content_filter"})


def as_json(
    node: Node | None,
    ended: TurnEnded | None,
    rounds: Rounds = (),
    others: Sequence[Node] = (),
    likely: Likely = lambda _: None,
) -> dict[str, object]:
    """The object `ask --json` prints.

    Args:
        node: the last answer that was kept, None where none was.
        ended: how its turn ended, None where it did not.
        rounds: what came before it.
        others: other answers to the same request.
        likely: how likely the tokens of an answer were.
    """
    finish = ended.finish if ended is not None else (node.finish if node is not None else "stopped")
    answered = node is not None and bool(node.parts)
    choice = _choice(node) if node is not None and answered else dict.fromkeys(_CHOICE)
    complete = finish in _WHOLE
    finish_reason = finish if complete else None
    return {
        "object": "chat.completion",
        "role": "assistant" if answered else None,
        **choice,
        "choices": [
            _indexed(index, each, finish_reason if each is node else each.finish, likely)
            for index, each in enumerate((node, *others) if node is not None else others)
            if each.parts
        ],
        "finish_reason": finish_reason,
        "complete": complete,
        "model": (node.answered_by or node.model or None) if node is not None else None,
        "id": (node.completion_id or None) if node is not None else None,
        "created": (node.created or None) if node is not None else None,
        "usage": node.usage.nested() if node is not None and node.usage is not None else None,
        "logprobs": likely(node) if node is not None else None,
        "annotations": _annotations(node) if node is not None else None,
        "images": _images(node) if node is not None else None,
        "audio": _audio(node) if node is not None else None,
        "blocked": (node.blocked.split(", ") if node.blocked else None) if node is not None else None,
        "service_tier": (node.service_tier or None) if node is not None else None,
        "system_fingerprint": (node.system_fingerprint or None) if node is not None else None,
        "request_id": (node.request_id or None) if node is not None else None,
        "rounds": [_round(answer, results) for answer, results in rounds] or None,
        "error": _error(ended),
    }


_CHOICE = ("content", "reasoning", "refusal", "tool_calls")


def _indexed(index: int, node: Node, finish: str | None, likely: Likely) -> dict[str, object]:
    return {
        "index": index,
        "role": "assistant",
        **_choice(node),
        "finish_reason": finish if finish in _WHOLE else None,
        "logprobs": likely(node),
        "annotations": _annotations(node),
        "images": _images(node),
        "audio": _audio(node),
    }


def _choice(node: Node) -> dict[str, object]:
    refusal = "".join(part.text for part in node.parts if isinstance(part, Refusal))
    calls = [
        {"id": part.id, "type": "function", "name": part.name, "arguments": part.arguments}
        for part in node.parts
        if isinstance(part, ToolCall)
    ]
    return {
        "content": node.text or None,
        "reasoning": node.reasoning or None,
        "refusal": refusal or None,
        "tool_calls": calls or None,
    }


def _round(answer: Node, results: Sequence[ToolResult]) -> dict[str, object]:
    """One answer that called tools: what it said, what was called, what came of it."""
    by_call = {result.call_id: result for result in results}
    calls = []
    for call in answer.calls:
        result = by_call.get(call.id)
        calls.append(
            {
                "id": call.id,
                "name": call.name,
                "arguments": call.arguments,
                "decision": (result.decision or None) if result is not None else None,
                "failed": result.failed if result is not None else None,
                "result": result.text if result is not None else None,
                "seconds": result.seconds if result is not None else None,
            }
        )
    return {
        "content": answer.text or None,
        "reasoning": answer.reasoning or None,
        "tool_calls": calls,
        "id": answer.completion_id or None,
        "usage": answer.usage.nested() if answer.usage is not None else None,
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
            return {
                "id": part.id or None,
                "sha256": part.blob,
                "format": part.format,
                "seconds": part.seconds,
                "transcript": part.transcript or node.text or None,
                "expires_at": part.expires_at,
            }
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
