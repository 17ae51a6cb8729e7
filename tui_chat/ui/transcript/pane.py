"""How is the document seen? A viewport that scrolls over it and paints its rows, and nothing more.

The rule of scrolling: what is under the eye stays where it is, or moves exactly as far as the reader scrolled,
whatever is corrected, grows or is folded elsewhere. Only a reader who is at the end follows the end.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import App
from textual.color import Color
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.theme import Theme
from textual.timer import Timer
from textual.widget import Widget

from tui_chat.ui.at_once import DrawnAtOnce
from tui_chat.ui.transcript import select
from tui_chat.ui.transcript.bar import PageBar
from tui_chat.ui.transcript.document import Anchor, Document, Spot
from tui_chat.ui.transcript.entry import Picture
from tui_chat.ui.transcript.fences import Fences, Part, lex
from tui_chat.ui.transcript.find import Finder
from tui_chat.ui.transcript.looks import Looks
from tui_chat.ui.transcript.page import page_of
from tui_chat.ui.transcript.paint import Painter
from tui_chat.ui.transcript.pan import hidden_characters
from tui_chat.ui.transcript.pictures import Pictures, draw
from tui_chat.ui.transcript.typeset import Typesetter

if TYPE_CHECKING:
    from tui_chat.ui.transcript.furniture import Line

LEX_DELAY_S = 0.2
"""How long code is in view before it is lexed as a whole: what rushes by is not."""


class Pane(DrawnAtOnce, ScrollView, can_focus=True):
    """A scrolled, painted document: what `Transcript` stands on."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    Pane {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        background: $background;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
    }
    """

    class EndReached(Message, namespace="transcript"):
        """The reader is at the end again."""

    class NewBelow(Message, namespace="transcript"):
        """Text arrived below the viewport, or the reader has seen it by now."""

        def __init__(self, waiting: bool) -> None:
            super().__init__()
            self.waiting = waiting

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.pictures = Pictures(self._draw)
        self.typesetter = Typesetter(page_of(80), Looks({}, self._ground, 0), self.pictures, Fences(self._lex_soon))
        self.document = Document(self.typesetter)
        self.finder = Finder(self.document)
        self.painter = Painter(self.document, self.finder)
        self._follows = True
        self._placing = False
        self._new_below = False
        self._held: Anchor | None = None
        self._placed_height = 0
        self._colours: tuple[Style, Color] | None = None
        """Its own, worked out when it is drawn."""
        self._lexing: Timer | None = None

    # scrolling

    @property
    def at_end(self) -> bool:
        """Whether the end of the conversation is in view and followed."""
        return self._follows

    @property
    def top(self) -> int:
        """The row of the page at the top of the viewport."""
        return self.scroll_offset.y

    def top_anchor(self) -> Anchor | None:
        """What keeps its place: the row at the top of the viewport; None while the end is followed."""
        return None if self._follows else self.document.anchor(self.top)

    def place(self, anchor: Anchor | None, screen_row: int = 0) -> None:
        """Scroll so that `anchor` stands at `screen_row`, or to the end for None; makes all that is seen exact."""
        height = self.size.height
        if self._placing or not height:
            return
        self._placing, self._placed_height = True, height
        try:
            y = self.document.hold(anchor, screen_row, height)
            self._set_extent()
            if y != self.scroll_y:
                self.scroll_target_y = self.scroll_y = y
        finally:
            self._placing = False
        self._held = self.top_anchor()

    def reveal(self) -> None:
        """Show it again. What was filled while it was hidden finds its place, even if no new size tells it to."""
        self.display = True
        self.call_after_refresh(self._place_again)

    def _place_again(self) -> None:
        self.place(None if self._follows else self._held)
        self.refresh()

    def move(self, anchor: Anchor | None, screen_row: int = 0) -> None:
        """The same, as the reader's own move: who arrives at the end follows it from there on."""
        self.place(anchor, screen_row)
        self._set_follows(anchor is None or self.top >= self.max_scroll_y)
        self.refresh()

    def move_by(self, rows: int) -> None:
        """Scroll by so many rows."""
        anchor = self.document.anchor(self.top)
        if anchor is not None:
            self.move(anchor, -rows)

    @property
    def vertical_scrollbar(self) -> PageBar:
        """The scroll bar, made when it is first asked for."""
        bar = self._vertical_scrollbar
        if not isinstance(bar, PageBar):
            bar = self._vertical_scrollbar = PageBar(name="vertical", thickness=self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)
        return bar

    def _set_extent(self) -> None:
        extent = Size(self.size.width, self.document.total)
        if extent == self.virtual_size:
            return
        # The scroll bar is always there, so the screen's layout stays as it is: not to be asked for at each frame.
        self.set_reactive(Widget.virtual_size, extent)
        self.vertical_scrollbar.stand(extent.height, self.size.height, self.scroll_y)

    def refresh_lines(self, y_start: int, line_count: int = 1) -> None:
        """Draw rows of the page anew, without the scroll bar beside them."""
        width, _ = self.scrollable_size
        self.refresh(Region(0, y_start - self.top, width, line_count))

    def _set_follows(self, follows: bool) -> None:
        if follows and not self._follows:
            self.post_message(self.EndReached())
        self._follows = follows
        self._held = self.top_anchor()
        if follows:
            self.set_new_below(False)

    def set_new_below(self, waiting: bool) -> None:
        """Show or hide the badge that says so."""
        if waiting != self._new_below:
            self._new_below = waiting
            self.post_message(self.NewBelow(waiting))
            self.refresh_lines(self.top + self.size.height - 1)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Keep what was in view where it belongs while heights that come into view are corrected."""
        old, new = round(old_value), round(new_value)
        # Where the size is another one it is not the reader who scrolls: `on_resize` comes and puts things right.
        by_reader = not self._placing and (self.typesetter.page.width, self._placed_height) == self.size
        if by_reader and old != new:
            near = abs(new - old) < self.size.height
            self.place(self.document.anchor(old if near else new), old - new if near else 0)
            self._set_follows(self.top >= self.max_scroll_y)
        height = self.size.height
        self.vertical_scrollbar.stand(self.virtual_size.height, height, self.scroll_y)
        if old != round(self.scroll_y):
            self.refresh_lines(self.top, height)

    def _scroll_to(self, *args: Any, **kwargs: Any) -> bool:
        # An animation would run on to a row that has moved meanwhile.
        kwargs["animate"] = False
        return super()._scroll_to(*args, **kwargs)

    def on_resize(self, event: events.Resize) -> None:
        """Wrap for the new width; the row at the top stays at the top."""
        anchor = None if self._follows else self._held
        page = page_of(self.size.width)
        if page != self.typesetter.page:
            self.document.repage(page)
        self.place(anchor)
        self.refresh()

    # looks

    @property
    def _ground(self) -> Color:
        return self.background_colors[1]

    def notify_style_update(self) -> None:
        """The colours of the stylesheet are other ones."""
        self._colours = None
        super().notify_style_update()

    def on_mount(self) -> None:
        """Take the colours of the theme, now and whenever it changes."""
        self.relook()
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)

    def _theme_changed(self, theme: Theme) -> None:
        self.relook()

    def relook(self) -> None:
        """Draw all anew: colours or language changed."""
        app: App[object] = self.app
        generation = self.typesetter.looks.generation + 1
        self.typesetter.looks = Looks(app.theme_variables, self._ground, generation)
        self.painter.forget_tones()
        self.document.relook()
        self.refresh()

    # painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of the viewport, for the screen: no styles cache, no offsets, kept strips."""
        painter = self.painter
        if self._colours is None:
            self._colours = self.rich_style, self._ground
        base, ground = self._colours
        if painter.stand_on(base, tuple(self.get_line_filters()), ground):
            self.document.relook()
        selection, width, top = self.text_selection, self.size.width, self.top
        if selection is not None:
            painter.chosen = self.selection_style
        strips = [painter.paint(top + y, selection) for y in crop.line_range]
        if self._new_below and crop.y <= (last := self.size.height - 1) < crop.bottom:
            strips[last - crop.y] = self._with_badge(strips[last - crop.y])
        if (crop.x, crop.width) != (0, width):
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """One row with the offsets that selection goes by, for hit tests."""
        painted = self.painter.paint(self.top + y, self.text_selection)
        strip = painted.adjust_cell_length(self.size.width, self.painter.filtered(self.painter.base))
        spot = self.document.locate(self.top + y)
        if spot is None:
            return strip
        before = self.typesetter.page.left + 2
        hidden = hidden_characters(spot, self.document.rows(spot.slot, spot.at))
        return strip.apply_offsets(select.TEXT_X - before + hidden, select.row_number(spot))

    def _badge(self) -> tuple[Line, range]:
        from tui_chat.ui.transcript.furniture import badge_line

        line = badge_line(self.typesetter.looks)
        end = self.size.width - 2
        return line, range(max(0, end - line.cells), end)

    def on_badge(self, x: int, y: int) -> bool:
        """Whether a cell of the viewport is one of the badge."""
        return self._new_below and y == self.size.height - 1 and x in self._badge()[1]

    def _with_badge(self, strip: Strip) -> Strip:
        line, cells = self._badge()
        before, after = strip.crop(0, cells.start), strip.crop(cells.stop, self.size.width)
        badge = Strip([Segment(text, self.painter.filtered(style)) for text, style, _ in line.segments], line.cells)
        return Strip.join([before, badge, after])

    # selection

    def spot_at(self, y: int) -> Spot | None:
        """What stands in row `y` of the viewport."""
        return self.document.locate(self.top + y)

    def selection_updated(self, selection: Selection | None) -> None:
        """Paint what is selected."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written."""
        return select.copied(selection, self.document), "\n"

    # pictures

    def _draw(self, picture: Picture) -> None:
        if self.is_running:
            self.run_worker(self._draw_on_thread(picture), group="pictures", exit_on_error=False)

    async def _draw_on_thread(self, picture: Picture) -> None:
        self.pictures.keep(picture, await asyncio.to_thread(draw, picture))
        anchor = self.top_anchor()
        for slot in self.document.slots:
            for at, piece in enumerate(slot.pieces):
                if piece.kind == "picture" and piece.content == picture:
                    self.document.redraw(slot, at)
        self.place(anchor)
        self.refresh()

    # colours

    def _lex_soon(self) -> None:
        if self.is_running and self._lexing is None:
            self._lexing = self.set_timer(LEX_DELAY_S, self._lex_seen)

    def _lex_seen(self) -> None:
        self._lexing = None
        spots = (self.document.locate(self.top + y) for y in range(self.size.height))
        seen = {fence for spot in spots if spot and (fence := getattr(spot.piece.content, "fence", None))}
        parts, gone = self.typesetter.fences.take(seen)
        self.document.recolour(gone)
        if parts:
            self.run_worker(self._lex_on_thread(parts), group="colours", exit_on_error=False)

    async def _lex_on_thread(self, parts: list[Part]) -> None:
        await asyncio.to_thread(lex, parts)
        self.document.recolour({fence for fence, _ in parts})
        self.refresh()
