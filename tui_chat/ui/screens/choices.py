"""Which of them is best? Several answers to one message side by side, as they arrive and afterwards.

Columns where the screen is wide enough for all of them to be read, else one at a time behind tabs. Each column is a
transcript of one entry, so an answer looks as it does in the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_chat.chat.events import Beside, Event, Grew, Restarted, TurnEnded
from tui_chat.ui import keys
from tui_chat.ui.section_names import section_names
from tui_chat.ui.transcript.entry import Entry, Outline, Prose
from tui_chat.ui.transcript.reader import Reader
from tui_chat.ui.transcript.view import Transcript
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.words import t

COLUMN_CELLS = 36
"""The narrowest column that can be read."""
COLUMNS_AT_MOST = 8


class Column(Transcript):
    """One answer. What can be done with a message of the conversation is not on offer here."""

    def _actions(self) -> list[tuple[str, str, str]]:
        return []


EntryOf = Callable[[str], Entry]
"""Id of a message → how it looks now; raises KeyError."""


class ChoicesScreen(ModalScreen[str | None]):
    """Shows answers side by side; its result is the id of the one to go on from."""

    CSS_PATH = "choices.tcss"
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("choices")]

    def __init__(self, chat: str, ids: Sequence[str], entry_of: EntryOf, *, at: int = 0, growing: bool = False) -> None:
        """Show these.

        Args:
            chat: their chat, whose events are told here while they arrive.
            ids: the answers, oldest first; more may come while they arrive.
            entry_of: how each looks.
            at: the one that is marked.
            growing: whether they are still arriving.
        """
        super().__init__()
        self.chat = chat
        self.ids = list(ids)
        self.at = at
        self.growing = growing
        self._entry_of = entry_of

    def compose(self) -> ComposeResult:
        """Tabs, columns, keys."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(t("choices.title"))
            yield Static(classes="tabs")
            with Horizontal(classes="columns"):
                for id in self.ids:
                    yield self._framed(id)
            yield FootLine()

    def on_mount(self) -> None:
        """Show what there is."""
        for id in self.ids:
            self._fill(id)
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        """Columns or tabs."""
        self._arrange()

    # --- what arrives ---

    def tell(self, event: Event) -> None:
        """Take in what happened in the chat, after whoever gives the entries knows of it."""
        match event:
            case Beside(other=other) if other.id not in self.ids:
                self.ids.append(other.id)
                self.call_later(self._add, other.id)
            case Beside(other=other):
                self._fill(other.id)
            case Restarted(_, id) if id in self.ids:
                self._fill(id)
            case Grew(_, id, text, reasoning) if (column := self._page(id)) is not None:
                column.grow(id, text=text, reasoning=reasoning)
            case TurnEnded():
                self.growing = False
                for id in self.ids:
                    self._settle(id)
                self._arrange()
            case _:
                pass

    async def _add(self, id: str) -> None:
        if self._page(id) is None:
            await self.query_one(".columns").mount(self._framed(id))
        self._fill(id)
        self._arrange()

    def _fill(self, id: str) -> None:
        column, entry = self._page(id), self._entry(id)
        if column is None or entry is None:
            return
        if self.growing:
            column.begin(entry)
        else:
            column.show([Outline(id, entry.size)], lambda _: entry, at_end=False)

    def _settle(self, id: str) -> None:
        column, entry = self._page(id), self._entry(id)
        if column is not None and entry is not None:
            column.settle(entry)

    def _entry(self, id: str) -> Entry | None:
        try:
            return self._entry_of(id)
        except KeyError:  # it brought nothing and is gone
            return None

    # --- what the person does ---

    def action_go(self, step: int) -> None:
        """Mark the next one, or the one before."""
        self._mark((self.at + step) % len(self.ids))

    def action_show(self, at: int) -> None:
        """Mark this one."""
        if 0 <= at < len(self.ids):
            self._mark(at)

    def action_pick(self) -> None:
        """Go on from the marked one."""
        if self.growing:
            self.notify(t("choices.arriving"), severity="warning", markup=False)
        else:
            self.dismiss(self.ids[self.at])

    def action_cancel(self) -> None:
        """Close; they stay versions of each other."""
        self.dismiss(None)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click into a column marks it."""
        column = event.widget
        if isinstance(column, Transcript) and column.id is not None and column.id[1:] in self.ids:
            at = self.ids.index(column.id[1:])
            if at != self.at:
                self._mark(at)

    def on_transcript_left_for_composer(self, event: Reader.LeftForComposer) -> None:
        """Esc in a column."""
        event.stop()
        self.action_cancel()

    def on_transcript_asked(self, event: Reader.Asked) -> None:
        """Of the keys of a conversation one does something here: copy."""
        event.stop()
        entry = self._entry(event.key)
        if event.action == "copy" and entry is not None:
            said = [section.source for section in entry.sections if isinstance(section, Prose)]
            self.app.copy_to_clipboard("\n\n".join(said))

    # --- what is shown ---

    @property
    def has_columns(self) -> bool:
        """Whether all of them can be read side by side."""
        count = len(self.ids)
        return count <= COLUMNS_AT_MOST and self.size.width // max(1, count) >= COLUMN_CELLS

    def _mark(self, at: int) -> None:
        self.at = at
        self._arrange()

    def _arrange(self) -> None:
        if not self.is_mounted:
            return
        self.set_class(self.has_columns, "-columns")
        for number, id in enumerate(self.ids):
            column = self._page(id)
            if column is None:
                continue
            frame = column.query_ancestor(".column")
            frame.display = self.has_columns or number == self.at
            frame.set_class(number == self.at, "-marked")
            if number == self.at and not column.has_focus:
                column.focus()
        labels = {number: str(number + 1) for number in range(len(self.ids))}
        labels[self.at] = t("choices.one", number=self.at + 1, count=len(self.ids))
        self.query_one(".tabs", Static).update(section_names(labels, self.at))
        self.query_one(FootLine).show_hints(self._hints())

    def _hints(self) -> list[Hint]:
        rows = [key for key in keys.KEYS if key.where == "choices" and key.footer]
        hints = [Hint(keys.shown(key.id), key.label, f"screen.{key.action}") for key in rows]
        return [*hints, Hint(keys.shown("dialog.cancel"), keys.BY_ID["dialog.cancel"].label, "screen.cancel")]

    @staticmethod
    def _framed(id: str) -> Vertical:
        # A page draws its own rows from edge to edge: a border is its frame's to draw.
        return Vertical(Column(id=f"_{id}"), classes="column")

    def _page(self, id: str) -> Transcript | None:
        found = self.query(f"#_{id}").results(Transcript)
        return next(iter(found), None)
