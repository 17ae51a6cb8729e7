"""Which chats there are: a list by day, with a filter; it shows and asks, the screen does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click, Key
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from tui_chat.store.catalogue import date_of
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.lines import Lines, clipped
from tui_chat.words import t

SHOWN_AT_MOST = 200
"""Rows drawn at once; the filter reaches the others."""
WIDTH = 24
_TITLE_WIDTH = WIDTH - 6
"""What is left of a row beside the blank columns, the bar and the scroll bar."""


class ChatRow(NamedTuple):
    """One chat as the list shows it."""

    id: str
    title: str
    updated_s: float
    """When something was last said, in seconds since 1970: of ten thousand rows few are shown with a date."""
    model: str = ""
    pinned: bool = False
    running: bool = False
    damaged: bool = False

    @property
    def updated(self) -> datetime:
        """When something was last said."""
        return date_of(self.updated_s)


class ChatList(Vertical):
    """The list of chats at the left."""

    DEFAULT_CSS = """
    ChatList { width: 24; height: 1fr; background: $surface; padding: 0 1; }
    ChatList .new { height: 1; padding: 0 1; color: $text-primary; pointer: pointer; }
    ChatList .new:hover { text-style: bold; }
    ChatList LineInput { margin-bottom: 1; }
    ChatList Lines > .option-list--option-highlighted { background: transparent; }
    ChatList.-entered Lines > .option-list--option-highlighted {
        color: $block-cursor-foreground; background: $block-cursor-background;
    }
    ChatList .about { height: 2; padding: 0 1; color: $text-muted; }
    ChatList .about:ansi { text-style: dim; }
    """
    BINDINGS = keys.bindings("chats")

    @dataclass
    class Opened(Message):
        """This chat shall be shown."""

        chat: str

    @dataclass
    class NewAsked(Message):
        """A new chat is wanted."""

    @dataclass
    class RenameAsked(Message):
        """This chat shall have another title."""

        chat: str

    @dataclass
    class PinAsked(Message):
        """This chat shall be pinned, or no longer."""

        chat: str

    @dataclass
    class DeleteAsked(Message):
        """This chat shall go to the trash."""

        chat: str

    @dataclass
    class UndoAsked(Message):
        """The last chat that went to the trash shall come back."""

    @dataclass
    class Left(Message):
        """The person is done here."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: list[ChatRow] = []
        self._current: str | None = None

    def compose(self) -> ComposeResult:
        """A way to a new chat, the filter, the list, and what is known of the chat under the cursor."""
        yield Static(self._new_label(), classes="new", id="new-chat")
        yield LineInput(placeholder=f"⌕ {t('chats.filter')}", id="chat-filter")
        yield Lines(id="chat-options")
        yield Static(classes="about", id="chat-about")

    def on_mount(self) -> None:
        """Show what was given before."""
        self._fill()

    def show(self, rows: list[ChatRow], current: str | None) -> None:
        """Show these chats (newest first); `current` is the one on screen."""
        if (rows, current) == (self._rows, self._current):
            return
        # A chat has no row before its first message: the cursor goes there as soon as there is one, lest a key that
        # renames or deletes should mean another chat than the one on screen.
        astray = self.is_mounted and not self.has_focus_within and self._under_cursor() != current
        follow = current != self._current or astray
        self._rows, self._current = rows, current
        if self.is_mounted:
            self._fill(current if follow else None)

    def focus_list(self) -> None:
        """Bring the keyboard here."""
        self.query_one(Lines).focus()

    # --- what the person does ---

    @on(Input.Changed, "#chat-filter")
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._fill()

    @on(Input.Submitted, "#chat-filter")
    def _filter_accepted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(Lines).focus()
        if event.value.strip():
            self.action_open()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Opened(event.option_id))

    @on(OptionList.OptionHighlighted)
    def _looked_at(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._describe()

    @on(Click, "#new-chat")
    def _new(self, event: Click) -> None:
        event.stop()
        self.post_message(self.NewAsked())

    def on_descendant_focus(self) -> None:
        """Only while the keyboard is here the cursor is bright: what else would it point at?"""
        self.add_class("-entered")

    def on_descendant_blur(self) -> None:
        """The keyboard went elsewhere, or to another part of the list, which says so itself."""
        self.set_class(self.has_focus_within, "-entered")

    def on_key(self, event: Key) -> None:
        """Up and down lead from the filter into the list and back."""
        filter_field, lines = self.query_one(Input), self.query_one(Lines)
        if filter_field.has_focus and event.key in {"down", "up"}:
            lines.focus()
        else:
            return
        event.stop()
        event.prevent_default()

    def action_step(self, by: int) -> None:
        """Move the cursor."""
        lines = self.query_one(Lines)
        (lines.action_cursor_down if by > 0 else lines.action_cursor_up)()

    def action_open(self) -> None:
        """Open the chat under the cursor."""
        if (chat := self._under_cursor()) is not None:
            self.post_message(self.Opened(chat))

    def action_rename(self) -> None:
        """Ask for another title."""
        if (chat := self._under_cursor()) is not None:
            self.post_message(self.RenameAsked(chat))

    def action_pin(self) -> None:
        """Pin it, or no longer."""
        if (chat := self._under_cursor()) is not None:
            self.post_message(self.PinAsked(chat))

    def action_delete(self) -> None:
        """Put it into the trash."""
        if (chat := self._under_cursor()) is not None:
            self.post_message(self.DeleteAsked(chat))

    def action_undo_delete(self) -> None:
        """Take the last one out of the trash."""
        self.post_message(self.UndoAsked())

    def action_filter(self) -> None:
        """Type a part of a title."""
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        """Clear the filter, or go back to the composer."""
        field = self.query_one(Input)
        if field.value:
            field.value = ""
            self.query_one(Lines).focus()
        else:
            self.post_message(self.Left())

    # --- within ---

    def _new_label(self) -> Content:
        name, key = Content(t("chats.new")), keys.shown("chat.new")
        gap = " " * max(1, WIDTH - 4 - name.cell_length - len(key))
        return Content.assemble(name, gap, (key, "$foreground-muted"))

    def _under_cursor(self) -> str | None:
        return self.query_one(Lines).cursor_id

    def _describe(self) -> None:
        """Say when the chat under the cursor was last written to, and who answers in it."""
        row = next((row for row in self._rows if row.id == self._under_cursor()), None)
        facts: list[str] = []
        if row is not None:
            facts = [speech.clock(row.updated), visible(row.model, newline=False)]
            if row.damaged:
                facts[1] = t("chats.damaged")
        about = Content("\n").join(Content(clipped(fact, WIDTH - 4)) for fact in facts)
        self.query_one("#chat-about", Static).update(about)

    def _fill(self, cursor: str | None = None) -> None:
        lines = self.query_one(Lines)
        top = lines.scroll_y
        needle = self.query_one(Input).value.casefold().strip()
        chats = [row for row in self._rows if needle in row.title.casefold()]
        rows: list[tuple[str | None, Content]] = []
        for heading, members in _by_day(chats[:SHOWN_AT_MOST], datetime.now().astimezone().date()):
            rows.append((None, Content(" " + heading)))
            rows.extend((row.id, self._prompt(row)) for row in members)
        if not chats:
            rows.append((None, Content(" " + (t("chats.none_match") if needle else t("chats.none")))))
        elif len(chats) > SHOWN_AT_MOST:
            rows.append((None, Content(" " + t("chats.more", count=len(chats) - SHOWN_AT_MOST))))
        before = self._under_cursor()
        with self.app.batch_update():
            lines.fill(rows, cursor or before or self._current)
            if cursor is None and before is not None and not needle:
                lines.scroll_to(y=top, animate=False, force=True)
        self._describe()

    def _prompt(self, row: ChatRow) -> Content:
        """A bar at the chat on screen, the title, at the right end what there is to know of it."""
        mark = ("●", "$text-success") if row.running else ("!", "$text-error") if row.damaged else (" ", "")
        title = " ".join(visible(row.title, newline=False).split()) or t("chat.untitled")
        current = row.id == self._current
        shown = Content(clipped(title, _TITLE_WIDTH))
        bar = ("▌", "$primary") if current else (" ", "")
        return Content.assemble(bar, shown.stylize("bold" if current else ""), " ", mark)


def _by_day(rows: Sequence[ChatRow], today: date) -> Iterator[tuple[str, list[ChatRow]]]:
    """Rows under the heading of their time, the pinned first, in the order they come."""
    groups: dict[str, list[ChatRow]] = {}
    for row in rows:
        groups.setdefault("pinned" if row.pinned else _age(row.updated.astimezone().date(), today), []).append(row)
    for group in ("pinned", "today", "yesterday", "week", "older"):
        if group in groups:
            yield t(f"chats.group.{group}"), groups[group]


def _age(day: date, today: date) -> str:
    if day >= today:
        return "today"
    if day == today - timedelta(days=1):
        return "yesterday"
    return "week" if day > today - timedelta(days=7) else "older"
