"""What has been said, as a tree: regenerated and edited messages are siblings, a path is what is sent.

A conversation is the fold of its changes, and nothing else changes it: the journal keeps the same changes on disk,
and the screen's copy is made from them too (law 1). Nodes of a chat read from disk are loaded when first asked for,
so that a chat of ten thousand messages opens by its index alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice, takewhile
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tui_chat.chat.node import Head, Node
from tui_chat.wire.messages import Role


class NodeAdded(Struct, frozen=True):
    """A message was said; it becomes the end of the active path."""

    node: Node


class LeafChosen(Struct, frozen=True):
    """The active path now ends at `leaf`; None is the empty start, before any message."""

    leaf: str | None


class NodesDeleted(Struct, frozen=True):
    """These messages are hidden; what hung below them hangs on their nearest living ancestor."""

    ids: tuple[str, ...]


class NodesRestored(Struct, frozen=True):
    """A deletion is undone."""

    ids: tuple[str, ...]


class HeadChanged(Struct, frozen=True):
    """Fields of the chat's head have new values, by field name of `Head`."""

    fields: Mapping[str, object]


class CallStarted(Struct, frozen=True):
    """A tool call is about to run. One that has no result when the chat is opened again may have run: nobody knows."""

    node: str
    """The answer that makes the call."""
    call_id: str


Change = NodeAdded | LeafChosen | NodesDeleted | NodesRestored | HeadChanged | CallStarted


class Link(NamedTuple):
    """Where a node hangs: what can be known of it without loading it."""

    id: str
    parent: str | None
    role: Role
    size: int = 0
    """Bytes of its record, for estimating its height."""


LoadNode = Callable[[str], Node]


