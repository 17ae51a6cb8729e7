"""Rows 95 to 97: signals, a window that is closed, a terminal nobody reads. Nothing is lost, nothing is left raw."""

import os
import random
import signal
import sys
import time
import tomllib
from pathlib import Path

import pytest

from tests.faults.stage import CANARY, READY, answer, environment, inherited, sessions, start
from tests.gateway.answers import DONE, Cut, Hold, Pause, sse
from tests.gateway.upstreams import openai
from tests.long_form import long_form
from tests.terminal.processes import descendants
from tests.terminal.program import TerminalProgram, needs_pty
from tests.waiting import eventually_in_thread

pytestmark = needs_pty

LIMIT_S = 4.0
SLACK_S = 1.5
"""A machine that is busy with other tests is slower than the limit allows for."""
SIGNALS = [signal.SIGTERM, signal.SIGHUP] if sys.platform != "win32" else []


def drafts(home: Path) -> list[str]:
    """What is kept of every chat."""
    path = home / "yibu-chat" / "drafts.toml"
    found = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    return [each["text"] for each in found.get("draft", []) if each["text"]]


def draft(home: Path) -> str:
    return "".join(drafts(home))


def texts(home: Path) -> list[str]:
    """What every chat holds; proves that every one of them parses."""
    nodes = [node for path in sessions(home) for node in tomllib.loads(path.read_text("utf-8")).get("node", [])]
    return ["".join(part.get("text", "") for part in node["parts"]) for node in nodes]


def ends(program: TerminalProgram, code: int) -> None:
    began_s = time.monotonic()
    assert program.wait_exit(LIMIT_S + SLACK_S) == code
    assert time.monotonic() - began_s < LIMIT_S + SLACK_S


def sane(program: TerminalProgram) -> None:
    assert program.restored
    assert not program.terminal.alternate
    assert 25 in program.terminal.modes
    assert not program.terminal.modes & {1000, 1003, 1006, 2004, 1004}
    assert not program.terminal.kitty
    assert b"Traceback" not in program.raw and CANARY.encode() not in program.raw


def test_row_95_signals_at_random_times_lose_nothing(gateway, own_home, record_property):
    """Each round: type, perhaps send, then a signal at a moment of its own; what was typed is there, the chat opens."""
    chance = random.Random(95)
    rounds = long_form("SIGNALS", 2)
    record_property("signals", rounds)
    gateway.respond(sse(*(openai({"content": f"word{n} "}) for n in range(20)), Pause(0.2), openai({}, "stop"), DONE))
    sent: list[str] = []
    for number in range(rounds):
        with start(gateway, "-c" if sent else "-m", *(() if sent else ("m",))) as program:
            before = drafts(own_home) or [READY]  # of more than one chat, perhaps; cut in the middle of a word, perhaps
            program.wait_for(lambda text, kept=before: READY in text or any(each in text for each in kept))
            if chance.random() < 0.7:
                if READY not in program.text:
                    program.press("ctrl+e", "ctrl+u")  # all of it
                    program.wait_for(READY)
                program.say(f"question {number}")
                # What was kept as a draft may have come before it, after the first picture.
                asked = f"question {number}"
                eventually_in_thread(lambda asked=asked: is_said(asked, own_home), what=program.text)
                program.wait_for("word0")  # the screen knows of it too: the draft that follows is this chat's
                sent.append(asked)
            words = f"draft of round {number}"
            program.type(words)
            shown = chance.random() < 0.7
            if shown:
                program.wait_for(words)
            time.sleep(chance.random() * 0.4)
            which = chance.choice(SIGNALS)
            program.signal(which)
            ends(program, 128 + which)
            sane(program)
            if shown:
                assert words in draft(own_home)
        assert all(is_said(asked, own_home) for asked in sent)


def is_said(asked: str, home: Path) -> bool:
    return any(text.endswith(asked) for text in texts(home))


@pytest.mark.parametrize("which", SIGNALS if long_form("SIGNALS", 0) else SIGNALS[:1])
def test_row_95_a_signal_in_the_middle_of_an_answer_keeps_it(gateway, own_home, which):
    gateway.script(sse(openai({"content": "The beginning of an answer"}), Hold()))
    with start(gateway, "-m", "m") as program:
        program.wait_for(READY)
        program.say("tell me")
        program.wait_for("The beginning of an answer")
        program.type("and then")
        program.wait_for("and then")
        program.signal(which)
        ends(program, 128 + which)
        sane(program)
    assert texts(own_home) == ["tell me", "The beginning of an answer"]
    assert draft(own_home) == "and then"


def test_row_95_signals_while_it_starts_leave_the_terminal_as_it_was(gateway, record_property):
    chance = random.Random(950)
    record_property("signals_while_it_starts", long_form("SIGNALS", 2))
    for _ in range(long_form("SIGNALS", 2)):
        with start(gateway, "-m", "m") as program:
            time.sleep(chance.random() * 0.9)
            program.signal(signal.SIGTERM)
            code = program.wait_exit(LIMIT_S + SLACK_S)
            assert code in (143, -15)
            if code == -15:  # before the first line of ours ran: then the terminal was not touched either
                assert b"\x1b[?1049h" not in program.raw
            assert program.restored and not program.terminal.alternate


