"""What is there to know of a message? Every number and fact, as rows of label and value."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from tui_chat.chat.node import Node
from tui_chat.ui import keys, speech
from tui_chat.ui.entries import attachment_label, raw_words, tokens_per_second
from tui_chat.wire.messages import Audio, Citation, Document, Image, TextFile
from tui_chat.wire.params import show
from tui_chat.words import t


def details_of(node: Node, price: str = "") -> list[tuple[str, str]]:
    """Rows of (label, value); what is not known has no row. `price` says what an answer cost."""
    rows: list[tuple[str, str]] = [
        (t("ui.details.role"), t(f"chat.role.{node.role}")),
        (t("ui.details.time"), f"{node.time.astimezone():%Y-%m-%d %H:%M:%S}"),
        (t("ui.details.model"), node.model),
        (t("ui.details.answered_by"), node.answered_by),
        (t("ui.details.values"), "  ".join(f"{name}={show(value)}" for name, value in node.values.items())),
        (t("ui.details.finish"), t(f"ended.{node.finish}") if node.finish else ""),
        (t("ended.blocked_label"), node.blocked),
        *_usage(node),
        (t("money.details"), price),
        *_timing(node),
        (t("ui.details.request"), node.request_id),
        (t("ui.details.completion"), node.completion_id),
        (t("ui.details.created"), _moment(node.created) if node.created else ""),
        (t("ui.details.tier"), node.service_tier),
        (t("ui.details.fingerprint"), node.system_fingerprint),
        (t("ui.details.altered"), t("ui.details.altered_note") if node.altered else ""),
    ]
    if node.logprobs:
        rows.append((t("ui.details.logprobs"), t("ui.details.logprobs_note", key=keys.shown("transcript.heat"))))
    rows += [(t("ui.details.call"), f"{call.name}  {call.id}") for call in node.calls]
    if sources := sum(isinstance(part, Citation) for part in node.parts):
        rows.append((t("ui.details.sources"), str(sources)))
    for part in node.parts:
        if isinstance(part, Image | Audio | Document | TextFile):
            rows.append((t("ui.details.attachment"), attachment_label(part)))
        if isinstance(part, Audio):
            rows += _sound(part)
    if node.failure is not None:
        rows.append((t("ui.details.failure"), speech.says(node.failure.key, node.failure.facts)))
        rows.append((t("ui.details.raw"), raw_words(node.failure)))
        rows.append((t("ui.details.error_key"), node.failure.key))
    rows.append((t("ui.details.id"), node.id))
    return [(label, value) for label, value in rows if value]


def _usage(node: Node) -> list[tuple[str, str]]:
    if node.usage is None:
        return []
    return [(t(f"ui.details.{name}"), speech.count(value)) for name, value in node.usage.known().items()]


def _sound(sound: Audio) -> list[tuple[str, str]]:
    until = _moment(sound.expires_at) if sound.expires_at is not None else ""
    expires = t("sound.expires", time=until[:-3]) if until else ""
    return [(t("sound.label"), expires), (t("sound.transcript"), sound.transcript)]


def _moment(seconds: int) -> str:
    """A moment told in seconds since 1970, as the time of day here; "" where there is no such day."""
    with suppress(OverflowError, OSError, ValueError):
        return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M:%S}"
    return ""


def _timing(node: Node) -> list[tuple[str, str]]:
    rows = []
    if node.timing.first_token_s is not None:
        rows.append((t("ui.details.first_token"), speech.seconds(node.timing.first_token_s)))
    if node.timing.total_s is not None and node.role == "assistant":
        rows.append((t("ui.details.total"), speech.seconds(node.timing.total_s)))
    if (speed := tokens_per_second(node)) is not None:
        rows.append((t("ui.details.speed"), t("ui.meta.speed", speed=f"{speed:.1f}")))
    return rows
