"""Run by test_tool_killed: a chat whose model calls tools without end, killed at any moment, again and again.

python -m tests.faults.tool_killed HOME KILLS

Every call has an id of its own, and every run of one leaves a line with that id in a file. Prints as JSON how many
calls ran, which ran twice, whose result says other than what happened, and how many requests were not valid.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import NoReturn

from tests.chat.tools import is_valid
from tui_chat.chat.desk import Desk
from tui_chat.chat.events import CallAsks, Event
from tui_chat.chat.node import Head, new_id
from tui_chat.engine import Engine
from tui_chat.store.blobs import Blobs
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.tools.approval import Decision
from tui_chat.tools.box import Box
from tui_chat.tools.check import require_schema
from tui_chat.tools.tool import Danger, Outcome, Surroundings, Tool
from tui_chat.wire.delta import Delta, ToolCallDelta
from tui_chat.wire.messages import Text
from tui_chat.wire.request import Request

CHAT = "deadbeef44"
SCHEMA = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}


def talk(home: Path, pipe: int) -> NoReturn:
    """One life of the program: open the chat, say something, let the model call tools without end."""

    def tell(word: str) -> None:
        os.write(pipe, f"{word}\n".encode())

    async def run(arguments: Mapping[str, object], _: Surroundings) -> Outcome:
        with (home / "ran").open("a") as file:
            file.write(f"{arguments['id']}\n")
        tell("ran")
        await asyncio.sleep(random.random() * 0.002)
        tell("done")
        return Outcome("done")

    async def ask(request: Request) -> AsyncGenerator[Delta, None]:
        if not is_valid(list(request.messages)):
            (home / "invalid").open("a").write("x")
        tell("asked")
        name = random.choice(["write", "look"])
        pieces = []
        for index in range(random.choice([1, 1, 2, 3])):
            id = f"call_{new_id()}"
            pieces.append(ToolCallDelta(index, id, name, json.dumps({"id": id})))
        yield Delta(text="hm", tool_calls=tuple(pieces))
        yield Delta(finish_reason="tool_calls")

    def emit(event: Event) -> None:
        if isinstance(event, CallAsks):
            engine.spawn(desk.decide(CHAT, event.call.id, Decision("once")))

    def tool(name: str, danger: Danger) -> Tool:
        return Tool(name, name, SCHEMA, danger, run=run)

    engine = Engine()
    desk = Desk(
        ask=ask,
        shelf=Library(places({"YIBU_CHAT_HOME": str(home)})),
        blobs=Blobs(home / "blobs"),
        engine=engine,
        emit=emit,
        continue_prompt=lambda: "",
        toolbox=lambda: Box().plus([tool("write", "writes"), tool("look", "harmless")]),
        surroundings=lambda _: Surroundings(home),
    )
    engine.submit(desk.open(CHAT)).result()
    tell("opened")
    while True:
        engine.submit(desk.send(CHAT, (Text("go on"),))).result()
        signal.pause() if random.random() < 0.9 else None


def main(home: Path, kills: int) -> None:
    library = Library(places({"YIBU_CHAT_HOME": str(home)}))
    library.create(Head(CHAT, model="m", tools=("write", "look"))).close()
    require_schema(SCHEMA)  # brings in what checks calls, once instead of in every life
    for number in range(kills):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            random.seed(number)
            talk(home, writer)
        os.close(writer)
        heard = b""
        while heard.count(b"\n") < 1 + number % 13 and (more := os.read(reader, 65536)):
            heard += more
        select.select([], [], [], random.random() * 0.005)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
    print(json.dumps(judged(home, library)))


def judged(home: Path, library: Library) -> dict[str, object]:
    """What the chat says of its calls, beside what really ran."""
    lines = (home / "ran").read_text().split() if (home / "ran").exists() else []
    opened = library.open(CHAT)
    opened.journal.close()
    tree = opened.conversation
    nodes = [tree.node(id) for id in tree.path()]
    called = {call.id for node in nodes for call in node.calls}
    results = [node.result for node in nodes if node.result is not None]
    said = {result.call_id: result.decision for result in results}
    ran = set(lines)
    return {
        "readable": opened.read_only is None and not any(node.altered for node in nodes),
        "calls": len(called),
        "ran": len(ran),
        "twice": sorted(id for id, count in Counter(lines).items() if count > 1),
        "results_twice": len(results) - len(said),
        # the last life's calls have no result yet: nobody has opened the chat to write since
        "denied_but_ran": sorted(id for id in ran & said.keys() if said[id] == "stopped"),
        "told_but_never_ran": sorted(id for id in said.keys() - ran if said[id] in ("", "once")),
        "unknown": sum(decision == "unknown" for decision in said.values()),
        "stopped": sum(decision == "stopped" for decision in said.values()),
        "invalid_requests": len((home / "invalid").read_text()) if (home / "invalid").exists() else 0,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
