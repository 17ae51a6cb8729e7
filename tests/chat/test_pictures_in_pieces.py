"""A picture that comes in thousands of pieces is kept whole, costs no more than its size, and is never seen as text."""

from __future__ import annotations

import gc
import random
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator
from time import process_time

import pytest

from tests.chat.stage import Script, Stage
from tui_chat.chat.events import Grew
from tui_chat.wire.delta import Delta
from tui_chat.wire.dialect import decode
from tui_chat.wire.messages import Image, Text
from tui_chat.wire.reply import Reply

PICTURE = b"\x89PNG\r\n\x1a\n" + random.Random(5).randbytes(1_500_000)


def uri(content: bytes = PICTURE) -> str:
    return "data:image/png;base64," + b64encode(content).decode()


def pieces(text: str, count: int) -> list[str]:
    size = -(-len(text) // count)
    return [text[at : at + size] for at in range(0, len(text), size)]


def in_markdown(count: int, content: bytes = PICTURE) -> Iterator[dict[str, object]]:
    for piece in pieces(f"Look:\n\n![a lake]({uri(content)})\n\nThat is it.", count):
        yield {"content": piece}


def in_images(count: int, content: bytes = PICTURE) -> Iterator[dict[str, object]]:
    yield {"content": "Look:"}
    for piece in pieces(uri(content), count):
        yield {"images": [{"type": "image_url", "image_url": {"url": piece}}]}
    yield {"content": " That is it."}


def deltas(said: Iterator[dict[str, object]]) -> Script:
    script: Script = []
    for delta in said:
        script += decode({"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    return [*script, Delta(finish_reason="stop")]


FORMS = pytest.mark.parametrize("form", [in_markdown, in_images])


@FORMS
def test_the_picture_is_kept_whole_and_no_piece_of_it_is_ever_text(form) -> None:
    stage = Stage()
    try:
        stage.begin()
        stage.scripts.append(deltas(form(5000)))
        stage.say("draw a lake")
        stage.wait_for_end()
        tree = stage.tree()
        answer = tree.node(tree.path()[-1])
        (picture,) = (part for part in answer.parts if isinstance(part, Image))
        assert stage.blobs.load(picture.blob) == PICTURE
        assert (picture.media_type, picture.size) == ("image/png", len(PICTURE))
        said = [part.text for part in answer.parts if isinstance(part, Text)]
        assert "".join(said).split() == ["Look:", "That", "is", "it."]
        shown = [event.text for event in stage.events if isinstance(event, Grew)]
        assert "".join("".join(shown).split()) == "Look:Thatisit."
        assert sum(map(len, shown)) < 40  # nor was anything of it taken back
    finally:
        stage.engine.close()


@FORMS
def test_its_cost_grows_with_its_size_alone(form) -> None:
    def cost_s(count: int) -> float:
        script = deltas(form(count, PICTURE[: count * 60]))
        reply = Reply()
        before = process_time()
        for delta in script:
            reply.fold(delta)  # type: ignore[arg-type]
            assert len(reply.choice().given[0]) < 40  # what is shown meanwhile
        assert len(reply.images[0]) > count * 80
        return process_time() - before

    small, large = min(cost_s(1000) for _ in range(3)), min(cost_s(8000) for _ in range(2))
    assert large < 8 * 5 * max(small, 1e-4)


@FORMS
def test_it_is_held_in_memory_about_once(form) -> None:
    script = deltas(form(5000))
    gc.collect()
    tracemalloc.start()
    reply = Reply()
    for delta in script:
        reply.fold(delta)  # type: ignore[arg-type]
    held, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 2 * len(uri())  # the pieces are the script's own, but for those that were cut


@FORMS
def test_half_a_picture_is_no_text_either(form) -> None:
    stage = Stage()
    try:
        stage.begin()
        stage.scripts.append(deltas(form(5000))[:2500])
        stage.say("draw a lake")
        stage.wait_for_end()
        tree = stage.tree()
        answer = tree.node(tree.path()[-1])
        assert answer.text.strip() == "Look:" and answer.finish == "interrupted"
    finally:
        stage.engine.close()
