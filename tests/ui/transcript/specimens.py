"""Markdown to try the splitter and the layout on: random documents from a seed, and a realistic one of any length."""

from __future__ import annotations

# ruff: noqa: SIM905
from random import Random

WORDS = (
    "the quick brown fox jumps over lazy dog alpha beta don’t state-of-the-art f(x) `code` **bold** *em* ~~no~~ "
    "https://example.com/a/b?c=d [link](https://example.org) ![pic](https://img.example.net/x.png) 世界 你好，世界！ "
    "“引用” （括号）内容。 《书名》 日本語テキスト、です 한국어 문장 🎉 👨‍👩‍👧 naïve 1,000.50 a|b \\* &amp; <br> "
    "[ref] [note][1]"
).split()


def words(random: Random, count: int) -> str:
    return " ".join(random.choice(WORDS) for _ in range(count))


def paragraph(random: Random) -> str:
    return "\n".join(words(random, random.randint(1, 14)) for _ in range(random.randint(1, 5))) + "\n"


def fence(random: Random, lines: int | None = None) -> str:
    mark = random.choice(["```", "~~~", "````"])
    indent = " " * random.choice([0, 0, 0, 1, 3])
    count = random.choice([0, 1, 2, 3, 5, 8, 13, 60]) if lines is None else lines
    texts = [
        "def f(x):",
        "\treturn x",
        "",
        "    '''text",
        "  # ```",
        "```" if mark != "```" else "x = 1",
        "  - a",
        "世界",
    ]
    body = "".join(indent * random.randint(0, 1) + random.choice(texts) + "\n" for _ in range(count))
    language = random.choice(["", "python", "py", "js title=x", "nosuchlanguage"])
    end = "" if random.random() < 0.05 else f"{indent}{mark}\n"
    return f"{indent}{mark}{language}\n{body}{end}"


def inset(text: str, margin: str) -> str:
    return "".join(margin + line if line.strip() else line for line in text.splitlines(keepends=True))


def bullets(random: Random, depth: int = 0) -> str:
    ordered = random.random() < 0.4
    number = random.choice([1, 1, 7, 98])
    spaced = random.random() < 0.3
    out = []
    for at in range(random.randint(1, 7)):
        marker = f"{number + at * random.choice([0, 1, 1])}. " if ordered else random.choice(["- ", "- ", "* "])
        text = words(random, random.randint(0, 20)) + "\n"
        margin = " " * len(marker)
        if depth < 3 and random.random() < 0.25:
            text += inset(bullets(random, depth + 1), margin)
        if random.random() < 0.15:
            text += ("\n" if random.random() < 0.6 else "") + inset(fence(random), margin)
        if random.random() < 0.1:
            text += "\n" + inset(paragraph(random), margin)
        if random.random() < 0.05:
            text += "\n" + inset(table(random), margin)
        out.append(" " * random.choice([0, 0, 0, 0, 1, 2]) + marker + text)
    return ("\n" if spaced else "").join(out)


def table(random: Random) -> str:
    columns = random.randint(1, 5)

    def row() -> str:
        cells = (words(random, random.randint(0, 4)).replace("|", "/") for _ in range(columns))
        return "| " + " | ".join(cells) + " |\n"

    rule = "|" + "|".join(random.choice(["---", ":--", "--:", ":-:"]) for _ in range(columns)) + "|\n"
    return row() + rule + "".join(row() for _ in range(random.choice([0, 1, 2, 3, 4, 5, 60])))


def quote(random: Random) -> str:
    inner = "".join(random.choice([paragraph, bullets, fence, table])(random) for _ in range(random.randint(1, 2)))
    return "".join("> " + line for line in inner.splitlines(keepends=True))


