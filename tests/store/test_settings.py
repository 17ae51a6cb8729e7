from __future__ import annotations

import errno
import os
from typing import Any

import pytest

from tui_chat.disk import Lock
from tui_chat.errors import SettingsError, StoreError
from tui_chat.store import one_by_one
from tui_chat.store.choices import SETTINGS
from tui_chat.store.places import Places
from tui_chat.store.settings import DEFAULT_BASE_URL, Settings, change, load

TYPED = """\
# my settings
language = "zh"   # 中文
favourites = ["a", "b"]
future = { x = 1 }

[values]
temperature = 0.7

[keymap]
"chat.new" = "f2"
[keymap.chat]
attach = "f3"
"""


def write(home: Places, text: str) -> None:
    home.config.mkdir(parents=True, exist_ok=True)
    home.settings_file.write_text(text, "utf-8")


def test_without_a_file_the_defaults_hold(home: Places) -> None:
    assert load(home, {}) == Settings()
    assert not home.config.exists()


def test_every_setting_has_a_rule_that_its_default_keeps() -> None:
    defaults = Settings()
    assert set(Settings.__struct_fields__) - SETTINGS.keys() == {"base_url_source", "unknown"}
    for name, setting in SETTINGS.items():
        default = getattr(defaults, name)
        assert setting.checked(default, name, "f") == default


def test_the_file_wins_over_defaults(home: Places) -> None:
    write(home, TYPED)
    settings = load(home, {})
    assert (settings.language, settings.spoken_language, settings.favourites) == ("zh", "zh", ("a", "b"))
    assert (dict(settings.values), settings.unknown) == ({"temperature": 0.7}, ("future",))
    assert settings.keymap == {"chat.new": "f2", "chat.attach": "f3"}
    assert (settings.base_url, settings.base_url_source) == (DEFAULT_BASE_URL, "default")


