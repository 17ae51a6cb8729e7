"""Which files to attach? Folders, kinds, a fuzzy search, several at once; what a picture is before it is taken."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Click, Key, Resize
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static

from tui_chat.attach import KINDS, spoken_size
from tui_chat.disk import expanded, is_folder
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.file_list import Entry, is_there, of_kind, pixels, read_folder
from tui_chat.ui.widgets.flat_button import FlatButton
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.lines import MARK_WIDTH, Lines, clipped
from tui_chat.words import t

SHOWN_AT_MOST = 500
"""Rows drawn at once; the search reaches the others."""
_SIZE_WIDTH = 10
_ABOVE = ".."


class FilePicker(ModalScreen[list[Path]]):
    """Lets a person pick files; the result is [] where none was."""

    CSS_PATH = "files.tcss"
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("files")]

    def __init__(self, folder: Path, kind: str = "") -> None:
        """Begin in `folder`, showing files of `kind` (a `Kind.name`; "" for all)."""
        super().__init__()
        self._folder = folder
        self._kinds = ["", *(each.name for each in KINDS)]
        self._kind = kind
        self._hidden = False
        self._entries: list[Entry] = []
        self._picked: dict[Path, None] = {}
        self._typed: tuple[Path, list[Entry]] | None = None
        """The folder that a typed path leads into, and what is in it."""
        self._moved = False
        """Whether the cursor was moved since the last letter: then Enter means the row under it, not what is typed."""

    @property
    def folder(self) -> Path:
        """The folder that is shown; where the next picker may begin."""
        return self._folder

    def compose(self) -> ComposeResult:
        """The search beside the kind, the files, what is under the cursor; the folder stands in the frame."""
        with Vertical(classes="picker") as frame:
            frame.border_subtitle = Content(t("files.hint"))
            with Horizontal(classes="line"):
                yield NameInput(placeholder=f"⌕ {t('files.search')}")
                yield Static(classes="kind")
                yield Static(classes="count")
            yield Lines(marks=True, driven=True)
            with Horizontal(classes="foot"):
                yield Static(classes="preview")
                yield FlatButton(t("files.cancel"), id="cancel")
                yield FlatButton(t("files.attach"), id="attach", main=True)

    def on_mount(self) -> None:
        """Show the first folder."""
        self.query_one(Input).focus()
        self._go(self._folder)

    # --- what the person does ---

    @on(Input.Changed)
    def _searched(self) -> None:
        self._moved = False
        if _is_path(typed := self.query_one(Input).value.strip()):
            self._look_along(typed)
        else:
            self._typed = None
            self._fill()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        typed = self.query_one(Input).value.strip()
        if _is_path(typed) and not self._moved:
            self._follow(expanded(typed))
        else:
            self._accept()

    @on(OptionList.OptionSelected)
    def _accept(self) -> None:
        entry = self._under_cursor()
        if entry is not None and entry.is_folder:
            self._go(entry.path)
        elif entry is not None:
            if self.query_one(Input).value.strip() or not self._picked:
                self._picked[entry.path] = None
            self.dismiss(list(self._picked))

    @on(OptionList.OptionHighlighted)
    def _looked_at(self) -> None:
        self._preview()

    @on(Lines.MarkClicked)
    def _mark_clicked(self) -> None:
        self._toggle()

    @on(Click, ".kind")
    def _kind_clicked(self) -> None:
        self.action_next_kind()

    @on(Button.Pressed, "#cancel")
    def _cancel_pressed(self) -> None:
        self.action_cancel()

    @on(Button.Pressed, "#attach")
    def _attach_pressed(self) -> None:
        entry = self._under_cursor()
        if self._picked:
            self.dismiss(list(self._picked))
        elif entry is not None and not entry.is_folder:
            self.dismiss([entry.path])

    def on_resize(self, event: Resize) -> None:
        """Sizes stand at the right end of their rows."""
        if self._entries:
            self.call_after_refresh(self._fill, self.query_one(Lines).cursor_id)

    def on_key(self, event: Key) -> None:
        """Arrows move through the files while the search keeps the keyboard; in an empty one they change the folder."""
        field, lines = self.query_one(Input), self.query_one(Lines)
        empty = field.has_focus and not field.value
        moves: dict[str, Callable[[], None]] = {}
        if field.has_focus:
            moves |= {
                "down": lines.action_cursor_down,
                "up": lines.action_cursor_up,
                "pagedown": lines.action_page_down,
                "pageup": lines.action_page_up,
            }
        if empty or lines.has_focus:
            moves |= {"backspace": self.action_up, "left": self.action_up, "right": self._enter_folder}
        if (move := moves.get(event.key)) is not None:
            self._moved = True
            move()
        elif lines.has_focus and event.is_printable and event.character and event.character != " ":
            field.focus()
            field.value += event.character
            field.action_end()
        else:
            return
        event.stop()
        event.prevent_default()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Space marks where it can't be meant for the name that is being typed, or for a button."""
        if action == "mark":
            field = self.query_one(Input)
            return self.query_one(Lines).has_focus or (field.has_focus and not field.value)
        return True

    def action_mark(self) -> None:
        """Mark the file under the cursor, or no longer, and go to the next."""
        self._toggle()
        self.query_one(Lines).action_cursor_down()

    def action_pick(self) -> None:
        """Mark it whatever has the keyboard."""
        self.action_mark()

    def action_up(self) -> None:
        """Show the folder above."""
        if self._folder.parent != self._folder:
            self._go(self._folder.parent, came_from=self._folder)

    def action_next_kind(self) -> None:
        """Show files of the next kind only."""
        self._kind = self._kinds[(self._kinds.index(self._kind) + 1) % len(self._kinds)]
        self._fill()

    def action_hidden(self) -> None:
        """Show hidden files too, or no longer."""
        self._hidden = not self._hidden
        self._go(self._folder)

    def action_cancel(self) -> None:
        """Pick nothing."""
        self.dismiss([])

    # --- folders ---

    def _enter_folder(self) -> None:
        entry = self._under_cursor()
        if entry is not None and entry.is_folder:
            self._go(entry.path)

    @work(exclusive=True, group="folder")
    async def _follow(self, path: Path) -> None:
        """Go where a typed path leads, or take the file that it names."""
        if not path.is_absolute():
            path = self._folder / path
        if await asyncio.to_thread(is_folder, path):
            self._go(path.absolute())
        elif await asyncio.to_thread(is_there, path):
            self._picked[path] = None
            self.dismiss(list(self._picked))
        elif self._is_meant(path):
            self._accept()
        else:
            self._say(t("error.attach_missing.says", name=str(path)), "warning")

    def _is_meant(self, path: Path) -> bool:
        """Whether a half-typed path may mean what is under the cursor; the list may be an older one."""
        entry = self._under_cursor()
        return entry is not None and entry.path.parent == path.parent and Matcher(path.name).match(entry.path.name) > 0

    @work(exclusive=True, group="folder")
    async def _look_along(self, typed: str) -> None:
        """Show what is in the folder that a path leads into while it is typed."""
        above, needle = _parts(typed)
        folder = self._folder / expanded(above)
        entries, _ = await asyncio.to_thread(read_folder, folder, self._hidden or needle.startswith("."))
        self._typed = (folder, entries)
        self._fill()

    @work(exclusive=True, group="folder")
    async def _go(self, folder: Path, came_from: Path | None = None) -> None:
        """Show a folder; where it can't be read, say why and stay."""
        entries, trouble = await asyncio.to_thread(read_folder, folder, self._hidden)
        if trouble:
            self._say(t("files.unreadable", folder=folder.name or str(folder), reason=trouble), "warning")
            return
        self._folder, self._entries, self._typed = folder, entries, None
        with self.prevent(Input.Changed):
            self.query_one(Input).value = ""
        self._fill(str(came_from) if came_from is not None else None)

    # --- what is shown ---

    def _fill(self, cursor: str | None = None) -> None:
        frame = self.query_one(".picker")
        width = max(8, frame.size.width - len(t("files.title")) - 8)
        folder = self._typed[0] if self._typed is not None else self._folder
        shown = _tail(visible(speech.home_short(str(folder)), newline=False), width)
        frame.border_title = Content(f"{t('files.title')} · {shown}")
        kind = t(f"attach.kind.{self._kind}") if self._kind else t("files.all_kinds")
        self.query_one(".kind", Static).update(Content(f"{kind} ▾"))
        typed = self.query_one(Input).value.strip()
        entries = self._matching(typed)
        files = sum(not entry.is_folder for entry in entries)
        self.query_one(".count", Static).update(Content(t("files.count", count=files)))
        lines = self.query_one(Lines)
        width = max(16, (lines.size.width or 60) - MARK_WIDTH - _SIZE_WIDTH - 2)
        rows: list[tuple[str | None, Content]] = [
            (str(entry.path), self._prompt(entry, width)) for entry in entries[:SHOWN_AT_MOST]
        ]
        if not typed and self._folder.parent != self._folder:
            rows.insert(0, (_ABOVE, Content.styled("  ../", "bold")))
        if not (entries if _is_path(typed) else files):
            rows.append((None, Content(f"  {t('files.nothing')}")))
        if len(entries) > SHOWN_AT_MOST:
            rows.append((None, Content(f"  {t('files.more', count=len(entries) - SHOWN_AT_MOST)}")))
        # The folder above is a way out, not what is looked for: the cursor begins below it.
        first = str(entries[0].path) if entries else None
        lines.fill(rows, cursor if any(id == cursor for id, _ in rows) else first)
        self._preview()
        self._show_count()

    def _matching(self, typed: str) -> list[Entry]:
        """What is of this kind and matches, the best first; all of it in its order where nothing is typed."""
        entries = of_kind(self._listed, self._kind)
        needle = _parts(typed)[1] if _is_path(typed) else typed
        if not needle:
            return entries
        matcher = Matcher(needle)
        scored = [(matcher.match(entry.path.name), entry) for entry in entries]
        return [entry for score, entry in sorted(scored, key=lambda pair: -pair[0]) if score > 0]

    def _prompt(self, entry: Entry, width: int) -> Content:
        mark = "✓ " if entry.path in self._picked else "  "
        name = Content(clipped(visible(entry.path.name, newline=False) + ("/" if entry.is_folder else ""), width))
        size = spoken_size(entry.size) if entry.is_regular else ""
        style = "bold" if entry.is_folder else "" if entry.is_regular else "dim"
        return Content.assemble((mark, "$text-success"), name.stylize(style), (size.rjust(_SIZE_WIDTH), "dim"))

    @property
    def _listed(self) -> list[Entry]:
        return self._typed[1] if self._typed is not None else self._entries

    def _under_cursor(self) -> Entry | None:
        id = self.query_one(Lines).cursor_id
        if id == _ABOVE:
            return Entry(self._folder.parent, is_folder=True)
        return next((entry for entry in self._listed if str(entry.path) == id), None)

    def _toggle(self) -> None:
        entry = self._under_cursor()
        if entry is None or entry.is_folder:
            return
        if entry.path in self._picked:
            del self._picked[entry.path]
        else:
            self._picked[entry.path] = None
        lines = self.query_one(Lines)
        width = max(16, (lines.size.width or 60) - MARK_WIDTH - _SIZE_WIDTH - 2)
        lines.replace_option_prompt(str(entry.path), self._prompt(entry, width))
        self._show_count()

    def _show_count(self) -> None:
        count = len(self._picked)
        self.query_one("#attach", Button).label = Content(
            t("files.attach_several", count=count) if count else t("files.attach")
        )

    @work(exclusive=True, group="preview")
    async def _preview(self) -> None:
        """Say what a picture is, going by its first bytes."""
        entry = self._under_cursor()
        if entry is None or entry.is_folder or not entry.is_regular:
            self._say("")
            return
        text = spoken_size(entry.size)
        found = await asyncio.to_thread(pixels, entry.path)
        if found is not None:
            width, height, format_name = found
            text = f"{format_name} · {width}×{height} · {text}"
        self._say(text)

    def _say(self, text: str, severity: str = "") -> None:
        line = self.query_one(".preview", Static)
        line.set_class(severity == "warning", "-warning")
        line.update(Content(visible(text, newline=False)))


class NameInput(LineInput):
    """The search. No name begins with a space, so while it is empty space marks files."""

    def on_mount(self) -> None:
        """A letter typed in the list comes here; the next one must not replace it."""
        self.select_on_focus = False

    def does_itself(self, key: str) -> bool:
        """Whether the picker has no use for it: while this is empty, keys change the folder."""
        return bool(self.value)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether this key is text."""
        return super().check_consume_key(key, character) and (character != " " or bool(self.value))


def _is_path(typed: str) -> bool:
    """Whether a path is typed rather than a part of a name."""
    return typed.startswith("~") or "/" in typed or (os.sep != "/" and os.sep in typed)


def _parts(typed: str) -> tuple[str, str]:
    """The folder that a typed path leads into, and the part of a name that is typed after it."""
    at = max(typed.rfind("/"), typed.rfind(os.sep)) + 1
    return (typed[:at], typed[at:]) if at else (typed, "")


def _tail(text: str, width: int) -> str:
    """The end of a path, which says more than its beginning."""
    while text and Content(text).cell_length > width:
        text = "…" + text[2:] if text.startswith("…") else "…" + text[1:]
    return text
