"""The pty harness drives real programs: a tiny Textual app, and small scripts for what a terminal does to a process."""

from __future__ import annotations

import signal
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.emulator import OLD
from tests.terminal.program import TerminalProgram, needs_pty
from tests.waiting import eventually_in_thread

pytestmark = needs_pty

APP = """
    from textual.app import App
    from textual.widgets import Button, Input, Label

    class Tiny(App):
        BINDINGS = [("f2", "leave", "leave")]

        def compose(self):
            yield Label("准备好了 ready", id="label")
            yield Input()
            yield Button("press me")

        def on_input_submitted(self, event):
            self.query_one(Label).update(f"said {event.value}")

        def on_button_pressed(self):
            self.query_one(Label).update("pressed")

        def action_leave(self):
            self.exit(return_code=7)

    app = Tiny()
    app.run()
    raise SystemExit(app.return_code)
"""
Start = Callable[..., TerminalProgram]


@pytest.fixture
def start(tmp_path: Path, request: pytest.FixtureRequest) -> Start:
    """Run Python source in a terminal until the test ends."""

    def run(source: str, *arguments: str, **more: object) -> TerminalProgram:
        script = tmp_path / "program.py"
        script.write_text(textwrap.dedent(source), encoding="utf-8")
        program = TerminalProgram([sys.executable, script, *arguments], **more)  # type: ignore[arg-type]
        request.addfinalizer(program.close)
        return program

    return run


@pytest.mark.parametrize("old", [False, True], ids=["modern", "old"])
def test_a_textual_app_is_typed_at_clicked_pasted_resized_and_left(start: Start, old: bool) -> None:
    program = start(APP, columns=60, rows=12, **({"profile": OLD} if old else {}))
    program.wait_for("准备好了 ready")
    program.wait_quiet(0.1)
    assert program.find("ready") == (9, 0) and program.terminal.alternate
    assert program.terminal.kitty == ([] if old else [25]) and (2048 in program.terminal.modes) is not old
    program.say("Hello 你好!")
    program.wait_for("said Hello 你好!")
    program.click(*program.find("press me"))
    program.wait_for("pressed")
    program.click(9, 2)  # puts the cursor into the input, behind "Hello "
    program.paste("dear\nsecond line")
    program.wait_for("Hello dear你好!")
    program.resize(40, 10)
    program.wait_for(lambda text: len(text.splitlines()[2]) == 40 - len("你好"))
    assert len(program.screen()) == 10
    assert not program.restored
    program.press("f2")
    assert program.wait_exit() == 7 and program.restored
    assert program.terminal.modes == {7, 25} or program.terminal.modes == {7, 25, 1016}
    assert program.terminal.kitty == [] and not program.terminal.odd and program.cpu_seconds() > 0


def test_size_environment_and_folder_are_as_asked(start: Start, tmp_path: Path) -> None:
    source = "import os; print(os.get_terminal_size(), os.environ.get('A'), os.environ.get('HOME'), os.getcwd())"
    program = start(source, columns=77, rows=11, env={"A": "b", "HOME": None}, cwd=tmp_path)
    assert program.wait_exit() == 0
    joined = "".join(program.screen())
    assert "columns=77, lines=11) b None" in joined and joined.endswith(tmp_path.name)


def test_the_terminal_belongs_to_the_program(start: Start) -> None:
    program = start("import os; print(os.tcgetpgrp(0) == os.getpgrp(), open('/dev/tty').isatty())")
    program.wait_for("True True")
    assert program.wait_exit() == 0


def test_its_end_is_told_by_code_or_signal(start: Start) -> None:
    assert start("raise SystemExit(3)").wait_exit() == 3
    sleeper = start("print('up', flush=True); import time; time.sleep(60)")
    sleeper.wait_for("up")
    sleeper.press("ctrl+c")
    assert sleeper.wait_exit() == -signal.SIGINT
    sleeper = start("print('up', flush=True); import time; time.sleep(60)")
    sleeper.wait_for("up")
    sleeper.kill()
    assert sleeper.wait_exit() == -signal.SIGKILL
    with TerminalProgram(["/nonexistent/program"]) as missing:
        assert missing.wait_exit() == 127
        missing.wait_for("No such file")


def test_waiting_for_what_does_not_come_shows_the_screen(start: Start) -> None:
    program = start("print('hello')")
    with pytest.raises(AssertionError, match=r"ended with 0. The screen:\nhello"):
        program.wait_for("goodbye")


def test_settings_left_behind_are_seen(start: Start) -> None:
    program = start("import tty; tty.setraw(0)")
    assert program.wait_exit() == 0 and not program.restored


def test_processor_time_of_the_whole_tree_is_counted(start: Start) -> None:
    source = """
        import subprocess, sys, time
        burn = "import time\\nwhile time.process_time() < 0.3: pass\\nprint('burnt', flush=True); time.sleep(60)"
        subprocess.run([sys.executable, "-c", burn])
    """
    program = start(source)
    program.wait_for("burnt")
    assert 0.3 <= program.cpu_seconds() < 3


def test_suspending_and_coming_back(start: Start) -> None:
    program = start("import os, signal; os.kill(0, signal.SIGTSTP); print('back', flush=True); input()")
    program.wait_stopped()
    assert "back" not in program.text
    program.resume()
    program.wait_for("back")
    program.press("enter")
    assert program.wait_exit() == 0


def test_hanging_up_sends_sighup(start: Start, tmp_path: Path) -> None:
    source = """
        import pathlib, signal, sys
        signal.signal(signal.SIGHUP, lambda *_: (pathlib.Path(sys.argv[1]).touch(), sys.exit(5)))
        print("up", flush=True)
        signal.pause()
    """
    program = start(source, str(tmp_path / "hung-up"))
    program.wait_for("up")
    program.hang_up()
    eventually_in_thread(lambda: program.exit_code == 5)
    assert (tmp_path / "hung-up").exists()


def test_an_unread_terminal_holds_the_program_up(start: Start, tmp_path: Path) -> None:
    source = """
        import pathlib, sys
        print("up", flush=True)
        input()
        pathlib.Path(sys.argv[1], "began").touch()
        print("x" * 500_000, flush=True)
        pathlib.Path(sys.argv[1], "wrote").touch()
    """
    program = start(source, str(tmp_path))
    program.wait_for("up")
    program.stop_reading()
    program.press("enter")
    eventually_in_thread((tmp_path / "began").exists)
    with pytest.raises(AssertionError):
        eventually_in_thread((tmp_path / "wrote").exists, 0.2)
    program.resume_reading()
    assert program.wait_exit() == 0 and len(program.raw) > 500_000
