"""Rows 99 and 101: whatever the terminal sends, and however large it says it is, the program goes on."""

import itertools
import os
import random
from pathlib import Path

import pytest
from textual.message import Message

from tests.faults.stage import READY, answer, settings, start
from tests.long_form import long_form
from tests.terminal.program import needs_pty
from tui_chat.ui.driver import Keys

pytestmark = needs_pty

SEQUENCES = [
    b"\x1b[999999999999999999999u",
    b"\x1b[1114112;5u",
    b"\x1b[55296u",
    b"\x1b[97;;1114112u",
    b"\x1b[97;99999999999u",
    b"\x1b[<99999999999999999999;1;1M",
    b"\x1b[<0;99999999999999999999;99999999999999999999m",
    b"\x1b[<-1;-1;-1M",
    b"\x1b[48;0;0;0;0t",
    b"\x1b[48;5;5;0;0t",
    b"\x1b[48;9999999;9999999;1;1t",
    b"\x1b[?2048;9$y",
    b"\x1b[?2026;2$y\x1b[?99999999999999;1$y",
    b"\x1b[200~\xff\xfe\xc3\x28\x1b[201~",
    b"\x1b[M\xff\xff\xff",
    b"\x1b]52;c;\xff\x07\x1bP\xff\x1b\\",
    b"\x1b[" + b"1;" * 3000 + b"u",
]
GROWTH_LIMIT_MB = 20
LEAVING = b"\x03\x11\x1a\x1c"
"""Keys that leave or suspend: random ones would."""


def noise(size: int, seed: int) -> bytes:
    """Random bytes, with sequences of a terminal among them."""
    chance = random.Random(seed)
    pieces = [chance.randbytes(size)]
    for _ in range(size // 200):
        pieces.insert(0, chance.choice(SEQUENCES[:-1]))
    chance.shuffle(pieces)
    return b"".join(pieces).translate(None, LEAVING)


def resident_mb(pid: int) -> float:
    """Memory of a process, 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0


def test_row_101_noise_is_read_as_keys(record_property):
    keys = Keys(clock=itertools.count().__next__)
    chance = random.Random(101)
    found: list[Message] = []
    body = noise(long_form("NOISE_BYTES", 50_000), 101)
    at = 0
    while at < len(body):
        step = chance.choice([chance.randrange(1, 200), chance.randrange(1, 4096)])
        found += keys.take(body[at : at + step])
        at += step
    assert len(found) > 500
    record_property("random_bytes_to_the_reader", len(body))
    keys.take(b"\x1b[201~" + b"x" * 64)
    assert any(getattr(message, "key", "") == "x" for message in (*keys.take(b"x"), *keys.take(b"x")))


def test_row_101_a_flood_is_text_or_noise_and_presses_no_key():
    pasted = Keys().take(b"one line of text\r\x1b[A" * 80)
    assert [type(message).__name__ for message in pasted] == ["Paste", "Key"]
    assert pasted[0].text.count("one line of text\n") == 79 and pasted[1].key == "enter"
    assert Keys().take(random.Random(7).randbytes(4000).translate(None, b"\x1b")) == []
    assert len(Keys().take(b"\x1b[A" * 150)) == 150


@pytest.mark.parametrize("sequence", SEQUENCES)
@pytest.mark.parametrize("whole", [True, False])
def test_row_101_no_sequence_breaks_the_reader(sequence, whole):
    keys = Keys(clock=itertools.count().__next__)
    for piece in [sequence] if whole else [sequence[at : at + 1] for at in range(len(sequence))]:
        keys.take(piece)
    keys.take(b"\x1b\\\x07")
    assert any(getattr(message, "character", "") == "y" for message in keys.take(b"\x1b[201~y"))


def test_row_101_invalid_bytes_on_stdin_do_not_end_the_program(gateway, own_home, record_property):
    size = long_form("PROGRAM_NOISE_BYTES", 2_000)
    record_property("random_bytes_to_the_program", size)
    # Noise for the person's own editor would be that program's affair.
    settings(own_home, '[keymap]\n"app.quit" = ""\n"app.suspend" = ""\n"composer.editor" = ""\n')
    gateway.respond(answer("still here"))
    with start(gateway, "-m", "m") as program:
        program.wait_for(READY)
        program.send(b"caf\xe9 \xff\xfe \xc3\x28 \xed\xa0\x80")
        program.wait_for("caf\ufffd")
        for sequence in SEQUENCES[:-1]:  # the last one is six thousand keys, and drawn as such
            program.send(sequence)
        for number in range(min(400, size // 1_000)):  # each read is short enough to be keys
            program.send(noise(500, number))
            program.wait_quiet(0.02, 60)
            assert program.exit_code is None
        program.wait_quiet(0.5, 60)
        before_mb = resident_mb(program.pid)
        for number in range(size // 50_000):
            program.send(noise(50_000, number))
            assert program.exit_code is None
        program.wait_quiet(0.5, 60 + size / 5_000)
        record_property("most_mb_grown_by_noise", round(resident_mb(program.pid) - before_mb))
        assert resident_mb(program.pid) - before_mb < GROWTH_LIMIT_MB
        program.resize(90, 25)
        program.wait_quiet(0.3)
        assert program.exit_code is None
        assert b"Traceback" not in program.raw
        program.signal(15)
        assert program.wait_exit() == 143
        assert program.restored


SIZES = [(0, 0), (1, 1), (2, 2), (1, 1000), (19, 4), (20, 5), (6500, 3), (100, 0)]
LARGE_SIZES = [(500, 1), (500, 1000), (3, 3200)] if long_form("SIZES", 0) else []


def test_row_99_any_size_and_back(gateway, record_property):
    record_property("sizes", len(SIZES + LARGE_SIZES) + long_form("SIZES", 3))
    code, table = "```python\ncode = 1\n```", "| a | b |\n|---|---|\n| 1 | 2 |\n"
    gateway.respond(answer(f"An answer with **words**, and\n\n{code}\n\n{table}"))
    chance = random.Random(99)
    more = [(chance.randrange(0, 220), chance.randrange(0, 80)) for _ in range(long_form("SIZES", 3))]
    with start(gateway, "-m", "m") as program:
        program.wait_for(READY)
        program.say("hello")
        program.wait_for("An answer with")
        program.type("my draft")
        program.wait_for("my draft")
        for columns, rows in [*SIZES, *LARGE_SIZES, *more]:
            program.resize(columns, rows)
            program.wait_quiet(0.05, 60)
            assert program.exit_code is None, (columns, rows)
        program.resize(100, 30)
        program.wait_for("my draft", 30)
        program.wait_for("An answer with")
        program.press("ctrl+q")
        assert program.wait_exit() == 0
        assert program.restored
