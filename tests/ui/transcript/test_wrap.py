"""Lines fit, lose nothing, and never begin with closing punctuation or end with an opening mark."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_chat.ui.transcript.wrap import breaks, width_of

NEVER_FIRST = "」』）》〉】〕］｝。，、．！？；：…％·”’,.!?;:)]}"
NEVER_LAST = "「『（《〈【〔［｛“‘(["
CHINESE = [
    "你好，世界！这是“一个测试”，包括（括号）和《书名》。以及 hello world (中文) f(x) don’t 1,000.50 元……结束——是的。",
    "他说：「今天天气真好！」然后（慢慢地）走了出去……",
    "请打开 settings.toml 文件，把 `temperature` 改成 0.7；再重启（或者不重启）。",
    "日本語テキストは、カタカナとひらがなで「こう」書きます。ちょっとファックス。",
    "《红楼梦》、《西游记》、《水浒传》、《三国演义》，是中国“四大名著”。",
]
CHINESE_UNITS = ["世", "界", "你好，", "“引用”", "（括号）。", "《书名》、", "结束——", "元……", "(中文)", "🎉", "👨‍👩‍👧"]
LATIN_UNITS = ["word", "don’t", "f(x),", "1,000", "a-b", "한국어", "naïve", "e\u0301"]
UNITS = st.lists(st.sampled_from(CHINESE_UNITS + LATIN_UNITS), max_size=40)


def lines_of(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in pairwise([0, *breaks(text, width), len(text)])]


@pytest.mark.parametrize("width", [8, 11, 20, 33, 79])
@pytest.mark.parametrize("text", CHINESE)
def test_no_line_of_chinese_begins_with_closing_punctuation_or_ends_with_an_opening_mark(text, width):
    lines = lines_of(text, width)
    for line in lines[1:]:
        assert line[0] not in NEVER_FIRST, lines
    for line in lines[:-1]:
        assert line.rstrip()[-1] not in NEVER_LAST, lines


@settings(derandomize=True, max_examples=400, deadline=None)
@given(UNITS, st.sampled_from(["", " "]), st.integers(12, 60))
def test_mixed_text_keeps_its_marks_and_its_words(units, between, width):
    text = between.join(units)
    lines = lines_of(text, width)
    assert "".join(lines) == text
    for line in lines:
        assert cell_len(line.rstrip()) <= width
        assert cell_len(line) <= width or cell_len(line.rstrip()) == width or line.endswith("  ")
    for line in lines[1:]:
        assert line[0] not in NEVER_FIRST
    if between:
        pieces = " ".join(line.strip() for line in lines).split(" ")
        assert all(unit in pieces for unit in units if unit in LATIN_UNITS), "a word was cut"


@settings(derandomize=True, max_examples=400, deadline=None)
@given(
    st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cc", "Cs"]), max_size=120), st.integers(4, 40)
)
def test_any_text_fits_and_is_whole(text, width):
    lines = lines_of(text, width)
    assert "".join(lines) == text
    assert all(lines[:-1]), "a line is empty"
    for line in lines:
        assert cell_len(line.rstrip(" \t\u3000")) <= width


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_widths_are_those_that_textual_counts(text):
    assert width_of(text) == cell_len(text)


def test_a_long_unit_is_folded_between_whole_characters():
    family = "👨‍👩‍👧"
    assert lines_of(family * 5, 6) == [family * 3, family * 2]
    assert lines_of("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]
    assert lines_of("e\u0301" * 6, 4) == ["e\u0301" * 4, "e\u0301" * 2]
    assert lines_of("🇨🇳" * 3, 5) == ["🇨🇳🇨🇳", "🇨🇳"]


def test_a_word_and_its_space_end_a_line_together():
    assert lines_of("one two three", 8) == ["one two ", "three"]
    assert lines_of("aaaa bbbb", 4) == ["aaaa ", "bbbb"]


@pytest.mark.parametrize("unit", ["a", "(", "中", ",", "（", "👨‍👩‍👧", "a b ", "”a", "(a", "e\u0301", " "])
def test_long_lines_cost_about_as_much_a_character_as_short_ones(unit, cpu_ratio):
    assert cpu_ratio(lambda text: breaks(text, 80), unit * (2_000 // len(unit)), unit * (16_000 // len(unit))) < 40
