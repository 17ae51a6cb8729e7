"""The panel of parameters: unset, set, wrong, reset; and that what a person types is never taken away."""

from __future__ import annotations

import pytest
from textual.widgets import Input, TextArea

from tests.ui.bare_stage import Stage, screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.ui.parameter_rows import ROWS
from tui_chat.ui.screens.value_editor import ValueEditor
from tui_chat.ui.widgets.parameter_field import ParameterField
from tui_chat.ui.widgets.parameter_group import GroupHead, ParameterGroup
from tui_chat.ui.widgets.parameters_panel import ParametersPanel
from tui_chat.ui.widgets.stepper import Stepper
from tui_chat.wire.messages import Message, Text
from tui_chat.wire.params import PARAMS
from tui_chat.words import t

SAYS_JSON = Message("user", (Text("Answer in JSON."),))


def field(panel: ParametersPanel, name: str) -> ParameterField:
    return panel.query_one(f"#param-{name}", ParameterField)


def text(panel: ParametersPanel, name: str) -> str:
    return field(panel, name).query_one(Input).value


def values(app: Stage) -> list[dict[str, object]]:
    return [message.values for message in app.told(ParametersPanel.Changed)]


async def test_every_parameter_of_the_table_has_a_field_with_its_label(language):
    panel = ParametersPanel()
    async with staged(panel, (32, 90)) as (app, _):
        for group in panel.query(ParameterGroup):
            await group.unfold(True)
        labels = {t(f"param.{row.name}.label") for row in ROWS} | {t(f"param.group.{row.group}") for row in ROWS}
        await eventually(lambda: shows(app, *labels), what="every label")
        assert {row.name.partition(".")[0] for row in ROWS} == {param.name for param in PARAMS}
        assert "–" in screen_text(app)


async def test_typing_a_number_tells_of_it_and_emptying_it_unsets_it():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({}, "")
        field(panel, "temperature").enter()
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
        # what stood there before is not seen any more, so it is not sent any more
        assert values(app) == [{"temperature": 1.59}, {}]
        panel.show({"temperature": 1.59}, "")
        panel.show({}, "")
        await pilot.press("tab")
        panel.show({}, "")
        assert text(panel, "temperature") == "1.59x"
        await pilot.press("shift+tab", "end", "backspace")
        await eventually(lambda: not field(panel, "temperature").has_class("-wrong"))


async def test_steps_go_through_numbers_choices_and_switches():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        field(panel, "temperature").enter()
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


async def test_a_choice_shows_what_there_is_to_choose_and_what_it_is_for(chinese):
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, _pilot):
        field(panel, "reasoning_effort").enter()
        await eventually(lambda: shows(app, "none · minimal · low · medium · high · xhigh · max"))
        await eventually(lambda: shows(app, t("param.reasoning_effort.help")))
        panel.query_one("#system-prompt", TextArea).focus()
        await eventually(lambda: shows(app, t("parameters.hint", key="F8", presets="alt+p")))


async def test_a_click_on_the_cross_resets_one_and_the_button_resets_all():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({"temperature": 0.5, "top_p": 0.5, "stream": True}, "stay")
        await pilot.pause()
        await pilot.click("#param-top_p .unset")
        await eventually(lambda: values(app)[-1:] == [{"temperature": 0.5, "stream": True}])
        await pilot.click("#reset-all")
        await eventually(lambda: values(app)[-1] == {})
        assert panel.query_one("#system-prompt", TextArea).text == "stay"
        assert field(panel, "stream").query_one(Stepper).value is None


async def test_the_system_prompt_is_told_of_as_it_is_typed():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({}, "Be")
        panel.query_one("#system-prompt", TextArea).focus()
        await pilot.press("end", *" brief")
        await eventually(lambda: app.told(ParametersPanel.SystemChanged)[-1].text == "Be brief")
        panel.show({}, "Another chat's")
        await eventually(lambda: panel.query_one("#system-prompt", TextArea).text == "Another chat's")


async def test_an_echo_that_comes_late_does_not_undo_what_was_typed_since():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({}, "", "chat 1")
        field(panel, "temperature").enter()
        await pilot.press(*"0.75")
        await eventually(lambda: values(app)[-1:] == [{"temperature": 0.75}])
        panel.show({"temperature": 0.0}, "", "chat 1")
        panel.show({"temperature": 0.7}, "", "chat 1")
        assert text(panel, "temperature") == "0.75"
        panel.query_one("#system-prompt", TextArea).focus()
        await pilot.press(*"hi")
        panel.show({"temperature": 0.75}, "", "chat 1")  # the list of models has come, for instance
        assert panel.query_one("#system-prompt", TextArea).text == "hi"
        panel.show({"temperature": 0.2}, "hi", "chat 1")  # news: changed elsewhere
        assert text(panel, "temperature") == "0.2"


