"""The sheet: where what must be read exactly is folded."""

from __future__ import annotations

import pytest

from tui_chat.ui.transcript.wrap import width_of
from tui_chat.ui.widgets.sheet import _spans, line

TEXTS = (
    '  "description": "Reads a file of the person and gives back what is in it, from a line on",',
    "x" * 70,
    "一行很长的文字 with words in it，没有空格的地方也要断开，标点不在行首。" * 3,
    "two  blanks   and    more     of      them       in        a         row",
    "e\u0301" * 60 + " end of what is put together",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [4, 20, 33])
@pytest.mark.parametrize("at_blanks", [True, False])
def test_rows_fit_and_nothing_is_lost_between_them(text: str, width: int, at_blanks: bool) -> None:
    rows = [text[start:end] for start, end in _spans(line(text), width, at_blanks=at_blanks)]
    assert "".join(rows) == text
    assert all(row and width_of(row) <= width for row in rows)


def test_a_row_ends_behind_a_blank_where_one_is_near_unless_somebody_decides_on_it() -> None:
    text = "git commit --message something --author somebody"
    shown = [[text[a:b] for a, b in _spans(line(text), 20, at_blanks=at)] for at in (True, False)]
    assert shown == [
        ["git commit ", "--message something ", "--author somebody"],
        ["git commit --message", " something --author ", "somebody"],
    ]
