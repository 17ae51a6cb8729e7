"""Run every check of the project, and stop at the first that fails with its output.

    python scripts/check.py

Formatting, lint, types, the walls between rooms, then all tests in parallel.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("format", [sys.executable, "-m", "ruff", "format", "--check", "."]),
    ("lint", [sys.executable, "-m", "ruff", "check", "."]),
    ("types", [sys.executable, "-m", "mypy"]),
    ("rooms", [str(BIN / "lint-imports")]),
    # One more than there are cores: tests of whole programs wait as long as they compute.
    ("tests", [sys.executable, "-m", "pytest", "-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal"]),
)


def main() -> int:
    for name, command in CHECKS:
        started = time.monotonic()
        print(f"── {name}: {' '.join(Path(part).name for part in command)}", flush=True)
        # The tests' closing line is worth reading; of the others only a failure is.
        quiet = name != "tests"
        result = subprocess.run(command, cwd=ROOT, capture_output=quiet, text=True, check=False)
        if result.returncode:
            print((result.stdout or "") + (result.stderr or ""))
            print(f"✗ {name} failed")
            return result.returncode
        print(f"✓ {name} in {time.monotonic() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
