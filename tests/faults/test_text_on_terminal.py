"""Rows 1 to 9 and 12 to 14: whatever text comes from outside, the terminal and the screen take it as text."""

import random
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.payloads import FORBIDDEN, HOSTILE, MARK, MARKUP, ONE_LINE, SEQUENCES
from tests.faults.stage import CANARY, answer, environment, files_with, inherited, settings, start
from tests.gateway.answers import DONE, json_answer, relay_error, sse
from tests.gateway.upstreams import openai
from tests.long_form import long_form
from tests.terminal.program import TerminalProgram, needs_pty
from tests.waiting import eventually_in_thread
from tui_chat.chat.node import Head, Node
from tui_chat.chat.tree import NodeAdded
from tui_chat.store.places import places
from tui_chat.store.sessions import Library
from tui_chat.wire.messages import Text, ToolCall, ToolResult

pytestmark = needs_pty

ALLOWED = {
    "CSI m",
    "CSI H",
    *("CSI r", "CSI M", "CSI L"),  # rows that moved are moved (ui/frame.py); those of payloads are told by FORBIDDEN
    "CSI >u",
    "CSI <u",
    "CSI ?2026$p",
    "CSI ?2048$p",
    "CSI ?$p",
    "OSC 22",
    *(
        f"CSI ?{mode}{set}"
        for mode in (7, 25, 1000, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048)
        for set in "hl"
    ),
}
"""All that the program itself ever asks of a terminal. OSC 52 comes from copy keys alone, and is counted."""


def clean(program: TerminalProgram, copies: int = 0) -> None:
    """Nothing was written that is not on the list."""
    seen = dict(program.terminal.sequences)
    assert seen.pop("OSC 52", 0) == copies
    assert set(seen) <= ALLOWED, set(seen) - ALLOWED
    assert program.terminal.odd == []
    assert program.terminal.title == ""
    assert not set(re.findall(rb"\x1b\]22;([^\x1b\x07]*)", program.raw)) - {b"pointer", b"default", b"text"}
    for piece in FORBIDDEN:
        assert piece not in program.raw, piece
    assert b"Traceback" not in program.raw


def hostile_chats(home: Path) -> None:
    """A chat for every payload: as its title, its model, its system prompt, and what was said in it."""
    library = Library(places({"YIBU_CHAT_HOME": str(home / "yibu-chat")}))
    for number, payload in enumerate(HOSTILE):
        time = datetime(2026, 1, 1, 0, number % 60, tzinfo=UTC)
        head = Head(f"{number:010x}", time, title=payload, model=payload, system=payload, values={"stop": [payload]})
        journal = library.create(head)
        asked = Node(f"a{number:09x}", None, "user", (Text(payload),), time)
        journal.append(NodeAdded(asked))
        said = Node(f"b{number:09x}", asked.id, "assistant", (Text(payload),), time, model=payload, finish="stop")
        journal.append(NodeAdded(said))
        journal.close()


def hostile_folder(folder: Path) -> None:
    folder.mkdir()
    for payload in HOSTILE:
        name = payload.replace("/", "∕").replace("\x00", "")[:80]
        (folder / f"{name}.txt").write_text(payload, "utf-8")


def look_around(program: TerminalProgram, *keys: str, close: str = "escape") -> None:
    program.press(*keys)
    program.wait_quiet(0.15)
    assert program.exit_code is None, keys
    program.press(close)


