from __future__ import annotations

import random
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from tests.long_form import long_form
from tui_chat.chat.inert import inert
from tui_chat.chat.markdown import as_markdown
from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import Conversation, NodeAdded
from tui_chat.wire.messages import Image, Part, Text, ToolResult

OWN = frozenset(
    {*("p", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "a", "img")}
    | {*("table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6")}
)
"""What Markdown itself makes; none of it acts but a link that is followed and a picture that is fetched."""
PIECES = [
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- ", "-->", "<b", ">", "<?php", "</style>"),
    *("![p](https://evil.example/?q=1)", "![p][r]", "[r]: https://evil.example/p", "[c](javascript:alert(1))", "[r]"),
    *(
        "[r]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "[e](&#106;avascript:alert(1))",
        "<iframe>",
        "<svg/onload=1>",
    ),
    *(
        "```",
        "````",
        "~~~",
        "`",
        "``",
        "\\",
        "\\\\",
        "    ",
        "\t",
        "> ",
        "- ",
        "| a | b |",
        "|---|---|",
        "# h",
        "words",
    ),
    *(
        "\n",
        "\n",
        "\n\n",
        "<pre>",
        "</pre>",
        "<div>",
        "<a href=data:text/html,x>",
        "[x](data:text/html,x)",
        "&lt;",
        "!",
        "[",
    ),
]


class Acting(HTMLParser):
    """What of a page acts: tags that are not Markdown's own, pictures, addresses of other kinds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.headings = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.headings += tag == "h2"
        address = next((value or "" for name, value in attrs if name in ("href", "src")), "")
        fetched = tag == "img" and not address.startswith("blobs/")
        elsewhere = ":" in address and not address.startswith(("http:", "https:", "mailto:"))
        if tag not in OWN or fetched or elsewhere:
            self.found.append((tag, attrs))

    def handle_comment(self, data: str) -> None:
        self.found.append(data)

    def handle_pi(self, data: str) -> None:
        self.found.append(data)


def shown(markdown: str) -> Acting:
    """As a viewer shows it that obeys all: HTML, and addresses of every kind."""
    viewer = MarkdownIt("commonmark", {"html": True}).enable("table")
    viewer.validateLink = lambda url: True  # type: ignore[method-assign]
    return Acting(viewer.render(markdown))


def exported(*parts: Part) -> str:
    conversation = Conversation(Head("c", title="<b>title</b> ![x](https://evil.example/t)"))
    conversation.apply(NodeAdded(Node("u", None, "user", (Text("hi"),))))
    conversation.apply(NodeAdded(Node("a", "u", "assistant", parts, model="<i>m</i>", finish="stop")))
    conversation.apply(NodeAdded(Node("b", "a", "user", (Text("last"),))))
    return as_markdown(conversation)


@pytest.mark.parametrize("piece", PIECES)
def test_row_113_nothing_said_acts_in_an_export(piece: str) -> None:
    for parts in ((Text(f"before {piece}"),), (Text(f"{piece}\n\nbehind"),), (ToolResult("1", piece),)):
        assert shown(exported(*parts)).found == []


def test_row_113_nothing_made_of_all_of_it_acts_either(record_property: pytest.FixtureRequest) -> None:
    chance = random.Random(113)
    texts = long_form("EXPORTS", 150)
    for _ in range(texts):
        said = "".join(chance.choices(PIECES, k=chance.randrange(1, 14)))
        page = shown(exported(Text(said)))
        assert page.found == [], said
        assert shown(inert(said)).found == [], said
    record_property("exports", texts)  # type: ignore[operator]


def test_row_113_a_fence_left_open_does_not_take_the_next_message() -> None:
    for fence in ("```", "~~~~", "```py"):
        assert shown(exported(Text(f"look:\n\n{fence}\ncode"))).headings == 3
    assert "````" in exported(ToolResult("1", "``` \n<b>"))


def test_what_does_not_act_stays_as_it_was() -> None:
    for text in (
        "a < b, `<b>`, [link](https://example.org) and <https://example.org>",
        "```html\n<script>alert(1)</script>\n```",
        "1 < 2 & 3 > 2 \\<b>",
        "![own](blobs/ab)",
    ):
        assert inert(text) == text
    assert "\\![shown](https://example.org/p.png)" in exported(Image(url="https://example.org/p.png", name="shown"))
