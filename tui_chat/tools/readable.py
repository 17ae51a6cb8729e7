"""What would a person read on this web page? Its text with headings, lists, links, tables and code, and nothing else.

The reader goes once through the page, without looking back: the parsers at hand, the standard library's among them,
take quadratic time over pages made for that. It keeps what HTML means to a reader, not its tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin

_TAG = re.compile(
    r"""<(?:(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)
        (?P<rest>(?:[^>="']++|=\s*+"[^"]*+"|=\s*+'[^']*+'|[="'])*+)>|(?P<odd>[!?]))""",
    re.VERBOSE,
)
_STARTS = re.compile("</?[a-zA-Z]")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'=<>`]++)))?""")
_BLANKS = re.compile(r"[ \t\n\r\f\xa0]+")
_HIDDEN = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "object", "head", "select", "dialog"))
"""What nobody sees; the title is taken from the head before."""
_RAW = frozenset(("script", "style", "textarea", "title", "iframe", "noscript", "xmp", "noembed"))
"""Elements in which tags are text until their own end."""
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "html", "legend", "main", "nav"),
        *("ol", "p", "section", "summary", "table", "tbody", "tfoot", "thead", "ul"),
    )
)
_APART = frozenset(("article", "blockquote", "dl", "ol", "p", "section", "table", "ul"))
"""Blocks with an empty line before and after them."""
_IN_HEAD = frozenset(("base", "link", "meta", "noscript", "object", "script", "style", "template", "title"))
_LINK_CHARACTERS = 300
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_.:-]{2,40})""", re.IGNORECASE)


def decoded_page(content: bytes, charset: str) -> str:
    """A page's bytes as text: by the server's charset, else the page's own, else UTF-8; what is wrong is replaced."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(name, "replace")
    if not charset and (found := _META_CHARSET.search(content[:4096])):
        charset = found[1].decode("ascii")
    names = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}
    charset = names.get(charset.lower(), charset) or "utf-8"
    try:
        if not isinstance(b"".decode(charset), str):
            raise LookupError
        return content.decode(charset, "replace")
    except (LookupError, ValueError, TypeError):  # no such charset, or a codec that isn't one of text
        return content.decode("utf-8", "replace")


def readable(page: str, url: str = "") -> tuple[str, str]:
    """The title and the text of an HTML page.

    Args:
        page: HTML, however broken.
        url: where it is from; relative links count from there.
    """
    reader = _Reader(url)
    for kind, name, rest in _pieces(page):
        if kind == "text":
            reader.text(rest)
        elif kind == "start":
            reader.start(name, rest)
        else:
            reader.end(name)
    return reader.title(), reader.whole()


def _pieces(page: str) -> Iterator[tuple[str, str, str]]:
    """Texts, start tags and end tags in order; comments, declarations and what never ends are left out."""
    at = 0
    while at < len(page):
        begin = page.find("<", at)
        if begin < 0:
            yield "text", "", page[at:]
            return
        if begin > at:
            yield "text", "", page[at:begin]
        tag = _TAG.match(page, begin)
        if tag is None:
            if _STARTS.match(page, begin):
                return  # a tag that never ends swallows the rest, as in a browser
            yield "text", "", "<"
            at = begin + 1
            continue
        if tag["odd"]:
            mark, length = ("-->", 3) if page.startswith("<!--", begin) else (">", 1)
            close = page.find(mark, begin + 2)
            if close < 0:
                return
            at = close + length
            continue
        name, at = tag["name"].lower(), tag.end()
        if tag["end"]:
            yield "end", name, ""
            continue
        yield "start", name, tag["rest"]
        if name in _RAW:
            end = re.compile(f"</{name}", re.IGNORECASE).search(page, at)
            if end is None:
                return
            yield "text", "", page[at : end.start()]
            at = end.start()