class Conversation:
    """A tree of messages with one active path."""

    def __init__(self, head: Head, load: LoadNode | None = None) -> None:
        self.head = head
        self.leaf: str | None = None
        self._load = load
        self._links: dict[str, Link] = {}
        self._nodes: dict[str, Node] = {}
        self._deleted: set[str] = set()
        self._children: dict[str | None, list[str]] = {}
        self._started: dict[str, dict[str, int]] = {}
        """By answer, its calls that were begun, each with the number of messages there were when it last was."""

    def hang(self, link: Link) -> None:
        """Add a node that will be loaded when asked for; it becomes the end of the active path."""
        if link.id not in self._links:
            self._children.setdefault(link.parent, []).append(link.id)
        self._links[link.id] = link
        self.leaf = link.id

    def apply(self, change: Change) -> None:
        """Make one change. Ids a change names that are not in the tree are passed over."""
        match change:
            case NodeAdded(node):
                self._add(node)
            case LeafChosen(leaf):
                if leaf is None or leaf in self._links:
                    self.leaf = leaf
            case NodesDeleted(ids):
                self._deleted.update(id for id in ids if id in self._links)
                if self.leaf in self._deleted:
                    self.leaf = self.parent(self.leaf)
            case NodesRestored(ids):
                self._deleted.difference_update(ids)
                if ids:
                    self.leaf = self.tip(ids[0])
            case HeadChanged(fields):
                self.head = replace(self.head, **fields)  # journal checks the types
            case CallStarted(id, call_id):
                # Put last even where it is known: the order tells which answer's calls were seen to last.
                self._started[id] = {**self._started.pop(id, {}), call_id: len(self._links)}

    def copy(self) -> Conversation:
        """A copy that changes apart from this one; nodes are shared, being frozen."""
        twin = Conversation(self.head)
        twin.leaf = self.leaf
        twin._links = dict(self._links)
        twin._nodes = dict(self._nodes)
        twin._load = self._load
        twin._deleted = set(self._deleted)
        twin._started = dict(self._started)
        twin._children = {parent: list(children) for parent, children in self._children.items()}
        return twin

    def changes(self) -> Iterator[Change]:
        """Changes that make the same tree of an empty one, deleted messages too; every node is loaded."""
        begun: dict[int, list[Change]] = {}
        for id, calls in self._started.items():
            for call, count in calls.items():
                begun.setdefault(count, []).append(CallStarted(id, call))
        for count, id in enumerate(list(self._links), 1):
            yield NodeAdded(self.node(id))
            yield from begun.get(count, ())
        if self._deleted:
            yield NodesDeleted(tuple(id for id in self._links if id in self._deleted))
        yield LeafChosen(self.leaf)

    def node(self, id: str) -> Node:
        """The node with this id, loaded if it was not yet.

        Raises:
            KeyError: there is none.
        """
        node = self._nodes.get(id)
        if node is None:
            if self._load is None:
                raise KeyError(id)
            node = self._nodes[id] = self._load(id)
        return node

    def link(self, id: str) -> Link:
        """Where the node hangs; raises KeyError where there is none."""
        return self._links[id]

    def __contains__(self, id: object) -> bool:
        return id in self._links and id not in self._deleted

    def knows(self, id: str) -> bool:
        """Whether there ever was a node with this id, deleted ones too."""
        return id in self._links

    def __len__(self) -> int:
        return len(self._links) - len(self._deleted)

    def parent(self, id: str) -> str | None:
        """The nearest ancestor that is not deleted."""
        parent = self._links[id].parent
        while parent is not None and (parent in self._deleted or parent not in self._links):
            parent = self._links[parent].parent if parent in self._links else None
        return parent

    def children(self, id: str | None) -> list[str]:
        """What hangs on `id` (None: what starts the chat), oldest first; children of deleted nodes count."""
        found: list[str] = []
        stack = list(reversed(self._children.get(id, ())))
        while stack:
            child = stack.pop()
            if child in self._deleted:
                stack.extend(reversed(self._children.get(child, ())))
            else:
                found.append(child)
        return found

    def siblings(self, id: str) -> list[str]:
        """The versions of this message, itself among them, oldest first: of its role, or put in its very place.

        Results of tools are versions of results alone.
        """
        link = self._links[id]
        return self.versions(self.parent(id), link.role, link.parent)

    def versions(self, above: str | None, role: Role, parent: str | None) -> list[str]:
        """What a message of this role is a version of below `above`, where it hangs on `parent`, deleted or not."""
        found = [self._links[id] for id in self.children(above)]
        is_result = role == "tool"
        beside = (link for link in found if (link.role == "tool") is is_result)
        return [link.id for link in beside if link.role == role or link.parent == parent]

    def path(self, leaf: str | None = None) -> list[str]:
        """Ids from the first message to `leaf` (by default the active one)."""
        ids = list(self.upwards(leaf))
        ids.reverse()
        return ids

    def upwards(self, leaf: str | None = None) -> Iterator[str]:
        """The same ids from `leaf` to the first message: for who looks only at the end of a long chat."""
        at = leaf if leaf is not None else self.leaf
        while at is not None:
            yield at
            at = self.parent(at)

    def tip(self, id: str) -> str:
        """The end of the newest line of talk through `id`."""
        while children := self.children(id):
            id = children[-1]
        return id

    def below(self, id: str) -> tuple[str, ...]:
        """`id` and everything that hangs below it, not counting what is deleted already."""
        ids = [id]
        for at in ids:
            ids.extend(self.children(at))
        return tuple(ids)

    def started(self, id: str) -> tuple[str, ...]:
        """Ids of the calls of this answer that were begun, in the order of their first beginning."""
        return tuple(self._started.get(id, ()))

    def since_started(self, id: str, call_id: str) -> list[str]:
        """The tool messages that came after this call of the answer `id` was begun last, deleted ones too."""
        came = islice(self._links.values(), self._started.get(id, {}).get(call_id, 0), None)
        return [link.id for link in came if link.role == "tool"]

    @property
    def last_started(self) -> str | None:
        """The answer whose calls were begun last, None where none ever was."""
        return next(reversed(self._started), None)

    def results(self, id: str) -> list[str]:
        """The tool messages that answer the calls of `id`, by age.

        On the active path where that leads through `id`, else on the newest line of talk.
        """
        path = self.path()
        line = path[path.index(id) + 1 :] if id in path else self.path(self.tip(id))[len(self.path(id)) :]
        return list(takewhile(lambda below: self._links[below].role == "tool", line))

    def asked(self, id: str) -> str | None:
        """The message that this answer answers: above the tool calls that led to it, where there were any."""
        at = self.parent(id)
        while at is not None and self._links[at].role == "tool":
            while at is not None and self._links[at].role == "tool":
                at = self.parent(at)
            if at is None or self._links[at].role != "assistant":
                return at
            at = self.parent(at)
        return at

    def with_results(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """These messages, and with an answer all the tool messages that answer its calls, deleted ones too."""
        found = dict.fromkeys(ids)
        for id in ids:
            waiting = [id] if id in self._links and self._links[id].role == "assistant" else []
            for at in waiting:
                results = [child for child in self._children.get(at, ()) if self._links[child].role == "tool"]
                waiting.extend(results)
                found.update(dict.fromkeys(results))
        return tuple(found)

    def _add(self, node: Node) -> None:
        size = sum(len(getattr(part, "text", "")) for part in node.parts)
        self.hang(Link(node.id, node.parent, node.role, size))
        self._nodes[node.id] = node