async def test_another_chat_shows_its_own_even_while_a_field_has_the_keyboard():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({}, "", "chat 1")
        field(panel, "temperature").enter()
        await pilot.press(*"9")
        panel.query_one("#system-prompt", TextArea).focus()
        await pilot.press(*"abc")
        await eventually(lambda: app.told(ParametersPanel.SystemChanged))
        panel.show({}, "", "chat 2")
        assert text(panel, "temperature") == ""
        assert not field(panel, "temperature").has_class("-wrong")
        assert panel.query_one("#system-prompt", TextArea).text == ""


async def test_enter_leads_to_the_next_field():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (_, pilot):
        field(panel, "temperature").enter()
        await pilot.press("enter")
        assert field(panel, "top_p").has_focus_within


@pytest.mark.parametrize("size", [(32, 15), (32, 60)])
async def test_labels_and_fields_stand_in_two_columns_within_the_panel(size, language):
    panel = ParametersPanel()
    async with staged(panel, size) as (_, pilot):
        panel.show({"reasoning_effort": "minimal", "temperature": 0.123456}, "")
        await pilot.pause()
        editors = [
            node.region
            for node in panel.query("ParameterField LineInput, ParameterField Stepper, ParameterField Opener")
        ]
        assert len({(region.x, region.width) for region in editors}) == 1
        crosses = [node.region.right for node in panel.query("ParameterField .unset")]
        assert max(crosses) <= panel.content_region.right


async def test_two_names_of_one_limit_are_remarked_on_while_both_are_set(chinese):
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        remark = t("conflict.both_limits", other=t("param.max_completion_tokens.label"))
        panel.show({"max_completion_tokens": 100}, "")
        field(panel, "max_tokens").enter()
        await pilot.press(*"50")
        await eventually(lambda: shows(app, remark))
        await pilot.press("f8")
        await eventually(lambda: not shows(app, remark))
        panel.show({"max_completion_tokens": 100, "max_tokens": 50}, "", "another chat")
        await eventually(lambda: shows(app, remark))


def find(panel: ParametersPanel) -> Input:
    return panel.query_one("#find-parameter", Input)


def seen(panel: ParametersPanel) -> list[str]:
    """The rows that can be seen, by name."""
    return [row.param.name for row in panel.query(ParameterField) if row.is_on_screen or row.region.height > 0]


FOUND: dict[str, list[str]] = {
    "metadata": ["metadata"],
    "元数据": ["metadata"],
    "penalty": ["presence_penalty", "frequency_penalty"],
    "time zone": ["web_search_options.timezone"],
    "web": [row.name for row in ROWS if row.name.startswith("web")],
    "max tok": ["max_completion_tokens", "max_tokens"],
    "json": ["extra_body"],
    "nothing like it": [],
}
"""What is typed to find a parameter, and the rows it leaves."""


async def test_typing_finds_a_parameter_in_either_language_folded_or_not(language):
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        for typed, rows in FOUND.items():
            panel.focus_first()
            find(panel).value = typed
            await eventually(lambda rows=rows: seen(panel) == rows, what=typed)
            await eventually(lambda rows=rows: shows(app, t("parameters.nothing_found")) == (not rows), what=typed)
            if len(rows) == 2:
                await pilot.press("enter")
                await eventually(lambda rows=rows: field(panel, rows[0].replace(".", "-")).has_focus_within, what=typed)
        panel.focus_first()
        await pilot.press("escape")
        await eventually(lambda: find(panel).value == "" and "temperature" in seen(panel))
        assert not {"metadata", "extra_body"} & set(seen(panel))


async def test_a_group_folds_and_says_how_much_of_it_is_set():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({"store": True, "metadata": {"a": "b"}}, "")
        await eventually(lambda: shows(app, t("parameters.count_set", count=2)))
        assert not panel.query("#param-store")  # what is folded is not even made
        head = panel.query_one("#group-account").query_one(GroupHead)
        head.focus()
        await pilot.press("enter")
        await eventually(lambda: "store" in seen(panel))
        assert field(panel, "store").has_class("-set") and shows(app, "a")
        field(panel, "store").enter()
        await pilot.press("delete")
        await eventually(lambda: values(app)[-1:] == [{"metadata": {"a": "b"}}])
        head.focus()
        await pilot.press("space")
        await eventually(lambda: "store" not in seen(panel) and shows(app, t("parameters.count_set", count=1)))


