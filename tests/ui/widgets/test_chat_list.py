"""The list of chats: what it shows, and what it asks for."""

from __future__ import annotations

from datetime import datetime

import pytest
from textual.widgets import Input

from tests.ui.bare_stage import screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.ui.widgets.chat_list import WIDTH, ChatList, ChatRow
from tui_chat.ui.widgets.lines import Lines
from tui_chat.words import t

NOW = datetime.now().astimezone()
NOW_S, DAY_S = NOW.timestamp(), 86_400


def chats() -> list[ChatRow]:
    return [
        ChatRow("walk", "木栈道照片里有什么，为什么这么长的标题放不下", NOW_S, "gpt-4.1"),
        ChatRow("rust", "Rust 生命周期", NOW_S, "o3", running=True),
        ChatRow("long", "A long English title that does not fit", NOW_S - DAY_S, "gpt-4.1"),
        ChatRow("week", "SQL 慢查询", NOW_S - 3 * DAY_S, "gpt-4.1", damaged=True),
        ChatRow("pin", "Pinned one", NOW_S - 9 * DAY_S, "gpt-4.1", pinned=True),
        ChatRow("old", "", NOW_S - 20 * DAY_S),
    ]


def rows_of(widget: ChatList) -> list[str]:
    lines = widget.query_one(Lines)
    return [lines.get_option_at_index(at).prompt.plain.rstrip() for at in range(lines.option_count)]  # type: ignore[union-attr]


async def test_chats_stand_under_the_heading_of_their_day(language):
    widget = ChatList()
    async with staged(widget):
        widget.show(chats(), "walk")
        rows = rows_of(widget)
    names = ("pinned", "today", "yesterday", "week", "older")
    headings = [f" {t(f'chats.group.{name}')}" for name in names]
    assert [row for row in rows if row in headings] == headings
    assert rows[1] == " Pinned one"
    assert rows[-1] == f" {t('chat.untitled')}"


@pytest.mark.parametrize("size", [(60, 15), (120, 40), (200, 60)])
async def test_a_title_that_is_too_long_is_cut_to_one_row_at_its_cell_width(size):
    widget = ChatList()
    async with staged(widget, size) as (app, _):
        widget.show(chats(), "walk")
        await eventually(lambda: "▌木栈道照片里有什…" in screen_text(app))
        lines = widget.query_one(Lines)
        assert lines.virtual_size.height == lines.option_count  # one row each
        assert widget.size.width + 2 == WIDTH
        assert {lines.render_line(y).cell_length for y in range(lines.size.height)} == {
            lines.scrollable_content_region.width
        }


async def test_running_and_damaged_chats_are_marked():
    widget = ChatList()
    async with staged(widget):
        widget.show(chats(), "walk")
        rows = rows_of(widget)
    assert [row[-1] for row in rows if "Rust" in row or "SQL" in row] == ["●", "!"]


async def test_keys_ask_for_what_they_say():
    widget = ChatList()
    async with staged(widget) as (app, pilot):
        widget.show(chats(), "walk")
        widget.focus_list()
        await pilot.press("enter", "r", "p", "d", "delete", "u", "escape")
        asked = [
            ChatList.Opened,
            ChatList.RenameAsked,
            ChatList.PinAsked,
            ChatList.DeleteAsked,
            ChatList.DeleteAsked,
            ChatList.UndoAsked,
            ChatList.Left,
        ]
        await eventually(lambda: app.told(ChatList.Left))
        own = [message for message in app.seen.values() if type(message).__qualname__.startswith("ChatList.")]
    assert [type(message) for message in own] == asked
    assert {getattr(message, "chat", "walk") for message in own} == {"walk"}


async def test_the_cursor_moves_by_letters_and_arrows_and_skips_headings():
    widget = ChatList()
    async with staged(widget) as (_, pilot):
        widget.show(chats(), "walk")
        widget.focus_list()
        lines = widget.query_one(Lines)
        await pilot.press("j", "down")
        assert lines.cursor_id == "long"
        await pilot.press("k", "k", "up")
        assert lines.cursor_id == "pin"


async def test_the_filter_takes_letters_as_text_and_enter_opens_the_match():
    widget = ChatList()
    async with staged(widget) as (app, pilot):
        widget.show(chats(), "walk")
        widget.focus_list()
        await pilot.press("slash", *"rUs")
        field = widget.query_one(Input)
        assert field.value == "rUs"
        assert [row for row in rows_of(widget) if row.strip().startswith("Rust")]
        assert len(rows_of(widget)) == 2
        await pilot.press("enter")
        await eventually(lambda: [message.chat for message in app.told(ChatList.Opened)] == ["rust"])
        assert not app.told(ChatList.UndoAsked)
        await pilot.press("escape")  # clears the filter first
        assert field.value == "" and not app.told(ChatList.Left)
        await pilot.press("escape")
        await eventually(lambda: app.told(ChatList.Left))


