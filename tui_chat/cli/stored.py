"""`yibu-chat stored`: the completions that the gateway keeps, listed, shown, marked and deleted."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from tui_chat.chat.stored_chat import call_lines, parts_of
from tui_chat.cli import EXIT_STOPPED
from tui_chat.errors import UsageError, WireError
from tui_chat.wire.kinds import Pairs
from tui_chat.wire.stored import Query
from tui_chat.wire.stored_objects import Page, StoredMessage
from tui_chat.wiring import House
from tui_chat.words import t

Row = TypeVar("Row")
_MOST_PAGES = 1000


def run(options: Namespace) -> int:
    """Do one action; with --json print the API's objects as they came, every field of them."""
    if options.action == "delete" and not options.yes and not _agreed(options.id.strip()):
        return EXIT_STOPPED
    house = House(lambda event: None)
    try:
        if house.find_connection() is None:
            raise WireError("error.key_missing")
        return int(house.engine.submit(_ACTIONS[options.action](house, options)).result())
    finally:
        house.close()


def _agreed(id: str) -> bool:
    """Whether the person says yes; raises UsageError where nobody is there to say it."""
    if not sys.stdin.isatty():
        raise UsageError("error.stored_confirm")
    return input(t("cli.stored.ask", completion=_plain(id)) + " ").strip().lower() in ("y", "yes", "是", "好")


async def _list(house: House, options: Namespace) -> int:
    query = Query(options.after, options.limit, options.order or "desc", options.model, _pairs(options.metadata))
    page = await _paged(house.stored.page, query, options.all)
    if options.json:
        _print_json(page.raw)
        return 0
    for row in page.rows:
        time = f"{row.created.astimezone():%Y-%m-%d %H:%M}" if row.created is not None else "—"
        marks = " ".join(f"{key}={value}" for key, value in row.metadata.items())
        said = _short(call_lines(row.reply.parts()))
        print("  ".join(filter(None, (_plain(row.id), time, _plain(row.model or "—"), _plain(marks), said))))
    _tell_rest(page)
    return 0


async def _show(house: House, options: Namespace) -> int:
    row = await house.stored.get(options.id)
    if options.json:
        _print_json(row.raw)
        return 0
    for name, value in row.raw.items():
        if name not in ("choices", "object"):
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            print(f"{_plain(name)}: {_plain(shown)}")
    reply = row.reply
    for number in sorted(reply.choices):
        print(f"\n{call_lines(reply.parts(number))}")
    return 0


async def _messages(house: House, options: Namespace) -> int:
    async def asked(query: Query) -> Page[StoredMessage]:
        return await house.stored.messages(options.id, query)

    page = await _paged(asked, Query(options.after, options.limit, options.order), options.all)
    if options.json:
        _print_json(page.raw)
        return 0
    for row in page.rows:
        name = f" ({row.name})" if row.name else ""
        print(f"{t(f'chat.role.{row.role}')}{_plain(name)}:\n{call_lines(parts_of(row, lambda content: ''))}\n")
    _tell_rest(page)
    return 0


async def _update(house: House, options: Namespace) -> int:
    pairs = _pairs(options.pairs)
    if bool(pairs) == options.clear:
        raise UsageError("error.stored_pairs")
    row = await house.stored.update(options.id, pairs)
    if options.json:
        _print_json(row.raw)
    else:
        print(t("cli.stored.updated", completion=_plain(row.id)))
    return 0


async def _delete(house: House, options: Namespace) -> int:
    id = options.id.strip()
    await house.stored.delete(id)
    if options.json:
        _print_json({"object": "chat.completion.deleted", "id": id, "deleted": True})
    else:
        print(t("cli.stored.deleted", completion=_plain(id)))
    return 0


_ACTIONS = {"list": _list, "show": _show, "messages": _messages, "update": _update, "delete": _delete}


async def _paged(ask: Callable[[Query], Awaitable[Page[Row]]], query: Query, wants_all: bool) -> Page[Row]:
    """One page, or all of them as one."""
    page = await ask(query)
    for _ in range(_MOST_PAGES if wants_all else 0):
        if not page.has_more:
            break
        following = await ask(replace(query, after=page.last_id))
        if not following.rows or following.last_id == page.last_id:
            break
        page = _joined(page, following)
    return page


def _joined(page: Page[Row], following: Page[Row]) -> Page[Row]:
    data = [*(page.raw.get("data") or ()), *(following.raw.get("data") or ())]
    raw = {**following.raw, "data": data, "first_id": page.raw.get("first_id")}
    return Page((*page.rows, *following.rows), page.first_id, following.last_id, following.has_more, raw)


def _pairs(typed: Sequence[str]) -> dict[str, str]:
    """`KEY=VALUE` words; raises UsageError for what can't be metadata."""
    pairs: dict[str, str] = {}
    for word in typed:
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError("error.param_assignment", typed=word)
        pairs[key.strip()] = value
    if pairs:
        Pairs().check("metadata", dict(pairs))
    return pairs


def _tell_rest(page: Page[Any]) -> None:
    if page.has_more:
        print(t("cli.stored.there_is_more", after=_plain(page.last_id)), file=sys.stderr)
    elif not page.rows:
        print(t("cli.stored.nothing"), file=sys.stderr)


def _print_json(found: Mapping[str, Any]) -> None:
    print(json.dumps(found, ensure_ascii=False))


def _short(text: str) -> str:
    line = _plain(" ".join(text[:400].split()))
    return line if len(line) <= 60 else f"{line[:59]}…"


def _plain(text: str) -> str:
    """Text from outside on one line, without what could drive a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
