"""Old logs and backups go, too many go, and the latest backup of every file stays for good."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.tools.material import call, surroundings
from tui_chat.tools import pruning
from tui_chat.tools.output import in_folder
from tui_chat.tools.pruning import BACKUP_DAYS, DAY_S, LOG_DAYS, begin_pruning, prune_backups, prune_logs
from tui_chat.tools.write_file import WRITE_FILE


def written(path: Path, days: float, size: int = 10) -> Path:
    """A file of that age."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    moment = time.time() - days * DAY_S
    os.utime(path, (moment, moment))
    return path


def left(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_old_logs_go_with_the_folder_of_their_chat(tmp_path: Path):
    written(tmp_path / "old" / "a.log", LOG_DAYS + 1)
    written(tmp_path / "new" / "b.log", LOG_DAYS + 1)
    written(tmp_path / "new" / "c.log", LOG_DAYS - 1)
    assert prune_logs(tmp_path) == 2
    assert left(tmp_path) == ["new/c.log"] and not (tmp_path / "old").exists()
    assert prune_logs(tmp_path / "nowhere") == 0


def test_too_many_logs_lose_the_oldest_but_nothing_of_this_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pruning, "LOGS_BYTES", 25)
    for number in range(4):
        written(tmp_path / "chat" / f"{number}.log", 10 - number)
    for number in range(4):
        written(tmp_path / "now" / f"{number}.log", 0)
    assert prune_logs(tmp_path) == 4
    assert left(tmp_path) == [f"now/{number}.log" for number in range(4)]


def test_what_is_old_goes_once_a_run_while_others_go_on(tmp_path: Path):
    old = written(tmp_path / "logs" / "chat" / "a.log", LOG_DAYS + 1)
    pruner = begin_pruning(tmp_path / "logs", tmp_path / "backups")
    assert pruner is begin_pruning(tmp_path / "logs", tmp_path / "backups") and pruner.daemon
    pruner.join()
    assert not old.exists()


def test_a_folder_that_goes_while_a_log_is_begun_in_it_comes_back(tmp_path: Path):
    folder, tries = tmp_path / "logs" / "chat", []

    def write() -> Path:
        if not tries:
            prune_logs(tmp_path / "logs")  # takes the empty folder away
        tries.append(folder.exists())
        (folder / "a.log").write_text("kept")
        return folder / "a.log"

    assert in_folder(folder, write).read_text() == "kept" and tries == [False, True]


def test_links_are_not_followed(tmp_path: Path):
    precious = written(tmp_path / "elsewhere" / "precious", 1000)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "link").symlink_to(precious.parent)
    (tmp_path / "logs" / "file").symlink_to(precious)
    prune_logs(tmp_path / "logs")
    assert precious.exists()


async def test_the_latest_backup_of_a_file_stays_however_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    around = surroundings(tmp_path)
    assert around.backups is not None
    for folder in ("a", "b"):  # two files of one name
        for text in ("first", "second", "third"):
            await call(WRITE_FILE, around, path=str(around.folder / folder / "notes.txt"), content=text)
    backups = sorted(around.backups.iterdir())
    assert len(backups) == 4 and sorted(path.read_text() for path in backups) == ["first", "first", "second", "second"]
    stranger = written(around.backups / "my own copy.txt", 10 * BACKUP_DAYS)
    for path in backups:
        age = 2 if path.read_text() == "second" else 3
        written_s = time.time() - age * BACKUP_DAYS * DAY_S
        os.utime(path, (written_s, written_s))
    assert prune_backups(around.backups) == 2 and stranger.exists()
    assert sorted(path.read_text() for path in backups if path.exists()) == ["second", "second"]
    monkeypatch.setattr(pruning, "BACKUPS_BYTES", 0)
    assert prune_backups(around.backups) == 0
