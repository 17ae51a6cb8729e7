"""What was used, by day, by chat and by model? Folded from all session files when somebody asks, and kept nowhere.

Every answer counts that a gateway counted: those of other branches, and those deleted from view, cost as much.
A copy of an answer (its words edited) counts once. Temporary chats and chats in the trash are not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct, field

from tui_chat.chat.node import Node
from tui_chat.disk import read_bounded
from tui_chat.store.catalogue import Summary
from tui_chat.store.index import Span
from tui_chat.store.journal import FILE_LIMIT_BYTES
from tui_chat.store.reading import node_at, node_in, read
from tui_chat.wire.messages import Usage

_PARTS = b"\n[[node.parts]]\n"
_USAGE = b"\n[node.usage]\n"


class Sum(Struct):
    """What was used under one name."""

    name: str
    """A day ("2026-11-23"), a chat's id, a model; "" for all."""
    title: str = ""
    """Of a chat."""
    answers: int = 0
    tokens: dict[str, int] = field(default_factory=dict)
    """By field of `Usage`; what no answer told is absent."""
    cost: float = 0.0
    """In US dollars, of those answers whose price is known."""
    unpriced: int = 0
    """Answers whose price is not known."""

    @property
    def usage(self) -> Usage:
        """The tokens as one usage."""
        return Usage(**self.tokens)

    def add(self, usage: Usage, cost: float | None) -> None:
        """Count one more answer."""
        self.answers += 1
        for name, count in usage.known().items():
            self.tokens[name] = self.tokens.get(name, 0) + count
        if cost is None:
            self.unpriced += 1
        else:
            self.cost += cost


class Used(Struct):
    """All of it."""

    total: Sum = field(default_factory=lambda: Sum(""))
    days: dict[str, Sum] = field(default_factory=dict)
    chats: dict[str, Sum] = field(default_factory=dict)
    models: dict[str, Sum] = field(default_factory=dict)
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    def count(self, node: Node, chat: str, title: str, cost: float | None) -> None:
        """Count an answer, once."""
        if node.usage is None or node.role != "assistant":
            return
        timing = node.timing
        mark = (node.request_id, node.completion_id, timing.first_token_s, timing.total_s, node.usage)
        if (node.request_id or node.completion_id or timing.total_s) and mark in self._seen:
            return
        self._seen.add(mark)
        day = f"{node.time.astimezone():%Y-%m-%d}"
        for table, name in ((self.days, day), (self.chats, chat), (self.models, node.answered_by or node.model)):
            row = table.get(name)
            if row is None:
                row = table[name] = Sum(name, title if table is self.chats else "")
            row.add(node.usage, cost)
        self.total.add(node.usage, cost)

    def by_day(self) -> list[Sum]:
        """The days, the last first."""
        return sorted(self.days.values(), key=lambda row: row.name, reverse=True)

    def by_chat(self) -> list[Sum]:
        """The chats, those that used most first."""
        return sorted(self.chats.values(), key=_weight, reverse=True)

    def by_model(self) -> list[Sum]:
        """The models, those that used most first."""
        return sorted(self.models.values(), key=_weight, reverse=True)


def fold(
    summaries: list[Summary],
    price_of: Callable[[Node], float | None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Used:
    """Count what the chats of these rows used; chats that can't be read are passed over. Blocks.

    Args:
        summaries: rows of the list of chats.
        price_of: what an answer cost in US dollars, None where that is not known.
        cancelled: whether nobody waits for it any more; then it ends with what it has.
    """
    used = Used()
    for row in summaries:
        if cancelled():
            break
        for node in answers(row.path, row.id):
            used.count(node, row.id, row.title, price_of(node))
    return used


def answers(path: Path, chat: str) -> Iterator[Node]:
    """The answers of a session file that have a usage. Their parts are left out where that spares reading them."""
    try:
        content = read_bounded(path, FILE_LIMIT_BYTES)
    except OSError:
        return
    if _USAGE not in content:
        return
    for entry in read(content, chat).entries:
        node = entry if isinstance(entry, Node) else None
        if isinstance(entry, Span) and entry.role == "assistant":
            node = _without_parts(content, entry)
        if node is not None and node.role == "assistant" and node.usage is not None:
            yield node


def _without_parts(content: bytes, span: Span) -> Node | None:
    """The node of a record without its parts, which are most of it."""
    if content.find(_USAGE, span.start, span.stop) < 0:
        return None
    parts = content.find(_PARTS, span.start, span.stop)
    if parts >= 0 and (node := node_in(content[span.start : parts + 1])) is not None:
        return node
    return node_at(content, span)  # a parameter that holds such a line, or no part at all


def _weight(row: Sum) -> int:
    total = row.tokens.get("total_tokens", 0)
    return max(total, row.tokens.get("prompt_tokens", 0) + row.tokens.get("completion_tokens", 0))
