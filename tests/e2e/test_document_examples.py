"""Each example answer of the API's document, from the socket to `ask --json` and to the screen, field by field.

The two list objects go through `stored`, at both doors.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from textual.containers import VerticalScroll

from tests.cli.conftest import Run, keyed, run  # noqa: F401  # fixtures
from tests.gateway.examples import EXAMPLES, served
from tests.gateway.server import FakeGateway
from tests.gateway.stored import COMPLETION, ID, LIST, MESSAGE, MESSAGES, keeping
from tests.ui.bare_stage import shows
from tests.ui.whole_app import on_stage
from tui_chat.ui import speech
from tui_chat.ui.app import TuiOptions
from tui_chat.ui.screens.heat import HeatScreen
from tui_chat.ui.screens.message_details import MessageDetails
from tui_chat.ui.screens.stored import StoredScreen
from tui_chat.ui.screens.stored_look import StoredLook
from tui_chat.words import t

ASKED: dict[str, list[str]] = {
    "text": ["--no-stream"],
    "image": ["--no-stream", "-i", "https://example.org/boardwalk.jpg"],
    "stream": [],
    "call": ["--no-stream"],
    "logprobs": ["--no-stream", "--logprobs"],
}
DETAILS = {
    "prompt_tokens_details": {"cached_tokens": "cached_tokens", "audio_tokens": "prompt_audio_tokens"},
    "completion_tokens_details": {
        "reasoning_tokens": "reasoning_tokens",
        "audio_tokens": "completion_audio_tokens",
        "accepted_prediction_tokens": "accepted_prediction_tokens",
        "rejected_prediction_tokens": "rejected_prediction_tokens",
    },
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_field_is_in_the_json_of_ask(run: Run, keyed: FakeGateway, name: str) -> None:  # noqa: F811
    keyed.script(served(name))
    found = run("ask", "-m", "gpt-4o-mini", "--json", *ASKED[name], "hello").json
    sent = EXAMPLES[name]
    (choice,) = sent["choices"]
    message = choice["message"]
    for field in ("id", "object", "created", "model"):
        assert found[field] == sent[field], field
    for field in ("usage", "service_tier", "system_fingerprint"):
        assert found[field] == sent.get(field), field
    (shown,) = found["choices"]
    for place in (found, shown):
        for field in ("role", "content", "refusal"):
            assert place[field] == message.get(field), field
        assert (place["annotations"] or []) == message.get("annotations", [])
        assert (place["tool_calls"] or []) == [
            {"id": call["id"], "type": call["type"], **call["function"]} for call in message.get("tool_calls", ())
        ]
        assert place["finish_reason"] == choice["finish_reason"]
        assert (place["logprobs"] or {}).get("content") == (choice["logprobs"] or {}).get("content")
    assert shown["index"] == choice["index"] and found["complete"] and found["error"] is None


def test_the_lists_are_printed_as_they_came(run: Run, keyed: FakeGateway) -> None:  # noqa: F811
    keeping(keyed)
    assert run("stored", "list", "--json").json == LIST
    assert run("stored", "messages", ID, "--json").json == MESSAGES


def expected_details(sent: dict[str, Any]) -> dict[str, str]:
    """The rows that the details of such an answer must have: label and value."""
    (choice,) = sent["choices"]
    rows = {
        "completion": sent["id"],
        "created": f"{datetime.fromtimestamp(sent['created']).astimezone():%Y-%m-%d %H:%M:%S}",
        "answered_by" if sent["model"] != "gpt-4o-mini" else "model": sent["model"],
        "tier": sent.get("service_tier"),
        "fingerprint": sent.get("system_fingerprint"),
        "finish": t(f"ended.{choice['finish_reason']}"),
    }
    counted = dict(sent.get("usage", {}))
    for group, names in DETAILS.items():
        told = counted.pop(group, {})
        rows.update({names[name]: speech.count(value) for name, value in told.items()})
    rows.update({name: speech.count(value) for name, value in counted.items()})
    for call in choice["message"].get("tool_calls", ()):
        rows["call"] = f"{call['function']['name']}  {call['id']}"
    return {t(f"ui.details.{name}"): value for name, value in rows.items() if value is not None}


def details_shown(screen: MessageDetails) -> dict[str, str]:
    rows = screen.query_one(VerticalScroll).query(".row")
    return {row.query_one(".label").text: row.query_one(".value").text for row in rows}  # type: ignore[attr-defined]


async def test_every_field_is_on_screen_where_it_is_looked_for(gateway: FakeGateway) -> None:
    async with on_stage(gateway, size=(120, 45), options=TuiOptions(model="gpt-4o-mini")) as scene:
        for name, sent in EXAMPLES.items():
            gateway.script(served(name))
            await scene.say(f"the example {name}")
            (choice,) = sent["choices"]
            said = choice["message"]["content"]
            if said:
                await scene.settled(lambda said=said: shows(scene.app, said))
            for call in choice["message"].get("tool_calls", ()):
                await scene.settled(lambda call=call: shows(scene.app, call["function"]["name"]))
                assert shows(scene.app, "Boston, MA")
            await scene.press("escape", "end", "i")
            await scene.settled(lambda: isinstance(scene.app.screen, MessageDetails))
            found = details_shown(scene.app.screen)  # type: ignore[arg-type]
            wanted = expected_details(sent)
            assert {label: found.get(label) for label in wanted} == wanted, name
            assert (t("ui.details.logprobs") in found) is (choice["logprobs"] is not None)
            await scene.press("escape")
            await scene.settled(lambda: scene.app.screen is scene.chat)
            if choice["logprobs"] is not None:
                await scene.press("end", "H")
                await scene.settled(lambda: isinstance(scene.app.screen, HeatScreen))
                await scene.settled(lambda: shows(scene.app, "72.81") or shows(scene.app, "72.8"))  # exp(-0.317…)
                assert shows(scene.app, "26.7") and shows(scene.app, "48 65 6c 6c 6f")
                await scene.press("right", "right")
                await scene.settled(lambda: shows(scene.app, "<|end|>"))
                await scene.press("escape")
                await scene.settled(lambda: scene.app.screen is scene.chat)
            await scene.press("tab")


async def test_what_is_stored_is_on_screen_with_every_field(gateway: FakeGateway) -> None:
    keeping(gateway)
    async with on_stage(gateway, size=(120, 60)) as scene:
        await scene.press("alt+s")
        await scene.settled(lambda: isinstance(scene.app.screen, StoredScreen) and shows(scene.app, "电路之心低吟"))
        assert shows(scene.app, t("stored.count", count=len(LIST["data"])))  # has_more is false: it says so
        await scene.press("enter")
        await scene.settled(lambda: isinstance(scene.app.screen, StoredLook) and shows(scene.app, MESSAGE["content"]))
        lines = [" ".join(line.replace("│", " ").split()) for line in scene.shown().splitlines()]
        fields = {name: value for name, value in COMPLETION.items() if name not in ("object", "choices", "metadata")}
        counted = fields.pop("usage")
        created = fields.pop("created")
        for name, value in fields.items():
            assert f"{name} {'null' if value is None else value}" in lines, name
        assert any(f"{datetime.fromtimestamp(created).astimezone():%Y-%m-%d %H:%M}" in line for line in lines)
        assert "metadata —" in lines
        for name, value in counted.items():
            assert any(line.startswith((name, t(f"ui.details.{name}"))) and line.endswith(str(value)) for line in lines)
        assert any(t("chat.role.user") in line for line in lines)
        (choice,) = COMPLETION["choices"]
        for part in choice["message"]["content"].splitlines():
            assert part in lines
        assert any(t(f"ended.{choice['finish_reason']}") in line or choice["finish_reason"] in line for line in lines)
