"""The composer alone on a stage: every key, every kind of paste, chips, completions, history, edits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.message import Message

from tests.waiting import eventually
from tui_chat.ui import keys
from tui_chat.ui.draft import Draft, Enclosure
from tui_chat.ui.widgets.composer import Composer
from tui_chat.ui.widgets.prompt import Prompt, cleaned, stays_folded
from tui_chat.wire.messages import Image, Text

PICTURE = Enclosure(Image(blob="0" * 64, name="boardwalk.jpg", width=1600, height=1067, size=421_888))


class Table(App[None]):
    """The composer, and all it says."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Composer()

    def on_mount(self) -> None:
        self.query_one(Prompt).focus()

    def hear(self, event: Message) -> None:
        self.heard.append(event)

    on_composer_submitted = on_composer_escape_pressed = on_composer_up_from_empty = hear
    on_prompt_page_asked = on_prompt_editor_asked = on_prompt_picture_asked = on_composer_open_refused = hear
    on_prompt_paths_pasted = on_composer_file_chosen = on_composer_url_chosen = hear
    on_composer_command_chosen = on_composer_completion_asked = hear

    def last(self, kind: type[Message]) -> Any:
        return next((message for message in reversed(self.heard) if isinstance(message, kind)), None)

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    @property
    def text(self) -> str:
        return self.query_one(Prompt).text

    def row(self) -> str:
        strips = self.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """The pilot types faster than a person: no Enter counts as part of a paste, unless a test is about that."""
    monkeypatch.setattr(Prompt, "paste_window_s", 0.0)
    yield Table()
    keys.rebind({})


async def paste(pilot: Any, text: str) -> None:
    pilot.app.query_one(Prompt).post_message(events.Paste(text))
    await pilot.pause()


async def test_enter_sends_and_empties(table: Table) -> None:
    async with table.run_test() as pilot:
        await pilot.press("enter")
        assert table.last(Composer.Submitted) is None  # nothing to send
        await pilot.press(*"hi", "enter")
        assert table.last(Composer.Submitted).draft == Draft("hi")
        assert table.text == ""


async def test_every_way_to_a_new_line(table: Table) -> None:
    async with table.run_test() as pilot:
        await pilot.press("a", "ctrl+j", "b", "shift+enter", "c", "shift+\r", "d", "backslash", "enter", "e")
        assert table.text == "a\nb\nc\nd\ne"
        assert table.last(Composer.Submitted) is None
        await pilot.press("enter")
        assert table.last(Composer.Submitted).draft.text == "a\nb\nc\nd\ne"


async def test_enter_right_after_other_keys_is_part_of_a_paste(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Prompt, "paste_window_s", 60.0)
    async with table.run_test() as pilot:
        await pilot.press("a", "enter", "b")
        assert table.text == "a\nb" and table.last(Composer.Submitted) is None
        monkeypatch.setattr(Prompt, "paste_window_s", 0.0)
        await pilot.press("enter")
        assert table.last(Composer.Submitted).draft.text == "a\nb"


async def test_enter_at_the_end_of_a_burst_sends(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Prompt, "paste_window_s", 0.2)
    async with table.run_test() as pilot:
        prompt = table.query_one(Prompt)
        prompt.post_message(events.Paste("the first line"))
        for key, character in (("enter", "\r"), ("b", "b"), ("enter", "\r")):  # in one burst, with nothing behind it
            prompt.post_message(events.Key(key, character))
        await pilot.pause()
        await eventually(lambda: table.last(Composer.Submitted) is not None)
        assert table.last(Composer.Submitted).draft.text == "the first line\nb"


async def test_keys_can_be_changed(table: Table) -> None:
    async with table.run_test() as pilot:
        table.set_keymap({"composer.send": "ctrl+j", "composer.newline": "enter"})
        await pilot.press("a", "enter", "b")
        assert table.text == "a\nb"
        await pilot.press("ctrl+j")
        assert table.last(Composer.Submitted).draft.text == "a\nb"


async def test_it_grows_to_ten_rows_then_scrolls(table: Table) -> None:
    async with table.run_test(size=(60, 30)) as pilot:
        prompt = table.query_one(Prompt)
        assert prompt.size.height == 1
        prompt.insert("\n".join("abcde"))
        await pilot.pause()
        assert prompt.size.height == 5
        prompt.insert("\n" * 40)
        await pilot.pause()
        assert prompt.size.height == 10


