"""Run every check of the project, and stop at the first that fails with its output.

    python scripts/check.py

Formatting, lint, types, the walls between rooms and whether all tests can be found, side by side; then the tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CORES = os.cpu_count() or 1
PYTEST = [sys.executable, "-m", "pytest"]
QUICK: dict[str, list[str]] = {
    "types": [sys.executable, "-m", "mypy"],
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "lint": [sys.executable, "-m", "ruff", "check", "."],
    "rooms": [str(BIN / "lint-imports")],
    # Leaves the tests compiled: else each process of the run below would do that for itself.
    "collection": [*PYTEST, "--collect-only", "-q"],
}
# Two more than there are cores: tests of whole programs wait as long as they compute.
TESTS = [*PYTEST, "-n", str(CORES + 2), "--dist", "worksteal"]


def main() -> int:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()

    def run(command: list[str], *, quiet: bool) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=quiet, text=True, check=False)

    def seconds() -> str:
        return f"{time.monotonic() - started:.0f} s"

    with ThreadPoolExecutor(CORES) as pool:
        running = {pool.submit(run, command, quiet=True): name for name, command in QUICK.items()}
        for done in as_completed(running):
            result, name = done.result(), running[done]
            if result.returncode:
                pool.shutdown(wait=False, cancel_futures=True)
                print(f"{result.stdout}{result.stderr}\n✗ {name} failed", flush=True)
                return result.returncode
            print(f"✓ {name} after {seconds()}", flush=True)
    status = run(TESTS, quiet=False).returncode
    print(f"✗ tests failed after {seconds()}" if status else f"✓ tests after {seconds()}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