async def test_conflicts_stand_at_their_fields_before_anything_is_sent(chinese):
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, _pilot):
        json_object = {"response_format": {"type": "json_object"}}
        panel.show({**json_object, "temperature": 0.5}, "", "chat", model="o3-mini")
        await eventually(lambda: shows(app, t("conflict.json_unsaid")))
        assert shows(app, t("conflict.refused", model="o3-mini"))
        panel.show({**json_object, "temperature": 0.5}, "", "chat", model="gpt-4.1", messages=lambda: [SAYS_JSON])
        await eventually(lambda: not shows(app, t("conflict.json_unsaid")))
        assert not shows(app, t("conflict.refused", model="o3-mini"))
        assert values(app) == []  # nothing was changed by it


async def test_an_object_is_set_field_by_field_and_told_of_when_nothing_is_lacking():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({"stream": False}, "")
        await panel.query_one("#group-audio", ParameterGroup).unfold(True)
        field(panel, "audio-voice").enter()
        await pilot.press("e")
        lacks = t("error.param_field_missing.says", name=t("param.audio.label"), field=t("param.audio.format.label"))
        await eventually(lambda: shows(app, lacks))
        panel.show({"stream": False}, "")  # the list of models has come, for instance
        assert values(app) == [] and shows(app, "echo")
        field(panel, "audio-format").enter()
        await pilot.press("w")
        whole = {"stream": False, "audio": {"voice": "echo", "format": "wav"}}
        await eventually(lambda: values(app)[-1:] == [whole])
        assert not shows(app, lacks)
        await pilot.press("delete")
        await eventually(lambda: values(app)[-1:] == [{"stream": False}])
        panel.show({"stream": True}, "", "another chat")
        await eventually(lambda: not shows(app, "echo") and not shows(app, lacks))


async def test_a_place_to_search_from_is_written_in_plain_fields():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        await panel.query_one("#group-search", ParameterGroup).unfold(True)
        field(panel, "web_search_options-country").enter()
        await pilot.press(*"c1")
        await eventually(
            lambda: shows(app, t("error.param_country.says", name=t("param.web_search_options.country.label")))
        )
        await pilot.press("backspace", "n", "tab")
        field(panel, "web_search_options-timezone").enter()
        await pilot.press(*"Asia/Shanghai")
        place = {"country": "CN", "timezone": "Asia/Shanghai"}
        sent = {"web_search_options": {"user_location": {"type": "approximate", "approximate": place}}}
        await eventually(lambda: values(app)[-1:] == [sent])


async def test_reset_all_also_resets_what_is_folded():
    panel = ParametersPanel()
    async with staged(panel, (32, 60)) as (app, pilot):
        panel.show({"metadata": {"a": "b"}, "audio": {"voice": "echo", "format": "wav"}, "top_p": 0.5}, "")
        await pilot.pause()
        await pilot.click("#reset-all")
        await eventually(lambda: values(app)[-1:] == [{}])
        await panel.query_one("#group-audio", ParameterGroup).unfold(True)
        assert field(panel, "audio-voice").query_one(Stepper).value is None


async def test_what_needs_more_than_a_line_opens_in_an_editor_and_nothing_typed_is_lost(chinese):
    panel = ParametersPanel()
    async with staged(panel, (100, 40)) as (app, pilot):
        panel.show({}, "")
        field(panel, "stop").enter()
        await pilot.press("enter")
        await eventually(lambda: isinstance(app.screen, ValueEditor))
        area = app.screen.query_one(TextArea)
        area.insert("a\nb\nc\nd\ne")
        complaint = t("error.param_words.says", name=t("param.stop.label"), most=4)
        await eventually(lambda: shows(app, complaint))
        await pilot.press("ctrl+s")
        await eventually(lambda: not isinstance(app.screen, ValueEditor))
        await eventually(lambda: field(panel, "stop").has_class("-wrong") and shows(app, complaint))
        assert values(app) == []
        await pilot.press("enter")
        await eventually(lambda: isinstance(app.screen, ValueEditor))
        assert app.screen.query_one(TextArea).text == "a\nb\nc\nd\ne"
        await pilot.press("backspace", "backspace", "ctrl+s")
        await eventually(lambda: values(app)[-1:] == [{"stop": ["a", "b", "c", "d"]}])
        assert not field(panel, "stop").has_class("-wrong")
        await pilot.press("delete")
        await eventually(lambda: values(app)[-1:] == [{}])


async def test_enter_in_the_last_field_does_not_lead_out_of_the_panel():
    panel = ParametersPanel()
    async with staged(panel) as (app, pilot):
        find(panel).focus()
        find(panel).value = "country"
        await eventually(lambda: seen(panel) == ["web_search_options.country"])
        await pilot.press("enter", *"DE", "enter")
        await eventually(lambda: app.focused is not None and panel in app.focused.ancestors)
        await pilot.press("tab")
        head = panel.query_one("#group-search GroupHead")
        assert not head.can_focus, "what was searched for can't be folded away"