async def test_page_keys_scroll_the_conversation_unless_the_draft_itself_scrolls(table: Table) -> None:
    async with table.run_test(size=(60, 30)) as pilot:
        await pilot.press("a", "pageup", "pagedown")
        assert [event.pages for event in table.heard if isinstance(event, Prompt.PageAsked)] == [-1, 1]
        table.heard.clear()
        prompt = table.query_one(Prompt)
        prompt.insert("\n" * 40)
        await pilot.pause()
        await pilot.press("pageup")
        assert table.last(Prompt.PageAsked) is None and prompt.cursor_location[0] < 40


async def test_history_goes_back_and_returns_to_what_was_being_written(table: Table) -> None:
    async with table.run_test() as pilot:
        table.composer.remember(["first", "second"])
        await pilot.press(*"now", "ctrl+up")
        assert table.text == "second"
        await pilot.press("ctrl+up", "ctrl+up")
        assert table.text == "first"
        await pilot.press("ctrl+down")
        assert table.text == "second"
        await pilot.press("ctrl+down")
        assert table.text == "now"


async def test_up_from_an_empty_text_asks_for_the_last_question(table: Table) -> None:
    async with table.run_test() as pilot:
        await pilot.press("up")
        assert table.last(Composer.UpFromEmpty)
        table.heard.clear()
        await pilot.press("a", "ctrl+j", "up")
        assert table.last(Composer.UpFromEmpty) is None
        assert table.query_one(Prompt).cursor_location[0] == 0


async def test_escape_editor_and_picture_are_asked_for(table: Table) -> None:
    async with table.run_test() as pilot:
        await pilot.press("escape", "ctrl+g", "ctrl+v")
        assert table.last(Composer.EscapePressed)
        assert table.last(Prompt.EditorAsked)
        assert table.last(Prompt.PictureAsked)


async def test_a_short_paste_is_text_a_long_one_a_chip_that_opens(table: Table) -> None:
    async with table.run_test() as pilot:
        await paste(pilot, "two\r\nlines\rhere")
        assert table.text == "two\nlines\nhere"
        long = "\n".join(f"line {n}" for n in range(214))
        await paste(pilot, long)
        assert table.text == "two\nlines\nhere"
        assert "pasted 214 lines" in table.row()
        assert table.composer.draft.parts == (Text(long), Text("two\nlines\nhere"))
        await pilot.press("f7")
        assert table.text == "two\nlines\nhere" + long and "pasted" not in table.row()
        await pilot.press("enter")
        assert table.last(Composer.Submitted).draft.text == "two\nlines\nhere" + long


async def test_a_huge_paste_stays_folded(table: Table) -> None:
    async with table.run_test() as pilot:
        await paste(pilot, "x" * 5001)
        await pilot.press("f7")
        assert table.last(Composer.OpenRefused)
        assert len(table.composer.enclosures) == 1 and table.text == ""
    assert stays_folded("y\n" * 20_000) and not stays_folded("short")


async def test_a_pasted_path_is_passed_on_and_inserted_only_if_it_is_none(table: Table) -> None:
    async with table.run_test() as pilot:
        for text in ("/home/me/a.png", "'~/a b.png'", "file:///a.png", "C:\\a.png", "./x"):
            await paste(pilot, text)
            assert table.last(Prompt.PathsPasted).text == text
        assert table.text == ""
        table.query_one(Prompt).insert_paste("/not/a/file")
        await pilot.pause()
        assert table.text == "/not/a/file"


async def test_a_pasted_picture_address_is_offered_as_an_attachment(table: Table) -> None:
    async with table.run_test() as pilot:
        await paste(pilot, "https://example.org/a.png")
        assert table.text == "https://example.org/a.png"
        await eventually(lambda: "attach the picture" in table.row())
        await pilot.press("escape")
        assert "attach the picture" not in table.row() and table.text
        await pilot.press("ctrl+a")
        table.query_one(Prompt).put("")
        await paste(pilot, "https://example.org/a.png")
        await pilot.press("enter")
        assert table.last(Composer.UrlChosen).url == "https://example.org/a.png"
        assert table.text == "" and table.last(Composer.Submitted) is None


async def test_chips_show_size_and_go_by_mouse_and_by_key(table: Table) -> None:
    async with table.run_test(size=(100, 24)) as pilot:
        table.composer.add(PICTURE)
        table.composer.add(Enclosure(Text("a\nb"), ("a note",)))
        await pilot.pause()
        assert "boardwalk.jpg  1600×1067  412 KB" in table.row() and "a note" in table.row()
        await pilot.press("ctrl+x")
        await pilot.pause()
        assert table.composer.enclosures == (PICTURE,)
        column = table.row().splitlines()[1].index("✕")
        await pilot.click("Chips", offset=(column, 0))
        await pilot.pause()
        assert table.composer.enclosures == ()
        await pilot.press(*"word", "ctrl+shift+left")
        table.query_one(Prompt).select_all()
        await pilot.press("ctrl+x")  # with a selection it cuts
        assert table.text == ""


