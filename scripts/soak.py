"""Leave the program alone with a monkey: random keys, pastes, sizes and server faults; is it alive, does it grow?

    python scripts/soak.py --minutes 3 [--seed 7]

Runs the whole program in a pseudo-terminal against the fake gateway of the tests, in a home folder of its own. Ends
with 1 where the program died, wrote what it must not, or grew by more than the limit once it had shown most of what it
has (a sixth of the time). Memory is compared at rest, with every dialog closed: what five dialogs over one another take
is theirs, not growth. What it counted stands in the last line, for scripts/reliability.py.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.faults.payloads import FORBIDDEN, HOSTILE
from tests.gateway.server import FakeGateway
from tests.terminal.program import TerminalProgram

LIMIT_MB = 20
STAYING = """
import sys
from tui_chat.cli import main
from tui_chat.ui.app import YibuApp

async def stay(app): ...

YibuApp.action_quit = stay
sys.exit(main(["-m", "gpt-4.1"]))
"""
"""The program without its way out: the monkey finds "quit" in the palette sooner or later."""
KEYS = [
    *("enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
    *("backspace", "delete", "space"),
    *(f"ctrl+{letter}" for letter in "abefklnoprtuwxy"),
    *(f"f{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 12)),
    *"abcdeijknoruxyzDGN[]/@#*`中",
]
WORDS = [
    *(
        "help",
        "error 429",
        "error list",
        "cut",
        "reset",
        "stall",
        "done",
        "fast",
        "reasoning",
        "think",
        "table",
        "code",
    ),
    *("list", "length", "refuse", "empty", "sources", "picture", "tools", "ping", "gzip", "restart", "hostile"),
    *("size 20000", "error 500", "plain", "html"),
]


def rss_mb(pid: int) -> float:
    """Resident memory, 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def at_rest_mb(program: TerminalProgram) -> float:
    """Resident memory with nothing open but the chat, on a screen of the usual size."""
    program.resize(120, 40)
    for _ in range(8):
        program.press("escape")
        time.sleep(0.5)
    time.sleep(2)
    return rss_mb(program.pid)


def act(program: TerminalProgram, chance: random.Random) -> None:
    """One thing that a monkey does."""
    what = chance.random()
    if what < 0.55:
        program.press(*chance.choices(KEYS, k=chance.randrange(1, 6)))
    elif what < 0.75:
        program.type(chance.choice(WORDS))
        program.press("enter")
    elif what < 0.83:
        program.paste(chance.choice(HOSTILE).replace("\x1b", "") * chance.randrange(1, 40))
    elif what < 0.90:
        program.resize(chance.randrange(1, 200), chance.randrange(1, 60))
    elif what < 0.96:
        program.click(chance.randrange(0, 100), chance.randrange(0, 30), chance.choice([0, 0, 0, 64, 65]))
    else:
        program.send(chance.randbytes(40).translate(None, b"\x03\x11\x1a\x1c"))


def soak(minutes: float, seed: int) -> int:
    """Run it; the exit code."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="yibu-soak-") as folder, FakeGateway() as gateway:
        home = Path(folder)
        (home / "settings.toml").write_text('[keymap]\n"app.suspend" = ""\n', "utf-8")
        key = "-".join(("sk", "soak" * 8))
        env: dict[str, str | None] = {"HOME": folder, "YIBU_CHAT_HOME": folder, "YIBU_API_KEY": key}
        env |= {"YIBU_BASE_URL": gateway.base_url, "LANG": "en_US.UTF-8", "PAGER": "cat", "EDITOR": "true"}
        command = [sys.executable, "-c", STAYING]
        with TerminalProgram(command, env=env, cwd=Path(__file__).resolve().parent.parent) as program:
            program.wait_for("Type here", 30)
            began_s = time.monotonic()
            acts, first_mb, largest_mb, reported = 0, 0.0, 0.0, 0
            while program.exit_code is None and time.monotonic() - began_s < minutes * 60:
                try:
                    act(program, chance)
                except (AssertionError, OSError) as error:
                    print(f"after {acts} acts: {error}")
                    if program.exit_code is None:
                        return 1
                acts += 1
                passed_s = time.monotonic() - began_s
                largest_mb = max(largest_mb, rss_mb(program.pid))
                if not first_mb and passed_s > minutes * 10:
                    first_mb = at_rest_mb(program)
                if passed_s // 30 > reported:
                    reported = int(passed_s // 30)
                    print(f"{passed_s:4.0f} s  {acts} acts  {rss_mb(program.pid):.0f} MB", flush=True)
            last_mb = at_rest_mb(program) if program.exit_code is None else rss_mb(program.pid)
            alive = program.exit_code is None
            wrote = [piece for piece in FORBIDDEN if piece in program.raw]
            print(f"{acts} acts, {len(gateway.chats)} requests; {'alive' if alive else f'ended {program.exit_code}'}")
            print(
                f"memory: {first_mb:.0f} MB early and {last_mb:.0f} MB in the end, at rest; {largest_mb:.0f} MB at most"
            )
            if not alive:
                print(program.text)
                report = home / "cache" / "crash.txt"
                print(report.read_text("utf-8") if report.exists() else "no crash report")
                return 1
            program.signal(15)
            code = program.wait_exit(20)
            leaked = [path for path in home.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]
            leaked += [Path("tty")] if key.encode() in program.raw else []
            print(
                f"ended with {code}, terminal {'restored' if program.restored else 'left raw'}; key found in {leaked}"
            )
            grown = last_mb - first_mb > LIMIT_MB
            logged = sum(path.stat().st_size for path in home.rglob("*.log"))
            counted = {"minutes": round(minutes), "acts": acts, "requests": len(gateway.chats), "bytes_logged": logged}
            counted |= {"grown_mb": round(last_mb - first_mb), "ended_by_itself": 0, "seed": seed}
            print(f"counted: {json.dumps(counted)}")
            return int(bool(wrote or leaked or grown or code != 143 or not program.restored))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    sys.exit(soak(options.minutes, options.seed))
