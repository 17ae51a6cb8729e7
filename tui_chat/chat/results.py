"""Which calls of an answer have no result, and what stands there instead: nobody waits for one, or runs one twice."""

from __future__ import annotations

from msgspec.structs import replace

from tui_chat.chat.held import Held
from tui_chat.chat.node import Node, new_id
from tui_chat.chat.sending import open_calls
from tui_chat.chat.tree import Conversation, LeafChosen, NodeAdded
from tui_chat.errors import ChatError, StoreError
from tui_chat.wire.messages import Decision, Part, Text, ToolResult
from tui_chat.words import t


async def settled(at: Held, id: str | None) -> str | None:
    """The message to hang on at the end `id`, after every call of the answer there has its result."""
    tree = at.conversation
    answer = id
    while answer is not None and tree.link(answer).role == "tool":
        answer = tree.parent(answer)
    if answer is None or tree.link(answer).role != "assistant" or tree.node(answer).finish != "tool_calls":
        return id
    line = tree.results(answer)
    added = await _answer_calls(at, answer, "chat.call.never_ran", "stopped")
    return added or (line[-1] if id in line else id)


async def own_up(at: Held) -> list[ChatError]:
    """Calls that had begun when the program ended may have run: say so, so that nobody runs them again."""
    tree, leaf = at.conversation, at.conversation.leaf
    answer = tree.last_started
    if at.read_only is not None or answer is None or answer not in tree:
        return []
    unknown = {id for id in tree.started(answer) if not _has_ended(tree, answer, id)}
    unknown &= {call.id for call in tree.node(answer).calls}
    if not unknown:
        return []
    async with at.lock:
        line = [tree.node(id) for id in tree.results(answer)]
        for old in line:
            if old.result is not None and old.result.call_id in unknown:  # it was run again: beside what it gave before
                unknown.discard(old.result.call_id)
                await _say_unknown(at, old)
        await _answer_calls(at, answer, "chat.call.unknown", "unknown", frozenset(unknown))
        if leaf is not None and leaf not in tree.path() and leaf not in {node.id for node in line}:
            await at.change(LeafChosen(leaf))
    return [StoreError("error.call_unknown")]


def _has_ended(tree: Conversation, answer: str, call_id: str) -> bool:
    came = (tree.node(id).result for id in tree.since_started(answer, call_id))
    return any(result is not None and result.call_id == call_id for result in came)


async def _say_unknown(at: Held, old: Node) -> None:
    """A version of a result that says its call may have run again, with what stood behind it."""
    assert old.result is not None
    others = behind(at.conversation, old.id)[1]
    result = ToolResult(old.result.call_id, t("chat.call.unknown"), failed=True, decision="unknown")
    tip = new_id()
    await at.change(NodeAdded(Node(tip, at.conversation.parent(old.id), "tool", (result,))))
    for other in others:
        above, tip = tip, new_id()
        await at.change(NodeAdded(replace(other, id=tip, parent=above)))


async def _answer_calls(
    at: Held, answer: str, key: str, decision: Decision, only: frozenset[str] | None = None
) -> str | None:
    """Give the calls of an answer that have no result one that says why; the last message added, if any."""
    tree = at.conversation
    line = tree.results(answer)
    tip: str | None = None
    for call in open_calls(tree.node(answer), [tree.node(id) for id in line]):
        if only is None or call.id in only:
            above, tip = tip or (line[-1] if line else answer), new_id()
            result = ToolResult(call.id, t(key), failed=True, decision=decision)
            await at.change(NodeAdded(Node(tip, above, "tool", (result,))))
    return tip


def behind(tree: Conversation, id: str) -> tuple[Node | None, list[Node]]:
    """The answer that a tool message belongs to, and the results that stand behind it."""
    answer = tree.parent(id)
    while answer is not None and tree.link(answer).role == "tool":
        answer = tree.parent(answer)
    line = tree.results(answer) if answer is not None else []
    behind = [tree.node(result) for result in line[line.index(id) + 1 :]] if id in line else []
    return tree.node(answer) if answer is not None else None, behind


def retyped(old: Node, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """A tool's result as the person wants it: given as a result, or as its text alone."""
    given = next((part for part in parts if isinstance(part, ToolResult)), old.result)
    if given is None:
        return parts
    texts = [part.text for part in parts if isinstance(part, Text)]
    text = "\n\n".join(texts) if texts else given.text
    rest = (part for part in parts if not isinstance(part, Text | ToolResult))
    return (replace(given, text=text, failed=False, decision="edited"), *rest)
