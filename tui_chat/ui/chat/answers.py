"""What more is there to an answer? Its probabilities, its JSON, its sources, the answers beside it."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

from tui_chat.chat.citing import sources_of
from tui_chat.chat.events import Beside, Event
from tui_chat.chat.node import Node
from tui_chat.chat.probabilities import load_logprobs
from tui_chat.chat.structured import Verdict, as_csv, rows_of, value_in, verdict_of
from tui_chat.ui import keys
from tui_chat.ui.calls import brief, trees_of
from tui_chat.ui.chat.meant import for_answer
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.chat.saving import Saving
from tui_chat.ui.links import openable
from tui_chat.ui.transcript.entry import Entry
from tui_chat.ui.transcript.view import Transcript
from tui_chat.ui.verdicts import complaints
from tui_chat.wire.json_text import pretty
from tui_chat.wire.messages import Citation, Text
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.ui.screens.choices import ChoicesScreen


class Answers(Part):
    """What can be looked at, and gone on from, in an answer."""

    def __init__(self, room: Room, saving: Saving) -> None:
        self.room = room
        self._saving = saving
        self.acts = {
            "heat": for_answer(room, self._heat),
            "structured": for_answer(room, self._structured),
            "sources": for_answer(room, self._sources),
            "choices": for_answer(room, self._side_by_side),
        }
        self.answers = {Transcript.LinkPicked: lambda event: room.start(self.open_link, event.href)}
        self._choices: ChoicesScreen | None = None
        """The answers that are looked at side by side."""

    # probabilities

    async def _heat(self, node: Node) -> None:
        from tui_chat.ui.screens.heat import HeatScreen

        if not node.logprobs:
            self.room.tell(t("heat.none", key=keys.shown("chat.parameters")), "warning")
            return
        logprobs = await self.room.in_thread(load_logprobs, node.logprobs, self.room.house.blobs)
        assert self.room.talk is not None
        free = not self.room.talk.is_busy and self.room.talk.read_only is None and not node.calls
        screen = HeatScreen(logprobs, node.text, model=node.answered_by or node.model, may_continue=free)
        text = await self.room.ask(screen)
        if text is not None:
            await self.room.engine(self.room.house.desk.prefill, self.room.chat, node.id, text)

    # JSON

    async def _structured(self, node: Node) -> None:
        from tui_chat.ui.screens.structured import StructuredScreen

        verdict, text = verdict_of(node), node.text
        asked = verdict is not None
        if verdict is None:
            text = await self._json_of(node)
            if not text:
                return
            verdict = Verdict("", value_in(text)[0])
        wish = await self.room.ask(StructuredScreen(verdict, text, asked=asked))
        if wish == "again":
            await self._ask_again(node, verdict)
        elif wish is not None:
            await self._save_json(verdict, wish)

    async def _json_of(self, node: Node) -> str:
        """The JSON that an answer is, or that a tool it called gave back: of several the one picked; "" for none."""
        assert self.room.talk is not None
        found = trees_of(node, self.room.talk.standing(node.id).results)
        if value_in(node.text)[1]:
            found.insert(0, (node.answered_by or node.model, node.text))
        if not found:
            self.room.tell(t("structured.no_value"), "warning")
            return ""
        picked: int | None = 0
        if len(found) > 1:
            from tui_chat.ui.screens.pick import Pick

            rows = [(name, brief(text)) for name, text in found]
            picked = await self.room.ask(Pick(t("structured.which"), rows))
        return found[picked][1] if picked is not None else ""

    async def _ask_again(self, node: Node, verdict: Verdict) -> None:
        """Answer the answer with what is wrong with it."""
        listed = "\n".join(f"- {path}: {reason}" for path, reason in complaints(verdict))
        words = t("structured.again", violations=listed).strip()
        desk = self.room.house.desk
        if self.room.talk is not None and self.room.talk.conversation.leaf != node.id:
            await self.room.engine(desk.choose, self.room.chat, node.id)
        await self.room.engine(desk.send, self.room.chat, (Text(words),))

    async def _save_json(self, verdict: Verdict, kind: str) -> None:
        table = rows_of(verdict.value)
        text = as_csv(*table) if kind == "csv" and table is not None else f"{pretty(verdict.value)}\n"
        await self._saving.save(text.encode("utf-8", "replace"), f"{verdict.schema or 'answer'}.{kind}")

    # sources

    async def _sources(self, node: Node) -> None:
        from tui_chat.ui.screens.sources import SourcesScreen

        sources = sources_of(part for part in node.parts if isinstance(part, Citation))
        if not sources:
            self.room.tell(t("sources.none"), "warning")
            return
        screen = SourcesScreen(sources)
        at = await self.room.ask(screen)
        if at is None:
            return
        if screen.copies:
            self.room.copy(sources[at].url)
            self.room.tell(t("sources.copied", url=sources[at].url))
        else:
            await self.open_link(sources[at].url)

    async def open_link(self, href: str) -> None:
        """Open a link the person chose, once its host was shown; what isn't a web or mail address is only copied."""
        link = openable(href)
        if link is None or self.room.house.env.get("SSH_CONNECTION"):
            self.room.copy(link.url if link is not None else href)
            if link is None:
                self.room.tell(t("ui.link.refused"), "warning")
            return
        from tui_chat.ui.screens.dialogs import Confirm

        if await self.room.ask(Confirm(t("ui.link.open", target=link.target), link.url)):
            await self.room.in_thread(webbrowser.open, link.url)

    # answers side by side

    async def _side_by_side(self, node: Node) -> None:
        from tui_chat.ui.screens.choices import ChoicesScreen

        talk = self.room.talk
        assert talk is not None
        arriving = talk.running is not None and node.id == talk.running.id
        ids = [node.id, *talk.beside.ids] if arriving else talk.conversation.siblings(node.id)
        if len(ids) < 2:
            self.room.tell(t("choices.only"), "warning")
            return
        self._choices = screen = ChoicesScreen(
            self.room.chat, ids, self._choice_entry, at=ids.index(node.id), growing=arriving
        )
        try:
            picked = await self.room.ask(screen)
        finally:
            self._choices = None
        if picked is not None and picked in talk.conversation:
            await self.room.engine(self.room.house.desk.choose, self.room.chat, talk.conversation.tip(picked))
            self.room.focus_writing()

    def _choice_entry(self, id: str) -> Entry:
        if self.room.showing is None:
            raise KeyError(id)
        return self.room.showing.entry(id)

    def happened(self, event: Event) -> None:
        """What happened in the chat on screen, for the answers that are looked at side by side."""
        screen, talk = self._choices, self.room.talk
        if talk is None or event.chat != talk.id:
            return
        if screen is not None and screen.chat == talk.id and screen.is_mounted:
            screen.tell(event)
        elif screen is None and isinstance(event, Beside) and self.room.is_on_top:
            running = talk.running if len(talk.beside) == 1 else None
            if running is not None:
                self.room.start(self._side_by_side, running)
