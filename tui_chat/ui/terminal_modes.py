"""What puts a terminal right again that a program left as it had it? Brings no Textual with it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

if sys.platform != "win32":
    import termios

LEAVE = (
    "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[0m"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""What Textual's driver writes when it takes leave."""
_POP_ALL_KEYS = "\x1b[<99u"
"""Undoes every setting of the keyboard that was put on top of another, for a program that did so more than once."""


def make_sane(descriptor: int) -> None:
    """Give a terminal back to a shell: its own screen, no mouse, lines, echo and signals as a shell needs them."""
    with suppress(OSError):
        os.write(descriptor, (_POP_ALL_KEYS + LEAVE).encode())
    if sys.platform == "win32":
        return
    with suppress(termios.error):
        put_in, put_out, control, local, *speeds, characters = termios.tcgetattr(descriptor)
        put_in |= termios.ICRNL | termios.IXON
        put_in &= ~(termios.INLCR | termios.IGNCR)
        put_out |= termios.OPOST | termios.ONLCR
        local |= termios.ISIG | termios.ICANON | termios.IEXTEN | termios.ECHO | termios.ECHOE | termios.ECHOK
        characters[termios.VMIN], characters[termios.VTIME] = 1, 0
        # What the mouse and the dead program's questions left unread is no input for the shell.
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, [put_in, put_out, control, local, *speeds, characters])
