from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from tests.ui.transcript.stage import Stage, entry
from tui_chat.ui.transcript.looks import FURNITURE, MARKDOWN, QUIET, Looks, style_of
from tui_chat.ui.transcript.rows import STYLE_KEYS


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_every_theme_gives_every_look(name: str) -> None:
    variables = BUILTIN_THEMES[name].to_color_system().generate()
    looks = Looks(variables, Color.parse(variables["background"]), 1)
    for key, spec in FURNITURE.items():
        assert looks[key] or not spec
    for key, spec in MARKDOWN.items():
        for word in spec.split():
            assert not word.startswith("$") or word[1:] in variables, f"{key}: {word}"


def test_every_style_the_layout_asks_for_is_there() -> None:
    assert set(MARKDOWN) == set(QUIET) == set(STYLE_KEYS)


def test_translucent_colours_are_mixed_with_what_is_behind_them() -> None:
    variables = {"muted": "auto 60%", "half": "#ffffff80", "ground": "#000000", "ansi": "ansi_red 50%", "none": "x y"}
    black, white = Color(0, 0, 0), Color(255, 255, 255)
    assert style_of("$muted", variables, black) != style_of("$muted", variables, white)
    half = style_of("bold $half on $ground", variables, white)
    assert half.bold
    assert half.color is not None
    assert half.color.triplet is not None
    assert max(half.color.triplet) < 140
    assert style_of("$ansi", variables, black).dim
    assert not style_of("$none", variables, black)


async def test_another_theme_paints_everything_anew(drawn: None) -> None:
    app = Stage()
    async with app.run_test(size=(60, 12)) as pilot:
        transcript = app.transcript
        transcript.append(entry("a", "Some `code` and\n\n```\nmore\n```"))
        await pilot.pause()
        before = [transcript.render_line(y) for y in range(12)]
        app.theme = "textual-light"
        await pilot.pause()
        await pilot.pause()
        now = [transcript.render_line(y) for y in range(12)]
        assert [strip.text for strip in now] == [strip.text for strip in before]
        for y in range(12):
            colours = {(s.style.color, s.style.bgcolor) for s in now[y] if s.style}
            assert not colours & {(s.style.color, s.style.bgcolor) for s in before[y] if s.style}
