"""Sound, pictures, predictions, usage and charges, on a real house talking to the fake gateway."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.gateway.server import FakeGateway
from tests.gateway.speech import tone
from tests.ui.whole_app import on_stage
from tui_chat.ui.screens.dialogs import AskText, Confirm
from tui_chat.ui.screens.message_details import MessageDetails
from tui_chat.ui.screens.reader import ReaderScreen
from tui_chat.ui.widgets.line_input import LineInput
from tui_chat.ui.widgets.sheet import Sheet
from tui_chat.wire.messages import Audio, Document, Image


@pytest.mark.skipif(sys.platform == "win32", reason="the player here is a script for a shell")
async def test_a_spoken_answer_is_heard_when_asked_for_and_saved(
    gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mpv").write_text(f'#!/bin/sh\nfor last; do :; done\ncat "$last" > {tmp_path}/heard\nexec sleep 60\n')
    (tmp_path / "mpv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.defpath}")
    monkeypatch.chdir(tmp_path)
    async with on_stage(gateway) as stage:
        await stage.say("speak")
        assert "♪ spoken answer (wav)  0.4 s" in stage.shown() and "This is a short tone" in stage.shown()
        assert not (tmp_path / "heard").exists()  # nothing plays by itself
        await stage.press("escape", "end", "p")
        await stage.settled(lambda: (tmp_path / "heard").exists() and (tmp_path / "heard").stat().st_size > 19_000)
        assert (tmp_path / "heard").read_bytes()[44:] == tone()
        await stage.settled(lambda: any("mpv" in toast for toast in stage.toasts))
        await stage.press("p")
        await stage.settled(lambda: any("Stopped" in toast for toast in stage.toasts))
        await stage.press("s")
        await stage.settled(lambda: isinstance(stage.app.screen, AskText) and stage.app.screen.query(LineInput))
        field = stage.app.screen.query_one(LineInput)
        offered = Path(field.value)
        assert offered.parent == tmp_path and offered.suffix == ".wav"
        field.value = "mine.wav"
        await stage.press("enter")
        await stage.settled((tmp_path / "mine.wav").exists)
        (tmp_path / "mine.wav").write_bytes(b"precious")
        await stage.press("s")
        await stage.settled(lambda: isinstance(stage.app.screen, AskText) and stage.app.screen.query(LineInput))
        stage.app.screen.query_one(LineInput).value = "mine.wav"
        await stage.press("enter")
        await stage.settled(lambda: isinstance(stage.app.screen, Confirm))
        await stage.press("n")
        await stage.settled(lambda: isinstance(stage.app.screen, AskText))
        await stage.press("escape")
        assert (tmp_path / "mine.wav").read_bytes() == b"precious"
        # what goes back is the transcript, never the sound
        await stage.say("and?")
        back = gateway.chats[1].json["messages"][-2]
        assert back["role"] == "assistant" and back["content"].startswith("This is a short tone")
        await stage.press("escape", "end", "k", "k", "a")
        await stage.settled(lambda: any(isinstance(e.part, Audio) for e in stage.chat.composer.enclosures))


async def test_pictures_and_uploaded_files_go_along_with_the_next_question(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        await stage.press("alt+a")
        await stage.settled(lambda: isinstance(stage.app.screen, AskText) and stage.app.screen.query(LineInput))
        await stage.press(*"a/b", "enter")
        await stage.settled(lambda: any("no file id" in toast for toast in stage.toasts))
        await stage.settled(lambda: isinstance(stage.app.screen, AskText) and stage.app.screen.query(LineInput))
        stage.app.screen.query_one(LineInput).value = "file-abc123"
        await stage.press("enter")
        await stage.settled(lambda: stage.chat.composer.enclosures)
        assert isinstance(stage.chat.composer.enclosures[0].part, Document)
        await stage.write("word " * 100)
        await stage.settled(lambda: "draft ≈ 125 tok" in stage.shown())
        await stage.say("picture")
        assert "file file-abc123" in stage.shown()
        assert {"type": "file", "file": {"file_id": "file-abc123"}} in gateway.chats[0].json["messages"][-1]["content"]
        await stage.press("escape", "end", "a")
        await stage.settled(lambda: stage.chat.composer.enclosures)
        await stage.say("what is it?")
        (first, _) = gateway.chats[1].json["messages"][-1]["content"]
        assert first["type"] == "image_url" and first["image_url"]["url"].startswith("data:image/")
        assert any(isinstance(part, Image) and part.width for part in stage.path[2].parts)
        before = len(stage.toasts)
        await stage.press("escape", "end", "p", "s", "a", "v")  # of words alone there is nothing of it
        await stage.settled(lambda: len(stage.toasts) >= before + 4)


@pytest.mark.parametrize(("size", "language"), [((120, 40), "en"), ((60, 15), "zh")])
async def test_prediction_usage_and_charge_are_shown_when_asked_for(
    gateway: FakeGateway, size: tuple[int, int], language: str
) -> None:
    async with on_stage(gateway, size=size, settings=f'language = "{language}"') as stage:
        prediction = {"type": "content", "content": "class User:\n    name: str\n    age: int\n"}
        await stage.chat.room.engine(stage.house.desk.set_head, stage.chat.chat, values={"prediction": prediction})
        await stage.say("predict")
        await stage.press("escape", "end", "v")
        await stage.settled(lambda: isinstance(stage.app.screen, ReaderScreen) and stage.app.screen.query(Sheet))
        await stage.settled(lambda: "changed: bool" in stage.shown())
        text = stage.app.screen.query_one(Sheet).text
        assert "−     name: str" in text and "+     changed: bool" in text and "18" in text and "7" in text
        await stage.press("y", "escape")
        assert stage.copied == [text]
        await stage.press("escape", "alt+u")
        await stage.settled(lambda: isinstance(stage.app.screen, ReaderScreen) and stage.app.screen.query(Sheet))
        sheet = stage.app.screen.query_one(Sheet)
        await stage.settled(lambda: "140" in sheet.text and "░" in sheet.text)
        seen = {sheet.text}
        for _ in range(4):
            await stage.press("right")
            seen.add(sheet.text)
        assert len(seen) >= 3
        await stage.press("escape")
        stage.chat.transcript.focus()
        await stage.press("end", "i")
        await stage.settled(lambda: isinstance(stage.app.screen, MessageDetails))
        assert not any("log/token" in request.path for request in gateway.requests)  # only by its key
        await stage.press("x")
        await stage.settled(lambda: "$0.0030" in _charge(stage.app.screen))
        await stage.press("escape")


def _charge(screen: object) -> str:
    from tui_chat.ui.widgets.prose import Prose

    assert isinstance(screen, MessageDetails)
    return screen.query_one("#charge", Prose).text
