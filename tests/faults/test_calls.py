"""Row 43: whatever a model writes for calls, nothing runs but what was whole and right, and every call is answered.

The short form makes 150 of them; YIBU_FAULTS_CALLS=5000 is the long one.
"""

from __future__ import annotations

import json
import random
import string

from tests.chat.tools import ToolStage, Workbench, is_valid, words
from tests.long_form import long_form
from tui_chat.wire.delta import Delta, ToolCallDelta
from tui_chat.wire.request import encode

CALLS = long_form("CALLS", 150)
RIGHT = '{"n": 1}'
NAMES = [
    "look",
    "look",
    "look",
    "Look",
    "look ",
    "",
    "rm",
    "write",
    "look\u202e",
    "\ud800",
    "l" * 70,
    "__proto__",
    "a/b",
]
ARGUMENTS = [
    RIGHT, RIGHT, "", "{}", "null", "[]", '"{}"', "{", "}", '{"n": "1"}', '{"n": 1.5}', '{"n": 1e999}', '{"n": NaN}',
    '{"n": 1, "n": 2}', '{"n": true}', '{"m": 1}', '{"n": 1}{"n": 1}', "[" * 5000, '{"n":' * 3000, "\ud800", "\x00",
    '{"n": ' + "9" * 5000 + "}", "{'n': 1}", "{n: 1}", '{"n": 1} // ok', '\ufeff{"n": 1}', '{"n": 1,}', "<t>1</t>",
]  # fmt: skip
IDS = ["", "same", "same", "\n", "x" * 500, "\x1b[31m"]


def mutated(chance: random.Random, text: str) -> str:
    """The text with a few characters changed, lost or put in."""
    letters = list(text)
    for _ in range(chance.choice([0, 0, 1, 1, 3])):
        at = chance.randrange(len(letters) + 1)
        letters[at : at + chance.randrange(2)] = chance.choice(["", *string.printable, "\u2028", "\ud83d"])
    return "".join(letters)


def fits(name: str, arguments: str) -> bool:
    """Whether a call may run: an exact name, one JSON object, nothing but a whole number n in it."""
    try:
        found = json.loads(arguments.strip() or "{}")
    except (ValueError, RecursionError):
        return False
    whole = isinstance(found, dict) and set(found) <= {"n"}
    return name == "look" and whole and all(type(n) in (int, float) and float(n).is_integer() for n in found.values())


def test_row_43_what_is_no_call_never_runs() -> None:
    chance = random.Random(43)
    bench = Workbench()
    stage = ToolStage(bench.tool("look"), bench=bench)
    stage.begin()
    made = ran_in_all = 0
    while made < CALLS:
        pieces = []
        for index in range(chance.randrange(1, 12)):
            arguments = mutated(chance, chance.choice(ARGUMENTS))
            id = chance.choice([*IDS, *(f"c{n}" for n in range(8))])
            pieces.append(ToolCallDelta(chance.choice([index, index, None, 0]), id, chance.choice(NAMES), arguments))
        made += len(pieces)
        bench.ran.clear()
        over = len(stage.overs())
        stage.scripts = [
            [*(Delta(tool_calls=(piece,)) for piece in pieces), Delta(finish_reason="tool_calls")],
            words("ok"),
        ]
        stage.say("go")
        stage.wait_over(over + 1)
        nodes = stage.path()
        start = max(at for at, node in enumerate(nodes) if node.role == "user")
        calls = [call for node in nodes[start:] for call in node.calls]
        allowed = sum(fits(call.name, call.arguments) for call in calls)
        assert len(bench.ran) <= allowed, calls
        ran_in_all += len(bench.ran)
        assert all(set(arguments) <= {"n"} for _, arguments in bench.ran)
        if calls:
            sent = stage.sent()
            assert is_valid(sent)
            body = encode(stage.requests[-1], lambda _: b"")
            for message in body["messages"]:
                for call in message.get("tool_calls", ()):
                    assert isinstance(json.loads(call["function"]["arguments"]), dict)
        stage.run(stage.desk.choose("chat", None))  # the next ones in a line of their own
    assert ran_in_all > 0
    stage.run(stage.desk.close_all())
    stage.engine.close()
