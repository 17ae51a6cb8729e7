"""What is left, and what did it cost? The balance on request, and prices beside answers; neither stands in the way.

The gateway is asked only when the person asks (`chat.balance`): for the balance each time, for the price list when the
one on disk is older than a day. From then on answers show what they cost. A failure is one quiet sentence.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tui_chat.chat.prices import balance_long, balance_short
from tui_chat.errors import ChatError
from tui_chat.ui import speech
from tui_chat.ui.screens.chat_finding import Finding
from tui_chat.wire.balance import Balance
from tui_chat.wire.pricing import PriceList
from tui_chat.wiring import Connection
from tui_chat.words import t


class Money(Finding):
    """The balance, and the prices of answers."""

    _balance: tuple[Connection, str] | None = None
    """Whose balance it is, and how the head line says it."""

    @property
    def balance_shown(self) -> str:
        """The balance that was asked for last, with its time; "" where it was another's, or none was."""
        return self._balance[1] if self._balance is not None and self._balance[0] is self.house.connection else ""

    def action_balance(self) -> None:
        """Ask what is left on the key."""
        self.latest("balance", self._ask_balance)

    async def _ask_balance(self) -> None:
        connection = self.house.connection
        if connection is None:
            self.ask_for_connection()
            return
        try:
            balance = await self.engine(self.house.balance)
        except ChatError as error:
            self._balance = None
            self.tell(speech.says(error.key, error.facts))
        else:
            self._show_balance(connection, balance)
        self.show_heading()
        if self.house.settings.show_price:
            await self._ask_prices(connection)

    def _show_balance(self, connection: Connection, balance: Balance | None) -> None:
        if balance is None:
            self._balance = None
            self.tell(t("money.free"))
            return
        time = speech.clock(datetime.now(UTC))
        self._balance = connection, t("money.asked_at", balance=balance_short(balance), time=time)
        self.tell(balance_long(balance))

    async def _ask_prices(self, connection: Connection) -> None:
        try:
            prices = await self.engine(self.house.prices)
        except ChatError as error:
            self.tell(speech.says(error.key, error.facts))
        else:
            self._use_prices(connection, prices)

    async def recall_prices(self) -> None:
        """Go by the price list that whoever answers now gave last, however old; nothing is asked."""
        connection = self.house.connection
        if connection is not None:
            remembered = await self.in_thread(self.house.remembered_prices)
            self._use_prices(connection, remembered.prices if remembered is not None else None)

    def _use_prices(self, connection: Connection, prices: PriceList | None) -> None:
        if connection is self.house.connection and prices != self.price_list:
            self.price_list = prices
            self.show_prices()

    def show_prices(self) -> None:
        """Show answers with their prices, or without."""
        if self.showing is not None:
            self.showing.again()
        self.follow()

    def follow(self) -> None:
        """Bring everything around the transcript up to date."""

    def show_heading(self) -> None:
        """The head line."""
