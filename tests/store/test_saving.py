"""What is saved goes where the person says, and never over another file by itself."""

from pathlib import Path

import pytest

from tui_chat.errors import StoreError
from tui_chat.store.saving import checked_path, free_path, safe_name, save, suffix_of


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path):
    path = tmp_path / "a.png"
    save(b"one", path)
    with pytest.raises(StoreError, match="save_exists"):
        save(b"two", path)
    assert path.read_bytes() == b"one"
    save(b"two", path, replace=True)
    assert path.read_bytes() == b"two"


def test_a_dangling_link_is_not_written_through(tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="save_exists"):
        save(b"x", tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_takes_the_name_that_was_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert checked_path(str(tmp_path), "a.png") == tmp_path / "a.png"
    assert checked_path("b.png", "a.png") == tmp_path / "b.png"
    (tmp_path / "a.png").touch()
    assert free_path(tmp_path, "a.png") == tmp_path / "a-2.png"


@pytest.mark.parametrize(
    ("typed", "key"),
    [("", "no_name"), ("none/a.png", "no_folder"), ("own/sub/../a.png", "private"), ("a\0b", "no_name")],
)
def test_places_where_nothing_can_be_written_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, key: str
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own" / "sub").mkdir(parents=True)
    with pytest.raises(StoreError) as refused:
        checked_path(typed, "a.png", (tmp_path / "own",))
    assert refused.value.key == f"error.save_{key}"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.png", "x.png"),
        (".bashrc", "bashrc"),
        ("\x1b[2Ja.png", "_[2Ja.png"),
        ("CON", "other"),
        ("con.png", "other"),
        ("", "other"),
        ("..", "other"),
        ("照片 1.png", "照片 1.png"),
    ],
)
def test_a_name_from_outside_is_harmless(said: str, kept: str):
    assert safe_name(said, "other") == kept


def test_endings_go_by_the_media_type():
    assert (suffix_of("image/jpeg"), suffix_of("IMAGE/PNG; q=1"), suffix_of("x/y")) == ("jpg", "png", "bin")
