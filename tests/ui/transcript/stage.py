"""A stage with nothing on it but a transcript, and documents to put there."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.color import Color
from textual.message import Message

from tui_chat.ui.transcript.document import Document
from tui_chat.ui.transcript.entry import Entry, Outline, Prose, Section, Thought
from tui_chat.ui.transcript.fences import Fences
from tui_chat.ui.transcript.looks import Looks
from tui_chat.ui.transcript.page import page_of
from tui_chat.ui.transcript.pictures import Pictures
from tui_chat.ui.transcript.typeset import Typesetter
from tui_chat.ui.transcript.view import Transcript

PARAGRAPHS = (
    "The boardwalk leads through tall grass, and the sky above it is a **clear** blue with a few scattered clouds "
    "that nobody in the picture seems to look at.",
    "图片展示了一条穿过茂密绿色草地的木制栈道。天空湛蓝，点缀着几朵散落的云彩，营造出宁静祥和的氛围，适合散步、摄影或者冥想。",
    "- one\n- two\n  - nested `code`\n- three",
    "1. first\n2. second\n\n   with a paragraph of its own",
    "```python\ndef greet(name: str) -> str:\n    return f\"Hello, {name}\"\n\nprint(greet('you'))\n```",
    "| element | where |\n|---|---:|\n| sky | above |\n| 草地 | 两侧 |",
    "> quoted *words*\n> over two lines",
    "## A heading",
    "See [the docs](https://example.org/docs) and <https://example.org>.",
    "a very long line without a break " * 30,
)


def paper(number: int, paragraphs: int = 6) -> str:
    """A document of so many paragraphs, another one for each number."""
    return "\n\n".join(PARAGRAPHS[(number * 7 + i * 3) % len(PARAGRAPHS)] for i in range(paragraphs))


def entry(key: str, *sections: Section | str, role: str = "assistant", **more: object) -> Entry:
    """An entry with these sections; a string is prose."""
    made = tuple(Prose(section) if isinstance(section, str) else section for section in sections)
    return Entry(key, role, more.pop("speaker", role), made, **more)  # type: ignore[arg-type]


class Chat:
    """A conversation that counts what is loaded of it."""

    def __init__(self, count: int, paragraphs: int = 6) -> None:
        self.loaded: list[str] = []
        self._paragraphs = paragraphs
        self.outlines = [Outline(str(i), len(paper(i, paragraphs).encode())) for i in range(count)]

    def load(self, key: str) -> Entry:
        self.loaded.append(key)
        number = int(key)
        role = "user" if number % 2 == 0 else "assistant"
        sections: list[Section] = [Prose(paper(number, self._paragraphs))]
        if number % 5 == 1:
            sections.insert(0, Thought("Let me think.\n\nStep by step.", 3.1))
        return entry(key, *sections, role=role, meta="14:02", version=(2, 3) if number % 7 == 1 else (1, 1))


class Stage(App[None]):
    """Only a transcript."""

    CSS = "Transcript { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Transcript()

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def _note(self, message: Message) -> None:
        self.messages.append(message)

    on_transcript_asked = on_transcript_link_picked = on_transcript_code_picked = _note
    on_transcript_left_for_composer = on_transcript_end_reached = on_transcript_new_below = _note

    def noted(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.messages if isinstance(message, kind)]


def screen_rows(transcript: Transcript) -> list[str]:
    """What the viewport shows, row by row, as text."""
    return [transcript.render_line(y).text.rstrip() for y in range(transcript.size.height)]


def page_rows(transcript: Transcript) -> list[str]:
    """The whole page as text, as it is before anything is under the cursor."""
    document = transcript.document
    document.hold(None, 0, 10**9)
    return [transcript.painter.paint(y, None).text.rstrip() for y in range(document.total)]


def typesetter(width: int = 100) -> Typesetter:
    """A typesetter without a theme."""
    return Typesetter(
        page_of(width), Looks({}, Color(0, 0, 0), 0), Pictures(lambda picture: None), Fences(lambda: None)
    )


def laid(document: Document) -> list[tuple[str, bool]]:
    """Every row of the page: its text, and whether it is decoration."""
    document.hold(None, 0, 10**9)
    rows = []
    for slot in document.slots:
        for at, piece in enumerate(slot.pieces):
            if not piece.hidden:
                made = document.rows(slot, at)
                rows += [(strip.text, row in made.bare) for row, strip in enumerate(made.strips)]
    assert len(rows) + 1 == document.total
    return rows
