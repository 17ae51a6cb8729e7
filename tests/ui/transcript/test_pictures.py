from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.ui.transcript.stage import Stage, entry, screen_rows
from tests.waiting import eventually
from tui_chat.ui.transcript.entry import Picture, Prose
from tui_chat.ui.transcript.pictures import COLUMNS, KEPT, ROWS, Pictures, draw, reserved


def png(width: int, height: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 120, 40)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("size", [(1600, 1067), (10, 10), (40, 24), (3000, 40), (40, 3000), (1, 1), (333, 77)])
def test_the_rows_that_are_reserved_are_the_rows_that_are_drawn(size: tuple[int, int]) -> None:
    rows = draw(Picture("x", lambda: png(*size)))
    columns, count = reserved(f"picture.png  {size[0]}×{size[1]}  4 KB")
    assert len(rows) == count <= ROWS
    assert {strip.cell_length for strip in rows} == {columns}
    assert columns <= COLUMNS


def test_a_label_without_a_size_reserves_all_there_is() -> None:
    assert reserved("picture.png") == (COLUMNS, ROWS)
    assert reserved("picture 0×0") == (COLUMNS, ROWS)


def test_what_is_no_picture_draws_nothing(tmp_path: Path) -> None:
    assert draw(Picture("x", lambda: b"not a picture")) == []
    assert draw(Picture("x", (tmp_path / "gone.png").read_bytes)) == []


def test_each_picture_is_asked_for_once_and_only_so_many_are_kept() -> None:
    asked: list[Picture] = []
    pictures = Pictures(asked.append)
    many = [Picture(str(n), bytes) for n in range(KEPT + 1)]
    for picture in many:
        assert pictures.get(picture) is None
        assert pictures.get(picture) is None
        pictures.keep(picture, [])
    assert asked == many
    assert pictures.get(many[-1]) == []
    assert pictures.get(many[0]) is None


async def test_a_picture_is_drawn_and_moves_nothing_when_it_comes() -> None:
    app = Stage()
    async with app.run_test(size=(60, 30)) as pilot:
        transcript = app.transcript
        label = "boardwalk.png  160×107  2 KB"
        transcript.append(entry("a", Picture(label, lambda: png(160, 107)), Prose("What is this?"), role="user"))
        before = screen_rows(transcript)
        await eventually(lambda: any("▀" in row or "▄" in row for row in screen_rows(transcript)))
        rows = screen_rows(transcript)
        for sought in (label, "What is this?"):
            at = [next(y for y, row in enumerate(some) if sought in row) for some in (before, rows)]
            assert at[0] == at[1]
        await pilot.pause()


async def test_a_picture_that_cannot_be_shown_says_so() -> None:
    app = Stage()
    async with app.run_test(size=(60, 30)) as pilot:
        transcript = app.transcript
        transcript.append(entry("a", Picture("x.png", lambda: b"junk"), Picture("y.png", None)))
        await eventually(lambda: any("x.png  cannot be shown" in row for row in screen_rows(transcript)))
        assert transcript.document.total == 6
        await pilot.pause()
