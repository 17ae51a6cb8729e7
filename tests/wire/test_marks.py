"""Thoughts and pictures that are marked inside the text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_chat.wire.marks import Marks

URI = "data:image/png;base64," + "QUJD" * 40


def sort(pieces):
    marks, text, reasoning = Marks(), "", ""
    for piece in [*(marks.feed(piece) for piece in pieces), marks.flush()]:
        if piece.anew:
            text = reasoning = ""
        text += piece.text
        reasoning += piece.reasoning
    return text, reasoning, tuple(marks.images)


CASES = [
    ("plain", ("plain", "", ())),
    ("<think>\nthought\n</think>\n\nanswer", ("answer", "thought", ())),
    ("  \n<think>thought</think>answer", ("answer", "thought", ())),
    ("<thinking>a</thinking>b", ("b", "a", ())),
    ("<think>\n\n</think>\n\nanswer", ("answer", "", ())),
    ("<think>a</think><think>b</think>c", ("c", "a\n\nb", ())),
    ("<think>never closed ", ("", "never closed", ())),
    ("<think>", ("", "", ())),
    ("lost opening\n</think>\n\nanswer", ("answer", "lost opening", ())),
    ("lost</think>answer</think>x", ("answer</think>x", "lost", ())),
    ("</think>answer", ("answer", "", ())),
    ("\n\nkept space", ("\n\nkept space", "", ())),
    ("The tag `<think>` opens, `</think>` closes.", ("The tag `<think>` opens, `</think>` closes.", "", ())),
    ("```\n</think>\n```\nin code", ("```\n</think>\n```\nin code", "", ())),
    ("later <think>is text</think>", ("later <think>is text</think>", "", ())),
    ("1 < 2 and <th", ("1 < 2 and <th", "", ())),
    (f"before ![image]({URI}) after", ("before  after", "", (URI,))),
    (f"[media]({URI})", ("", "", (URI,))),
    (f"![a]({URI})![b]({URI}2)", ("", "", (URI, f"{URI}2"))),
    ("![alt](https://example.org/a.png)", ("![alt](https://example.org/a.png)", "", ())),
    ("![x](data:text/plain,hello)", ("![x](data:text/plain,hello)", "", ())),
    ("![x](data:image/png;base64,AAAA BBB)", ("![x](data:image/png;base64,AAAA BBB)", "", ())),
    ("done![", ("done![", "", ())),
    ("[media] [medley](x)", ("[media] [medley](x)", "", ())),
    ("Hello!", ("Hello!", "", ())),
    (f"cut ![image]({URI}", ("cut ", "", ())),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:24] for text, _ in CASES])
def test_marks_are_sorted_however_they_are_split(text, expected):
    assert sort([text]) == expected
    assert sort(list(text)) == expected
    assert all(sort([text[:n], text[n:]]) == expected for n in range(len(text)))


@given(
    st.lists(
        st.sampled_from(
            [
                "<think>",
                "</think>",
                "<",
                ">",
                "`",
                "```",
                "\n",
                " ",
                "a",
                "!",
                "[",
                "]",
                "(",
                ")",
                "data:",
                "media",
                "![i](",
            ]
        ),
        max_size=14,
    ),
    st.data(),
)
@settings(max_examples=300, deadline=None)
def test_any_split_sorts_as_the_whole_does(tokens, data):
    text = "".join(tokens)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert sort(pieces) == sort([text]) == sort(list(text))


def test_what_is_held_back_is_pending():
    marks = Marks()
    assert marks.feed("a <").text == "a "
    assert marks.pending.text == "<"
    assert marks.flush().text == "<"
    assert marks.pending.text == ""


def test_a_thought_from_a_field_makes_a_closing_mark_mere_text():
    marks = Marks()
    marks.no_lone_closing()
    assert marks.feed("x</think>y").text == "x</think>y"
