"""What do all parts of the chat screen stand on? The open chat, the way to the engine, and how errors are told.

`ChatScreen` is put together from parts that each answer one question (`chat_messages.py`, `chat_sending.py` …); this
is their common floor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal, ParamSpec, TypeVar

from textual.app import SuspendNotSupported
from textual.screen import Screen
from textual.worker import Worker

from tui_chat.chat.node import Node
from tui_chat.chat.prices import cost_of, dollars
from tui_chat.errors import ChatError, UsageError
from tui_chat.ui import speech
from tui_chat.ui.gate import visible
from tui_chat.ui.showing import Showing
from tui_chat.ui.talk import Talk
from tui_chat.ui.transcript.view import Transcript
from tui_chat.ui.watch import Watch
from tui_chat.ui.widgets.composer import Composer
from tui_chat.wire.pricing import PriceList
from tui_chat.wire.redaction import in_one_line
from tui_chat.wiring import House
from tui_chat.words import t

T = TypeVar("T")
P = ParamSpec("P")
Severity = Literal["information", "warning", "error"]


class ChatRoom(Screen[None]):
    """The open chat and the ways to do something about it."""

    def __init__(self, house: House, watch: Watch) -> None:
        super().__init__()
        self.house = house
        self.event_watch = watch
        self.talk: Talk | None = None
        """The chat on screen; None until the first one is open."""
        self.showing: Showing | None = None
        self.price_list: PriceList | None = None
        """What models cost at whoever answers now, where that is known."""

    @property
    def transcript(self) -> Transcript:
        """The conversation."""
        return self.query_one(Transcript)

    @property
    def composer(self) -> Composer:
        """The place to write."""
        return self.query_one(Composer)

    @property
    def chat(self) -> str:
        """The id of the chat on screen, "" while there is none."""
        return self.talk.id if self.talk is not None else ""

    # what it costs

    def price_of(self, node: Node) -> str:
        """What an answer cost: "$0.0021"; "" where that is not known or not to be shown."""
        if self.price_list is None or not self.house.settings.show_price:
            return ""
        amount = cost_of(node, self.price_list, self.house.settings.price_group)
        return dollars(amount) if amount is not None else ""

    def price_in_words(self, node: Node) -> str:
        """The same with how sure it is; "tiered" or "—" where the list can't say, "" where there is none."""
        if self.price_list is None or not self.house.settings.show_price or node.role != "assistant":
            return ""
        if price := self.price_of(node):
            group = self.house.settings.price_group
            if group in self.price_list.group_ratio:
                return t("money.details_group", price=price, group=group)
            return t("money.details_base", price=price)
        listed = self.price_list.find(node.model)
        return t("prices.tiered") if listed is not None and listed.kind == "tiered" else "—"

    # doing things elsewhere

    def start(self, work: Callable[P, Coroutine[Any, Any, object]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run something that waits; what goes wrong in it is told, never lost and never the end of the program."""

        async def run() -> None:
            await self._guarded(work, *args, **kwargs)

        _worker: Worker[None] = self.run_worker(run, exit_on_error=False)

    def latest(
        self, group: str, work: Callable[P, Coroutine[Any, Any, object]], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """The same for something of which only the latest counts: an earlier one of the group is given up."""

        async def run() -> None:
            await self._guarded(work, *args, **kwargs)

        _worker: Worker[None] = self.run_worker(run, group=group, exclusive=True, exit_on_error=False)

    async def _guarded(self, work: Callable[P, Coroutine[Any, Any, object]], *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await work(*args, **kwargs)
        except ChatError as error:
            self.complain(error)
        except Exception as error:  # noqa: BLE001  # a mistake of ours in one action must not end the chat
            self.tell(speech.says("error.internal", {"what": in_one_line(error)}), "error")

    async def engine(self, work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run on the engine; its result, or what it raises. What was begun there is not given up with the screen."""
        return await asyncio.shield(asyncio.wrap_future(self.house.engine.submit(work(*args, **kwargs))))

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run something that blocks (files, programs) on a thread; its result."""
        return await asyncio.to_thread(work, *args, **kwargs)

    def with_terminal(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Leave the terminal to another program meanwhile; its result, None where that failed, which is told."""
        try:
            with self.app.suspend():
                return work(*args, **kwargs)
        except SuspendNotSupported:
            self.complain(UsageError("error.no_suspend"))
        except ChatError as error:
            self.complain(error)
        finally:
            self.refresh(layout=True)
        return None

    # telling

    def tell(self, text: str, severity: Severity = "information") -> None:
        """Say something in passing."""
        self.app.notify(visible(text), severity=severity, markup=False, timeout=8 if severity == "error" else 4)

    def complain(self, error: ChatError) -> None:
        """Say what is wrong and what to do."""
        self.tell(speech.explain(error), "error")

    def refuse_nothing(self) -> None:
        """Say that there is nothing to do it with."""
        self.tell(t("ui.nothing_here"), "warning")
