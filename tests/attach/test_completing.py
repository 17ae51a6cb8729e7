from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tui_chat.attach import completing
from tui_chat.attach.completing import complete_path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in (
        "README.md",
        "main.py",
        "src/main.rs",
        "src/maintain/notes.md",
        "src/lib.rs",
        "tests/test_main.py",
        "docs/图片/照片.png",
        ".env",
        ".github/workflows/ci.yml",
        ".git/config",
        "node_modules/main/index.js",
        "My File.txt",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return root


def test_nothing_typed_shows_what_is_here(project: Path):
    assert complete_path("", project) == ["src/", "docs/", "tests/", "main.py", "README.md", "My File.txt"]


def test_names_that_begin_so_come_first_then_near_and_short_ones(project: Path):
    assert complete_path("main", project) == [
        "main.py",
        "src/main.rs",
        "src/maintain/",
        "tests/test_main.py",
        "src/maintain/notes.md",
    ]


def test_letters_in_order_are_enough(project: Path):
    assert complete_path("smrs", project) == ["src/main.rs"]
    assert complete_path("rdme", project) == ["README.md"]
    assert complete_path("照", project) == ["docs/图片/照片.png"]
    assert complete_path("myfile", project) == ["My File.txt"]
    assert complete_path("qqq", project) == []


def test_a_folder_is_looked_into(project: Path):
    assert complete_path("src/", project) == ["src/lib.rs", "src/main.rs", "src/maintain/"]
    assert complete_path("src/lib", project) == ["src/lib.rs"]
    assert complete_path("./src/lib", project) == ["./src/lib.rs"]
    assert complete_path("../ma", project / "src") == ["../main.py"]


def test_a_folder_that_is_not_there_is_matched_loosely(project: Path):
    assert complete_path("sr/mai", project)[0] == "src/main.rs"
    assert complete_path("/no/such/folder/x", project) == []


def test_home_and_root_are_written_as_they_were_begun(project: Path, own_home: Path):
    (own_home / "holiday.jpg").write_text("x")
    (own_home / "deep").mkdir()
    (own_home / "deep" / "holiday2.jpg").write_text("x")
    assert complete_path("~/hol", project) == ["~/holiday.jpg"]
    assert complete_path(f"{project}/READ", own_home) == [f"{project}/README.md"]


def test_hidden_files_are_shown_only_when_asked_for(project: Path):
    assert ".env" not in complete_path("env", project)
    assert complete_path(".e", project)[0] == ".env"
    assert ".github/" in complete_path(".g", project)
    assert not any(path.startswith(".git/") or path == ".git/" for path in complete_path(".git", project))


def test_folders_full_of_others_work_are_skipped(project: Path):
    assert not any("node_modules" in path for path in complete_path("index", project))


def test_the_number_of_answers_is_limited(tmp_path: Path):
    for number in range(80):
        (tmp_path / f"f{number}").touch()
    assert len(complete_path("f", tmp_path)) == 50
    assert len(complete_path("f", tmp_path, limit=7)) == 7


def test_the_walk_is_bounded_in_a_huge_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(completing, "_MAX_ENTRIES", 300)
    looked_at = 0
    real_shown = completing._is_shown

    def counting(name: str, hidden: bool) -> bool:
        nonlocal looked_at
        looked_at += 1
        return real_shown(name, hidden)

    monkeypatch.setattr(completing, "_is_shown", counting)
    for number in range(1000):
        (tmp_path / f"file{number}").touch()
    assert len(complete_path("file", tmp_path)) == 50
    assert looked_at == 300


def test_the_walk_stops_at_its_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clock = iter(range(1_000_000))
    monkeypatch.setattr(completing.time, "monotonic", lambda: float(next(clock)))
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    assert complete_path("c", tmp_path) == []
    assert complete_path("a", tmp_path) == ["a/"]


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_links_that_go_in_circles_are_not_followed(tmp_path: Path):
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "x.txt").touch()
    assert complete_path("x", tmp_path) == ["x.txt"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names as bytes")
def test_names_that_cannot_be_typed_are_left_out(tmp_path: Path):
    (tmp_path / "good.txt").touch()
    (tmp_path / "go\x1b[2Jod.txt").touch()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/go\xffod.txt")).touch()
    assert complete_path("go", tmp_path) == ["good.txt"]


def test_a_folder_that_is_gone_or_closed_gives_nothing(tmp_path: Path):
    assert complete_path("x", tmp_path / "gone") == []
    assert complete_path("\0", tmp_path) == []
    assert complete_path("~no-such-user-here/x", tmp_path) == []
