"""The browser of stored completions, driven as a person does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from textual.widgets import Input, TextArea

from tests.gateway.stored import COMPLETION, MESSAGE, completion
from tests.ui.bare_stage import SIZES, Stage, answered, screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.errors import UsageError, WireError
from tui_chat.ui.screens.dialogs import Confirm
from tui_chat.ui.screens.stored import StoredScreen
from tui_chat.ui.screens.stored_look import StoredLook, look_lines
from tui_chat.ui.screens.value_editor import ValueEditor
from tui_chat.ui.stored_rows import filter_of
from tui_chat.ui.widgets.lines import Lines
from tui_chat.wire.stored import Query
from tui_chat.wire.stored_objects import Page, StoredCompletion, StoredMessage, read_completion, read_message
from tui_chat.words import t


class Source:
    """Stored completions in memory, pages of three."""

    def __init__(self, *rows: StoredCompletion) -> None:
        self.rows = list(rows)
        self.asked: list[Query] = []
        self.trouble: Exception | None = None
        self.go = asyncio.Event()
        self.go.set()

    async def page(self, query: Query) -> Page[StoredCompletion]:
        self.asked.append(query)
        await self.go.wait()
        if self.trouble is not None:
            raise self.trouble
        rows = [
            row
            for row in self.rows
            if query.model in ("", row.model) and query.metadata.items() <= row.metadata.items()
        ]
        start = next((at + 1 for at, row in enumerate(rows) if row.id == query.after), 0)
        page = rows[start : start + 3]
        return Page(tuple(page), has_more=start + 3 < len(rows), last_id=page[-1].id if page else "")

    async def messages(self, id: str) -> list[StoredMessage]:
        return [
            read_message(MESSAGE),
            read_message({"id": "x", "role": "developer", "content": "Be \x1b[2Jkind", "name": "boss"}),
        ]

    async def update(self, id: str, metadata: Mapping[str, str]) -> StoredCompletion:
        if self.trouble is not None:
            raise self.trouble
        at = next(at for at, row in enumerate(self.rows) if row.id == id)
        self.rows[at] = read_completion({**self.rows[at].raw, "metadata": dict(metadata)})
        return self.rows[at]

    async def delete(self, id: str) -> None:
        self.rows = [row for row in self.rows if row.id != id]


def some(count: int = 7) -> Source:
    return Source(*(read_completion(completion(at, "m" if at % 2 else "n", run=str(at))) for at in range(count)))


def listed(app: Stage) -> list[str]:
    lines = app.screen.query_one(Lines)
    return [" ".join(str(lines.get_option_at_index(at).prompt).split()) for at in range(lines.option_count)]


async def test_pages_come_as_one_goes_down():
    source = some()
    async with staged(StoredScreen(source)) as (app, pilot):
        await eventually(lambda: len(listed(app)) == 4 and listed(app)[-1] == f"⋯ {t('stored.more')}")
        assert shows(app, t("stored.count_more", count=3))
        await pilot.press("down", "down", "down")
        await eventually(lambda: len(listed(app)) == 7)
        assert source.asked[-1].after == "chatcmpl-0002" and app.screen.query_one(Lines).highlighted == 3
        await pilot.press("end")
        await eventually(lambda: len(listed(app)) == 7 and shows(app, t("stored.count", count=7)))
        await pilot.press("end", "o")
        assert await answered(app) == "chatcmpl-0006"


async def test_a_filter_by_model_and_metadata():
    source = some()
    async with staged(StoredScreen(source)) as (app, pilot):
        await eventually(lambda: len(listed(app)) == 4)
        await pilot.press("slash", "d")  # a letter, and no key of the list
        app.screen.query_one(Input).value = "m run=3"
        await pilot.press("enter")
        await eventually(lambda: len(listed(app)) == 1 and "answer 3" in listed(app)[0])
        assert source.asked[-1] == Query(limit=50, order="desc", model="m", metadata={"run": "3"})
        await pilot.press("slash", "x", "enter")
        await eventually(lambda: shows(app, t("stored.none_such")))
        await pilot.press("slash", "escape")
        assert await answered(app) == ""


async def test_only_keys_that_do_something_are_shown():
    def keys_shown() -> list[str]:
        line = screen_text(app).splitlines()
        foot = next(row for row in reversed(line) if "esc" in row)
        return [name for name in ("⏎", "o ", "m ", "d ", "/") if f" {name}" in f"{foot} "]

    source = Source()
    async with staged(StoredScreen(source)) as (app, pilot):
        await eventually(lambda: shows(app, t("stored.none")))
        await eventually(lambda: keys_shown() == ["/"])
        source.rows = some(1).rows
        await pilot.press("slash")
        await eventually(lambda: keys_shown() == ["⏎"])
        await pilot.press("enter")
        await eventually(lambda: keys_shown() == ["⏎", "o ", "m ", "d ", "/"])
        source.trouble = WireError("error.stored_unsupported", status=404)
        await pilot.press("slash", "enter")
        await eventually(lambda: keys_shown() == [])


def test_what_a_filter_means():
    assert filter_of('by="Li Bai" gpt-4o a="b') == ("gpt-4o", {"by": "Li Bai", "a": '"b'})
    assert filter_of("by=“李 白” m") == ("m", {"by": "李 白"})
    assert filter_of('said="" mine') == ("mine", {"said": ""})
    assert filter_of("") == ("", {}) and filter_of(" gpt-4o  a=b=c d= ") == ("gpt-4o", {"a": "b=c", "d": ""})
    with pytest.raises(UsageError):
        filter_of("=x")


async def test_one_is_looked_at_with_its_messages_and_copied(monkeypatch: pytest.MonkeyPatch):
    async with staged(StoredScreen(Source(read_completion(COMPLETION))), (100, 50)) as (app, pilot):
        await eventually(lambda: len(listed(app)) == 1)
        await pilot.press("enter")
        await eventually(lambda: isinstance(app.screen, StoredLook) and shows(app, "写一首关于人工智能的俳句"))
        assert shows(app, "Be ␛[2Jkind") and shows(app, "电路之心低吟") and shows(app, "Developer (boss)")
        copied: list[str] = []
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        await pilot.press("y")
        assert '"tool_choice": null' in copied[0] and '"content_parts": null' in copied[0]
        await pilot.press("o")
        assert await answered(app) == COMPLETION["id"]


def test_every_field_is_shown_null_ones_too():
    lines = look_lines(read_completion(COMPLETION), [])
    shown = {each.text.split("  ")[0]: each.text for each in lines}
    for name, value in COMPLETION.items():
        if name not in ("object", "choices", "usage", "created", "metadata"):
            assert ("null" if value is None else str(value)) in shown[name]
    assert shown["metadata"].endswith("—") and any(each.text.endswith("18") for each in lines)


async def test_metadata_is_changed_and_what_was_typed_wrong_is_not_lost():
    source = some(2)
    async with staged(StoredScreen(source)) as (app, pilot):
        await eventually(lambda: len(listed(app)) == 2)
        await pilot.press("down", "m")
        await eventually(lambda: isinstance(app.screen, ValueEditor))
        assert app.screen.query_one(TextArea).text == "run = 1"
        app.screen.query_one(TextArea).text = "no pair"
        await pilot.press("ctrl+s")
        await eventually(lambda: isinstance(app.screen, ValueEditor) and len(app._notifications) == 1)
        app.screen.query_one(TextArea).text = "topic = poems"
        await pilot.press("ctrl+s")
        await eventually(lambda: isinstance(app.screen, StoredScreen) and "topic=poems" in listed(app)[1])
        assert source.rows[1].metadata == {"topic": "poems"} and app.screen.query_one(Lines).highlighted == 1


async def test_leaving_the_metadata_with_escape_sends_nothing():
    source = some(2)
    async with staged(StoredScreen(source)) as (app, pilot):
        await eventually(lambda: len(listed(app)) == 2)
        for typed in ("topic = poems", "no pair", ""):
            await pilot.press("m")
            await eventually(lambda: isinstance(app.screen, ValueEditor))
            if typed:
                app.screen.query_one(TextArea).text = typed
            if typed == "no pair":  # it can't be used, and there is a way out all the same
                await pilot.press("ctrl+s")
                await eventually(lambda: isinstance(app.screen, ValueEditor) and len(app._notifications) == 1)
            await pilot.press("escape")
            if typed:
                await eventually(lambda: isinstance(app.screen, Confirm))
                await pilot.press("y")
            await eventually(lambda: isinstance(app.screen, StoredScreen))
        assert [dict(row.metadata) for row in source.rows] == [dict(row.metadata) for row in some(2).rows]


async def test_deleting_asks_first():
    source = some(3)
    async with staged(StoredScreen(source)) as (app, pilot):
        await eventually(lambda: len(listed(app)) == 3)
        for key in ("n", "y"):
            await pilot.press("down", "d") if key == "n" else await pilot.press("d")
            await eventually(lambda: isinstance(app.screen, Confirm) and shows(app, "answer 1"))
            await pilot.press(key)
            await eventually(lambda: isinstance(app.screen, StoredScreen))
        await eventually(lambda: len(listed(app)) == 2)
        assert [row.id for row in source.rows] == ["chatcmpl-0000", "chatcmpl-0002"]
        assert app.screen.query_one(Lines).highlighted == 1


async def test_a_gateway_without_it_and_an_empty_one_say_so(chinese: None):
    source = Source()
    source.go.clear()
    async with staged(StoredScreen(source)) as (app, pilot):
        await eventually(lambda: len(source.asked) == 1 and shows(app, t("stored.loading")))
        await pilot.press("slash", "z", "enter")  # what is asked for last counts
        source.rows = some(2).rows
        source.go.set()
        await eventually(lambda: shows(app, t("stored.none_such")) and len(source.asked) == 2)
        assert listed(app) == []
        source.rows = []
        await pilot.press("slash", "backspace", "enter")
        await eventually(lambda: shows(app, t("stored.none")))
        await pilot.press("o", "m", "d", "enter")
        source.trouble = WireError("error.stored_unsupported", status=404)
        await pilot.press("slash", "enter")
        await eventually(lambda: shows(app, t("error.stored_unsupported.says")))
        await pilot.press("escape")
        assert await answered(app) == ""


@pytest.mark.parametrize(("language", "size"), [SIZES[1]], indirect=["language"])
async def test_rows_fit_at_every_size(language: str, size: tuple[int, int]):
    made = completion(1, "a-model-with-a-very-long-name-indeed", topic="很长的主题" * 9)
    made["choices"][0]["message"]["content"] = "很长的话" * 90
    async with staged(StoredScreen(Source(read_completion(made))), size) as (app, _pilot):
        await eventually(lambda: len(listed(app)) == 1)
        lines = app.screen.query_one(Lines)
        await eventually(lambda: lines.get_option_at_index(0).prompt.cell_length <= lines.size.width)
        assert shows(app, "很长的话") and shows(app, t("key.stored.open"))
        assert all(len(line) <= size[0] for line in screen_text(app).splitlines())
        assert not app.screen.query_one(Input).has_focus
