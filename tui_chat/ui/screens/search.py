"""Where in all chats was that said? Titles first, then messages, as they are found; all chats while nothing is typed.

The files are looked through on a thread, which the next key ends; what it finds is drawn in a few pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic

from msgspec import Struct
from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.worker import get_current_worker

from tui_chat.errors import ChatError
from tui_chat.store.catalogue import Summary
from tui_chat.store.search import Hit, Query, messages, newest_first, titles
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.lines import Lines, clipped
from tui_chat.words import t

SHOWN_AT_MOST = 200
"""Hits, or chats; who gets more types on."""
_TITLES, _PER_CHAT = 10, 5
_FIRST_S, _NEXT_S = 0.05, 0.15
"""When the first hits are drawn, and how often what was found since then."""

Row = tuple[str | None, Content]


class Place(Struct, frozen=True):
    """Where to go."""

    chat: str
    node: str = ""
    """The message; "" for the chat as it is."""
    needle: str = ""
    """What to find in it."""


class SearchScreen(ModalScreen[Place | None]):
    """Lets a person find a chat or a message; None where they turned away."""

    CSS_PATH = "search.tcss"
    BINDINGS = keys.bindings("dialog")

    @dataclass
    class Listed(Message):
        """These chats there are."""

        chats: list[Summary]
        trouble: str = ""
        """Why they can't be listed."""

    @dataclass
    class Found(Message):
        """What a search found since it told last."""

        search: int
        hits: list[Hit]
        ended: bool

    def __init__(self, load: Callable[[], list[Summary]], chats: Sequence[Summary] = (), text: str = "") -> None:
        """`load` reads which chats there are, on a thread; `chats` are those known till then, `text` stands typed."""
        super().__init__()
        self._load = load
        self._chats = newest_first(chats)
        self._known = bool(chats)
        self.text = text
        """What is looked for."""
        self._hits: list[Hit] = []
        self._places: list[Place] = []
        self._last = ""
        """The chat under which the last row stands."""
        self._search = 0
        self._fresh = False
        """Whether what is shown is of the search that runs."""
        self._seeking = False
        self._open_first = False
        """Enter was pressed before anything was found."""
        self._trouble = ""
        self._width = 0

    def compose(self) -> ComposeResult:
        """The words beside their count; what was found."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(t("search.title"))
            frame.border_subtitle = Content(t("search.hint"))
            with Horizontal(classes="line"):
                yield LineInput(self.text, f"⌕ {t('search.placeholder')}")
                yield Static(classes="count")
            yield Static(classes="silence")
            yield Lines(driven=True)

    def on_mount(self) -> None:
        """Show what is known, and ask what there is."""
        self.query_one(Input).focus()
        self._list()

    # --- what the person does ---

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value.strip() != self.text:
            self.text = event.value.strip()
            self._begin()

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _accepted(self) -> None:
        place = self.query_one(Lines).under_cursor(self._places)
        if self._fresh and place is not None:
            self.dismiss(place)
        else:
            self._open_first = self._seeking

    def on_key(self, event: Key) -> None:
        """Arrows move through what was found while the field keeps the keyboard."""
        lines = self.query_one(Lines)
        moves: dict[str, Callable[[], None]] = {
            "down": lines.action_cursor_down,
            "up": lines.action_cursor_up,
            "pagedown": lines.action_page_down,
            "pageup": lines.action_page_up,
        }
        if self.query_one(Input).has_focus and (move := moves.get(event.key)) is not None:
            move()
            event.stop()
            event.prevent_default()

    def on_resize(self) -> None:
        """What doesn't fit is cut, and times stand at the right end of their rows."""
        self.call_after_refresh(self._fit)

    def action_cancel(self) -> None:
        """Go nowhere."""
        self.dismiss(None)

    # --- on threads ---

    @work(thread=True, group="list")
    def _list(self) -> None:
        try:
            self.post_message(self.Listed(newest_first(self._load())))
        except ChatError as error:
            self.post_message(self.Listed([], speech.explain(error)))

    @work(thread=True, group="search", exclusive=True)
    def _seek(self, search: int, text: str, chats: list[Summary]) -> None:
        """Find, and tell now and then; another search or the end of the screen cancels it."""
        worker = get_current_worker()
        hits: list[Hit] = []
        due_s = monotonic() + _FIRST_S

        def stop() -> bool:
            nonlocal hits, due_s
            if hits and monotonic() >= due_s and not worker.is_cancelled:
                self.post_message(self.Found(search, hits, ended=False))
                hits, due_s = [], monotonic() + _NEXT_S
            return worker.is_cancelled

        for hit in islice(_found(Query(text), chats, stop), SHOWN_AT_MOST):
            hits.append(hit)
        if not worker.is_cancelled:
            self.post_message(self.Found(search, hits, ended=True))

    # --- what is shown ---

    @on(Listed)
    def _listed(self, event: Listed) -> None:
        event.stop()
        if not (self._search and self._known) or event.trouble or self._chats != event.chats:
            self._known, self._chats, self._trouble = True, event.chats, event.trouble
            self._begin()

    def _begin(self) -> None:
        """Look for what is typed now. What was found before stays in view until there is something else to show."""
        self._search += 1
        self._open_first = False
        self._seeking = bool(self.text)
        self._fresh = not self.text
        self.workers.cancel_group(self, "search")
        if self.text and self._known:
            self._seek(self._search, self.text, self._chats)
        elif not self.text:
            self._hits = []
            self._fill()
        self._say()

    @on(Found)
    def _found(self, event: Found) -> None:
        event.stop()
        if event.search != self._search:
            return
        self._seeking = not event.ended
        if self._fresh:
            self._hits += event.hits
            self.query_one(Lines).more(list(self._rows(event.hits)))
        else:
            self._fresh = True
            self._hits = event.hits
            self._fill()
        self._say()
        if self._open_first and self._hits:
            self._accepted()

    def _fit(self) -> None:
        width = self.query_one(Lines).size.width
        if width != self._width:
            self._width = width
            self._fill(self.query_one(Lines).cursor_id)

    def _fill(self, cursor: str | None = None) -> None:
        self._places, self._last = [], ""
        rows = list(self._rows(self._hits) if self.text else self._chat_rows())
        with self.app.batch_update():
            self.query_one(Lines).fill(rows, cursor)

    def _say(self) -> None:
        """How many there are, and why there is nothing."""
        count = len(self._hits) if self._fresh and self.text else 0
        key = "search.one" if count == 1 else "search.more" if count >= SHOWN_AT_MOST else "search.count"
        said = t("search.searching") if self._seeking else t(key, count=count) if count else ""
        self.query_one(".count", Static).update(Content(said))
        silence = self._trouble
        if self._search and self._fresh and not silence and not self._places:
            silence = t("search.none" if self.text else "search.none_yet") if self._known and not self._seeking else ""
        shown = self.query_one(".silence", Static)
        shown.display = bool(silence)
        shown.update(Content(visible(silence)))

    @property
    def _room(self) -> int:
        """Cells of a row."""
        return max(16, (self._width or 60) - 4)

    def _row(self, place: Place, prompt: Content) -> Row:
        self._places.append(place)
        return str(len(self._places) - 1), prompt

    def _chat_rows(self) -> Iterator[Row]:
        for chat in self._chats[:SHOWN_AT_MOST]:
            time = speech.clock(chat.updated)
            title = clipped(_titled(chat.title), self._room - cell_len(time) - 2)
            yield self._row(Place(chat.id), Content.assemble(" ", title, "  ", (time, "dim")))
        if len(self._chats) > SHOWN_AT_MOST:
            yield None, Content(" " + t("models.more", count=len(self._chats) - SHOWN_AT_MOST))

    def _rows(self, hits: Iterable[Hit]) -> Iterator[Row]:
        """Rows of hits that come after those that are shown."""
        for hit in hits:
            time = speech.clock(hit.time)
            room = self._room - cell_len(time) - 4
            if not hit.node:
                if not self._places:
                    yield None, Content(" " + t("search.titles")).stylize("bold")
                yield self._row(Place(hit.chat), Content.assemble("   ", _marked(hit, room), "  ", (time, "dim")))
                continue
            if hit.chat != self._last:
                self._last = hit.chat
                yield None, Content(" " + clipped(_titled(hit.title), self._room)).stylize("bold")
            said_by = f"{t('chat.role.user')}  " if hit.role == "user" else ""
            excerpt = _marked(hit, room - cell_len(said_by))
            place = Place(hit.chat, hit.node, self.text)
            yield self._row(place, Content.assemble("   ", (said_by, "dim"), excerpt, "  ", (time, "dim")))


def _found(query: Query, chats: list[Summary], stop: Callable[[], bool]) -> Iterator[Hit]:
    """Some titles, then of each chat some messages."""
    yield from islice(titles(query, chats), _TITLES)
    for chat in chats:
        if stop():
            return
        yield from islice(messages(query, [chat]), _PER_CHAT)


def _titled(title: str) -> str:
    return " ".join(visible(title, newline=False).split()) or t("chat.untitled")


def _marked(hit: Hit, room: int) -> Content:
    """The excerpt on exactly so many cells, the match marked and in view."""
    pieces = (hit.excerpt[: hit.start], hit.excerpt[hit.start : hit.end], hit.excerpt[hit.end :])
    before, match, after = (visible(piece, newline=False) for piece in pieces)
    ahead = max(room // 3, room - cell_len(match + after))
    if cell_len(before) > ahead:
        while cell_len(before) >= ahead and before:
            before = before[1:]
        before = f"…{before}"
    shown = clipped(before + match + after, room)
    return Content(shown).stylize("bold underline", len(before), min(len(shown), len(before) + len(match)))
