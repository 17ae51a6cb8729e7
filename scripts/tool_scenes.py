"""What the pictures of tools show: a small garden of files, and the answers that call tools on it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.gateway.answers import Answer
from tests.gateway.friendly import Plan, stream
from tests.waiting import eventually

if TYPE_CHECKING:
    from textual.pilot import Pilot

GARDEN = Path("/tmp/garden")
"""A fixed place, since pictures show its path."""
WATERING = """def litres(day: int) -> float:
    return 4.0 if day % 2 else 0.0

print(sum(litres(day) for day in range(7)))
"""
AFTER_ROUND = """Seven days of watering come to **12 litres**: the script waters on odd days only.

| day | litres |
|---|---:|
| 1, 3, 5 | 4.0 each |
| 0, 2, 4, 6 | 0.0 |"""


def plant(home: Path) -> None:
    """Put the files there and grant the folder."""
    shutil.rmtree(GARDEN, ignore_errors=True)
    GARDEN.mkdir(parents=True)
    (GARDEN / "watering.py").write_text(WATERING, "utf-8", newline="\n")
    (GARDEN / "beds.csv").write_text("bed,plant\n1,beans\n2,chard\n", "utf-8", newline="\n")
    (home / "settings.toml").write_text(f'tool_folders = ["{GARDEN.as_posix()}"]\n', "utf-8", newline="\n")


def calling(text: str, *calls: tuple[str, dict[str, Any]]) -> Answer:
    """An answer that calls tools."""
    made = [
        {
            "index": at,
            "id": f"call_{at}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)},
        }
        for at, (name, arguments) in enumerate(calls)
    ]
    extras = tuple({"tool_calls": [call]} for call in made)
    return stream(Plan(text, 0.0, finish="tool_calls", extras=extras), _asked())


def saying(text: str) -> Answer:
    """An answer in words."""
    return stream(Plan(text, 0.0), _asked())


def _asked() -> dict[str, Any]:
    return {"model": "gpt-4.1", "messages": [{"role": "user", "content": ""}], "stream": True}


ANSWERS: dict[str, list[Callable[[], Answer]]] = {
    "approval": [
        lambda: calling(
            "我先看看最近的改动。",
            ("shell", {"command": "git log --oneline -5 && git status --short", "timeout_s": 20}),
        )
    ],
    "approval-diff": [
        lambda: calling(
            "Every third day is enough for beans. I change one line.",
            (
                "edit_file",
                {
                    "path": "watering.py",
                    "old": "    return 4.0 if day % 2 else 0.0",
                    "new": "    return 4.0 if day % 3 == 0 else 0.0",
                },
            ),
        )
    ],
    "round": [
        lambda: calling(
            "Let me look at the files, then add it up.",
            ("find_text", {"text": "litres"}),
            ("read_file", {"path": "watering.py"}),
            ("calculate", {"expression": "3 * 4.0"}),
        ),
        lambda: saying(AFTER_ROUND),
    ],
}
"""What the model says, one request after the other."""
TOOLS = ("current_time", "calculate", "read_file", "find_text", "edit_file", "shell")


def ask(question: str, until: Callable[[Any], bool]) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Switch tools on, ask, wait until the chat screen is so far."""

    async def act(pilot: Pilot[None]) -> None:
        chat: Any = pilot.app.screen
        await switch_on(chat)
        chat.composer.prompt.insert(question)
        await pilot.press("enter")
        await eventually(lambda: until(chat), 20, what=question)
        await pilot.pause()

    return act


async def switch_on(chat: Any) -> None:
    """Switch the tools on in the chat on screen."""
    await chat.room.engine(chat.room.house.desk.set_head, chat.chat, tools=TOOLS)
    await eventually(lambda: chat.talk.head.tools == TOOLS)


def card_is_read(chat: Any) -> bool:
    """A call asks, and its end was seen."""
    card = chat.parts.approving.card
    return card is not None and card.has_focus and card.sheet.seen


def is_over(chat: Any) -> bool:
    """The model has answered with what the tools gave."""
    talk = chat.talk
    return not talk.is_busy and bool(talk.shown) and "12 litres" in talk.node(talk.shown[-1]).text


async def open_panel(pilot: Pilot[None]) -> None:
    """The tools panel, the cursor on the shell."""
    chat: Any = pilot.app.screen
    await switch_on(chat)
    await pilot.press("f6")
    await eventually(lambda: chat.parts.sides.panel is not None and chat.parts.sides.panel.tools.offer.ready)
    panel = chat.parts.sides.panel.tools
    await eventually(lambda: panel.list.option_count > 10)
    ids = [panel.list.get_option_at_index(at).id for at in range(panel.list.option_count)]
    panel.list.highlighted = ids.index("tool:shell")
    await pilot.pause()


async def unfold(pilot: Pilot[None]) -> None:
    """A finished round, one of its cards unfolded."""
    await ask("How much water do the beans get in a week?", is_over)(pilot)
    chat: Any = pilot.app.screen
    transcript = chat.transcript
    caller = transcript.document.slot(chat.talk.shown[-2])
    rows = [at for at, piece in enumerate(caller.pieces) if piece.kind == "call"]
    transcript.fold(caller, rows[1])
    transcript.action_end()
    await pilot.pause()
