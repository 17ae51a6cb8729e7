"""Parameters, from the panel to the request and back into the chat."""

from __future__ import annotations

from textual.widgets import TextArea

from tests.gateway.server import FakeGateway
from tests.ui.whole_app import on_stage
from tui_chat.ui.screens.value_editor import ValueEditor
from tui_chat.ui.widgets.parameter_field import ParameterField
from tui_chat.words import t


async def test_what_is_found_and_written_in_the_panel_is_sent_kept_and_shown_again(gateway: FakeGateway):
    async with on_stage(gateway, size=(120, 45)) as scene:
        await scene.press("f5")
        await scene.settled(lambda: scene.panel is not None)
        await scene.settled(lambda: scene.app.focused is not None and scene.app.focused.id == "find-parameter")
        await scene.press(*"stop", "enter")
        await scene.settled(lambda: bool(scene.chat.query("#param-stop")))
        await scene.settled(lambda: scene.chat.query_one("#param-stop").has_focus_within)
        await scene.press("enter")
        await scene.settled(lambda: isinstance(scene.app.screen, ValueEditor))
        scene.app.screen.query_one(TextArea).insert("END\na, b")
        await scene.press("ctrl+s")
        await scene.settled(lambda: scene.chat.query_one("#param-stop").has_class("-set"))
        await scene.press("f5", "escape", "escape")
        await scene.say("hello")
        assert gateway.chats[-1].json["stop"] == ["END", "a, b"]
        assert scene.path[-1].values == {"stop": ["END", "a, b"]}
        chat = scene.chat.chat
        await scene.press("ctrl+n")
        await scene.settled(lambda: scene.chat.chat != chat)
        await scene.settled(lambda: not scene.chat.query_one("#param-stop").has_class("-set"))
        await scene.chat.parts.opening.open(chat)
        await scene.settled(lambda: scene.chat.query_one("#param-stop").has_class("-set"))
        assert scene.chat.query_one("#param-stop", ParameterField).text == "END\na, b"


async def test_advice_on_json_counts_what_is_being_written(gateway: FakeGateway):
    settings = '[values]\nresponse_format = "json_object"\n'
    async with on_stage(gateway, size=(120, 45), settings=settings) as scene:
        said = t("conflict.json_unsaid")
        await scene.press("f5")
        await scene.settled(lambda: said in " ".join(_remarks(scene.chat.query(ParameterField))))
        await scene.write("Answer in JSON")
        await scene.press("f5")
        await scene.settled(lambda: said not in " ".join(_remarks(scene.chat.query(ParameterField))))


def _remarks(fields) -> list[str]:
    return [said.text for field in fields for said in field.query(".said")]
