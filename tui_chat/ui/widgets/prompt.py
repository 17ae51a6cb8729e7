"""Where a person types: a text area whose Enter sends.

What a key or a paste means is decided here; what is done about it is the composer's and the screen's matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import ClassVar

from textual import events
from textual._text_area_theme import TextAreaTheme
from textual.actions import SkipAction
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult

from tui_chat.ui import keys
from tui_chat.ui.at_once import DrawnAtOnce, at_once
from tui_chat.ui.widgets.in_order import InOrder

PICTURE_S = 1 / 60
"""How long a picture stands at least."""
PASTE_WINDOW_S = 0.03
"""Keys so soon after each other come from no hand: a program types, or a terminal pastes and does not say so."""
CHIP_LINES = 50
CHIP_BYTES = 4096
FOLDED_BYTES = 20 * 1024
FOLDED_LINE = 5000
"""A text beyond these is never opened back into the draft: each key would be slow."""

_PATH_LIKE = re.compile(r"""\s*(?:[/~.'"“‘&]|file:|\\\\|[A-Za-z]:[\\/])""")
_HALF_MENTION = re.compile(r"""(?<![A-Za-z0-9_.+\-@/\\])@("[^"\n]*|(?:\\.|[^\s"\\@])*)$""")
_COMMAND = re.compile(r"/(\S*)$")
_POPUP_KEYS = frozenset({"up", "down", "enter", "tab", "escape"})


class Prompt(DrawnAtOnce, InOrder, TextArea):
    """The text of the draft."""

    DEFAULT_CSS = """
    Prompt { height: auto; min-height: 1; max-height: 10; width: 1fr; padding: 0 1; border: none; }
    """
    BINDINGS = keys.bindings("composer")

    paste_window_s: ClassVar[float] = PASTE_WINDOW_S

    class SendAsked(Message):
        """Enter."""

    class EscapePressed(Message):
        """Stop, cancel or leave, as the case may be."""

    class UpFromEmpty(Message):
        """Up, where there is no text to go up in."""

    @dataclass
    class HistoryAsked(Message):
        """An older (-1) or newer (1) prompt is wanted."""

        step: int

    @dataclass
    class PageAsked(Message):
        """What is above shall scroll by so many screens."""

        pages: int

    class EditorAsked(Message):
        """The person wants to write in an editor of their own."""

    class PictureAsked(Message):
        """The picture on the clipboard is wanted, if there is one."""

    class DropAsked(Message):
        """The last attachment shall go."""

    class PictureOptionsAsked(Message):
        """The last picture shall travel otherwise."""

    class OpenPasteAsked(Message):
        """The last pasted text shall stand in the draft."""

    @dataclass
    class PopupKey(Message):
        """A key for the list that floats above the text."""

        key: str

    @dataclass
    class PathsPasted(Message):
        """What was pasted may be the names of files; nothing was inserted."""

        text: str

    @dataclass
    class LongPasted(Message):
        """What was pasted is too long to stand in the text; nothing was inserted."""

        text: str

    @dataclass
    class UrlPasted(Message):
        """The address of a picture was pasted, and stands in the text."""

        url: str

    def __init__(self) -> None:
        super().__init__(compact=True, soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False)
        # A cursor that blinks is half of what a program does while nobody is there, and travels over every slow line.
        self.set_reactive(Prompt.cursor_blink, False)
        self.popup = False
        """Whether a list floats above the text and takes the arrow keys, Enter, Tab and Esc."""
        self.disable_messages(TextArea.SelectionChanged)  # nobody asks for it, and it goes up through seven nodes
        self._dressed: TextAreaTheme | None = None
        """The theme that has the colours of the stylesheet as they are now."""
        self._drawn_s = 0.0
        self._last_key_s = 0.0
        self._held_enter: Timer | None = None
        """Runs while it is open whether an Enter in the middle of fast keys sends or is part of a paste."""

    # how it looks

    def notify_style_update(self) -> None:
        """The colours of the stylesheet are other ones."""
        self._dressed = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows. A text area asks the stylesheet for its colours at each picture, a third of what a key costs."""
        if not self._component_styles:  # it is still to come, or gone: there are no colours, and nothing to be seen
            return [Strip.blank(crop.width)] * crop.height
        if (theme := self._theme) is not None and theme is not self._dressed:
            theme.apply_css(self)
            self._dressed = theme
        return super(TextArea, self).render_lines(crop)

    def edit(self, edit: Edit) -> EditResult:
        """Change the text, and have it seen at once; where many changes come together, some of them are."""
        if (now_s := monotonic()) - self._drawn_s < PICTURE_S:
            return super().edit(edit)
        self._drawn_s = now_s
        with at_once(self):
            return super().edit(edit)

    # what is at the cursor

    def half_mention(self) -> str | None:
        """The path after the `@` that the cursor stands behind, as far as it is typed."""
        row, column = self.cursor_location
        found = _HALF_MENTION.search(self.document.get_line(row)[:column])
        return found[1] if found else None

    def half_command(self) -> str | None:
        """The name after a `/` that is all that was typed yet."""
        found = _COMMAND.fullmatch(self.text)
        return found[1] if found and self.cursor_at_end_of_text else None

    def replace_before(self, length: int, text: str) -> None:
        """Put `text` in the place of the `length` characters before the cursor."""
        row, column = self.cursor_location
        self.replace(text, (row, max(0, column - length)), (row, column), maintain_selection_offset=False)

    def put(self, text: str) -> None:
        """Make this the whole text, the cursor behind it; can be undone."""
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        self.move_cursor(self.document.end)

    # keys

    async def _on_key(self, event: events.Key) -> None:
        since_last_s = self._since_last_s(event)
        await self._decide_on_enter(since_last_s)
        key = event.key
        if self.popup and key in _POPUP_KEYS:
            self._take(event)
            self.post_message(self.PopupKey(key))
        elif key == "shift+\r":  # Shift+Enter as tmux and xterm write it
            self._take(event)
            await self.run_action("newline")
        elif key == "enter":
            self._take(event)
            if since_last_s >= self.paste_window_s:
                await self._enter()
            else:
                self._held_enter = self.set_timer(self.paste_window_s, self._decide_on_enter)

    def _since_last_s(self, event: events.Event) -> float:
        before_s, self._last_key_s = self._last_key_s, event.time
        return event.time - before_s

    async def _decide_on_enter(self, since_s: float = inf) -> None:
        """An Enter right behind other text is a line of a paste where more comes right behind it; else it sends.

        Pasting by a terminal that does not say so and typing by a program differ in nothing else.
        """
        if self._held_enter is None:
            return
        self._held_enter.stop()
        self._held_enter = None
        if since_s < self.paste_window_s:
            await self.run_action("newline")
        else:
            await self._enter()

    async def _enter(self) -> None:
        bound = self.screen.active_bindings.get("enter")
        await self.run_action(bound.binding.action if bound is not None and bound.node is self else "newline")

    def _take(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()

    def action_send(self) -> None:
        """Send, unless a backslash before the cursor asks for a new line."""
        row, column = self.cursor_location
        if self.document.get_line(row)[:column].endswith("\\"):
            self.replace("\n", (row, column - 1), (row, column), maintain_selection_offset=False)
        else:
            self.post_message(self.SendAsked())

    def action_newline(self) -> None:
        """Begin a new line."""
        self._replace_via_keyboard("\n", *self.selection)

    def action_stop_or_leave(self) -> None:
        """Esc."""
        self.post_message(self.EscapePressed())

    def action_history(self, step: int) -> None:
        """Go through the prompts that were sent."""
        self.post_message(self.HistoryAsked(step))

    def action_page(self, pages: int) -> None:
        """Scroll the conversation; a draft that doesn't fit scrolls itself."""
        if self.max_scroll_y > 0:
            (super().action_cursor_page_up if pages < 0 else super().action_cursor_page_down)()
        else:
            self.post_message(self.PageAsked(pages))

    def action_editor(self) -> None:
        """Write in $EDITOR."""
        self.post_message(self.EditorAsked())

    def action_paste(self) -> None:
        """A picture from the clipboard, else what was copied in here."""
        self.post_message(self.PictureAsked())

    def paste_own(self) -> None:
        """Insert what was copied within the program."""
        if self.app.clipboard:
            self._replace_via_keyboard(self.app.clipboard, *self.selection)

    def action_drop_attachment(self) -> None:
        """Remove the last attachment; with text selected, cut it."""
        if self.selected_text:
            self.action_cut()
        else:
            self.post_message(self.DropAsked())

    def action_picture_options(self) -> None:
        """Choose how the last picture travels."""
        self.post_message(self.PictureOptionsAsked())

    def action_open_paste(self) -> None:
        """Open the last pasted text."""
        self.post_message(self.OpenPasteAsked())

    def action_cursor_up(self, select: bool = False) -> None:
        """Up; from an empty text, to what was said last."""
        if not self.text:
            self.post_message(self.UpFromEmpty())
        else:
            super().action_cursor_up(select)

    def action_copy(self) -> None:
        """Copy what is selected here; without a selection the key is someone else's."""
        if not self.selected_text:
            raise SkipAction
        self.app.copy_to_clipboard(self.selected_text)

    # pastes

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        await self._decide_on_enter(self._since_last_s(event))
        self.take_paste(event.text)

    def take_paste(self, pasted: str) -> None:
        """Insert, fold away or pass on what was pasted."""
        text = cleaned(pasted)
        if not text:
            return
        if len(text) <= FOLDED_BYTES and _PATH_LIKE.match(text):
            self.post_message(self.PathsPasted(text))
        else:
            self.insert_paste(text)

    def insert_paste(self, text: str) -> None:
        """Insert what is no file, unless it is long."""
        if text.count("\n") >= CHIP_LINES or len(text.encode("utf-8")) > CHIP_BYTES:
            self.post_message(self.LongPasted(text))
            return
        self._replace_via_keyboard(text, *self.selection)
        if text.lstrip().startswith(("http://", "https://")):
            self.post_message(self.UrlPasted(text))


def cleaned(text: str) -> str:
    """Text as it may be stored: one kind of line end, surrogates paired or replaced."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def stays_folded(text: str) -> bool:
    """Whether a pasted text is too large to be edited comfortably."""
    return len(text.encode("utf-8")) > FOLDED_BYTES or any(len(line) > FOLDED_LINE for line in text.split("\n"))
