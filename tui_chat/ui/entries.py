"""How does a message of the tree look in the transcript?

`Node` → `Entry` is a pure function, so that a transcript built from the conversation and one fed event by event can be
compared (law 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from urllib.parse import urlsplit

from tui_chat.attach import spoken_size
from tui_chat.chat.markdown import speaker
from tui_chat.chat.node import Failure, Node
from tui_chat.ui import keys, speech
from tui_chat.ui.transcript.entry import Chip, Entry, Notice, Picture, Prose, Role, Section, Thought
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
from tui_chat.words import t

Load = Callable[[str], bytes]

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "tool": "tool", "function": "tool"}
_TEXT_LIMIT = 80


@dataclass(frozen=True, slots=True)
class BlobBytes:
    """Loads one blob. A value, so that two entries of the same picture are equal and nothing is drawn anew."""

    load: Load
    blob: str

    def __call__(self) -> bytes:
        """The bytes; raises AttachError where they are gone."""
        return self.load(self.blob)


def entry_of(
    node: Node,
    load: Load,
    *,
    version: tuple[int, int] = (1, 1),
    now: datetime | None = None,
    growing: bool = False,
    price: str = "",
) -> Entry:
    """The entry that shows `node`.

    Args:
        node: the message.
        load: SHA-256 of a blob → its bytes; called on a thread when a picture is seen.
        version: which of how many siblings it is.
        now: today, for the date on the head line.
        growing: the answer is still arriving: nothing is said yet of how it ended.
        price: what it cost, "" where that is not known or not to be shown.
    """
    sections = list(sections_of(node.parts, load))
    if not growing:
        sections.extend(notices_of(node))
    meta = "" if growing else meta_of(node, now, price)
    return Entry(node.id, _ROLES.get(node.role, "system"), speaker(node), tuple(sections), meta, version)


def meta_of(node: Node, now: datetime | None = None, price: str = "") -> str:
    """The quiet numbers of a message: "84 tok/s · 0.6 s · ≈ $0.0021 · 14:02"."""
    pieces = []
    if (speed := tokens_per_second(node)) is not None:
        pieces.append(t("ui.meta.speed", speed=f"{speed:.0f}"))
    if node.timing.total_s is not None and node.role == "assistant":
        pieces.append(speech.seconds(node.timing.total_s))
    if price:
        pieces.append(t("money.estimate", price=price))
    pieces.append(speech.clock(node.time, now))
    return " · ".join(pieces)


def tokens_per_second(node: Node) -> float | None:
    """How fast the answer came once it came, None where that can't be told."""
    first, total = node.timing.first_token_s, node.timing.total_s
    tokens = node.usage.completion_tokens if node.usage is not None else None
    if first is None or total is None or not tokens or total - first < 0.05:
        return None
    return tokens / (total - first)


def sections_of(parts: tuple[Part, ...], load: Load) -> list[Section]:
    """What is said and what comes along, in order; sources stand together at the end."""
    sections: list[Section] = []
    sources: list[Citation] = []
    for part in parts:
        match part:
            case Text(text):
                sections.append(Prose(text))
            case Reasoning(text, seconds):
                sections.append(Thought(text, seconds))
            case Refusal(text):
                sections.append(Prose(text))
                sections.append(Notice("info", (t("ui.notice.refused"),)))
            case Image():
                sections.append(_picture(part, load))
            case Audio() | Document() | TextFile():
                sections.append(Chip(attachment_label(part)))
            case ToolCall():
                sections.append(Chip(_short(f"⚙ {part.name}({part.arguments})")))
            case ToolResult(_, text):
                sections.append(Prose(text))
            case Citation():
                sources.append(part)
            case _:
                assert_never(part)
    if sources:
        sections.append(Prose(_sources(sources)))
    return sections


def attachment_label(part: Part) -> str:
    """An attachment in a few words: "boardwalk.jpg  1600×1067  412 KB"."""
    match part:
        case Image():
            size = f"{part.width}×{part.height}" if part.width else ""
            name = part.name or (_short(part.url) if part.url else t("ui.chip.picture"))
            detail = t("ui.chip.detail", detail=part.detail) if part.detail else ""
            return "  ".join(filter(None, (name, size, spoken_size(part.size) if part.size else "", detail)))
        case Audio():
            return f"♪ {part.name or part.format}  {spoken_size(part.size)}"
        case Document() | TextFile():
            return f"≡ {part.name}  {spoken_size(part.size)}"
        case Text(text):
            return t("ui.chip.pasted", lines=len(text.splitlines()))
        case _:
            return ""


