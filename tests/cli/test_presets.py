"""Presets at the headless door: listed, and taken with `--preset`; what the command line says wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.gateway.server import FakeGateway
from tui_chat.store.places import places
from tui_chat.store.presets import Preset, save

CAREFUL = Preset("careful", {"temperature": 0.2, "seed": 7}, "gpt-4.1", "Be brief.", ("current_time",))


def test_a_preset_gives_model_system_prompt_tools_and_parameters(run: Run, keyed: FakeGateway) -> None:
    save(places(), CAREFUL)
    assert run("ask", "--preset", "Careful", "--no-save", "hello").code == 0
    sent = keyed.chats[-1].json
    assert (sent["model"], sent["temperature"], sent["seed"]) == ("gpt-4.1", 0.2, 7)
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["current_time"]


def test_what_the_command_line_says_wins(run: Run, keyed: FakeGateway) -> None:
    save(places(), CAREFUL)
    asked = ("-m", "gpt-4o", "-s", "Sing.", "--set", "temperature=1.5", "--tools", "calculate")
    assert run("ask", "--preset", "careful", *asked, "--no-save", "hello").code == 0
    sent = keyed.chats[-1].json
    assert (sent["model"], sent["temperature"], sent["seed"]) == ("gpt-4o", 1.5, 7)
    assert sent["messages"][0]["content"] == "Sing."
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["calculate"]


def test_presets_are_listed_as_one_would_type_them(run: Run) -> None:
    assert run("presets").out == "No presets yet. Save one in the Parameters panel.\n"
    save(places(), CAREFUL)
    listed = run("presets")
    assert listed.code == 0
    assert listed.out.splitlines() == [
        "careful",
        "  -m       gpt-4.1",
        "  --set    temperature=0.2",
        "  --set    seed=7",
        "  -s       Be brief.",
        "  --tools  current_time",
    ]
    assert run("presets", "--json").json == [
        {
            "name": "careful",
            "model": "gpt-4.1",
            "system": "Be brief.",
            "tools": ["current_time"],
            "values": {"temperature": 0.2, "seed": 7},
        }
    ]


@pytest.mark.parametrize(
    ("written", "code", "says"),
    [
        ("", 2, "There is no preset “x”: none has been saved yet."),
        ("[y]\n", 2, "There is no preset “x”."),
        ("[x.values]\ntemperature = 9\n", 1, "x.values.temperature"),
        ("[x", 1, "presets.toml"),
    ],
)
def test_a_preset_that_cant_be_used_is_explained_and_nothing_is_sent(
    run: Run, keyed: FakeGateway, written: str, code: int, says: str
) -> None:
    places().config.mkdir(parents=True, exist_ok=True)
    Path(places().presets_file).write_text(written, "utf-8")
    ended = run("ask", "--preset", "x", "-m", "m", "hello")
    assert ended.code == code
    assert says in ended.err
    assert not keyed.chats


def test_a_broken_preset_does_not_hide_the_others(run: Run) -> None:
    places().config.mkdir(parents=True, exist_ok=True)
    places().presets_file.write_text("[good]\n[bad.values]\ntemperature = 9\n", "utf-8")
    ended = run("presets")
    assert (ended.code, ended.out) == (0, "good\n")
    assert "Not usable: bad:" in ended.err
