"""What do the clients have to show? One realistic Markdown answer of any size, the same bytes on every machine.

Headings, paragraphs, lists, tables, quotes and short code in English and Chinese come from the documents of the
tests; every few sections there is a code block of fifty lines, as models write them.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import count

from tests.gateway.documents import document, sections

MARK = "end-of-answer"
"""The last word of every answer: who sees it on the screen has seen the whole."""
LONG_CODE_EVERY = 14
CODE_LINES = 50


@cache
def answer(size_bytes: int, seed: int = 7) -> str:
    """Markdown of `size_bytes` bytes of UTF-8 with `MARK` as its last line."""
    rng = random.Random(seed)
    parts: list[str] = []
    size = 0
    room = size_bytes - len(MARK)
    for number, section in enumerate(sections(rng)):
        for part in (section, long_code(number)) if number % LONG_CODE_EVERY == 5 else (section,):
            grown = size + len(part.encode()) + 2
            if grown > room:
                return "".join(f"{each}\n\n" for each in (*parts, filler(room - size), MARK))[:-2]
            parts.append(part)
            size = grown
    raise AssertionError("sections never end")


def filler(size_bytes: int) -> str:
    """Plain words of so many bytes, with the blank line that ends them."""
    if size_bytes < 2:
        return ""
    words = "the rest is silence and so is the sea "
    return (words * (size_bytes // len(words) + 1))[: size_bytes - 2]


def long_code(number: int) -> str:
    """A fence of Python, `CODE_LINES` lines long."""
    lines = [f"class Ledger{number}:", f'    """What was written on page {number}; 第 {number} 页。"""', ""]
    for method in count():
        lines += [
            f"    def entry_{method}(self, amount: float, note: str = 'page {number}') -> dict[str, object]:",
            f"        total = round(amount * {1 + method / 8:.3f}, 2)  # 含税",
            f"        if total > {100 * (method + 1)}:",
            '            raise ValueError(f"too much: {total} {note!r}")',
            "        return {'note': note, 'total': total}",
            "",
        ]
        if len(lines) >= CODE_LINES:
            return "\n".join(("```python", *lines[:CODE_LINES], "```"))
    raise AssertionError


def message(number: int, size_bytes: int = 900) -> str:
    """One message of a long chat, of about this many bytes, unlike its neighbours."""
    return f"{number}: {document(size_bytes, seed=number % 40)}"
