"""Gate 1 shows what hides and leaves real writing alone; gate 2 lets nothing through that a terminal obeys."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_chat.ui.gate import scrub, scrub_strip, visible

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
HOSTILE = [
    *(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"),
    *"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff",
    *(chr(code) for code in range(0xE0000, 0xE0080)),
    "\ud800",
    "\udfff",
]
REAL = [
    "plain ASCII, tabs\tand\nnewlines",
    "你好，世界！“引用”《书名》……",
    "日本語のテキスト、です。ｶﾀｶﾅ",
    "한국어 문장입니다.",
    "می‌خواهم کتاب‌های خوب بخوانم",
    "עברית עם ניקוד: שָׁלוֹם",
    "العربية: السَّلَامُ عَلَيْكُمْ",
    "हिन्दी: क्‍ष और क्ष, श्र",
    "தமிழ் മലയാളം ന്‍ বাংলা ক্‌ষ",
    "ภาษาไทย เขียนติดกัน น้ำ",
    "Tiếng Việt, naïve café e\u0301\u0323",
    "👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🏴‍☠️ ❤️ ⚠️ ☎︎ 1️⃣ 🇨🇳 🧑🏻‍💻 👁️‍🗨️ 🙋‍♀️",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "葛\U000e0100城市",
    "∑∩︀ → ← ½ №",
]
SHOWN = [
    ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
    ("\x00\x07\x08\x7f\r", "␀␇␈␡␍"),
    ("\x9b31m\x9d0;title\x9c", "\\x9b31m\\x9d0;title\\x9c"),
    ("a\u202eb\u2066c\u200f", "a⟨RLO⟩b⟨LRI⟩c⟨RLM⟩"),
    ("\ud83d\x00\udfff", "\ufffd␀\ufffd"),
    ("hid\u200bden\u2060\ufeff\u00ad", "hidden"),
    ("x" + "".join(chr(0xE0000 + ord(c)) for c in "rm -rf") + "y", "x⟨rm -rf⟩y"),
    ("😀" + "\ufe01\ufe0f\ufe02" * 20, "😀"),
    ("a\u200db\u200cc", "abc"),
    ("a\u2028b\u2029", "a⏎b⏎"),
    ("Z" + "\u0353\u0302" * 40, "Z\u0353\u0302\u0353\u0302"),
]


@pytest.mark.parametrize("text", REAL)
def test_real_writing_and_emoji_pass_unchanged(text):
    assert visible(text) == text
    line = text.replace("\n", " ")
    assert scrub(line) == ("\U0001f3f4" if "\U000e0067" in line else line)  # of a flag of England the base is left


@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_what_hides_is_shown(text, shown):
    assert visible(text) == shown


def test_one_line_text_shows_its_line_ends():
    assert visible("a\nb", newline=False) == "a⏎b"
    assert visible("a\nb") == "a\nb"


@pytest.mark.parametrize("character", HOSTILE)
def test_each_hostile_character_is_visible_or_gone_and_stopped_by_the_last_gate(character):
    assert character not in visible(f"a{character}b")
    assert scrub(f"a{character}b") == "ab"


@settings(derandomize=True, max_examples=400, deadline=None)
@given(ANY_TEXT)
@example("e\u0301\u0301\u0301\u0301\u200b\u0301\u0301")
@example("👨\u200b\u200d\u200b👩")
def test_gating_twice_changes_nothing_more(text):
    once = visible(text)
    assert visible(once) == once
    line = visible(text, newline=False)
    assert visible(line, newline=False) == line
    assert "\n" not in line


@settings(derandomize=True, max_examples=400, deadline=None)
@given(ANY_TEXT)
def test_gated_text_needs_no_last_gate_and_can_be_encoded(text):
    once = visible(text)
    once.encode("utf-8")
    flags = {chr(0xE0000 + ord(c)) for c in "gbenscotwls"} | {"\U000e007f"}
    left = {c for c in once if scrub(c) == ""} - {"\n"}
    assert left <= flags


def test_a_split_sequence_is_shown_the_same():
    text = "\x1b]52;c;cm0gLXJm\x07 and \x9b2J \u202eevil"
    for cut in range(len(text)):
        assert visible(text[:cut]) + visible(text[cut:]) == visible(text)


def test_a_scrubbed_strip_is_clean_and_a_clean_one_is_itself():
    clean = Strip([Segment("plain", Style(bold=True))])
    assert scrub_strip(clean) is clean
    link = Style(link="https://a\x1b[2J")
    dirty = Strip([Segment("a\x1b[31m\u202e", link), Segment("b\x9b", None)])
    scrubbed = scrub_strip(dirty)
    assert scrubbed.text == "a[31mb"
    assert [segment.style.link for segment in scrubbed if segment.style] == [None]


LAST_GATE = r"""
import io
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from tui_chat.ui.gate import install_last_gate
console = Console(file=io.StringIO(), color_system="truecolor", force_terminal=True)
assert "\x1b[2J" in Strip([Segment("a\x1b[2J", Style(bold=True))]).render(console)  # what the gate is for
install_last_gate()
render = Strip.render
install_last_gate()
assert Strip.render is render
codes = [*range(9), *range(10, 32), *range(127, 160), 0x202E, 0x2066, 0x200F, 0xFEFF, 0xD800, *range(0xE0000, 0xE0080)]
bad = "".join(map(chr, codes))
assert Strip([Segment("a" + bad + "b"), Segment(bad + "\tc", Style())]).render(console) == "ab\tc"
bold = Strip([Segment("x" + bad, Style(bold=True))]).render(console)
assert bold == "\x1b[1mx\x1b[0m", bold
assert "\x1b]8" not in Strip([Segment("x", Style(link="https://a\x1b[2J\x07"))]).render(console)
assert "https://example.com" in Strip([Segment("x", Style(link="https://example.com"))]).render(console)
assert Strip.render_style(Style(bold=True), "x\x9b", ColorSystem.TRUECOLOR) == "\x1b[1mx\x1b[0m"
print("ok")
"""


def test_the_last_gate_lets_nothing_through_to_the_terminal():
    # In a process of its own: the gate stays for good.
    done = subprocess.run([sys.executable, "-c", LAST_GATE], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("ok", "")


def test_gate_1_brings_no_textual_with_it():
    code = "import sys, tui_chat.ui.gate; print([m for m in ('textual', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
