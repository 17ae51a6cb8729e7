"""How does a message of the tree look in the transcript?

`Node` → `Entry` is a pure function, so that a transcript built from the conversation and one fed event by event can be
compared (law 1).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from msgspec import Struct

from tui_chat.attach import spoken_size
from tui_chat.chat.citing import Source, marked, sources_of
from tui_chat.chat.markdown import speaker
from tui_chat.chat.media import KeptMedia
from tui_chat.chat.node import Failure, Node
from tui_chat.chat.structured import Verdict, verdict_of
from tui_chat.ui import cures, keys, speech
from tui_chat.ui.calls import NOTHING_KNOWN, Deck, Standing, card_of
from tui_chat.ui.links import openable
from tui_chat.ui.transcript.entry import Chip, Entry, Notice, Picture, Prose, Role, Section, Thought
from tui_chat.ui.verdicts import said_of
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


class BlobBytes(Struct, frozen=True):
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
    standing: Standing = NOTHING_KNOWN,
) -> Entry:
    """The entry that shows `node`.

    Args:
        node: the message.
        load: SHA-256 of a blob → its bytes; called on a thread when a picture is seen.
        version: which of how many siblings it is.
        now: today, for the date on the head line.
        growing: the answer is still arriving: nothing is said yet of how it ended.
        price: what it cost, "" where that is not known or not to be shown.
        standing: how the tool calls in it stand.
    """
    # Sources may come while words still do: they and their marks are shown once the words are whole.
    parts = tuple(part for part in node.parts if not isinstance(part, Citation)) if growing else node.parts
    verdict = verdict_of(node) if not growing else None
    as_code = verdict is not None and verdict.is_json and not verdict.is_fenced
    sections = sections_of(parts, load, standing, as_code=as_code)
    if not growing:
        sections.extend(notices_of(node))
        sections.extend(prediction_notice(node))
        if verdict is not None:
            sections.append(verdict_notice(verdict))
    if standing.rounds:
        question = t("card.rounds", count=standing.rounds)
        sections.append(Notice("warning", (question, f"{keys.shown('chat.go_on')} {t('key.chat.go_on')}")))
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


def sections_of(
    parts: tuple[Part, ...], load: Load, standing: Standing = NOTHING_KNOWN, *, as_code: bool = False
) -> list[Section]:
    """What is said and what comes along, in order; sources stand together at the end, results with their calls.

    With `as_code` what is said is JSON, to be shown as that.
    """
    deck = Deck(standing)
    sections: list[Section] = []
    cited = [part for part in parts if isinstance(part, Citation)]
    for part in parts:
        match part:
            case Text(text):
                sections.append(Prose(_as_code(text) if as_code else marked(text, cited, _mark) if cited else text))
            case Reasoning(text, seconds):
                sections.append(Thought(text, seconds))
            case Refusal(text):
                sections.append(Prose(text))
                sections.append(Notice("info", (t("ui.notice.refused"),)))
            case Image():
                sections.append(_picture(part, load))
            case Audio() if not part.name:
                sections.append(_sound(part))
            case Audio() | Document() | TextFile():
                sections.append(Chip(attachment_label(part)))
            case ToolCall():
                card, brought = deck.card(part)
                sections += [*card, *_brought(brought, load)]
            case ToolResult():
                sections += card_of(None, part)
            case Citation():
                pass
            case _:
                assert_never(part)
    for card, brought in deck.rest():
        sections += [*card, *_brought(brought, load)]
    if sources := sources_of(cited):
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
            name = part.name or f"{t('sound.label')} ({part.format})"
            length = speech.seconds(part.seconds) if part.seconds is not None else ""
            return "  ".join(filter(None, (f"♪ {name}", length, spoken_size(part.size))))
        case Document() if part.file_id:
            return f"≡ {part.name or t('media.uploaded', id=part.file_id)}"
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


def _sound(sound: Audio) -> Chip:
    """A sound to be heard."""
    hear = t("sound.hear", play=keys.shown("transcript.play"), save=keys.shown("transcript.save"))
    return Chip(f"{attachment_label(sound)}   {hear}")


def _brought(parts: KeptMedia, load: Load) -> list[Section]:
    """What came with a tool's result, below its card."""
    return [_picture(part, load) if isinstance(part, Image) else _sound(part) for part in parts]


