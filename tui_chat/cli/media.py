"""What goes into and comes out of `ask` as files: the spoken answer, a prediction, files the provider has already."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tui_chat.chat.node import Node
from tui_chat.cli import EXIT_ERROR, complain
from tui_chat.errors import ChatError, StoreError, UsageError
from tui_chat.store.saving import checked_path, free_path, save
from tui_chat.wire import params
from tui_chat.wire.messages import Audio, Part
from tui_chat.wire.params import Value
from tui_chat.wiring import House

_WHOLE_FORMATS = frozenset({"wav", "mp3", "flac", "opus"})
"""Formats that come in one piece; a stream brings raw samples alone."""


def sound_target(typed: str, house: House) -> Path | None:
    """Where the spoken answer shall be written, None where it shall not be.

    Raises:
        UsageError: nothing can be written there, or a file is there already; nothing was sent yet.
    """
    if not typed:
        return None
    try:
        path = checked_path(typed, "answer.wav", (house.places.config, house.places.cache))
    except StoreError as error:
        raise UsageError(error.key, **error.facts) from None
    if os.path.lexists(path):
        raise UsageError("error.save_exists", path=str(path))
    return path


def sound_values(path: Path, values: dict[str, Value]) -> dict[str, Value]:
    """The parameters with those that make a model speak where they are not set, in the format the file is named for."""
    wanted = path.suffix.lower().removeprefix(".")
    whole = values.get("stream") is False or ("stream" not in values and wanted in _WHOLE_FORMATS - {"wav"})
    format = (wanted if wanted in _WHOLE_FORMATS else "wav") if whole else "pcm16"
    asked: dict[str, Value] = {}
    for name, typed in (("modalities", "text,audio"), ("audio", f"voice=alloy,format={format}")):
        if name not in values:
            asked[name] = params.parse_assignment(f"{name}={typed}")[1]
    if whole and "audio" in asked:
        asked["stream"] = False
    return {**values, **asked}


def write_sounds(house: House, answers: Iterable[Node], path: Path) -> int:
    """Write what was spoken, the first answer at `path`, others to the same request beside it with a number.

    Returns:
        0, or the exit code where there is nothing to write or it can't be written.
    """
    sounds = [part for answer in answers for part in answer.parts if isinstance(part, Audio)]
    try:
        if not sounds:
            raise StoreError("error.no_audio", path=str(path))
        for sound in sounds:
            place = free_path(path.parent, path.name)
            save(house.blobs.load(sound.blob), place)
            print(place, file=sys.stderr)
    except ChatError as error:
        complain(error)
        return EXIT_ERROR
    return 0


def prediction(typed: str) -> Value:
    """The prediction that stands in a file; raises UsageError where it is none."""
    from tui_chat.attach.named_text import named_text

    return params.parse_assignment(f"prediction={named_text(typed, 'error.prediction_file')}")[1]


def uploaded(ids: Sequence[str]) -> list[Part]:
    """The parts that name uploaded files; raises AttachError where one is no file id."""
    if not ids:
        return []
    from tui_chat.attach import uploaded_file

    return [uploaded_file(id) for id in ids]
