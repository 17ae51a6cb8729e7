"""Code is drawn on its ground, coloured the same in chunks and while it grows as in one piece."""

from __future__ import annotations

from itertools import count

import pytest
from pygments.lexers import get_lexer_by_name

from tui_chat.ui.transcript import code as code_module
from tui_chat.ui.transcript import highlight as highlight_module
from tui_chat.ui.transcript.block import MAX_CHARS
from tui_chat.ui.transcript.code import GrowingCode, lay_out_code, lex_run, run_to_lex
from tui_chat.ui.transcript.highlight import ROOT, coloured, highlight, styles_of
from tui_chat.ui.transcript.layout import Styles
from tui_chat.ui.transcript.split import Splitter, split

PYTHON = '''class A(Base):
    """Doc
    string."""

    def f(self, x=1):  # note
        return f"{x!r}" + """a
b"""
'''
SAMPLES = {
    "python": PYTHON,
    "javascript": "/* a\n b */\nconst f = async (x) => `t ${x + 1}\n two`; // c\n",
    "bash": "for f in *.py; do\n  echo \"$f\" | grep 'x\ny'\ndone <<EOF\nhi\nEOF\n",
    "html": "<!-- c\n d --><p class='x'>a<script>let a = 1;</script></p>\n",
    "json": '{"a": [1, true, null]}\n',
    "rust": '/* a /* b */ */ fn main() { let s = "x\ny"; }\n',
    "diff": "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n",
    "yaml": "a: |\n  text\nb: [1, 2]\n",
    "c": "#include <x.h>\nint main(void) { return 0; }\n",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_the_text_of_coloured_code_is_the_code(language):
    colours, _ = highlight(SAMPLES[language].removesuffix("\n"), language)
    assert "\n".join("".join(text for text, _ in line) for line in colours) + "\n" == SAMPLES[language]
    assert any(key for line in colours for _, key in line)


@pytest.mark.parametrize("language", ["python", "javascript", "bash", "html", "rust"])
def test_colours_are_those_of_pygments(language):
    from tui_chat.ui.transcript.highlight import _key

    wanted = [
        (c, _key(kind))
        for _, kind, text in get_lexer_by_name(language).get_tokens_unprocessed(SAMPLES[language])
        for c in text
    ]
    colours, _ = highlight(SAMPLES[language].removesuffix("\n"), language)
    found = [(c, key) for line in colours for text, key in line for c in text]
    assert found == [(c, key) for c, key in wanted if c != "\n"]


def test_line_by_line_the_colours_are_the_same_as_in_one_piece():
    state = ROOT
    lines = []
    for line in PYTHON.removesuffix("\n").split("\n"):
        colours, state = highlight(line, "python", state)
        lines += colours
    assert lines == highlight(PYTHON.removesuffix("\n"), "python")[0]
    assert state == ROOT


def test_unknown_languages_and_very_long_lines_are_plain():
    assert highlight("x = 1\n", "no such language") == ([[("x = 1", "")], []], ROOT)
    assert highlight("'" * 3_000, "python") == ([[("'" * 3_000, "")]], ROOT)
    assert highlight("x", "") == ([[("x", "")]], ROOT)


LONG = "x = 1\n" * 40 + "'''\n" + "text\n" * 100 + "'''\ny = 2"


def test_a_string_goes_on_from_chunk_to_chunk_in_whatever_order_they_are_drawn(styles):
    def keys_of_last(order: list[int]) -> list[object]:
        blocks = split(f"```python\n{LONG}\n```")
        rows = {at: lay_out_code(blocks[at], 40, styles) for at in order}
        return [[segment.style for segment in strip] for strip in rows[len(blocks) - 1].strips]

    straight = keys_of_last([0, 1, 2])
    assert keys_of_last([2]) == straight
    assert keys_of_last([1, 2, 0]) == straight
    assert styles["fence+token.string"] in straight[0]


@pytest.mark.parametrize("language", SAMPLES)
def test_numbers_of_styles_say_what_the_colours_are(language):
    code = SAMPLES[language].removesuffix("\n")
    assert coloured(code, styles_of(code, language)) == highlight(code, language)[0]


def test_a_comment_over_several_chunks_has_its_colour_once_the_fence_is_lexed_as_a_whole(styles):
    lines = ["let a = 1;"] * 40 + ["/* begins"] + ["a = 'b'"] * 70 + ["ends */"] + ["let b = 2;"] * 10
    blocks = split("```js\n" + "\n".join(lines) + "\n```")
    assert len(blocks) == 3
    assert {run_to_lex(block) for block in blocks} == {0}
    fence = blocks[0].fence
    fence.asked.add(0)
    assert run_to_lex(blocks[0]) is None
    before = [lay_out_code(block, 40, styles) for block in blocks]
    lex_run(fence, 0)
    after = [lay_out_code(block, 40, styles) for block in blocks]
    assert [[strip.text for strip in rows.strips] for rows in before] == [
        [strip.text for strip in rows.strips] for rows in after
    ]
    shown = [strip for rows in after for row, strip in enumerate(rows.strips) if row not in rows.bare]
    whole, _ = highlight("\n".join(lines), "js")
    assert [[(segment.text, segment.style) for segment in list(strip)[1:-1]] for strip in shown] == [
        [(text, styles[f"fence+{key}" if key else "fence"]) for text, key in pieces] for pieces in whole
    ]
    assert [strip.style for strip in list(before[1].strips[5])] != [strip.style for strip in list(after[1].strips[5])]


def test_nothing_is_lexed_as_a_whole_that_is_open_or_of_one_chunk_or_has_no_colours():
    for source in ("```js\n" + "a\n" * 100, "```js\na\n```", "```\n" + "a\n" * 100 + "```"):
        splitter = Splitter()
        blocks = splitter.feed(source)
        assert [run_to_lex(block) for block in blocks] == [None] * len(blocks), source[:10]
    (first, *_) = split("```nonesuch\n" + "a\n" * 100 + "```")
    lex_run(first.fence, 0)
    assert not first.fence.colours


def test_however_deep_in_a_fence_a_chunk_is_it_costs_no_more_than_three(styles, monkeypatch):
    lexed = []
    real = code_module.highlight
    monkeypatch.setattr(code_module, "highlight", lambda *args: (lexed.append(len(args[0])), real(*args))[1])
    blocks = split("```python\n" + "    value = compute(1, 'text')\n" * 10_000 + "```")
    for at in (199, 40, 100):
        lexed.clear()
        lay_out_code(blocks[at], 80, styles)
        assert sum(lexed) <= 3 * MAX_CHARS
        assert len(lexed) <= 3
    lexed.clear()
    lay_out_code(blocks[101], 80, styles)
    assert len(lexed) == 1, "where the one before was drawn, how it ends is known"


def test_a_growing_fence_ends_as_it_is_drawn_closed_and_keeps_its_rows(styles):
    text = f"```python\n{PYTHON * 5}z = 3"
    splitter, growing = Splitter(), GrowingCode()
    kept = None
    for at in range(0, len(text), 11):
        splitter.feed(text[at : at + 11])
        block = splitter.open
        if block and block.kind == "code" and block.source:
            rows = growing.lay_out(block, 50, styles)
            if kept and len(rows) > 3:
                assert rows.strips[1] is kept.strips[1]
            kept = rows if len(rows) > 3 else None
            assert [s.text for s in rows.strips] == [s.text for s in lay_out_code(block, 50, styles).strips]
    closed = splitter.finish()[0]
    assert kept is not None
    assert [list(strip) for strip in kept.strips] == [list(strip) for strip in lay_out_code(closed, 50, styles).strips]


def test_a_new_width_or_new_styles_lay_a_growing_fence_out_again(styles):
    splitter, growing = Splitter(), GrowingCode()
    splitter.feed("```py\na = 1\nb = 2")
    block = splitter.open
    assert block is not None
    first = growing.lay_out(block, 40, styles)
    assert growing.lay_out(block, 30, styles).strips[1].cell_length == 30
    other = Styles({}, generation=1)
    assert growing.lay_out(block, 30, other).strips[1] != first.strips[1]


def test_code_stands_on_a_ground_as_wide_as_the_page_with_its_language_above(styles):
    rows = lay_out_code(split("```py\n\tx = 1\n```")[0], 20, styles)
    assert [strip.text for strip in rows.strips] == [" py                 ", "     x = 1          "]
    assert rows.bare == {0}
    assert rows.copied() == "    x = 1"
    assert [segment.style for segment in rows.strips[0]] == [styles["fence+muted"]]
    assert [segment.style for segment in rows.strips[1]][-1] == styles["fence"]


def test_long_lines_are_folded_and_joined_when_copied(styles):
    code = "value = '" + "长" * 30 + "👨‍👩‍👧' + x  # end"
    rows = lay_out_code(split(f"```py\n{code}\n```")[0], 24, styles)
    assert len(rows) > 3
    assert all(strip.cell_length == 24 for strip in rows.strips)
    assert rows.copied() == code


def test_an_empty_fence_is_a_row(styles):
    assert [strip.text for strip in lay_out_code(split("```\n```")[0], 6, styles).strips] == [" " * 6]


@pytest.mark.parametrize("language", ["js", "console", "rhtml"])
def test_code_that_takes_too_long_to_be_lexed_as_a_whole_keeps_the_colours_that_were_guessed(language, monkeypatch):
    (first, *_) = split(f"```{language}\n" + "/* never ends\n" * 1_000 + "```")
    clock = count()
    monkeypatch.setattr(highlight_module, "thread_time", lambda: float(next(clock)))
    lex_run(first.fence, 0)
    assert not first.fence.colours
    assert next(clock) < 10