async def test_nothing_found_and_nothing_there_are_said(chinese):
    widget = ChatList()
    async with staged(widget) as (app, pilot):
        await eventually(lambda: shows(app, t("chats.none")))
        widget.show(chats(), None)
        widget.action_filter()
        await pilot.press(*"zzz")
        await eventually(lambda: shows(app, t("chats.none_match")))
        await pilot.press("enter")
        assert not app.told(ChatList.Opened)


async def test_a_click_opens_a_chat_and_begins_a_new_one():
    widget = ChatList()
    async with staged(widget) as (app, pilot):
        widget.show(chats(), "walk")
        await eventually(lambda: "Pinned one" in screen_text(app))
        row = next(y for y, line in enumerate(screen_text(app).splitlines()) if "Pinned one" in line)
        await pilot.click(offset=(4, row))
        await eventually(lambda: [message.chat for message in app.told(ChatList.Opened)] == ["pin"])
        await pilot.click("#new-chat")
        await eventually(lambda: len(app.told(ChatList.NewAsked)) == 1)


async def test_the_foot_says_when_and_by_whom_and_that_a_chat_is_damaged(chinese):
    widget = ChatList()
    async with staged(widget) as (app, pilot):
        widget.show(chats(), "walk")
        await eventually(lambda: shows(app, f"{NOW:%H:%M}") and shows(app, "gpt-4.1"))
        widget.focus_list()
        await pilot.press("j", "j", "j")
        await eventually(lambda: shows(app, t("chats.damaged")))


async def test_showing_anew_keeps_the_cursor_and_another_current_chat_moves_it():
    widget = ChatList()
    async with staged(widget) as (_, pilot):
        widget.show(chats(), "walk")
        widget.focus_list()
        await pilot.press("j")
        widget.show(list(reversed(chats())), "walk")
        lines = widget.query_one(Lines)
        assert lines.cursor_id == "rust"
        widget.show(chats(), "old")
        assert lines.cursor_id == "old"


async def test_a_refresh_does_not_scroll_the_list_under_the_eye():
    widget = ChatList()
    many = [ChatRow(str(n), f"chat {n}", NOW_S) for n in range(100)]
    async with staged(widget, (60, 20)) as (_, pilot):
        widget.show(many, "0")
        lines = widget.query_one(Lines)
        lines.scroll_to(y=40, animate=False)
        await eventually(lambda: lines.scroll_y == 40)
        widget.show([ChatRow("0", "chat 0", NOW_S, running=True), *many[1:]], "0")
        await pilot.pause()
        await eventually(lambda: lines.scroll_y == 40)


async def test_a_hostile_title_is_shown_and_does_nothing():
    widget = ChatList()
    async with staged(widget):
        widget.show([ChatRow("x", "[red]a\x1b[31m\nb‮c[/red]", NOW_S)], None)
        assert rows_of(widget)[1].startswith(" [red]a␛[31m⏎b⟨RLO")


async def test_no_more_rows_are_made_than_can_be_looked_at_and_the_filter_finds_the_rest():
    widget = ChatList()
    async with staged(widget) as (_, pilot):
        widget.show([ChatRow(str(n), f"chat {n:04}", NOW_S) for n in range(3000)], None)
        assert len(rows_of(widget)) == 202
        assert rows_of(widget)[-1].strip() == t("chats.more", count=2800)
        widget.action_filter()
        await pilot.press(*"2999")
        assert [row.strip() for row in rows_of(widget)[1:]] == ["chat 2999"]


async def test_the_cursor_is_bright_only_while_the_keyboard_is_in_the_list():
    widget = ChatList()
    async with staged(widget) as (app, pilot):
        widget.show(chats(), "walk")
        lines = widget.query_one(Lines)
        name = "option-list--option-highlighted"
        widget.action_filter()
        await pilot.pause()
        bright = lines.get_visual_style(name).background
        widget.focus_list()
        await pilot.pause()
        assert lines.get_visual_style(name).background == bright
        app.screen.set_focus(None)
        await eventually(lambda: lines.get_visual_style(name).background != bright)


async def test_the_cursor_goes_to_the_chat_on_screen_as_soon_as_it_has_a_row():
    widget = ChatList()
    async with staged(widget) as (app, pilot):
        app.set_focus(None)
        widget.show(chats(), "fresh")  # nothing was said in it yet
        await pilot.pause()
        assert widget._under_cursor() != "fresh"
        widget.show([ChatRow("fresh", "New", NOW_S), *chats()], "fresh")
        await eventually(lambda: widget._under_cursor() == "fresh")
        widget.focus_list()
        await pilot.press("down")
        widget.show([ChatRow("fresh", "Newer", NOW_S), *chats()], "fresh")
        await pilot.pause()
        assert widget._under_cursor() != "fresh"  # whoever moves it moves it
