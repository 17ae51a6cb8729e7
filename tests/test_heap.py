"""Free memory goes back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

TRIED = """
from pathlib import Path
from tui_chat import heap

def held_pages():
    return int(Path("/proc/self/statm").read_text().split()[1])

heap.settle()
pieces = [bytes(8_000) for _ in range(4_000)]  # 32 MB, with something that stays in between
kept = pieces[::100]
full = held_pages()
del pieces
before = held_pages()
heap.give_back()
print(full - before, full - held_pages())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux's C library is asked")
def test_what_is_free_goes_back_though_something_between_it_stays() -> None:
    said = subprocess.run([sys.executable, "-c", TRIED], capture_output=True, text=True, check=True).stdout
    by_itself, asked = map(int, said.split())
    assert asked * 4096 > 24_000_000, (by_itself, asked)


def test_elsewhere_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_chat import heap

    monkeypatch.setattr(sys, "platform", "win32")
    assert heap._c_library() is None
    heap.settle()
    heap.give_back()
