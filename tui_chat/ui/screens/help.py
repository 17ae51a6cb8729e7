"""All keys, by the place where they work, and the first things to know; read from the key table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget

from tui_chat.ui import keys
from tui_chat.ui.transcript.wrap import breaks
from tui_chat.ui.widgets.prose import Prose
from tui_chat.words import t

COLUMNS = (
    ("app", "chat", "find", "models", "parameters", "presets", "value", "tools", "servers", "server_look"),
    ("composer", "chats", "approval", "consent", "stored", "stored_look", "heat", "heat_others"),
    ("transcript", "files", "structured", "choices", "sources", "inspector", "reader", "details"),
)
"""Which places stand below one another."""
KEY_WIDTH = 13
WIDE, MIDDLE = 118, 76


class HelpScreen(ModalScreen[None]):
    """A page of keys, in as many columns as there is room for."""

    CSS_PATH = "help.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (MIDDLE, "-middle"), (WIDE, "-wide")]
    BINDINGS = [*keys.bindings("dialog"), Binding("f1,q,enter", "cancel", show=False, priority=True)]

    def __init__(self, keymap: Mapping[str, str] | None = None) -> None:
        """`keymap` holds the person's own keys by binding id; without it the table knows them."""
        super().__init__()
        self._keymap = dict(keymap or {})

    def compose(self) -> ComposeResult:
        """The first things to know, then the columns."""
        with VerticalScroll(classes="page") as page:
            page.border_title = Content(t("help.title"))
            page.border_subtitle = Content(t("dialog.close_hint"))
            yield Prose(t("help.first"), classes="first")
            with Grid(classes="columns"):
                for places in COLUMNS:
                    yield KeyColumn([row for place in places for row in self._place(place)])
            yield Prose(t("help.more"), classes="more")

    def on_mount(self) -> None:
        """Let the arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()

    def action_cancel(self) -> None:
        """Close."""
        self.dismiss(None)

    def _place(self, place: str) -> list[tuple[str, str]]:
        """The rows of a place: a blank one, its heading, and what each key does."""
        rows = [("", ""), ("", t(f"help.place.{place}"))]
        for key in keys.KEYS:
            if key.where == place and key.label not in {label for _, label in rows}:
                rows.append((self._pressed(key), key.label))
        return rows

    def _pressed(self, key: keys.Key) -> str:
        """The keys that do it, as many as fit their column."""
        own = self._keymap.get(key.id)
        names = [name.strip() for name in own.split(",")] if own else keys.keys_of(key.id)
        pressed = ""
        for name in dict.fromkeys(map(keys.spelled, names)):
            if pressed and len(pressed) + 1 + len(name) >= KEY_WIDTH:
                break
            pressed = f"{pressed} {name}".strip()
        return pressed


class KeyColumn(Widget):
    """Keys and what they do, side by side; what is too long goes on under its own beginning."""

    DEFAULT_CSS = "KeyColumn { height: auto; width: 1fr; }"

    def __init__(self, rows: Sequence[tuple[str, str]]) -> None:
        """`rows` are (keys, label); one without keys is a heading."""
        super().__init__()
        self._rows = rows

    def render(self) -> Content:
        """All rows at the width there is."""
        return self._lines(self.size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows it takes at this width."""
        return self._lines(width).plain.count("\n") + 1

    def _lines(self, width: int) -> Content:
        lines: list[Content] = []
        for pressed, label in self._rows:
            if not pressed:
                lines.append(Content.styled(label, "bold $text-primary"))
                continue
            first, *others = Content(label).divide(breaks(label, max(10, width - KEY_WIDTH)))
            lines.append(Content.assemble((pressed.ljust(KEY_WIDTH), "$text-accent"), first))
            lines.extend(Content.assemble(" " * KEY_WIDTH, other) for other in others)
        return Content("\n").join(lines)
