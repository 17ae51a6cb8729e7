"""A program that a tool runs ends in time, leaves nothing behind, and sees nothing that is not its business.

The short form tries the runaways that differ most; YIBU_FAULTS_RUNAWAYS=1 tries them all, with the real grace, in every
sandbox that works here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from tests.tools.runaways import KEY, RUNAWAYS, TOKEN, alive, program
from tests.waiting import eventually
from tui_chat.errors import ToolError
from tui_chat.tools import output, process, sandbox
from tui_chat.tools.tool import Surroundings
from tui_chat.wire.redaction import protect

ROOT = Path(__file__).resolve().parents[2]
LONG = bool(os.environ.get("YIBU_FAULTS_RUNAWAYS"))
SHORT = {
    "bubblewrap": ["ignores TERM", "reads our files"],
    "landlock": ["kills its parent", "reads our files"],
    "": ["double fork, setsid, no environment", "floods", "kills its parent", "opens the terminal", "reads /proc"],
}
CAN_START = "import subprocess, sys, tui_chat.tools.process; subprocess.run([sys.executable, '-c', ''], check=True)"
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")
posix = pytest.mark.skipif(os.name == "nt", reason="the programs are those of POSIX")
pytestmark = posix


@pytest.fixture
def unconfined(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sandbox: what is proved here must hold without one."""
    monkeypatch.setattr(sandbox, "_found", sandbox.NONE)


@pytest.fixture
def here(tmp_path: Path, unconfined: None) -> Surroundings:
    folder = (tmp_path / "granted").resolve()
    folder.mkdir()
    return Surroundings(folder, (folder,), (tmp_path / "private",), logs=tmp_path / "logs")


@cache
def as_somebody() -> list[str] | None:
    """How to start Python as a person without privileges, who alone can't read what is closed; None: no way."""
    if os.getuid() != 0:
        return [sys.executable]
    somebody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set", "-all"]
    for python in (sys.executable, "/usr/bin/python3"):
        start = [*somebody, "--inh-caps", "-all", python]
        asks = [*start, "-c", CAN_START]
        with contextlib.suppress(OSError):
            if subprocess.run(asks, cwd=ROOT, capture_output=True, check=False).returncode == 0:
                return start
    return None


def boxes() -> list[str]:
    return [*(box.name for box in sandbox.candidates() if box.name), ""]


