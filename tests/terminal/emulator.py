"""The terminal's side: keeps the screen, answers queries as a modern terminal does, remembers what was asked of it.

Every sequence is recognised as it comes; the cells (`grid.py`) are drawn only when somebody looks at the screen, so a
program that is not being watched costs little.
"""

from __future__ import annotations

import base64
import codecs
import re
from collections import Counter
from dataclasses import dataclass

from tests.terminal.grid import Grid

SEQUENCE = re.compile(
    r"\x1b(?:"
    r"\[(?P<private>[<=>?]?)(?P<params>[0-?]*)(?P<middle>[ -/]*)(?P<final>[@-~])"
    r"|\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|(?P<string>[P_^X])(?P<body>[^\x1b]*)\x1b\\"
    r"|(?P<escape>[ -/]+[0-~]|[0-OQ-WYZ\\`-~])"
    r")"
)
UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[P_^X][^\x1b]*\x1b?|[ -/]*)\Z")
STRAY = re.compile("[\x1b\x80-\x9f]")
SECOND_SCREEN = frozenset(("47", "1047", "1049"))
CELL_PIXELS = (10, 20)
KNOWN_MODES = frozenset((1, 7, 12, 25, 1000, 1002, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048))


@dataclass(frozen=True)
class Profile:
    """What kind of terminal this is. The default is a modern one; `OLD` answers next to nothing."""

    kitty_keys: bool = True
    synchronized: bool = True
    in_band_resize: bool = True
    colours: bool = True
    """Answers OSC 10, 11, 12 and 4."""
    answers: bool = True
    """False: silent to every query, as a dumb terminal is."""
    foreground: str = "dddd/dddd/dddd"
    background: str = "1e1e/1e1e/1e1e"


MODERN = Profile()
OLD = Profile(kitty_keys=False, synchronized=False, in_band_resize=False, colours=False)
SILENT = Profile(kitty_keys=False, synchronized=False, in_band_resize=False, colours=False, answers=False)


