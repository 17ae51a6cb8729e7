"""How does a conversation read as a Markdown document: for export, for the pager, for pasting elsewhere?"""

from __future__ import annotations

import re
from typing import assert_never
from urllib.parse import quote

from tui_chat.chat.citing import Source, marked, sources_of
from tui_chat.chat.inert import inert
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
    """The active path: title, system prompt, then each message under a heading of its speaker.

    Nothing in it acts in a viewer or reaches into the message behind it, whatever was said.
    """
    head = conversation.head
    nodes = [conversation.node(id) for id in conversation.path()]
    title = head.title or first_words(nodes) or t("chat.untitled")
    sections = [f"# {title}"]
    if head.system:
        sections.append(f"## {t('chat.role.system')}\n\n{inert(head.system)}")
    sections.extend(
        f"## {speaker(node)}\n\n{inert(node_as_markdown(node, f'{number}-'))}" for number, node in enumerate(nodes, 1)
    )
    # Once more as a whole: what one message defines as the target of a link, another may refer to.
    return inert("\n\n".join(sections)) + "\n"


def speaker(node: Node) -> str:
    """Who says it: the model's id for an answer, else the role in the active language; with the name it has."""
    role = node.model if node.role == "assistant" and node.model else t(f"chat.role.{node.role}")
    return f"{role} · {node.name}" if node.name else role


def node_as_markdown(node: Node, footnotes: str = "") -> str:
    """The parts of one message, one after the other; how it ended, where it did not end well.

    Its sources are footnotes, their names begun with `footnotes` to differ from those of other messages.
    """
    cited = [part for part in node.parts if isinstance(part, Citation)]
    pieces: list[str] = []
    for part in node.parts:
        if isinstance(part, Text) and cited:
            pieces.append(marked(part.text, cited, lambda number, source: f"[^{footnotes}{number}]"))
        elif not isinstance(part, Citation) and (piece := _piece(part)):
            pieces.append(piece)
    if notes := [f"[^{footnotes}{number}]: {_footnote(source)}" for number, source in enumerate(sources_of(cited), 1)]:
        pieces.append("\n".join(notes))
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
        case Document() if part.file_id:
            return f"[{part.name or part.file_id}]"
        case Audio() | Document() | TextFile():
            return f"[{part.name or t('sound.label')}](blobs/{part.blob})"
        case Citation():
            return _footnote(Source(part.url, part.title))
        case ToolCall():
            return fenced(part.name, "json", part.arguments)
        case ToolResult(_, text):
            return fenced("", "", text)
        case _:
            assert_never(part)


def _footnote(source: Source) -> str:
    """A source on one line; what of its title Markdown would take for its own is escaped."""
    title = re.sub(r"([\\`*_\[\]<>])", r"\\\1", source.label)
    url = re.sub(r"[\s<>]", lambda found: quote(found[0]), source.url)
    return f"[{title}](<{url}>)"
