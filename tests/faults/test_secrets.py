"""Part D: the key is in the credentials store and nowhere else, whatever breaks."""

import os
import sys

import pytest

from tests.faults.crash_at import PLACES, found
from tests.faults.stage import CANARY, READY, answer, files_with, start
from tests.gateway.answers import json_answer
from tests.long_form import long_form
from tests.terminal.program import TerminalProgram, needs_pty
from tests.ui.whole_app import on_stage
from tests.waiting import eventually_in_thread

pytestmark = needs_pty

ENDS = {
    "start_house",
    "start_app",
    "start_mount",
    "start_screen",
    "compose",
    "widget_compose",
    "widget_draw",
    "widget_key",
    "widget_head",
    "resize",
    "exit",
}
"""Where a mistake ends the program; anywhere else it becomes a notice, and the chat goes on."""

FOR_EVERY_DAY = ["start_house", "widget_draw", "events", "engine_journal"]
"""The others with YIBU_FAULTS_CRASHES=1."""


def live(program: TerminalProgram, place: str) -> None:
    """Do a bit of everything: type, send, change the size, open and close things; until it ends, or to the end."""

    def over() -> bool:
        return program.exit_code is not None

    def shows(text: str) -> bool:
        return over() or text in program.text

    def redrawn(columns: int, rows: int) -> None:
        """Another size, and the first bytes drawn for it. (It need not fall silent: a lost event leaves a spinner.)"""
        before = len(program.raw)
        program.resize(columns, rows)
        eventually_in_thread(lambda: over() or len(program.raw) > before + columns, what="a picture of that size")

    eventually_in_thread(lambda: shows(READY), 20, what="a beginning or an end")
    for act in (
        lambda: program.type("hello"),
        lambda: eventually_in_thread(lambda: shows("hello"), what="the draft"),
        lambda: program.press("enter"),
        lambda: eventually_in_thread(
            lambda: shows("fine thanks") or shows("on purpose") or place == "engine_emit", what="an answer"
        ),
        lambda: redrawn(70, 20),
        lambda: redrawn(110, 30),
        lambda: program.press("ctrl+q"),
    ):
        if over():
            return
        try:
            act()
        except OSError:
            return


def test_every_place_that_is_broken_on_purpose_is_there():
    assert all(found(*(install.__doc__ or "").split(":")) for install in PLACES.values())


@pytest.mark.parametrize("place", PLACES if long_form("CRASHES", 0) else FOR_EVERY_DAY)
def test_row_47_105_107_a_mistake_anywhere_shows_no_key(gateway, own_home, place, record_property):
    record_property("crashes_on_the_screen", 1)
    gateway.respond(answer("I am ", "fine thanks"))
    (own_home / "work").mkdir()
    with start(gateway, "-m", "m", module=("tests.faults.crash_at", place)) as program:
        live(program, place)
        code = program.wait_exit()
        assert program.restored
        assert not program.terminal.alternate and 25 in program.terminal.modes
        written = program.raw
        last_words = written.rpartition(b"\x1b[?1004l")[2].decode()
    assert CANARY.encode() not in written and b"canary" not in written
    assert files_with(own_home, "canary") == []
    if place in ENDS:
        assert code == 70
        assert "had to end" in last_words and "yibu-chat/sessions" in last_words
        report = (own_home / "yibu-chat" / "cache" / "crash.txt").read_text("utf-8")
        assert "broken on purpose" in report and "Traceback" in report and "[key]" in report
    else:
        assert code == 0, last_words
    assert "Traceback" not in last_words
    assert not [path for path in own_home.rglob("*.log") if path.is_file()]


HEADLESS = ["start_house", "engine_ask", "engine_fold", "engine_client", "engine_http", "exit"]
VERBS = [("ask", "-m", "m", "hello"), ("models",)]
BREAKS = [(place, verb) for place in HEADLESS for verb in VERBS]


@pytest.mark.parametrize(("place", "verb"), BREAKS if long_form("CRASHES", 0) else BREAKS[1::3])
def test_row_47_a_headless_mistake_shows_no_key(gateway, own_home, place, verb, record_property):
    record_property("headless_crashes", 1)
    import subprocess

    gateway.respond(answer("fine"))
    env = {**os.environ, "YIBU_API_KEY": CANARY, "YIBU_BASE_URL": gateway.base_url}
    command = [sys.executable, "-m", "tests.faults.crash_at", place, *verb]
    done = subprocess.run(command, env=env, capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=False)
    assert b"canary" not in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr
    assert files_with(own_home, "canary") == []
    broken = place in ("start_house", "exit", "engine_http") or verb[0] == "ask"
    assert (done.returncode != 0) == broken, done.stderr


async def test_row_51_pictures_of_the_screen_and_exports_hold_no_key(gateway, own_home, run):
    """Textual's palette can take a picture of any screen: none has the key, not even where it is typed or repeated."""
    gateway.script(json_answer({"error": {"message": f"Incorrect API key provided: {CANARY}"}}, 401))
    async with on_stage(gateway, key=CANARY, size=(140, 45)) as stage:
        pictures = []
        await stage.write("hello")
        await stage.press("enter")
        await stage.settled(lambda: "✕" in stage.shown())
        for keys in ([], ["f1"], ["f2"], ["ctrl+p"], ["escape", "end", "i"]):
            await stage.press(*keys)
            pictures.append(stage.app.export_screenshot())
            await stage.press("escape")
        assert len(set(pictures)) > 3
        assert not [picture for picture in pictures if CANARY in picture or "canarycanary" in picture]
        chat = stage.chat.room.chat
    ran = run("export", chat)
    assert ran.code == 0 and "hello" in ran.out and "canary" not in ran.out + ran.err
    assert files_with(own_home, CANARY) == []
