"""What of the other answers to the same request has come so far? Kept as pieces until somebody looks."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from tui_chat.chat.node import Node, joined
from tui_chat.wire.messages import Part, Reasoning, Text


class OthersGrowing:
    """The answers beside the one that arrives, by id, in the order they began."""

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        """`nodes` as they stood when they were first seen."""
        self._begun = {node.id: node for node in nodes}
        self._text: dict[str, list[str]] = {}
        self._reasoning: dict[str, list[str]] = {}

    def __contains__(self, id: object) -> bool:
        return id in self._begun

    def __len__(self) -> int:
        return len(self._begun)

    @property
    def ids(self) -> list[str]:
        """Their ids."""
        return list(self._begun)

    def begin(self, node: Node) -> None:
        """One begins, or begins anew."""
        self._begun[node.id] = node
        self._text[node.id], self._reasoning[node.id] = [], []

    def grow(self, id: str, text: str, reasoning: str) -> None:
        """More of one came."""
        self._text.setdefault(id, []).append(text)
        self._reasoning.setdefault(id, []).append(reasoning)

    def node(self, id: str) -> Node:
        """One as it stands; raises KeyError."""
        begun = self._begun[id]
        more: list[Part] = []
        if reasoning := "".join(self._reasoning.get(id, ())):
            more.append(Reasoning(reasoning))
        if text := "".join(self._text.get(id, ())):
            more.append(Text(text))
        return replace(begun, parts=joined(begun.parts, more))

    def clear(self) -> None:
        """The turn is over."""
        self._begun.clear()
        self._text.clear()
        self._reasoning.clear()
