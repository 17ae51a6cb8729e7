"""Realistic Markdown of any size: headings, lists, tables, code, quotes, links, English and Chinese.

Everything comes from a seed, so the same call gives the same bytes on every machine and run.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

ENGLISH = [
    "the harbour keeps its own time and the boats answer to it",
    "a queue is a promise about order, not about speed",
    "rivers carry more than water when the snow melts",
    "every cache is a guess about the future",
    "we measured twice and the second figure was smaller",
    "the northern line closes at midnight in winter",
    "bread rises faster near the stove but tastes better without haste",
    "an index helps only those who know the word",
    "the committee read the letter aloud and adjourned",
    "light bends where the air is warm",
    "small tools survive because they can be understood",
    "the old bridge carries a railway and two footpaths",
    "most failures begin as a default that nobody chose",
    "glass is neither a slow liquid nor a simple solid",
]
CHINESE = [
    "港口的灯亮起来的时候，雨已经停了",
    "先量一次，再量一次，然后才动手",
    "把复杂的事情说清楚，比把它做快更难",
    "这条河在春天改道，村子也跟着搬了家",
    "缓存的本质是对未来的猜测",
    "他把地图折好，放进左边的口袋里",
    "队列保证的是顺序，不是速度",
    "山里的信号时有时无，消息要等到傍晚才到",
    "一张好表格胜过三段解释",
    "默认值往往是没有人真正选择过的值",
]
NAMES = ["harbour", "river", "ledger", "signal", "orchard", "lantern", "compass", "archive", "meadow", "turbine"]
WORDS = ["speed", "order", "weight", "depth", "clarity", "range", "noise", "cost"]

PYTHON = '''```python
def {name}(values: list[float], limit: int = {number}) -> float:
    """Weighted mean of the first `limit` values; 0.0 where there are none."""
    chosen = values[:limit]
    if not chosen:
        return 0.0
    return sum(v * (i + 1) for i, v in enumerate(chosen)) / sum(range(1, len(chosen) + 1))


print(f"{name}: {{{name}([1.5, {number}, 2.25]):.3f}}")
```'''
SHELL = """```bash
# 统计每个 {name} 文件的行数
find . -name '*.{name}' -print0 | xargs -0 wc -l | sort -rn | head -n {number}
```"""
SQL = """```sql
SELECT {name}.id, COUNT(*) AS total
FROM {name} JOIN {other} ON {other}.{name}_id = {name}.id
WHERE {other}.created_at >= DATE '2026-01-{number:02d}'
GROUP BY {name}.id
ORDER BY total DESC;
```"""
RUST = """```rust
fn {name}(input: &str) -> Result<u64, std::num::ParseIntError> {{
    input.split_whitespace().map(str::parse::<u64>).sum::<Result<u64, _>>() // up to {number} words
}}
```"""


def document(size_bytes: int, seed: int = 1) -> str:
    """Markdown whose UTF-8 form has exactly `size_bytes` bytes: whole sections, then plain words to fill up."""
    rng = random.Random(seed)
    parts: list[str] = []
    size = 0
    for section in sections(rng):
        grown = size + len(section.encode()) + 2
        if grown > size_bytes:
            break
        parts.append(section)
        size = grown
    head = "".join(f"{part}\n\n" for part in parts)
    filler = ""
    while len(filler.encode()) < size_bytes - size:
        filler += sentence(rng) + " "
    tail = filler.encode()[: size_bytes - size].decode(errors="ignore")
    return head + tail + "." * (size_bytes - size - len(tail.encode()))


def sections(rng: random.Random) -> Iterator[str]:
    """Endless blocks of Markdown, in an order that depends on `rng` alone."""
    kinds: tuple[Callable[[random.Random], str], ...] = (paragraph, bullets, table, code, numbered, quote, paragraph)
    number = 0
    while True:
        number += 1
        depth = 1 if number == 1 else rng.choice((2, 2, 3))
        link = rng.choice(("与", "and", "/"))
        yield f"{'#' * depth} {number}. {rng.choice(NAMES).title()} {link} {rng.choice(WORDS)}"
        yield paragraph(rng)
        for kind in rng.sample(kinds, 3):
            yield kind(rng)


def sentence(rng: random.Random) -> str:
    """One sentence, at times marked up, in one of the two languages."""
    if rng.random() < 0.4:
        text = rng.choice(CHINESE)
        return (f"**{text[:4]}**{text[4:]}" if rng.random() < 0.2 else text) + "。"
    words = rng.choice(ENGLISH).split()
    spot = rng.randrange(len(words))
    words[spot] = rng.choice(("{}", "{}", "{}", "**{}**", "*{}*", "`{}`", "[{}](https://example.org/a?b=1)")).format(
        words[spot]
    )
    return " ".join(words)[:1].upper() + " ".join(words)[1:] + "."


def paragraph(rng: random.Random) -> str:
    return " ".join(sentence(rng) for _ in range(rng.randint(2, 5)))


def bullets(rng: random.Random) -> str:
    lines: list[str] = []
    for _ in range(rng.randint(3, 5)):
        lines.append(f"- {sentence(rng)}")
        if rng.random() < 0.4:
            lines += [f"  - {sentence(rng)}", f"  - [x] {rng.choice(NAMES)}"]
    return "\n".join(lines)


def numbered(rng: random.Random) -> str:
    return "\n".join(f"{n}. {sentence(rng)}" for n in range(1, rng.randint(4, 7)))


def quote(rng: random.Random) -> str:
    return "\n".join(f"> {sentence(rng)}" for _ in range(rng.randint(1, 3)))


def table(rng: random.Random) -> str:
    rows = ["| 名称 Name | Amount | 说明 |", "|:---|---:|:---:|"]
    for _ in range(rng.randint(3, 6)):
        rows.append(f"| {rng.choice(NAMES)} | {rng.randint(1, 99999) / 100:.2f} | {rng.choice(CHINESE)[:8]} |")
    return "\n".join(rows)


def code(rng: random.Random) -> str:
    name, other = rng.sample(NAMES, 2)
    return rng.choice((PYTHON, SHELL, SQL, RUST)).format(name=name, other=other, number=rng.randint(2, 28))


def tokens(text: str) -> list[str]:
    """The text in pieces of the size models stream: about four Latin letters, or one or two Chinese characters."""
    return re.findall(r"\s*[^\W\u2e80-\uffff]{1,5}|[\u2e80-\uffff]{1,2}|\s*[^\w\s]{1,2}|\s+|.", text, re.DOTALL)
