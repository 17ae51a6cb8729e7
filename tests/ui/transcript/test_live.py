from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ui.transcript.specimens import cuts
from tests.ui.transcript.specimens import document as specimen
from tests.ui.transcript.stage import entry, laid, typesetter
from tui_chat.ui.transcript.document import Document
from tui_chat.ui.transcript.entry import Chip, Notice, Prose, Section, Thought

seeds = st.integers(0, 10**6)


def whole(*sections: Section | str) -> list[tuple[str, bool]]:
    document = Document(typesetter())
    document.put(entry("k", *sections))
    return laid(document)


def links(document: Document) -> list[tuple[int, list[tuple[int, int, str]]]]:
    """Where all links lead, by the piece they are in."""
    (slot,) = document.slots
    return [(at, found) for at in range(len(slot.pieces)) for found in document.rows(slot, at).links.values()]


@settings(max_examples=12, deadline=None)
@given(seeds)
def test_what_was_streamed_looks_like_what_is_loaded(seed: int) -> None:
    random = Random(seed)
    source = specimen(random)
    document = Document(typesetter())
    document.begin(entry("k"))
    for text in cuts(random, source):
        document.grow(document.growths["k"], "prose", text)
        if random.random() < 0.2:
            document.hold(None, 0, 20)
    document.settle(entry("k", source))
    assert laid(document) == whole(source)
    loaded = Document(typesetter())
    loaded.put(entry("k", source))
    assert links(document) == links(loaded)


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_reasoning_and_answer_may_come_in_any_order(seed: int) -> None:
    random = Random(seed)
    thought, answer = specimen(random)[:3000] + "x", specimen(random)[:3000] + "y"
    left = {"thought": cuts(random, thought), "prose": cuts(random, answer)}
    document = Document(typesetter())
    document.begin(entry("k", Chip("file.pdf")))
    while any(left.values()):
        voice = random.choice([voice for voice, texts in left.items() if texts])
        document.grow(document.growths["k"], voice, left[voice].pop(0))  # type: ignore[arg-type]
        if random.random() < 0.2:
            document.hold(None, 0, 20)
    growing = document.growths["k"].entry.sections
    assert growing == (Chip("file.pdf"), Thought(thought), Prose(answer))
    final = (Chip("file.pdf"), Thought(thought, 2.5), Prose(answer))
    document.settle(entry("k", *final))
    assert laid(document) == whole(*final)


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_an_entry_may_be_shown_in_the_middle_of_its_growth(seed: int) -> None:
    random = Random(seed)
    source = specimen(random)
    at = random.randrange(len(source) + 1)
    document = Document(typesetter())
    document.begin(entry("k", Thought("hm"), source[:at]))
    document.grow(document.growths["k"], "prose", source[at:])
    document.settle(entry("k", Thought("hm"), source))
    assert laid(document) == whole(Thought("hm"), source)


def test_a_final_form_that_says_something_else_is_shown_as_it_is() -> None:
    document = Document(typesetter())
    document.begin(entry("k"))
    document.grow(document.growths["k"], "prose", "what was streamed")
    document.settle(entry("k", "what was kept", Chip("and a file")))
    assert laid(document) == whole("what was kept", Chip("and a file"))
    assert not document.growths


def test_only_the_open_block_is_made_again() -> None:
    document = Document(typesetter())
    document.begin(entry("k"))
    growth = document.growths["k"]
    for number in range(40):
        document.grow(growth, "prose", f"paragraph {number}\n\n")
    before = list(growth.slot.pieces)
    at, old = document.grow(growth, "prose", "more")
    assert growth.slot.pieces[: len(before) - 1] == before[:-1]
    assert at >= len(before) - 1
    assert old is before[-1]


def test_a_definition_that_comes_late_gives_earlier_text_its_link() -> None:
    document = Document(typesetter())
    document.begin(entry("k"))
    growth = document.growths["k"]
    document.grow(growth, "prose", "See [the docs][d].\n\n> - [d]\n\n| [a][d] |\n|---|\n")
    laid(document)
    document.grow(growth, "prose", "\n[d]: https://example.org/docs\n\nEnd.\n\n")
    laid(document)
    found = links(document)
    assert [href for _, row in found for _, _, href in row] == ["https://example.org/docs"] * 3
    assert len({at for at, _ in found}) == 3, "of whatever block, also of the message before the definition"


def test_what_is_added_to_the_final_form_comes_below_what_was_streamed() -> None:
    final = (Thought("hm", 1.0), Prose("said"), Notice("warning", ("Stopped.", "n continue")), Prose("Sources"))
    document = Document(typesetter())
    document.begin(entry("k"))
    growth = document.growths["k"]
    document.grow(growth, "thought", "hm")
    document.grow(growth, "prose", "said")
    laid(document)
    pieces = list(growth.slot.pieces)
    document.settle(entry("k", *final))
    assert laid(document) == whole(*final)
    assert growth.slot.pieces[:3] == pieces[:3]


def test_a_picture_that_came_within_the_text_is_drawn_below_it() -> None:
    said = "Here it is:\n\n![a cat](data:image/png;base64," + "iVBORw0KGgo" * 60 + ")\n\nDone."
    document = Document(typesetter())
    document.begin(entry("k"))
    for at in range(0, len(said), 50):
        document.grow(document.growths["k"], "prose", said[at : at + 50])
        document.hold(None, 0, 20)
    slot = document.settle(entry("k", said))
    assert [piece.kind for piece in slot.pieces[-3:]] == ["prose", "gap", "picture"]
    assert laid(document) == whole(said)
    assert not any("iVBOR" in text for text, _ in laid(document))
