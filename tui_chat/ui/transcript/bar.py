"""How is the scroll bar drawn? As Textual's own looks, but of five cells made once, however often the page grows."""

from __future__ import annotations

from functools import lru_cache
from math import ceil

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from tui_chat.ui.at_once import DrawnAtOnce

EIGHTHS = 8
"""Steps of a cell in which the thumb moves."""
_GLYPHS = ScrollBarRender.VERTICAL_BARS
_GRAB, _UP, _DOWN = ({"@mouse.down": action} for action in ("grab", "scroll_up", "scroll_down"))


class PageBar(DrawnAtOnce, ScrollBar):
    """The vertical bar of a page that may change its height at each frame."""

    def stand(self, total: int, window: int, position: float) -> None:
        """Show which rows of how many are seen. Only cells that look different now are drawn."""
        before = self._thumb()
        self.set_reactive(ScrollBar.window_virtual_size, total)
        self.set_reactive(ScrollBar.window_size, window)
        self.set_reactive(ScrollBar.position, position)
        now = self._thumb()
        if now != before:
            ends = (*before, *now) if any(before) and any(now) else (0, self.size.height * EIGHTHS)
            first = min(ends) // EIGHTHS
            self.refresh(Region(0, first, self.size.width, max(ends) // EIGHTHS + 1 - first))

    def _thumb(self) -> tuple[int, int]:
        window = self.window_size if self.window_size < self.window_virtual_size else 0
        return thumb(self.size.height, ceil(self.window_virtual_size), window, self.position)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The cells of some rows."""
        bar = self.render()
        assert isinstance(bar, ScrollBarRender)
        style = bar.style if isinstance(bar.style, Style) else Style.parse(bar.style)
        start, end = self._thumb()
        strips = _strips(self.size.height, start, end, style, self.size.width)[crop.y : crop.bottom]
        for line_filter in self.get_line_filters():
            ground = self.background_colors[1]
            strips = [strip.apply_filter(line_filter, ground) for strip in strips]
        return strips


def thumb(size: int, total: int, window: int, position: float) -> tuple[int, int]:
    """Where the thumb begins and ends, in eighths of a cell; (0, 0) where all is in view."""
    if not window or not size or not total or size == total:
        return 0, 0
    length = max(1.0, window / (total / size))
    start = int((size - length) * (position / max(1, total - window)) * EIGHTHS)
    return max(0, start), max(0, start + ceil(length * EIGHTHS))


@lru_cache(maxsize=256)
def _strips(size: int, start: int, end: int, style: Style, width: int) -> list[Strip]:
    """The whole bar; a row for each cell of its height."""
    upper, lower, body = (_cell(_GLYPHS[-1], style, kind, width) for kind in ("up", "down", "body"))
    if not end:
        return [lower] * size
    first, first_eighth = divmod(start, EIGHTHS)
    last, last_eighth = divmod(end, EIGHTHS)
    strips = [upper] * min(first, size) + [body] * (min(last, size) - min(first, size))
    strips += [lower] * (size - len(strips))
    if first < size and first_eighth:
        strips[first] = _cell(_GLYPHS[EIGHTHS - 1 - first_eighth], style, "head", width)
    if last < size and last_eighth:
        strips[last] = _cell(_GLYPHS[EIGHTHS - 1 - last_eighth], style, "tail", width)
    return strips


@lru_cache(maxsize=256)
def _cell(glyph: str, style: Style, kind: str, width: int) -> Strip:
    """One row of the bar: the way above or below the thumb, the thumb, or one of its ends."""
    colour, ground = style.color, style.bgcolor
    made = {
        "up": Style(bgcolor=ground, meta=_UP),
        "down": Style(bgcolor=ground, meta=_DOWN),
        "body": Style(color=colour, reverse=True, meta=_GRAB),
        "head": Style(bgcolor=ground, color=colour, meta=_GRAB),
        "tail": Style(bgcolor=ground, color=colour, reverse=True, meta=_GRAB),
    }[kind]
    return Strip([Segment(glyph * width, made)], width)
