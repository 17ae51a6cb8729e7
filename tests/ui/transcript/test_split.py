"""However the text arrives, the same blocks come out: bounded, whole, and with the code as markdown-it reads it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.long_form import long_form
from tests.ui.transcript.specimens import cuts, document, realistic
from tui_chat.ui.transcript.block import MAX_CHARS, MAX_LINES, Block
from tui_chat.ui.transcript.parse import block_tokens
from tui_chat.ui.transcript.split import Splitter, split

HEAD = 1_500  # what may be put in front of a block to open again what was cut


def facts(block: Block) -> tuple[object, ...]:
    return (
        *(block.kind, block.source, block.language, block.lead, block.first, block.last, block.midline, block.line),
        *(block.number, block.reopened, block.table_head, block.fence_id, block.chunk),
    )


def fed(pieces: list[str]) -> tuple[Splitter, list[Block]]:
    splitter = Splitter()
    blocks = [block for piece in pieces for block in splitter.feed(piece)]
    return splitter, blocks + splitter.finish()


@pytest.mark.parametrize("part", range(5))
def test_the_blocks_do_not_depend_on_how_the_text_arrives(part):
    count = long_form("DOCUMENTS", 300) // 5
    for seed in range(part * count, part * count + count):
        random = Random(seed)
        text = document(random)
        splitter, blocks = fed(cuts(random, text))
        whole = split(text)
        assert [facts(block) for block in blocks] == [facts(block) for block in whole], f"seed {seed}"
        if whole:
            assert splitter.shared.references == whole[0].shared.references
            assert splitter.media == whole[0].shared.media


@pytest.mark.parametrize(
    "text", ["", "\n\n \n", "a", "a\n#", "```", "```\n", "- ", "\r", "a\r", "[a]: /u", "data:image/"]
)
def test_short_texts_split_the_same_at_every_character(text):
    assert [facts(b) for b in fed(list(text))[1]] == [facts(b) for b in split(text)]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*"-#>`|\n\n\n\n  1.a[]:*~=\t", "    ", "```", "|-|\n", "[a]: ", "- a\n", "1. "]), max_size=40
    )
)
@example(list("- a\n - b\n  - c\n   - d\n    - e\n"))
@example(list("[a]: /u\n'title\nmore'\n\n[a]"))
def test_texts_of_nothing_but_marks_split_the_same_at_every_character(parts):
    text = "".join(parts)
    assert [facts(b) for b in fed(list(text))[1]] == [facts(b) for b in split(text)]


def test_blocks_are_bounded_and_so_is_the_open_one():
    for seed in range(50):
        random = Random(seed)
        splitter = Splitter()
        blocks: list[Block] = []
        for piece in cuts(random, document(random)):
            blocks += splitter.feed(piece)
            blocks += [splitter.open] if splitter.open else []
        for block in blocks + splitter.finish():
            assert block.source.count("\n") <= MAX_LINES + 1, f"seed {seed}"
            assert len(block.source) <= MAX_CHARS + HEAD, f"seed {seed}"


def test_fenced_code_is_what_markdown_it_reads():
    fences = 0
    for seed in range(300):
        text = document(Random(seed))
        blocks = split(text)
        if any(block.kind == "markdown" and not block.last for block in blocks):
            continue  # cut for its length: markdown-it, which sees the whole, may read what follows otherwise
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        tokens = block_tokens(lines if lines.endswith("\n") else lines + "\n")
        wanted = [token for token in tokens if token.type == "fence" and token.level == 0]
        found = [block.fence for block in blocks if block.fence and block.first]
        assert [fence.code for fence in found] == [token.content.removesuffix("\n") for token in wanted], f"seed {seed}"
        assert [fence.language for fence in found] == [(token.info.split() or [""])[0] for token in wanted]
        fences += len(found)
    assert fences > 60


def leaves(text: str, references: dict[str, object]) -> list[tuple[str, str]]:
    tokens = block_tokens(text + "\n", dict(references))
    return [(t.type, t.content) for t in tokens if t.type in ("inline", "fence", "code_block", "html_block", "hr")]


def test_apart_the_blocks_say_what_they_said_together():
    compared = 0
    for seed in range(300):
        text = document(Random(seed)).replace("\r\n", "\n").replace("\r", "\n")
        blocks = split(text)
        if "data:image" in text or any(not block.last for block in blocks):
            continue
        apart: list[tuple[str, str]] = []
        for block in blocks:
            if block.kind == "code":
                apart.append(("fence", block.source))
            else:
                apart += leaves(block.source, block.shared.references)
        together = leaves(text, {})
        assert [(kind, said.rstrip("\n")) for kind, said in apart] == [
            (kind, said.rstrip("\n")) for kind, said in together
        ], f"seed {seed}"
        compared += 1
    assert compared > 90


def test_a_long_step_with_code_goes_on_inside_step_and_code():
    code = "".join(f"   x = {n}\n" for n in range(200))
    text = f"1. step\n   ```py\n{code}   ```\n2. next\n\nafter\n"
    blocks = split(text)
    assert len(blocks) > 4
    assert [block.reopened for block in blocks[:-2]] == [0] + [1] * (len(blocks) - 3)
    lines: list[str] = []
    for block in blocks[:-2]:
        fences = [token for token in block_tokens(block.source + "\n") if token.type == "fence"]
        assert [token.info for token in fences] == ["py"]
        lines += fences[0].content.splitlines()
    assert lines == [f"x = {n}" for n in range(200)]
    assert [block.source for block in blocks[-2:]] == ["2. next", "after"]


def test_quoted_code_and_long_tables_go_on_as_such():
    quoted = split("> ```py\n" + "> x = 1\n" * 100 + "> ```\n\nafter\n")
    fences = [t.content for b in quoted for t in block_tokens(b.source + "\n") if t.type == "fence"]
    assert "".join(fences).splitlines() == ["x = 1"] * 100
    assert quoted[-1].source == "after"
    head = "| a | b |\n|---|--:|\n"
    chunks = split(head + "| 1 | 2 |\n" * 200)
    assert all(chunk.source.startswith(head) for chunk in chunks)
    assert sum(chunk.source.count("| 1 | 2 |") for chunk in chunks) == 200
    assert [chunk.table_head for chunk in chunks] == [""] + [chunks[0].source] * (len(chunks) - 1)
    assert [chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


def test_a_table_with_a_row_too_long_to_repeat_its_head_loses_nothing():
    row = "| " + "word " * 3_000 + "|"
    blocks = split(f"| a |\n|---|\n{row}\n| b |\n")
    assert sum(block.source.count("word") for block in blocks) == 3_000
    assert sum(block.source.count("a |") for block in blocks) <= 2
    assert blocks[-1].source.endswith("| b |")


def test_items_are_blocks_numbered_through_and_tight_where_they_were():
    blocks = split("intro\n\n1. a\n1. b\n\n1. c\n\n- x\n- y\n\nend")
    assert [(b.source, b.lead, b.number) for b in blocks] == [
        ("intro", False, None),
        ("1. a", True, None),
        ("1. b", False, 2),
        ("1. c", True, 3),
        ("- x", True, None),
        ("- y", False, None),
        ("end", True, None),
    ]


def test_a_fence_in_chunks_has_its_code_and_positions():
    lines = [f"line {n}" for n in range(130)] + ["y" * (2 * MAX_CHARS + 7), "", "end"]
    blocks = split("````py title=x\n" + "\n".join(lines) + "\n````\nafter")
    chunks = blocks[:-1]
    assert {chunk.fence_id for chunk in chunks} == {0}
    assert chunks[0].fence is chunks[-1].fence
    assert chunks[0].fence is not None
    assert chunks[0].fence.code == "\n".join(lines)
    assert [chunk.first for chunk in chunks] == [True] + [False] * (len(chunks) - 1)
    assert [chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert [chunk.line for chunk in chunks] == [0, 48, 96, 130, 130, 130]
    assert [chunk.midline for chunk in chunks] == [False] * 4 + [True] * 2
    assert {chunk.language for chunk in chunks} == {"py"}


def test_the_code_of_an_open_fence_can_be_had_while_it_grows():
    splitter = Splitter()
    splitter.feed("```py\n" + "a\n" * 60 + "b")
    block = splitter.open
    assert block is not None
    assert block.fence is not None
    assert block.fence.code == "\n".join(["a"] * 60 + ["b"])
    assert block.chunk == 1
    splitter.feed("\n``")
    assert splitter.open is not None
    assert splitter.open.source.endswith("b"), "half a closing mark is not code yet"


def test_half_a_mark_is_not_shown_until_it_is_told_what_it_marks():
    splitter = Splitter()
    splitter.feed("text\n-")
    assert splitter.open is not None
    assert splitter.open.source == "text"
    splitter.feed("- more")
    assert splitter.open.source == "text\n-- more"
    assert splitter.finish()[0].source == "text\n-- more"


def test_link_definitions_are_known_to_all_blocks_of_the_message():
    blocks = split("see [one] and [Two]\n\n[one]: /a 'title'\n\n> [two]:\n> /b\n\nend")
    assert [block.source for block in blocks] == ["see [one] and [Two]", "> [two]:\n> /b", "end"]
    assert {key: value["href"] for key, value in blocks[0].shared.references.items()} == {"ONE": "/a", "TWO": "/b"}


PAYLOAD = "iVBORw0KGgo" * 200


def test_a_large_picture_is_taken_out_of_the_text_and_put_back_into_copied_code():
    address = f"data:image/png;base64,{PAYLOAD}=="
    text = f"![a cat]({address}) and {address}\n\n```css\nurl({address})\n```\n"
    for pieces in ([text], list(text), [text[i : i + 77] for i in range(0, len(text), 77)]):
        splitter, blocks = fed(pieces)
        assert blocks[0].source == "![a cat](media:0) and [image 2: png, 2 kB]"
        assert [media.kind for media in splitter.media] == ["png"] * 3
        assert splitter.media[0].payload == PAYLOAD + "=="
        assert blocks[1].fence is not None
        assert blocks[1].fence.code == f"url({address})"
    assert splitter.media[0].content().startswith(b"\x89PNG")


def test_a_picture_that_is_still_arriving_is_announced():
    splitter = Splitter()
    splitter.feed("here: data:image/webp;base64," + "QUJD" * 1000)
    assert splitter.open is not None
    assert splitter.open.source == "here: [image 1: webp, 3 kB]"


@pytest.mark.parametrize(
    "text", ["data:image/png;base64,iVBORw0KGgo...", "data:image/…", "data:imag", "see data:image/x;base"]
)
def test_short_examples_of_data_addresses_stay_in_the_text(text):
    assert [block.source for block in fed(list(text))[1]] == [text]


def parsed(text: str, step: int) -> int:
    splitter = Splitter()
    for at in range(0, len(text), step):
        splitter.feed(text[at : at + step])
    splitter.finish()
    return splitter.parsed_chars


@pytest.mark.parametrize("step", [7, 160, 16_000])
def test_twice_the_text_is_twice_the_work(step):
    once, twice = realistic(100_000), realistic(200_000)
    assert parsed(twice, step) / parsed(once, step) <= 2.6 * len(twice) / len(once) / 2
    assert parsed(once, step) <= 6 * len(once)


PATHOLOGICAL = {
    "a table": "| a | b |\n|---|---|\n" + "| x | y |\n" * 3_000,
    "one line": "word " * 12_000,
    "one quote": "> line\n" * 3_000,
    "one item": "- item\n" + "  more\n" * 3_000,
    "items": "- item\n" * 3_000,
    "definitions": "".join(f"[a{n}]: /u\n" for n in range(2_000)),
    "backticks": "`" * 20_000,
    "fences": "```\n" * 4_000,
    "rules": "---\n" * 3_000,
    "blank lines": "\n" * 20_000 + "x",
    "one html block": "<div>\n" + "text\n" * 3_000,
    "nested": "".join("  " * n + f"- {n}\n" for n in range(60)) * 3,
    "deep quotes": "".join(">" * n + " a\n" for n in range(1, 120)),
    "markers": "- " * 6_000 + "x\n" + "1. " * 3_000,
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_each_character_is_parsed_a_bounded_number_of_times(name):
    text = PATHOLOGICAL[name]
    assert parsed(text, 16_000) <= 5 * len(text) + MAX_CHARS