def _sources(sources: list[Source]) -> str:
    hint = t("sources.hint", key=keys.shown("transcript.sources"))
    lines = [f"**{t('ui.sources')}**  {hint}", ""]
    for number, source in enumerate(sources, 1):
        title = source.label
        for letter in "\\`*_[]<>#|!":
            title = title.replace(letter, f"\\{letter}")
        lines.append(f"{number}. [{title}](<{_address(source.url)}>)")
    return "\n".join(lines)


def _mark(number: int, source: Source) -> str:
    """A source's number as a link, where its address may be opened."""
    return f"[\\[{number}\\]](<{_address(source.url)}>)" if openable(source.url) else f"\\[{number}\\]"


def _address(url: str) -> str:
    """An address that ends neither its link nor the cell of a table it stands in."""
    for letter, code in (("<", "%3C"), (">", "%3E"), ("|", "%7C"), (" ", "%20"), ("\\", "%5C")):
        url = url.replace(letter, code)
    return "".join(url.split())


def _as_code(text: str) -> str:
    """JSON as a code block: as Markdown it would lose its indents, its asterisks and its underscores."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{ticks}json\n{text}\n{ticks}"


def verdict_notice(verdict: Verdict) -> Notice:
    """In one line whether an answer in JSON is as it was asked for."""
    said = f"{said_of(verdict)}   {t('structured.hint', key=keys.shown('transcript.structured'))}"
    return Notice("info" if verdict.is_valid else "warning", (said,))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TEXT_LIMIT else line[: _TEXT_LIMIT - 1] + "…"


def notices_of(node: Node) -> list[Notice]:
    """How an answer ended, where it did not just end; what can be done about it."""
    match node.finish:
        case "error":
            failure = node.failure or Failure("error.internal", {"what": "?"})
            return [failure_notice(failure, bool(node.parts), cures.offer(node))]
        case "stopped":
            return [Notice("info", (t("ui.notice.stopped"), _hints("continue", "regenerate")))]
        case "interrupted":
            return [Notice("warning", (t("ui.notice.interrupted"), _hints("continue", "regenerate")))]
        case "length":
            return [Notice("warning", (t("ui.notice.length"), _hints("continue", "parameters")))]
        case "content_filter":
            blocked = (t("ended.blocked", what=node.blocked),) if node.blocked else ()
            return [Notice("warning", (t("ui.notice.filtered"), *blocked, _hints("regenerate", "edit_question")))]
        case "pause":
            return [Notice("info", (t("ui.notice.paused"), _hints("continue")))]
        case _:
            return []


def prediction_notice(node: Node) -> list[Notice]:
    """That an answer had a prediction: what was taken of it, and the key that compares both."""
    if node.role != "assistant" or "prediction" not in node.values or not node.text:
        return []
    usage = node.usage
    says = t("predicted.sent")
    if usage is not None and usage.accepted_prediction_tokens is not None:
        accepted, rejected = usage.accepted_prediction_tokens, usage.rejected_prediction_tokens or 0
        says = t("predicted.counted", accepted=speech.count(accepted), rejected=speech.count(rejected))
    return [Notice("info", (says, _hints("predicted")))]


def failure_notice(failure: Failure, partial: bool = False, cure: str = "") -> Notice:
    """An error in the place of an answer: what is wrong, what to do, what the server said, which keys help."""
    says = speech.says(failure.key, failure.facts)
    lines = [says]
    if advice := speech.advice(failure.key, failure.facts):
        lines.append(advice)
    if raw := raw_words(failure, says):
        lines.append(raw)
    hints = ["continue"] if partial else []
    hints += ["regenerate", *_cures(failure.key), "details"]
    lines.append("   ".join(filter(None, (cure, _hints(*hints)))))
    return Notice("error", tuple(lines))


def raw_words(failure: Failure, said: str = "") -> str:
    """Status, the server's own words and the request id, on one line: what support asks for.

    Words that stand in what was `said` of it are not said again.
    """
    facts = failure.facts
    status, message, request_id = (facts.get(name) for name in ("status", "message", "request_id"))
    words = " ".join(str(message or "").split())
    pieces = [f"HTTP {status}" if status else "", words if words not in said else ""]
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
    "predicted": ("transcript.predicted", "key.transcript.predicted"),
    "edit_question": ("transcript.edit", "ui.hint.edit_question"),
}


def _hints(*names: str) -> str:
    pairs = (_HINTS[name] for name in names)
    return "   ".join(f"{keys.shown(id)} {t(label)}" for id, label in pairs)