def test_row_74_a_draft_is_on_disk_within_a_second_while_the_typing_goes_on(gateway, own_home):
    with start(gateway, "-m", "m") as program:
        program.wait_for(READY)
        typed_s: list[float] = []
        while not typed_s or time.monotonic() - typed_s[0] < 2.2 + SLACK_S or not draft(own_home):
            assert not typed_s or time.monotonic() - typed_s[0] < 15, "no draft was kept"
            typed_s.append(time.monotonic())
            program.type("a")
        kept, ended_s = draft(own_home), time.monotonic()
        program.kill()
    lost = typed_s[len(kept) :]
    assert not lost or ended_s - lost[0] < 1 + SLACK_S


def test_row_96_a_closed_window_ends_it_and_keeps_everything(gateway, own_home):
    gateway.script(sse(openai({"content": "The beginning"}), Hold()))
    with start(gateway, "-m", "m") as program:
        program.wait_for(READY)
        program.say("tell me")
        program.wait_for("The beginning")
        program.type("and then")
        program.wait_for("and then")
        program.hang_up()
        eventually_in_thread(lambda: program.exit_code is not None, LIMIT_S + SLACK_S)
        assert program.exit_code == 129
    assert texts(own_home) == ["tell me", "The beginning"]
    assert draft(own_home) == "and then"


def test_row_96_a_closed_window_ends_it_even_where_sighup_is_ignored(gateway, own_home):
    command = ["/bin/sh", "-c", f'trap "" HUP; exec "{sys.executable}" -m tui_chat -m m']
    with TerminalProgram(command, env=environment(gateway)) as program:
        program.wait_for(READY)
        program.type("half a thought")
        program.wait_for("half a thought")
        program.hang_up()
        eventually_in_thread(lambda: program.exit_code is not None, LIMIT_S + SLACK_S)
    assert draft(own_home) == "half a thought"


def test_row_97_an_answer_to_a_terminal_nobody_reads_is_kept_and_sigterm_ends_it(gateway, own_home, record_property):
    record_property("seconds_unread", long_form("STALL_S", 1))
    pieces = [openai({"content": f"word{number} " * 20}) for number in range(400)]
    gateway.script(sse(*pieces, openai({"content": "the very end"}), openai({}, "stop"), DONE))
    gateway.respond(answer("again"))
    with start(gateway, "-m", "m") as program:
        program.wait_for(READY)
        program.say("go")
        program.wait_for("word")
        program.type("typed meanwhile")
        program.wait_for("typed meanwhile")
        program.stop_reading()
        for _ in range(60):  # until whoever draws is stuck
            program.resize(100 + _ % 7, 30)
            time.sleep(0.01)
        eventually_in_thread(lambda: any("the very end" in text for text in texts(own_home)), 20)
        time.sleep(long_form("STALL_S", 1))
        program.signal(signal.SIGTERM)
        began_s = time.monotonic()
        eventually_in_thread(lambda: program.exit_code is not None, LIMIT_S + SLACK_S)
        assert time.monotonic() - began_s < LIMIT_S + SLACK_S
        assert program.exit_code == 143
        assert program.restored
        program.resume_reading()
        eventually_in_thread(lambda: not program.terminal.alternate, 3)
        assert 25 in program.terminal.modes
    assert draft(own_home) == "typed meanwhile"


def test_rows_98_100_a_long_stop_and_a_kill_leave_chat_and_terminal_usable(gateway, own_home):
    """Stopped while an answer streams and the server gives up; then killed, and the terminal put right by a command."""
    gateway.script(sse(openai({"content": "The beginning of an answer"}), Hold("gone"), Cut()))
    program_line = f'"{sys.executable}" -m tui_chat'
    command = ["/bin/sh", "-c", f"{program_line} -m m; {program_line} --fix-terminal"]
    with TerminalProgram(command, env=environment(gateway)) as program:
        program.wait_for(READY)
        program.say("tell me")
        program.wait_for("The beginning of an answer")
        (pid,) = descendants(program.pid)
        os.kill(pid, signal.SIGSTOP)
        gateway.open("gone")
        assert gateway.wait_chats(1)[0].answered.wait(5)
        os.kill(pid, signal.SIGCONT)
        program.wait_for("broke off")
        assert len(program.terminal.kitty) == 1  # taken over anew, not once more: with one reader of what is typed
        program.type("and then")
        program.wait_for("and then")
        assert not program.restored
        os.kill(pid, signal.SIGKILL)
        assert program.wait_exit() == 0
        sane(program)
    assert texts(own_home) == ["tell me", "The beginning of an answer"]


def test_row_95_ask_keeps_what_came_when_it_is_told_to_end(gateway, own_home):
    import subprocess

    for which in SIGNALS:
        gateway.script(sse(openai({"content": f"Half {which}"}), Hold()))
        env = inherited(gateway)
        command = [sys.executable, "-m", "tui_chat", "ask", "-m", "m", f"question {which}"]
        with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as asked:
            assert asked.stdout is not None
            try:
                assert asked.stdout.read(4) == b"Half"
                asked.send_signal(which)
                assert asked.wait(LIMIT_S + SLACK_S) == 128 + which
            finally:
                asked.kill()  # where it has not ended, the test fails and does not wait for it
        assert {f"question {which}", f"Half {which}"} <= set(texts(own_home))
