"""An answer in JSON, looked at as a person does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from textual.widgets import DataTable, Tree

from tests.chat.test_structured import FORMAT, node
from tests.ui.bare_stage import SIZES, Stage, answered, shows, staged
from tests.waiting import eventually
from tui_chat.chat.structured import verdict_of
from tui_chat.ui.screens.structured import StructuredScreen
from tui_chat.wire.messages import Text
from tui_chat.words import t

PEOPLE = {"people": [{"name": "王芳", "age": 31}, {"name": "[b]Ann[/b]\x1b[31m", "age": 27}]}


def screen(value: object = PEOPLE, *, text: str = "", format: Any = FORMAT) -> StructuredScreen:
    text = text or json.dumps(value, ensure_ascii=False)
    verdict = verdict_of(node(Text(text), format=format))
    assert verdict is not None
    return StructuredScreen(verdict, text)


def section(app: Stage) -> str:
    assert isinstance(app.screen, StructuredScreen)
    return app.screen.section


async def test_tree_table_and_check_are_one_key_apart() -> None:
    async with staged(screen(), (100, 30)) as (app, pilot):
        assert section(app) == "tree" and shows(app, "王芳") and shows(app, "[b]Ann[/b]")
        await pilot.press("tab")
        assert section(app) == "table" and app.screen.query_one(DataTable).row_count == 2 and shows(app, "[b]Ann[/b]")
        await pilot.press("tab")
        assert section(app) == "violations" and shows(app, t("structured.valid", name="people"))
        await pilot.press("shift+tab", "shift+tab")
        assert section(app) == "tree"


async def test_the_tree_folds_and_gives_what_the_cursor_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with staged(screen(), (100, 30)) as (app, pilot):
        copied: list[str] = []
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        await pilot.press("down", "down", "down", "y", "up", "y", "enter")
        assert copied == ["王芳", json.dumps(PEOPLE["people"][0], ensure_ascii=False, indent=2)]
        node = app.screen.query_one(Tree).cursor_node
        assert node is not None and not node.is_expanded and not shows(app, "王芳")


async def test_a_large_answer_is_unfolded_as_it_is_looked_at() -> None:
    async with staged(screen({"people": [{"name": "a", "age": 1}] * 900}), (100, 30)) as (app, pilot):
        tree = app.screen.query_one(Tree)
        assert len(tree.root.children) == 1 and not tree.root.children[0].children
        await pilot.press("down", "enter")
        assert len(tree.root.children[0].children) == 900


async def test_what_is_wrong_is_listed_marked_and_asked_about() -> None:
    wrong = {"people": [{"name": 3, "age": 31}]}
    async with staged(screen(wrong), (100, 30)) as (app, pilot):
        assert shows(app, "✕ name")
        await pilot.press("tab", "tab")
        assert (
            section(app) == "violations" and shows(app, "$.people[0].name") and shows(app, "3 is not of type 'string'")
        )
        await pilot.press("r")
        assert await answered(app) == "again"


async def test_what_is_no_json_opens_on_what_is_wrong_and_can_not_be_saved() -> None:
    async with staged(screen(text="Sure! {"), (100, 30)) as (app, pilot):
        assert section(app) == "violations" and shows(app, t("structured.not_json")) and shows(app, "Sure! {")
        await pilot.press("e", "v")
        assert isinstance(app.screen, StructuredScreen)
        await pilot.press("escape")
        assert await answered(app) is None


@pytest.mark.parametrize(("key", "wish"), [("e", "json"), ("v", "csv")])
async def test_it_is_saved_by_a_key(key: str, wish: str) -> None:
    async with staged(screen(), (100, 30)) as (app, pilot):
        await pilot.press("r")
        assert isinstance(app.screen, StructuredScreen)  # nothing is wrong with it
        await pilot.press(key)
        assert await answered(app) == wish


@pytest.mark.parametrize(("language", "size"), SIZES, indirect=["language"])
async def test_it_fits(language: str, size: tuple[int, int]) -> None:
    async with staged(screen({"people": [{"name": "很长的名字" * 9, "age": 1}] * 60}), size) as (app, pilot):
        for name in ("tree", "table", "violations"):
            assert section(app) == name
            await eventually(lambda name=name: app.screen.query_one(f"#{name}").size.height >= 4)
            assert shows(app, t(f"structured.section.{name}"))
            await pilot.press("tab")
