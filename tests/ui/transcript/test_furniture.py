from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.color import Color

from tests.ui.transcript.stage import entry
from tui_chat.ui.transcript.entry import Chip, Notice, Thought
from tui_chat.ui.transcript.furniture import (
    action_line,
    chip_rows,
    cut,
    fitting,
    fold_line,
    head_line,
    notice_rows,
)
from tui_chat.ui.transcript.looks import Looks

LOOKS = Looks({}, Color(0, 0, 0), 0)
NAMES = st.sampled_from(["You", "你", "gpt-4.1", "a-model-with-a-very-long-name/and-a-vendor-2026-01-01", "", "👨‍👩‍👧"])
METAS = st.sampled_from(["", "14:02", "0.6 s · 84 tok/s · ¥0.02", "用时 0.6 秒 · 84 词元/秒 · 14:02 · ¥0.02"])
ACTIONS = [("c", "copy", "copy"), ("y", "代码块", "copy_code"), ("e", "edit", "edit")]


def text_of(line: object) -> str:
    return "".join(segment.text for segment in line.segments)  # type: ignore[attr-defined]


@given(NAMES, METAS, st.sampled_from([(1, 1), (2, 3), (10, 12)]), st.integers(20, 120), st.booleans())
def test_a_head_line_is_exactly_as_wide_as_the_page(
    speaker: str, meta: str, version: tuple[int, int], cells: int, full: bool
) -> None:
    line = head_line(entry("k", speaker=speaker, meta=meta, version=version), cells, LOOKS, full=full)
    assert cell_len(text_of(line)) == line.cells == cells
    if version[1] > 1:
        assert text_of(line).endswith(f"‹ {version[0]}/{version[1]} ›")
        assert line.target(cells - 1) == "next_sibling"
        assert line.target(cells - 3) is None
        assert line.target(0) is None
    else:
        assert not line.targets


def test_numbers_give_way_to_the_speaker_until_the_cursor_asks_for_them() -> None:
    said = entry("k", speaker="a-model-with-a-long-name", meta="0.6 s · 84 tok/s · ¥0.02")
    assert text_of(head_line(said, 40, LOOKS, full=False)).split() == ["a-model-with-a-long-name", "0.6", "s"]
    assert text_of(head_line(said, 40, LOOKS, full=True)).endswith(said.meta)
    assert "…" in text_of(head_line(said, 40, LOOKS, full=True))


def test_what_a_model_calls_itself_cannot_write_on_the_screen() -> None:
    line = head_line(entry("k", speaker="a\x1b[2J\nb\u202e", meta="\x07x"), 60, LOOKS, full=True)
    assert not set(text_of(line)) & {"\x1b", "\n", "\u202e", "\x07"}


def test_actions_can_be_clicked_and_what_does_not_fit_is_left_out() -> None:
    line = action_line(ACTIONS, 60, LOOKS)
    assert text_of(line) == "c copy   y 代码块   e edit"
    assert [line.target(x) for x in (0, 5, 6, 9, 16, 20)] == ["copy", "copy", None, "copy_code", "copy_code", "edit"]
    assert text_of(action_line(ACTIONS, 24, LOOKS)) == "c copy  y 代码块  e edit"
    assert text_of(action_line(ACTIONS, 18, LOOKS)) == "c copy  y 代码块"
    assert text_of(action_line(ACTIONS, 3, LOOKS)) == ""


@given(st.text("ab 你好👍", max_size=30), st.integers(0, 20))
def test_a_cut_text_fits(text: str, cells: int) -> None:
    assert cell_len(cut(text, cells)) <= cells
    assert cell_len(text) > cells or cut(text, cells) == text


@pytest.mark.parametrize(("cells", "meta"), [(30, "a 1 · b 22 · c 333"), (12, "a 1 · b 22"), (5, "a 1"), (2, "")])
def test_facts_are_left_out_from_the_end(cells: int, meta: str) -> None:
    assert fitting("a 1 · b 22 · c 333", cells) == meta


def test_a_notice_has_a_mark_a_bold_sentence_and_muted_keys() -> None:
    notice = Notice("error", ("The balance is too low " * 4, "403 insufficient_user_quota", "r again   i details"))
    rows = notice_rows(notice, 40, LOOKS)
    texts = [strip.text for strip in rows.strips]
    assert texts[0].startswith("✕ The balance")
    assert all(text.startswith("  ") for text in texts[1:])
    assert all(strip.cell_length <= 40 for strip in rows.strips)
    assert texts[-1] == "  r again   i details"
    assert rows.copied() == "\n".join([notice.lines[0].rstrip(), *notice.lines[1:]])


def test_a_file_is_one_row_whatever_its_name() -> None:
    assert chip_rows(Chip("♪ song.mp3  1 MB"), 40, LOOKS).strips[0].text == " ♪ song.mp3  1 MB "
    assert chip_rows(Chip("a b.pdf"), 40, LOOKS).strips[0].text == " ▣ a b.pdf "
    rows = chip_rows(Chip("a very long name " * 9 + "\n.pdf"), 40, LOOKS)
    assert len(rows) == 1
    assert rows.strips[0].cell_length <= 40
    assert rows.copied().startswith("a very long name")


def test_the_fold_row_says_how_long_and_which_way() -> None:
    assert text_of(fold_line(Thought("x", 3.14), LOOKS, folded=True)) == "▸ Reasoning 3.1 s"
    assert text_of(fold_line(Thought("x"), LOOKS, folded=False)) == "▾ Reasoning"
