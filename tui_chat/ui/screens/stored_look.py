"""What is in a stored completion? Every field, the messages that were sent, and the answers."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from tui_chat.chat.stored_chat import call_lines, parts_of
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.sheet import Sheet, SheetLine, line
from tui_chat.wire.json_text import compact, pretty
from tui_chat.wire.rendition import abridged
from tui_chat.wire.stored_objects import StoredCompletion, StoredMessage
from tui_chat.words import t

_FIELDS = (
    "request_id",
    "system_fingerprint",
    "service_tier",
    "seed",
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "input_user",
    "tool_choice",
    "tools",
    "response_format",
)
"""Fields that are shown by their own names, null ones too."""


class StoredLook(ModalScreen[str]):
    """Shows one; the result is what to do with it: "open", "metadata", "delete", or "" for nothing."""

    CSS_PATH = "inspector.tcss"
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("stored_look")]

    def __init__(self, completion: StoredCompletion, messages: Sequence[StoredMessage]) -> None:
        super().__init__()
        self._completion, self._messages = completion, tuple(messages)

    def compose(self) -> ComposeResult:
        """All of it, and the keys."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(visible(self._completion.id, newline=False))
            frame.border_subtitle = Content(visible(self._completion.model, newline=False))
            yield Sheet(look_lines(self._completion, self._messages), can_focus=True, at_blanks=True)
            yield FootLine()

    def on_mount(self) -> None:
        """Let the arrow keys scroll it."""
        self.query_one(Sheet).focus()
        rows = [key for key in keys.KEYS if key.where == "stored_look"]
        hints = [Hint(keys.shown(key.id), key.label, f"screen.{key.action}") for key in rows]
        hints.append(Hint(keys.shown("dialog.cancel"), keys.BY_ID["dialog.cancel"].label, "screen.cancel"))
        self.query_one(FootLine).show_hints(hints)

    def action_do(self, what: str) -> None:
        """Go back with this to be done."""
        self.dismiss(what)

    def action_copy(self) -> None:
        """The objects as JSON, as they came."""
        found = {**self._completion.raw, "messages": [dict(message.raw) for message in self._messages]}
        self.app.copy_to_clipboard(pretty(found))

    def action_cancel(self) -> None:
        """Nothing."""
        self.dismiss("")


def look_lines(completion: StoredCompletion, messages: Sequence[StoredMessage]) -> list[SheetLine]:
    """Messages, answers, every field."""
    lines: list[SheetLine] = []
    for message in messages:
        name = f" ({message.name})" if message.name else ""
        lines.append(line(_plain(t(f"chat.role.{message.role}") + name), "strong"))
        lines += [*_said(call_lines(parts_of(message, lambda content: ""))), line()]
    reply = completion.reply
    for number in sorted(reply.choices):
        title = t("stored.answer") if len(reply.choices) == 1 else t("stored.answer_number", number=number + 1)
        finish = reply.choice(number).finish_reason
        lines.append(SheetLine(((f"{title}  ", "strong"), (_plain(finish or ""), "label"))))
        lines += _said(call_lines(reply.parts(number)))
        logprobs = next((choice.logprobs for choice in completion.choices if choice.index == number), None)
        if logprobs is not None:
            lines.append(line(t("stored.logprobs", count=len(logprobs.get("content") or ())), "label", indent=2))
        lines.append(line())
    return [*lines, *(_fact(label, value) for label, value in _facts(completion))]


def _facts(completion: StoredCompletion) -> list[tuple[str, str]]:
    created = completion.created
    rows = [
        ("id", completion.id),
        ("model", completion.model),
        ("created", f"{created.astimezone():%Y-%m-%d %H:%M:%S}" if created is not None else ""),
    ]
    for name in _FIELDS:
        value = completion.raw.get(name)
        rows.append((name, value if isinstance(value, str) else compact(value)))
    rows.append(("metadata", ", ".join(f"{key}={value}" for key, value in completion.metadata.items())))
    if completion.usage is not None:
        rows += [(t(f"ui.details.{name}"), speech.count(value)) for name, value in completion.usage.known().items()]
    return rows


def _fact(label: str, value: str) -> SheetLine:
    shown = abridged(value) if value else "—"
    padded = label + " " * max(2, 20 - cell_len(label))
    return SheetLine(((padded, "label"), (_plain(shown), "" if value and value != "null" else "label")))


def _said(text: str) -> list[SheetLine]:
    return [line(_plain(each), indent=2, prose=True) for each in (abridged(text) or "—").split("\n")]


def _plain(text: str) -> str:
    return visible(text.replace("\t", "    "), newline=False)
