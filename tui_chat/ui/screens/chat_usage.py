"""What was used, what did one request really cost, and what will the next one cost? Asked for, never in the way.

The usage of all chats is folded in a thread when its screen is opened; the exact charge of a request is asked of the
gateway by a key in the message's details.
"""

from __future__ import annotations

import threading

from textual import on
from textual.timer import Timer

from tui_chat.chat.node import Node
from tui_chat.chat.prices import cost_of, dollars, estimated_tokens, next_question
from tui_chat.ui import speech
from tui_chat.ui.numbers import usage_numbers
from tui_chat.ui.screens.chat_media import Media
from tui_chat.ui.widgets.composer import Composer
from tui_chat.ui.widgets.foot_line import FootLine
from tui_chat.wire.messages import Text, TextFile
from tui_chat.words import t

ESTIMATE_AFTER_S = 0.4
"""What is being written is counted once the person pauses."""
_LEAST_TOKENS = 20
"""Fewer tokens are not worth a word."""


class UsageRoom(Media):
    """Usage, charges, estimates."""

    _estimating: Timer | None = None
    _counting: threading.Event | None = None
    """Set when nobody waits for the usage of all chats any more."""

    # all chats

    def action_usage(self) -> None:
        """Show what was used."""
        self.start(self._show_usage)

    async def _show_usage(self) -> None:
        from tui_chat.store.usage import Used, fold
        from tui_chat.ui.screens.reader import ReaderScreen, View, waiting_view
        from tui_chat.ui.usage_lines import sum_lines, table_lines

        names = [t(f"use.view.{name}") for name in ("chat", "days", "chats", "models", "all")]
        screen = ReaderScreen(t("use.title"), [waiting_view(name) for name in names], t("use.about"))
        cancelled = threading.Event()
        self.app.push_screen(screen, lambda _: cancelled.set())
        this = Used()
        if self.talk is not None:
            tree = self.talk.conversation
            nodes = [tree.node(id) for id in tree.path()]  # the others of it are counted from its file
            for node in nodes:
                this.count(node, self.chat, self.talk.title, self._cost(node))
        summaries = await self.in_thread(self.house.library.summaries)
        used = await self.in_thread(fold, summaries, self._cost, cancelled.is_set)
        if cancelled.is_set():
            return
        row = used.chats.get(self.chat) or this.total
        views: list[View] = [
            (names[0], lambda width: sum_lines(row, width)),
            (names[1], lambda width: table_lines(used.by_day(), width)),
            (names[2], lambda width: table_lines(used.by_chat(), width)),
            (names[3], lambda width: table_lines(used.by_model(), width)),
            (names[4], lambda width: sum_lines(used.total, width)),
        ]
        screen.show_views(views)

    def _cost(self, node: Node) -> float | None:
        return cost_of(node, self.price_list, self.house.settings.price_group) if self.price_list is not None else None

    # one request

    def _details(self, node: Node) -> None:
        from tui_chat.ui.details import details_of
        from tui_chat.ui.screens.message_details import MessageDetails

        async def ask() -> str:
            return await self._ask_charge(node)

        own = node.role == "assistant" and bool(node.request_id) and self.house.connection is not None
        asks = ask if own and not self.house.costs_nothing else None
        rows = details_of(node, self.price_in_words(node))
        self.app.push_screen(MessageDetails(rows, node.usage, asks))

    async def _ask_charge(self, node: Node) -> str:
        """What the gateway took for an answer, as a sentence; raises ChatError where it can't be asked."""
        from tui_chat.wire.charges import charge_of

        charge = charge_of(await self.engine(self.house.charges), node.request_id)
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
        if self.price_list is None or self.talk is None or not self.house.settings.show_price:
            return ""
        model, group = self.talk.head.model, self.house.settings.price_group
        amount = next_question(last, model, self.price_list, group, written)
        return dollars(amount) if amount is not None else ""

    def show_numbers(self) -> None:
        """The numbers at the foot: of the last answer, and of what is being written."""
        if self.talk is None or not self.is_mounted:
            return
        last, written = self.talk.last("assistant"), self._draft_tokens()
        price = self._next_price(last, written)
        if written < _LEAST_TOKENS:
            self.query_one(FootLine).show_numbers(usage_numbers(last, price))
            return
        draft = t("use.draft", count=speech.count(written))
        said = [draft, t("ui.usage.next", price=price)] if price else [draft]
        self.query_one(FootLine).show_numbers([*said, *usage_numbers(last)])

    def _draft_tokens(self) -> int:
        parts = self.composer.draft.parts
        counted = [estimated_tokens(part.text) for part in parts if isinstance(part, Text)]
        return sum(counted) + sum((part.size + 3) // 4 for part in parts if isinstance(part, TextFile))

    @on(Composer.Changed)
    def _estimate_soon(self) -> None:
        if self._estimating is not None:
            self._estimating.stop()
        self._estimating = self.set_timer(ESTIMATE_AFTER_S, self.show_numbers)
