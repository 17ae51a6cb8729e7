"""Presets: what is put away comes back, what a person wrote stays, and what can't be used is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_chat.errors import SettingsError, UsageError
from tui_chat.store.places import Places, places
from tui_chat.store.presets import Preset, delete, load, rename, save

SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"enum": ["a", None], "minimum": 0.5}}}


@pytest.fixture
def house(tmp_path: Path) -> Places:
    return places({"YIBU_CHAT_HOME": str(tmp_path / "mine")})


def test_what_is_put_away_comes_back_with_every_kind_of_value(house: Places) -> None:
    values = {"temperature": 0.2, "stop": ["\n\n", 'a "b"'], "logprobs": True, "seed": -1, "response_format": SCHEMA}
    name = 'Careful "JSON" – 小心.1'
    whole = Preset(name, values, "vendor/gpt-4.1", "Be brief.\r\nAnswer in JSON.", ("clock", "shell"))
    save(house, whole)
    save(house, Preset("bare"))
    save(house, Preset("no prompt, no tools", {"top_p": 0.5}, system="", tools=()))
    found = load(house)
    assert next(iter(found.by_name.values())) == whole
    assert found.by_name["bare"] == Preset("bare")
    assert found.by_name["no prompt, no tools"].head() == {"values": {"top_p": 0.5}, "system": "", "tools": ()}
    assert not found.problems


def test_a_preset_is_replaced_whole_and_what_a_person_wrote_around_it_stays(house: Places) -> None:
    house.config.mkdir(parents=True, exist_ok=True)
    mine = '# mine\n[quick]\nmodel = "a" # small\nnote = "keep"\n[quick.values]\ntemperature = 1.5\n\n'
    mine += '[slow]\nmodel = "b"\n'
    house.presets_file.write_text(mine, "utf-8")
    save(house, Preset("quick", {"seed": 7}))
    text = house.presets_file.read_text("utf-8")
    assert text.startswith("# mine\n")
    assert 'note = "keep"' in text
    assert load(house).by_name == {"quick": Preset("quick", {"seed": 7}), "slow": Preset("slow", model="b")}
    rename(house, "quick", "quicker")
    assert list(load(house).by_name) == ["quicker", "slow"]
    assert load(house).by_name["quicker"].values == {"seed": 7}
    with pytest.raises(UsageError) as raised:
        rename(house, "slow", "quicker")
    assert raised.value.key == "error.preset_exists"
    delete(house, "quicker")
    delete(house, "never there")
    assert list(load(house).by_name) == ["slow"]


def test_one_bad_preset_is_said_and_the_others_serve(house: Places) -> None:
    house.config.mkdir(parents=True, exist_ok=True)
    house.presets_file.write_text(
        'stray = 1\n[good.values]\ntop_p = 0.5\n[hot.values]\ntemperature = 9\n[odd]\ntools = "clock"\n', "utf-8"
    )
    found = load(house)
    assert list(found.by_name) == ["good"]
    said = {str(problem.facts["preset"]): (problem.key, problem.facts["name"]) for problem in found.problems}
    assert said == {
        "stray": ("error.settings_table", "stray"),
        "hot": ("error.settings_param", "hot.values.temperature"),
        "odd": ("error.settings_list", "odd.tools"),
    }
    assert found.find(" GOOD ").values == {"top_p": 0.5}
    with pytest.raises(SettingsError):
        found.find("hot")
    with pytest.raises(UsageError) as raised:
        found.find("none")
    assert raised.value.facts["names"] == "good"
    with pytest.raises(UsageError) as raised:
        load(places({"YIBU_CHAT_HOME": str(house.config / "empty")})).find("x")
    assert raised.value.key == "error.preset_none"


def test_a_file_that_is_no_toml_is_never_written_to(house: Places) -> None:
    house.config.mkdir(parents=True, exist_ok=True)
    house.presets_file.write_text("[oops", "utf-8")
    for work in (lambda: load(house), lambda: save(house, Preset("x")), lambda: delete(house, "x")):
        with pytest.raises(SettingsError) as raised:
            work()
        assert raised.value.key == "error.settings_unreadable"
    assert house.presets_file.read_text("utf-8") == "[oops"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 65])
def test_a_name_that_cant_be_one_is_refused(house: Places, name: str) -> None:
    with pytest.raises(UsageError) as raised:
        save(house, Preset(name))
    assert raised.value.key == "error.preset_name"
    assert not house.presets_file.exists()
