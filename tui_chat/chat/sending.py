"""What of a conversation is sent? Always a list of messages that an API takes, whatever the tree holds.

Every tool call that is sent is followed by its one result, in the order of the calls, though results came in another
order, were deleted, or never came; a result whose call is not sent is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from msgspec.structs import replace

from tui_chat.chat.node import Node
from tui_chat.chat.tree import Conversation
from tui_chat.wire import families
from tui_chat.wire.messages import Audio, Image, Message, Part, Text, ToolCall, ToolResult
from tui_chat.words import t


def messages(
    conversation: Conversation, parent: str | None, continues: Node | None = None, prompt: str = ""
) -> tuple[Message, ...]:
    """The messages of a request: the system prompt and the path to `parent`.

    Args:
        conversation: the chat.
        parent: the message that is answered; None for a chat that has none.
        continues: an answer that was cut, for the model to go on with.
        prompt: words that ask it to; "" for a model that goes on with what an answer begins with by itself.
    """
    nodes = [conversation.node(id) for id in (conversation.path(parent) if parent is not None else ())]
    sent: list[Message] = []
    if conversation.head.system:
        sent.append(Message("system", (Text(conversation.head.system),)))
    model = conversation.head.model
    for at, node in enumerate(nodes):
        if node.role == "tool":
            continue
        sent.extend(_said(node, _results(islice(nodes, at + 1, None)) if node.calls else [], model))
    if continues is not None:
        sent.append(Message("assistant", without_calls(continues.message().parts)))
        if prompt:
            sent.append(Message("user", (Text(prompt),)))
    return tuple(sent)


def without_calls(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts of an answer that stand without the results of its calls."""
    return tuple(part for part in parts if not isinstance(part, ToolCall))


def open_calls(node: Node, results: Iterable[Node]) -> list[ToolCall]:
    """The calls of an answer that have no result, in their order."""
    answered = {result.call_id for each in results if (result := each.result) is not None}
    return [call for call in node.calls if call.id not in answered]


def _results(following: Iterable[Node]) -> list[Node]:
    """The tool messages that come right after an answer."""
    found = []
    for node in following:
        if node.role != "tool":
            break
        found.append(node)
    return found


def _said(node: Node, results: list[Node], model: str) -> list[Message]:
    message = node.message()
    if node.role != "assistant" or not node.calls:
        return [message] if message.parts else []
    by_call = {result.call_id: each for each in results if (result := each.result) is not None}
    if node.finish != "tool_calls" and not by_call:
        # Cut off while it wrote them: nobody saw to these calls, and the last may be half of one.
        said = replace(message, parts=without_calls(message.parts))
        return [said] if said.parts else []
    sent = [message]
    brought: list[Part] = []
    for call in node.calls:
        found = by_call.get(call.id)
        result = found.result if found is not None else None
        result = result or ToolResult(call.id, t("chat.call.never_ran"), failed=True)
        parts = [part for part in (found.parts if found is not None else ()) if isinstance(part, Image | Audio)]
        taken = [part for part in parts if (families.sees if isinstance(part, Image) else families.hears)(model)]
        if len(taken) < len(parts):
            note = t("chat.call.not_taken", count=len(parts) - len(taken))
            result = replace(result, text=f"{result.text}\n{note}")
        sent.append(Message("tool", (result,)))
        brought.extend(taken)
    if brought:
        # A tool message can only be text: the API takes no other part there, and some gateways drop or refuse it.
        # So pictures follow all results (nothing may come between those) in a message of the person's, as Hugging
        # Face's chat-ui and others send them, but only to models that may take them: one picture that a model
        # refuses would make every later question of the chat fail.
        sent.append(Message("user", (Text(t("chat.call.pictures")), *brought)))
    return sent