class _Reader:
    """Writes the text down as the pieces come."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._done: list[str] = []
        """Finished lines."""
        self._line: list[str] = []
        self._hidden: list[str] = []
        """Open elements whose content nobody sees."""
        self._title: list[str] = []
        self._in_title = False
        self._code = 0
        self._lists: list[int] = []
        """Open lists: the number of the next item, 0 for one without numbers."""
        self._link: tuple[str, int] | None = None
        """Where the open link leads, and how much of the line came before it."""
        self._prefix = ""
        """What the line begins with: a heading's or an item's mark."""

    def title(self) -> str:
        return _BLANKS.sub(" ", "".join(self._title)).strip()[:500]

    def whole(self) -> str:
        self._break()
        text = "\n".join(line.rstrip() for line in self._done)
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def text(self, raw: str) -> None:
        text = unescape(raw)
        if self._in_title:
            self._title.append(text)
        elif self._hidden:
            return
        elif self._code:
            first, *more = text.split("\n")
            self._line.append(first)
            for line in more:
                self._done.append("".join(self._line))
                self._line = [line]
        elif text := _BLANKS.sub(" ", text):
            self._line.append(text.lstrip() if not self._line or self._line[-1].endswith(" ") else text)

    def start(self, name: str, rest: str) -> None:
        if name == "title" and not self._title and "svg" not in self._hidden:
            self._in_title = True
        if self._hidden == ["head"] and name not in _IN_HEAD:
            self._hidden.clear()  # pages may leave the end of the head out
        if self._hidden:
            if name in _HIDDEN and len(self._hidden) < 100:
                self._hidden.append(name)
        elif name in _HIDDEN:
            self._hidden.append(name)
        elif len(name) == 2 and name[0] == "h" and name[1] in "123456":
            self._break(blank=True)
            self._prefix = f"{'#' * int(name[1])} "
        elif name == "br":
            self._break()
        elif name == "hr":
            self._break(blank=True)
        elif name == "pre":
            self._break(blank=True)
            self._done.append("```")
            self._code += 1
        elif name == "code" and not self._code:
            self._line.append("`")
        elif name == "li":
            self._item()
        elif name in ("td", "th"):
            if self._line:
                self._line.append(" | ")
        elif name == "tr":
            self._break()
        elif name == "a":
            self._link = (_attributes(rest).get("href", ""), len(self._line))
        elif name == "img":
            if alternative := _BLANKS.sub(" ", _attributes(rest).get("alt", "")).strip():
                self._line.append(f"[image: {alternative[:_LINK_CHARACTERS]}]")
        elif name in _BLOCKS:
            self._break(blank=name in _APART and not self._lists)
            if name in ("ul", "ol") and len(self._lists) < 50:
                self._lists.append(1 if name == "ol" else 0)

    def end(self, name: str) -> None:
        if name == "title":
            self._in_title = False
        if self._hidden:
            if name in self._hidden:
                del self._hidden[len(self._hidden) - 1 - self._hidden[::-1].index(name) :]
            return
        if len(name) == 2 and name[0] == "h" and name[1] in "123456":
            self._break(blank=True)
        elif name == "pre" and self._code:
            self._break()
            self._code -= 1
            self._done += ["```", ""]
        elif name == "code" and not self._code:
            self._line.append("`")
        elif name == "a":
            self._end_link()
        elif name in ("li", "tr"):
            self._break()
        elif name in _BLOCKS:
            if name in ("ul", "ol") and self._lists:
                self._lists.pop()
            self._break(blank=name in _APART and not self._lists)

    def _item(self) -> None:
        self._break()
        depth = max(0, len(self._lists) - 1)
        mark = "-"
        if self._lists and self._lists[-1]:
            mark = f"{self._lists[-1]}."
            self._lists[-1] += 1
        self._prefix = f"{'  ' * depth}{mark} "

    def _end_link(self) -> None:
        link, self._link = self._link, None
        if link is None or link[1] > len(self._line):
            return
        target, at = link
        label = "".join(self._line[at:]).strip()
        try:
            target = urljoin(self._url, target.strip())
        except ValueError:
            return
        if label and target.startswith(("http://", "https://")) and len(target) <= _LINK_CHARACTERS:
            spaced = " " if self._line[at:] and self._line[at].startswith(" ") else ""
            self._line[at:] = [f"{spaced}[{label}]({target})"]

    def _break(self, *, blank: bool = False) -> None:
        """End the line; with `blank` an empty one follows."""
        line = "".join(self._line)
        if self._link is not None:
            self._link = (self._link[0], 0)
        self._line.clear()
        if line.strip() or (line and self._code):
            self._done.append(f"{self._prefix}{line if self._code else line.strip()}")
            self._prefix = ""
        if blank:
            if self._done and self._done[-1]:
                self._done.append("")
            self._prefix = ""


def _attributes(rest: str) -> dict[str, str]:
    """The attributes of a tag; of two with one name the first counts, as in a browser."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(rest[:20_000]):
        found.setdefault(match[1].lower(), unescape(match[2] or match[3] or match[4] or ""))
    return found
