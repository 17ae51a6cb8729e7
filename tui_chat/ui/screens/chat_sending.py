"""How does a draft become a message? Sending, the queue, drafts kept over restarts, history, the editor."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from textual import on
from textual.timer import Timer

from tui_chat.errors import ChatError, StoreError, UsageError, WireError
from tui_chat.store.drafts import Draft as KeptDraft
from tui_chat.store.drafts import History
from tui_chat.ui import pager, speech
from tui_chat.ui.draft import Draft, Enclosure
from tui_chat.ui.screens.chat_messages import MessageActions, Undo, rewritten
from tui_chat.ui.widgets.composer import Composer, Editing
from tui_chat.ui.widgets.prompt import Prompt
from tui_chat.wire.messages import Part
from tui_chat.words import t

KEEP_AFTER_S = 1.0
NEW_CHAT = "new"
"""Under this name the draft of a chat is kept that has no message yet: the next empty chat finds it."""


class Sending(MessageActions):
    """What becomes of the draft."""

    someone_found: asyncio.Event
    """Set while it is known whether there is someone to talk to."""
    _keep_timer: Timer | None = None
    _history: list[str]

    # sending

    @on(Composer.Submitted)
    def _submitted(self, event: Composer.Submitted) -> None:
        event.stop()
        self.start(self._send, event.draft, event.editing)

    async def _send(self, draft: Draft, editing: Editing | None) -> None:
        """Say it; where that fails, the draft stands in the composer again."""
        try:
            if self.talk is None or not await self._may_send(draft):
                self._give_back(draft, editing)
                return
            if editing is None:
                await self.engine(self.house.desk.send, self.chat, draft.parts)
            else:
                await self._send_edited(draft, editing)
        except ChatError as error:
            self._give_back(draft, editing)
            if isinstance(error, UsageError) and error.key == "error.no_model":
                self.tell(speech.explain(error), "warning")
                self.ask_for_model()
                return
            raise
        self._remember(draft)
        self.keep_draft_soon()

    async def _send_edited(self, draft: Draft, editing: Editing) -> None:
        assert self.talk is not None
        before = self.talk.conversation.leaf
        parts = draft.parts
        if editing.role != "user":
            parts = rewritten(self.talk.node(editing.node).parts, draft.text)
        await self.engine(self.house.desk.edit, self.chat, editing.node, parts)
        self.can_undo(Undo(self.chat, leaf=before))

    async def _may_send(self, draft: Draft) -> bool:
        """Whether there is someone to send it to, and the person means to send so much."""
        assert self.talk is not None
        if self.talk.read_only is not None:
            raise self.talk.read_only
        await self.someone_found.wait()  # a command that prints the key may take its time
        if self.house.connection is None:
            self.ask_for_connection()
            return False
        from tui_chat.attach import request_size_warning

        warning = request_size_warning(self._context_parts(draft))
        if warning is None:
            return True
        from tui_chat.ui.screens.dialogs import Confirm

        question = Confirm(t("ui.send.large"), speech.note(warning.key, warning.facts))
        return await self.app.push_screen_wait(question)

    def _context_parts(self, draft: Draft) -> Iterator[Part]:
        """Everything that would travel."""
        assert self.talk is not None
        for id in self.talk.conversation.path():
            yield from self.talk.conversation.node(id).parts
        yield from draft.parts

    def _give_back(self, draft: Draft, editing: Editing | None) -> None:
        """Nothing typed is lost: it stands where it stood, unless more was typed meanwhile."""
        composer = self.composer
        if editing is not None:
            composer.begin_edit(editing.node, editing.role, draft)
        elif composer.draft.is_empty:
            composer.show(draft)
        else:
            now = composer.draft
            composer.show(Draft(f"{draft.text}\n{now.text}", (*draft.enclosures, *now.enclosures)))

    def ask_for_connection(self) -> None:
        """Let the person give a key."""
        raise WireError("error.key_missing")

    def ask_for_model(self) -> None:
        """Let the person choose a model."""
        raise UsageError("error.no_model")

    # stopping and leaving

    @on(Composer.EscapePressed)
    def _escape_pressed(self, event: Composer.EscapePressed) -> None:
        event.stop()
        if self.talk is not None and self.talk.is_busy:
            self.start(self.engine, self.house.desk.stop, self.chat)
        elif self.talk is not None and not self.talk.is_empty:
            self.transcript.focus()

    # the queue

    @on(Composer.UpFromEmpty)
    def _up_from_empty(self, event: Composer.UpFromEmpty) -> None:
        event.stop()
        if self.talk is not None and self.talk.queued:
            self.action_unqueue()
        else:
            self.edit_last()

    def action_unqueue(self) -> None:
        """Take back what waits to be sent."""
        if self.talk is not None and self.talk.queued:
            self.start(self._unqueue)
        else:
            self.tell(t("ui.queue.empty"), "warning")

    async def _unqueue(self) -> None:
        drafts = [Draft.of(parts) for parts in await self.engine(self.house.desk.unqueue, self.chat)]
        now = self.composer.draft
        text = "\n\n".join(filter(None, (*(draft.text for draft in drafts), now.text)))
        enclosures: tuple[Enclosure, ...] = tuple(each for draft in drafts for each in draft.enclosures)
        self.composer.show(Draft(text, (*enclosures, *now.enclosures)))
        self.composer.prompt.focus()

    # keeping drafts

    @on(Composer.Changed)
    def _draft_changed(self, event: Composer.Changed) -> None:
        event.stop()
        self.keep_draft_soon()

    def keep_draft_soon(self) -> None:
        """Save the draft within a second, however long the typing goes on."""
        if self._keep_timer is not None:
            return
        self._keep_timer = self.set_timer(KEEP_AFTER_S, lambda: self.start(self.keep_draft))

    async def keep_draft(self) -> None:
        """Save the draft of the chat on screen now."""
        if self._keep_timer is not None:
            self._keep_timer.stop()
            self._keep_timer = None
        if self.talk is None:
            return
        name, kept, temporary = self._draft_name(), self._kept_draft(), self.talk.head.temporary
        await self.in_thread(self.house.drafts.save, name, kept, temporary=temporary)

    def keep_draft_at_exit(self) -> None:
        """Save it without a loop: the program ends. A disk that is full can't be helped any more."""
        if self.talk is not None and self.is_mounted:
            try:
                self.house.drafts.save(self._draft_name(), self._kept_draft(), temporary=self.talk.head.temporary)
            except StoreError:
                return

    async def load_draft(self) -> None:
        """Show what was being written in the chat on screen."""
        chat = self.chat
        kept = await self.in_thread(self.house.drafts.load, self._draft_name())
        if chat == self.chat and kept:
            # What was typed before it was there comes behind it.
            now = self.composer.draft
            enclosures = tuple(Enclosure(part) for part in kept.attachments)
            self.composer.show(Draft(kept.text + now.text, (*enclosures, *now.enclosures)))

    def _draft_name(self) -> str:
        assert self.talk is not None
        return NEW_CHAT if len(self.talk.conversation) == 0 else self.talk.id

    def _kept_draft(self) -> KeptDraft:
        draft = self.composer.draft
        return KeptDraft(draft.text, tuple(enclosure.part for enclosure in draft.enclosures))

    # history

    async def load_history(self) -> None:
        """Have the prompts at hand that were sent before."""
        self._history = await self.in_thread(History(self.house.places).load)
        self.composer.remember(self._history)

    def _remember(self, draft: Draft) -> None:
        assert self.talk is not None
        text = draft.text.strip()
        if not text:
            return
        self._history = [*(prompt for prompt in self._history if prompt != text), text]
        self.composer.remember(self._history)
        temporary = self.talk.head.temporary
        self.start(self.in_thread, History(self.house.places).add, text, temporary=temporary)

    # the editor

    @on(Prompt.EditorAsked)
    def _editor_asked(self, event: Prompt.EditorAsked) -> None:
        event.stop()
        if self.composer.prompt.read_only:
            return
        draft = self.composer.draft
        text = self.with_terminal(pager.edit, draft.text, self.house.env)
        if text is not None:
            self.composer.show(replace(draft, text=text))

    @on(Composer.OpenRefused)
    def _open_refused(self, event: Composer.OpenRefused) -> None:
        event.stop()
        self.tell(t("ui.paste.too_large"), "warning")
