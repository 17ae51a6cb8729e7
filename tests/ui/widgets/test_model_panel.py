"""The panel of models: what it shows, and what it asks for."""

from __future__ import annotations

from textual.widgets import Input

from tests.ui.bare_stage import screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.ui.widgets.lines import Lines
from tui_chat.ui.widgets.model_panel import ModelPanel
from tui_chat.wire.gateway import Model
from tui_chat.words import t

MODELS = [
    Model("gpt-4.1"),
    Model("gpt-4o-mini"),
    Model("claude-sonnet-4-5"),
    Model("text-embedding-3", endpoint_types=("embeddings",)),
    Model("deepseek-r1"),
]


def ids(panel: ModelPanel) -> list[str | None]:
    lines = panel.query_one(Lines)
    return [lines.get_option_at_index(at).id for at in range(lines.option_count)]


def shown(panel: ModelPanel, current: str = "gpt-4.1", favourites: frozenset[str] = frozenset()) -> None:
    panel.show(MODELS, current, favourites, "5 models")


async def test_favourites_come_first_and_what_does_not_chat_comes_last():
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (app, _):
        shown(panel, favourites=frozenset({"gpt-4o-mini", "my-own"}))
        expected = ["gpt-4o-mini", "my-own", "claude-sonnet-4-5", "deepseek-r1", "gpt-4.1", "text-embedding-3"]
        assert ids(panel) == expected
        assert panel.query_one(Lines).cursor_id == "gpt-4.1"
        await eventually(lambda: "★ my-own" in screen_text(app) and "· text-embedding-3" in screen_text(app))
        await eventually(lambda: shows(app, "5 models"))


async def test_enter_in_the_search_chooses_the_best_match():
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (app, pilot):
        shown(panel)
        panel.focus_search()
        await pilot.press(*"sonn", "enter")
        await eventually(lambda: [message.model for message in app.told(ModelPanel.Chosen)] == ["claude-sonnet-4-5"])


async def test_any_typed_id_can_be_chosen(chinese):
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (app, pilot):
        shown(panel)
        panel.focus_search()
        await pilot.press(*"my/new:model")
        await eventually(lambda: shows(app, t("models.use_typed", model="my/new:model")))
        await pilot.press("enter")
        await eventually(lambda: [message.model for message in app.told(ModelPanel.Chosen)] == ["my/new:model"])


async def test_a_typed_id_that_matches_others_is_still_offered():
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (app, pilot):
        shown(panel)
        panel.focus_search()
        await pilot.press(*"gpt-4")
        assert ids(panel)[-1] == "typed:gpt-4"
        await pilot.press("down", "down", "enter")
        await eventually(lambda: [message.model for message in app.told(ModelPanel.Chosen)] == ["gpt-4"])


async def test_arrows_in_the_search_move_through_the_list_and_escape_clears_it_first():
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (app, pilot):
        shown(panel, current="")
        panel.focus_search()
        assert panel.query_one(Lines).cursor_id == "claude-sonnet-4-5"
        await pilot.press("down", "down", "up", "pagedown", "pageup", "down")
        assert panel.query_one(Lines).cursor_id == "deepseek-r1"
        await pilot.press(*"xyz", "escape")
        assert panel.query_one(Input).value == ""
        assert panel.query_one(Input).has_focus
        await pilot.press("enter")
        await eventually(lambda: app.told(ModelPanel.Chosen))


async def test_favourite_and_refresh_by_key_from_the_search_and_from_the_list():
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (app, pilot):
        shown(panel)
        panel.focus_search()
        await pilot.press("f8", "f9")
        await pilot.press("tab", "f8", "f9")
        await eventually(lambda: len(app.told(ModelPanel.RefreshAsked)) == 2)
        assert [message.model for message in app.told(ModelPanel.FavouriteToggled)] == ["gpt-4.1"] * 2
        assert panel.query_one(Input).value == ""


async def test_letters_in_the_search_are_text():
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (app, pilot):
        shown(panel)
        panel.focus_search()
        await pilot.press("f", "r")
        assert panel.query_one(Input).value == "fr"
        assert not app.told(ModelPanel.FavouriteToggled) and not app.told(ModelPanel.RefreshAsked)


async def test_letters_in_the_list_go_to_the_search():
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (app, pilot):
        shown(panel)
        panel.query_one(Lines).focus()
        await pilot.press(*"4o")
        assert panel.query_one(Input).value == "4o"
        assert panel.query_one(Input).has_focus
        await pilot.press("backspace", "enter")
        assert panel.query_one(Input).value == "4"
        await eventually(lambda: app.told(ModelPanel.Chosen))


async def test_a_click_on_a_star_marks_and_on_a_name_chooses():
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (app, pilot):
        shown(panel)
        await eventually(lambda: "deepseek-r1" in screen_text(app))
        row = next(y for y, line in enumerate(screen_text(app).splitlines()) if "deepseek" in line)
        await pilot.click(offset=(1, row))
        await eventually(
            lambda: [message.model for message in app.told(ModelPanel.FavouriteToggled)] == ["deepseek-r1"]
        )
        assert not app.told(ModelPanel.Chosen)
        await pilot.click(offset=(8, row))
        await eventually(lambda: [message.model for message in app.told(ModelPanel.Chosen)] == ["deepseek-r1"])
        await pilot.click("#model-refresh")
        await pilot.click("#model-favourite")
        await eventually(lambda: len(app.told(ModelPanel.RefreshAsked)) == 1)
        await eventually(lambda: len(app.told(ModelPanel.FavouriteToggled)) == 2)


async def test_no_model_chosen_is_said_and_hostile_ids_do_nothing(chinese):
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (app, _):
        panel.show([Model("[b]bad\x1b[31m‮")], "", frozenset(), "[i]note\x07[/i]")
        await eventually(lambda: shows(app, t("models.none_chosen")))
        await eventually(lambda: "[b]bad␛[31m⟨RLO⟩" in screen_text(app) and "[i]note␇[/i]" in screen_text(app))


async def test_thousands_of_models_are_searched_but_not_drawn():
    panel = ModelPanel()
    async with staged(panel, (40, 30)) as (_, pilot):
        panel.show([Model(f"model-{n:05}") for n in range(4000)], "model-03999", frozenset())
        assert panel.query_one(Lines).option_count == 301
        panel.focus_search()
        await pilot.press(*"03999")
        assert ids(panel)[0] == "model-03999"


async def test_what_is_shown_before_it_is_mounted_is_not_lost():
    panel = ModelPanel()
    shown(panel)
    async with staged(panel, (40, 30)):
        assert len(ids(panel)) == len(MODELS)
