"""Draw screenshots/*.svg: the real program on fixed conversations, never by hand.

python scripts/screenshots.py [NAME …]
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import answer_scenes  # noqa: E402
import tool_scenes  # noqa: E402

from tests.gateway.server import FakeGateway  # noqa: E402  # after the path is set
from tests.waiting import eventually  # noqa: E402
from tui_chat import words  # noqa: E402
from tui_chat.chat.node import Head, Node, Timing  # noqa: E402
from tui_chat.chat.tree import Change, NodeAdded  # noqa: E402
from tui_chat.store.blobs import Blobs  # noqa: E402
from tui_chat.store.places import Places, places  # noqa: E402
from tui_chat.store.sessions import Library  # noqa: E402
from tui_chat.wire.messages import Image, Part, Reasoning, Text, Usage  # noqa: E402

if TYPE_CHECKING:
    from textual.pilot import Pilot

BLANK, CELL = "&#160;", 12.2
"""A blank in the picture, and its width."""
OUT = ROOT / "screenshots"
START = datetime.now(UTC).replace(hour=9, minute=2, second=0, microsecond=0)

HASH_TABLE = """A hash table turns a key into an **array index**, so finding a value takes the same time \
however many there are.

```python
class HashTable:
    def __init__(self, size: int = 8) -> None:
        self.buckets: list[list[tuple[str, int]]] = [[] for _ in range(size)]

    def put(self, key: str, value: int) -> None:
        bucket = self.buckets[hash(key) % len(self.buckets)]
        bucket[:] = [pair for pair in bucket if pair[0] != key]  # replace
        bucket.append((key, value))
```

| operation | average | worst case |
|-----------|:-------:|-----------:|
| look-up   |  O(1)   |       O(n) |
| insert    |  O(1)   |       O(n) |

The worst case needs every key in one bucket: a good hash function and growing in time prevent it."""

BOARDWALK = """图片展示了一条穿过茂密绿色草地的**木制栈道**，笔直地伸向远处的地平线。天空湛蓝，
飘着几朵散落的云，营造出宁静祥和的氛围。

| 元素 | 位置 | 颜色 |
|---|---|---|
| 木栈道 | 画面中央，向远处延伸 | 浅棕 |
| 草地 | 栈道两侧 | 深浅不一的绿 |
| 天空 | 画面上半部 | 蓝，带白云 |

> 这类栈道常见于湿地保护区，让人能走近自然而不踩到植物。"""

LIFETIMES = """借用检查器关心的是：**引用不能比它指向的值活得更久**。
生命周期参数只是把这种关系写出来，并不改变值活多久。

```rust
fn longest<'a>(a: &'a str, b: &'a str) -> &'a str {
    if a.len() >= b.len() { a } else { b }
}
```

