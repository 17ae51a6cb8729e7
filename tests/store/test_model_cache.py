from __future__ import annotations

from tui_chat.store import model_cache
from tui_chat.store.model_cache import recall, remember, remembered
from tui_chat.store.places import Places
from tui_chat.wire.client import Endpoint
from tui_chat.wire.gateway import Model

HERE = Endpoint("https://a.invalid/v1", "sk-canary")
MODELS = [Model("deep-1", "x", ("openai",)), Model("你好")]


def test_lists_are_kept_by_key_and_address_and_without_the_key(home: Places) -> None:
    assert remembered(home, HERE) == []
    remember(home, HERE, MODELS)
    remember(home, Endpoint(HERE.base_url, "sk-other"), [Model("other")])
    assert remembered(home, HERE) == MODELS
    assert remembered(home, Endpoint("https://b.invalid/v1", HERE.api_key)) == []
    found = recall(home, HERE)
    assert found is not None
    assert found.time_s > 1_600_000_000
    assert b"canary" not in home.models_cache.read_bytes()


def test_only_the_latest_lists_are_kept(home: Places) -> None:
    for number in range(30):
        remember(home, Endpoint("https://a.invalid/v1", f"sk-{number}"), MODELS)
    kept = [bool(remembered(home, Endpoint("https://a.invalid/v1", f"sk-{number}"))) for number in range(30)]
    assert kept == [False] * 10 + [True] * 20


def test_a_spoilt_cache_is_no_cache(home: Places) -> None:
    remember(home, HERE, MODELS)
    name = model_cache._name(HERE)
    for content in ("{", "[]", f'{{"{name}": 3}}', f'{{"{name}": {{"time_s": 1, "models": [3, {{"id": ""}}]}}}}'):
        home.models_cache.write_text(content)
        assert remembered(home, HERE) == []
    home.models_cache.unlink()
    home.models_cache.mkdir()
    remember(home, HERE, MODELS)
    assert remembered(home, HERE) == []
