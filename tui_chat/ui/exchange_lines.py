"""How does an exchange look? Its body, headers, times and stream, and what tells two answers apart, as lines to read.

Pure functions. A text that is too long to look at is shown by its beginning and its end; what is copied is all of it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from rich.cells import cell_len

from tui_chat.attach import spoken_size
from tui_chat.chat.node import Node
from tui_chat.ui import speech
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.sheet import SheetLine, line
from tui_chat.wire.exchange import Exchange
from tui_chat.wire.json_text import pretty
from tui_chat.wire.redaction import without_keys
from tui_chat.wire.rendition import CUT_MARK, abridged, parameters, readable
from tui_chat.words import t

HEAD_CHARACTERS, TAIL_CHARACTERS = 240_000, 60_000
"""Shown of a text that is longer than both."""
HEAD_BYTES, TAIL_BYTES = 1024 * 1024, 256 * 1024
"""Looked at of a stream that is longer than both: its files abridged, it may well be short enough."""
_LABEL_CELLS, _NUMBER_CELLS, _WIDEST_BAR = 20, 10, 48
_HIDDEN = frozenset({"set-cookie"})
_JSON = re.compile(r'(\s*)("(?:[^"\\]|\\.)*"(?=: ))?(: )?(.*?)(,?)', re.DOTALL)


class Answer(Struct, frozen=True):
    """One answer of a chat, with what went over the line for it where that is still known."""

    node: Node
    exchanges: tuple[Exchange, ...] = ()
    """One for each time its question was sent; the last of them brought the answer."""

    @property
    def last(self) -> Exchange | None:
        """The exchange that brought it."""
        return self.exchanges[-1] if self.exchanges else None

    @property
    def label(self) -> str:
        """Which answer it is: its model, its time."""
        return f"{self.node.answered_by or self.node.model}  {self.node.time.astimezone():%H:%M:%S}"


def body_lines(exchange: Exchange) -> list[SheetLine]:
    """The JSON that was sent, the bytes of files abridged."""
    size = spoken_size(sum(map(len, exchange.body)))
    text = readable(exchange)
    says = t("inspector.body_abridged" if CUT_MARK in text else "inspector.body_size", size=size)
    return [line(says, "label", prose=True), line(), *(_json_line(each) for each in _bounded(without_keys(text)))]


def header_lines(exchange: Exchange) -> list[SheetLine]:
    """What both sides said before their bodies."""
    lines = [line(f"{exchange.method} {_plain(exchange.url)}", "strong"), *_pairs(exchange.headers), line()]
    if not exchange.status:
        return [
            *lines,
            line(t("inspector.no_answer_yet" if exchange.ended_s is None else "inspector.no_head"), "label"),
        ]
    lines.append(line(f"HTTP {exchange.status}", "error" if exchange.status >= 400 else "strong"))
    told = exchange.answer_headers.items()
    return lines + _pairs([(name, without_keys(value)) for name, value in told if name not in _HIDDEN])


def timing_lines(answer: Answer, exchange: Exchange, width: int = 100) -> list[SheetLine]:
    """When what happened, as numbers and as bars on one scale within `width`; the attempts that came before."""
    lines: list[SheetLine] = []
    total = max(exchange.now_s, 0.001)
    cells = max(8, min(_WIDEST_BAR, width - _LABEL_CELLS - _NUMBER_CELLS - 2))
    for name, start, end in phases(exchange):
        bar = _bar(start, end, total, cells) if start is not None and end is not None else ""
        shown = _seconds(end - start) if start is not None and end is not None else t(f"inspector.no_{name}")
        label = _padded(t(f"inspector.{name}"))
        lines.append(SheetLine(((label, "label"), (f"{shown:>{_NUMBER_CELLS}}  ", ""), (bar, "hunk"))))
    ended = t("inspector.total" if exchange.ended_s is not None else "inspector.so_far")
    lines += [SheetLine(((_padded(ended), "label"), (f"{_seconds(total):>{_NUMBER_CELLS}}", "strong"))), line()]
    for label, value in _facts(answer, exchange):
        lines.append(SheetLine(((_padded(label), "label"), (_plain(value), ""))))
    if len(answer.exchanges) > 1:
        lines += [line(), line(t("inspector.attempts"), "strong")]
        for each in answer.exchanges:
            how = _how_it_ended(each)
            text = f"{each.attempt}  {each.began.astimezone():%H:%M:%S}  {_seconds(each.now_s)}  {how}"
            lines.append(line(_plain(text), "" if each is not exchange else "strong"))
    return lines


def phases(exchange: Exchange) -> list[tuple[str, float | None, float | None]]:
    """(name, begin, end) of what an exchange spends its time with, in seconds from its begin; None: not known."""
    queued_until = exchange.connecting_s if exchange.connecting_s is not None else exchange.sent_s
    return [
        ("queue", 0.0, queued_until),
        ("connect", exchange.connecting_s, exchange.connected_s),
        ("first_byte", exchange.sent_s, exchange.first_byte_s),
        ("first_token", exchange.first_byte_s, exchange.first_token_s),
        ("end", exchange.first_token_s, exchange.ended_s),
    ]


def stream_lines(exchange: Exchange) -> list[SheetLine]:
    """The answer's body as it came."""
    chunks, size = exchange.pieces, spoken_size(exchange.kept_bytes + exchange.lost_bytes)
    lines = [line(t("inspector.stream_size", size=size, chunks=chunks), "label"), line()]
    for each in _shown(exchange.received):
        head, colon, rest = each.partition(":")
        if colon and head in ("data", "event", "id", "retry", ""):
            lines.append(SheetLine(((f"{head}:", "label"), (_plain(rest), ""))))
        else:
            lines.append(line(_plain(each)))
    if exchange.lost_bytes:
        lines.append(line(t("inspector.lost", size=spoken_size(exchange.lost_bytes)), "warning"))
    return lines


