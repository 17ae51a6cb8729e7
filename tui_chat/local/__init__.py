"""The embedded default: how a person without a key, or without a network, gets a real model to talk to.

A small model (or a GGUF file of the person's own) is served on loopback by llama.cpp, in a child process, behind
the same HTTP interface as the gateway; so nothing above this room has a second code path. `start` is the way in.
"""

from tui_chat.local.model import DEFAULT, Progress, find, obtain
from tui_chat.local.server import LocalServer, start

__all__ = ["DEFAULT", "LocalServer", "Progress", "find", "obtain", "start"]
