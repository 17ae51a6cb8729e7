from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from tui_chat.errors import SettingsError, StoreError
from tui_chat.store import keys
from tui_chat.store.keys import find_key, forget_key, save_key
from tui_chat.store.places import Places
from tui_chat.store.settings import Settings, load

KEY = "sk-canary0123456789"
POSIX = pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "find_spec", lambda name: None)


def printing(*lines: str, code: int = 0) -> tuple[str, ...]:
    script = f"import sys; sys.stdout.write({chr(10).join(lines)!r}); sys.exit({code})"
    return (sys.executable, "-c", script)


def source(env: dict[str, str], home: Places, **settings: object) -> str | None:
    found = find_key(load(home, env, settings), home, env)
    return found.source if found else None


def test_the_first_source_wins(home: Places) -> None:
    save_key(home, KEY)
    openai = {"OPENAI_API_KEY": "sk-o", "OPENAI_BASE_URL": "https://o.invalid"}
    command = {"api_key_command": printing("sk-c")}
    assert source({"YIBU_API_KEY": "sk-y", **openai}, home, **command) == "YIBU_API_KEY"
    assert source(openai, home, **command) == "OPENAI_API_KEY"
    assert source({}, home, **command) == "api_key_command"
    assert source({}, home) == "credentials.toml"
    forget_key(home)
    forget_key(home)
    assert source({}, home) is None


def test_a_key_of_openai_goes_only_to_its_own_address(home: Places) -> None:
    assert source({"OPENAI_API_KEY": "sk-o"}, home) is None
    both = {"OPENAI_API_KEY": "sk-o", "OPENAI_BASE_URL": "https://o.invalid"}
    assert source({**both, "YIBU_BASE_URL": "https://y.invalid"}, home) is None
    assert source(both, home, base_url="https://f.invalid") is None


def test_the_key_is_not_in_its_repr(home: Places) -> None:
    found = find_key(Settings(), home, {"YIBU_API_KEY": f" Bearer {KEY}\n"})
    assert found is not None
    assert found.key == KEY
    assert KEY not in repr(found)


def test_what_cannot_be_a_key_is_said_without_it(home: Places) -> None:
    with pytest.raises(SettingsError) as wrong:
        find_key(Settings(), home, {"YIBU_API_KEY": "sk-canaryé"})
    assert "canary" not in str(wrong.value)


@POSIX
def test_a_saved_key_is_private_from_the_start(home: Places, no_umask: None, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    real = os.open

    def noting(path: str, flags: int, mode: int = 0o777, **more: int) -> int:
        if flags & os.O_CREAT:
            modes.append(mode)
        return real(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", noting)
    save_key(home, KEY)
    assert modes == [0o600]
    assert home.credentials_file.stat().st_mode & 0o777 == 0o600
    assert home.config.stat().st_mode & 0o777 == 0o700
    home.credentials_file.chmod(0o644)
    save_key(home, KEY + "2")
    assert home.credentials_file.stat().st_mode & 0o777 == 0o600
    found = find_key(Settings(), home, {})
    assert found is not None
    assert (found.key, found.notes) == (KEY + "2", ())


@POSIX
def test_a_file_others_can_read_is_put_right_and_said(home: Places) -> None:
    save_key(home, KEY)
    home.credentials_file.chmod(0o640)
    found = find_key(Settings(), home, {})
    assert found is not None
    assert [note.key for note in found.notes] == ["error.key_was_readable"]
    assert home.credentials_file.stat().st_mode & 0o777 == 0o600
    again = find_key(Settings(), home, {})
    assert again is not None
    assert again.notes == ()


def test_a_spoilt_credentials_file_is_said_without_what_is_in_it(home: Places) -> None:
    home.config.mkdir(parents=True, mode=0o700)
    home.credentials_file.write_text(f"api_key = {KEY}")
    with pytest.raises(SettingsError) as wrong:
        find_key(Settings(), home, {})
    assert wrong.value.key == "error.credentials_unreadable"
    assert KEY not in str(wrong.value)
    home.credentials_file.write_text("api_key = 3")
    assert find_key(Settings(), home, {}) is None


def test_a_command_gives_its_first_line_and_is_given_no_key(home: Places) -> None:
    script = (
        "import os, sys; keys = [name for name in os.environ if name.endswith('API_KEY')]\n"
        "print(); print(f'sk-{len(keys)}' + sys.stdin.read())"
    )
    env = {**os.environ, "OPENAI_API_KEY": "sk-o"}
    found = find_key(Settings(api_key_command=(sys.executable, "-c", script)), home, env)
    assert found is not None
    assert found.key == "sk-0"
    line = f'"{sys.executable}" -c "print(\'sk-line\'); print(2)"'
    if os.name != "nt":
        found = find_key(Settings(api_key_command=line), home, env)
        assert found is not None
        assert found.key == "sk-line"


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (("no-such-command-here", "x"), "error.key_command_missing"),
        (printing("sk-no", code=3), "error.key_command_failed"),
        (printing(""), "error.key_command_empty"),
        ("'unclosed", "error.key_command_failed"),
        (" ", "error.key_command_empty"),
        ((sys.executable, "-c", "import sys; sys.exit('locked: try again')"), "error.key_command_failed"),
    ],
)
def test_a_command_that_fails_says_why(home: Places, command: str | tuple[str, ...], key: str) -> None:
    with pytest.raises(SettingsError) as failed:
        find_key(Settings(api_key_command=command), home, dict(os.environ))
    assert failed.value.key == key
    assert "sk-no" not in str(failed.value)
    if "locked" in str(command):
        assert failed.value.facts["reason"] == "locked: try again"


def test_a_command_that_never_ends_is_ended(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "COMMAND_TIMEOUT_S", 0.3)
    wait = "import threading; threading.Event().wait()"
    for script in (wait, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {wait!r}])"):
        with pytest.raises(SettingsError) as failed:
            find_key(Settings(api_key_command=(sys.executable, "-c", script)), home, dict(os.environ))
        assert failed.value.key == "error.key_command_slow"


def test_the_keyring_is_asked_where_there_is_one(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    class KeyringError(Exception):
        pass

    keyring, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    answers: list[str | Exception | None] = ["sk-ring", None, KeyringError("locked")]

    def get_password(service: str, name: str) -> str | None:
        assert (service, name) == ("yibu-chat", "api_key")
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    keyring.get_password, keyring.errors, errors.KeyringError = get_password, errors, KeyringError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    monkeypatch.setattr(keys, "find_spec", lambda name: object())
    assert [source({}, home) for _ in range(3)] == ["keyring", None, None]


def test_a_key_that_cannot_be_saved_is_said(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StoreError) as failed:
        save_key(home, KEY)
    monkeypatch.undo()
    assert failed.value.key == "error.store_full"
    assert KEY not in str(failed.value)
    assert list(home.config.iterdir()) == []
