"""What of an answer are bytes: pictures and sound are kept, and the parts name them."""

from __future__ import annotations

from base64 import b64encode

from tests.chat.stage import Stage
from tests.gateway.speech import tone
from tui_chat.wire.delta import AudioDelta, Delta
from tui_chat.wire.messages import Audio, Image, Message, Text
from tui_chat.wire.request import PICTURE, encode_message

COLOURS = b64encode(b"\x89PNG").decode()


def spoken(*transcripts: str) -> list[Delta]:
    pieces = [b64encode(tone(0.1)[:2400]).decode(), b64encode(tone(0.1)[2400:]).decode()]
    deltas = [Delta(audio=AudioDelta("audio_1", transcript=text)) for text in transcripts]
    deltas += [Delta(audio=AudioDelta("audio_1", piece)) for piece in pieces]
    return [*deltas, Delta(audio=AudioDelta(expires_at=9)), Delta(finish_reason="stop")]


def answered(stage: Stage, *deltas: Delta) -> tuple[object, ...]:
    stage.scripts.append(list(deltas))
    before = len(stage.ends())
    stage.say("speak")
    stage.wait_for_end(before + 1)
    tree = stage.tree()
    assert tree.leaf is not None
    return tree.node(tree.leaf).parts


def test_sound_is_kept_as_a_file_beside_its_transcript_and_goes_back_as_that() -> None:
    stage = Stage()
    stage.begin(values={"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}})
    text, sound = answered(stage, *spoken("Hello ", "there"))
    assert text == Text("Hello there")
    assert isinstance(sound, Audio)
    assert (sound.format, sound.id, sound.expires_at, sound.seconds, sound.transcript) == ("wav", "audio_1", 9, 0.1, "")
    content = stage.blobs.load(sound.blob)
    assert content[:4] == b"RIFF" and content[44:] == tone(0.1) and sound.size == len(content)
    answered(stage, Delta(text="more"), Delta(finish_reason="stop"))
    back = stage.requests[-1].messages[1]
    assert encode_message(back, stage.blobs.load) == {"role": "assistant", "content": "Hello there"}


def test_words_beside_a_transcript_keep_both() -> None:
    stage = Stage()
    stage.begin()
    parts = answered(stage, *spoken("Spoken words"), Delta(text="Written words"))
    assert Text("Written words") in parts
    assert [part.transcript for part in parts if isinstance(part, Audio)] == ["Spoken words"]


def test_an_answer_of_sound_alone_is_an_answer() -> None:
    stage = Stage()
    stage.begin()
    (sound,) = answered(stage, *spoken())
    assert isinstance(sound, Audio) and stage.ends()[-1].finish == "stop"


def test_pictures_of_an_answer_are_not_sent_as_if_a_person_had_attached_them() -> None:
    stage = Stage()
    stage.begin()
    uri = f"data:image/png;base64,{COLOURS}"
    (picture,) = answered(stage, Delta(images=(uri, "data:image/png;base64,a")), Delta(finish_reason="stop"))
    assert picture == Image(blob="0", media_type="image/png", size=4)
    said = Message("assistant", (picture,))
    assert encode_message(said, stage.blobs.load)["content"] == PICTURE


def test_what_a_filter_blocked_is_told() -> None:
    stage = Stage()
    stage.begin()
    stage.scripts.append([Delta(text="a"), Delta(finish_reason="content_filter", blocked=("violence", "hate"))])
    stage.say("x")
    stage.wait_for_end()
    tree = stage.tree()
    assert tree.leaf is not None
    node = tree.node(tree.leaf)
    assert (node.finish, node.blocked) == ("content_filter", "violence, hate")