def compared_lines(one: Answer, other: Answer) -> list[SheetLine]:
    """What tells `one` from `other`: parameters, how they were answered, and their words."""
    lines = [line(f"− {_plain(other.label)}", "removed"), line(f"+ {_plain(one.label)}", "added")]
    for title, before, after in (
        ("parameters", _parameters(other), _parameters(one)),
        ("answered", _answered(other), _answered(one)),
        ("text", _text(other), _text(one)),
    ):
        lines += [line(), line(t(f"inspector.{title}"), "strong")]
        if before == after:
            lines.append(line(t("inspector.same"), "label"))
            lines += [line(f"  {_plain(each)}", "label") for each in before if title != "text"]
        else:
            lines += _difference(before, after, context=3 if title == "text" else 100)
    return lines


def _difference(before: Sequence[str], after: Sequence[str], context: int) -> Iterator[SheetLine]:
    for each in list(difflib.unified_diff(before, after, n=context, lineterm=""))[2:]:
        mark, rest = each[:1], each[1:]
        if mark == "@":
            if context < 100:
                yield line(each, "hunk")
        else:
            sign = {"-": "−", "+": "+"}.get(mark, " ")
            yield line(f"{sign} {_plain(rest)}", {"-": "removed", "+": "added"}.get(mark, "label"))


def _parameters(answer: Answer) -> list[str]:
    """The fields of the body beside the messages; of an earlier run's answer what its chat keeps."""
    exchange, node = answer.last, answer.node
    found = parameters(exchange) if exchange is not None else {}
    if not found:
        found = {"model": node.model, **node.values}
    return [row for name in sorted(found) for row in f"{name} = {pretty(found[name])}".split("\n")]


def _answered(answer: Answer) -> list[str]:
    node, usage = answer.node, answer.node.usage
    facts = {
        "model": node.answered_by or node.model,
        "system_fingerprint": node.system_fingerprint,
        "service_tier": node.service_tier,
        "finish_reason": node.finish,
        **(usage.known() if usage is not None else {}),
    }
    return [f"{name} = {value}" for name, value in facts.items() if value != ""]


def _text(answer: Answer) -> list[str]:
    return "\n\n".join(filter(None, (answer.node.reasoning, answer.node.text))).split("\n")