def test_rows_1_to_9_nothing_that_is_shown_drives_the_terminal(gateway, own_home, record_property):
    record_property("payloads", len(HOSTILE))
    record_property("splits", sum(len(payload) + 1 for payload in (*SEQUENCES, *MARKUP)))
    hostile_chats(own_home)
    folder = own_home / "folder"
    hostile_folder(folder)
    settings(own_home, f"system = {MARKUP[1]!r}\n")
    gateway.routes.models = [{"id": payload, "object": "model", "owned_by": payload} for payload in HOSTILE]
    with start(gateway, "-c", columns=120, rows=50, cwd=folder) as program:
        program.wait_for(MARK)
        for page in range(long_form("PAGES", 1)):
            look_around(program, "ctrl+b", *["down"] * 4, "enter")
            look_around(program, "escape", "i")
            assert program.exit_code is None, page
        for keys in (["ctrl+l"], ["f5"], ["f6"], ["f2"], ["f1"], ["f3", "x"], ["ctrl+f", "x"], ["ctrl+o"], ["f12"]):
            look_around(program, *keys)
        look_around(program, "ctrl+p", *"chat")
        for payload in random.Random(1).sample(ONE_LINE, long_form("PASTES", 6)):
            program.paste(payload.replace("\x1b", "").replace("\n", " "))
        program.wait_quiet(0.2)
        program.press("escape", "escape", "ctrl+n")
        program.wait_for("What shall we talk about")
        program.press("ctrl+e", "ctrl+u")
        for message in long_answers(gateway):
            program.say(message)
            program.wait_for(f"end of {message}", 20)
        copies = 2
        for number in range(copies):
            program.press("ctrl+y")
            eventually_in_thread(lambda n=number: program.terminal.sequences["OSC 52"] == n + 1, what=program.text)
        program.wait_quiet(0.3)
        program.press("ctrl+q")
        assert program.wait_exit() == 0
        assert program.restored
        clean(program, copies)
        assert len(program.terminal.clipboard) == copies
        assert CANARY.encode() not in program.raw and files_with(own_home, CANARY) == []


def test_row_11_output_of_programs_is_shown_and_its_colours_are_text(gateway, own_home):
    folder = own_home / "listed"
    folder.mkdir()
    for name in ("plain.txt", "run.sh", "archive.tar"):
        (folder / name).touch(0o755)
    (folder / "folder").mkdir()
    listed = subprocess.run(["ls", "--color=always", folder], capture_output=True, text=True, check=False).stdout
    lines = (SEQUENCES[at : at + 4] for at in range(0, len(SEQUENCES), 4))  # a longer result is folded
    log = "".join(f"2026-01-01 {' '.join(line)}\n" for line in lines) + f"the last line {MARK}\n"
    time = datetime(2026, 1, 1, tzinfo=UTC)
    journal = Library(places({"YIBU_CHAT_HOME": str(own_home / "yibu-chat")})).create(Head("c" * 10, time))
    call = ToolCall("call1", "shell", '{"command": "ls --color; tail log"}')
    nodes = [
        Node("a" * 10, None, "user", (Text("list it"),), time),
        Node("b" * 10, "a" * 10, "assistant", (call,), time, model="m", finish="tool_calls"),
        Node("d" * 10, "b" * 10, "tool", (ToolResult("call1", f"{listed}\x1b[01;34mblue\x1b[0m\n{log}"),), time),
        Node("e" * 10, "d" * 10, "assistant", (Text("There they are."),), time, model="m", finish="stop"),
    ]
    for node in nodes:
        journal.append(NodeAdded(node))
    journal.close()
    with start(gateway, "-c", columns=120, rows=120) as program:
        program.wait_for("There they are.")
        program.press("escape", "home")
        for _ in range(4):  # every entry is unfolded, whichever of them holds the call
            program.press("space", "down")
        program.wait_for("blue")
        program.wait_for(f"the last line {MARK}")
        assert "plain.txt" in program.text and "blue" in program.text
        program.press("ctrl+q")
        assert program.wait_exit() == 0
        clean(program)


def long_answers(gateway):
    """Every payload, cut at every place, and every payload as an error's words."""
    pieces = []
    for payload in (*SEQUENCES, *MARKUP):
        for cut in range(len(payload) + 1):
            pieces += [openai({"content": payload[:cut]}), openai({"content": f"{payload[cut:]} "})]
    gateway.script(sse(*pieces, openai({"content": "\n\nend of splits"}), openai({}, "stop"), DONE))
    yield "splits"
    for number in range(0, len(HOSTILE), 24):
        gateway.script(relay_error(f"end of error{number} " + " ".join(HOSTILE[number : number + 24]), "bad", 400))
        yield f"error{number}"
    fenced = "".join(
        f"```{payload}\n# {payload}\n```\n| {payload} | x |\n|---|---|\n| {payload} | y |\n\n" for payload in HOSTILE
    )
    gateway.script(answer(fenced, "\n\nend of fences"))
    yield "fences"


def test_row_10_on_a_terminal_headless_output_is_shown_and_in_a_pipe_exact(gateway, own_home):
    text = "".join(SEQUENCES)
    gateway.respond(answer(text))
    command = [sys.executable, "-m", "tui_chat", "ask", "-m", "m", "hello"]
    with TerminalProgram(command, env=environment(gateway)) as program:
        assert program.wait_exit() == 0
        clean(program)
        assert "␛[31m" in program.text

    env = inherited(gateway)
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
    assert done.stdout.decode() == f"{text}\n"


