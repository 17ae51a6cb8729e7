from __future__ import annotations

from pathlib import Path

from tui_chat.store.places import Places, places


def test_one_variable_moves_everything(tmp_path: Path) -> None:
    found = places({"YIBU_CHAT_HOME": str(tmp_path / "x")})
    files = {getattr(found, name) for name, value in vars(Places).items() if isinstance(value, property)}
    assert len(files) == 20
    assert all(file.is_relative_to(tmp_path / "x") for file in files)
    assert not (tmp_path / "x").exists()


def test_a_home_may_be_relative_or_start_with_a_tilde() -> None:
    assert places({"YIBU_CHAT_HOME": "here"}).config == Path.cwd() / "here"
    assert places({"YIBU_CHAT_HOME": "~/x"}).config == Path.home() / "x"


def test_without_it_the_systems_folders_hold() -> None:
    found = places({})
    assert found.config.name == found.cache.name == "yibu-chat" or found.cache.parent.name == "yibu-chat"
    assert found.config != found.cache
    assert Path.home() in found.config.parents
