from __future__ import annotations

import json

import pytest

from tui_chat.store import price_cache
from tui_chat.store.places import Places
from tui_chat.store.price_cache import recall, remember
from tui_chat.wire.pricing import Price, PriceList

HERE = "https://a.invalid/v1"
PRICES = PriceList(
    {
        "a": Price("a", "tokens", model_ratio=0.075, completion_ratio=4, audio_ratio=2),
        "b": Price("b", "call", call_usd=0.04),
        "你好": Price("你好", "tiered"),
    },
    {"vip": 0.8},
    1000.0,
)


def test_a_list_comes_back_as_it_was_by_address(home: Places) -> None:
    assert recall(home, HERE) is None
    remember(home, HERE, PRICES)
    found = recall(home, HERE)
    assert found is not None
    assert found.prices == PRICES and found.fresh
    assert recall(home, "https://b.invalid/v1") is None


def test_a_list_is_fresh_for_a_day(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(home, HERE, PRICES)
    found = recall(home, HERE)
    assert found is not None
    for later_s, fresh in ((-60, False), (86_000, True), (86_401, False)):
        now = found.time_s + later_s
        monkeypatch.setattr(price_cache.time, "time", lambda now=now: now)
        assert found.fresh is fresh


def test_only_the_latest_lists_are_kept(home: Places) -> None:
    for number in range(12):
        remember(home, f"https://a.invalid/{number}/v1", PRICES)
    kept = [recall(home, f"https://a.invalid/{number}/v1") is not None for number in range(12)]
    assert kept == [False] * 2 + [True] * 10


def test_a_spoilt_cache_is_no_cache(home: Places) -> None:
    remember(home, HERE, PRICES)
    whole = json.loads(home.prices_cache.read_text())
    [name] = whole
    for content in ("{", "[]", {name: 3}, {name: {**whole[name], "quota_per_usd": 0}}, {name: {"time_s": 1}}):
        home.prices_cache.write_text(content if isinstance(content, str) else json.dumps(content))
        assert recall(home, HERE) is None
    odd = {**whole[name], "prices": [3, {"model": "x"}, {"model": "y", "kind": "call", "call_usd": "much"}]}
    home.prices_cache.write_text(json.dumps({name: odd}))
    found = recall(home, HERE)
    assert found is not None
    assert found.prices.prices == {"y": Price("y", "call")}
    home.prices_cache.unlink()
    home.prices_cache.mkdir()
    remember(home, HERE, PRICES)
    assert recall(home, HERE) is None
