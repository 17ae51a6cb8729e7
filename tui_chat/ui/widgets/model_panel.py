"""Which model answers: the gateway's list with a fuzzy search, favourites first; any typed id is allowed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Click, Key
from textual.fuzzy import Matcher
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from tui_chat.ui import keys
from tui_chat.ui.gate import visible
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.lines import Lines
from tui_chat.ui.widgets.prose import Prose
from tui_chat.wire.gateway import Model
from tui_chat.words import t

SHOWN_AT_MOST = 300
"""Rows drawn at once; the search reaches the others."""
_TYPED = "typed:"


class ModelPanel(Vertical):
    """Shows the models and asks for one."""

    DEFAULT_CSS = """
    ModelPanel { padding: 0 1; }
    ModelPanel .current { text-style: bold; height: auto; }
    ModelPanel .current, ModelPanel LineInput { margin-bottom: 1; }
    ModelPanel .note { color: $text-muted; height: auto; max-height: 6; }
    ModelPanel .actions { height: 1; color: $text-primary; margin-top: 1; }
    ModelPanel .actions Static { width: auto; margin-right: 2; pointer: pointer; }
    ModelPanel .actions Static:hover { text-style: bold; }
    ModelPanel .note:ansi { text-style: dim; }
    """
    BINDINGS = keys.bindings("models")

    @dataclass
    class Chosen(Message):
        """This model shall answer from now on."""

        model: str

    @dataclass
    class FavouriteToggled(Message):
        """This model is a favourite, or no longer."""

        model: str

    @dataclass
    class RefreshAsked(Message):
        """The list shall be asked for anew."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._models: Sequence[Model] = ()
        self._current = ""
        self._favourites: frozenset[str] = frozenset()
        self._note = ""

    def compose(self) -> ComposeResult:
        """The model that answers now, the search, the list, what can be done with it, a line on its state."""
        yield Static(classes="current", id="model-current")
        yield LineInput(placeholder=f"⌕ {t('models.search')}", id="model-search")
        yield Lines(id="model-options", marks=True, driven=True)
        with Horizontal(classes="actions"):
            yield Static(Content(f"★ {t('key.models.favourite')}"), id="model-favourite")
            yield Static(Content(f"↻ {t('models.refresh')}"), id="model-refresh")
        yield Prose(classes="note", id="model-note")

    def on_mount(self) -> None:
        """Show what was given before. A letter typed in the list comes to the search; the next must not replace it."""
        self.query_one(Input).select_on_focus = False
        self._show()

    def show(self, models: Sequence[Model], current: str, favourites: frozenset[str], note: str = "") -> None:
        """Show these models; `note` says in words how the list stands (loading, from when, what failed)."""
        self._models, self._current, self._favourites, self._note = tuple(models), current, favourites, note
        if self.is_mounted:
            self._show()

    def focus_search(self) -> None:
        """Bring the keyboard to the search, empty."""
        field = self.query_one(Input)
        field.value = ""
        field.focus()

    # --- what the person does ---

    @on(Input.Changed, "#model-search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self._fill()

    @on(Input.Submitted, "#model-search")
    def _search_accepted(self, event: Input.Submitted) -> None:
        event.stop()
        if (model := self._under_cursor()) is not None:
            self.post_message(self.Chosen(model))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (model := self._under_cursor()) is not None:
            self.post_message(self.Chosen(model))

    @on(Lines.MarkClicked)
    @on(Click, "#model-favourite")
    def _star_clicked(self, event: Lines.MarkClicked | Click) -> None:
        event.stop()
        self.action_favourite()

    @on(Click, "#model-refresh")
    def _refresh_clicked(self, event: Click) -> None:
        event.stop()
        self.action_refresh()

    def on_key(self, event: Key) -> None:
        """Up and down in the search move through the list, letters in the list go to the search; Esc clears it."""
        field, lines = self.query_one(Input), self.query_one(Lines)
        moves: dict[str, Callable[[], None]] = {
            "down": lines.action_cursor_down,
            "up": lines.action_cursor_up,
            "pagedown": lines.action_page_down,
            "pageup": lines.action_page_up,
        }
        if field.has_focus and event.key in moves:
            moves[event.key]()
        elif lines.has_focus and event.is_printable and event.character and event.character != " ":
            field.focus()
            field.value += event.character
            field.action_end()
        elif event.key == "escape" and field.value:
            self.focus_search()
        else:
            return
        event.stop()
        event.prevent_default()

    def action_favourite(self) -> None:
        """Make the model under the cursor a favourite, or no longer."""
        if (model := self._under_cursor()) is not None:
            self.post_message(self.FavouriteToggled(model))

    def action_refresh(self) -> None:
        """Ask for the list anew."""
        self.post_message(self.RefreshAsked())

    # --- within ---

    def _under_cursor(self) -> str | None:
        id = self.query_one(Lines).cursor_id
        return id.removeprefix(_TYPED) if id is not None else None

    def _show(self) -> None:
        name = visible(self._current, newline=False)
        current = Content(name) if name else Content.styled(t("models.none_chosen"), "$text-warning")
        self.query_one("#model-current", Static).update(current)
        self.query_one("#model-note", Prose).update(visible(self._note))
        self._fill()

    def _fill(self) -> None:
        typed = self.query_one(Input).value.strip()
        found = self._matching(typed)
        rows: list[tuple[str | None, Content]] = [
            (id, self._prompt(id, typed, chats)) for id, chats in found[:SHOWN_AT_MOST]
        ]
        if typed and typed not in {id for id, _ in found}:
            rows.append((_TYPED + typed, Content(f"  {t('models.use_typed', model=visible(typed, newline=False))}")))
        if len(found) > SHOWN_AT_MOST:
            rows.append((None, Content(f"  {t('models.more', count=len(found) - SHOWN_AT_MOST)}")))
        lines = self.query_one(Lines)
        lines.fill(rows, None if typed else lines.cursor_id or self._current)

    def _matching(self, typed: str) -> list[tuple[str, bool]]:
        """Ids that match and whether they chat, best first; without a search the favourites, then all by name."""
        ids = dict.fromkeys(sorted(self._favourites), True) | {model.id: model.chats for model in self._models}
        if not typed:
            return sorted(ids.items(), key=lambda row: (row[0] not in self._favourites, not row[1], row[0].lower()))
        matcher = Matcher(typed)
        scored = [(matcher.match(id), id, chats) for id, chats in ids.items()]
        ranked = sorted(scored, key=lambda row: (not row[2], -row[0], row[1].lower()))
        return [(id, chats) for score, id, chats in ranked if score > 0]

    def _prompt(self, id: str, typed: str, chats: bool) -> Content:
        mark = "★ " if id in self._favourites else "· " if not chats else "  "
        name = visible(id, newline=False)
        shown = Matcher(typed).highlight(name) if typed else Content(name)
        if id == self._current:
            shown = shown.stylize("bold underline")
        if not chats:
            shown = shown.stylize_before("dim")
        return Content.assemble((mark, "$text-warning"), shown)