def _facts(answer: Answer, exchange: Exchange) -> list[tuple[str, str]]:
    node = answer.node
    sent, received = sum(map(len, exchange.body)), exchange.kept_bytes + exchange.lost_bytes
    rows = [
        (t("inspector.began"), f"{exchange.began.astimezone():%Y-%m-%d %H:%M:%S}"),
        (t("inspector.status"), _how_it_ended(exchange)),
        (t("ui.details.request"), exchange.request_id),
        (t("ui.details.completion"), exchange.completion_id or node.completion_id),
        (t("ui.details.fingerprint"), node.system_fingerprint),
        (t("inspector.sent"), spoken_size(sent)),
        (t("inspector.received"), spoken_size(received)),
    ]
    tokens = node.usage.completion_tokens if node.usage is not None else None
    if tokens and exchange.first_token_s is not None and exchange.now_s - exchange.first_token_s > 0.05:
        speed = tokens / (exchange.now_s - exchange.first_token_s)
        rows.append((t("ui.details.speed"), t("ui.meta.speed", speed=f"{speed:.1f}")))
    return [(label, value) for label, value in rows if value]


def _how_it_ended(exchange: Exchange) -> str:
    if exchange.failure == "stopped":
        return t("inspector.stopped")
    says = speech.says(exchange.failure, dict.fromkeys(_FACTS, "—")) if exchange.failure else ""
    return "  ".join(filter(None, (f"HTTP {exchange.status}" if exchange.status else "", says)))


_FACTS = ("host", "port", "seconds", "status", "told", "id", "model", "group", "left", "needed", "limit_mb", "param")


def _shown(content: bytes) -> list[str]:
    """The lines of what came, files abridged; of what is very long only its ends are looked at."""
    if len(content) <= HEAD_BYTES + TAIL_BYTES:
        return _bounded(abridged(without_keys(content.decode("utf-8", "replace"))))
    ends = (content[:HEAD_BYTES], content[-TAIL_BYTES:])
    head, tail = (abridged(without_keys(end.decode("utf-8", "replace"))) for end in ends)
    return _bounded(head, tail, len(content) - HEAD_BYTES - TAIL_BYTES)


def _bounded(head: str, tail: str = "", left: int = 0) -> list[str]:
    """The lines of a text; of one that is too long those of its ends. `left` bytes are missing between both."""
    if not left and len(head) <= HEAD_CHARACTERS + TAIL_CHARACTERS:
        return head.split("\n")
    if not left:
        head, tail = head[:-TAIL_CHARACTERS], head[-TAIL_CHARACTERS:]
    left += max(0, len(head) - HEAD_CHARACTERS) + max(0, len(tail) - TAIL_CHARACTERS)
    note = t("inspector.left_out", size=spoken_size(left))
    return [*head[:HEAD_CHARACTERS].split("\n"), "", note, "", *tail[-TAIL_CHARACTERS:].split("\n")]


def _json_line(text: str) -> SheetLine:
    found = _JSON.fullmatch(text)
    if found is None:
        return line(_plain(text))
    indent, key, colon, value, comma = found.groups()
    style = "token.string" if value[:1] == '"' else "token.number" if value[:1].isalnum() or value[:1] == "-" else ""
    pieces = ((indent, ""), (key or "", "token.keyword"), (colon or "", "label"), (value, style), (comma, "label"))
    return SheetLine(tuple((_plain(piece), look) for piece, look in pieces if piece))


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[SheetLine]:
    return [SheetLine(((f"{_plain(name)}: ", "label"), (_plain(value), ""))) for name, value in pairs]


def _bar(start: float, end: float, total: float, cells: int) -> str:
    first = min(cells - 1, int(start / total * cells))
    filled = max(1, round((end - start) / total * cells))
    return " " * first + "━" * min(filled, cells - first)


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else speech.seconds(value)


def _padded(label: str) -> str:
    return label + " " * max(1, _LABEL_CELLS - cell_len(label))


def _plain(text: str) -> str:
    return visible(text.replace("\t", "    "), newline=False)
