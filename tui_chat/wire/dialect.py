"""How what upstreams send becomes deltas: the only place that knows their quirks.

Fields may be missing, null, of another type or in another place; a chunk may be a whole completion. Nothing odd
raises: what can't be read is left out. Only what says "error" raises, through the catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tui_chat.wire import logprobs
from tui_chat.wire.catalogue import refusal
from tui_chat.wire.delta import AudioDelta, Delta, ToolCallDelta
from tui_chat.wire.messages import Citation, Usage

Json = Mapping[str, Any]

_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
    "completed": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "sensitive": "content_filter",
    "safety": "content_filter",
    "refusal": "content_filter",
    "recitation": "content_filter",
    "blocklist": "content_filter",
    "prohibited_content": "content_filter",
    "spii": "content_filter",
    "image_safety": "content_filter",
    "network_error": "interrupted",
    "error": "interrupted",
    "insufficient_system_resource": "interrupted",
    "malformed_function_call": "interrupted",
    "abort": "interrupted",
    "aborted": "interrupted",
    "cancelled": "interrupted",
    "timeout": "interrupted",
    "pause_turn": "pause",
}
_OWN = frozenset({"stop", "length", "tool_calls", "content_filter", "interrupted", "pause"})


def decode(payload: Json) -> list[Delta]:
    """The deltas of one event or of one whole completion, one for each choice in it.

    What is said of the answer as a whole (id, model, usage, tiers, sources) is on the first of them, or on one of its
    own where there is no choice. Unknown fields are ignored, as are fields of an unexpected type.

    Raises:
        WireError: the payload says that the request failed, in whatever shape.
    """
    usual = _usual(payload)
    if usual is not None:
        return [usual]
    choices = payload.get("choices")
    if isinstance(choices, dict):
        choices = [choices]
    elif not isinstance(choices, list):
        choices = []
    if not choices or payload.get("error"):
        failed = refusal(payload)
        if failed is not None:
            raise failed
    about = _about(payload)
    deltas: list[Delta] = []
    for position, choice in enumerate(choices):
        if not isinstance(choice, dict):
            continue
        if choice.get("error"):
            failed = refusal(choice)
            if failed is not None:
                raise failed
        for facts in _choice(position, choice):
            if about:
                # an answer's usage beats a choice's; both may bring sources
                citations = facts.get("citations", ()) + about.get("citations", ())
                facts.update(about, citations=citations)
                about = {}
            deltas.append(Delta(**facts))
    if about:
        deltas.append(Delta(**about))
    return deltas


_USUAL_EVENT = frozenset(
    {"id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint", "obfuscation"}
)
_USUAL_CHOICE = frozenset({"index", "delta", "finish_reason", "logprobs"})


def _usual(payload: Json) -> Delta | None:
    """The delta of an event that only adds words to one choice, as nearly all do; None for any other event.

    A fast path beside the whole reading, which says the same of such an event: a test holds them together.
    """
    if not payload.keys() <= _USUAL_EVENT or payload.get("usage") is not None:
        return None
    choices = payload.get("choices")
    if type(choices) is not list or len(choices) != 1 or type(choices[0]) is not dict:
        return None
    choice = choices[0]
    delta, index = choice.get("delta"), choice.get("index")
    if type(delta) is not dict or len(delta) != 1 or type(index) is not int or not choice.keys() <= _USUAL_CHOICE:
        return None
    text = delta.get("content")
    if type(text) is not str or not text or choice.get("finish_reason") is not None:
        return None
    id, model = payload.get("id", ""), payload.get("model", "")
    tier, fingerprint = payload.get("service_tier") or "", payload.get("system_fingerprint") or ""
    for word in (id, model, tier, fingerprint):
        if type(word) is not str or not word.isascii():
            return None
    return Delta(
        index,
        text,
        id=id,
        model=model,
        service_tier=tier,
        system_fingerprint=fingerprint,
        logprobs=logprobs.read(choice.get("logprobs")),
        created=_created(payload),
    )


def finish_reason(raw: object) -> str | None:
    """A finish reason in the document's words; None where none came, "stop" for words nobody knows."""
    if not isinstance(raw, str):
        return None
    word = raw.strip().lower()
    if word in ("", "null", "none"):
        return None
    return word if word in _OWN else _FINISH.get(word, "stop")