async def test_a_message_may_be_attachments_alone(table: Table) -> None:
    async with table.run_test() as pilot:
        table.composer.add(PICTURE)
        await pilot.press("enter")
        assert table.last(Composer.Submitted).draft.parts == (PICTURE.part,)
        assert table.composer.enclosures == ()


async def test_files_are_completed_and_attached(table: Table) -> None:
    async with table.run_test() as pilot:
        await pilot.press(*"see @bo")
        await eventually(lambda: table.last(Composer.CompletionAsked).prefix == "bo")
        table.composer.offer_files("stale", ["x"])
        await pilot.pause()
        assert not table.query_one(Prompt).popup
        table.composer.offer_files("bo", ["board/", "my book.txt"])
        await pilot.pause()
        await pilot.press("tab")
        assert table.text == "see @board/"
        await eventually(lambda: table.last(Composer.CompletionAsked).prefix == "board/")
        table.composer.offer_files("board/", ["board/a.txt", "board/my book.txt"])
        await pilot.pause()
        await pilot.press("down", "enter")
        assert table.text == 'see @"board/my book.txt" '
        assert table.last(Composer.FileChosen).path == os.path.join("board", "my book.txt")  # noqa: PTH118
        assert table.last(Composer.Submitted) is None


async def test_an_address_is_no_mention(table: Table) -> None:
    async with table.run_test() as pilot:
        await pilot.press(*"me@host")
        await pilot.pause()
        assert table.last(Composer.CompletionAsked) is None
        await pilot.press(*" 看@a")
        await eventually(lambda: table.last(Composer.CompletionAsked).prefix == "a")


async def test_commands_are_found_in_either_language_and_run(table: Table) -> None:
    async with table.run_test(size=(80, 24)) as pilot:
        await pilot.press("/", *"tempo")
        await pilot.pause()
        assert "new temporary chat" in table.row() and "F4" in table.row()
        await pilot.press("enter")
        assert table.last(Composer.CommandChosen).id == "chat.temporary" and table.text == ""
        await pilot.press("/", *"临时")
        await pilot.pause()
        await pilot.press("tab")
        assert table.last(Composer.CommandChosen).id == "chat.temporary"
        await pilot.press(*"/etc/passwd", "enter")  # no command: a message like any other
        await pilot.pause()
        assert table.last(Composer.Submitted).draft.text == "/etc/passwd"


async def test_the_queue_is_shown_and_an_edit_put_back(table: Table) -> None:
    async with table.run_test(size=(100, 24)) as pilot:
        table.composer.show_queue(["one", "two\nlines"])
        await pilot.pause()
        assert "queued" in table.row() and "two lines" in table.row() and keys.shown("chat.unqueue") in table.row()
        table.composer.show_queue([])
        await pilot.press(*"mine")
        table.composer.begin_edit("n1", "user", Draft("theirs", (PICTURE,)))
        table.composer.begin_edit("n2", "user", Draft("other"))
        await pilot.pause()
        assert "Editing your message" in table.row() and table.text == "other"
        await pilot.press("enter")
        submitted = table.last(Composer.Submitted)
        assert submitted.editing.node == "n2" and submitted.draft.text == "other"
        assert table.text == "mine" and "Editing" not in table.row()


async def test_a_read_only_chat_takes_no_text(table: Table) -> None:
    async with table.run_test() as pilot:
        table.composer.show_placeholder("only to be read", read_only=True)
        await pilot.press(*"abc")
        assert table.text == "" and "only to be read" in table.row()


async def test_what_is_copied_here_is_pasted_here(table: Table) -> None:
    async with table.run_test() as pilot:
        await pilot.press(*"word")
        table.query_one(Prompt).select_all()
        await pilot.press("ctrl+c")
        assert table.clipboard == "word"
        table.query_one(Prompt).put("")
        table.query_one(Prompt).paste_own()
        assert table.text == "word"


def test_lone_surrogates_never_get_in() -> None:
    assert cleaned("a\ud800b") == "a\ufffdb" and cleaned("\ud83d\ude00") == "😀"


def test_a_draft_of_parts_makes_the_parts_again() -> None:
    parts = (PICTURE.part, Text("pasted"), Text("words"))
    assert Draft.of(parts).text == "words" and Draft.of(parts).parts == parts
    assert Draft.of((PICTURE.part,)) == Draft("", (Enclosure(PICTURE.part),))
    assert Draft("  \n ").is_empty
