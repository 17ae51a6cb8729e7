"""Which chat is this, and who answers? The row at the top: name, title, model, marks, language, help."""

from __future__ import annotations

from msgspec import Struct
from textual.content import Content
from textual.widget import Widget

from tui_chat.ui.gate import visible


class Heading(Struct, frozen=True):
    """What the head line says."""

    title: str = ""
    model: str = ""
    note: str = ""
    """Said of the model: that it is the local one."""
    short_note: str = ""
    """The same in a word, for where there is no room."""
    balance: str = ""
    """What was left on the key when the person asked."""
    marks: tuple[str, ...] = ()
    """Temporary, read-only."""
    language: str = ""
    help: str = ""


class HeadLine(Widget):
    """One row; model, language and help can be clicked."""

    DEFAULT_CSS = "HeadLine { height: 1; width: 1fr; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._heading = Heading()

    def show(self, heading: Heading) -> None:
        """Say this."""
        if heading != self._heading:
            self._heading = heading
            self.refresh()

    def render(self) -> Content:
        """Left what is open, right who answers; where it is narrow the lesser things go first."""
        width = self.size.width
        left = self._left()
        for level in range(4):
            right = self._right(level)
            if right.cell_length + min(left.cell_length, width * 2 // 5) + 3 <= width:
                break
        left = left.truncate(max(0, width - right.cell_length - 2), ellipsis=True)
        gap = " " * max(1, width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right).truncate(width, ellipsis=True)

    def _left(self) -> Content:
        heading = self._heading
        pieces: list[Content] = [Content.styled("yibu-chat", "bold $primary")]
        if heading.title:
            pieces.append(Content(visible(heading.title, newline=False)))
        pieces.extend(Content.styled(mark, "$warning") for mark in heading.marks)
        return Content("  ").join(pieces)

    def _right(self, level: int) -> Content:
        """The right half; each level leaves out more."""
        heading = self._heading
        narrow = self.size.width < 80
        pieces: list[Content] = []
        model = visible(heading.model, newline=False)
        model = model if level < 2 else _shortened(model, 24 if level == 2 else 12)
        pieces.append(Content.from_markup("[@click=screen.perform('chat.model')]$model ▾[/]", model=model))
        note = heading.note if level == 0 else heading.short_note
        if note:
            pieces.insert(0, Content.styled(note, "dim"))
        if heading.balance and level < 2:
            balance = visible(heading.balance, newline=False)
            pieces.insert(0, Content.from_markup("[dim @click=screen.perform('chat.balance')]$it[/]", it=balance))
        if not narrow and heading.language and level < 2:
            spoken = heading.language
            pieces.append(Content.from_markup("[dim @click=screen.perform('chat.settings')]$it[/]", it=spoken))
        if heading.help and level < 3:
            pieces.append(Content.from_markup("[dim @click=app.help()]$it[/]", it=heading.help))
        return Content("   ").join(pieces)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
