"""A headless question begins at once: what it does not need is not imported."""

import subprocess
import sys

LATE = ("textual", "rich", "click", "pygments", "PIL", "jsonschema", "zipfile", "tui_chat.attach", "tui_chat.local")
PROGRAM = "import sys, tui_chat.cli.ask, h11; print(*(name for name in sys.argv[1:] if name in sys.modules))"


def test_a_question_brings_nothing_it_does_not_need() -> None:
    command = [sys.executable, "-c", PROGRAM, *LATE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []
