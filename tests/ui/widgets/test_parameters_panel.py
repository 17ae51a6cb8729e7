"""The panel of parameters: unset, set, wrong, reset; and that what a person types is never taken away."""

from __future__ import annotations

import pytest
from textual.widgets import Input, TextArea

from tests.ui.bare_stage import Stage, screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.ui.widgets.parameter_field import ParameterField
from tui_chat.ui.widgets.parameters_panel import ParametersPanel
from tui_chat.ui.widgets.stepper import Stepper
from tui_chat.wire.params import PARAMS
from tui_chat.words import t


def field(panel: ParametersPanel, name: str) -> ParameterField:
    return panel.query_one(f"#param-{name}", ParameterField)


def text(panel: ParametersPanel, name: str) -> str:
    return field(panel, name).query_one(Input).value


def values(app: Stage) -> list[dict[str, object]]:
    return [message.values for message in app.told(ParametersPanel.Changed)]


async def test_every_parameter_of_the_table_has_a_field_with_its_label(language):
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, _):
        await eventually(lambda: shows(app, t("parameters.reset_all")))
        for param in PARAMS:
            label = t(f"param.{param.name}.label")
            assert shows(app, label) or shows(app, label[:8])
            assert shows(app, t(f"param.group.{param.group}"))
        assert "–" in screen_text(app)


async def test_typing_a_number_tells_of_it_and_emptying_it_unsets_it():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({}, "")
        panel.focus_first()
        await pilot.press(*"0.7")
        await eventually(lambda: values(app)[-1:] == [{"temperature": 0.7}])
        assert field(panel, "temperature").has_class("-set")
        await pilot.press("f8")
        await eventually(lambda: values(app)[-1:] == [{}])
        assert text(panel, "temperature") == "" and not field(panel, "temperature").has_class("-set")
        await pilot.press("5", "backspace")
        assert values(app)[-1] == {}


async def test_text_that_can_not_be_used_stays_says_why_and_is_not_told_of(chinese):
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({"temperature": 1.5}, "")
        field(panel, "temperature").enter()
        await pilot.press("end", *"9x")
        complaint = t("error.param_number.says", name=t("param.temperature.label"), low="0", high="2")
        await eventually(lambda: shows(app, complaint))
        assert text(panel, "temperature") == "1.59x"
        assert values(app) == [{"temperature": 1.59}]
        panel.show({"temperature": 1.59}, "")
        await pilot.press("tab")
        panel.show({"temperature": 1.59}, "")
        assert text(panel, "temperature") == "1.59x"
        await pilot.press("shift+tab", "end", "backspace")
        await eventually(lambda: not field(panel, "temperature").has_class("-wrong"))


async def test_steps_go_through_numbers_choices_and_switches():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.focus_first()
        await pilot.press("up", "up", "down")
        await eventually(lambda: values(app)[-1:] == [{"temperature": 1.0}])
        field(panel, "reasoning_effort").enter()
        await pilot.press("up", "up", "h")
        await eventually(lambda: values(app)[-1:] == [{"temperature": 1.0, "reasoning_effort": "high"}])
        field(panel, "stream").enter()
        await pilot.press("space")
        await eventually(lambda: values(app)[-1]["stream"] is False)
        await pilot.press("delete")
        await eventually(lambda: "stream" not in values(app)[-1])
        await pilot.press("space", "f8")
        await eventually(lambda: len(values(app)) >= 8 and "stream" not in values(app)[-1])


async def test_a_choice_shows_what_there_is_to_choose_and_what_it_is_for(language):
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, _pilot):
        field(panel, "reasoning_effort").enter()
        await eventually(lambda: shows(app, "none · minimal · low · medium · high · xhigh · max"))
        await eventually(lambda: shows(app, t("param.reasoning_effort.help")))
        panel.query_one(TextArea).focus()
        await eventually(lambda: shows(app, t("parameters.hint", key="F8")))


async def test_a_click_on_the_cross_resets_one_and_the_button_resets_all():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({"temperature": 0.5, "top_p": 0.5, "stream": True}, "stay")
        await pilot.pause()
        await pilot.click("#param-top_p .unset")
        await eventually(lambda: values(app)[-1:] == [{"temperature": 0.5, "stream": True}])
        await pilot.click("#reset-all")
        await eventually(lambda: values(app)[-1] == {})
        assert panel.query_one(TextArea).text == "stay"
        assert field(panel, "stream").query_one(Stepper).value is None


async def test_the_system_prompt_is_told_of_as_it_is_typed():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({}, "Be")
        panel.query_one(TextArea).focus()
        await pilot.press("end", *" brief")
        await eventually(lambda: app.told(ParametersPanel.SystemChanged)[-1].text == "Be brief")
        panel.show({}, "Another chat's")
        await eventually(lambda: panel.query_one(TextArea).text == "Another chat's")


async def test_an_echo_that_comes_late_does_not_undo_what_was_typed_since():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({}, "", "chat 1")
        panel.focus_first()
        await pilot.press(*"0.75")
        await eventually(lambda: values(app)[-1:] == [{"temperature": 0.75}])
        panel.show({"temperature": 0.0}, "", "chat 1")
        panel.show({"temperature": 0.7}, "", "chat 1")
        assert text(panel, "temperature") == "0.75"
        panel.query_one(TextArea).focus()
        await pilot.press(*"hi")
        panel.show({"temperature": 0.75}, "", "chat 1")  # the list of models has come, for instance
        assert panel.query_one(TextArea).text == "hi"
        panel.show({"temperature": 0.2}, "hi", "chat 1")  # news: changed elsewhere
        assert text(panel, "temperature") == "0.2"


async def test_another_chat_shows_its_own_even_while_a_field_has_the_keyboard():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({}, "", "chat 1")
        panel.focus_first()
        await pilot.press(*"9")
        panel.query_one(TextArea).focus()
        await pilot.press(*"abc")
        await eventually(lambda: app.told(ParametersPanel.SystemChanged))
        panel.show({}, "", "chat 2")
        assert text(panel, "temperature") == ""
        assert not field(panel, "temperature").has_class("-wrong")
        assert panel.query_one(TextArea).text == ""


async def test_enter_leads_to_the_next_field():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (_, pilot):
        panel.focus_first()
        await pilot.press("enter")
        assert field(panel, "top_p").has_focus_within


@pytest.mark.parametrize("size", [(32, 15), (32, 60)])
async def test_labels_and_fields_stand_in_two_columns_within_the_panel(size, language):
    panel = ParametersPanel()
    async with staged(panel, size) as (_, pilot):
        panel.show({"reasoning_effort": "minimal", "temperature": 0.123456}, "")
        await pilot.pause()
        editors = [node.region for node in panel.query("ParameterField LineInput, ParameterField Stepper")]
        assert len({(region.x, region.width) for region in editors}) == 1
        crosses = [node.region.right for node in panel.query("ParameterField .unset")]
        assert max(crosses) <= panel.content_region.right
