"""What does the gateway's site tell beside answers: what is left on the key, what it spent, and what models cost?

Each is asked once a minute at most, failures too: these routes are few calls from a limit, and nobody waits for them.
Nothing is retried.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tui_chat.errors import WireError
from tui_chat.wire.balance import Balance, Currency, read_balance, read_status, read_token_usage
from tui_chat.wire.catalogue import explain, refusal, with_id
from tui_chat.wire.charges import Charge, read_charges
from tui_chat.wire.http import Http
from tui_chat.wire.pricing import PriceList, read_prices

KEEP_S = 60.0
_NO_SUCH_ROUTE = frozenset({"error.wrong_path", "error.html_answer", "error.not_implemented"})
_SPENT = frozenset({"error.key_invalid", "error.token_exhausted", "error.token_expired", "error.token_disabled"})
Answer = Balance | PriceList | tuple[Charge, ...] | WireError


class Site:
    """Asks one site."""

    def __init__(
        self, http: Http, api_path: str, *, secret: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is asked yet.

        Args:
            http: to the root of the site.
            api_path: where the API lies under it: "/v1".
            secret: the key, taken out of whatever the site says.
            clock: seconds, for how long an answer is kept.
        """
        self._http = http
        self._api_path = api_path
        self._secret = secret
        self._clock = clock
        self._turn = asyncio.Lock()
        self._kept: dict[str, tuple[float, Answer]] = {}

    async def balance(self) -> Balance:
        """What is left on the key; raises WireError where that can't be learned."""
        balance = await self._once("balance", self._ask_balance)
        assert isinstance(balance, Balance)
        return balance

    async def prices(self) -> PriceList:
        """The price list; raises WireError where the site has none, or shows it only after a login."""
        prices = await self._once("prices", self._ask_prices)
        assert isinstance(prices, PriceList)
        return prices

    async def charges(self) -> tuple[Charge, ...]:
        """What was taken for this key's requests, newest first; raises WireError where the site has no such log."""
        charges = await self._once("charges", self._ask_charges)
        assert isinstance(charges, tuple)
        return charges

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def _once(self, what: str, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        async with self._turn:
            kept = self._kept.get(what)
            if kept is not None and self._clock() - kept[0] < KEEP_S:
                answer = kept[1]
            else:
                try:
                    answer = await ask()
                except WireError as error:
                    if not error.status:  # no answer at all: the network may be back any moment
                        raise
                    answer = error
                self._kept[what] = (self._clock(), answer)
        if isinstance(answer, WireError):
            raise answer.with_traceback(None)
        return answer

    async def _ask_balance(self) -> Balance:
        billing = f"{self._api_path}/dashboard/billing"
        try:
            subscription = await self._json(f"{billing}/subscription")
            usage = await self._json(f"{billing}/usage")
        except WireError as error:
            if error.status == 401 or error.key in _SPENT:
                return await self._ask_token_usage(error)
            if error.status == 200 and error.key not in _NO_SUCH_ROUTE:
                raise _refused(error, "error.balance_refused") from None
            raise _absent(error, "error.balance_unknown") from None
        return read_balance(subscription, usage, await self._currency())

    async def _ask_token_usage(self, refused: WireError) -> Balance:
        """The balance of a key that is spent or expired; raises `refused` where that isn't told either."""
        try:
            payload = await self._json("/api/usage/token/")
            return read_token_usage(payload, await self._currency())
        except WireError:
            raise refused from None

    async def _ask_prices(self) -> PriceList:
        try:
            payload = await self._json("/api/pricing")
        except WireError as error:
            if error.status in (401, 403) or (error.status == 200 and error.key not in _NO_SUCH_ROUTE):
                raise _refused(error, "error.prices_refused") from None
            raise _absent(error, "error.prices_unknown") from None
        return read_prices(payload, (await self._currency()).quota_per_usd)

    async def _ask_charges(self) -> tuple[Charge, ...]:
        try:
            payload = await self._json("/api/log/token")
        except WireError as error:
            if error.status in (401, 403) or (error.status == 200 and error.key not in _NO_SUCH_ROUTE):
                raise _refused(error, "error.log_refused") from None
            raise _absent(error, "error.log_unknown") from None
        return read_charges(payload, (await self._currency()).quota_per_usd)

    async def _currency(self) -> Currency:
        """How the site shows money; what can be had without that is not refused for want of it."""
        try:
            return read_status(await self._json("/api/status"))
        except WireError:
            return Currency()

    async def _json(self, path: str) -> Mapping[str, Any]:
        async with self._http.send("GET", path) as answer:
            content = await answer.read()
            try:
                payload = json.loads(content.decode("utf-8-sig"))
            except (ValueError, RecursionError):
                error = explain(answer.status, answer.headers, content, secret=self._secret)
                if error.key == "error.server_error":
                    error = WireError("error.wrong_path", status=answer.status, told="—", id="—")
                raise with_id(error, answer.request_id) from None
            if not isinstance(payload, dict):
                raise WireError("error.wrong_path", status=answer.status, told="—", id="—")
            refused = refusal(payload, secret=self._secret)
            if refused is not None:
                raise with_id(refused, answer.request_id)
            return payload


def _refused(error: WireError, key: str) -> WireError:
    """`key` in place of an error whose usual explanation is one of chats."""
    return WireError(key, status=error.status, message=error.message, told=error.message or "—")


def _absent(error: WireError, key: str) -> WireError:
    """`key` in place of an error that only means that the site has no such route."""
    absent = error.key in _NO_SUCH_ROUTE or error.status in (404, 405, 501)
    return WireError(key, status=error.status) if absent else error
