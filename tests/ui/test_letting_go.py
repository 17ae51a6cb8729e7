"""Of widgets that are gone nothing stays."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from textual.app import App
from textual.widgets import Static, TextArea

from tui_chat.ui.letting_go import let_go_of_the_gone


class Follower(Static):
    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self.refresh())


async def kept_of(widgets: list[Any]) -> int:
    """How many of these widgets' drawn lines are still there once each was shown and removed."""
    let_go_of_the_gone()
    let_go_of_the_gone()
    drawn = []
    async with App[None]().run_test(size=(40, 10)) as pilot:
        while widgets:
            passing = widgets.pop()
            await pilot.app.mount(passing)
            await pilot.pause()
            pilot.app.screen._compositor.render_strips()
            assert passing._styles_cache._cache, "it was not drawn"
            drawn.append(weakref.ref(passing._styles_cache))
            await passing.remove()
        del passing
        await pilot.pause()
        gc.collect()
        return sum(cache() is not None for cache in drawn)


async def test_what_was_drawn_of_a_widget_that_is_gone_is_let_go() -> None:
    assert await kept_of([Static("a line") for _ in range(8)]) < 3  # what removed the last may still hold it


async def test_what_followed_a_signal_is_let_go() -> None:
    assert await kept_of([Follower("a line") for _ in range(8)]) < 3


async def test_a_field_that_followed_the_theme_is_let_go() -> None:
    assert await kept_of([TextArea("a line") for _ in range(8)]) < 3
