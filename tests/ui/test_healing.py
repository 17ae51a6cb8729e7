"""A parameter that a model refuses: one key leaves it out and asks again; the panel remembers it until told not to."""

from __future__ import annotations

from tests.gateway.answers import json_answer
from tests.gateway.server import FakeGateway
from tests.ui.whole_app import on_stage
from tui_chat.store.refusals import recall
from tui_chat.ui.app import TuiOptions
from tui_chat.ui.widgets.parameter_field import ParameterField
from tui_chat.words import t

MAX = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."


def refused(message: str) -> object:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": "unsupported_parameter"}
    return json_answer({"error": error}, status=400)


async def test_one_key_leaves_it_out_and_the_panel_remembers(gateway: FakeGateway) -> None:
    gateway.script(refused("Unsupported parameter: 'stop' is not supported with this model."))  # type: ignore[arg-type]
    options = TuiOptions(model="gpt-4o", values={"stop": ["END"], "seed": 1})
    async with on_stage(gateway, options=options) as scene:
        await scene.say("hello")
        offered = t("heal.remove", names="stop")
        assert f"x {offered}" in scene.shown()
        assert len(gateway.chats) == 1
        await scene.press("escape", "x")
        await scene.settled(lambda: scene.idle and scene.path[-1].finish == "stop")
        assert "stop" not in gateway.chats[-1].json
        assert gateway.chats[-1].json["seed"] == 1
        assert len(scene.path) == 2  # the failure that said nothing made room
        assert scene.chat.talk is not None
        assert dict(scene.chat.talk.head.values) == {"seed": 1}
        await scene.settled(lambda: any("gpt-4o" in toast for toast in scene.toasts))
        assert offered not in scene.shown()
        await scene.press("f5")
        field = "#param-stop"
        await scene.settled(lambda: bool(scene.chat.query(field)) and scene.chat.query_one(field).has_class("-noted"))
        assert not scene.chat.query_one(field).has_class("-doubtful")  # it is not set: nothing to warn of
        scene.chat.query_one(field, ParameterField).enter()
        await scene.pilot.pause()
        await scene.press("f7")
        await scene.settled(lambda: not scene.chat.query_one(field).has_class("-noted"))
        assert recall(scene.house.places) == {}


async def test_the_old_name_of_the_limit_gives_way_to_the_new_one(gateway: FakeGateway) -> None:
    gateway.script(refused(MAX))  # type: ignore[arg-type]
    async with on_stage(gateway, options=TuiOptions(model="gpt-4o", values={"max_tokens": 90})) as scene:
        await scene.say("hello")
        assert t("heal.rename", names="max_tokens", other="max_completion_tokens") in scene.shown()
        await scene.press("escape", "x")
        await scene.settled(lambda: scene.idle and scene.path[-1].finish == "stop")
        sent = gateway.chats[-1].json
        assert (sent.get("max_completion_tokens"), "max_tokens" in sent) == (90, False)
        await scene.press("x")  # nothing failed any more
        await scene.settled(lambda: any(t("heal.nothing") in toast for toast in scene.toasts))
        assert len(gateway.chats) == 2
