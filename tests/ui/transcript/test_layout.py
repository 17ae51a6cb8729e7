"""What is drawn fits, is whole, is the same however it arrived, and looks as designed."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from random import Random

import pytest
from rich.cells import cell_len

from tests.long_form import long_form
from tests.ui.transcript.specimens import cuts, document, realistic
from tui_chat import words
from tui_chat.ui.gate import scrub
from tui_chat.ui.transcript.layout import LiveLayout, Rows, Styles, estimate_rows, lay_out
from tui_chat.ui.transcript.split import Block, Splitter, split


@pytest.fixture(autouse=True)
def english():
    words.speak("en")


def laid(text: str, width: int, styles: Styles, **more: int) -> Rows:
    rows = Rows()
    for block in split(text):
        rows.extend(lay_out(block, width, styles, **more))
    return rows


def drawn(text: str, width: int, styles: Styles, **more: int) -> list[str]:
    return [strip.text.rstrip() for strip in laid(text, width, styles, **more).strips]


def stacked(blocks: list[Block], width: int, styles: Styles) -> Rows:
    rows = Rows()
    for block in blocks:
        rows.extend(lay_out(block, width, styles))
    return rows


def facts(rows: Rows) -> list[object]:
    strips = [list(strip) for strip in rows.strips]
    return [strips, rows.skip, rows.ends, rows.soft, rows.gaps, rows.bare, rows.links]


@pytest.mark.parametrize("part", range(5))
def test_the_rows_do_not_depend_on_how_the_text_arrives_and_they_fit(part, styles):
    # test_split takes hundreds of documents through every fact of their blocks; these are some of them, to the end.
    count = long_form("DOCUMENTS", 50) // 5
    for seed in range(part * 200, part * 200 + count):
        random = Random(seed)
        text = document(random)
        width = random.choice([7, 20, 40, 80, 80, 137])
        splitter = Splitter()
        blocks = [block for piece in cuts(random, text) for block in splitter.feed(piece)]
        rows = stacked(blocks + splitter.finish(), width, styles)
        assert facts(rows) == facts(stacked(split(text), width, styles)), f"seed {seed}"
        for number, strip in enumerate(rows.strips):
            cells = sum(cell_len(segment.text) for segment in strip)
            assert cells == strip.cell_length == cell_len(strip.text), f"seed {seed}: {strip.text!r}"
            assert cells <= width, f"seed {seed}: {strip.text!r}"
            assert scrub(strip.text) == strip.text
            assert rows.skip[number] <= rows.ends[number] or number in rows.bare
            for start, end, _ in rows.links.get(number, ()):
                assert 0 <= start < end <= width


def test_open_blocks_fit_too_and_end_as_the_closed_ones(styles):
    for seed in range(25):
        random = Random(seed)
        splitter, live = Splitter(), LiveLayout()
        for piece in cuts(random, document(random)):
            splitter.feed(piece)
            if splitter.open and random.random() < 0.1:
                rows = live.lay_out(splitter.open, 40, styles)
                assert all(strip.cell_length <= 40 for strip in rows.strips)


@pytest.mark.parametrize("width", [12, 40, 100])
def test_every_word_of_the_source_is_drawn(width, styles):
    text = (
        "# Title one\n\nPara **bold _both_** `code` ~~gone~~ 你好，世界！ don’t [link text][ref] naïve 👨‍👩‍👧\n\n"
        "1. first\n   - nested item\n\n     > quoted deep\n2. second\n\n"
        "| Left | Right |\n|:--|--:|\n| cell one | cell two |\n| `three` | **four** |\n\n"
        "    indented code\n\n<b>html</b> inline\n\n<div>\nblock html\n</div>\n\nSetext\n---\n\n"
        '```rust\nfn main() { println!("{}", 1 + 1); }\n```\n\n[ref]: https://example.com\n'
        + "*" * 600
        + " delimiters\n\n"
        + ">" * 150
        + " too deep\n"
    )
    shown = re.sub(r"\W", "", "".join(drawn(text, width, styles)))
    drawn_as_marks = {"1", "2", "ref", "rust", ""}
    for word in re.split(r"[^\w’]+|_", text.replace("https://example.com", "")):
        assert re.sub(r"\W", "", word) in shown or word in drawn_as_marks


def test_the_look_of_a_page(styles):
    text = """\
## Heading *two*
A paragraph that is longer than the page is wide.
Next line<br>third

- [ ] open
- [x] done
   1. inner

1. one

   more
2. two

> quote
>
> > inner

