"""What may reach the terminal? Untrusted text made printable (gate 1), and a last gate on all that is written (gate 2).

Model, tool and server text can hold escape sequences, bidi overrides and hidden characters. Gate 1, `visible`, is
called by whatever draws such text and shows them as symbols, so a reader sees that something was there; it works per
code point with its neighbours and keeps no state, so no cut of a stream can slip a sequence through. Gate 2 sits
where Textual turns strips into bytes and deletes what any other way may have let in. What is stored stays as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TextIO

from tui_chat import late

if TYPE_CHECKING:  # gate 1 is also the command line's, which must not wait for Textual
    from rich.color import ColorSystem
    from rich.console import Console
    from rich.style import Style
    from textual.strip import Strip

_BIDI = {
    "\u061c": "⟨ALM⟩",
    "\u200e": "⟨LRM⟩",
    "\u200f": "⟨RLM⟩",
    "\u202a": "⟨LRE⟩",
    "\u202b": "⟨RLE⟩",
    "\u202c": "⟨PDF⟩",
    "\u202d": "⟨LRO⟩",
    "\u202e": "⟨RLO⟩",
    "\u2066": "⟨LRI⟩",
    "\u2067": "⟨RLI⟩",
    "\u2068": "⟨FSI⟩",
    "\u2069": "⟨PDI⟩",
}

# Drawn as nothing by every terminal and needed by no script as plain text: soft hyphen, grapheme joiner, Hangul
# fillers, Khmer inherent vowels, Mongolian separator, zero width space, word joiner and the invisible operators,
# deprecated format characters, BOM, interlinear annotation, musical and shorthand format characters.
_UNSEEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
_TAGS = "\U000e0000-\U000e007f"
_REST_OF_PLANE_14 = "\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_JOINERS = "\u200c\u200d"
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_LINE_ENDS = "\u2028\u2029"
_SURROGATES = "\ud800-\udfff"
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"

_SUSPECTED = (
    f"[{_CONTROL}{''.join(_BIDI)}{_UNSEEN}{_LINE_ENDS}{_SURROGATES}{_REST_OF_PLANE_14}]"
    f"|[{_TAGS}]+|[{_SELECTORS}]+|[{_JOINERS}]+|[{_MARKS}]{{5,}}"
)
_SUSPECT, _SUSPECT_OR_NEWLINE = late.pattern(_SUSPECTED), late.pattern(f"\n|{_SUSPECTED}")

# England, Scotland and Wales: the only flags that emoji fonts draw from tag characters.
_FLAG_TAGS = {"".join(chr(0xE0000 + ord(c)) for c in code) + "\U000e007f" for code in ("gbeng", "gbsct", "gbwls")}
_EMOJI = late.pattern("[#*0-9\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
_IDEOGRAPHS = ((0x2200, 0x22FF), (0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFF60), (0x20000, 0x3FFFF))
"""From, to; as a pattern, so many characters would take 10 ms to compile at every start."""
# Scripts that write with joiners: Arabic, Syriac, N'Ko …, the Indic scripts, Tibetan, Myanmar, Khmer, Mongolian.
_JOINING = late.pattern("[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua8e0-\ua8ff\ufb50-\ufdff\ufe70-\ufefe]")
_EMOJI_END = late.pattern("[\u2190-\u2bff\u3030\u303d\ufe0f\U0001f000-\U0001faff]")
_MAX_MARKS = 4


def visible(text: str, *, newline: bool = True) -> str:
    r"""`text` as a terminal may be shown it, control, bidi and invisible characters made visible; idempotent.

    C0 controls (but tab and newline) and DEL become control pictures (␛ ␀ ␡), C1 controls "\x9b", bidi controls and
    marks names such as ⟨RLO⟩, U+2028 and U+2029 ⏎, lone surrogates U+FFFD. Tag characters show the text that they
    hide, ⟨like this⟩. Zero-width characters and runs of variation selectors are left out, as are combining marks
    from the fifth on one letter. Joiners and selectors stay where an emoji or a script needs them.

    Args:
        text: anything from outside.
        newline: keep "\n"; else it is shown as ⏎, for text that must stay on one line.
    """
    pattern = _SUSPECT if newline else _SUSPECT_OR_NEWLINE
    if pattern.search(text) is None:
        return text
    for _ in range(4):  # what one pass takes out can bring together what the next must look at
        shown = pattern.sub(_shown, text)
        if shown == text:
            break
        text = shown
    return text


class GatedStream:
    """A text stream to a terminal whose every word goes through gate 1; everything else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self.ungated = stream
        """For words of our own that move the cursor."""

    def write(self, text: str) -> int:
        """Write it as a terminal may be shown it."""
        return self.ungated.write(visible(text))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write them so."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ungated, name)