def test_the_language_follows_the_locale_unless_set(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert load(home, {}).spoken_language == "zh"
    write(home, 'language = "en"')
    assert load(home, {}).spoken_language == "en"


@pytest.mark.parametrize(
    ("env", "url", "source"),
    [
        ({}, "https://file.invalid", "file"),
        ({"YIBU_BASE_URL": " https://y.invalid "}, "https://y.invalid", "YIBU_BASE_URL"),
        ({"OPENAI_BASE_URL": "https://o.invalid"}, "https://file.invalid", "file"),
        ({"OPENAI_BASE_URL": "https://o.invalid", "OPENAI_API_KEY": "k"}, "https://o.invalid", "OPENAI_BASE_URL"),
        ({"OPENAI_API_BASE": "https://o.invalid", "OPENAI_API_KEY": "k"}, "https://o.invalid", "OPENAI_BASE_URL"),
        ({"OPENAI_API_KEY": "k"}, "https://file.invalid", "file"),
        ({"OPENAI_BASE_URL": "https://o.invalid", "OPENAI_API_KEY": "k", "YIBU_API_KEY": "y"},
         "https://file.invalid", "file"),
        ({"OPENAI_BASE_URL": "https://o.invalid", "OPENAI_API_KEY": "k", "YIBU_BASE_URL": "https://y.invalid"},
         "https://y.invalid", "YIBU_BASE_URL"),
    ],
)  # fmt: skip
def test_the_environment_wins_over_the_file(home: Places, env: dict[str, str], url: str, source: str) -> None:
    write(home, 'base_url = "https://file.invalid"')
    settings = load(home, env)
    assert (settings.base_url, settings.base_url_source) == (url, source)


def test_the_command_line_wins_over_all(home: Places) -> None:
    settings = load(home, {"YIBU_BASE_URL": "https://y.invalid"}, {"base_url": "https://f.invalid", "language": "zh"})
    assert (settings.base_url, settings.base_url_source, settings.language) == ("https://f.invalid", "flag", "zh")
    with pytest.raises(SettingsError) as wrong:
        load(home, {}, {"language": "fr"})
    assert wrong.value.facts["path"] == "--language"


@pytest.mark.parametrize(
    ("line", "key", "facts"),
    [
        ('language = "fr"', "settings_choice", {"name": "language", "options": "auto, zh, en"}),
        ("language = 3", "settings_text", {"name": "language"}),
        ("image_limit_px = 3", "settings_whole", {"name": "image_limit_px", "low": 64, "high": 32768}),
        ("image_limit_px = true", "settings_whole", {"name": "image_limit_px"}),
        ("connect_timeout_s = 0", "settings_seconds", {"low": "1", "high": "600"}),
        ("connect_timeout_s = nan", "settings_seconds", {"name": "connect_timeout_s"}),
        ("enter_sends = 1", "settings_flag", {"name": "enter_sends"}),
        ("favourites = [1]", "settings_list", {"name": "favourites"}),
        ("api_key_command = 1", "settings_text_or_list", {"name": "api_key_command"}),
        ("values = 1", "settings_table", {"name": "values"}),
        ("values = {temperature = 3}", "settings_param", {"name": "values.temperature", "allowed": "0 … 2"}),
        ("values = {max_tokens = 0}", "settings_param", {"name": "values.max_tokens", "allowed": "≥ 1"}),
        ('values = {stream = "maybe"}', "settings_param", {"allowed": "true, false"}),
        ('values = {reasoning_effort = "no"}', "settings_param", {"name": "values.reasoning_effort"}),
        ("values = {nothing = 3}", "settings_param", {"name": "values.nothing"}),
        ("keymap = 3", "settings_keymap", {"name": "keymap"}),
        ("keymap = {chat = {new = 3}}", "settings_keymap", {"name": "keymap.chat.new"}),
        ("language = ", "settings_unreadable", {}),
        ("a = 1\na = 2", "settings_unreadable", {}),
    ],
)
def test_a_wrong_value_is_said_with_file_and_name_and_what_is_allowed(
    home: Places, line: str, key: str, facts: dict[str, Any]
) -> None:
    write(home, line)
    with pytest.raises(SettingsError) as wrong:
        load(home, {})
    assert wrong.value.key == f"error.{key}"
    assert wrong.value.facts["path"] == str(home.settings_file)
    assert wrong.value.facts.items() >= facts.items()


def test_a_change_keeps_comments_and_unknown_keys(home: Places) -> None:
    write(home, TYPED)
    change(home, "language", "en")
    change(home, "favourites", ("c",))
    change(home, "values.top_p", 0.5)
    change(home, "values.temperature", None)
    change(home, "keymap.chat.new", "f5")
    change(home, "keymap.chat.attach", "f6")
    change(home, "keymap.app.help", "f7")
    text = home.settings_file.read_text("utf-8")
    assert text.startswith('# my settings\nlanguage = "en"   # 中文\n')
    assert "future = { x = 1 }" in text
    settings = load(home, {})
    assert (settings.language, settings.favourites, dict(settings.values)) == ("en", ("c",), {"top_p": 0.5})
    assert settings.keymap == {"chat.new": "f5", "chat.attach": "f6", "app.help": "f7"}


def test_a_change_begins_a_file_that_is_private(home: Places) -> None:
    change(home, "model", "m")
    change(home, "values.temperature", 1)
    change(home, "theme", None)
    settings = load(home, {})
    assert (settings.model, settings.values) == ("m", {"temperature": 1})
    if os.name != "nt":
        assert home.settings_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [("language", "fr"), ("nothing", 1), ("language.x", 1), ("values.temperature", 9), ("base_url_source", "x")],
)
def test_a_wrong_change_is_refused_and_nothing_is_written(home: Places, name: str, value: object) -> None:
    write(home, TYPED)
    with pytest.raises(SettingsError):
        change(home, name, value)
    assert home.settings_file.read_text("utf-8") == TYPED


def test_a_file_that_is_not_toml_is_never_written_to(home: Places) -> None:
    write(home, "language = ")
    with pytest.raises(SettingsError):
        change(home, "language", "en")
    assert home.settings_file.read_text("utf-8") == "language = "


def test_a_full_disk_keeps_the_old_file(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, TYPED)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError) as failed:
        change(home, "language", "en")
    monkeypatch.undo()
    assert (failed.value.key, home.settings_file.read_text("utf-8")) == ("error.store_full", TYPED)


def test_another_window_that_never_lets_go_is_said(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_by_one, "LOCK_WAIT_S", 0.0)
    home.locks.mkdir(parents=True)
    with Lock.take(home.locks / "settings.lock"), pytest.raises(StoreError) as failed:
        change(home, "language", "en")
    assert failed.value.key == "error.store_failed"
    change(home, "language", "en")
    assert load(home, {}).language == "en"
