"""Scenes of what can be looked at in an answer: its probabilities, its JSON, its sources, the answers beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.waiting import eventually
from tui_chat.chat.node import Head, Node, Timing
from tui_chat.chat.tree import LeafChosen, NodeAdded
from tui_chat.wire.logprobs import Likely, Logprobs, Token, pack
from tui_chat.wire.messages import Citation, Part, Text, Usage

if TYPE_CHECKING:
    from textual.pilot import Pilot

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "planets": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "moons": {"type": "integer", "minimum": 0},
                    "rings": {"type": "boolean"},
                },
                "required": ["name", "moons", "rings"],
            },
        }
    },
    "required": ["planets"],
}
PLANETS = {
    "planets": [
        {"name": "火星", "moons": 2, "rings": False},
        {"name": "土星", "moons": 274, "rings": True},
        {"name": "天王星", "moons": "28", "rings": True},
    ]
}
TOKENS: tuple[tuple[str, float, tuple[tuple[str, float], ...]], ...] = (
    ("The", 0.94, (("A", 0.03), ("It", 0.01))),
    (" capital", 0.91, ((" city", 0.05),)),
    (" of", 0.99, ((" city", 0.004),)),
    (" Australia", 0.97, ((" the", 0.02),)),
    (" is", 0.98, ((",", 0.01),)),
    (" Canberra", 0.62, ((" Sydney", 0.31), (" not", 0.04), (" Melbourne", 0.01))),
    (",", 0.44, ((".", 0.49), (" —", 0.03))),
    (" a", 0.38, ((" not", 0.33), (" which", 0.12), (" chosen", 0.05))),
    (" quiet", 0.04, ((" planned", 0.55), (" city", 0.22), (" purpose", 0.08))),
    (" city", 0.89, ((" town", 0.06),)),
    (" between", 0.22, ((" in", 0.31), (" that", 0.18), (" of", 0.12))),
    (" Sydney", 0.83, ((" the", 0.1),)),
    (" and", 0.99, ((",", 0.005),)),
    (" Melbourne", 0.98, ((" the", 0.01),)),
    (".", 0.87, ((",", 0.06),)),
)
RIVERS = """长江全长约 6300 公里，是亚洲第一长河。三峡水电站装机容量 2250 万千瓦，至今仍是世界上最大的水电站。

- 流域面积约 180 万平方公里
- 发源于唐古拉山脉"""
POEMS = (
    "**Fog**\n\nThe harbour hums in grey;\na gull writes one line and crosses it out.",
    "**Low tide**\n\nBoats lean on their elbows,\nwaiting for the sea to finish its sentence.",
    "**Night ferry**\n\n> A lit window\n> crosses the dark on foot.",
)


def _likely(text: str, share: float) -> Likely:
    return Likely(text, math.log(share), text.encode())


def _chat(shelf: Any, question: str, answers: tuple[Node, ...], **head: Any) -> None:
    """One chat of a question and its answers, the first of them chosen."""
    from screenshots import START

    journal = shelf.library.create(Head("answers", START, model="gpt-4.1", **head))
    journal.append(NodeAdded(Node("q", None, "user", (Text(question),), START)))
    for answer in answers:
        journal.append(NodeAdded(answer))
    if len(answers) > 1:
        journal.append(LeafChosen(answers[0].id))
    journal.close()


def _answer(number: int, *parts: Part, **more: Any) -> Node:
    from screenshots import START

    return Node(
        f"a{number}",
        "q",
        "assistant",
        parts,
        START + timedelta(minutes=1),
        model="gpt-4.1",
        finish="stop",
        usage=Usage(31, 58, 89),
        timing=Timing(0.4, 1.9),
        **more,
    )


def heat(shelf: Any) -> None:
    """An answer with the probabilities of its tokens."""
    tokens = []
    for text, share, others in TOKENS:
        top = [_likely(text, share), *(_likely(*other) for other in others)]
        tokens.append(Token(top[0], tuple(sorted(top, key=lambda likely: -likely.logprob))))
    blob = shelf.blobs.keep(pack(Logprobs(tuple(tokens))))
    said = "".join(text for text, _, _ in TOKENS)
    _chat(shelf, "What is the capital of Australia?", (_answer(0, Text(said), logprobs=blob),))


def structured(shelf: Any) -> None:
    """An answer that fits its schema but for one place."""
    values = {"response_format": {"type": "json_schema", "json_schema": {"name": "planets", "schema": SCHEMA}}}
    said = Text(json.dumps(PLANETS, ensure_ascii=False, indent=2))
    _chat(shelf, "列出三颗行星，用 JSON", (_answer(0, said, values=values),), values=values)


def cited(shelf: Any) -> None:
    """An answer with sources."""
    sources = (
        Citation("https://zh.wikipedia.org/wiki/长江", "长江 - 维基百科", 0, 22),
        Citation("https://www.ctg.com.cn/sxjt/", "三峡集团：三峡水电站", 22, 55),
        Citation("https://zh.wikipedia.org/wiki/长江", "长江 - 维基百科", 57, 75),
    )
    _chat(shelf, "长江有多长？三峡水电站有多大？", (_answer(0, Text(RIVERS), *sources),))


def several(shelf: Any) -> None:
    """Three answers to one question."""
    answers = tuple(_answer(number, Text(poem)) for number, poem in enumerate(POEMS))
    _chat(shelf, "A three-line poem about a harbour", answers, values={"n": 3})


def look(screen: str, *keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Press keys on the last answer; wait for the screen that opens."""

    async def act(pilot: Pilot[None]) -> None:
        await pilot.press("escape", "end", keys[0])
        await eventually(lambda: type(pilot.app.screen).__name__ == screen)
        await pilot.pause()
        await pilot.press(*keys[1:])

    return act
