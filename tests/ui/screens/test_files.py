"""The file picker, pressed and clicked as a person does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image
from textual.widgets import Input

from tests.ui.bare_stage import NOTHING, SIZES, Stage, answered, screen_text, shows, staged
from tests.waiting import eventually
from tui_chat.ui.screens.files import FilePicker
from tui_chat.ui.widgets.lines import Lines
from tui_chat.words import t


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "文件 files"
    (place / "sub").mkdir(parents=True)
    (place / "sub" / "deep.md").write_text("deep")
    for name in ("a.txt", "b b.txt", "c.py", ".hidden"):
        (place / name).write_text(name)
    Image.new("RGB", (30, 20)).save(place / "photo.png")
    return place


def names(app: Stage) -> list[str]:
    lines = app.screen.query_one(Lines)
    ids = [lines.get_option_at_index(at).id for at in range(lines.option_count)]
    return [Path(id).name for id in ids if id is not None]


def cursor(app: Stage) -> str:
    return Path(app.screen.query_one(Lines).cursor_id or "").name


async def filled(app: Stage, *expected: str) -> None:
    await eventually(lambda: names(app) == list(expected), what=f"the files {expected}")


ALL = ("..", "sub", "a.txt", "b b.txt", "c.py", "photo.png")


async def test_enter_takes_the_file_under_the_cursor(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        assert cursor(app) == "sub"
        await pilot.press("down", "enter")
        assert await answered(app) == [folder / "a.txt"]


async def test_typing_finds_and_space_is_part_of_a_name(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.press("b", "space", "b")
        assert app.screen.query_one(Input).value == "b b"
        await filled(app, "b b.txt")
        await pilot.press("enter")
        assert await answered(app) == [folder / "b b.txt"]


async def test_space_marks_while_nothing_is_typed_and_enter_takes_the_marked(folder, chinese):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.press("down", "space", "down", "space")
        assert cursor(app) == "photo.png"
        await eventually(lambda: shows(app, t("files.attach_several", count=2)))
        assert "✓ a.txt" in screen_text(app) and "✓ c.py" in screen_text(app)
        await pilot.press("enter")
        assert await answered(app) == [folder / "a.txt", folder / "c.py"]


async def test_a_mark_can_be_taken_back_and_folders_have_none(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.press("space")  # on a folder
        assert cursor(app) == "a.txt" and "✓" not in screen_text(app)
        await pilot.press("space", "up")
        await eventually(lambda: "✓ a.txt" in screen_text(app))
        await pilot.press("insert")
        await eventually(lambda: "✓" not in screen_text(app))


async def test_a_search_adds_what_it_finds_to_the_marked(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.press("down", "space", *"photo", "enter")
        assert await answered(app) == [folder / "a.txt", folder / "photo.png"]


async def test_marks_stay_from_folder_to_folder(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.press("down", "space", "home")
        app.screen.query_one(Lines).highlighted = 1
        await pilot.press("enter")
        await filled(app, "..", "deep.md")
        await pilot.press("space")
        await pilot.click("#attach")
        assert await answered(app) == [folder / "a.txt", folder / "sub" / "deep.md"]


@pytest.mark.parametrize("key", ["backspace", "left", "alt+up"])
async def test_keys_lead_to_the_folder_above_and_the_cursor_is_where_one_came_from(folder, key):
    async with staged(FilePicker(folder / "sub")) as (app, pilot):
        await filled(app, "..", "deep.md")
        await pilot.press(key)
        await filled(app, *ALL)
        assert cursor(app) == "sub"
        assert app.screen.folder == folder  # type: ignore[attr-defined]
        await pilot.press("right")
        await filled(app, "..", "deep.md")


async def test_backspace_and_arrows_edit_a_search_that_is_not_empty(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.press("x", "a", "left", "left", "delete", "end", "backspace", "p")
        assert app.screen.query_one(Input).value == "p"
        assert app.screen.folder == folder  # type: ignore[attr-defined]


async def test_the_row_of_dots_leads_up_by_a_click(folder):
    async with staged(FilePicker(folder / "sub")) as (app, pilot):
        await filled(app, "..", "deep.md")
        lines = app.screen.query_one(Lines)
        await pilot.click(Lines, offset=(4, 0))
        await filled(app, *ALL)
        assert lines.has_focus or app.screen.query_one(Input).has_focus


async def test_a_click_on_a_mark_marks_and_on_a_name_takes(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.click(Lines, offset=(0, 2))
        await eventually(lambda: "✓ a.txt" in screen_text(app))
        assert app.result is NOTHING
        await pilot.click(Lines, offset=(6, 4))
        assert await answered(app) == [folder / "a.txt"]  # the marked ones, as by Enter


async def test_kinds_are_gone_through_by_key_and_click(folder, chinese):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.press("ctrl+t")
        await filled(app, "..", "sub", "photo.png")
        await eventually(lambda: shows(app, t("attach.kind.image")))
        await pilot.click(".kind")
        await filled(app, "..", "sub")
        await eventually(lambda: shows(app, t("files.nothing")))


async def test_hidden_files_are_shown_when_asked_for(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.press("f7")
        await filled(app, "..", "sub", ".hidden", *ALL[2:])


async def test_a_picture_says_what_it_is_before_it_is_taken(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.press("pageup", "pagedown")
        await eventually(lambda: shows(app, "PNG · 30×20"))


async def test_letters_typed_in_the_list_go_to_the_search(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        app.screen.query_one(Lines).focus()
        await pilot.press(*"pho")
        assert app.screen.query_one(Input).value == "pho"
        await filled(app, "photo.png")


async def test_the_list_follows_a_path_while_it_is_typed(folder, tmp_path):
    async with staged(FilePicker(tmp_path)) as (app, pilot):
        await eventually(lambda: folder.name in names(app))
        field = app.screen.query_one(Input)
        field.value = f"{folder}/"
        await filled(app, "sub", "a.txt", "b b.txt", "c.py", "photo.png")
        field.value = f"{folder}/pho"
        await filled(app, "photo.png")
        field.value = f"{folder}/no/such"
        await filled(app)
        assert shows(app, t("files.nothing"))
        field.value = "x"
        await filled(app)
        field.value = ""
        await eventually(lambda: folder.name in names(app))
        field.value = f"{folder}/"
        await filled(app, "sub", "a.txt", "b b.txt", "c.py", "photo.png")
        await pilot.press("down", "enter")  # the row that was gone to, not the folder that is typed
        assert await answered(app) == [folder / "a.txt"]


async def test_enter_takes_what_a_half_typed_path_leads_to(folder, tmp_path):
    async with staged(FilePicker(tmp_path)) as (app, pilot):
        app.screen.query_one(Input).value = f"{folder}/pho"
        await filled(app, "photo.png")
        await pilot.press("enter")
        assert await answered(app) == [folder / "photo.png"]


async def test_a_typed_path_leads_to_a_folder_or_takes_a_file(folder, tmp_path):
    async with staged(FilePicker(tmp_path)) as (app, _):
        field = app.screen.query_one(Input)
        await eventually(lambda: ".." in names(app))
        field.value = f"{folder}/"
        field.post_message(Input.Submitted(field, field.value))
        await filled(app, *ALL)
        field.value = "sub/nowhere"
        field.post_message(Input.Submitted(field, field.value))
        await eventually(lambda: shows(app, "nowhere"))
        field.value = "sub/deep.md"
        field.post_message(Input.Submitted(field, field.value))
        assert await answered(app) == [folder / "sub/deep.md"]


@pytest.mark.parametrize("leave", ["escape", "#cancel"])
async def test_leaving_picks_nothing(folder, leave):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        await pilot.press("down", "space")
        await (pilot.press(leave) if leave == "escape" else pilot.click(leave))
        assert await answered(app) == []


@pytest.mark.skipif(sys.platform == "win32", reason="rights work otherwise there")
async def test_a_folder_that_can_not_be_opened_is_said_and_one_stays(folder):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        (folder / "sub" / "deep.md").unlink()
        (folder / "sub").rmdir()
        await pilot.press("enter")
        await eventually(lambda: shows(app, "No such file"))
        assert app.screen.folder == folder  # type: ignore[attr-defined]


@pytest.mark.parametrize(("language", "size"), SIZES, indirect=["language"])
async def test_it_fits_its_window_and_names_are_cut_to_their_row(folder, language, size):
    (folder / ("木栈道" * 25 + ".txt")).write_text("x")
    async with staged(FilePicker(folder), size) as (app, pilot):
        await eventually(lambda: len(names(app)) == 7)
        frame = app.screen.query_one(".picker")
        assert frame.region in app.screen.region
        assert app.screen.query_one("#attach").region in frame.region
        lines = app.screen.query_one(Lines)
        assert lines.virtual_size.height == lines.option_count
        await pilot.resize_terminal(80, 20)
        await eventually(lambda: frame.region in app.screen.region)


async def test_hostile_names_are_shown_and_do_nothing(folder):
    if sys.platform == "win32":
        pytest.skip("no such names there")
    (folder / "x\x1b[31m\n[b]y").write_text("x")
    async with staged(FilePicker(folder)) as (app, _pilot):
        await eventually(lambda: "x␛[31m⏎[b]y" in screen_text(app))


@pytest.mark.parametrize("typed", ["/" + "x" * 5000, "~nobody-of-that-name/x", "./" + "文" * 300])
async def test_a_path_that_no_system_takes_is_a_file_that_is_not_there(folder, typed):
    async with staged(FilePicker(folder)) as (app, pilot):
        await filled(app, *ALL)
        app.screen.query_one(Input).value = typed
        await pilot.press("enter")
        await eventually(lambda: app.screen.query(".preview.-warning"), what="a word about it")
        assert isinstance(app.screen, FilePicker)
