"""The settings: checked at the field, worn at once, handed over only where different."""

from __future__ import annotations

import pytest
from textual.widgets import Input, TextArea

from tests.ui.bare_stage import NOTHING, SIZES, Stage, answered, screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.store.choices import SETTINGS
from tui_chat.store.settings import Settings
from tui_chat.ui.screens.dialogs import Confirm
from tui_chat.ui.screens.settings import API_KEY, SettingsScreen
from tui_chat.ui.widgets.setting_row import SettingRow
from tui_chat.ui.widgets.stepper import Stepper
from tui_chat.words import t

KEY = "sk-abcdefghijklmnopqrstuvwxyz"


def row(app: Stage, name: str) -> SettingRow:
    return app.screen.query_one(f"#setting-{name}", SettingRow)


def put(app: Stage, name: str, text: str) -> None:
    row(app, name).query_one(Input).value = text


async def test_saving_what_was_not_changed_changes_nothing(chinese):
    async with staged(SettingsScreen(Settings(theme="nord", base_url="yibuapi.com", model="m"))) as (app, pilot):
        await pilot.press("ctrl+s")
        assert await answered(app) == {}


async def test_only_what_is_different_is_handed_over():
    async with staged(SettingsScreen(Settings())) as (app, pilot):
        row(app, "language").query_one(Stepper).focus()
        await pilot.press("right")
        row(app, "show_panels").query_one(Stepper).focus()
        await pilot.press("space")
        put(app, "model", " gpt-4.1 ")
        put(app, "image_limit_px", "1024")
        put(app, "base_url", "example.org/v1/models")
        row(app, "system").query_one(TextArea).text = "Be brief.\nAlways."
        await pilot.click("#save")
        changed = await answered(app)
    assert changed == {
        "language": "zh",
        "show_panels": True,
        "model": "gpt-4.1",
        "image_limit_px": 1024,
        "base_url": "https://example.org/v1",
        "system": "Be brief.\nAlways.",
    }
    for name, value in changed.items():
        SETTINGS[name].checked(value, name, "settings.toml")


async def test_a_theme_is_worn_at_once_and_taken_off_by_escape():
    async with staged(SettingsScreen(Settings())) as (app, pilot):
        before = app.theme
        row(app, "theme").query_one(Stepper).focus()
        await pilot.press("n")
        await eventually(lambda: app.theme == "nord")
        await pilot.press("escape")
        assert await answered(app) is None
        assert app.theme == before
    async with staged(SettingsScreen(Settings(), themes=("nord", "textual-dark"))) as (app, pilot):
        row(app, "theme").query_one(Stepper).focus()
        await pilot.press("right", "ctrl+s")
        assert await answered(app) == {"theme": "nord"}
        assert app.theme == "nord"


@pytest.mark.parametrize(
    ("language", "name", "typed"),
    [
        ("en", "image_limit_px", "63"),
        ("zh", "image_limit_px", "2 px"),
        ("en", "attachment_limit_mb", ""),
        ("zh", "attachment_limit_mb", "９"),
    ],
    indirect=["language"],
)
async def test_a_wrong_number_is_said_at_its_field_and_not_saved(language, name, typed):
    async with staged(SettingsScreen(Settings())) as (app, pilot):
        put(app, name, typed)
        kind = SETTINGS[name]
        await eventually(lambda: shows(app, t("settings.whole", low=kind.low, high=kind.high)))  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.result is NOTHING
        assert row(app, name).has_focus_within
        put(app, name, "200")
        await eventually(lambda: not row(app, name).has_class("-wrong"))
        await pilot.press("ctrl+s")
        assert await answered(app) == {name: 200}


async def test_a_wrong_address_is_said_at_its_field(chinese):
    async with staged(SettingsScreen(Settings())) as (app, pilot):
        put(app, "base_url", "https://user:pass@example.org")
        await eventually(lambda: shows(app, t("error.address_userinfo.says")))
        await pilot.click("#save")
        assert app.result is NOTHING
        put(app, "base_url", "http://10.0.0.1/v1")
        await eventually(lambda: shows(app, t("welcome.unencrypted", address="http://10.0.0.1/v1")))


async def test_a_new_key_is_masked_cleaned_and_handed_over_apart(chinese):
    async with staged(SettingsScreen(Settings(), masked_key="sk-old…wxyz", key_source="keyring")) as (app, pilot):
        await eventually(lambda: shows(app, "sk-old…wxyz") and shows(app, t("settings.key_from", source="keyring")))
        await pilot.click("#change-key")
        await eventually(lambda: app.focused is not None and app.focused.id == "new-key")
        await pilot.press(*"sk-1 sk-2")
        await eventually(lambda: shows(app, t("error.key_several.says", count=2)))
        put(app, API_KEY, f"Bearer {KEY}")
        await eventually(lambda: not row(app, API_KEY).has_class("-wrong"))
        assert KEY not in screen_text(app)
        await pilot.press("ctrl+s")
        assert await answered(app) == {API_KEY: KEY}


async def test_an_address_from_the_environment_says_where_it_is_from():
    settings = Settings(base_url="https://example.org/v1", base_url_source="YIBU_BASE_URL")
    async with staged(SettingsScreen(settings)) as (app, pilot):
        await eventually(lambda: shows(app, t("settings.address_from", source="YIBU_BASE_URL")))
        await pilot.press("ctrl+s")
        assert await answered(app) == {}


@pytest.mark.parametrize("leave", ["escape", "#cancel"])
async def test_leaving_changes_nothing(leave):
    async with staged(SettingsScreen(Settings())) as (app, pilot):
        put(app, "model", "x")
        if leave == "escape":  # it may have been hit by mistake: what was typed is asked for
            await pilot.press("escape")
            await eventually(lambda: isinstance(app.screen, Confirm))
            await pilot.press("y")
        else:
            await pilot.click(leave)
        assert await answered(app) is None


@pytest.mark.parametrize(("language", "size"), SIZES, indirect=["language"])
async def test_every_field_can_be_reached_and_seen_at_every_size(size, language):
    async with staged(SettingsScreen(Settings()), size) as (app, pilot):
        count = sum(node.focusable and node.display for node in app.screen.query("*"))
        reached = set()
        for _ in range(count):
            focused = app.focused
            assert focused is not None
            reached.add(id(focused))
            await eventually(lambda seen=focused: app.screen.find_widget(seen).visible_region.height > 0)
            await pilot.press("tab")
        assert len(reached) == count
        assert app.screen.query_one("#save").region in app.screen.query_one(".frame").region
        assert app.screen.query_one(".frame").region in app.screen.region