@linux
@pytest.mark.parametrize("box", boxes())
def test_no_runaway_gets_away(box: str):
    start = as_somebody()
    if start is None:
        pytest.skip("no Python that somebody without privileges may run")
    names = [] if LONG else SHORT[box]
    how = ["2.0", "1.0", "stopping"] if LONG else ["0.2", "0.4", "waiting"]
    ran = subprocess.run(
        [*start, "-m", "tests.tools.runaways", box, *how, *names],
        cwd=ROOT,
        env={**os.environ, "YIBU_API_KEY": KEY, "HOME": tempfile.gettempdir(), "TMPDIR": tempfile.gettempdir()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    before, *tried = [json.loads(line) for line in ran.stdout.splitlines()]
    assert before == {"name": "before", "key": box == "", "closed": True}
    assert len(tried) == (len(names) or len(RUNAWAYS) + bool(box))
    for one in tried:
        assert one["over_s"] <= 3, one
        assert one["left"] == one["stopped"] == 0, one
        assert one["growth_kb"] < 20_000, one
        assert not one["key"], one
        assert one["log_bytes"] <= output.LOG_LIMIT_BYTES, one
        assert "OPEN" not in one["text"], one


@linux
async def test_killing_the_app_ends_what_its_tools_run(tmp_path: Path):
    app = subprocess.Popen(
        [sys.executable, "-m", "tests.tools.runaways", "", "0.2", "60", "waiting", "ignores TERM"],
        cwd=ROOT,
        env={**os.environ, "YIBU_API_KEY": KEY, "RUNAWAY_TOKEN": TOKEN, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
    )
    try:
        await eventually(alive, what="the runaway to start")
    finally:
        app.kill()
        app.wait()
    await eventually(lambda: not alive(), what="the runaway to be ended")


@linux
async def test_cancelling_ends_everything_before_it_returns(here: Surroundings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process, "GRACE_S", 0.1)
    body = RUNAWAYS["double fork, setsid, ignores TERM, parent waits"]
    argv = [sys.executable, "-c", program(body), TOKEN]
    running = asyncio.ensure_future(process.run(argv, here, timeout_s=60))
    await eventually(lambda: len(alive()) > 1, what="it to fork")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert alive() == []


async def test_what_it_writes_comes_in_order_and_its_status_with_it(here: Surroundings):
    ended = await process.run(["sh", "-c", "echo out; echo err >&2; echo 天气; exit 3"], here, timeout_s=30)
    assert (ended.status, ended.reason, ended.text) == (3, "", "out\nerr\n天气\n")
    outcome = ended.outcome(30)
    assert outcome.failed
    assert outcome.text == "out\nerr\n天气\n[exit status 3]"


async def test_silence_is_told(here: Surroundings):
    outcome = (await process.run(["true"], here, timeout_s=30)).outcome(30)
    assert not outcome.failed
    assert outcome.text == "[exit status 0]"


async def test_a_signal_and_the_time_being_up_are_told(here: Surroundings):
    ended = await process.run(["sh", "-c", "kill -SEGV $$"], here, timeout_s=30)
    assert ended.outcome(30).text == "[ended by signal SIGSEGV]"
    ended = await process.run(["sh", "-c", "echo begun; sleep 60"], here, timeout_s=1)
    assert ended.reason == "timeout"
    assert ended.status in (-signal.SIGTERM, 128 + signal.SIGTERM)  # whichever of shell and sleep is the first to end
    assert ended.outcome(1).text == "begun\n[ended after 1 s: the time was up]"


async def test_a_program_that_heeds_term_may_say_goodbye(here: Surroundings):
    script = "import signal, sys, time\nsignal.signal(15, lambda *_: (print('goodbye'), sys.exit(5)))\nprint('begun')\n"
    ended = await process.run([sys.executable, "-c", f"{script}time.sleep(60)"], here, timeout_s=2)
    assert (ended.status, ended.text) == (5, "begun\ngoodbye\n")


async def test_long_output_keeps_head_and_tail_and_all_of_it_in_a_log(here: Surroundings):
    script = "for i in range(60000): print(f'{i:07}')"
    ended = await process.run([sys.executable, "-c", script], here, timeout_s=30)
    whole = "".join(f"{number:07}\n" for number in range(60000))
    assert ended.cut_bytes == len(whole) - output.HEAD_BYTES - output.TAIL_BYTES
    head, note, tail = ended.text.partition(f"\n[{ended.cut_bytes} bytes left out here, all of it in {ended.log}]\n")
    assert note
    assert (head, tail) == (whole[: output.HEAD_BYTES], whole[-output.TAIL_BYTES :])
    assert Path(ended.log).read_text("utf-8") == whole
    assert Path(ended.log).stat().st_mode & 0o777 == 0o600


async def test_short_output_needs_no_log(here: Surroundings):
    ended = await process.run(["echo", "short"], here, timeout_s=30)
    assert ended.log == ""
    assert here.logs is not None
    assert not here.logs.exists()


async def test_a_cut_goes_through_no_character(here: Surroundings):
    ended = await process.run([sys.executable, "-c", "print('x' + '天' * 100000)"], here, timeout_s=30)
    assert "\ufffd" not in ended.text
    ended = await process.run(
        [sys.executable, "-c", "import os; os.write(1, b'\\xff\\x80ok\\xe5')"], here, timeout_s=30
    )
    assert ended.text == "\ufffd\ufffdok\ufffd"


async def test_without_a_place_for_logs_the_output_is_cut_all_the_same(here: Surroundings, tmp_path: Path):
    (tmp_path / "a file").write_text("", "utf-8")
    for logs in (None, tmp_path / "a file" / "logs"):
        where = Surroundings(here.folder, here.granted, logs=logs)
        ended = await process.run([sys.executable, "-c", "print('x' * 300000)"], where, timeout_s=30)
        assert (ended.log, ended.status, len(ended.text) < 132_000) == ("", 0, True)


async def test_it_reads_what_it_is_given_and_nothing_else(here: Surroundings):
    given = bytes(range(256)) * 1000
    script = "import sys; data = sys.stdin.buffer.read(); print(len(data), data == bytes(range(256)) * 1000)"
    ended = await process.run([sys.executable, "-c", script], here, timeout_s=30, stdin=given)
    assert ended.text == "256000 True\n"
    assert (await process.run(["cat"], here, timeout_s=30)).text == ""


async def test_the_environment_holds_what_is_on_the_list_and_what_the_person_adds(
    here: Surroundings, monkeypatch: pytest.MonkeyPatch
):
    for name in (
        "YIBU_API_KEY",
        "OPENAI_API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "SSH_AUTH_SOCK",
        "LD_PRELOAD_X",
        "BASH_ENV",
    ):
        monkeypatch.setenv(name, KEY)
    monkeypatch.setenv("LC_TIME", "C")
    monkeypatch.setenv("PATH", f".:bin::{os.environ['PATH']}")
    where = Surroundings(here.folder, here.granted, environment={"MINE": "1", "YIBU_API_KEY": KEY, "my_api_key_2": KEY})
    ended = await process.run(["env"], where, timeout_s=30)
    assert KEY not in ended.text
    variables = dict(line.split("=", 1) for line in ended.text.splitlines())
    assert (variables["MINE"], variables["TERM"], variables["LC_TIME"]) == ("1", "dumb", "C")
    assert all(Path(entry).is_absolute() for entry in variables["PATH"].split(":"))
    assert set(variables) - {"MINE"} <= process._PASSED_ON | {
        *(
            "LC_TIME",
            "TERM",
            "NO_COLOR",
            "PAGER",
            "GIT_PAGER",
            "GIT_TERMINAL_PROMPT",
            "YIBU_CHAT_RUN",
            "PWD",
            "SHLVL",
            "_",
        )
    }


async def test_a_key_that_the_program_knows_is_taken_out_of_what_is_told(here: Surroundings):
    protect("an-odd-kind-of-key-42")
    ended = await process.run(["echo", "before an-odd-kind-of-key-42 after"], here, timeout_s=30)
    assert ended.text == "before [key] after\n"


async def test_temporary_files_are_its_own_and_gone_afterwards(here: Surroundings):
    script = 'echo x > "$TMPDIR/made"; mkdir "$TMPDIR/shut"; chmod 0 "$TMPDIR/shut"; echo "$TMPDIR"'
    first = await process.run(["sh", "-c", script], here, timeout_s=30)
    second = await process.run(["sh", "-c", 'ls -A "$TMPDIR"'], here, timeout_s=30)
    assert second.text == ""
    assert not Path(first.text.strip()).exists()


@pytest.mark.parametrize("argv", [["no-such-program-here"], ["/no/such/program"], ["/"]])
async def test_what_can_t_be_started_is_said(here: Surroundings, argv: list[str]):
    with pytest.raises(ToolError) as raised:
        await process.run(argv, here, timeout_s=30)
    assert (raised.value.key, raised.value.facts["program"]) == ("error.tool_run_start", argv[0])
    assert raised.value.facts["reason"] != "—"


async def test_it_runs_in_no_folder_that_is_gone_or_private(here: Surroundings, tmp_path: Path):
    (tmp_path / "private" / "sessions").mkdir(parents=True)
    (here.folder / "link").symlink_to(tmp_path / "private")
    for folder in (tmp_path / "gone", tmp_path / "private" / "sessions", here.folder / "link", Path(__file__)):
        with pytest.raises(ToolError, match=r"error\.tool_run_folder"):
            await process.run(["true"], Surroundings(folder, (), here.private), timeout_s=30)


async def test_many_run_at_once_without_holding_up_the_loop(here: Surroundings):
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    ticking = asyncio.ensure_future(tick())
    ended = await asyncio.gather(
        *(process.run(["sh", "-c", f"sleep 0.2; echo {n}"], here, timeout_s=30) for n in range(4))
    )
    ticking.cancel()
    assert [one.text for one in ended] == [f"{n}\n" for n in range(4)]
    assert ticks > 10


@linux
async def test_no_signal_is_ignored_and_no_file_is_open_that_should_not_be(here: Surroundings):
    script = "grep SigIgn /proc/self/status; ls /proc/self/fd | wc -l"
    ignored, count = (await process.run(["sh", "-c", script], here, timeout_s=30)).text.split()[1:]
    assert int(ignored, 16) == 0
    assert int(count) == 4  # 0, 1, 2, and the folder that is listed


@linux
async def test_many_runs_leave_no_file_open_and_no_thread(here: Surroundings):
    async def some() -> int:
        for _ in range(2):
            await process.run(["true"], here, timeout_s=30)
        return len(list(Path("/proc/self/fd").iterdir()))

    first = await some()
    assert await some() == first


def test_ending_takes_no_longer_than_it_says():
    assert process.GRACE_S + process._KILLING_LIMIT_S + process._DRAIN_LIMIT_S <= process.ENDING_S