def whole_text(text: str) -> str:
    """The text with surrogate halves paired where they stand together and replaced by U+FFFD where they don't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _about(payload: Json) -> dict[str, Any]:
    about: dict[str, Any] = {}
    for name in ("id", "model", "service_tier", "system_fingerprint"):
        value = payload.get(name)
        if value and isinstance(value, str):
            about[name] = value if value.isascii() else whole_text(value)
    if created := _created(payload):
        about["created"] = created
    usage = _usage(payload)
    if usage is not None:
        about["usage"] = usage
    if "citations" in payload or "search_results" in payload:
        about["citations"] = _sources(payload)
    return about


def _created(payload: Json) -> int:
    created = payload.get("created")
    return created if type(created) is int and created > 0 else 0


def _usage(table: Json) -> Usage | None:
    usage = table.get("usage")
    if not isinstance(usage, dict):
        groq = table.get("x_groq")
        usage = groq.get("usage") if isinstance(groq, dict) else None
    if not isinstance(usage, dict):
        return None
    read = Usage.from_wire(usage)
    return read if read.known() else None


def _choice(position: int, choice: Json) -> Iterator[dict[str, Any]]:
    """The facts of one choice: of its piece, and of its whole message where it has one."""
    index = choice.get("index")
    number = index if isinstance(index, int) and not isinstance(index, bool) else position
    facts: dict[str, Any] = {"choice": number}
    finish = finish_reason(choice.get("finish_reason"))
    if finish is not None:
        facts["finish_reason"] = finish
    if "content_filter_results" in choice and (blocked := _blocked(choice["content_filter_results"])):
        facts["blocked"] = blocked
    usage = _usage(choice)
    if usage is not None:
        facts["usage"] = usage
    likely = logprobs.read(choice.get("logprobs"))
    if likely is not None:
        facts["logprobs"] = likely
    delta = choice.get("delta")
    message = choice.get("message")
    if isinstance(delta, dict):
        _message(delta, facts)
    elif isinstance(choice.get("text"), str):
        facts["text"] = choice["text"]
    if isinstance(message, dict):
        said = {"choice": number, "whole": True}
        _message(message, said)
        if len(facts) > 1 and isinstance(delta, dict) and delta:
            yield facts
            facts = {}
        yield {**facts, **said}
    else:
        yield facts


def _blocked(results: object) -> tuple[str, ...]:
    """The kinds that a content filter stopped: `{"violence": {"filtered": true, "severity": "high"}, …}`."""
    found = results.items() if isinstance(results, dict) else ()
    return tuple(
        whole_text(str(kind))[:60]
        for kind, result in list(found)[:20]
        if isinstance(result, dict) and (result.get("filtered") is True or result.get("detected") is True)
    )


def _message(message: Json, facts: dict[str, Any]) -> None:
    """Read a delta or a message into the fields of a Delta."""
    content = message.get("content")
    if isinstance(content, str):
        if content:
            facts["text"] = content
    elif content is not None:
        _parts(content if isinstance(content, list) else [content], facts)
    role = message.get("role")
    if role and isinstance(role, str):
        facts["role"] = role
    if len(message) <= (2 if role is not None else 1) and content is not None:
        return  # the usual piece: content alone, or with the role
    reasoning = _reasoning(message)
    if reasoning:
        facts["reasoning"] = reasoning
    refused = message.get("refusal")
    if refused and isinstance(refused, str):
        facts["refusal"] = refused
    calls = _tool_calls(message)
    if calls:
        facts["tool_calls"] = calls
    images = _images(message.get("images"))
    if images:
        facts["images"] = facts.get("images", ()) + images
    audio = message.get("audio")
    if isinstance(audio, dict):
        facts["audio"] = _audio(audio)
    annotations = message.get("annotations")
    if isinstance(annotations, list):
        facts["citations"] = tuple(source for item in annotations if (source := _citation(item)) is not None)


def _parts(parts: list[Any], facts: dict[str, Any]) -> None:
    """Content that came as an array of parts: text joined, thinking and pictures put where they belong."""
    texts: list[str] = []
    thoughts: list[str] = []
    refusals: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            kind = part.get("type")
            if kind in ("thinking", "reasoning"):
                thoughts.append(_words(part.get("thinking") or part.get("reasoning") or part.get("text")))
            elif kind == "refusal":
                refusals.append(_words(part.get("refusal")))
            elif "image_url" in part:
                facts["images"] = facts.get("images", ()) + _images([part])
            else:
                texts.append(_words(part.get("text")))
    for name, pieces in (("text", texts), ("reasoning", thoughts), ("refusal", refusals)):
        if joined := "".join(pieces):
            facts[name] = joined


def _words(value: object) -> str:
    """Text that may be a string, `{"value": …}`, or a list of text parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _words(value.get("text") or value.get("value"))
    if isinstance(value, list):
        return "".join(_words(item) for item in value[:1000])
    return ""


