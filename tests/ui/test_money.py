"""The balance on request, and prices beside answers: on a real house and the fake gateway."""

from __future__ import annotations

from tests.gateway.answers import Hold, json_answer
from tests.gateway.cases_money import BY_NAME, PRICING, SUBSCRIPTION
from tests.gateway.server import FakeGateway
from tests.ui.whole_app import Scene, on_stage
from tui_chat import words
from tui_chat.wire.client import Endpoint
from tui_chat.wire.messages import Usage
from tui_chat.wiring import Connection


def asked(gateway: FakeGateway, path: str) -> int:
    return [request.path for request in gateway.requests].count(path)


def head(stage: Scene) -> str:
    return stage.shown().splitlines()[0]


async def test_the_balance_is_shown_on_request_and_prices_from_then_on(gateway: FakeGateway) -> None:
    gateway.routes.display_type = "CNY"
    async with on_stage(gateway) as stage:
        await stage.say("hello there")
        assert "≈" not in stage.shown() and "¥" not in stage.shown()
        assert {request.path for request in gateway.requests} <= {"/v1/chat/completions", "/v1/models"}
        await stage.press("f9")
        await stage.settled(lambda: "¥63.88" in head(stage))
        assert "Left on this key: ¥63.88; used: ¥9.12." in stage.toasts
        # the answer on screen shows its price now, and so does the next one
        await stage.settled(lambda: stage.shown().count("≈ $0.0000") == 2 and "next from ≈" in stage.shown())
        await stage.say("and again")
        await stage.settled(lambda: stage.shown().count("≈ $0.0000") == 3)
        await stage.press("escape", "end", "i")
        await stage.settled(lambda: "Price (estimate)" in stage.shown() and "at the base price" in stage.shown())
        assert (asked(gateway, SUBSCRIPTION), asked(gateway, PRICING)) == (1, 1)


async def test_prices_are_remembered_and_can_be_turned_off(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.press("f9")
        await stage.settled(lambda: asked(gateway, PRICING) and stage.chat.parts.money.price_list is not None)
    async with on_stage(gateway) as stage:
        await stage.settled(lambda: stage.chat.parts.money.price_list is not None)
        await stage.say("hello there")
        await stage.settled(lambda: "≈ $0.0000" in stage.shown())
        assert asked(gateway, PRICING) == 1
        stage.house.change_setting("show_price", False)
        stage.chat.parts.money.show_prices()
        await stage.settled(lambda: "≈" not in stage.shown())
        assert stage.chat.parts.money.price_in_words(stage.path[1]) == ""
    gateway.routes.left_usd = 1.0
    async with on_stage(gateway) as stage:
        stage.house.places.prices_cache.unlink()
        await stage.press("f9")
        await stage.settled(lambda: "$1.00" in head(stage))
        assert asked(gateway, PRICING) == 1  # who doesn't want prices has none asked for


async def test_what_the_list_cant_say_stands_in_the_details(gateway: FakeGateway) -> None:
    BY_NAME["price-tiered"].play(gateway)
    async with on_stage(gateway, settings='price_group = "vip"') as stage:
        await stage.press("f9")
        await stage.settled(lambda: stage.chat.parts.money.price_list is not None)
        await stage.say("hello there")
        answer = stage.path[1]
        assert isinstance(answer.usage, Usage)
        assert stage.chat.parts.money.price_of(answer) == "" and "≈" not in stage.shown()
        assert stage.chat.parts.money.price_in_words(answer) == "tiered"


async def test_a_slow_or_broken_site_stops_no_chat_and_is_told_in_a_sentence(gateway: FakeGateway) -> None:
    gateway.route("GET", SUBSCRIPTION, json_answer({"error": {"message": "boom"}}, 500).after(Hold("late")))
    BY_NAME["price-login-needed"].play(gateway)
    async with on_stage(gateway) as stage:
        await stage.press("f9")
        await stage.settled(lambda: asked(gateway, SUBSCRIPTION))
        await stage.say("hello there")
        await stage.settled(lambda: "You said hello there" in stage.shown())
        gateway.open("late")
        await stage.settled(lambda: len(stage.toasts) == 2)
        assert "price list" in stage.toasts[-1] and "未登录" in stage.toasts[-1]
        assert {note.severity for note in stage.app._notifications} == {"information"}
        await stage.say("and again")
        assert len(stage.path) == 4


async def test_of_the_embedded_model_nobody_is_asked(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        stage.house.connect(Connection(Endpoint(gateway.base_url, "x"), "local", "tiny"))
        await stage.press("f9")
        await stage.settled(lambda: "Models on this computer cost nothing." in stage.toasts)
        assert asked(gateway, SUBSCRIPTION) == asked(gateway, PRICING) == 0


async def test_a_server_of_this_computer_costs_nothing(gateway: FakeGateway) -> None:
    words.speak("zh")
    BY_NAME["balance-html"].play(gateway)
    BY_NAME["price-html"].play(gateway)
    async with on_stage(gateway, settings='language = "zh"') as stage:
        await stage.press("f9")
        await stage.settled(lambda: asked(gateway, PRICING))
        await stage.settled(lambda: "本机上的模型不收费。" in stage.toasts)
        assert len(stage.toasts) == 1 and stage.chat.parts.money.price_list is None
