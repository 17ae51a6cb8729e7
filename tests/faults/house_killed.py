"""Run by test_killed: whole houses that ask and are answered over a real line, killed at any moment, again and again.

python -m tests.faults.house_killed HOME KILLS

Several live side by side, each in a chat of its own, forked from one process so that a life costs no start. What a
life was told it had is written to a pipe; what the chat holds after the kill is compared with that. Prints as JSON.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import tui_chat.wire.client
import tui_chat.wire.http  # noqa: F401  # brought in once, not in every life
from tui_chat.chat.events import Changed, Event, Grew, TurnEnded
from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import NodeAdded
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.wire.messages import Text
from tui_chat.wiring import House

SIDE_BY_SIDE = 4
LIVES_OF_A_CHAT = 12
LONGEST_LIFE_S = 2.6
BUILDS_WITHIN_S = 20.0
COMES_ROUND_S = 0.25


def live(chat: str, life: int, pipe: int) -> NoReturn:
    """One life of the program: open the chat, ask, be answered, ask again; what happens is told in the pipe."""

    def tell(*facts: object) -> None:
        os.write(pipe, (json.dumps([time.monotonic(), *facts]) + "\n").encode())

    def emit(event: Event) -> None:
        if isinstance(event, Grew):
            tell("grew", event.node, len(event.text))
        elif isinstance(event, Changed) and isinstance(event.change, NodeAdded):
            node = event.change.node
            tell("kept", node.id, node.role, node.text)
        elif isinstance(event, TurnEnded):
            turns.append(event)
            house.engine.spawn(house.desk.send(chat, (Text(f"question {life} {len(turns)}"),)))

    turns: list[TurnEnded] = []
    house = House(emit)
    house.find_connection()
    house.engine.submit(house.desk.open(chat)).result()
    house.engine.submit(house.desk.send(chat, (Text(f"question {life} 0"),))).result()
    if life % 3 == 0:
        house.engine.submit(house.desk.send(chat, (Text(f"question {life} waits"),))).result()
    while True:
        signal.pause()


@dataclass
class Life:
    """One that is running."""

    number: int
    chat: str
    pid: int
    pipe: int
    lasts_s: float
    ends_s: float
    heard: bytes = b""


@dataclass
class Judge:
    """What was acknowledged in all lives, and what of it was missing afterwards."""

    library: Library
    kept: dict[str, dict[str, str]] = field(default_factory=dict)
    """Texts of settled messages by id, by chat."""
    wrong: list[str] = field(default_factory=list)
    acknowledged = 0
    partial = 0
    oldest_s = 0.0
    most_characters = 0
    most_settled = 0
    """The same of what had been told for as long as a busy machine may take to come round to writing it."""

    def look(self, life: Life, killed_s: float) -> None:
        """Open the chat of a life that was killed, and compare."""
        kept = self.kept[life.chat]
        growing: dict[str, list[tuple[float, int]]] = {}
        for line in life.heard.decode().splitlines(keepends=True):
            if not line.endswith("\n"):
                continue
            at_s, what, *facts = json.loads(line)
            if what == "grew":
                growing.setdefault(facts[0], []).append((at_s, facts[1]))
            else:
                kept[facts[0]] = facts[2]
                self.acknowledged += 1
                growing.pop(facts[0], None)
        opened = self.library.open(life.chat)
        opened.journal.close()
        tree = opened.conversation
        if opened.read_only is not None:
            self.wrong.append(f"{life.number}: {opened.read_only}")
        for id, text in kept.items():
            if id not in tree or tree.node(id).text != text or tree.node(id).altered:
                self.wrong.append(f"{life.number}: {id} is lost or other: {text[:40]!r}")
        for id, grown in growing.items():
            self._measure(life, grown, tree.node(id) if id in tree else None, killed_s)

    def _measure(self, life: Life, grown: list[tuple[float, int]], node: Node | None, killed_s: float) -> None:
        """How old is what of a growing answer is missing, and how much is it?"""
        text = node.text if node is not None else ""
        if text and not SAID.startswith(text):
            self.wrong.append(f"{life.number}: not what was said: {text[-80:]!r}")
        self.partial += bool(text)
        total = 0
        for at_s, length in grown:
            total += length
            if total > len(text):
                self.oldest_s = max(self.oldest_s, killed_s - at_s)
                break
        self.most_characters = max(self.most_characters, sum(length for _, length in grown) - len(text))
        settled = sum(length for at_s, length in grown if at_s < killed_s - COMES_ROUND_S)
        self.most_settled = max(self.most_settled, settled - len(text))


SAID = "".join(f"word{number} " for number in range(100_000))
"""What the scripted model says, from its beginning; slowly or fast."""


def begin(number: int, slot: int, judge: Judge) -> Life:
    chat = f"{slot:04x}{number // (SIDE_BY_SIDE * LIVES_OF_A_CHAT):06x}"
    if chat not in judge.kept:
        judge.kept[chat] = {}
        judge.library.create(Head(chat, model="m")).close()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            live(chat, number, writer)
        finally:
            os._exit(9)
    os.close(writer)
    os.set_blocking(reader, False)
    lasts_s = random.random() * random.choice([0.08, 0.4, LONGEST_LIFE_S])
    return Life(number, chat, pid, reader, lasts_s, time.monotonic() + BUILDS_WITHIN_S)


def hear(life: Life) -> None:
    """Take what lies in the pipe."""
    while True:
        try:
            more = os.read(life.pipe, 1 << 20)
        except BlockingIOError:
            return
        if not more:
            return
        # Counted from its first word on, or from the first of an answer: before that it only builds its house.
        awaited = b'"grew"' if life.number % 3 else b"kept"
        if awaited not in life.heard and awaited in life.heard + more:
            life.ends_s = time.monotonic() + life.lasts_s
        life.heard += more


def main(home: Path, kills: int) -> None:
    judge = Judge(Library(places({"YIBU_CHAT_HOME": str(home)})))
    lives: dict[int, Life] = {}
    begun = done = 0
    while done < kills:
        for slot in range(min(SIDE_BY_SIDE, kills)):
            if slot not in lives and begun < kills:
                lives[slot] = begin(begun, slot, judge)
                begun += 1
        select.select([life.pipe for life in lives.values()], [], [], 0.005)
        for slot, life in list(lives.items()):
            hear(life)
            now_s = time.monotonic()
            if now_s < life.ends_s:
                continue
            os.kill(life.pid, signal.SIGKILL)
            killed_s = time.monotonic()
            _, status = os.waitpid(life.pid, 0)
            if os.WIFEXITED(status):
                judge.wrong.append(f"{life.number}: ended by itself")
            hear(life)
            os.close(life.pipe)
            judge.look(life, killed_s)
            del lives[slot]
            done += 1
    print(
        json.dumps(
            {
                "kills": done,
                "chats": len(judge.kept),
                "acknowledged": judge.acknowledged,
                "lost_or_wrong": judge.wrong,
                "partial_answers": judge.partial,
                "most_seconds_missing": round(judge.oldest_s, 2),
                "most_characters_missing": judge.most_characters,
                "most_characters_missing_after_250_ms": judge.most_settled,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
