"""What does Textual hold on to of widgets that are gone, and how is it made to let go?

Three of its tables are kept by the widget and live as long as the program; without this a long evening with many
dialogs costs 30 MB and more.
"""

from __future__ import annotations

from typing import Any, cast

from textual._styles_cache import StylesCache
from textual.dom import DOMNode
from textual.signal import Signal


def let_go_of_the_gone() -> None:
    """Once a process; a second call does nothing."""
    _let_drawn_lines_go()
    _let_followers_go()


def _let_drawn_lines_go() -> None:
    """Remember the colours at a widget's edge by the colours alone.

    The cache of 1024 such pairs is keyed by the widget's drawn lines as well, so that those of a thousand widgets that
    are gone stay. The method names its first argument `cls`: it is made what it says.
    """
    kept: Any = StylesCache.__dict__.get("get_inner_outer")
    drawn: Any = StylesCache
    if kept is not None and not isinstance(kept, classmethod):
        drawn.get_inner_outer = classmethod(kept)


def _let_followers_go() -> None:
    """Forget who followed a signal, or a value of another widget, and is gone whenever another follows it.

    Both tables hold what is to be called, and with it whoever is to be called: each text field that ever followed the
    theme would stay until the theme is changed.
    """
    signal, node = cast(Any, Signal), cast(Any, DOMNode)
    if getattr(signal, "_lets_go", False):
        return
    subscribe, watch = signal.subscribe, node.watch

    def follow(self: Any, by: DOMNode, callback: Any, immediate: bool = False) -> None:
        for gone in [each for each in self._subscriptions if not each.is_running]:
            self.unsubscribe(gone)
        subscribe(self, by, callback, immediate)

    def watched(self: Any, obj: Any, attribute_name: str, callback: Any, init: bool = True) -> None:
        watchers = getattr(obj, "__watchers", {}).get(attribute_name, [])
        watchers[:] = [each for each in watchers if not each[0]._closing]
        watch(self, obj, attribute_name, callback, init)

    signal.subscribe, node.watch = follow, watched
    signal._lets_go = True
