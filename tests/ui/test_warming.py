"""After the first picture everything the first message needs is brought in."""

from __future__ import annotations

import subprocess
import sys

WARM = """
import sys
from tui_chat.ui.warming import warm
warm({})
print([name for name in ("h11", "PIL", "markdown_it", "pygments", "tomlkit") if name not in sys.modules])
"""


def test_what_the_first_message_needs_is_there() -> None:
    done = subprocess.run([sys.executable, "-c", WARM], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
