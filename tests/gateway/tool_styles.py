"""The same tool calls as each kind of upstream writes them: what a client must read, whatever an adaptor does.

A `Wanted` is id, name and arguments as JSON text. Every style says the same thing; `STYLES` lists them by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.gateway.answers import DONE, Answer, json_answer, sse
from tests.gateway.upstreams import claude, gemini, openai, plain, usage, whole

Wanted = tuple[str, str, str]
Json = dict[str, Any]


def _delta(index: int | None, **fields: object) -> Json:
    """A `tool_calls` delta; `name` and `arguments` land in its function, None leaves a field out."""
    function = {key: fields.pop(key) for key in ("name", "arguments") if key in fields}
    piece: Json = {} if index is None else {"index": index}
    return {"tool_calls": [{**piece, **fields, "function": function}]}


def _pieces(text: str) -> list[str]:
    return [text[at : at + 5] for at in range(0, len(text), 5)]


def in_openai_style(*wanted: Wanted) -> Answer:
    """First id, type, name and empty arguments, then pieces with nothing but their index."""
    chunks = [openai({"role": "assistant", "content": None})]
    for index, (id, name, arguments) in enumerate(wanted):
        chunks.append(openai(_delta(index, id=id, type="function", name=name, arguments="")))
        chunks.extend(openai(_delta(index, arguments=piece)) for piece in _pieces(arguments))
    return sse(*chunks, openai({}, "tool_calls"), DONE)


def interleaved(*wanted: Wanted) -> Answer:
    """Parallel calls whose pieces come by turns."""
    chunks = [
        openai(_delta(index, id=id, type="function", name=name, arguments=""))
        for index, (id, name, _) in enumerate(wanted)
    ]
    split = [_pieces(arguments) for _, _, arguments in wanted]
    for at in range(max(map(len, split))):
        chunks.extend(
            openai(_delta(index, arguments=pieces[at])) for index, pieces in enumerate(split) if at < len(pieces)
        )
    return sse(*chunks, openai({}, "tool_calls"), DONE)


def in_claude_style(*wanted: Wanted) -> Answer:
    """The index is the number of a content block: it begins at 1 and has gaps; later pieces say only their type."""
    chunks = [claude({"role": "assistant", "content": ""}), claude({"content": "Let me look."})]
    for index, (id, name, arguments) in enumerate(wanted):
        block = 1 + 2 * index
        chunks.append(claude(_delta(block, id=id, type="function", name=name, arguments="")))
        chunks.extend(claude(_delta(block, type="function", arguments=piece)) for piece in _pieces(arguments))
    return sse(*chunks, claude({}, "tool_calls", usage(9, 30)), DONE)


def in_gemini_style(*wanted: Wanted) -> Answer:
    """Whole arguments in one delta; the finish reason comes twice, then a stop."""
    chunks = [
        gemini(_delta(index, id=id, type="function", name=name, arguments=arguments))
        for index, (id, name, arguments) in enumerate(wanted)
    ]
    ends = gemini({}, "tool_calls"), gemini({}, "tool_calls"), gemini({}, "stop", usage(9, 30))
    return sse(gemini({"role": "assistant"}), *chunks, *ends, DONE)


def in_gemini_style_split(*wanted: Wanted) -> Answer:
    """The very first chunk has id and name alone; its arguments come next, with nulls for all else."""
    chunks = []
    for index, (id, name, arguments) in enumerate(wanted):
        chunks.append(gemini(_delta(index, id=id, type="function", name=name, arguments="")))
        chunks.append(gemini(_delta(index, id=None, type=None, name=None, arguments=arguments)))
    return sse(*chunks, gemini({}, "tool_calls"), DONE)


def in_old_gemini_style(*wanted: Wanted) -> Answer:
    """The index begins at 0 again in every chunk, with another id."""
    chunks = [gemini(_delta(0, id=id, type="function", name=name, arguments=args)) for id, name, args in wanted]
    return sse(*chunks, gemini({}, "tool_calls"), DONE)


def without_index(*wanted: Wanted) -> Answer:
    """One delta with all calls, none of them numbered."""
    all_ = [
        _delta(None, id=id, type="function", name=name, arguments=args)["tool_calls"][0] for id, name, args in wanted
    ]
    return sse(plain("llama", {"tool_calls": all_}), plain("llama", {}, "tool_calls"), DONE)


def with_the_id_in_every_piece(*wanted: Wanted) -> Answer:
    chunks = []
    for index, (id, name, arguments) in enumerate(wanted):
        for at, piece in enumerate(_pieces(arguments)):
            chunks.append(openai(_delta(index, id=id, name=name if at == 0 else "", arguments=piece)))
    return sse(*chunks, openai({}, "tool_calls"), DONE)


def with_id_and_name_in_every_piece(*wanted: Wanted) -> Answer:
    chunks = [
        openai(_delta(index, id=id, type="function", name=name, arguments=piece))
        for index, (id, name, arguments) in enumerate(wanted)
        for piece in _pieces(arguments)
    ]
    return sse(*chunks, openai({}, "tool_calls"), DONE)


def with_one_index_for_all(*wanted: Wanted) -> Answer:
    """Always index 0, in pieces; only a new id with a name tells that another call begins."""
    chunks = []
    for id, name, arguments in wanted:
        first, *rest = _pieces(arguments)
        chunks.append(plain("m", _delta(0, id=id, type="function", name=name, arguments=first)))
        chunks.extend(plain("m", _delta(0, arguments=piece)) for piece in rest)
    return sse(*chunks, plain("m", {}, "tool_calls"), DONE)


def with_arguments_as_object(*wanted: Wanted) -> Answer:
    chunks = [
        plain("llama", _delta(index, id=id, type="function", name=name, arguments=json.loads(arguments)))
        for index, (id, name, arguments) in enumerate(wanted)
    ]
    return sse(*chunks, plain("llama", {}, "tool_calls"), DONE)


def with_empty_arguments(*wanted: Wanted) -> Answer:
    """What takes no arguments gets "", null or none at all for them, by turns; others get theirs."""
    chunks = []
    for index, (id, name, arguments) in enumerate(wanted):
        given: Json = {"arguments": arguments}
        if arguments == "{}":
            given = ({"arguments": ""}, {"arguments": None}, {})[index % 3]
        chunks.append(plain("m", _delta(index, id=id, type="function", name=name, **given)))
    return sse(*chunks, plain("m", {}, "tool_calls"), DONE)


def ended_by_stop(*wanted: Wanted) -> Answer:
    chunks = [
        openai(_delta(index, id=id, type="function", name=name, arguments=arguments))
        for index, (id, name, arguments) in enumerate(wanted)
    ]
    return sse(*chunks, openai({}, "stop"), DONE)


def ended_by_tool_use(*wanted: Wanted) -> Answer:
    chunks = [
        plain("m", _delta(index, id=id, type="function", name=name, arguments=arguments))
        for index, (id, name, arguments) in enumerate(wanted)
    ]
    return sse(*chunks, plain("m", {}, "tool_use"), DONE)


def as_the_old_function_call(*wanted: Wanted) -> Answer:
    """One call, without an id."""
    _, name, arguments = wanted[0]
    chunks = [openai({"role": "assistant", "content": None, "function_call": {"name": name, "arguments": ""}})]
    chunks.extend(openai({"function_call": {"arguments": piece}}) for piece in _pieces(arguments))
    return sse(*chunks, openai({}, "function_call"), DONE)


def in_one_piece(*wanted: Wanted) -> Answer:
    """Not streamed, though it was asked for a stream."""
    all_ = [
        {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
        for id, name, arguments in wanted
    ]
    return json_answer(whole({"content": None, "tool_calls": all_}, "tool_calls"))


STYLES: dict[str, Callable[..., Answer]] = {
    "openai": in_openai_style,
    "interleaved": interleaved,
    "claude": in_claude_style,
    "gemini": in_gemini_style,
    "gemini_split": in_gemini_style_split,
    "gemini_old": in_old_gemini_style,
    "index_missing": without_index,
    "id_repeated": with_the_id_in_every_piece,
    "name_repeated": with_id_and_name_in_every_piece,
    "index_reused": with_one_index_for_all,
    "object": with_arguments_as_object,
    "empty": with_empty_arguments,
    "stop": ended_by_stop,
    "tool_use": ended_by_tool_use,
    "function_call": as_the_old_function_call,
    "whole": in_one_piece,
}
"""By the word that the friendly model takes for them ("style claude")."""
ONE_CALL = frozenset({"function_call"})
"""Styles that can say only one call."""
