"""Tables `[mcp.NAME]` of the settings file: read, checked, changed; and never a file of the working folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_chat.errors import SettingsError
from tui_chat.store.places import Places
from tui_chat.store.settings import change, load
from tui_chat.words import sentences


@pytest.fixture
def places(tmp_path: Path) -> Places:
    folder = tmp_path / "config"
    folder.mkdir()
    return Places(folder, tmp_path / "cache")


GOOD = """
[mcp.files]  # my files
command = ["npx", "-y", "server-filesystem", "/home/me/notes"]
env = { LOG = "1" }
start_timeout_s = 90

[mcp.web]
url = "https://mcp.example.com/mcp"
headers = { Authorization = "Bearer ${TOKEN}" }
enabled = false
"""


def test_servers_are_read_in_order(places: Places):
    places.settings_file.write_text(GOOD)
    settings = load(places, {})
    assert settings.unknown == ()
    assert list(settings.mcp) == ["files", "web"]
    files, web = settings.mcp.values()
    assert files.command == ("npx", "-y", "server-filesystem", "/home/me/notes")
    assert (files.env, files.enabled, files.start_timeout_s, files.call_timeout_s) == ({"LOG": "1"}, True, 90.0, 60.0)
    assert (web.url, web.enabled, web.command) == ("https://mcp.example.com/mcp", False, ())
    assert web.headers == {"Authorization": "Bearer ${TOKEN}"}
    assert web.host == "mcp.example.com"


@pytest.mark.parametrize(
    ("table", "key", "name"),
    [
        ('[mcp."a b"]\ncommand = ["x"]', "error.settings_mcp_name", "mcp.a b"),
        ('[mcp.a__b]\ncommand = ["x"]', "error.settings_mcp_name", "mcp.a__b"),
        ("[mcp.a]", "error.settings_mcp_one", "mcp.a"),
        ("[mcp.a]\ncommand = []", "error.settings_mcp_one", "mcp.a"),
        ('[mcp.a]\ncommand = ["x"]\nurl = "https://x.example"', "error.settings_mcp_one", "mcp.a"),
        ('[mcp.a]\ncommand = "x y"', "error.settings_list", "mcp.a.command"),
        ('[mcp.a]\ncommand = ["x", 1]', "error.settings_list", "mcp.a.command"),
        ('[mcp.a]\ncommand = [""]', "error.settings_list", "mcp.a.command"),
        ('[mcp.a]\ncommand = ["x\\u0000"]', "error.settings_list", "mcp.a.command"),
        ('[mcp.a]\ncommand = ["x"]\nargs = ["y"]', "error.settings_mcp_option", "mcp.a.args"),
        ('[mcp.a]\ncommand = ["x"]\nheaders = {A = "b"}', "error.settings_mcp_foreign", "mcp.a.headers"),
        ('[mcp.a]\nurl = "https://x.example"\nenv = {A = "b"}', "error.settings_mcp_foreign", "mcp.a.env"),
        ('[mcp.a]\ncommand = ["x"]\nenv = {A = 1}', "error.settings_mcp_text", "mcp.a.env.A"),
        ('[mcp.a]\ncommand = ["x"]\nenv = {"A=B" = "1"}', "error.settings_mcp_text", "mcp.a.env.A=B"),
        ('[mcp.a]\ncommand = ["x"]\nenv = "A=1"', "error.settings_table", "mcp.a.env"),
        (
            '[mcp.a]\nurl = "https://x.example"\nheaders = {A = "b\\r\\nC: d"}',
            "error.settings_mcp_text",
            "mcp.a.headers.A",
        ),
        ('[mcp.a]\ncommand = ["x"]\nenabled = "yes"', "error.settings_flag", "mcp.a.enabled"),
        ('[mcp.a]\ncommand = ["x"]\ncall_timeout_s = 0', "error.settings_seconds", "mcp.a.call_timeout_s"),
        ('[mcp.a]\nurl = "ftp://x.example"', "error.settings_mcp_url", "mcp.a.url"),
        ('[mcp.a]\nurl = "https://x.example:99999"', "error.settings_mcp_url", "mcp.a.url"),
        ('[mcp.a]\nurl = "https://"', "error.settings_mcp_url", "mcp.a.url"),
        ('[mcp.a]\nurl = "https://me:secret@x.example"', "error.settings_mcp_password", "mcp.a.url"),
        ('[mcp.a]\nurl = "http://x.example/mcp"', "error.settings_mcp_plain", "mcp.a.url"),
        ("mcp = 1", "error.settings_table", "mcp"),
        ("[mcp]\na = 1", "error.settings_table", "mcp.a"),
    ],
)
def test_what_is_wrong_is_said_with_its_name_in_both_languages(places: Places, table: str, key: str, name: str):
    places.settings_file.write_text(table)
    with pytest.raises(SettingsError) as caught:
        load(places, {})
    assert (caught.value.key, caught.value.facts["name"]) == (key, name)
    for language in ("en", "zh"):
        sentence = sentences(language)[f"{key}.says"].format(**caught.value.facts)
        assert name in sentence
        assert "secret" not in sentence


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/mcp", "http://localhost/mcp", "http://[::1]:9/"])
def test_this_computer_may_be_talked_to_in_plain(places: Places, url: str):
    places.settings_file.write_text(f'[mcp.a]\nurl = "{url}"')
    assert load(places, {}).mcp["a"].url == url


def test_ones_own_network_only_when_said_so(places: Places):
    places.settings_file.write_text('[mcp.a]\nurl = "http://nas.lan/mcp"\nunencrypted = true')
    assert load(places, {}).mcp["a"].host == "nas.lan"


def test_one_option_is_changed_and_comments_stay(places: Places):
    places.settings_file.write_text(GOOD)
    change(places, "mcp.files.enabled", False)
    change(places, "mcp.web.enabled", True)
    settings = load(places, {})
    assert (settings.mcp["files"].enabled, settings.mcp["web"].enabled) == (False, True)
    assert "# my files" in places.settings_file.read_text()
    change(places, "mcp.new", {"command": ["server"]})
    assert load(places, {}).mcp["new"].command == ("server",)
    change(places, "mcp.new", None)
    assert list(load(places, {}).mcp) == ["files", "web"]
    for name, value in (("mcp.files.enabled", "no"), ("mcp.files.nothing", 1), ("mcp.a", {}), ("mcp.a b", {})):
        with pytest.raises(SettingsError):
            change(places, name, value)


def test_files_of_the_working_folder_are_not_read(places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "strangers"
    (folder / ".yibu-chat").mkdir(parents=True)
    for name in ("settings.toml", "mcp.toml", ".mcp.json", ".env", ".yibu-chat/settings.toml"):
        (folder / name).write_text('[mcp.evil]\ncommand = ["evil"]\n')
    monkeypatch.chdir(folder)
    places.settings_file.write_text(GOOD)
    assert list(load(places, {}).mcp) == ["files", "web"]