def _shown(match: re.Match[str]) -> str:
    run = match.group()
    code = ord(run[0])
    if code in (0x0A, 0x2028, 0x2029):
        return "⏎"
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code < 0xA0:
        return f"\\x{code:02x}"
    if name := _BIDI.get(run[0]):
        return name
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    before = match.string[match.start() - 1] if match.start() else ""
    if run[0] in "\u200c\u200d":
        after = match.string[match.end() : match.end() + 1]
        return run if len(run) == 1 and _joins(run, before, after) else ""
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return run if len(run) == 1 and _selects(code, before) else ""
    if 0xE0000 <= code <= 0xE007F:
        return _shown_tags(run, before)
    return run[:_MAX_MARKS] if len(run) > 1 else ""


def _joins(joiner: str, before: str, after: str) -> bool:
    """Whether a joiner between these two characters is part of an emoji or of a script that needs it."""
    if not before:
        return False
    if _JOINING.match(before):
        return True
    return joiner == "\u200d" and bool(_EMOJI_END.match(before) and after and _EMOJI.match(after))


def _selects(code: int, before: str) -> bool:
    """Whether a variation selector has a character before it that it can vary."""
    if code in (0xFE0E, 0xFE0F):
        return bool(before and _EMOJI.match(before))
    return bool(before) and any(first <= ord(before) <= last for first, last in _IDEOGRAPHS)


def _shown_tags(run: str, before: str) -> str:
    if before == "\U0001f3f4" and run in _FLAG_TAGS:
        return run
    hidden = "".join(chr(ord(c) - 0xE0000) for c in run if 0xE0020 <= ord(c) < 0xE007F)
    return f"⟨{hidden}⟩" if hidden else ""


_FORBIDDEN = late.pattern(f"[\x00-\x08\x0a-\x1f\x7f-\x9f{''.join(_BIDI)}\ufeff{_TAGS}{_SURROGATES}]")


def scrub(text: str) -> str:
    """`text` without the characters that a terminal could take as a command or an order to turn round.

    Rich counts each of them as no cell wide, so deleting them moves nothing.
    """
    return text if _FORBIDDEN.search(text) is None else _FORBIDDEN.sub("", text)


def scrub_strip(strip: Strip) -> Strip:
    """`strip` with every segment scrubbed and links that are not printable taken off; itself if nothing was."""
    from rich.segment import Segment
    from textual.strip import Strip

    if not any(_FORBIDDEN.search(text) or has_bad_link(style) for text, style, _ in strip):
        return strip
    segments = [
        Segment(scrub(text), style.update_link(None) if style and has_bad_link(style) else style, control)
        for text, style, control in strip
    ]
    return Strip(segments)


def has_bad_link(style: Style | None) -> bool:
    """Whether the address a style links to could be taken as a command."""
    return bool(style and style.link and not style.link.isprintable())


def install_last_gate() -> None:
    """Put gate 2 between every strip and the terminal; once a process, a second call does nothing.

    Wraps `Strip.render_style`, and takes the place of `Strip.render`, which writes segments without a style past it.
    """
    from textual.strip import Strip

    from tui_chat.ui.sgr import written

    if getattr(Strip, "_gated", False):
        return
    render_style: Callable[..., str] = Strip.render_style

    def gated_style(cls: type[Strip], style: Style, text: str, color_system: ColorSystem) -> str:
        if has_bad_link(style):
            style = style.update_link(None)
        return render_style(style, scrub(text), color_system)

    def gated_render(strip: Strip, console: Console) -> str:
        if strip._render_cache is None:
            strip._render_cache = written(strip, console)
        return strip._render_cache

    gate: Any = Strip
    gate.render_style = classmethod(gated_style)
    gate.render = gated_render
    gate._gated = True
