"""How does what a widget has just written come to the terminal? Now, by one call.

A widget of Textual that asks to be drawn tells itself that it is idle, then its screen, which tells itself the same and
waits for a timer: six messages, a third of what a small picture costs. Who knows that all it has to say is said can
have itself drawn instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.dom import NoScreen

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.widget import Widget

    _AsWidget = Widget
else:
    _AsWidget = object  # a widget inherits styles, keys and reactives of the first of its classes that is one


class DrawnAtOnce(_AsWidget):
    """What makes a widget one that `at_once` can draw; stands before the class of the widget."""

    held = False
    """Whether what it asks for now is drawn by whoever had it ask."""

    def check_idle(self) -> None:
        """Have what was asked for done when nothing else is waiting; nothing while it is held."""
        if not self.held:
            super().check_idle()


@contextmanager
def at_once(*widgets: DrawnAtOnce) -> Iterator[None]:
    """Draw these widgets when the block ends, if they asked for it in there.

    Where that is not all they ask for, or their screen has its hands full, they take the usual way.
    """
    for widget in widgets:
        widget.held = True
    try:
        yield
    finally:
        for widget in widgets:
            widget.held = False
        asking = [widget for widget in widgets if widget._repaint_required]
        screen = _ready_screen(widgets)
        if screen is None:
            for widget in widgets:
                widget.check_idle()
        elif asking:
            _draw(screen, asking)


def _ready_screen(widgets: tuple[DrawnAtOnce, ...]) -> Screen[object] | None:
    """The screen, where it can draw now and its widgets want nothing else."""
    if any(map(_wants_more, widgets)):
        return None
    try:
        screen = widgets[0].screen
    except NoScreen:
        return None
    may_draw = screen.is_running and screen.is_current and not screen._layout_required and not screen.app._batch_count
    return screen if may_draw else None


def _wants_more(widget: Widget) -> bool:
    return bool(
        widget._next_callbacks
        or widget._layout_required
        or widget._scroll_required
        or widget._refresh_styles_required
        or widget._recompose_required
    )


def _draw(screen: Screen[object], widgets: list[DrawnAtOnce]) -> None:
    """Have the screen draw these now as it would when its timer comes."""
    for widget in widgets:
        widget._repaint_required = False
        if widget.display:
            screen._dirty_widgets.add(widget)
    with screen._context():
        screen._on_timer_update()
