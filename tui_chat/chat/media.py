"""What of an answer, or of a tool's result, are bytes? Pictures and sound, kept as blobs, and the parts that name them.

What can't be decoded or kept is left out: an answer is not lost for want of a picture in it.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable

from msgspec.structs import replace

from tui_chat.chat.keeping import BlobStore
from tui_chat.engine import Engine
from tui_chat.errors import AttachError, ChatError
from tui_chat.tools.tool import Brought
from tui_chat.wire.choice import ChoiceReply, Spoken
from tui_chat.wire.messages import Audio, Image
from tui_chat.wire.params import Values
from tui_chat.wire.sound import seconds_of, sound_file
from tui_chat.words import t

KeptMedia = tuple[Image | Audio, ...]
"""Pictures and sounds that came with a tool's result, kept."""


async def keep_media(
    said: ChoiceReply, values: Values, text: str, engine: Engine, blobs: BlobStore
) -> list[Image | Audio]:
    """The pictures and the sound of an answer.

    Args:
        said: the answer as it came.
        values: the parameters of the request, for the format that was asked for.
        text: what the answer says; a transcript that says the same is not kept twice.
        engine: where the disk is waited for.
        blobs: where bytes are kept.
    """
    images = await _keep_images(said.images, engine, blobs)
    return [*images, *await _keep_sound(said.audio, values, text, engine, blobs)]


async def _keep_images(urls: Iterable[str], engine: Engine, blobs: BlobStore) -> list[Image]:
    """The pictures of an answer: data URIs become blobs, addresses stay addresses."""
    images: list[Image] = []
    for url in urls:
        head, comma, data = url.partition(";base64,")
        if not comma:
            images.append(Image(url=url))
            continue
        try:
            content = b64decode(data)
            blob = await engine.write(blobs.keep, content)
        except (Base64Error, ValueError, ChatError):
            continue
        images.append(Image(blob=blob, media_type=head.removeprefix("data:"), size=len(content)))
    return images


async def _keep_sound(
    spoken: Spoken | None, values: Values, text: str, engine: Engine, blobs: BlobStore
) -> tuple[Audio, ...]:
    """The sound of an answer as a file that players take; none where nothing was heard of it."""
    if spoken is None or not spoken.data:
        return ()
    wanted = values.get("audio")
    asked = str(wanted.get("format", "")) if isinstance(wanted, dict) else ""
    content, format = sound_file(spoken.data, asked)
    try:
        blob = await engine.write(blobs.keep, content)
    except ChatError:
        return ()
    said = spoken.transcript if spoken.transcript.strip() != text.strip() else ""
    sound = Audio(
        blob,
        format,
        size=len(content),
        id=spoken.id,
        seconds=seconds_of(content, format),
        transcript=said,
        expires_at=spoken.expires_at,
    )
    return (sound,)


async def keep_brought(brought: Iterable[Brought], blobs: BlobStore) -> tuple[list[Image | Audio], list[ChatError]]:
    """The pictures and sounds that a tool gave back, each looked at and kept, and why some were not.

    They are a stranger's: what they are is seen in the bytes, and pictures are checked and scaled down as a person's
    own are. On a thread, since that takes its time.
    """
    kept: list[Image | Audio] = []
    lost: list[ChatError] = []
    for each in brought:
        try:
            kept.append(await asyncio.to_thread(_attached, each, blobs))
        except ChatError as error:
            lost.append(error)
    return kept, lost


def _attached(brought: Brought, blobs: BlobStore) -> Image | Audio:
    from tui_chat.attach.audio import AUDIO  # with Pillow behind it: only for tools that bring pictures
    from tui_chat.attach.image import IMAGE
    from tui_chat.attach.kind import HEAD_BYTES, Options
    from tui_chat.attach.reading import shown_name

    name = shown_name(brought.name) if brought.name else ""
    for kind in (IMAGE, AUDIO):
        if kind.recognise(brought.content[:HEAD_BYTES], name):
            part = kind.make(brought.content, name or t("chat.brought"), Options(), blobs.keep).part
            if isinstance(part, Audio):
                seconds = seconds_of(brought.content, part.format)
                return replace(part, name=name or f"sound.{part.format}", seconds=seconds)
            if isinstance(part, Image):
                return replace(part, name=name)
    raise AttachError("error.attach_brought")
