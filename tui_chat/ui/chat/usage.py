"""What was used, what did one request really cost, and what will the next one cost? Asked for, never in the way.

The usage of all chats is folded in a thread when its screen is opened; the exact charge of a request is asked of the
gateway by a key in the message's details.
"""

from __future__ import annotations

import threading

from textual.timer import Timer

from tui_chat.chat.node import Node
from tui_chat.chat.prices import dollars, estimated_tokens, next_question
from tui_chat.ui import speech
from tui_chat.ui.chat.meant import for_message
from tui_chat.ui.chat.money import Money
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.ui.numbers import usage_numbers
from tui_chat.ui.widgets.composer import Composer
from tui_chat.ui.widgets.foot_line import FootLine
from tui_chat.wire.messages import Text, TextFile
from tui_chat.words import t

ESTIMATE_AFTER_S = 0.4
"""What is being written is counted once the person pauses."""
_LEAST_TOKENS = 20
"""Fewer tokens are not worth a word."""


class Usage(Part):
    """Usage, charges, estimates."""

    def __init__(self, room: Room, money: Money) -> None:
        self.room = room
        self._money = money
        self.does = {"chat.usage": self._show_usage}
        self.acts = {"details": for_message(room, self._details)}
        self.answers = {Composer.Changed: lambda _: self._estimate_soon()}
        self._estimating: Timer | None = None

    # all chats

    async def _show_usage(self) -> None:
        from tui_chat.store.usage import Used, fold
        from tui_chat.ui.screens.reader import ReaderScreen, View, waiting_view
        from tui_chat.ui.usage_lines import sum_lines, table_lines

        names = [t(f"use.view.{name}") for name in ("chat", "days", "chats", "models", "all")]
        screen = ReaderScreen(t("use.title"), [waiting_view(name) for name in names], t("use.about"))
        cancelled = threading.Event()
        self.room.show(screen, lambda _: cancelled.set())
        this = Used()
        if self.room.talk is not None:
            tree = self.room.talk.conversation
            nodes = [tree.node(id) for id in tree.path()]  # the others of it are counted from its file
            for node in nodes:
                this.count(node, self.room.chat, self.room.talk.title, self._money.cost(node))
        summaries = await self.room.in_thread(self.room.house.library.summaries)
        used = await self.room.in_thread(fold, summaries, self._money.cost, cancelled.is_set)
        if cancelled.is_set():
            return
        row = used.chats.get(self.room.chat) or this.total
        views: list[View] = [
            (names[0], lambda width: sum_lines(row, width)),
            (names[1], lambda width: table_lines(used.by_day(), width)),
            (names[2], lambda width: table_lines(used.by_chat(), width)),
            (names[3], lambda width: table_lines(used.by_model(), width)),
            (names[4], lambda width: sum_lines(used.total, width)),
        ]
        screen.show_views(views)

    # one request

    def _details(self, node: Node) -> None:
        from tui_chat.ui.details import details_of
        from tui_chat.ui.screens.message_details import MessageDetails

        async def ask() -> str:
            return await self._ask_charge(node)

        own = node.role == "assistant" and bool(node.request_id) and self.room.house.connection is not None
        asks = ask if own and not self.room.house.costs_nothing else None
        rows = details_of(node, self._money.price_in_words(node))
        self.room.show(MessageDetails(rows, node.usage, asks))

    async def _ask_charge(self, node: Node) -> str:
        """What the gateway took for an answer, as a sentence; raises ChatError where it can't be asked."""
        from tui_chat.wire.charges import charge_of

        charge = charge_of(await self.room.engine(self.room.house.charges), node.request_id)
        if charge is None:
            return t("charge.none")
        says = t(f"charge.{charge.kind}", price=dollars(charge.usd))
        if charge.group:
            says += t("charge.group", group=charge.group)
        return says + t(
            "charge.tokens", given=speech.count(charge.prompt_tokens), said=speech.count(charge.completion_tokens)
        )

    # the next one

    def _next_price(self, last: Node | None, written: int) -> str:
        """What the next question costs at least, with so many tokens more; "" where that can't be said."""
        talk, prices, settings = self.room.talk, self._money.price_list, self.room.house.settings
        if prices is None or talk is None or not settings.show_price:
            return ""
        amount = next_question(last, talk.head.model, prices, settings.price_group, written)
        return dollars(amount) if amount is not None else ""

    def follow(self) -> None:
        """The numbers at the foot: of the last answer, and of what is being written."""
        foot, talk = self.room.find(FootLine), self.room.talk
        if foot is None or talk is None:
            return
        last, written = talk.last("assistant"), self._draft_tokens()
        price = self._next_price(last, written)
        if written < _LEAST_TOKENS:
            foot.show_numbers(usage_numbers(last, price))
            return
        draft = t("use.draft", count=speech.count(written))
        said = [draft, t("ui.usage.next", price=price)] if price else [draft]
        foot.show_numbers([*said, *usage_numbers(last)])

    def _draft_tokens(self) -> int:
        parts = self.room.composer.draft.parts
        counted = [estimated_tokens(part.text) for part in parts if isinstance(part, Text)]
        return sum(counted) + sum((part.size + 3) // 4 for part in parts if isinstance(part, TextFile))

    def _estimate_soon(self) -> None:
        if self._estimating is not None:
            self._estimating.stop()
        self._estimating = self.room.later(ESTIMATE_AFTER_S, self.follow)
