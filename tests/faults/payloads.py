"""Text that wants to be more than text: sequences for the terminal, characters nobody sees, markup for the screen."""

from __future__ import annotations

MARK = "⁂"
"""Stands in every payload, so that a payload is recognised where it must not be."""

SEQUENCES = (
    "\x1b[31m",
    "\x1b[2J",
    "\x1b[H",
    "\x1b[6n",
    "\x1b[c",
    "\x1b[>q",
    "\x1b[5n",
    "\x1b[?1049l",
    "\x1b[?1000h",
    "\x1b[?25l",
    "\x1b[?2004l",
    "\x1b[21t",
    "\x1b[14t",
    "\x1b[8m",
    "\x1b[1;1r",
    "\x1b[4h",
    "\x1b[>1u",
    "\x1bc",
    "\x1b7",
    "\x1b8",
    "\x1b#8",
    "\x1bM",
    "\x1b(0",
    "\x1bP$qm\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x1b_Ga=T;AAAA\x1b\\",
    "\x1b^x\x1b\\",
    "\x1bXx\x1b\\",
    "\x1b]0;owned\x07",
    "\x1b]2;owned\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]52;c;?\x07",
    "\x1b]8;;http://evil.invalid\x1b\\",
    "\x1b]4;1;#ff0000\x07",
    "\x1b]10;?\x07",
    "\x1b]9;note\x07",
    "\x1b]777;notify;a;b\x07",
    "\x1b]1337;SetMark\x07",
    "\x9b31m",
    "\x9d52;c;ZXZpbA==\x9c",
    "\x90$qm\x9c",
    "\x07\x08\x0b\x0c\x0e\x0f\x05",
    "\x7f\x00\x1a\x18",
    "safe\rEVIL",
    "\u202egnp.exe\u202c",
    "\u2066\u2069\u200f\u061c",
    "\U000e0041\U000e0042\U000e007f",
    "\u2028\u2029\ufeff\u200b",
)
MARKUP = (
    "[/foo]",
    "[@click=app.quit]x[/]",
    "[@click=app.quit()]x[/@click]",
    "[link=https://evil.invalid]x[/link]",
    "[bold red on blue]x[/]",
    "[/]",
    "[",
    "]",
    "[[[[",
    "\\[b]x",
    "[b",
    "[/b]",
    "[$primary]x",
    "arr[0] d['k']",
    "[@click=screen.perform('app.quit')]x",
    "[red]]x[/red]",
    "{x} {0} %s $it $label",
    ":smile: [/link]",
)
HOSTILE = tuple(f"{MARK}{payload}{MARK}" for payload in (*SEQUENCES, *MARKUP))
ONE_LINE = tuple(payload for payload in HOSTILE if not {"\n", "\r", "\x00"} & set(payload))

FORBIDDEN = (
    *(payload.encode() for payload in SEQUENCES if payload.startswith("\x1b") and len(payload) > 3),
    *(character.encode() for character in "\u202e\u202c\u2066\u2069\u200f\u061c\U000e0041\ufeff\x9b\x9d\x90\x9c"),
    b"\x7f",
    b"\x0e",
    b"\x05",
    b"\x1a",
)
"""Bytes that no program of ours writes to a terminal, whatever it is shown. (Some sequences are also our own.)"""
OURS = (b"\x1b[?1049l", b"\x1b[?1000h", b"\x1b[?25l", b"\x1b[?2004l")
FORBIDDEN = tuple(each for each in FORBIDDEN if each not in OURS)
