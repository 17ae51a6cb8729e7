"""Sound is heard through a program of the computer: found by full path, run without a shell, seeing no key."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.waiting import eventually_in_thread
from tui_chat.errors import UsageError
from tui_chat.ui import player
from tui_chat.ui.player import Player, find_program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs here are scripts for a shell")


def install(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_program_gets_the_file_and_no_secret_and_ends_when_told(tmp_path: Path) -> None:
    said = tmp_path / "said"
    install(tmp_path, "mpv", f'echo "$@" > "{said}.new"; env >> "{said}.new"; mv "{said}.new" "{said}"; exec sleep 60')
    sound = tmp_path / "-a file.wav"
    sound.touch()
    env = {"PATH": f"{tmp_path}:{os.defpath}", "YIBU_API_KEY": "sk-secret", "PULSE_SERVER": "unix:/x"}
    heard = Player(env)
    assert heard.play(sound, "wav") == "mpv"
    eventually_in_thread(said.exists)
    assert heard.is_playing
    text = said.read_text()
    assert str(sound) in text.splitlines()[0] and "PULSE_SERVER=unix:/x" in text and "secret" not in text
    heard.stop()
    assert not heard.is_playing


def test_a_program_that_ends_is_no_longer_heard(tmp_path: Path) -> None:
    install(tmp_path, "aplay", "exit 0")
    heard = Player({"PATH": str(tmp_path)})
    assert heard.play(tmp_path / "a.wav", "wav") == "aplay"
    eventually_in_thread(lambda: not heard.is_playing)


def test_only_programs_that_know_the_format_are_asked_and_none_of_this_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "aplay", "exit 0")
    monkeypatch.chdir(tmp_path)
    assert find_program("mp3", {"PATH": str(tmp_path)}) is None
    assert find_program("wav", {"PATH": ".:"}) is None
    found = find_program("wav", {"PATH": str(tmp_path)})
    assert found is not None and found[1] == str(tmp_path / "aplay")


def test_where_nothing_plays_it_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as refused:
        Player({"PATH": str(tmp_path)}).play(tmp_path / "a.wav", "wav")
    assert refused.value.key == "error.no_player"
