"""How do sentences of ours break? As in the transcript: Chinese fills its lines, none begins with a closing mark."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tui_chat.ui.transcript.wrap import breaks


class Prose(Widget):
    """A paragraph or a few; plain text or `Content`, never markup."""

    DEFAULT_CSS = "Prose { height: auto; width: 1fr; }"

    def __init__(self, text: str | Content = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._content = text if isinstance(text, Content) else Content(text)

    @property
    def text(self) -> str:
        """What it says."""
        return self._content.plain

    def update(self, text: str | Content) -> None:
        """Say this from now on."""
        self._content = text if isinstance(text, Content) else Content(text)
        self.refresh(layout=True)

    def render(self) -> Content:
        """The text, broken to the width there is."""
        return self._broken(self.size.width)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Cells of the longest line."""
        return max(line.cell_length for line in self._content.split("\n", allow_blank=True))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows it takes at this width."""
        return self._broken(width).plain.count("\n") + 1 if self._content.plain else 0

    def _broken(self, width: int) -> Content:
        if width <= 0:
            return self._content
        lines: list[Content] = []
        for paragraph in self._content.split("\n", allow_blank=True):
            lines.extend(piece.rstrip() for piece in paragraph.divide(breaks(paragraph.plain, width)))
        return Content("\n").join(lines)
