"""What is about to be said? The draft with all that belongs to it: text, chips, the list of completions, bars above.

It keeps the draft and shows it; files, clipboards, editors and the conversation are the screen's matter, which it
asks by messages (and by those of the `Prompt` that it does not take itself).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from tui_chat.attach.sources import as_mention, is_image_url
from tui_chat.disk import expanded
from tui_chat.ui import keys
from tui_chat.ui.command_names import matching
from tui_chat.ui.draft import Draft, Enclosure
from tui_chat.ui.entries import attachment_label
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.chips import Chip, Chips
from tui_chat.ui.widgets.completions import Choice, Completions
from tui_chat.ui.widgets.prompt import Prompt, stays_folded
from tui_chat.wire.messages import Image, Text
from tui_chat.words import t

COMMANDS_SHOWN = 30


class Editing(Struct, frozen=True):
    """An earlier message stands in the composer to be changed."""

    node: str
    role: str
    before: Draft
    """What stood there, to be put back."""


class Composer(Vertical):
    """The place to write."""

    DEFAULT_CSS = """
    Composer { height: auto; padding: 0; }
    Composer .bar { height: auto; max-height: 4; padding: 0 2; display: none; }
    """

    @dataclass
    class Submitted(Message):
        """This shall be said; `editing` names the message it takes the place of."""

        draft: Draft
        editing: Editing | None

    class Changed(Message):
        """The draft is another one."""

    class EscapePressed(Message):
        """Nothing here takes Esc: stop the answer, or leave."""

    class UpFromEmpty(Message):
        """What was said last, or waits, is wanted back."""

    @dataclass
    class PictureOptionsAsked(Message):
        """The picture at this place shall travel otherwise."""

        index: int

    class OpenRefused(Message):
        """A pasted text is too large to be opened."""

    @dataclass
    class FileChosen(Message):
        """A file was picked from the completions."""

        path: str

    @dataclass
    class UrlChosen(Message):
        """The address of a picture shall go along as one."""

        url: str

    @dataclass
    class CommandChosen(Message):
        """A command was picked."""

        id: str

    @dataclass
    class CompletionAsked(Message):
        """Which files may be meant?"""

        prefix: str

    def __init__(self) -> None:
        super().__init__()
        self.enclosures: tuple[Enclosure, ...] = ()
        self.editing: Editing | None = None
        self._history: list[str] = []
        self._place: int | None = None
        self._unsent = ""
        self._url = ""
        self._queued: tuple[str, ...] | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static("", classes="bar", id="editing_bar", markup=False)
        yield Static("", classes="bar", id="queue_bar", markup=False)
        yield Completions()
        yield Prompt()
        yield Chips()

    @property
    def prompt(self) -> Prompt:
        """The text area."""
        return self.query_one(Prompt)

    @property
    def draft(self) -> Draft:
        """What stands here now."""
        return Draft(self.prompt.text, self.enclosures)

    # what the screen tells it

    def show(self, draft: Draft) -> None:
        """Put a draft here in place of what stands here."""
        self.prompt.put(draft.text)
        self.enclosures = draft.enclosures
        self._place = None
        self._show_chips()

    def show_placeholder(self, text: str, *, read_only: bool = False) -> None:
        """What the empty text says; a chat that can't be written to takes no text."""
        if text != str(self.prompt.placeholder):
            self.prompt.placeholder = Content(text)
        self.prompt.read_only = read_only

    def show_queue(self, texts: Sequence[str]) -> None:
        """Say what waits to be sent."""
        if tuple(texts) == self._queued:
            return
        self._queued = tuple(texts)
        bar = self.query_one("#queue_bar", Static)
        bar.display = bool(texts)
        lines = [Content.styled(f"{t('ui.queue.waits')}  ", "$text-warning")]
        for text in texts[-3:]:
            lines[0] = lines[0].append(Content(visible(" ".join(text.split())[:60], newline=False))).append("  ")
        hint = t("ui.queue.hint", key=keys.shown("chat.unqueue"))
        bar.update(Content.assemble(*lines, (hint, "dim")))

    def add(self, enclosure: Enclosure) -> None:
        """Let something go along."""
        self.enclosures = (*self.enclosures, enclosure)
        self._show_chips()
        self._tell_changed()

    def change(self, index: int, enclosure: Enclosure) -> None:
        """Let something else go along at this place."""
        self.enclosures = (*self.enclosures[:index], enclosure, *self.enclosures[index + 1 :])
        self._show_chips()
        self._tell_changed()

    def begin_edit(self, node: str, role: str, draft: Draft) -> None:
        """Put an earlier message here to be changed; what stood here comes back afterwards."""
        before = self.editing.before if self.editing is not None else self.draft
        self.editing = Editing(node, role, before)
        self.show(draft)
        self._show_editing()
        self.prompt.focus()

    def end_edit(self) -> None:
        """Put back what stood here before."""
        if self.editing is not None:
            before, self.editing = self.editing.before, None
            self.show(before)
            self._show_editing()

    def remember(self, history: Sequence[str]) -> None:
        """The prompts that were sent, oldest first."""
        self._history = list(history)
        self._place = None

    def offer_files(self, prefix: str, paths: Sequence[str]) -> None:
        """The files a half-typed word may mean, unless more was typed meanwhile."""
        if self.prompt.half_mention() == prefix:
            self._offer([Choice(f"@{path}", path) for path in paths])

    # what the text tells

    def on_prompt_send_asked(self, event: Prompt.SendAsked) -> None:
        """Send what stands here."""
        event.stop()
        draft, editing = self.draft, self.editing
        if draft.is_empty:
            return
        if editing is not None:
            self.end_edit()
        else:
            self.show(Draft())
        self.post_message(self.Submitted(draft, editing))

    def on_prompt_escape_pressed(self, event: Prompt.EscapePressed) -> None:
        """Cancel an edit; else it is the screen's."""
        event.stop()
        if self.editing is not None:
            self.end_edit()
        else:
            self.post_message(self.EscapePressed())

    def on_prompt_up_from_empty(self, event: Prompt.UpFromEmpty) -> None:
        """Pass it on, unless something goes along already."""
        event.stop()
        if self.editing is None and not self.enclosures:
            self.post_message(self.UpFromEmpty())

    def on_prompt_history_asked(self, event: Prompt.HistoryAsked) -> None:
        """Show an older or newer prompt; behind the newest stands what was being written."""
        event.stop()
        if not self._history:
            return
        if self._place is None:
            self._unsent = self.prompt.text
            self._place = len(self._history)
        place = min(max(self._place + event.step, 0), len(self._history))
        self.prompt.put(self._history[place] if place < len(self._history) else self._unsent)
        self._place = place

    def on_prompt_long_pasted(self, event: Prompt.LongPasted) -> None:
        """Fold it into a chip."""
        event.stop()
        self.add(Enclosure(Text(event.text)))

    def on_prompt_url_pasted(self, event: Prompt.UrlPasted) -> None:
        """Offer to let a picture go along as one."""
        event.stop()
        if is_image_url(event.url):
            self._url = event.url
            self._offer([Choice("url:", t("ui.attach.offer_url"), t("ui.attach.offer_url_keys"))])

    def on_prompt_drop_asked(self, event: Prompt.DropAsked) -> None:
        """Remove the last chip."""
        event.stop()
        self._remove(len(self.enclosures) - 1)

    def on_prompt_picture_options_asked(self, event: Prompt.PictureOptionsAsked) -> None:
        """Ask for the last picture."""
        event.stop()
        places = [at for at, enclosure in enumerate(self.enclosures) if isinstance(enclosure.part, Image)]
        if places:
            self.post_message(self.PictureOptionsAsked(places[-1]))

    def on_prompt_open_paste_asked(self, event: Prompt.OpenPasteAsked) -> None:
        """Open the last pasted text."""
        event.stop()
        places = [at for at, enclosure in enumerate(self.enclosures) if isinstance(enclosure.part, Text)]
        if places:
            self._open(places[-1])

    def on_prompt_popup_key(self, event: Prompt.PopupKey) -> None:
        """The list takes it."""
        event.stop()
        self.query_one(Completions).press(event.key)
        self.prompt.popup = self.query_one(Completions).is_open

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """See what is being typed."""
        event.stop()
        self._complete()
        self._tell_changed()

    def on_chips_removed(self, event: Chips.Removed) -> None:
        """A cross was clicked."""
        event.stop()
        self._remove(event.index)

    def on_chips_opened(self, event: Chips.Opened) -> None:
        """A pasted text was clicked."""
        event.stop()
        self._open(event.index)

    def on_completions_chosen(self, event: Completions.Chosen) -> None:
        """Do what was chosen."""
        event.stop()
        self.prompt.popup = False
        kind, value = event.value[0], event.value[1:]
        if kind == "@":
            self._choose_file(value)
        elif kind == "/":
            self.prompt.put("")
            self.post_message(self.CommandChosen(value))
        else:
            self.prompt.put(self.prompt.text.replace(self._url, "", 1).strip(" "))
            self.post_message(self.UrlChosen(self._url.strip()))
        self.prompt.focus()

    def on_click(self, event: events.Click) -> None:
        """A click anywhere here means writing."""
        self.prompt.focus()

    # within

    def _tell_changed(self) -> None:
        # Who asks for it stands there. Going up through three containers cost a tenth of a key.
        self.screen.post_message(self.Changed())

    def _complete(self) -> None:
        prompt = self.prompt
        command = prompt.half_command()
        mention = prompt.half_mention()
        if command is not None:
            found = matching(command)[:COMMANDS_SHOWN]
            self._offer([Choice(f"/{key.id}", key.label, keys.shown(key.id)) for key in found])
        elif mention is not None:
            self.post_message(self.CompletionAsked(mention))
        elif not (self._url and prompt.text.endswith(self._url)):
            self._offer(())

    def _offer(self, choices: Sequence[Choice]) -> None:
        self.query_one(Completions).show(choices)
        self.prompt.popup = bool(choices)

    def _choose_file(self, path: str) -> None:
        typed = self.prompt.half_mention()
        if typed is None:
            return
        if path.endswith("/"):  # a folder: go on into it
            self.prompt.replace_before(len(typed), path)
            return
        self.prompt.replace_before(len(typed) + 1, as_mention(path) + " ")
        self.post_message(self.FileChosen(str(expanded(path))))

    def _remove(self, index: int) -> None:
        if 0 <= index < len(self.enclosures):
            self.enclosures = self.draft.without(index).enclosures
            self._show_chips()
            self._tell_changed()

    def _open(self, index: int) -> None:
        part = self.enclosures[index].part if 0 <= index < len(self.enclosures) else None
        if not isinstance(part, Text):
            return
        if stays_folded(part.text):
            self.post_message(self.OpenRefused())
            return
        self._remove(index)
        self.prompt.insert(part.text)
        self.prompt.focus()

    def _show_chips(self) -> None:
        chips = [
            Chip(attachment_label(each.part), " · ".join(each.notes), isinstance(each.part, Text))
            for each in self.enclosures
        ]
        self.query_one(Chips).show(chips)

    def _show_editing(self) -> None:
        bar = self.query_one("#editing_bar", Static)
        bar.display = self.editing is not None
        self.refresh_bindings()  # what Esc does is another thing now
        if self.editing is not None:
            key = "ui.editing.user" if self.editing.role == "user" else "ui.editing.assistant"
            bar.update(Content.styled(f"✎ {t(key)}", "$text-warning"))
