"""What is left, and what did it cost? The balance on request, and prices beside answers; neither stands in the way.

The gateway is asked only when the person asks (`chat.balance`): for the balance each time, for the price list when the
one on disk is older than a day. From then on answers show what they cost. A failure is one quiet sentence.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tui_chat.chat.node import Node
from tui_chat.chat.prices import balance_long, balance_short, cost_of, dollars
from tui_chat.errors import ChatError
from tui_chat.ui import speech
from tui_chat.ui.chat.connecting import Connecting
from tui_chat.ui.chat.part import Part
from tui_chat.ui.chat.room import Room
from tui_chat.wire.balance import Balance
from tui_chat.wire.pricing import PriceList
from tui_chat.wiring import Connection
from tui_chat.words import t


class Money(Part):
    """The balance, and the prices of answers."""

    def __init__(self, room: Room, connecting: Connecting) -> None:
        self.room = room
        self._connecting = connecting
        self.does = {"chat.balance": lambda: room.latest("balance", self._ask_balance)}
        self.price_list: PriceList | None = None
        """What models cost at whoever answers now, where that is known."""
        self._balance: tuple[Connection, str] | None = None
        """Whose balance it is, and how the head line says it."""

    # the balance

    @property
    def balance_shown(self) -> str:
        """The balance that was asked for last, with its time; "" where it was another's, or none was."""
        return self._balance[1] if self._balance is not None and self._balance[0] is self.room.house.connection else ""

    async def _ask_balance(self) -> None:
        connection = self.room.house.connection
        if connection is None:
            self._connecting.ask()
            return
        try:
            balance = await self.room.engine(self.room.house.balance)
        except ChatError as error:
            self._balance = None
            self.room.tell(speech.says(error.key, error.facts))
        else:
            self._show_balance(connection, balance)
        self.room.follow()
        if self.room.house.settings.show_price:
            await self._ask_prices(connection)

    def _show_balance(self, connection: Connection, balance: Balance | None) -> None:
        if balance is None:
            self._balance = None
            self.room.tell(t("money.free"))
            return
        time = speech.clock(datetime.now(UTC))
        self._balance = connection, t("money.asked_at", balance=balance_short(balance), time=time)
        self.room.tell(balance_long(balance))

    # prices

    async def _ask_prices(self, connection: Connection) -> None:
        try:
            prices = await self.room.engine(self.room.house.prices)
        except ChatError as error:
            self.room.tell(speech.says(error.key, error.facts))
        else:
            self._use_prices(connection, prices)

    async def connected(self) -> None:
        """Go by the price list that whoever answers now gave last, however old; nothing is asked."""
        connection = self.room.house.connection
        if connection is not None:
            remembered = await self.room.in_thread(self.room.house.remembered_prices)
            self._use_prices(connection, remembered.prices if remembered is not None else None)

    def _use_prices(self, connection: Connection, prices: PriceList | None) -> None:
        if connection is self.room.house.connection and prices != self.price_list:
            self.price_list = prices
            self.show_prices()

    def show_prices(self) -> None:
        """Show answers with their prices, or without."""
        if self.room.showing is not None:
            self.room.showing.again()
        self.room.follow()

    def cost(self, node: Node) -> float | None:
        """What an answer cost, in dollars; None where that is not known."""
        if self.price_list is None:
            return None
        return cost_of(node, self.price_list, self.room.house.settings.price_group)

    def price_of(self, node: Node) -> str:
        """The same as it is shown: "$0.0021"; "" where that is not known or not to be shown."""
        amount = self.cost(node) if self.room.house.settings.show_price else None
        return dollars(amount) if amount is not None else ""

    def price_in_words(self, node: Node) -> str:
        """The same with how sure it is; "tiered" or "—" where the list can't say, "" where there is none."""
        settings = self.room.house.settings
        if self.price_list is None or not settings.show_price or node.role != "assistant":
            return ""
        if price := self.price_of(node):
            if settings.price_group in self.price_list.group_ratio:
                return t("money.details_group", price=price, group=settings.price_group)
            return t("money.details_base", price=price)
        listed = self.price_list.find(node.model)
        return t("prices.tiered") if listed is not None and listed.kind == "tiered" else "—"
