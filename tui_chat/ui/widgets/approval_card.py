"""May this call run? The card that asks: what would run, in full, and the keys that decide it.

It comes while somebody may be typing, so the keys of the moment must not decide: none counts before a pause of 400 ms
without any, Enter and Space never allow, and nothing can be allowed before its end was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.style import Style

from tui_chat.tools.approval import Decision
from tui_chat.ui import keys
from tui_chat.ui.approval_text import Matter, body, facts, origin, question
from tui_chat.ui.widgets.deciding import Deciding
from tui_chat.ui.widgets.prose import Prose
from tui_chat.ui.widgets.sheet import Sheet
from tui_chat.words import t

TIGHT_ROWS = 16
"""With fewer rows than this, words and gaps are kept short."""
LEAST_ROWS = 2
"""Rows of what would run that are always in view."""

Choice = Literal["deny", "reason", "once", "always", "edit", "type"]
CHOICES: tuple[Choice, ...] = ("deny", "reason", "once", "always", "edit", "type")
ALLOWING: frozenset[Choice] = frozenset({"once", "always"})


class ApprovalCard(Deciding, Vertical, can_focus=True):
    """One call at a time; hidden while none waits."""

    DEFAULT_CSS = """
    ApprovalCard { width: 100%; max-width: 104; height: auto; margin: 0 0 0 1; padding: 0 1; display: none; }
    ApprovalCard { border: round $warning 60%; background: $panel; }
    ApprovalCard:focus { border: round $warning; }
    ApprovalCard:ansi { background: ansi_default; }
    ApprovalCard .facts { margin-top: 1; }
    ApprovalCard .choices { margin-top: 1; link-style: none; link-color: $text; link-background: $panel; }
    ApprovalCard .choices { link-style-hover: bold; link-color-hover: $text; link-background-hover: $primary-muted; }
    ApprovalCard.-tight .facts, ApprovalCard.-tight .choices { margin-top: 0; }
    ApprovalCard .said { color: $text-warning; display: none; }
    """
    BINDINGS = keys.bindings("approval")

    @dataclass
    class Decided(Message):
        """The person's word on a call."""

        matter: Matter
        decision: Decision

    @dataclass
    class MoreAsked(Message):
        """The person wants to give a reason, edit the arguments, or type the result."""

        matter: Matter
        what: Literal["reason", "edit", "type"]

    @dataclass
    class Left(Message):
        """The person wants to look at the conversation first."""

    def __init__(self) -> None:
        super().__init__()
        self.matter: Matter | None = None
        """The call on the card."""
        self._marked: Choice = "deny"
        self._room = 0

    def compose(self) -> ComposeResult:
        """What would run, the facts, the keys, and what is to be said of them."""
        yield Sheet()
        yield Prose(classes="facts")
        yield Prose(classes="choices")
        yield Prose(classes="said")

    def show(self, matter: Matter, number: int, count: int) -> None:
        """Ask about this call, `number` of `count`. The same call again changes nothing but the numbers."""
        title, place = question(matter), f"{number}/{count}" if count > 1 else ""
        self.border_title = Content(title)
        self.border_subtitle = Content(" · ".join(filter(None, (origin(matter), place))))
        if matter == self.matter:
            return
        self.matter, self._marked = matter, "deny"
        self.begin_quiet()
        self.display = True
        self.sheet.styles.max_height = LEAST_ROWS  # until it is known what the rest leaves: nothing is seen by accident
        self.sheet.show(body(matter))
        self._say_facts()
        self._say("")
        self.call_after_refresh(self.fit)

    def hide(self) -> None:
        """There is nothing to ask."""
        self.matter = None
        self.display = False

    def room_for(self, rows: int) -> None:
        """Take at most so many rows."""
        if rows != self._room:
            self._room = rows
            self.fit()

    # --- keys ---

    def action_choose(self, choice: Choice) -> None:
        """Do what a letter, or a click, stands for."""
        matter = self.matter
        if not self.is_quiet or matter is None or choice not in self._offered():
            return
        if choice in ALLOWING and not self.sheet.seen:
            self._say(t("approval.read_first", rows=self.sheet.rows_below))
            return
        match choice:
            case "deny":
                self.post_message(self.Decided(matter, Decision("deny")))
            case "once":
                self.post_message(self.Decided(matter, self._allowed("once")))
            case "always":
                self.post_message(self.Decided(matter, self._allowed("always")))
            case _:
                self.post_message(self.MoreAsked(matter, choice))

    def _allowed(self, word: Literal["once", "always"]) -> Decision:
        assert self.matter is not None
        return Decision(word, arguments=self.matter.arguments if self.matter.edited else None)

    def action_press(self) -> None:
        """Enter: do what is marked, but never allow."""
        if self._marked in ALLOWING:
            self._say(t("approval.by_letter", key=keys.shown(f"approval.{self._marked}")))
        else:
            self.action_choose(self._marked)

    def action_mark(self, step: int) -> None:
        """Mark the next choice, or the one before."""
        offered = self._offered()
        at = offered.index(self._marked) if self._marked in offered else 0
        self._marked = offered[(at + step) % len(offered)]
        self._say_choices()

    def action_leave(self) -> None:
        """Look at the conversation; the question stays."""
        self.post_message(self.Left())

    # --- what it says ---

    def on_sheet_moved(self, event: Sheet.Moved) -> None:
        """Allowing is offered once the end was seen."""
        event.stop()
        if event.seen and self.query_one(".said", Prose).display:
            self._say("")
        self._say_choices()

    def _offered(self) -> list[Choice]:
        matter = self.matter
        if matter is None:
            return ["deny"]
        left_out: set[Choice] = set()
        if not matter.can_run:
            left_out |= {"once", "always", "edit"}
        elif matter.allowance is None:
            left_out.add("always")
        return [choice for choice in CHOICES if choice not in left_out]

    def _say_facts(self) -> None:
        assert self.matter is not None
        styles = {"": "$foreground 80%", "warning": "$text-warning", "error": "bold $text-error"}
        told = [Content.styled(text, styles[level]) for text, level in facts(self.matter)]
        prose = self.query_one(".facts", Prose)
        prose.display = bool(told)
        prose.update(_flow(told, self._inner_width, 3))

    def _say_choices(self) -> None:
        if self.matter is None:
            return
        words = "approval.short" if self.has_class("-tight") else "approval"
        pieces = []
        for choice in self._offered():
            live = choice not in ALLOWING or self.sheet.seen
            mark = "▌" if choice == self._marked and self.has_focus else " "
            style = "bold $text-accent" if live else "$text-disabled"
            piece = Content.assemble(
                (mark, "$warning"),
                (keys.shown(f"approval.{choice}"), style),
                (f" {t(f'{words}.{choice}')}", "" if live else "$text-disabled"),
            )
            pieces.append(piece.stylize(Style.from_meta({"@click": f"choose('{choice}')"})) if live else piece)
        if not self.sheet.seen:
            pieces.append(Content.styled(t(f"{words}.more", rows=self.sheet.rows_below), "bold $text-warning"))
        self.query_one(".choices", Prose).update(_flow(pieces, self._inner_width, 2))

    def _say(self, text: str) -> None:
        prose = self.query_one(".said", Prose)
        prose.update(text)
        prose.display = bool(text)
        self.fit()

    def watch_has_focus(self, has_focus: bool) -> None:
        """The mark is seen where Enter would do what is marked."""
        super().watch_has_focus(has_focus)
        if self.is_mounted:
            self._say_choices()

    # --- size ---

    @property
    def _inner_width(self) -> int:
        return self.content_size.width

    def on_resize(self) -> None:
        """Break the rows anew."""
        if self.matter is not None:
            self._say_facts()
            self._say_choices()
            self.fit()

    def fit(self) -> None:
        """Give what would run the rows that the rest leaves."""
        if self.matter is None or not self._room or not self._inner_width:
            return
        if self.has_class("-tight") is not (tight := self._room < TIGHT_ROWS):
            self.set_class(tight, "-tight")
            self._say_choices()
        around = 2
        for prose in self.query(Prose):
            if prose.display:
                around += prose.get_content_height(Size(), Size(), self._inner_width)
                around += 0 if self.has_class("-tight") or prose.has_class("said") else 1
        self.sheet.styles.max_height = max(LEAST_ROWS, self._room - around)


def _flow(pieces: list[Content], width: int, apart: int) -> Content:
    """Pieces one after the other, each whole, in as many rows as they take."""
    rows: list[list[Content]] = [[]]
    used = 0
    for piece in pieces:
        needed = piece.cell_length + (apart if rows[-1] else 0)
        if rows[-1] and width and used + needed > width:
            rows.append([])
            used, needed = 0, piece.cell_length
        rows[-1].append(piece)
        used += needed
    return Content("\n").join(Content(" " * apart).join(row) for row in rows)
