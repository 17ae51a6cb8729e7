"""Probabilities, JSON, sources and several answers, on a real house talking to the fake gateway."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import OptionList

from tests.chat.test_structured import FORMAT
from tests.gateway.answers import DONE, Hold, sse
from tests.gateway.server import FakeGateway
from tests.ui.whole_app import Scene, on_stage
from tui_chat.ui import keys
from tui_chat.ui.screens.choices import ChoicesScreen
from tui_chat.ui.screens.dialogs import AskText, Confirm
from tui_chat.ui.screens.heat import HeatScreen
from tui_chat.ui.screens.sources import SourcesScreen
from tui_chat.ui.screens.structured import StructuredScreen
from tui_chat.ui.transcript.view import Transcript
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.words import t


def piece(text: str, index: int = 0, finish: str | None = None, **more: Any) -> dict[str, Any]:
    delta = {"content": text, **more.pop("delta", {})}
    choice = {"index": index, "delta": delta, "finish_reason": finish, **more}
    return {"id": "c", "model": "m", "object": "chat.completion.chunk", "choices": [choice]}


def weighed(text: str, logprob: float, *others: tuple[str, float]) -> dict[str, Any]:
    tokens = [{"token": word, "logprob": log, "bytes": list(word.encode())} for word, log in ((text, logprob), *others)]
    return piece(text, logprobs={"content": [{**tokens[0], "top_logprobs": tokens}], "refusal": None})


async def ask_for(stage: Scene, action: str, kind: type) -> None:
    stage.chat.transcript.focus()
    await stage.press("end", keys.keys_of(f"transcript.{action}")[0])
    await stage.settled(lambda: isinstance(stage.app.screen, kind), what=kind.__name__)


async def test_an_answer_is_looked_at_by_its_probabilities_and_gone_on_from_another_token(gateway: FakeGateway) -> None:
    gateway.script(
        sse(
            weighed("The", -0.1),
            weighed(" cat", -0.3, (" dog", -1.4)),
            weighed(" sat", -9999.0),
            piece("", finish="stop"),
            DONE,
        ),
        sse(piece(" barked.", finish="stop"), DONE),
    )
    async with on_stage(gateway) as stage:
        await stage.say("hi")
        await ask_for(stage, "heat", HeatScreen)
        await stage.press("right")
        assert "“ cat”" in stage.shown() and "74.1 %" in stage.shown() and "20 64 6f 67" not in stage.shown()
        await stage.press("right")
        assert t("heat.never") in stage.shown()
        await stage.press("left", "enter")
        await stage.settled(lambda: stage.idle and stage.texts[-1] == "The dog barked.", what="the other answer")
        assert "‹ 2/2 ›" in stage.shown()
        assert [message["content"] for message in gateway.chats[1].json["messages"]][:2] == ["hi", "The dog"]
        await stage.press("end", "H")
        await stage.settled(
            lambda: any(t("heat.none", key=keys.shown("chat.parameters")) == each for each in stage.toasts)
        )


@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_three_answers_stream_side_by_side_and_one_is_picked(gateway: FakeGateway, size: tuple[int, int]) -> None:
    gateway.script(
        sse(
            *(piece(f"**{name}** begins ", index) for index, name in enumerate(("Ann", "Bob", "Cid"))),
            Hold("more"),
            *(piece("and ends.", index, "stop") for index in (2, 0, 1)),
            DONE,
        )
    )
    async with on_stage(gateway, size=size, settings="[values]\nn = 3\n") as stage:
        await stage.write("who?")
        await stage.press("enter")
        await stage.settled(lambda: isinstance(stage.app.screen, ChoicesScreen) and len(stage.app.screen.ids) == 3)
        assert gateway.chats[0].json["n"] == 3
        wide = size[0] > 100
        await stage.settled(lambda: ("Bob begins" in stage.shown()) is wide and "Ann begins" in stage.shown())
        await stage.press("enter")
        assert t("choices.arriving") in stage.toasts
        gateway.open("more")
        await stage.settled(lambda: stage.idle and "Ann begins and ends." in stage.shown())
        await stage.press("tab")
        await stage.settled(lambda: "Bob begins and ends." in stage.shown())
        columns = [page for page in stage.app.screen.query(Transcript) if page.region]
        assert len(columns) == (3 if wide else 1) and all(column.size.width >= 34 for column in columns)
        await stage.press("enter")
        await stage.settled(lambda: stage.app.screen is stage.chat and stage.texts[-1] == "**Bob** begins and ends.")
        assert "‹ 2/3 ›" in stage.shown()
        await stage.say("go on")
        assert gateway.chats[-1].json["messages"][1]["content"] == "**Bob** begins and ends."
        await stage.settled(lambda: isinstance(stage.app.screen, ChoicesScreen), "the next three")
        await stage.press("escape")
        await stage.settled(lambda: stage.app.screen is stage.chat)
        stage.chat.transcript.focus()
        await stage.press("end", "k", "k", keys.keys_of("transcript.choices")[0])
        await stage.settled(lambda: isinstance(stage.app.screen, ChoicesScreen) and "begins and ends." in stage.shown())
        await stage.press("escape")
        await stage.settled(lambda: stage.app.screen is stage.chat)


async def test_json_is_judged_shown_asked_again_and_saved(gateway: FakeGateway, tmp_path: Path) -> None:
    wrong, right = '{"people": [{"name": 3, "age": 1}]}', '{"people": [{"name": "王芳", "age": 31}]}'
    gateway.script(sse(piece(wrong, finish="stop"), DONE), sse(piece(right, finish="stop"), DONE))
    values = f"[values]\nresponse_format = {_inline(FORMAT)}\n"
    async with on_stage(gateway, settings=values) as stage:
        await stage.say("people as JSON")
        assert t("structured.wrong", count=1, name="people") in stage.shown()
        await ask_for(stage, "structured", StructuredScreen)
        await stage.press("r")
        await stage.settled(lambda: stage.idle and len(stage.path) == 4)
        assert "$.people[0].name" in gateway.chats[1].json["messages"][-1]["content"]
        await stage.settled(lambda: t("structured.valid", name="people") in stage.shown())
        for key, name in (("e", "a.json"), ("v", "a.csv"), ("e", "a.json")):
            await ask_for(stage, "structured", StructuredScreen)
            await stage.press(key)
            await stage.settled(lambda: isinstance(stage.app.screen, AskText) and stage.app.screen.query(LineInput))
            stage.app.screen.query_one(LineInput).value = str(tmp_path / name)
            await stage.press("enter")
            await stage.settled(lambda: not isinstance(stage.app.screen, AskText))
        await stage.settled(lambda: isinstance(stage.app.screen, Confirm), "what is there is not lost unasked")
        (tmp_path / "a.json").write_text("mine", "utf-8")
        await stage.press("n")
        await stage.settled(lambda: isinstance(stage.app.screen, AskText) and stage.app.screen.query(LineInput))
        field = stage.app.screen.query_one(LineInput)
        assert field.value == str(tmp_path / "a.json") and (tmp_path / "a.json").read_text("utf-8") == "mine"
        await stage.press("enter")
        await stage.settled(lambda: isinstance(stage.app.screen, Confirm))
        await stage.press("y")
        await stage.settled(lambda: stage.app.screen is stage.chat)
        await stage.settled(lambda: (tmp_path / "a.json").read_text("utf-8") != "mine")
        assert json.loads((tmp_path / "a.json").read_text("utf-8")) == json.loads(right)
        assert (tmp_path / "a.csv").read_text("utf-8") == "name,age\n王芳,31\n"


async def test_sources_are_marks_and_a_list_and_are_opened_after_asking(gateway: FakeGateway, monkeypatch: Any) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    cited = [
        {"type": "url_citation", "url_citation": {"start_index": 0, "end_index": 14, "url": url, "title": title}}
        for url, title in (("https://a.example/x", "A page"), ("javascript:alert(1)", "Bad"))
    ]
    gateway.script(sse(piece("Paris is large."), piece("", finish="stop", delta={"annotations": cited}), DONE))
    async with on_stage(gateway) as stage:
        await stage.say("sources?")
        await stage.settled(lambda: "Paris is large[1][2]." in stage.shown() and "1. A page" in stage.shown())
        await ask_for(stage, "sources", SourcesScreen)
        assert "a.example" in stage.shown()
        await stage.press("enter")
        await stage.settled(lambda: isinstance(stage.app.screen, Confirm) and "a.example" in stage.shown())
        await stage.press("y")
        await stage.settled(lambda: opened == ["https://a.example/x"])
        await ask_for(stage, "sources", SourcesScreen)
        await stage.press("down", "y")
        await stage.settled(lambda: stage.copied == ["javascript:alert(1)"])
        await ask_for(stage, "sources", SourcesScreen)
        assert stage.app.screen.query_one(OptionList).option_count == 2
        await stage.press("down", "enter")
        await stage.settled(lambda: t("ui.link.refused") in stage.toasts)
        assert opened == ["https://a.example/x"]


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_inline(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)
