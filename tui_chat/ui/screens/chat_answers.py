"""What more is there to an answer? Its probabilities, its JSON, its sources, the answers beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui_chat.chat.citing import sources_of
from tui_chat.chat.events import Beside, Event
from tui_chat.chat.node import Node
from tui_chat.chat.probabilities import load_logprobs
from tui_chat.chat.structured import Verdict, as_csv, rows_of, value_in, verdict_of
from tui_chat.errors import StoreError, UsageError
from tui_chat.ui import keys
from tui_chat.ui.screens.chat_exchanges import Exchanging
from tui_chat.ui.transcript.entry import Entry
from tui_chat.ui.verdicts import complaints
from tui_chat.wire.json_text import pretty
from tui_chat.wire.messages import Citation, Text
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.screens.choices import ChoicesScreen


class Answers(Exchanging):
    """What can be looked at, and gone on from, in an answer."""

    _choices: ChoicesScreen | None = None
    """The answers that are looked at side by side."""

    def act_on(self, action: str, key: str) -> None:
        """Look closer at an answer."""
        doing = {
            "heat": self._heat,
            "structured": self._structured,
            "sources": self._sources,
            "choices": self._side_by_side,
        }
        if action not in doing or self.talk is None:
            super().act_on(action, key)
            return
        node = self._answer_to(key)
        if node is None:
            self.refuse_nothing()
        else:
            self.start(doing[action], node)

    # probabilities

    async def _heat(self, node: Node) -> None:
        from tui_chat.ui.screens.heat import HeatScreen

        if not node.logprobs:
            self.tell(t("heat.none", key=keys.shown("chat.parameters")), "warning")
            return
        logprobs = await self.in_thread(load_logprobs, node.logprobs, self.house.blobs)
        assert self.talk is not None
        free = not self.talk.is_busy and self.talk.read_only is None and not node.calls
        screen = HeatScreen(logprobs, node.text, model=node.answered_by or node.model, may_continue=free)
        text = await self.app.push_screen_wait(screen)
        if text is not None:
            await self.engine(self.house.desk.prefill, self.chat, node.id, text)

    # JSON

    async def _structured(self, node: Node) -> None:
        from tui_chat.ui.screens.structured import StructuredScreen

        verdict = verdict_of(node)
        asked = verdict is not None
        if verdict is None:
            value, is_json = value_in(node.text)
            if not is_json:
                self.tell(t("structured.no_value"), "warning")
                return
            verdict = Verdict("", value)
        wish = await self.app.push_screen_wait(StructuredScreen(verdict, node.text, asked=asked))
        if wish == "again":
            await self._ask_again(node, verdict)
        elif wish is not None:
            await self._save_json(verdict, wish)

    async def _ask_again(self, node: Node, verdict: Verdict) -> None:
        """Answer the answer with what is wrong with it."""
        listed = "\n".join(f"- {path}: {reason}" for path, reason in complaints(verdict))
        words = t("structured.again", violations=listed).strip()
        desk = self.house.desk
        if self.talk is not None and self.talk.conversation.leaf != node.id:
            await self.engine(desk.choose, self.chat, node.id)
        await self.engine(desk.send, self.chat, (Text(words),))

    async def _save_json(self, verdict: Verdict, kind: str) -> None:
        from tui_chat.ui.screens.dialogs import AskText

        name = await self.app.push_screen_wait(AskText(t("structured.where"), f"{verdict.schema or 'answer'}.{kind}"))
        if not name or not name.strip():
            return
        table = rows_of(verdict.value)
        text = as_csv(*table) if kind == "csv" and table is not None else f"{pretty(verdict.value)}\n"
        path = await self.in_thread(write_new, name.strip(), text)
        self.tell(t("structured.saved", path=path))

    # sources

    async def _sources(self, node: Node) -> None:
        from tui_chat.ui.screens.sources import SourcesScreen

        sources = sources_of(part for part in node.parts if isinstance(part, Citation))
        if not sources:
            self.tell(t("sources.none"), "warning")
            return
        screen = SourcesScreen(sources)
        at = await self.app.push_screen_wait(screen)
        if at is None:
            return
        if screen.copies:
            self.app.copy_to_clipboard(sources[at].url)
            self.tell(t("sources.copied", url=sources[at].url))
        else:
            await self.open_link(sources[at].url)

    async def open_link(self, href: str) -> None:
        """Open a link the person chose."""
        raise UsageError("error.internal", what=href)

    # answers side by side

    async def _side_by_side(self, node: Node) -> None:
        from tui_chat.ui.screens.choices import ChoicesScreen

        talk = self.talk
        assert talk is not None
        arriving = talk.running is not None and node.id == talk.running.id
        ids = [node.id, *talk.beside.ids] if arriving else talk.conversation.siblings(node.id)
        if len(ids) < 2:
            self.tell(t("choices.only"), "warning")
            return
        self._choices = screen = ChoicesScreen(
            self.chat, ids, self._choice_entry, at=ids.index(node.id), growing=arriving
        )
        try:
            picked = await self.app.push_screen_wait(screen)
        finally:
            self._choices = None
        if picked is not None and picked in talk.conversation:
            await self.engine(self.house.desk.choose, self.chat, talk.conversation.tip(picked))
            self.focus_writing()

    def _choice_entry(self, id: str) -> Entry:
        if self.showing is None:
            raise KeyError(id)
        return self.showing.entry(id)

    def tell_choices(self, event: Event) -> None:
        """What happened in the chat on screen, for the answers that are looked at side by side."""
        screen = self._choices
        if screen is not None and screen.chat == self.chat and screen.is_mounted:
            screen.tell(event)
        elif self._choices is None and isinstance(event, Beside) and self.app.screen is self:
            talk = self.talk
            if talk is not None and talk.running is not None and len(talk.beside) == 1:
                self.start(self._side_by_side, talk.running)


def write_new(name: str, text: str) -> Path:
    """Write a file that is not there yet; returns where it is. Raises StoreError."""
    path = Path(name).expanduser().absolute()
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise StoreError("error.export_exists", path=str(path)) from None
    except OSError as error:
        raise StoreError("error.export_failed", path=str(path), reason=error.strerror or str(error)) from error
    return path