@pytest.mark.parametrize("verb", [("models",), ("sessions",), ("export",), ("doctor",), ("params",)])
def test_row_1_lists_on_a_terminal_are_shown_as_text(gateway, own_home, verb):
    hostile_chats(own_home)
    gateway.routes.models = [{"id": payload, "object": "model", "owned_by": payload} for payload in HOSTILE]
    if verb == ("export",):
        verb = ("export", f"{0:010x}")
    command = [sys.executable, "-m", "tui_chat", *verb]
    with TerminalProgram(command, env=environment(gateway), rows=60) as program:
        assert program.wait_exit() == 0, program.text
        clean(program)
        assert MARK in program.text or verb in [("doctor",), ("params",)]
    if verb == ("models",):
        gateway.route("GET", "/v1/models", json_answer({"error": {"message": " ".join(HOSTILE)}}, 400))
        with TerminalProgram(command, env=environment(gateway), rows=60) as program:
            assert program.wait_exit() == 1
            clean(program)


def brackets(count: int) -> list[str]:
    chance = random.Random(13)
    pieces = [
        "[",
        "]",
        "/",
        "@click=app.quit",
        "b",
        "link=",
        '"',
        "'",
        "\\",
        "$",
        " ",
        "(",
        ")",
        "=",
        "red",
        "on",
        "x",
        "#f00",
    ]
    made = ["".join(chance.choices(pieces, k=chance.randrange(1, 12))) for _ in range(count)]
    return [f"{MARK}{text}" for text in (*MARKUP, *made)]


async def test_rows_12_13_brackets_are_text_wherever_they_stand(gateway, own_home, monkeypatch, record_property):
    """No sink hands them to the reader of markup, none ends the program, no click runs anything."""
    from textual.content import Content

    from tests.ui.whole_app import on_stage
    from tui_chat.chat.events import NotSaved

    interpreted: list[str] = []
    real = Content.from_markup.__func__

    def from_markup(cls, markup, **variables):
        if MARK in markup:
            interpreted.append(markup)
        return real(cls, markup, **variables)

    monkeypatch.setattr(Content, "from_markup", classmethod(from_markup))
    hostile_chats(own_home)
    gateway.routes.models = [{"id": payload, "object": "model", "owned_by": payload} for payload in HOSTILE]
    made = brackets(long_form("BRACKETS", 8))
    record_property("bracket_strings", len(made))
    async with on_stage(gateway, size=(140, 50)) as stage:
        gateway.respond(answer("\n".join(made), *made))
        await stage.say(" ".join(made[:40]))
        chat = stage.chat
        for text in made[:: max(1, len(made) // 6)]:
            chat.room.tell(text, "error")
            stage.app.notify(text, markup=False)
            chat.composer.prompt.insert(text)
            chat.deliver([NotSaved(chat.chat, "error.disk_full", {"path": text})])
            await stage.pilot.pause()
        await chat.room.engine(chat.room.house.desk.set_head, chat.chat, title=made[0], model=made[1], system=made[2])
        for keys in (
            "ctrl+l",
            "escape",
            "f5",
            "escape",
            "f2",
            "escape",
            "ctrl+p",
            "escape",
            "f1",
            "escape",
            "f3",
            "escape",
        ):
            await stage.pilot.press(keys)
        for row in range(4, 50, 12):
            await stage.pilot.click(offset=(60, row))
        assert stage.app.is_running and stage.app.crash is None
    assert interpreted == []


async def test_row_22_nothing_a_model_wrote_is_fetched(gateway):
    """Pictures and links are drawn without a request to anybody."""
    from tests.gateway.server import FakeGateway
    from tests.ui.whole_app import on_stage

    with FakeGateway() as elsewhere:
        place = elsewhere.base_url
        text = (
            f"![alt]({place}/a.png) <img src='{place}/b.png'> [link]({place}/c) {place}/d ![x][r]\n\n[r]: {place}/e\n"
        )
        async with on_stage(gateway) as stage:
            gateway.respond(answer(text, f"\n| ![t]({place}/f.png) |\n|---|\n| x |\n"))
            await stage.say("show me")
            await stage.press("tab", "up", "down", "escape")
            assert stage.texts[-1].startswith("![alt]")
        assert elsewhere.requests == []