| Name | N |
|------|--:|
| a | 10 |
| long name | 5 |
---
```py
x = 1
```
![a cat](https://img.example.net/cat.png)
"""
    assert drawn(text, 30, styles) == [
        "Heading two",
        "",
        "A paragraph that is longer",
        "than the page is wide.",
        "Next line",
        "third",
        "",
        "☐ open",
        "☑ done",
        "  1. inner",
        "",
        "1. one",
        "",
        "   more",
        "2. two",
        "",
        "▌ quote",
        "▌",
        "▌ ▌ inner",
        "",
        "Name      │  N",
        "──────────┼───",
        "a         │ 10",
        "long name │  5",
        "",
        "─" * 30,
        "",
        " py",
        " x = 1",
        "",
        "[image: a cat —",
        "img.example.net]",
    ]


def test_no_blank_row_is_doubled_or_at_an_end(styles):
    for seed in range(200):
        text = document(Random(seed))
        if "|" in text or "<br>" in text or "    " in text or "```" in text or "~~~" in text:
            continue  # empty cells, blank lines of code and breaks that were asked for are blank rows of their own
        rows = drawn(text, 60, styles)
        blank = [not row.strip("▌ ") for row in rows]
        assert not any(blank[:1] + blank[-1:]), f"seed {seed}"
        assert not any(first and second for first, second in pairwise(blank)), f"seed {seed}"


def test_prose_is_narrower_than_the_page_and_code_is_not(styles):
    rows = laid("word " * 60 + "\n\n```\n" + "x" * 118 + "\n```", 120, styles)
    widths = [strip.cell_length for strip in rows.strips]
    assert max(widths[:-2]) <= 100
    assert widths[-1] == 120
    assert max(strip.cell_length for strip in laid("word " * 60, 120, styles, prose_width=50).strips) <= 50


def test_styles_are_keys_looked_up_and_summed(styles):
    strip = laid("a **b *c* `d`** [e](https://example.com)", 80, styles).strips[0]
    looked = {segment.text: segment.style for segment in strip}
    assert looked["b "] == styles["text+strong"]
    assert looked["c"] == styles["text+strong+emphasis"]
    assert looked["d"] == styles["text+strong+code_span"]
    assert looked["e"] == styles["text+link"]
    assert looked["a "] == styles["text"]
    assert styles["text+strong"] is styles["text+strong"]
    assert Styles({}, 3)["no such key"] == Styles({})[""]


def test_links_are_where_they_are_drawn(styles):
    text = "- see [the page](https://example.com/a) and https://example.org/b_(c), or **你好** <https://example.net>."
    rows = laid(text, 24, styles)
    found: dict[str, str] = {}
    for row, links in rows.links.items():
        for start, end, href in links:
            found[href] = found.get(href, "") + rows.strips[row].crop(start, end).text
    assert found == {
        "https://example.com/a": "the page",
        "https://example.org/b_(c)": "https://example.org/b_(c)",
        "https://example.net": "https://example.net",
    }


def test_links_in_tables_and_of_pictures_are_where_they_are_drawn(styles):
    text = "| 名字 | [b](https://b.example) |\n|---|--:|\n| x | wide ![pic](media:0) |\n"
    rows = laid(text, 60, styles)
    found = {h: rows.strips[row].crop(a, b).text for row, links in rows.links.items() for a, b, h in links}
    assert found == {"https://b.example": "b", "media:0": "[image: pic]"}


def test_a_later_definition_gives_an_earlier_link_its_target(styles):
    blocks = split("see [one]\n\n[one]: https://example.com\n")
    assert list(lay_out(blocks[0], 40, styles).links.values()) == [[(4, 7, "https://example.com")]]


def test_laying_out_an_open_block_leaves_no_half_definition_behind(styles):
    splitter = Splitter()
    splitter.feed("x\n\n[one]: https://exa")
    assert splitter.open is not None
    lay_out(splitter.open, 40, styles)
    assert splitter.shared.references == {}


def test_copied_text_is_the_content_without_margins_and_soft_breaks(styles):
    text = (
        "one two three four five six\n\n> quoted words that wrap here\n\n1. item that wraps as well\n\n"
        "```py\nif x:\n    return 'a long line of code'\n```"
    )
    rows = laid(text, 16, styles)
    assert rows.copied() == (
        "one two three four five six\n\nquoted words that wrap here\n\n1. item that wraps as well\n\n"
        "if x:\n    return 'a long line of code'"
    )
    assert rows.copied([(0, 4, None), (1, 0, 4)]) == "two three four"


def test_space_that_wrapping_swallowed_comes_back_when_copied(styles):
    rows = laid("aaaa bbbb   cccc", 4, styles)
    assert [strip.text for strip in rows.strips] == ["aaaa", "bbbb", "cccc"]
    assert rows.copied() == "aaaa bbbb   cccc"


def test_hostile_text_is_shown_in_every_place(styles):
    evil = "\x1b]52;c;x\x07\x9b\u202e\U000e0041"
    text = (
        f"# {evil}\n\n{evil} `{evil}` [{evil}](https://e.example/{evil}) &#8238;\n\n- {evil}\n\n"
        f"| {evil} |\n|---|\n| {evil} |\n\n<div>{evil}\n\n    {evil}\n\n```{evil}\n{evil}\n```\n![{evil}](x)\n"
    )
    rows = laid(text, 100, styles)
    for strip in rows.strips:
        assert scrub(strip.text) == strip.text
    assert sum(strip.text.count("⟨RLO⟩") for strip in rows.strips) >= 12
    assert all(href.isprintable() for links in rows.links.values() for _, _, href in links)


def test_columns_of_a_long_table_keep_their_widths(styles):
    text = "| a | b |\n|---|---|\n| wide cell | x |\n" + "| 1 | 2 |\n" * 119 + "| wider cell | 2 |\n"
    rows = drawn(text, 60, styles)
    assert {row.index("│") for row in rows if "│" in row} == {14}, "with room for what later rows may need"
    assert len(rows) == 123
    assert {row.index("│") for row in drawn(text, 14, styles) if "│" in row} == {10}, "as far as there is room"
    assert sum(row.startswith("a ") for row in rows) == 1


def test_a_table_too_wide_becomes_records(styles):
    text = "| name | value | note | more |\n|---|---|---|---|\n| a | b | c | d |\n| e | f | g | h |\n"
    assert drawn(text, 20, styles) == [
        *("name: a", "value: b", "note: c", "more: d", "────────"),
        *("name: e", "value: f", "note: g", "more: h"),
    ]
    assert drawn(text, 24, styles)[0] == "name │ valu │ note │ mor" or "│" in drawn(text, 30, styles)[0]


def test_cut_items_go_on_without_a_second_marker(styles):
    text = "1. step\n\n" + "".join(f"   part {n}\n\n" for n in range(60)) + "2. next"
    rows = drawn(text, 40, styles)
    assert [row for row in rows if row and not row.startswith("   ")] == ["1. step", "2. next"]
    assert [row.strip() for row in rows if "part" in row] == [f"part {n}" for n in range(60)]


def test_estimates_are_near_and_never_nothing(styles):
    blocks = split(realistic(40_000))
    for width in (40, 80, 120):
        exact = sum(len(lay_out(block, width, styles)) for block in blocks)
        guessed = sum(estimate_rows(block, width) for block in blocks)
        assert 0.7 < guessed / exact < 1.4
    assert estimate_rows(split("```\n```")[0], 80) == 1


def test_narrow_pages_do_not_break_anything(styles):
    for width in range(8):
        for seed in (3, 5, 8):
            for block in split(document(Random(seed))):
                lay_out(block, width, styles)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pictures_are_named_in_the_language_of_the_reader(language, styles):
    words.speak(language)
    data = "data:image/png;base64," + "QUJD" * 500
    shown = drawn(f"![a cat]({data}) ![](https://h.example/x.png) ![only]() ![]()", 200, styles)
    pieces = words.t("layout.image_from", label="a cat", host="png, 2 kB"), words.t("layout.image", label="h.example")
    assert shown == [" ".join([*pieces, words.t("layout.image", label="only"), words.t("layout.image_bare")])]


def test_streaming_costs_grow_with_the_text_alone(styles, cpu_ratio):
    def stream(text: str) -> None:
        splitter, live = Splitter(), LiveLayout()
        for at in range(0, len(text), 400):
            splitter.feed(text[at : at + 400])
            if splitter.open:
                live.lay_out(splitter.open, 100, styles)

    assert cpu_ratio(stream, realistic(40_000), realistic(80_000)) < 4


@pytest.mark.parametrize(
    "text",
    [
        "*" * 6_000 + "a",
        "*a " * 2_000,
        "[a](" * 1_500,
        "<a " * 2_000,
        "|a" * 30 + "|\n" + "|-" * 30 + "|\n" + "x\n" * 1_000,
        "|" * 2_000 + "\n" + "|-" * 1_000 + "\n" + "x\n" * 1_000,
        "> " * 2_000 + "x\n",
        "\x9b" * 6_000,
    ],
)
def test_no_text_makes_more_rows_than_its_size_explains(text, styles):
    for block in split(text):
        assert len(lay_out(block, 100, styles)) <= 40 + len(block.source) // 4


def test_nothing_heavy_is_imported_before_the_first_layout():
    code = (
        "import sys, tui_chat.ui.transcript.layout, tui_chat.ui.transcript.split, tui_chat.ui.transcript.picture\n"
        "print([m for m in ('markdown_it', 'pygments', 'PIL', 'h11') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
