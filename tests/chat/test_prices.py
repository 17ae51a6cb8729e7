"""The arithmetic of prices, and how amounts read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tui_chat import words
from tui_chat.chat.node import Finish, Node
from tui_chat.chat.prices import (
    balance_long,
    balance_short,
    cost,
    cost_of,
    dollars,
    money,
    next_question,
    quota,
    rate,
)
from tui_chat.wire.balance import Balance
from tui_chat.wire.messages import Text, Usage
from tui_chat.wire.pricing import Price, PriceList

MINI = Price("mini", "tokens", model_ratio=0.075, completion_ratio=4, cache_ratio=0.5)
TALK = Price("talk", "tokens", model_ratio=1, completion_ratio=2, audio_ratio=8, audio_completion_ratio=3)
DRAW = Price("draw", "call", call_usd=0.04)
TIERS = Price("tiers", "tiered")
USED = Usage(1000, 500)
LIST = PriceList({price.model: price for price in (MINI, TALK, DRAW, TIERS)}, {"default": 1, "vip": 0.8})


def answer(model: str = "mini", usage: Usage | None = USED, finish: Finish = "stop") -> Node:
    return Node("a", None, "assistant", (Text("x"),), model=model, usage=usage, finish=finish)


@pytest.mark.parametrize(
    ("usage", "price", "ratio", "expected"),
    [
        (Usage(1000, 500), MINI, 1.0, 225),  # (1000 + 500 × 4) × 0.075
        (Usage(1000, 500, cached_tokens=400), MINI, 1.0, 210),  # (600 + 400 × 0.5 + 2000) × 0.075
        (Usage(1000, 500), MINI, 0.8, 180),
        (Usage(10, 0), MINI, 1.0, 1),  # 0.75, rounded
        (Usage(6, 0), MINI, 1.0, 1),  # 0.45 rounds to nothing, which nothing used may cost
        (Usage(20, 0), MINI, 1.0, 2),  # 1.5: halves go up
        (Usage(0, 0), MINI, 1.0, 0),
        (Usage(1000, 500), Price("free", "tokens"), 1.0, 0),
        (Usage(1000, 500), MINI, 0.0, 0),
        (Usage(100, 0, cached_tokens=400), MINI, 1.0, 15),  # cached beside the prompt: never below nothing
        (Usage(-5, -7, cached_tokens=-3), MINI, 1.0, 0),
        (Usage(100, 50, prompt_audio_tokens=40, completion_audio_tokens=30), TALK, 1.0, 60 + 320 + 40 + 720),
        (Usage(100, 50, prompt_audio_tokens=40), MINI, 1.0, 23),  # no ratio for sound: counted as text, 22.5
    ],
)
def test_the_quota_of_a_usage(usage: Usage, price: Price, ratio: float, expected: int):
    assert quota(usage, price, ratio) == expected


def test_what_an_answer_costs():
    assert cost_of(answer(), LIST) == pytest.approx(0.00045)
    assert cost_of(answer(), LIST, "vip") == pytest.approx(0.00036)
    assert cost_of(answer(), LIST, "no such group") == pytest.approx(0.00045)
    assert cost_of(answer("draw", None), LIST) == 0.04
    assert cost_of(answer("draw", None), LIST, "vip") == pytest.approx(0.032)
    assert cost_of(answer(), PriceList({"mini": MINI}, quota_per_usd=1_000_000)) == pytest.approx(0.000225)


@pytest.mark.parametrize(
    "node",
    [
        answer("min"),
        answer("mini-2024"),
        answer("tiers"),
        answer(usage=None),
        answer(usage=Usage(5, None)),
        answer("draw", None, "interrupted"),
        Node("q", None, "user", (Text("x"),), model="mini", usage=Usage(1, 1)),
        answer(usage=Usage(10**400, 10**4000)),
    ],
)
def test_where_the_list_cant_say_nothing_is_said(node: Node):
    assert cost_of(node, LIST) is None


def test_an_absurd_price_is_not_said_either():
    assert cost(None, Price("x", "call", call_usd=1e300), LIST) is None
    assert cost(Usage(10, 10), Price("x", "tokens", model_ratio=1e308), LIST) is None


def test_the_next_question_reads_the_conversation_again():
    assert next_question(answer(), "mini", LIST) == pytest.approx(113 / 500_000)  # 1500 × 0.075, rounded
    assert next_question(answer(), "draw", LIST) == 0.04
    for last, model in ((None, "mini"), (answer(usage=None), "mini"), (answer(), "tiers"), (answer(), "")):
        assert next_question(last, model, LIST) is None


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "$0"),
        (0.000002, "$0.000002"),
        (0.00000004, "<$0.000001"),
        (0.00045, "$0.00045"),
        (0.0021, "$0.0021"),
        (0.042, "$0.042"),
        (0.75, "$0.75"),
        (12.4, "$12.40"),
    ],
)
def test_amounts_have_the_places_that_count(amount: float, shown: str):
    assert dollars(amount) == shown


def test_rates_keep_their_places():
    assert [rate(amount) for amount in (0.15, 0.075, 2, 0, 0.6000000000000001)] == [
        "$0.15",
        "$0.075",
        "$2.00",
        "$0.00",
        "$0.60",
    ]


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest):
    before = words.language()
    words.speak(request.param)
    yield request.param
    words.speak(before)


def test_a_balance_in_words(language: str):
    assert [money(8.75, unit) for unit in ("USD", "CNY", "₿", "")] == ["$8.75", "¥8.75", "₿8.75", "8.75"]
    assert money(-0.5, "USD") == "-$0.50"
    assert money(4_375_000, "tokens").startswith("4 375 000 ")
    until = datetime(2030, 1, 1, 12, tzinfo=UTC)
    said = balance_long(Balance(12.4, 7.6, unit="CNY", expires=until))
    assert "¥12.40" in said and "¥7.60" in said and f"{until.astimezone():%Y-%m-%d %H:%M}" in said
    assert balance_short(Balance(12.4, 7.6, unit="CNY")) == "¥12.40"
    endless = Balance(None, 7.6, unlimited=True, unit="USD")
    assert "$7.60" in balance_long(endless) and balance_short(endless) == words.t("money.unlimited")
