"""Where are pictures in the text? `data:image/…;base64,` payloads are taken out before Markdown is parsed.

A payload of 5 MB costs a parser a second, each time. What remains in the text is an address ("media:0") where a link
pointed to the picture, and a few words elsewhere.
"""

from __future__ import annotations

import re

from tui_chat.ui.transcript.block import Media, Shared
from tui_chat.words import t

_KEY = "data:image/"
_ADDRESS = re.compile(r"data:image/([\w.+-]{1,40});base64,")
_UNFINISHED = re.compile(r"data:image/[\w.+-]{0,40}(?:;[base64]{0,6})?")
_PAYLOAD = re.compile(r"[A-Za-z0-9+/=_-]*")
_MIN_PAYLOAD = 256  # characters; a shorter one is likely an example in an answer about web pages, and stays
_LINK_BEFORE = ("](", "](<", "]: ")
_MAX_PARTS = 4_096


class Diverter:
    """Cuts picture payloads out of a growing text; any cut of the text gives the same result."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._held = ""  # may be the beginning of an address; at most 51 + _MIN_PAYLOAD characters
        self._before = ""  # last characters given out
        self._parts: list[str] | None = None  # of the payload being read
        self._address = ""
        self._kind = ""

    def feed(self, text: str) -> str:
        """What of the text so far is certain and was not given out yet, payloads cut out."""
        if not self._held and self._parts is None and "d" not in text:
            self._before = (self._before + text)[-3:]
            return text
        text = self._held + text
        self._held = ""
        out: list[str] = []
        at = 0
        while at < len(text):
            at = self._payload(text, at, out) if self._parts is not None else self._plain(text, at, out)
        return "".join(out)

    def finish(self) -> str:
        """What was held back."""
        out: list[str] = []
        if self._parts is not None:
            self._close(out)
        rest, self._held = self._held, ""
        return "".join(out) + rest

    @property
    def unfinished(self) -> str:
        """Words for a payload that is still arriving, else ""."""
        if self._parts is None:
            return ""
        return _words(len(self._shared.media), self._kind, sum(map(len, self._parts)) * 3 // 4)

    def _give(self, text: str, out: list[str]) -> None:
        out.append(text)
        self._before = (self._before + text)[-3:]

    def _plain(self, text: str, at: int, out: list[str]) -> int:
        """Give out text up to the next payload, or hold back what may become one; returns where to go on."""
        key = text.find(_KEY, at)
        if key < 0:
            held = next((n for n in range(len(_KEY) - 1, 0, -1) if text.endswith(_KEY[:n], at)), 0)
            self._give(text[at : len(text) - held], out)
            self._held = text[len(text) - held :]
            return len(text)
        self._give(text[at:key], out)
        found = _ADDRESS.match(text, key)
        if found is None:
            if _UNFINISHED.fullmatch(text, key):
                self._held = text[key:]
                return len(text)
            self._give(text[key : key + len(_KEY)], out)
            return key + len(_KEY)
        payload = _PAYLOAD.match(text, found.end())
        end = payload.end() if payload else found.end()
        if end - found.end() >= _MIN_PAYLOAD:
            self._parts, self._address, self._kind = [], found.group(), found.group(1)
            return found.end()
        if end == len(text):
            self._held = text[key:]
            return end
        self._give(text[key:end], out)
        return end

    def _payload(self, text: str, at: int, out: list[str]) -> int:
        found = _PAYLOAD.match(text, at)
        end = found.end() if found else at
        parts = self._parts or []
        parts.append(text[at:end])
        if len(parts) > _MAX_PARTS:
            parts[:] = ["".join(parts)]
        self._parts = parts
        if end < len(text):
            self._close(out)
        return end

    def _close(self, out: list[str]) -> None:
        payload = "".join(self._parts or ())
        self._parts = None
        number = len(self._shared.media)
        linked = self._before.endswith(_LINK_BEFORE)
        mark = f"media:{number}" if linked else _words(number, self._kind, len(payload) * 3 // 4)
        self._shared.media.append(Media(self._kind, payload, self._address, mark))
        self._give(mark, out)


def _words(number: int, kind: str, size_bytes: int) -> str:
    return t("layout.media", number=number + 1, kind=kind, size=size_in_words(size_bytes))


def size_in_words(size_bytes: int) -> str:
    """A size as people read it: "512 B", "12 kB", "1.2 MB"."""
    if size_bytes < 1_000:
        return t("layout.bytes", count=size_bytes)
    if size_bytes < 1_000_000:
        return t("layout.kilobytes", count=round(size_bytes / 1_000))
    return t("layout.megabytes", count=f"{size_bytes / 1_000_000:.1f}")
