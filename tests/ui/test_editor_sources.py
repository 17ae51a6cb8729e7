"""What an editor can take from elsewhere: a prediction from a file, token ids from the model's own tokenizer."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Button, Input, TextArea

from tests.ui.bare_stage import answered, shows, staged
from tests.waiting import eventually
from tui_chat import words
from tui_chat.errors import WireError
from tui_chat.ui.screens.files import FilePicker
from tui_chat.ui.screens.value_editor import ValueEditor
from tui_chat.wire.objects import Many
from tui_chat.wire.params import BY_NAME
from tui_chat.wire.tokens import Token
from tui_chat.words import t


def editor(name: str, text: str = "", **more: object) -> ValueEditor:
    kind = BY_NAME[name].kind
    assert isinstance(kind, Many)
    return ValueEditor(BY_NAME[name], kind, text, **more)  # type: ignore[arg-type]


async def test_a_prediction_is_taken_from_a_file_and_one_that_cant_be_leaves_what_stood_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "code.py").write_text("print(1)\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    screen = editor("prediction", "before")
    async with staged(screen, (100, 32)) as (app, pilot):
        await pilot.press("ctrl+o")
        await eventually(lambda: isinstance(app.screen, FilePicker) and shows(app, "code.py"))
        await pilot.press(*"code")
        await pilot.pause()
        await pilot.press("enter")
        await eventually(lambda: app.screen is screen)
        assert screen.query_one(TextArea).text == "print(1)\n"
        (tmp_path / "bad.py").write_bytes(b"\xff\xfe")
        screen._take_file([tmp_path / "bad.py"])
        await eventually(lambda: "bad.py" in "".join(note.message for note in app._notifications))
        screen._take_file([])
        assert screen.query_one(TextArea).text == "print(1)\n"
        await pilot.press("ctrl+s")
        assert await answered(app) == "print(1)\n"


async def test_only_a_prediction_has_a_file() -> None:
    async with staged(editor("stop")) as (app, pilot):
        assert not app.screen.query("#file")
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert isinstance(app.screen, ValueEditor)


async def test_a_word_becomes_its_tokens_where_a_tokenizer_is_at_hand() -> None:
    async def tokens(text: str) -> list[Token]:
        if text.strip() == "no":
            raise WireError("error.no_tokenizer")
        return [Token(7 if text[0] == " " else 8, text), Token(9, "!")]

    screen = editor("logit_bias", "1 = 5", tokens=tokens)
    async with staged(screen, (60, 15)) as (app, pilot):
        word = screen.query_one("#word", Input)
        word.focus()
        word.value = "hello = -50"
        await pilot.press("enter")
        await eventually(lambda: screen.query_one(TextArea).text == "1 = 5\n8 = -50\n9 = -50\n7 = -50")
        word.value = "no"
        await pilot.press("enter")
        await eventually(lambda: t("error.no_tokenizer.says") in "".join(each.message for each in app._notifications))
        screen.query_one("#done", Button).press()
        assert await answered(app) == "1 = 5\n8 = -50\n9 = -50\n7 = -50"


@pytest.mark.parametrize("language", words.LANGUAGES)
async def test_without_a_tokenizer_it_is_said_that_words_need_one(language: str) -> None:
    words.speak(language)
    async with staged(editor("logit_bias")) as (app, _):
        assert not app.screen.query("#word")
        assert shows(app, t("parameters.editor.ids"))
