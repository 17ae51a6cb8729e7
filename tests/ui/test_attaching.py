"""Files on their way into a message: picked, pasted, completed, from the clipboard; refused with one clear sentence."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest

from tests.attach.microphone import FakeMicrophone
from tests.gateway.server import FakeGateway
from tests.ui.whole_app import Scene, on_stage
from tests.waiting import eventually
from tui_chat.attach.clipboard import Outcome
from tui_chat.ui.screens.recorder import RecorderScreen
from tui_chat.wire.messages import Image, TextFile


def photo(size: tuple[int, int] = (40, 30)) -> bytes:
    from PIL import Image as Picture

    file = io.BytesIO()
    Picture.new("RGB", size, "orange").save(file, "PNG")
    return file.getvalue()


def paste(stage: Scene, text: str) -> None:
    stage.chat.composer.prompt.take_paste(text)


def chips(stage: Scene) -> list[object]:
    return [enclosure.part for enclosure in stage.chat.composer.enclosures]


async def test_a_dropped_picture_becomes_a_chip_and_travels(gateway: FakeGateway, tmp_path: Path) -> None:
    path = tmp_path / "my photo.png"
    path.write_bytes(photo())
    async with on_stage(gateway) as stage:
        paste(stage, f"'{path}'")
        await stage.settled(lambda: chips(stage))
        await stage.settled(lambda: "my photo.png  40×30" in stage.shown() and stage.draft == "")
        path.unlink()  # the copy is what counts
        await stage.say("what is on it?")
        content = gateway.chats[0].json["messages"][-1]["content"]
        url = next(part["image_url"]["url"] for part in content if part["type"] == "image_url")
        assert base64.b64decode(url.partition(",")[2]) == photo()
        assert chips(stage) == []
        await stage.settled(lambda: "my photo.png" in stage.shown())


async def test_a_large_photo_is_downscaled_and_that_is_said(gateway: FakeGateway, tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    path.write_bytes(photo((2100, 10)))
    async with on_stage(gateway) as stage:
        paste(stage, str(path))
        await stage.settled(lambda: chips(stage))
        part = chips(stage)[0]
        assert isinstance(part, Image) and part.width == 2048
        assert stage.chat.composer.enclosures[0].notes


async def test_text_that_only_looks_like_a_path_is_inserted(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        paste(stage, "/no/such/file")
        await stage.settled(lambda: stage.draft == "/no/such/file")
        assert chips(stage) == []


async def test_what_cant_be_attached_is_explained_and_nothing_is_lost(gateway: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "good.txt").write_text("fine")
    async with on_stage(gateway) as stage:
        await stage.write("my words")
        await stage.chat.parts.attaching.attach_files(
            [tmp_path / "gone.txt", tmp_path / "empty.txt", tmp_path / "good.txt"]
        )
        await stage.pilot.pause()
        assert len(stage.toasts) == 2 and stage.draft == "my words"
        assert [part.name for part in chips(stage) if isinstance(part, TextFile)] == ["good.txt"]


async def test_an_unknown_kind_is_offered_as_text_and_a_secret_asked_about(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    odd, secret = tmp_path / "notes.xyzzy", tmp_path / ".env"
    odd.write_text("some words")
    secret.write_text("A=1")
    async with on_stage(gateway) as stage:
        stage.chat.room.start(stage.chat.parts.attaching.attach_files, [odd])
        await stage.settled(lambda: stage.app.screen is not stage.chat)
        await stage.press("escape")
        await stage.settled(lambda: stage.app.screen is stage.chat)
        assert chips(stage) == [] and stage.toasts == []
        stage.chat.room.start(stage.chat.parts.attaching.attach_files, [odd])
        await stage.settled(lambda: stage.app.screen is not stage.chat)
        await stage.press("tab", "enter")
        await stage.settled(lambda: len(chips(stage)) == 1)
        stage.chat.room.start(stage.chat.parts.attaching.attach_files, [secret])
        await stage.settled(lambda: stage.app.screen is not stage.chat)
        await stage.settled(lambda: "only if the model may see it" in stage.shown())
        await stage.press("escape")
        await stage.settled(lambda: stage.app.screen is stage.chat)
        assert len(chips(stage)) == 1


async def test_a_file_is_completed_after_an_at_sign(
    gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "boardwalk.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    async with on_stage(gateway) as stage:
        await stage.press(*"see @boa")
        await stage.settled(lambda: "boardwalk.py" in stage.shown())
        await stage.press("enter")
        await stage.settled(lambda: chips(stage))
        assert stage.draft == "see @boardwalk.py "
        await stage.say("please")
        assert "x = 1" in str(gateway.chats[0].json["messages"][-1]["content"])


async def test_a_picture_on_the_clipboard_and_no_picture(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = Outcome("done", "wl-paste", photo())
    monkeypatch.setattr("tui_chat.attach.clipboard.read_image", lambda: outcome)
    async with on_stage(gateway) as stage:
        await stage.press("ctrl+v")
        await stage.settled(lambda: chips(stage))
        await stage.settled(lambda: "clipboard.png" in stage.shown())
        outcome = Outcome("empty", "wl-paste")
        await stage.press("ctrl+v")
        await stage.settled(lambda: any("no picture" in toast for toast in stage.toasts))
        stage.app._clipboard = "copied text"
        await stage.press("ctrl+v")
        await stage.settled(lambda: stage.draft == "copied text")


async def test_the_address_of_a_picture_goes_as_it_is(gateway: FakeGateway) -> None:
    async with on_stage(gateway) as stage:
        paste(stage, "https://example.org/a.png")
        await stage.settled(lambda: "attach the picture" in stage.shown())
        await stage.press("enter")
        await stage.settled(lambda: chips(stage))
        await stage.say("look")
        content = gateway.chats[0].json["messages"][-1]["content"]
        assert {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}} in content


async def test_the_picker_adds_what_was_picked(gateway: FakeGateway, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("1")
    async with on_stage(gateway) as stage:
        stage.chat.parts.attaching.folder = tmp_path
        await stage.press("ctrl+o")
        await stage.settled(lambda: "one.txt" in stage.shown())
        await stage.press("down", "enter")
        await stage.settled(lambda: stage.app.screen is stage.chat)
        await eventually(lambda: len(chips(stage)) == 1)


async def test_a_large_request_is_asked_about(
    gateway: FakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui_chat.attach.request_size_warning", lambda parts: _warning(list(parts)))
    async with on_stage(gateway) as stage:
        await stage.write("heavy")
        await stage.press("enter")
        await stage.settled(lambda: "large request" in stage.shown())
        await stage.press("escape")
        await stage.settled(lambda: stage.draft == "heavy")
        assert gateway.chats == []
        await stage.press("enter")
        await stage.settled(lambda: "large request" in stage.shown())
        await stage.press("tab", "enter")
        await stage.settled(lambda: len(stage.path) == 2 and stage.idle)


def _warning(parts: list[object]) -> object:
    from tui_chat.attach import Note

    return Note("attach.request_large", {"size": "21 MB", "limit": "20 MB"})


async def test_a_picture_may_travel_in_another_detail_or_in_its_own_size(gateway: FakeGateway, tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    path.write_bytes(photo((2100, 10)))
    async with on_stage(gateway) as stage:
        paste(stage, str(path))
        await stage.settled(lambda: chips(stage))
        await stage.press("f8")
        await stage.settled(lambda: "How shall big.png be sent?" in stage.shown())
        await stage.press("down", "down", "enter")
        await stage.settled(lambda: "detail high" in stage.shown())
        await stage.press("f8")
        await stage.settled(lambda: "How shall" in stage.shown())
        await stage.press("end", "enter")
        await stage.settled(lambda: isinstance(chips(stage)[0], Image) and chips(stage)[0].width == 2100)  # type: ignore[attr-defined]
        await stage.say("look")
        content = gateway.chats[0].json["messages"][-1]["content"]
        assert content[0]["image_url"]["detail"] == "high"


async def test_what_is_recorded_goes_along_as_sound(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    microphone = FakeMicrophone()
    monkeypatch.setattr(RecorderScreen.__init__, "__defaults__", (lambda: microphone,))
    async with on_stage(gateway) as scene:
        for key, count in (("escape", 0), ("enter", 1)):
            await scene.press("alt+v")
            await scene.settled(lambda: isinstance(scene.app.screen, RecorderScreen) and microphone.is_open)
            microphone.hear(b"\1\2" * 48_000)
            await scene.press(key)
            await scene.settled(lambda count=count: len(chips(scene)) == count)
            await scene.settled(lambda: scene.app.screen is scene.chat and not microphone.is_open)
        await scene.say("what is it?")
        (sound, words) = gateway.chats[-1].json["messages"][-1]["content"]
        assert sound["type"] == "input_audio" and sound["input_audio"]["format"] == "wav"
        assert base64.b64decode(sound["input_audio"]["data"])[44:] == b"\1\2" * 48_000
        assert words["text"] == "what is it?"
