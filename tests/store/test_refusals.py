"""What models refused is remembered by model, bounded, and forgotten at a word."""

from __future__ import annotations

from tui_chat.store.places import places
from tui_chat.store.refusals import forget, recall, remember


def test_it_is_remembered_by_model_and_forgotten_one_by_one() -> None:
    where = places()
    assert recall(where) == {}
    remember(where, "o3", {"temperature": "0.2", "stop": ""}, "x" * 1000)
    assert remember(where, "gpt-5", {"top_p": ""}) == recall(where)
    assert (recall(where)["o3"]["temperature"].value, len(recall(where)["o3"]["stop"].words)) == ("0.2", 300)
    assert set(forget(where, "o3", "stop")["o3"]) == {"temperature"}
    assert set(forget(where, "o3", "temperature")) == set(forget(where, "never", "heard")) == {"gpt-5"}


def test_the_oldest_models_go_first_and_a_broken_file_is_an_empty_one() -> None:
    where = places()
    for number in range(203):
        remember(where, f"m{number}", {"n": ""})
    assert (len(recall(where)), "m2" in recall(where), "m3" in recall(where)) == (200, False, True)
    where.refusals_cache.write_text('{"a": {"b": 1, "c": {"time_s": 1, "words": "w", "value": ""}}, "d": 4}', "utf-8")
    assert {model: list(rows) for model, rows in recall(where).items()} == {"a": ["c"]}
    where.refusals_cache.write_text("{", "utf-8")
    assert recall(where) == {}
