"""What is marked inside a model's text: thoughts between `<think>` marks, pictures as Markdown data URIs.

Some upstreams have no field for either and write them into the content. Marks may be split over any number of pieces,
so what could still become a mark is held back; `flush` lets it go. The rules are narrow on purpose, since a model may
also write *about* such marks: an opening mark counts only at the very start of the answer, a closing one without an
opening one only where it is not quoted.
"""

from __future__ import annotations

from msgspec import Struct

from tui_chat import late

_OPENING = ("<think>", "<thinking>", "<thought>")
_CLOSING = "</think>"
_PICTURE = late.pattern(r"!\[[^\]\n]{0,80}\]\(data:|\[media\]\(data:")
_TARGET = r"(?:\](?:\((?:d(?:a(?:ta?)?)?)?)?)?"
_PICTURE_TAIL = late.pattern(rf"!(?:\[[^\]\n]{{0,80}}{_TARGET})?$|\[(?:m(?:e(?:d(?:i(?:a{_TARGET})?)?)?)?)?$")
"""The end of a text that may yet become a picture."""
_PICTURE_END = late.pattern(r"[)\s]")
_LONGEST_TAIL = 96
_QUOTES = "`'\"“‘「『"


class Sorted(Struct, frozen=True):
    """What a piece of content adds."""

    text: str = ""
    reasoning: str = ""
    anew: bool = False
    """What was given out as text before was reasoning; `text` and `reasoning` are the whole of both."""


_NOTHING = Sorted()


class Marks:
    """Sorts the content of one choice, piece by piece."""

    def __init__(self) -> None:
        self.images: list[str] = []
        """Data URIs cut out of the text."""
        self._held = ""
        self._place = "start"  # start | thought | text | picture
        self._closing = _CLOSING
        self._after_thought = False
        self._fresh_thought = False
        self._may_close = True
        self._given: list[str] = []
        self._picture: list[str] = []

    def no_lone_closing(self) -> None:
        """Thoughts came in a field of their own, so a closing mark without an opening one is mere text."""
        self._may_close = False
        self._given.clear()

    def feed(self, piece: str) -> Sorted:
        """Sort the next piece of content."""
        if self._place == "text" and not self._held and not ("!" in piece or "[" in piece):
            if not self._may_close:
                return Sorted(piece)
            if "<" not in piece:
                self._given.append(piece)
                return Sorted(piece)
        return self._sort(piece, at_end=False)

    def flush(self) -> Sorted:
        """Let go of what was held back: the answer is over."""
        return self._sort("", at_end=True) if self._held or self._picture else _NOTHING

    @property
    def pending(self) -> Sorted:
        """What `flush` would give, without letting go of it."""
        if self._place == "thought":
            return Sorted(reasoning=self._held.rstrip())
        return Sorted("" if self._after_thought and not self._held.strip() else self._held)

    def _sort(self, piece: str, *, at_end: bool) -> Sorted:
        held, self._held = self._held + piece, ""
        texts: list[str] = []
        thoughts: list[str] = []
        anew = False
        while held:
            if self._place == "start":
                held = self._start(held, at_end=at_end)
            elif self._place == "thought":
                held = self._thought(held, thoughts, at_end=at_end)
            elif self._place == "picture":
                held = self._in_picture(held, texts)
            else:
                held, closes = self._text(held, texts, at_end=at_end)
                if closes:
                    anew = bool(self._given)
                    thoughts = ["".join((*self._given, *texts)).strip()]
                    texts = []
                    self.no_lone_closing()
        if at_end and self._picture:
            self._picture.clear()  # half a picture shows nothing, and its base64 is no text
            self._place = "text"
        text = "".join(texts)
        if text and self._may_close:
            self._given.append(text)
        return Sorted(text, "".join(thoughts), anew)

    def _start(self, held: str, *, at_end: bool) -> str:
        """Before the first word: does the answer open with a thought?"""
        words = held.lstrip()
        for mark in _OPENING:
            if words.startswith(mark):
                self._place, self._closing = "thought", mark.replace("<", "</")
                self._fresh_thought = True
                self.no_lone_closing()
                return words[len(mark) :]
        if not at_end and (not words or any(mark.startswith(words) for mark in _OPENING)):
            self._held = held
            return ""
        self._place = "text"
        return words if self._after_thought else held

    def _thought(self, held: str, thoughts: list[str], *, at_end: bool) -> str:
        if self._fresh_thought:
            held = held.lstrip()
            self._fresh_thought = not held
            if held and self._after_thought:
                thoughts.append("\n\n")
        end = held.find(self._closing)
        if end >= 0:
            thoughts.append(held[:end].rstrip())
            self._place, self._after_thought = "start", True
            return held[end + len(self._closing) :]
        # White space before the closing mark is not part of the thought, so it waits with what may be the mark.
        cut = len(held) if at_end else len(held) - _overlap(held, self._closing)
        words = held[:cut].rstrip()
        thoughts.append(words)
        self._held = "" if at_end else held[len(words) :]
        return ""

    def _text(self, held: str, texts: list[str], *, at_end: bool) -> tuple[str, bool]:
        """Text up to the next mark; also whether a lone closing mark was met, which makes all before it a thought."""
        closing = held.find(_CLOSING) if self._may_close else -1
        picture = _PICTURE.search(held)
        if closing >= 0 and (picture is None or closing < picture.start()):
            after = closing + len(_CLOSING)
            texts.append(held[:closing])
            if self._quoted("".join((*self._given, *texts))):
                texts.append(_CLOSING)
                return held[after:], False
            self._place, self._after_thought = "start", True
            return held[after:], True
        if picture is not None:
            texts.append(held[: picture.start()])
            self._place = "picture"
            self._picture = [picture[0]]
            return held[picture.end() :], False
        keep = 0
        if not at_end:
            tail = _PICTURE_TAIL.search(held, max(0, len(held) - _LONGEST_TAIL))
            keep = len(held) - tail.start() if tail else 0
            if self._may_close:
                keep = max(keep, _overlap(held, _CLOSING))
        texts.append(held[: len(held) - keep])
        self._held = held[len(held) - keep :]
        return "", False

    def _in_picture(self, held: str, texts: list[str]) -> str:
        end = _PICTURE_END.search(held)
        if end is None:
            self._picture.append(held)
            return ""
        self._picture.append(held[: end.start()])
        whole, self._picture = "".join(self._picture), []
        self._place = "text"
        uri = whole[whole.index("](") + 2 :]
        if end[0] == ")" and ";base64," in uri[:200]:
            self.images.append(uri)
            return held[end.end() :]
        texts.append(whole)
        return held[end.start() :]

    @staticmethod
    def _quoted(before: str) -> bool:
        """Whether a closing mark after this text is spoken of: in code, quoted, or after its opening mark."""
        return before.endswith(tuple(_QUOTES)) or before.count("```") % 2 == 1 or "<think>" in before


def _overlap(text: str, mark: str) -> int:
    """Length of the longest end of `text` that is a beginning of `mark`."""
    for size in range(min(len(text), len(mark) - 1), 0, -1):
        if text.endswith(mark[:size]):
            return size
    return 0
