"""Where do an answer's log probabilities stand? In a blob that its message names; within it where nothing is saved.

A chat that is never saved must leave nothing behind in the folder of blobs, and its messages are in no file.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error

from tui_chat.chat.keeping import BlobStore
from tui_chat.engine import Engine
from tui_chat.errors import ChatError, StoreError
from tui_chat.wire.logprobs import Logprobs, pack, unpack

_WITHIN = "data:"


async def keep_logprobs(found: Logprobs | None, engine: Engine, blobs: BlobStore, *, temporary: bool) -> str:
    """Keep them; returns the `logprobs` of the message: "" where there are none or they can't be kept."""
    if found is None:
        return ""
    content = pack(found)
    if temporary:
        return _WITHIN + b64encode(content).decode()
    try:
        return await engine.write(blobs.keep, content)
    except ChatError:
        return ""  # an answer is not lost for want of them


def load_logprobs(kept: str, blobs: BlobStore) -> Logprobs:
    """What a message's `logprobs` names. Blocks on the disk.

    Raises:
        ChatError: the blob is gone, or not what it was.
    """
    try:
        return unpack(b64decode(kept.removeprefix(_WITHIN)) if kept.startswith(_WITHIN) else blobs.load(kept))
    except (ValueError, Base64Error) as error:
        raise StoreError("error.logprobs") from error