1. `'a` 表示返回值至少活到 `a` 和 `b` 中**较短**的那个。
2. 调用者据此知道结果能用到什么时候。
3. 大多数情况下可以省略，由编译器按规则推断。"""


def photo() -> bytes:
    """A boardwalk through grass under a blue sky, drawn."""
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFilter

    width, height = 800, 533
    picture = Pillow.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    horizon = 250
    for y in range(horizon):
        share = y / horizon
        draw.line([(0, y), (width, y)], fill=(int(70 + 110 * share), int(140 + 75 * share), 235))
    for y in range(horizon, height):
        share = (y - horizon) / (height - horizon)
        draw.line([(0, y), (width, y)], fill=(int(95 - 30 * share), int(160 - 45 * share), int(70 - 25 * share)))
    for x, y, size in ((150, 90, 60), (210, 80, 80), (270, 95, 55), (560, 130, 70), (620, 120, 90), (690, 135, 60)):
        draw.ellipse([x - size, y - size // 3, x + size, y + size // 3], fill=(245, 248, 252))
    draw.polygon([(385, horizon), (415, horizon), (640, height), (170, height)], fill=(196, 164, 120))
    for plank in range(14):
        y = horizon + int((height - horizon) * (plank / 14) ** 1.7)
        half = 15 + int(220 * ((y - horizon) / (height - horizon)))
        draw.line([(400 - half, y), (400 + half, y)], fill=(140, 110, 76), width=2)
    file = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(file, "JPEG", quality=88)
    return file.getvalue()


class Shelf:
    """Writes fixed chats into a fresh home."""

    def __init__(self, home: Path) -> None:
        self.places: Places = places({**os.environ, "YIBU_CHAT_HOME": str(home)})
        self.library = Library(self.places)
        self.blobs = Blobs(self.places.blobs)
        self._count = 0

    def chat(self, model: str, *turns: tuple[tuple[Part, ...], tuple[Part, ...]], **head: object) -> None:
        """One chat of questions and answers."""
        self._count += 1
        started = START - timedelta(hours=7 - self._count)
        journal = self.library.create(Head(f"{self._count:010x}", started, model=model, **head))  # type: ignore[arg-type]
        parent: str | None = None
        at = started
        for number, (asked, answered) in enumerate(turns):
            at += timedelta(minutes=2)
            question = Node(f"q{number}", parent, "user", asked, at)
            answer = Node(
                f"a{number}",
                question.id,
                "assistant",
                answered,
                at,
                model=model,
                finish="stop",
                usage=Usage(1117, 246, 1363, 1024, 0),
                timing=Timing(0.6, 3.5),
            )
            for change in (NodeAdded(question), NodeAdded(answer)):
                journal.append(change)
            parent = answer.id
        journal.close()

    def change(self, chat: str, change: Change) -> None:
        """One more change of a chat."""
        journal = self.library.open(chat).journal
        journal.append(change)
        journal.close()


def say(question: str, answer: str, *before: Part) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    return (Text(question),), (*before, Text(answer))


def fill(shelf: Shelf, chinese: bool) -> None:
    """The chats of the list; the last one is shown."""
    if chinese:
        shelf.chat("deepseek-v3.2", say("帮我润色这份周报", "好的。"))
        shelf.chat("gpt-4.1", say("这条 SQL 为什么慢？", "因为没有用上索引。"))
        shelf.chat("qwen3-max", say("给猫起个名字", "叫“豆包”怎么样？"))
        thought = Reasoning("用户想理解生命周期。先说直觉，再给例子，最后说省略规则。", 3.1)
        shelf.chat("deepseek-v3.2", say("用最简单的话解释 Rust 的生命周期", LIFETIMES, thought))
    else:
        shelf.chat("gpt-4.1", say("Polish my weekly report", "Gladly."))
        shelf.chat("claude-sonnet-4-5", say("Why is this SQL query slow?", "It can't use an index."))
        shelf.chat("qwen3-max", say("A name for a grey cat", "Smoke."))
        shelf.chat("gpt-4.1", say("Explain how a hash table works, with a short Python example", HASH_TABLE))


def vision(shelf: Shelf) -> None:
    content = photo()
    fill(shelf, True)
    blob = shelf.blobs.keep(content)
    picture = Image(blob, media_type="image/jpeg", name="boardwalk.jpg", width=800, height=533, size=len(content))
    shelf.chat("gpt-4.1", ((picture, Text("图片里有什么？")), (Text(BOARDWALK),)))


def garden(shelf: Shelf, chinese: bool = False) -> None:
    fill(shelf, chinese)
    tool_scenes.plant(shelf.places.config)


async def nothing(pilot: Pilot[None]) -> None:
    """Leave it as it is."""


async def panels(pilot: Pilot[None]) -> None:
    await pilot.press("f5")
    await eventually(lambda: pilot.app.screen.query("ParametersPanel"))
    await pilot.pause()
    await pilot.press("down", *"0.7")


def tuned(shelf: Shelf) -> None:
    fill(shelf, False)
    values = {"temperature": 0.2, "seed": 7, "max_completion_tokens": 400}
    shelf.chat("gpt-4.1", say("Three names for a grey cat", "Smoke, Ash, Pebble."), values=values)


async def inspector(pilot: Pilot[None]) -> None:
    await pilot.press("ctrl+r")
    await eventually(lambda: "You said" in _text(pilot.app.export_screenshot()))
    await pilot.press("escape", "end", "I")
    await eventually(lambda: pilot.app.screen.query("Sheet"))


Draw = tuple[str, tuple[int, int], Callable[[Shelf], None] | None, Callable[["Pilot[None]"], Awaitable[None]], str]
DRAWINGS: dict[str, Draw] = {
    "welcome": ("en", (100, 34), None, nothing, "Start"),
    "chat": ("en", (120, 40), lambda shelf: fill(shelf, False), nothing, "worst case"),
    "chat-zh": ("zh", (120, 36), lambda shelf: fill(shelf, True), nothing, "生命周期"),
    "vision": ("zh", (120, 44), vision, nothing, "栈道"),
    "inspector": ("en", (120, 36), tuned, inspector, "Pebble"),
    "tools": ("en", (130, 40), garden, tool_scenes.open_panel, "worst case"),
    "approval": (
        "zh",
        (120, 34),
        lambda shelf: garden(shelf, True),
        tool_scenes.ask("花园的浇水脚本最近改了什么？", tool_scenes.card_is_read),
        "生命周期",
    ),
    "approval-diff": (
        "en",
        (120, 36),
        garden,
        tool_scenes.ask("Water the beans every third day only", tool_scenes.card_is_read),
        "worst case",
    ),
    "round": ("en", (120, 40), garden, tool_scenes.unfold, "worst case"),
    "heat": (
        "en",
        (110, 32),
        lambda shelf: (fill(shelf, False), answer_scenes.heat(shelf)),  # type: ignore[func-returns-value]
        answer_scenes.look("HeatScreen", "H", *["right"] * 5),
        "Canberra",
    ),
    "structured": (
        "zh",
        (110, 32),
        lambda shelf: (fill(shelf, True), answer_scenes.structured(shelf)),  # type: ignore[func-returns-value]
        answer_scenes.look("StructuredScreen", "T"),
        "土星",
    ),
    "citations": (
        "zh",
        (110, 28),
        lambda shelf: (fill(shelf, True), answer_scenes.cited(shelf)),  # type: ignore[func-returns-value]
        nothing,
        "唐古拉",
    ),
    "choices": (
        "en",
        (130, 28),
        lambda shelf: (fill(shelf, False), answer_scenes.several(shelf)),  # type: ignore[func-returns-value]
        answer_scenes.look("ChoicesScreen", "V", "tab"),
        "harbour",
    ),
    "panels": ("en", (130, 40), lambda shelf: fill(shelf, False), panels, "worst case"),
}


async def draw(name: str) -> None:
    language, size, prepare, act, shown = DRAWINGS[name]
    with tempfile.TemporaryDirectory() as home, FakeGateway() as gateway:
        os.environ.update({"YIBU_CHAT_HOME": home, "LANG": "zh_CN.UTF-8" if language == "zh" else "en_US.UTF-8"})
        for variable in ("LC_ALL", "LC_MESSAGES", "YIBU_API_KEY", "YIBU_BASE_URL"):
            os.environ.pop(variable, None)
        words.speak(language)
        if prepare is not None:
            os.environ.update({"YIBU_API_KEY": "sk-screenshot", "YIBU_BASE_URL": gateway.base_url})
            prepare(Shelf(Path(home)))
            gateway.script(*(answer() for answer in tool_scenes.ANSWERS.get(name, ())))
        await _photograph(name, size, act, shown, prepare is not None)


async def _photograph(
    name: str, size: tuple[int, int], act: Callable[[Pilot[None]], Awaitable[None]], shown: str, last: bool
) -> None:
    from tui_chat.ui.app import TuiOptions, YibuApp
    from tui_chat.ui.watch import Watch
    from tui_chat.wiring import House

    watch = Watch()
    app = YibuApp(House(watch.put), watch, TuiOptions(last=last))
    try:
        async with app.run_test(size=size) as pilot:
            await eventually(lambda: shown in _text(app.export_screenshot()), 20, what=shown)
            await act(pilot)
            await pilot.pause(0.5)  # pictures are decoded on a thread
            (OUT / f"{name}.svg").write_text(_steady(app.export_screenshot(title="yibu-chat")), "utf-8", newline="\n")
    finally:
        app.close()
    print(f"screenshots/{name}.svg")


def _text(svg: str) -> str:
    return re.sub(r"<[^>]+>", "", svg).replace("&#160;", " ")


def _steady(svg: str) -> str:
    """Without the random prefix of class names, so that an unchanged picture is an unchanged file.

    Web fonts are left out: the file fetches nothing. Blanks at the ends of a piece of text become its position, since
    some renderers drop them.
    """
    svg = re.sub(r"terminal-\d+", "terminal-1", svg)
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return re.sub(r'x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>([^<]*)</text>', _placed, svg)


def _placed(piece: re.Match[str]) -> str:
    x, y, length, rest, text = piece.groups()
    while text.startswith(BLANK):
        text = text.removeprefix(BLANK)
        x, length = float(x) + CELL, float(length) - CELL
    while (bare := text.removesuffix(BLANK)) != text:
        text, length = bare, float(length) - CELL
    return f'x="{float(x):.1f}" y="{y}" textLength="{float(length):.1f}"{rest}>{text}</text>'


def main() -> int:
    names = sys.argv[1:] or list(DRAWINGS)
    OUT.mkdir(exist_ok=True)
    if len(names) == 1:
        asyncio.run(draw(names[0]))
        return 0
    import subprocess

    # A process each: key labels are spoken once, when the key table is first imported.
    return max(subprocess.run([sys.executable, __file__, name], check=False).returncode for name in names)


if __name__ == "__main__":
    sys.exit(main())
