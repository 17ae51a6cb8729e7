"""A program like ours, with a key in its environment and in a file, that runs tools which try to run away.

`python -m tests.tools.runaways BOX GRACE_S TIMEOUT_S waiting|stopping [NAME…]` prints one line of JSON for each
runaway: how long it took beyond its time, what is left of it, how much memory it cost, what it could say of the key,
and with "stopping", what is left of another that is stopped while it runs. The key stands in the environment this
program is started with, as YIBU_API_KEY; the first line tells whether a child could read it there before the program
closed itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.waiting import eventually
from tui_chat.store.memory import close_memory
from tui_chat.tools import process, sandbox
from tui_chat.tools.tool import Surroundings

KEY = "canary-7c1f0de5b2"
TOKEN = os.environ.get("RUNAWAY_TOKEN") or f"runaway-{os.getpid()}"
"""An argument of every process that a runaway starts: it can be told by it even without its environment."""

FOREVER = "import time\nwhile True: time.sleep(1)"
DEAF = "import signal\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
APART = "import os\nif os.fork(): {first}\nos.setsid()\nif os.fork(): os._exit(0)\n"
RUNAWAYS = {
    "ignores TERM": DEAF + FOREVER,
    "forks": "import os\nfor _ in range(4): os.fork()\n" + FOREVER,
    "forks, ignores TERM": DEAF + "import os\nfor _ in range(3): os.fork()\n" + FOREVER,
    "double fork, setsid": APART.format(first="os._exit(0)") + FOREVER,
    "double fork, setsid, ignores TERM, parent waits": DEAF + APART.format(first="exec(forever)") + FOREVER,
    "double fork, setsid, no environment": APART.format(first="os._exit(0)")
    + f"os.execve(sys.executable, ['python', '-c', {(DEAF + FOREVER)!r}, {TOKEN!r}], {{}})",
    "holds the pipe": f"import subprocess\nsubprocess.Popen([sys.executable, '-c', {FOREVER!r}, {TOKEN!r}])",
    "closes its output and stays": "import os\nos.close(1)\nos.close(2)\n" + FOREVER,
    "floods": "import os\nfor _ in range(16384): os.write(1, bytes(65536))",
    "floods, ignores TERM": DEAF + "import os\nfor _ in range(16384): os.write(1, bytes(65536))\n" + FOREVER,
    "one endless line": "import os\nwhile True: os.write(1, b'x' * 100000)",
    "forks and ends, over and over": DEAF
    + "import os, time\nwhile True:\n if os.fork(): os._exit(0)\n time.sleep(0.001)",
    "stops its parent": "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\n" + FOREVER,
    "kills its parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n" + FOREVER,
    "kills its group": "import os, signal\nos.fork()\nos.killpg(0, signal.SIGKILL)",
    "opens the terminal": "import os\ntry:\n os.write(os.open('/dev/tty', os.O_RDWR), b'\\x1b]52;c;eA==\\a')\n"
    " print('OPEN')\n"
    "except OSError as e: print(e.errno)",
    "reads the environment": "import os\nprint(dict(os.environ))",
    "reads /proc": "import glob\nfor f in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline'):\n"
    " try: print(open(f, 'rb').read())\n except OSError: pass",
    "reads the memory of the app": "import os\np = os.getppid()\nfor pid in (p, *range(max(2, p - 3), p)):\n"
    " for name in ('mem', 'maps', 'environ'):\n  try: print(open(f'/proc/{pid}/{name}', 'rb').read(1000))\n"
    "  except OSError as e: print(name, e.errno)",
    "reads standard input": "print(repr(sys.stdin.read()))",
}
READS_FILES = "import glob\nfor f in glob.glob({private!r} + '/*'): print(open(f).read())"


def program(body: str) -> str:
    return f"import sys\nforever = {FOREVER!r}\n{body}"


def alive() -> list[int]:
    """Every process of a runaway that still runs."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
            except (OSError, IndexError):
                continue
            if TOKEN.encode() in words and b"-c" in words and state not in (b"Z", b"X"):
                found.append(int(entry.name))
    return found


def memory_kb(field: str) -> int:
    status = Path("/proc/self/status").read_text("utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field))


async def try_one(name: str, body: str, surroundings: Surroundings, timeout_s: float, stop: bool) -> dict[str, object]:
    before = memory_kb("VmRSS:")
    started = time.monotonic()
    argv = [sys.executable, "-c", program(body), TOKEN]
    ended = await process.run(argv, surroundings, timeout_s=timeout_s)
    took = time.monotonic() - started
    left = alive()
    return {
        "name": name,
        "over_s": took - timeout_s,
        "reason": ended.reason,
        "status": ended.status,
        "left": len(left),
        "growth_kb": memory_kb("VmHWM:") - before,
        "key": KEY in ended.text or says_key(ended.log),
        "log_bytes": Path(ended.log).stat().st_size if ended.log else 0,
        "text": ended.text[:300],
        "stopped": await stopped_in_between(argv, surroundings) if stop else 0,
    }


def says_key(log: str) -> bool:
    if not log:
        return False
    with Path(log).open("rb") as file:
        return any(KEY.encode() in piece for piece in iter(lambda: file.read(1 << 20), b""))


async def stopped_in_between(argv: list[str], surroundings: Surroundings) -> int:
    """What is left when the person stops it while it runs."""
    running = asyncio.ensure_future(process.run(argv, surroundings, timeout_s=60))
    await eventually(lambda: alive() or running.done(), what="the runaway to start")
    running.cancel()
    await asyncio.wait({running})
    return len(alive())


async def main(box: str, grace_s: float, timeout_s: float, stop: bool, names: list[str]) -> None:
    os.environ["A_SECRET"] = os.environ["YIBU_API_KEY"]
    process.GRACE_S = grace_s
    sandbox._found = next((one for one in [*sandbox.candidates(), sandbox.NONE] if one.name == box), None)
    top = Path(tempfile.mkdtemp(prefix="yibu-runaways-")).resolve()
    try:
        for folder in ("open", "private"):
            (top / folder).mkdir()
        (top / "private" / "credentials.toml").write_text(KEY, "utf-8")
        surroundings = Surroundings(top / "open", (top / "open",), (top / "private",), logs=top / "private" / "logs")
        peeks = [sys.executable, "-c", program(RUNAWAYS["reads /proc"])]
        ended = await process.run(peeks, surroundings, timeout_s=60)
        print(json.dumps({"name": "before", "key": KEY in ended.text, "closed": close_memory()}), flush=True)
        every = dict(RUNAWAYS)
        if box:
            every["reads our files"] = READS_FILES.format(private=str(top / "private"))
        for name, body in every.items():
            if not names or name in names:
                print(json.dumps(await try_one(name, body, surroundings, timeout_s, stop)), flush=True)
    finally:
        shutil.rmtree(top)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "stopping", sys.argv[5:]))