def _reasoning(message: Json) -> str:
    """What the model thought, counted once where several fields tell it."""
    for name in ("reasoning_content", "reasoning", "thinking"):
        value = message.get(name)
        if value and isinstance(value, str):
            return value
    details = message.get("reasoning_details")
    if not isinstance(details, list):
        return ""
    told = (detail.get("text") or detail.get("summary") for detail in details if isinstance(detail, dict))
    return "".join(text for text in told if isinstance(text, str))


def _tool_calls(message: Json) -> tuple[ToolCallDelta, ...]:
    calls = message.get("tool_calls")
    pieces = [_tool_call(call) for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    legacy = message.get("function_call")
    if not pieces and isinstance(legacy, dict):
        pieces = [_tool_call({"index": 0, "function": legacy})]
    return tuple(pieces)


def _tool_call(call: Json) -> ToolCallDelta:
    function = call.get("function")
    if not isinstance(function, dict) or not (function.get("name") or function.get("arguments")):
        custom = call.get("custom")
        if isinstance(custom, dict):
            function = {"name": custom.get("name"), "arguments": custom.get("input")}
    if not isinstance(function, dict):
        function = {}
    arguments = function.get("arguments")
    if arguments is None:
        arguments = ""
    elif not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    index, id, name = call.get("index"), call.get("id"), function.get("name")
    return ToolCallDelta(
        index if isinstance(index, int) and not isinstance(index, bool) else None,
        whole_text(id) if isinstance(id, str) else "",
        whole_text(name) if isinstance(name, str) else "",
        arguments,
    )


def _images(images: object) -> tuple[str, ...]:
    """URLs or data URIs of `[{image_url: {url}} | {image_url: url} | {url} | {b64_json} | url]`."""
    urls: list[str] = []
    for item in images if isinstance(images, list) else ():
        url: object = item
        if isinstance(item, dict):
            url = item.get("image_url") or item.get("url")
            if isinstance(url, dict):
                url = url.get("url")
            if not url and isinstance(item.get("b64_json"), str):
                url = f"data:image/png;base64,{item['b64_json']}"
        if url and isinstance(url, str):
            urls.append(whole_text(url))
    return tuple(urls)


def _audio(audio: Json) -> AudioDelta:
    words = {name: audio.get(name) for name in ("id", "data", "transcript")}
    expires = audio.get("expires_at")
    return AudioDelta(
        **{name: value for name, value in words.items() if isinstance(value, str)},
        expires_at=expires if isinstance(expires, int) and not isinstance(expires, bool) else None,
    )


def _citation(item: object) -> Citation | None:
    """One annotation `{type: "url_citation", url_citation: {…}}`, or the same laid flat, or a bare URL."""
    if isinstance(item, str):
        return Citation(whole_text(item)) if item else None
    if not isinstance(item, dict):
        return None
    inner = item.get("url_citation")
    source = inner if isinstance(inner, dict) else item
    url, title = source.get("url"), source.get("title")
    if not url or not isinstance(url, str):
        return None
    start, end = source.get("start_index"), source.get("end_index")
    return Citation(
        whole_text(url),
        whole_text(title) if isinstance(title, str) else "",
        start if isinstance(start, int) else None,
        end if isinstance(end, int) else None,
    )


def _sources(payload: Json) -> tuple[Citation, ...]:
    """`citations` and `search_results` of the whole answer, each URL once, with its title where one is told."""
    found: dict[str, Citation] = {}
    for name in ("citations", "search_results"):
        items = payload.get(name)
        for item in items if isinstance(items, list) else ():
            source = _citation(item)
            if source is not None and (source.url not in found or source.title):
                found[source.url] = source
    return tuple(found.values())
