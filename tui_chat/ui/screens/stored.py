"""Which completions did the gateway keep? A list that grows by pages; each can be looked at, opened, marked, deleted.

Where the gateway keeps none, one sentence says so. Everything is asked through `StoredSource`; nothing here knows how.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Protocol

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from tui_chat.errors import ChatError, UsageError
from tui_chat.ui import keys, speech
from tui_chat.ui.gate import visible
from tui_chat.ui.screens.dialogs import Confirm
from tui_chat.ui.screens.stored_look import StoredLook
from tui_chat.ui.screens.value_editor import ValueEditor
from tui_chat.ui.stored_rows import filter_of, first_words, row_of
from tui_chat.ui.widgets.foot_line import FootLine, Hint
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.lines import Lines
from tui_chat.ui.widgets.prose import Prose
from tui_chat.wire.kinds import Pairs
from tui_chat.wire.params import BY_NAME
from tui_chat.wire.stored import Query
from tui_chat.wire.stored_objects import Page, StoredCompletion, StoredMessage
from tui_chat.words import t

PAGE_ROWS = 50
_MORE = "more"


class StoredSource(Protocol):
    """Asks the gateway; every method raises ChatError where that fails."""

    async def page(self, query: Query) -> Page[StoredCompletion]:
        """Some of the list."""

    async def messages(self, id: str) -> list[StoredMessage]:
        """All that was sent for one."""

    async def update(self, id: str, metadata: Mapping[str, str]) -> StoredCompletion:
        """Give one other metadata."""

    async def delete(self, id: str) -> None:
        """Delete one."""


class StoredScreen(ModalScreen[str]):
    """Browses stored completions; the result is the id of the one to open as a chat, "" for none."""

    CSS_PATH = ["stored.tcss", "inspector.tcss"]
    BINDINGS = [*keys.bindings("dialog"), *keys.bindings("stored")]

    def __init__(self, source: StoredSource) -> None:
        super().__init__()
        self._source = source
        self._query = Query(limit=PAGE_ROWS, order="desc")
        self._rows: list[StoredCompletion] = []
        self._has_more = self._loading = False
        self._trouble = ""
        self._width = 0

    def compose(self) -> ComposeResult:
        """What to filter by and how many there are; the list; the keys."""
        with Vertical(classes="frame") as frame:
            frame.border_title = Content(t("stored.title"))
            with Horizontal(classes="line"):
                yield LineInput("", f"⌕ {t('stored.filter')}")
                yield Static(classes="count")
            yield Prose(classes="silence")
            yield Lines()
            yield FootLine()

    def on_mount(self) -> None:
        """Ask for the first page."""
        self.query_one(Lines).focus()
        self._begin()

    # --- what the person does ---

    @on(Input.Submitted)
    def _filtered(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            model, metadata = filter_of(event.value)
        except UsageError as error:
            self._tell(error)
            return
        self._query = Query(limit=PAGE_ROWS, order="desc", model=model, metadata=metadata)
        self.query_one(Lines).focus()
        self._begin()

    @on(OptionList.OptionHighlighted)
    def _reached(self) -> None:
        if self.query_one(Lines).cursor_id == _MORE:
            self._load()
        self._show_hints()

    @on(DescendantFocus)
    def _show_hints(self) -> None:
        self.query_one(FootLine).show_hints(list(self._hints()))

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            self._run(self._look, chosen)
        else:
            self._load()

    def on_resize(self) -> None:
        """Rows fit the width there is."""
        self.call_after_refresh(self._fit)

    def action_filter(self) -> None:
        """Go to the field."""
        self.query_one(Input).focus()

    def action_open(self) -> None:
        """Make a chat of the one under the cursor."""
        if self._chosen is not None:
            self.dismiss(self._chosen.id)

    def action_metadata(self) -> None:
        """Change the metadata of the one under the cursor."""
        if self._chosen is not None:
            self._run(self._mark, self._chosen)

    def action_delete(self) -> None:
        """Delete the one under the cursor, after a question."""
        if self._chosen is not None:
            self._run(self._delete, self._chosen)

    def action_cancel(self) -> None:
        """Leave the field; from the list, close."""
        if self.query_one(Input).has_focus and self._rows:
            self.query_one(Lines).focus()
        else:
            self.dismiss("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters typed into the field are no keys of the list."""
        of_list = action in ("open", "metadata", "delete", "filter")
        return not (of_list and self.query(Input) and self.query_one(Input).has_focus)

    # --- asking ---

    def _begin(self) -> None:
        self._rows, self._has_more, self._trouble = [], False, ""
        self._fill()
        self._loading = False
        self._load()

    def _load(self) -> None:
        if not self._loading:
            self._loading = True
            self._say()
            self._run(self._load_page, self._query)

    async def _load_page(self, query: Query) -> None:
        after = self._rows[-1].id if self._rows else ""
        try:
            page = await self._source.page(
                Query(after, query.limit, query.order, query.model, query.metadata) if after else query
            )
        except ChatError as error:
            page = None
            if query is self._query:
                self._trouble = speech.explain(error)
        if query is not self._query:
            return  # something else is asked for by now
        self._loading = False
        if page is not None:
            known = {row.id for row in self._rows}
            fresh = [row for row in page.rows if row.id not in known]
            at = fresh[0].id if fresh and self._rows else None
            self._rows += fresh
            self._has_more = page.has_more and bool(fresh)
            self._fill(at)
        self._say()

    async def _look(self, chosen: StoredCompletion) -> None:
        messages = await self._source.messages(chosen.id)
        action = await self.app.push_screen_wait(StoredLook(chosen, messages))
        if action == "open":
            self.dismiss(chosen.id)
        elif action == "metadata":
            await self._mark(chosen)
        elif action == "delete":
            await self._delete(chosen)

    async def _mark(self, chosen: StoredCompletion) -> None:
        param, kind = BY_NAME["metadata"], Pairs()
        before = text = kind.lines(dict(chosen.metadata)) if chosen.metadata else ""
        while True:
            typed = await self.app.push_screen_wait(ValueEditor(param, kind, text, unused=text != before))
            if typed is None or typed == before:
                return
            text = typed
            try:
                pairs = kind.from_lines(param.name, text) if text.strip() else {}
                changed = await self._source.update(chosen.id, {key: str(value) for key, value in pairs.items()})
            except ChatError as error:  # what was typed stays, to be put right
                self._tell(error)
                continue
            self._put(changed)
            self.notify(t("stored.marked"), markup=False)
            return

    async def _delete(self, chosen: StoredCompletion) -> None:
        question = Confirm(t("stored.delete"), f"{chosen.model}  {first_words(chosen)}\n{t('stored.delete_means')}")
        if await self.app.push_screen_wait(question):
            await self._source.delete(chosen.id)
            at = next((at for at, row in enumerate(self._rows) if row.id == chosen.id), 0)
            self._rows = [row for row in self._rows if row.id != chosen.id]
            self._fill(self._rows[min(at, len(self._rows) - 1)].id if self._rows else None)
            self._say()
            self.notify(t("stored.deleted"), markup=False)

    def _run(self, work: Callable[..., Awaitable[None]], *given: object) -> None:
        async def guarded() -> None:
            try:
                await work(*given)
            except ChatError as error:
                self._tell(error)

        self.run_worker(guarded(), exit_on_error=False)

    def _tell(self, error: ChatError) -> None:
        self.notify(visible(speech.explain(error)), severity="error", markup=False, timeout=8)

    # --- what is shown ---

    @property
    def _chosen(self) -> StoredCompletion | None:
        return self.query_one(Lines).under_cursor(self._rows)

    def _put(self, changed: StoredCompletion) -> None:
        self._rows = [changed if row.id == changed.id else row for row in self._rows]
        self._fill(changed.id)

    def _fit(self) -> None:
        width = self.query_one(Lines).size.width
        if width != self._width:
            self._width = width
            chosen = self._chosen
            self._fill(chosen.id if chosen is not None else None)

    def _fill(self, cursor: str | None = None) -> None:
        """Show the rows; the cursor goes to the completion of that id."""
        room = max(24, (self._width or 60) - 3)
        rows: list[tuple[str | None, Content]] = [(str(at), row_of(row, room)) for at, row in enumerate(self._rows)]
        if self._has_more:
            rows.append((_MORE, Content.styled(f" ⋯ {t('stored.more')}", "dim")))
        at = next((str(at) for at, row in enumerate(self._rows) if row.id == cursor), None)
        self.query_one(Lines).fill(rows, at)

    def _say(self) -> None:
        count = t("stored.count_more" if self._has_more else "stored.count", count=len(self._rows))
        if self._trouble and not self._rows:
            count = ""
        self.query_one(".count", Static).update(Content(t("stored.loading") if self._loading else count))
        silence = self._trouble
        if not silence and not self._rows and not self._loading:
            silence = t("stored.none_such" if self._query.model or self._query.metadata else "stored.none")
        shown = self.query_one(".silence", Prose)
        shown.display = bool(silence)
        shown.update(visible(silence))
        self._show_hints()

    def _hints(self) -> Iterator[Hint]:
        """What can be done where the cursor is; of a list that can't be had, no more than leaving it."""
        typing = self.query_one(Input).has_focus
        if typing:
            yield Hint("⏎", keys.BY_ID["stored.filter"].label, "screen.apply_filter")
        elif self._chosen is not None:
            yield Hint("⏎", t("stored.look"), "screen.look")
        if not typing and not self._trouble:
            for key in keys.KEYS:
                if key.where == "stored" and key.footer and (self._chosen is not None or key.name == "filter"):
                    yield Hint(keys.shown(key.id), key.label, f"screen.{key.action}")
        yield Hint(keys.shown("dialog.cancel"), keys.BY_ID["dialog.cancel"].label, "screen.cancel")

    async def action_apply_filter(self) -> None:
        """Go by what is typed."""
        await self.query_one(Input).action_submit()

    def action_look(self) -> None:
        """Look at the one under the cursor."""
        self._selected()
