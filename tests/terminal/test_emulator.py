"""The terminal's side of the pty harness, without any process: keys out, bytes in, answers and screen."""

from __future__ import annotations

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from tests.terminal.emulator import MODERN, OLD, SILENT, Emulator
from tests.terminal.grid import PLAIN, Grid, Style, restyled
from tests.terminal.keys import encode_key

CHARACTERS = ("a", "Z", "5", "!", "~", "é")
NAMED = ("enter", "tab", "escape", "backspace", "delete", "insert", "up", "left", "home", "end", "pageup", "space")
COMBINED = ("shift+tab", "ctrl+q", "ctrl+j", "shift+up", "ctrl+left", "ctrl+end", "alt+x", "shift+f1", "ctrl+f5")
KEYS = (*CHARACTERS, *NAMED, *COMBINED, "f1", "f2", "f3", "f4", "f5", "f12")
KITTY_ONLY = ["shift+enter", "ctrl+enter", "ctrl+shift+p"]


def textual_keys(piece: bytes) -> list[events.Key]:
    parser = XTermParser()
    heard = [*parser.feed(piece.decode()), *parser.feed("")]
    return [event for event in heard if isinstance(event, events.Key)]


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("kitty", [0, 1, 25])
def test_textual_reads_every_key_as_it_was_named(name: str, kitty: int) -> None:
    (event,) = textual_keys(encode_key(name, kitty))
    assert (event.character if name in CHARACTERS else event.key) == name


@pytest.mark.parametrize("name", KITTY_ONLY)
def test_kitty_keys_keep_their_modifiers(name: str) -> None:
    assert [event.key for event in textual_keys(encode_key(name, 25))] == [name]


def test_an_input_methods_text_arrives(kitty: int = 25) -> None:
    assert [event.character for event in textual_keys(encode_key("你", kitty))] == ["你"]
    assert encode_key("你") == "你".encode() and encode_key("shift+enter") == b"\r"
    with pytest.raises(KeyError):
        encode_key("ctrl+nonsense")


