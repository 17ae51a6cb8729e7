"""Balance and prices over real sockets: cases 16 and 17, and how seldom a site is asked."""

from __future__ import annotations

import pytest

from tests.gateway.answers import Answer, Cut, json_answer, middleware_error
from tests.gateway.cases_money import (
    BALANCES,
    PRICES,
    PRICING,
    SUBSCRIPTION,
    TOKEN_USAGE,
    USAGE,
    MoneyCase,
)
from tests.gateway.server import FakeGateway
from tests.wire.asking import KEY, client_for, speakable
from tui_chat.errors import WireError
from tui_chat.wire.balance import Balance
from tui_chat.wire.client import Client
from tui_chat.wire.http import Http
from tui_chat.wire.pricing import PriceList
from tui_chat.wire.site import KEEP_S, Site


@pytest.mark.parametrize("case", BALANCES, ids=str)
async def test_every_way_to_tell_a_balance(gateway: FakeGateway, case: MoneyCase):
    case.play(gateway)
    client = client_for(gateway)
    try:
        balance = await client.balance()
    except WireError as error:
        assert speakable(error).key == case.expects.get("error_key")
        return
    finally:
        await client.aclose()
    told = {name: getattr(balance, name) for name in Balance.__struct_fields__}
    told["expires"] = balance.expires.isoformat() if balance.expires is not None else None
    assert balance.scope == "token"
    for name, value in case.expects.items():
        assert told[name] == (pytest.approx(value) if isinstance(value, float) else value), name


@pytest.mark.parametrize("case", PRICES, ids=str)
async def test_every_way_to_tell_prices(gateway: FakeGateway, case: MoneyCase):
    case.play(gateway)
    client = client_for(gateway)
    try:
        prices = await client.prices()
    except WireError as error:
        assert speakable(error).key == case.expects.get("error_key")
        return
    finally:
        await client.aclose()
    price = prices.find("gpt-4o-mini")
    if "kind" in case.expects:
        assert (price.kind if price is not None else None) == case.expects["kind"]
    if "call_usd" in case.expects:
        assert price is not None and price.call_usd == case.expects["call_usd"]
    if "per_million" in case.expects:
        assert price is not None
        assert prices.per_million(price, case.expects.get("group", "")) == pytest.approx(case.expects["per_million"])


def paths(gateway: FakeGateway) -> list[str]:
    return [request.path for request in gateway.requests]


async def test_the_site_lies_beside_the_api_and_gets_the_key(gateway: FakeGateway):
    client = client_for(gateway, language="zh")
    await client.balance()
    await client.aclose()
    assert paths(gateway) == [SUBSCRIPTION, USAGE, "/api/status"]
    assert {request.headers["authorization"] for request in gateway.requests} == {f"Bearer {KEY}"}
    assert gateway.requests[0].headers["accept-language"] == "zh-CN"


async def test_a_site_under_a_path_of_its_own():
    with FakeGateway(prefix="/relay/v1") as gateway:
        gateway.route("GET", "/relay/api/status", json_answer({"data": {"quota_display_type": "USD"}}))
        client = client_for(gateway)
        assert (await client.balance()).unit == "USD"
        await client.aclose()
        assert paths(gateway)[0] == "/relay/v1/dashboard/billing/subscription"


class TestHowOften:
    now = 1000.0

    def site(self, gateway: FakeGateway) -> Site:
        http = Http(gateway.root_url, {"Authorization": f"Bearer {KEY}"}, env={})
        return Site(http, "/v1", secret=KEY, clock=lambda: self.now)

    async def test_an_answer_serves_for_a_minute(self, gateway: FakeGateway):
        site = self.site(gateway)
        assert await site.balance() == await site.balance()
        assert await site.prices() == await site.prices()
        assert paths(gateway).count(SUBSCRIPTION) == paths(gateway).count(PRICING) == 1
        self.now += KEEP_S + 1
        await site.balance()
        assert paths(gateway).count(SUBSCRIPTION) == 2
        await site.aclose()

    async def test_a_refusal_is_not_asked_for_again_and_again(self, gateway: FakeGateway):
        gateway.route("GET", SUBSCRIPTION, middleware_error("无效的令牌", 401))
        gateway.route("GET", TOKEN_USAGE, middleware_error("无效的令牌", 401))
        site = self.site(gateway)
        for _ in range(3):
            with pytest.raises(WireError, match="key_invalid"):
                await site.balance()
        assert paths(gateway) == [SUBSCRIPTION, TOKEN_USAGE]
        await site.aclose()

    async def test_a_broken_line_is_tried_once_and_may_be_tried_again_at_once(self, gateway: FakeGateway):
        gateway.route("GET", PRICING, Answer(200, body=(b"{", Cut())))
        site = self.site(gateway)
        with pytest.raises(WireError):
            await site.prices()
        assert paths(gateway) == [PRICING]
        gateway.route("GET", PRICING, json_answer({"success": True, "data": []}))
        assert await site.prices() == PriceList()
        await site.aclose()

    async def test_a_server_error_is_not_retried(self, gateway: FakeGateway):
        gateway.route("GET", PRICING, json_answer({"error": {"message": "boom"}}, 500))
        client: Client = client_for(gateway)
        with pytest.raises(WireError):
            await client.prices()
        assert paths(gateway) == [PRICING]
        await client.aclose()


async def test_the_key_is_taken_out_of_what_the_site_says(gateway: FakeGateway):
    gateway.route("GET", PRICING, json_answer({"success": False, "message": f"no login for {KEY}"}, 403))
    client = client_for(gateway)
    with pytest.raises(WireError) as raised:
        await client.prices()
    await client.aclose()
    assert "no login" in str(raised.value.facts["told"]) and KEY not in str(raised.value.facts)
