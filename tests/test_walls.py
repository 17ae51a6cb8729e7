"""What an import brings with it: the headless door must not pay for the screen, nor the first paint for the network."""

import subprocess
import sys

HEADLESS = (
    "",
    ".ask",
    ".stored",
    ".models",
    ".sessions",
    ".params",
    ".presets",
    ".tools",
    ".mcp",
    ".export",
    ".doctor",
    ".local",
    ".tui",
)


def brought_by(statement: str, *names: str) -> list[str]:
    """Which of these modules are loaded after `statement` in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*[name for name in {names!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return result.stdout.split()


def test_the_headless_door_brings_neither_textual_nor_h11():
    """In one interpreter: what all verbs together do not bring, none of them does."""
    statement = "import " + ", ".join(f"tui_chat.cli{verb}" for verb in HEADLESS)
    assert brought_by(statement, "textual", "rich", "h11", "PIL", "pygments", "jsonschema") == []


def test_the_core_brings_no_screen_and_no_network():
    statement = "import tui_chat.wiring, tui_chat.chat.desk, tui_chat.store.sessions, tui_chat.wire.client"
    assert brought_by(statement, "textual", "rich", "h11", "PIL", "tomlkit", "sqlite3") == []