def _picture(image: Image, load: Load) -> Section:
    if not image.blob:
        return Chip(f"▣ {_short(image.url)}")
    return Picture(attachment_label(image), BlobBytes(load, image.blob))


def _sources(citations: list[Citation]) -> str:
    lines = [f"**{t('ui.sources')}**", ""]
    for number, citation in enumerate(citations, 1):
        title = " ".join((citation.title or _host(citation.url)).split())
        for letter in "\\`*_[]<>#|!":
            title = title.replace(letter, f"\\{letter}")
        url = citation.url.replace("<", "%3C").replace(">", "%3E").replace("\n", "").replace(" ", "%20")
        lines.append(f"{number}. [{title}](<{url}>)" if url else f"{number}. {title}")
    return "\n".join(lines)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TEXT_LIMIT else line[: _TEXT_LIMIT - 1] + "…"


def notices_of(node: Node) -> list[Notice]:
    """How an answer ended, where it did not just end; what can be done about it."""
    match node.finish:
        case "error":
            return [failure_notice(node.failure or Failure("error.internal", {"what": "?"}), bool(node.parts))]
        case "stopped":
            return [Notice("info", (t("ui.notice.stopped"), _hints("continue", "regenerate")))]
        case "interrupted":
            return [Notice("warning", (t("ui.notice.interrupted"), _hints("continue", "regenerate")))]
        case "length":
            return [Notice("warning", (t("ui.notice.length"), _hints("continue", "parameters")))]
        case "content_filter":
            return [Notice("warning", (t("ui.notice.filtered"), _hints("regenerate", "edit_question")))]
        case "pause":
            return [Notice("info", (t("ui.notice.paused"), _hints("continue")))]
        case "tool_calls":
            return [Notice("info", (t("ui.notice.tools"),))]
        case _:
            return []


def failure_notice(failure: Failure, partial: bool = False) -> Notice:
    """An error in the place of an answer: what is wrong, what to do, what the server said, which keys help."""
    lines = [speech.says(failure.key, failure.facts)]
    if advice := speech.advice(failure.key, failure.facts):
        lines.append(advice)
    if raw := raw_words(failure):
        lines.append(raw)
    hints = ["continue"] if partial else []
    hints += ["regenerate", *_cures(failure.key), "details"]
    lines.append(_hints(*hints))
    return Notice("error", tuple(lines))


def raw_words(failure: Failure) -> str:
    """Status, the server's own words and the request id, on one line: what support asks for."""
    facts = failure.facts
    status, message, request_id = (facts.get(name) for name in ("status", "message", "request_id"))
    pieces = [f"HTTP {status}" if status else "", " ".join(str(message or "").split())]
    pieces.append(t("ui.request_id", id=request_id) if request_id else "")
    return " · ".join(filter(None, pieces))


_CURES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("key", "token", "auth", "quota", "balance", "address", "base_url", "tls", "proxy", "connect"), "settings"),
    (("model", "channel"), "model"),
    (("param", "context", "max_tokens", "length", "quota"), "parameters"),
)


def _cures(key: str) -> list[str]:
    """Which doors lead to what is wrong, going by the error's name."""
    return [name for signs, name in _CURES if any(sign in key for sign in signs)]


_HINTS = {
    "continue": ("transcript.continue", "ui.hint.continue"),
    "regenerate": ("transcript.regenerate", "ui.hint.regenerate"),
    "parameters": ("chat.parameters", "ui.hint.parameters"),
    "settings": ("chat.settings", "ui.hint.settings"),
    "model": ("chat.model", "ui.hint.model"),
    "details": ("transcript.details", "ui.hint.details"),
    "edit_question": ("transcript.edit", "ui.hint.edit_question"),
}


def _hints(*names: str) -> str:
    pairs = (_HINTS[name] for name in names)
    return "   ".join(f"{keys.shown(id)} {t(label)}" for id, label in pairs)