QUERIES = {
    b"\x1b[c": b"\x1b[?62;22;52c",
    b"\x1b[5n": b"\x1b[0n",
    b"ab\r\n\x1b[6n": b"\x1b[2;1R",
    b"\x1b[3;7H\x1b[6n": b"\x1b[3;7R",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2026h\x1b[?2026$p": b"\x1b[?2026;1$y",
    b"\x1b[?2048$p": b"\x1b[?2048;2$y",
    b"\x1b[?7777$p": b"\x1b[?7777;0$y",
    b"\x1b[?2048h": b"\x1b[48;24;80;480;800t",
    b"\x1b[>25u\x1b[?u": b"\x1b[?25u",
    b"\x1b[>25u\x1b[<u\x1b[?u": b"\x1b[?0u",
    b"\x1b]11;?\x07": b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
    b"\x1b]10;?\x1b\\": b"\x1b]10;rgb:dddd/dddd/dddd\x1b\\",
    b"\x1b[>0q": b"\x1bP>|harness 1.0\x1b\\",
    b"\x1b[14t": b"\x1b[4;480;800t",
    b"\x1bP+q544e\x1b\\": b"\x1bP0+r\x1b\\",
    b"\x1b_Gi=1,a=q;AAAA\x1b\\": b"",
}


@pytest.mark.parametrize("asked", QUERIES, ids=repr)
def test_a_modern_terminal_answers(asked: bytes) -> None:
    assert Emulator(80, 24, MODERN).feed(asked) == QUERIES[asked]
    one_by_one = Emulator(80, 24, MODERN)
    assert b"".join(one_by_one.feed(asked[n : n + 1]) for n in range(len(asked))) == QUERIES[asked]
    assert not one_by_one.odd


def test_an_old_terminal_answers_little_and_a_silent_one_nothing() -> None:
    old, silent = Emulator(80, 24, OLD), Emulator(80, 24, SILENT)
    assert old.feed(b"\x1b[?2026$p\x1b[>1u\x1b[?u\x1b]11;?\x07") == b"\x1b[?2026;0$y" and old.kitty == []
    assert old.feed(b"\x1b[c") and silent.feed(b"".join(QUERIES)) == b""


def drawn(emulator: Emulator) -> list[str]:
    return emulator.screen.lines()


def test_the_screen_is_the_same_however_the_bytes_are_cut() -> None:
    frame = "\x1b[?1049h\x1b[H\x1b[1;31m你好\x1b[0m, b\x1b]8;;https://x.org\x1b\\link\x1b]8;;\x1b\\\r\n\x1b[38;2;1;2;3mend".encode()
    whole = Emulator(20, 3)
    whole.feed(frame)
    assert drawn(whole) == ["你好, blink", "end", ""]
    for cut in range(len(frame)):
        halves = Emulator(20, 3)
        halves.feed(frame[:cut])
        halves.feed(frame[cut:])
        assert drawn(halves) == drawn(whole) and halves.sequences == whole.sequences and not halves.odd
    assert whole.screen.cell(0, 0) == ("你", Style(fg="red", bold=True))
    assert whole.screen.cell(1, 0).text == "" and whole.screen.cell(0, 1).style.fg == "010203"
    assert whole.screen.find("b") == (6, 0) and whole.screen.find("c") is None


def test_the_second_screen_goes_and_the_first_comes_back() -> None:
    emulator = Emulator(20, 3)
    emulator.feed(b"shell$ \x1b[?1049hfull screen")
    assert emulator.alternate and drawn(emulator)[0].endswith("full screen")
    emulator.feed(b"\x1b[?1049lbye")
    assert not emulator.alternate and drawn(emulator)[0] == "shell$ bye"


def test_half_a_synchronized_frame_is_not_shown() -> None:
    emulator = Emulator(20, 2)
    emulator.feed(b"\x1b[?2026h\x1b[Hold\x1b[?2026l\x1b[?2026h\x1b[Hne")
    assert drawn(emulator)[0] == "old"
    emulator.feed(b"w\x1b[?2026l")
    assert drawn(emulator)[0] == "new"


def test_what_was_asked_of_the_terminal_is_remembered() -> None:
    emulator = Emulator(20, 2)
    emulator.feed("\x1b]0;标题\x07\x1b]52;c;5L2g5aW9\x07\x1b[31m\x1b[0m".encode())
    assert (emulator.title, emulator.clipboard, emulator.sequences["CSI m"]) == ("标题", ["你好"], 2)
    assert emulator.sequences["OSC 52"] == 1 and emulator.odd == []
    emulator.feed("bad \x9b31m and \x1b\x01.".encode())
    assert emulator.odd == ["\x9b", "\x1b"]


DRAWINGS = {
    "abcdefgh": ["abcde", "fgh", ""],
    "abcd你x": ["abcd", "你x", ""],
    "你好\x1b[2Gx": [" x好", "", ""],
    "你好\x1b[3G\x1b[Kz": ["你z", "", ""],
    "1\r\n2\r\n3\r\n4": ["2", "3", "4"],
    "1\r\n2\r\n3\x1b[H\x1bM0": ["0", "1", "2"],
    "1\r\n2\r\n3\x1b[2;3r\x1b[3;1H\n4": ["1", "3", "4"],
    "1\r\n2\r\n3\x1b[2H\x1b[L": ["1", "", "2"],
    "1\r\n2\r\n3\x1b[2H\x1b[M": ["1", "3", ""],
    "abc\x1b[1G\x1b[2@": ["  abc", "", ""],
    "abcde\x1b[2G\x1b[2P": ["ade", "", ""],
    "abcde\x1b[2G\x1b[2X": ["a  de", "", ""],
    "abcde\x1b[3G\x1b[1K": ["   de", "", ""],
    "a\r\nb\x1b[J\x1b[1Jc": ["", " c", ""],
    "a\r\nb\x1b[2J": ["", "", ""],
    "e\u0301x": ["e\u0301x", "", ""],
    "\x1b[?7labcdefg": ["abcdg", "", ""],
    "ab\x1b7\x1b[3;5Hz\x1b8c\x1b[Bd\x1b[2Ae\x1b[Ff": ["fbc e", "   d", "    z"],
    "a\tb\b\bc\x1b[2dd\x1b[S": ["   d", "", ""],
}


@pytest.mark.parametrize("text", DRAWINGS, ids=repr)
def test_sequences_draw_as_on_a_terminal(text: str) -> None:
    emulator = Emulator(5, 3)
    emulator.feed(text.encode())
    assert drawn(emulator) == DRAWINGS[text]


def test_styles_follow_sgr() -> None:
    style = restyled(PLAIN, "1;3;38;2;1;2;3;48;5;9;4:3")
    assert style == Style("010203", "9", bold=True, italic=True, underline=True)
    assert restyled(style, "22;24;39;103") == Style(bg="brightyellow", italic=True)
    assert restyled(restyled(style, "38:2::255:0:1"), "7;9;2").fg == "ff0001"
    assert restyled(style, "") == restyled(style, "0") == PLAIN


def test_a_screen_keeps_its_text_when_its_size_changes() -> None:
    grid = Grid(5, 3)
    grid.write("one\r\ntwo\r\nthree")
    grid.resize(4, 2)
    assert grid.lines() == ["two", "thre"] and (grid.x, grid.y) == (3, 1)
    grid.resize(8, 3)
    grid.write("!")
    assert grid.lines() == ["two", "thr!", ""]
