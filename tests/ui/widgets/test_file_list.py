"""What is in a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from tui_chat.ui.widgets import file_list
from tui_chat.ui.widgets.file_list import of_kind, pixels, read_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "files"
    (place / "b folder").mkdir(parents=True)
    (place / "A.txt").write_text("abc")
    (place / ".hidden").write_text("x")
    Image.new("RGB", (30, 20)).save(place / "photo.png")
    return place


def names(entries) -> list[str]:
    return [entry.path.name for entry in entries]


def test_folders_come_first_then_files_by_name_and_hidden_ones_only_when_asked_for(folder):
    entries, trouble = read_folder(folder, hidden=False)
    assert (names(entries), trouble) == (["b folder", "A.txt", "photo.png"], "")
    assert [entry.size for entry in entries[:2]] == [0, 3]
    assert [(entry.is_folder, entry.is_regular) for entry in entries[:2]] == [(True, False), (False, True)]
    assert ".hidden" in names(read_folder(folder, hidden=True)[0])


def test_a_kind_keeps_folders_and_its_own_files(folder):
    entries, _ = read_folder(folder, hidden=False)
    assert names(of_kind(entries, "image")) == ["b folder", "photo.png"]
    assert names(of_kind(entries, "")) == ["b folder", "A.txt", "photo.png"]


def test_the_size_of_a_picture_is_read_from_its_header(folder):
    assert pixels(folder / "photo.png") == (30, 20, "PNG")
    assert pixels(folder / "A.txt") is None
    assert pixels(folder / "gone") is None


def test_a_folder_that_can_not_be_read_says_why(folder):
    entries, trouble = read_folder(folder / "gone", hidden=False)
    assert entries == [] and trouble


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFOs, and links need rights")
def test_links_to_nowhere_and_pipes_are_no_regular_files(folder):
    (folder / "dangling").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe")
    regular = {entry.path.name: entry.is_regular for entry in read_folder(folder, hidden=False)[0]}
    assert (regular["dangling"], regular["pipe"], regular["A.txt"]) == (False, False, True)


def test_a_folder_of_very_many_files_is_not_read_to_its_end(folder, monkeypatch):
    monkeypatch.setattr(file_list, "READ_AT_MOST", 2)
    assert len(read_folder(folder, hidden=True)[0]) == 2
