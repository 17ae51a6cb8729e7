"""How is what was said put otherwise? Messages inserted, rewritten and moved, as a new line beside the old one.

The tree only grows: from the first message that differs on, the line is built anew out of copies, and the old one stays
as it was, a step of `Desk.choose` away. Results of tools go with the answer that called them. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from tui_chat.chat.node import Finish, Node, Timing, new_id, now
from tui_chat.chat.tree import Conversation
from tui_chat.wire.messages import Part, Reasoning, Role, Text, ToolCall, ToolResult


class Line(Struct, frozen=True):
    """A line to be: what stays, and what hangs below it, each on the one before."""

    above: str | None
    nodes: tuple[Node, ...]
    subject: str = ""
    """Which of the nodes it is about: the one that was written or moved."""


class Written(Struct, frozen=True):
    """A message as a person writes one."""

    role: Role
    text: str
    name: str = ""
    """Of who speaks; of the function whose result a `function` message is."""
    call_id: str = ""
    """The call that a `tool` message answers."""

    def parts(self, old: Iterable[Part] = ()) -> tuple[Part, ...]:
        """The parts of the message; of `old` ones what is neither words nor of another role stays."""
        if self.role == "tool":
            return (ToolResult(self.call_id, self.text, decision="typed"), *_without(old, Text, ToolResult, ToolCall))
        kept = _without(old, Text, ToolResult, *(() if self.role == "assistant" else (ToolCall, Reasoning)))
        words = (Text(self.text),) if self.text else ()
        before = [part for part in kept if not isinstance(part, ToolCall)]
        return (*before, *words, *(part for part in kept if isinstance(part, ToolCall)))


def inserted(tree: Conversation, beside: str | None, written: Written, *, before: bool) -> Line:
    """The active path with a message more, before or after `beside`; at its end for None."""
    groups = _groups(tree)
    at = _place(groups, beside)
    where = len(groups) if at is None else at if before else at + 1
    node = Node(new_id(), None, written.role, written.parts(), name=written.name)
    return _line(tree, groups[:where], [[node], *groups[where:]], node.id)


def rewritten(tree: Conversation, id: str, written: Written) -> Line | None:
    """The active path with this message put otherwise, all that follows kept; None where nothing changes."""
    groups = _groups(tree)
    at = _place(groups, id)
    old = tree.node(id)
    if at is None or written == as_written(old):
        return None
    parts = written.parts(old.parts)
    if written.role == old.role:
        ended: Finish = "tool_calls" if old.calls else ""
        node = replace(_copied(old), parts=parts, name=written.name, finish=ended, failure=None, time=now())
    else:
        node = Node(new_id(), None, written.role, parts, name=written.name)
    group = [node if each == id else each for each in groups[at]]
    return _line(tree, groups[:at], [group, *groups[at + 1 :]], node.id)


def moved(tree: Conversation, id: str, step: int) -> Line | None:
    """The active path with this message so many places further down (up where negative); None at its end."""
    groups = _groups(tree)
    at = _place(groups, id)
    if at is None or not 0 <= at + step < len(groups):
        return None
    order = [*groups[:at], *groups[at + 1 :]]
    order.insert(at + step, groups[at])
    same = min(at, at + step)
    return _line(tree, order[:same], order[same:], id)


def as_written(node: Node) -> Written:
    """A message as a person would write it."""
    result = node.result
    if node.role == "tool" and result is not None:
        return Written("tool", result.text, node.name, result.call_id)
    return Written(node.role, node.text, node.name)


def calls_before(tree: Conversation, beside: str | None, *, before: bool) -> list[str]:
    """Ids of the calls that a `tool` message put there can answer: those of the answer before it."""
    groups = _groups(tree)
    at = _place(groups, beside)
    where = len(groups) if at is None else at if before else at + 1
    group = groups[where - 1] if where else []
    return [call.id for call in tree.node(group[0]).calls] if group and isinstance(group[0], str) else []


Group = list[str | Node]
"""Messages that go together, by id or new: an answer and the results of its calls, else one alone."""


def _groups(tree: Conversation) -> list[Group]:
    groups: list[Group] = []
    for id in tree.path():
        if tree.link(id).role == "tool" and groups and tree.link(str(groups[-1][0])).role == "assistant":
            groups[-1].append(id)
        else:
            groups.append([id])
    return groups


def _place(groups: list[Group], id: str | None) -> int | None:
    return next((at for at, group in enumerate(groups) if id in group), None)


def _line(tree: Conversation, same: list[Group], other: list[Group], subject: str) -> Line:
    """What stays and what is new: the messages of `other` as copies, each hung on the one before."""
    above = str(same[-1][-1]) if same else None
    tip, nodes = above, []
    for each in (each for group in other for each in group):
        node = _copied(tree.node(each)) if isinstance(each, str) else each
        subject = node.id if each == subject else subject
        nodes.append(replace(node, parent=tip))
        tip = node.id
    return Line(above, tuple(nodes), subject)


def _copied(node: Node) -> Node:
    """The message once more. Nobody was asked for it, so it took no time and no tokens."""
    return replace(node, id=new_id(), usage=None, timing=Timing())


def _without(parts: Iterable[Part], *kinds: type[Part]) -> list[Part]:
    return [part for part in parts if not isinstance(part, kinds)]