def odd(random: Random) -> str:
    return random.choice(
        [
            "# Heading\n",
            "## 标题 `x`\n",
            "Setext\n===\n",
            "Setext *two*\n---\n",
            "---\n",
            "***\n",
            "    indented code\n\n    more\n",
            "<div>\nhtml *not em*\n</div>\n",
            "<!-- comment\n\nmore -->\n",
            "[1]: https://example.com/one 'title'\n",
            '[ref]:\n/url\n"title\nmore"\n',
            "[ref]: /url\n'not a title\n",
            "- [ ] open\n- [x] done\n",
            "para\n#\n",
            "para\n- \n",
            "a | b\n-|-\n",
            "- a\n - b\n  - c\n   - d\n    - e\n",
            "-\n- x\n\n  y\n-\n\n  z\n",
            "\r\ncarriage\rreturn\r\n",
            "+ + + x\n",
            "1) one\n2. two\n",
            "> lazy\nline\n",
            "```unclosed `x\n",
        ]
    )


def long_one(random: Random) -> str:
    """Something that has to be cut, or taken out."""
    return random.choice(
        [
            "![p](data:image/png;base64," + "QUJD" * random.choice([5, 90, 400]) + ")\n",
            "data:image/gif;base64," + "R0lG" * 100 + "\n",
            "word " * 1500 + "\n",
            "长" * 7000 + "\n",
            "- " + "item。" * 2500 + "\n",
            "line of a long paragraph\n" * 70,
            fence(random, lines=150),
            "".join(table(random) for _ in range(3)),
            "> " + inset("text\n" * 90, "> "),
            "1. step\n" + inset(fence(random, lines=110), "   ") + "2. next\n",
        ]
    )


def document(random: Random) -> str:
    makers = [paragraph, paragraph, bullets, bullets, fence, table, quote, odd, odd]
    parts = []
    count = random.randint(1, 7)
    long_at = random.randrange(40)
    for at in range(count):
        parts.append((long_one if at == long_at else random.choice(makers))(random))
        parts.append(random.choice(["\n", "\n", "\n", "", "\n\n", "  \n"]))
    text = "".join(parts)
    return text if random.random() < 0.7 else text.rstrip("\n")


def cuts(random: Random, text: str) -> list[str]:
    """`text` in pieces of random lengths, up to about a hundred of them."""
    most = max(random.choice([1, 3, 40, 500, 6_000]), len(text) // 50)
    pieces = []
    at = 0
    while at < len(text):
        size = random.randint(1, most)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def realistic(chars: int, seed: int = 7) -> str:
    """About `chars` characters of what a model answers: sections of prose, lists, code and a table now and then."""
    random = Random(seed)
    plain = "a model answers with plain words and **strong** ones, a `name` or a [link](https://example.com) .".split()
    code = [
        "def handler(request: Request, limit: int = 10) -> Response:",
        '    """Answer one request."""',
        "    items = [item for item in request.items if item.count > limit]",
        "    for index, item in enumerate(items):",
        '        print(f"{index}: {item.name!r}")  # shown to the user',
        "    return Response(200, {'items': len(items), 'ok': True})",
        "",
    ]
    out: list[str] = []
    size = 0
    section = 0

    def prose(count: int) -> str:
        return " ".join(random.choice(plain) for _ in range(count))

    while size < chars:
        section += 1
        part = [f"## Section {section}\n\n", prose(70) + ".\n\n", "这一段是中文，说明一下做法。" * 6 + "\n\n"]
        part += [f"{n}. {prose(18)}\n" for n in range(1, 5)] + ["\n"]
        part += [f"- **{prose(2)}**: {prose(14)}\n" for _ in range(4)] + ["\n"]
        part += ["```python\n", *(random.choice(code) + "\n" for _ in range(random.randint(6, 24))), "```\n\n"]
        if section % 3 == 0:
            part += ["| name | value | note |\n|---|---:|---|\n"]
            part += [f"| {prose(2)} | {random.randint(1, 9999)} | {prose(5)} |\n" for _ in range(6)] + ["\n"]
        text = "".join(part)
        out.append(text)
        size += len(text)
    return "".join(out)
