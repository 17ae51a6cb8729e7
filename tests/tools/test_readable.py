"""A page becomes the text a person would read, in one pass however it is broken."""

import random
import time

import pytest

from tests.long_form import long_form
from tui_chat.tools.readable import decoded_page, readable

PAGE = """<!DOCTYPE html><html><head><title>A &amp; B</title><script>if (a<b) "</p>"</script><style>x{}</style>
<body class="a>b"><nav><ul><li><a href="/x">X</a></li><li>Y<ul><li>Z1<li>Z2</ul></ul></nav>
<h1>Head <em>line</em></h1><p>Text   with
<b>bold</b>, <code>x=1</code> and <a href='page?q=1'> a link</a>.<br>next</p>
<pre><code>def f():
    return 1 &lt; 2

x</code></pre><table><tr><th>a</th><th>b</th></tr><tr><td>1<td>2</table><ol><li>one</li><li>two</li></ol>
<img alt="pic" src=x><p>3 < 4 and 5 > 4 <!-- hidden --> end<svg><title>no</title><text>t</text></svg>
<a href="javascript:alert(1)">run</a><textarea><p>raw</textarea>"""
TEXT = """- [X](https://e.com/x)
- Y
  - Z1
  - Z2

# Head line

Text with bold, `x=1` and [a link](https://e.com/d/page?q=1).
next

```
def f():
    return 1 < 2

x
```

a | b
1 | 2

1. one
2. two

[image: pic]

3 < 4 and 5 > 4 end run<p>raw"""


def test_a_page_is_read_as_a_person_reads_it():
    assert readable(PAGE, "https://e.com/d/") == ("A & B", TEXT)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        ("<p>a<p>b", "a\n\nb"),
        ("<head><meta x><p>no end of the head", "no end of the head"),
        ("<script>never ends", ""),
        ("a<a href='x", "a"),
        ("a<!-- never ends", "a"),
        ("<b>1 <3</b> 2", "1 <3 2"),
        ("&lt;script&gt;&amp;amp;&#20013;&nbsp;x", "<script>&amp;中 x"),
        ("<div hidden>x</div><noscript>y</noscript>z", "x\nz"),
        ("<a href='http://[bad'>x</a>", "x"),
        ("</p></ul></h1></a></pre>x", "x"),
        ("<SCRIPT>x</ScRiPt>y", "y"),
        ("<pre>a\n\n  b</pre>c", "```\na\n\n  b\n```\n\nc"),
    ],
)
def test_broken_pages_are_read_too(page: str, text: str):
    assert readable(page, "https://e.com/")[1] == text


def test_no_page_takes_more_than_one_pass():
    pages = {
        "<": "<" * 100_000,
        "tags that never end": "<a " * 35_000,
        "quotes that never end": '<a x="' * 20_000 + '>"',
        "both quotes": "<a x=\"' y='\"" * 10_000 + ">",
        "comments": "<!--" * 25_000,
        "comments that end": "<!---->" * 15_000,
        "scripts": "<script></script" * 7_000,
        "entities": "&" * 100_000,
        "lists": "<ul><li>" * 12_000,
        "hidden": "<svg>" * 15_000 + "</svg>" * 15_000,
        "attributes": "<a " + "x=" * 50_000 + ">",
        "blanks": "<a =" + " " * 100_000,
        "links": "<a href=x>y</a>" * 6_000,
        "breaks": "<br>" * 25_000,
    }
    for name, page in pages.items():
        started = time.process_time()
        readable(page, "https://e.com/")
        assert time.process_time() - started < 1.5, name


def test_any_mixture_of_pieces_is_read():
    chance = random.Random(5)
    pieces = [
        "<p",
        "<a href=",
        '"x"',
        "'",
        '"',
        ">",
        "</",
        "<!--",
        "-->",
        "<script",
        "<pre>",
        "</pre>",
        "<li>",
        "ul>",
        "<",
    ]
    pieces += [
        "text",
        " ",
        "\n",
        "&amp;",
        "&#x110000;",
        "&#0;",
        "<td>",
        "<title>",
        "\0",
        "中",
        "<h1>",
        "<svg>",
        "</svg>",
    ]
    for _ in range(long_form("PAGES", 1500)):
        title, text = readable("".join(chance.choice(pieces) for _ in range(chance.randint(0, 30))), "http://e.com")
        assert isinstance(title + text, str)


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("中".encode("gb18030"), "gb2312", "中"),
        (b"<meta charset='gbk'>" + "中".encode("gbk"), "", "<meta charset='gbk'>中"),
        (b'<meta http-equiv=x content="text/html; charset=big5">' + "中".encode("big5"), "", None),
        (b"\xef\xbb\xbf" + "中".encode(), "latin1", "中"),
        ("中".encode("utf-16"), "", "中"),
        ("é".encode(), "no-such-charset", "é"),
        (b"\xe9", "iso-8859-1", "é"),
        (b"\xff", "", "\ufffd"),
        (b"abc", "rot13", "abc"),
        (b"abc", "zlib", "abc"),
    ],
)
def test_bytes_become_text_by_the_best_known_charset(content: bytes, charset: str, text: str | None):
    decoded = decoded_page(content, charset)
    assert decoded == text if text is not None else decoded.endswith("中")