class Emulator:
    """Not thread-safe: its owner holds a lock around every call.

    Attributes:
        modes: the private modes that are set (25 is the visible cursor).
        kitty: stack of Kitty keyboard flags; empty = the old keys.
        title: of the window, as last set.
        clipboard: every text written by OSC 52, oldest first.
        sequences: how often each kind of sequence came, such as "CSI m", "CSI ?2026h", "OSC 52".
        odd: what no terminal should be sent: malformed sequences, C1 controls.
    """

    def __init__(self, columns: int, rows: int, profile: Profile = MODERN) -> None:
        self.columns, self.rows, self.profile = columns, rows, profile
        self.modes: set[int] = {7, 25}
        self.kitty: list[int] = []
        self.title = ""
        self.clipboard: list[str] = []
        self.sequences: Counter[str] = Counter()
        self.odd: list[str] = []
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._carry = ""
        self._pending = ""
        self._main = Grid(columns, rows)
        self._alternate: Grid | None = None

    # -- bytes in, answers out ---------------------------------------------------------------------------------------

    def feed(self, piece: bytes) -> bytes:
        """Take what the program wrote; what the terminal answers."""
        text = self._carry + self._decoder.decode(piece)
        self._carry = ""
        last = text.rfind("\x1b")
        opener = text.rfind("\x1b", 0, max(last, 0))
        for start in (opener, last):  # a string may end in the ESC of its own ST
            if start >= 0 and UNFINISHED.match(text, start):
                self._carry, text = text[start:], text[:start]
                break
        answers: list[str] = []
        end = taken = 0
        for found in SEQUENCE.finditer(text):
            if found.start() > end:
                self._check_plain(text[end : found.start()])
            end = found.end()
            if found["final"] == "m" and not found["private"]:
                self.sequences["CSI m"] += 1
                continue
            if found[0] == "\x1b[6n":  # the answer is where the cursor stands by now, so draw up to here
                self._pending += text[taken:end]
                taken = end
            answers.append(self._sequence(found))
        self._check_plain(text[end:])
        self._pending += text[taken:]
        return "".join(answers).encode()

    def _check_plain(self, text: str) -> None:
        self.odd += [character for character in text if character == "\x1b" or "\x80" <= character <= "\x9f"]

    def _sequence(self, found: re.Match[str]) -> str:
        if found["final"]:
            return self._csi(found)
        if found["osc"] is not None:
            return self._osc(found["osc"])
        if found["string"]:
            self.sequences[f"string {found['string']}"] += 1
            return self._device_string(found["string"], found["body"])
        self.sequences[f"ESC {found['escape']}"] += 1
        return ""

    def _csi(self, found: re.Match[str]) -> str:
        private, params, middle, final = found["private"], found["params"], found["middle"], found["final"]
        kind = f"{private}{params}" if final in "hlp" and private == "?" else private
        self.sequences[f"CSI {kind}{middle}{final}"] += 1
        if private == "?" and final in "hl" and not middle:
            return self._set_modes([int(n) for n in params.split(";") if n], final == "h")
        if final == "u" and private and self.profile.kitty_keys:
            return self._kitty_keys(private, params)
        if not self.profile.answers:
            return ""
        if (private, params, final) == ("", "6", "n"):
            self._draw(self._pending)
            self._pending = ""
            screen = self._alternate or self._main
            return f"\x1b[{screen.y + 1};{min(screen.x, self.columns - 1) + 1}R"
        if private == "?" and (middle, final) == ("$", "p"):
            return self._report_mode(int(params or 0))
        width, height = CELL_PIXELS
        fixed = {
            "c": "\x1b[?62;22;52c",
            "0c": "\x1b[?62;22;52c",
            ">c": "\x1b[>1;4000;0c",
            ">0c": "\x1b[>1;4000;0c",
            "5n": "\x1b[0n",
            ">q": "\x1bP>|harness 1.0\x1b\\",
            ">0q": "\x1bP>|harness 1.0\x1b\\",
            "14t": f"\x1b[4;{self.rows * height};{self.columns * width}t",
            "16t": f"\x1b[6;{height};{width}t",
            "18t": f"\x1b[8;{self.rows};{self.columns}t",
        }
        return fixed.get(f"{private}{params}{middle}{final}", "")

    def _set_modes(self, modes: list[int], on: bool) -> str:
        self.modes = self.modes | set(modes) if on else self.modes - set(modes)
        return self.size_report() if on and 2048 in modes and self.profile.in_band_resize else ""

    def _report_mode(self, mode: int) -> str:
        refused = (mode == 2026 and not self.profile.synchronized) or (mode == 2048 and not self.profile.in_band_resize)
        state = 0 if refused or mode not in KNOWN_MODES else 1 if mode in self.modes else 2
        return f"\x1b[?{mode};{state}$y"

    def _kitty_keys(self, private: str, params: str) -> str:
        if private == ">":
            self.kitty.append(int(params or 0))
        elif private == "<":
            del self.kitty[max(0, len(self.kitty) - int(params or 1)) :]
        elif private == "=" and self.kitty:
            self.kitty[-1] = int(params.split(";")[0] or 0)
        elif private == "?" and self.profile.answers:
            return f"\x1b[?{self.kitty[-1] if self.kitty else 0}u"
        return ""

    def _osc(self, body: str) -> str:
        number, _semicolon, rest = body.partition(";")
        self.sequences[f"OSC {number}"] += 1
        if number in ("0", "2"):
            self.title = rest
        elif number == "52" and not rest.endswith(";?"):
            coded = rest.partition(";")[2]
            self.clipboard.append(base64.b64decode(coded).decode(errors="replace"))
        if not (self.profile.answers and self.profile.colours):
            return ""
        if number in ("10", "11", "12") and rest == "?":
            colour = self.profile.background if number == "11" else self.profile.foreground
            return f"\x1b]{number};rgb:{colour}\x1b\\"
        if number == "4" and rest.endswith(";?"):
            return f"\x1b]4;{rest[:-2]};rgb:8080/8080/8080\x1b\\"
        return ""

    def _device_string(self, kind: str, body: str) -> str:
        if kind != "P" or not self.profile.answers:
            return ""
        if body.startswith("+q"):
            return "\x1bP0+r\x1b\\"
        return "\x1bP1$r0m\x1b\\" if body == "$qm" else "\x1bP0$r\x1b\\" if body.startswith("$q") else ""

    def size_report(self) -> str:
        """The in-band resize report (mode 2048)."""
        width, height = CELL_PIXELS
        return f"\x1b[48;{self.rows};{self.columns};{self.rows * height};{self.columns * width}t"

    # -- the screen --------------------------------------------------------------------------------------------------

    @property
    def screen(self) -> Grid:
        """The screen that is in front, without what the program is still drawing (synchronized output)."""
        keep = ""
        if self.profile.synchronized:
            begun, ended = self._pending.rfind("\x1b[?2026h"), self._pending.rfind("\x1b[?2026l")
            if begun > ended:
                self._pending, keep = self._pending[:begun], self._pending[begun:]
        self._draw(self._pending)
        self._pending = keep
        return self._alternate or self._main

    @property
    def alternate(self) -> bool:
        """Whether the second screen, that of full-screen programs, is in front."""
        return bool(self.modes & {47, 1047, 1049})

    def resize(self, columns: int, rows: int) -> None:
        self._draw(self._pending)
        self._pending = ""
        self.columns, self.rows = columns, rows
        for screen in (self._main, self._alternate):
            if screen is not None:
                screen.resize(max(columns, 1), max(rows, 1))  # terminals do say 0×0

    def _draw(self, text: str) -> None:
        start = 0
        for found in SEQUENCE.finditer(text):
            screen = self._alternate or self._main
            if found.start() > start:
                screen.write(STRAY.sub("\ufffd", text[start : found.start()]))
            start = found.end()
            final, private = found["final"], found["private"]
            if final and not private and not found["middle"]:
                screen.csi(found["params"], final)
            elif private == "?" and final in ("h", "l"):
                self._draw_modes(found["params"].split(";"), final == "h")
            elif found["escape"]:
                screen.escape(found["escape"])
        (self._alternate or self._main).write(STRAY.sub("\ufffd", text[start:]))

    def _draw_modes(self, modes: list[str], on: bool) -> None:
        if "7" in modes:
            (self._alternate or self._main).wraps = on
        if SECOND_SCREEN.intersection(modes):
            self._alternate = (self._alternate or Grid(max(self.columns, 1), max(self.rows, 1))) if on else None
