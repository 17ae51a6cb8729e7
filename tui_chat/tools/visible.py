"""How is a text shown so that nothing in it can hide, and that the exact text can be read back from what is shown?

What a person approves must be what runs, to the byte. The screen's gate replaces what is dangerous; that is right for
reading, but two texts can then look the same. Here each text has a look of its own: `read_back(shown(text)) == text`
for every text, and nothing in `shown(text)` is invisible, moves other characters, or passes for another one in the
middle of a word.

    newline           ⏎ and a line break
    tab, ESC, NUL …   ⇥ ␛ ␀ (the control pictures), DEL ␡
    runs of spaces    ⟨␣×200⟩ from nine on, from one on at the end of a line; an indentation up to 40 stays
    all else unseen   ⟨U+202E⟩: bidi, zero-width, tag, selector, private and unassigned characters, other spaces
    look-alikes       ⟨U+0441⟩: a Cyrillic or Greek letter among Latin ones, a fraction slash, a Greek question mark
    these signs       ⟨U+23CE⟩, where the text itself has one of them
"""

from __future__ import annotations

import re
import unicodedata

MAX_SPACES = 8
"""Of a run within a line that stays as it is."""
MAX_INDENT = 40
"""Of a run at the start of a line that stays as it is: program text stands in columns."""
MAX_MARKS = 2
"""Combining marks on one letter that stay; more could paint over the line above."""

_NEWLINE = "⏎"
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)}
_PICTURES |= {0x09: "⇥", 0x7F: "␡"}
_SIGNS = {_NEWLINE, "⟨", "⟩", "␣", *_PICTURES.values()}
_BACK = {picture: chr(code) for code, picture in _PICTURES.items()}

# Printable by their category, and yet drawn as nothing: grapheme joiner, Hangul fillers, Khmer inherent vowels,
# Mongolian selectors, braille blank, variation selectors.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U0001d159\U000e0100-\U000e01ef]"
)
# Drawn like a sign that programs read: ; . / : - ! | ' and others, each from another block.
_LOOK_ALIKE = re.compile(
    "[\u01c0-\u01c3\u02b9-\u02bc\u02c8\u02d0\u02f8\u037e\u0387\u0589\u05c3\u05f3\u2010-\u2012\u2024\u2032\u2043\u2044"
    "\u204e\u2052\u2055\u2212\u2215-\u2217\u2223\u2236\u223c\u23ae\u2571\u2758\u27cb\u29f5\u29f8\u2cfa\ua4f8\ua789"
    "\ufe52\ufe54\ufe55\ufe58\ufe63\ufe68]"
)
_WORD = re.compile(r"\w+")
_LATIN = re.compile("[A-Za-z]")
# Letters of other alphabets, and of the phonetic one, that pass for Latin ones inside a Latin word.
_OTHER_LETTER = re.compile(
    "[\u0131\u017f\u0250-\u02af\u0370-\u0373\u0376-\u052f\u0531-\u0587\u05d0-\u05ea\u10a0-\u10ff\u13a0-\u13fd"
    "\u1d00-\u1d7f\u2100-\u2138\u2160-\u2188\u2c80-\u2cff\ua4d0-\ua4f7\uab70-\uabbf\uff21-\uff5a"
    "\U00010280-\U0001031f\U0001d400-\U0001d7ff]"
)
_DASHES = re.compile("[\u2013-\u2015]+(?=[A-Za-z])")
"""Before a letter at the start of a word, a long dash looks like an option's."""
_PLAIN = re.compile(r"[!-~]+(?: {1,8}[!-~]+)*")
_PIECES = re.compile(r"\n| +|[^\n ]+")
_READ = re.compile(r"⏎\n?|⟨U\+([0-9A-F]{4,6})⟩|⟨␣×([1-9][0-9]*)⟩|([⟨⟩␣\n])")
_PICTURE = re.compile(f"[{''.join(_BACK)}]")


def shown(text: str, *, lines: bool = True) -> str:
    """`text` so that all of it is seen; `read_back` gives exactly `text` again.

    A list of arguments is shown as `shown(shlex.join(argv))`, which reads back through `shlex.split`.

    Args:
        text: anything, lone surrogates included.
        lines: break the line after each ⏎; else the whole stays one line.
    """
    if _PLAIN.fullmatch(text):
        return text
    pieces = _PIECES.findall(text)
    out: list[str] = []
    for at, piece in enumerate(pieces):
        if piece == "\n":
            out.append("⏎\n" if lines else _NEWLINE)
        elif piece[0] == " ":
            starts = at == 0 or pieces[at - 1] == "\n"
            ends = at == len(pieces) - 1 or pieces[at + 1] == "\n"
            stays = not ends and len(piece) <= (MAX_INDENT if starts else MAX_SPACES)
            out.append(piece if stays else f"⟨␣×{len(piece)}⟩")
        else:
            out.append(_seen(piece))
    return "".join(out)


def read_back(text: str) -> str:
    """The text that `shown` made this of.

    Raises:
        ValueError: `shown` makes nothing like it.
    """

    def back(match: re.Match[str]) -> str:
        code, spaces, stray = match.groups()
        if stray is not None:
            raise ValueError(f"{stray!r} at {match.start()} stands for nothing")
        if code is not None:
            return chr(int(code, 16))
        return " " * int(spaces) if spaces is not None else "\n"

    # Signs first turn into what they stand for only where no ⟨…⟩ holds them, so one pass does both.
    whole = re.compile(f"{_READ.pattern}|{_PICTURE.pattern}")
    return whole.sub(lambda match: _BACK.get(match.group()) or back(match), text)


def _seen(run: str) -> str:
    """A run without spaces and newlines, each character of it seen or named."""
    strange = {
        match.start() + at
        for match in _WORD.finditer(run)
        if _LATIN.search(match.group())
        for at, character in enumerate(match.group())
        if _OTHER_LETTER.match(character)
    }
    if dashes := _DASHES.match(run):
        strange.update(range(dashes.end()))
    out: list[str] = []
    marks = 0
    for at, character in enumerate(run):
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if picture := _PICTURES.get(ord(character)):
            out.append(picture)
        elif character in _SIGNS or at in strange or _unseen(character, marks, at):
            out.append(f"⟨U+{ord(character):04X}⟩")
        else:
            out.append(character)
    return "".join(out)


def _unseen(character: str, marks: int, at: int) -> bool:
    """Whether a reader could overlook it, or take it for another: `marks` counts it and the marks before it."""
    if character.isascii():
        return False
    if not character.isprintable() or _BLANK.match(character) or _LOOK_ALIKE.match(character):
        return True
    return marks > MAX_MARKS or (marks > 0 and at < marks)  # a mark on nothing sits on whatever stands before it
