from __future__ import annotations

import pytest

from tui_chat.ui.transcript.page import GUTTER, MEASURE, page_of


@pytest.mark.parametrize("width", range(12, 260))
def test_content_fits_between_gutter_and_scroll_bar(width: int) -> None:
    page = page_of(width)
    assert page.text == page.left + GUTTER
    assert page.text + page.measure <= width - 1
    assert page.measure <= MEASURE


@pytest.mark.parametrize("width", [111, 120, 200, 259])
def test_a_wide_page_is_centred(width: int) -> None:
    page = page_of(width)
    right = width - 1 - page.text - page.measure
    assert page.measure == MEASURE
    assert abs(page.left - right) <= 1


def test_a_narrow_page_gives_no_cell_away() -> None:
    assert page_of(30).left == 0
    assert page_of(30).measure == 30 - GUTTER - 1
