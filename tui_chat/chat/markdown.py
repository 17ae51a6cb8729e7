"""How a conversation reads as a Markdown document: for export, for the pager, for pasting elsewhere."""

from __future__ import annotations

from typing import assert_never

from tui_chat.chat.node import Node
from tui_chat.chat.tree import Conversation
from tui_chat.wire.messages import (
    Audio,
    Citation,
    Document,
    Image,
    Part,
    Reasoning,
    Refusal,
    Text,
    TextFile,
    ToolCall,
    ToolResult,
)
from tui_chat.wire.request import fenced
from tui_chat.words import t


def as_markdown(conversation: Conversation) -> str:
    """The active path: title, system prompt, then each message under a heading of its speaker."""
    head = conversation.head
    nodes = [conversation.node(id) for id in conversation.path()]
    title = head.title or first_words(nodes) or t("chat.untitled")
    sections = [f"# {title}"]
    if head.system:
        sections.append(f"## {t('chat.role.system')}\n\n{head.system}")
    sections.extend(f"## {speaker(node)}\n\n{node_as_markdown(node)}" for node in nodes)
    return "\n\n".join(sections) + "\n"


def speaker(node: Node) -> str:
    """Who says it: the model's id for an answer, else the role's name in the active language."""
    return node.model if node.role == "assistant" and node.model else t(f"chat.role.{node.role}")


def node_as_markdown(node: Node) -> str:
    """The parts of one message, one after the other; how it ended, where it did not end well."""
    pieces = [piece for part in node.parts if (piece := _piece(part))]
    if node.finish in {"stopped", "interrupted", "error", "length"}:
        pieces.append(f"*[{t(f'chat.finish.{node.finish}')}]*")
    return "\n\n".join(pieces)


def first_words(nodes: list[Node], limit: int = 40) -> str:
    """A title out of the first words a person said, at most `limit` characters; "" where there are none."""
    for node in nodes:
        words = " ".join(node.text.split())
        if node.role == "user" and words:
            return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"
    return ""


def _piece(part: Part) -> str:
    match part:
        case Text(text) | Refusal(text):
            return text
        case Reasoning(text):
            quoted = "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
            return f"> **{t('chat.reasoning')}**\n>\n{quoted}"
        case Image():
            return f"![{part.name or t('chat.image')}]({part.url or f'blobs/{part.blob}'})"
        case Audio() | Document() | TextFile():
            return f"[{part.name}](blobs/{part.blob})"
        case Citation():
            return f"- [{part.title or part.url}]({part.url})"
        case ToolCall():
            return fenced(part.name, "json", part.arguments)
        case ToolResult(_, text):
            return fenced("", "", text)
        case _:
            assert_never(part)
