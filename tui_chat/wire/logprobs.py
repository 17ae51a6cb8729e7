"""How likely was each token? The log probabilities of an answer, read from what came and packed into few bytes.

They weigh ten to a hundred times what the words weigh, so they stand in a blob beside the chat and never in it.

Source: chat-completions `choices[].logprobs`: `content` and `refusal` lists of token, logprob, bytes, top_logprobs.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

NEVER = -9999.0
"""The document's value for a token outside the twenty most likely ones."""
LIMIT_BYTES = 256 * 1024 * 1024
"""Of the packed form once it is unpacked: a blob is a file, and files are anyone's."""
_LIMIT_TOP = 64


class Likely(Struct, frozen=True):
    """A token and how likely it was at its place."""

    token: str
    logprob: float
    """Natural logarithm of the probability; `NEVER` or less: very unlikely."""
    data: bytes | None
    """Its UTF-8 bytes, which may be a part of a character only; None where it has no bytes."""

    @property
    def probability(self) -> float:
        """From 0 to 1; 0 for very unlikely."""
        return 0.0 if self.is_never else math.exp(min(0.0, self.logprob))

    @property
    def is_never(self) -> bool:
        """Whether the server said no more than that it was very unlikely."""
        return self.logprob <= NEVER

    @property
    def text(self) -> str | None:
        """What it says; None where it is but a part of a character."""
        if self.data is None:
            return self.token
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            return None


class Token(Struct, frozen=True):
    """One step of an answer."""

    taken: Likely
    top: tuple[Likely, ...] = ()
    """The most likely ones at its place, the most likely first; the taken one may be among them."""


class Logprobs(NamedTuple):
    """The steps of an answer, or of a piece of one."""

    content: tuple[Token, ...] = ()
    refusal: tuple[Token, ...] = ()


def read(raw: object) -> Logprobs | None:
    """What a choice's `logprobs` says; None where it says nothing. What can't be read is left out."""
    if not isinstance(raw, Mapping):
        return None
    found = Logprobs(_tokens(raw.get("content")), _tokens(raw.get("refusal")))
    return found if found.content or found.refusal else None


def pack(found: Logprobs) -> bytes:
    """As bytes to keep: compressed JSON, where bytes that are the token's own text are left out."""
    lists = [[[*_packed(token.taken), [_packed(each) for each in token.top]] for token in tokens] for tokens in found]
    return zlib.compress(json.dumps(lists, ensure_ascii=True, separators=(",", ":")).encode(), 6)


def unpack(content: bytes) -> Logprobs:
    """What `pack` packed; raises ValueError where these bytes are nothing of the kind."""
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(content, LIMIT_BYTES)
        lists = json.loads(text)
        said, refused = ([_unpacked_token(each) for each in tokens] for tokens in lists)
    except (zlib.error, TypeError, IndexError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return Logprobs(tuple(said), tuple(refused))


def as_json(found: Logprobs) -> dict[str, object]:
    """In the document's own form; a list that is empty is null."""
    names = {"content": found.content, "refusal": found.refusal}
    return {
        name: [{**_object(token.taken), "top_logprobs": [_object(each) for each in token.top]} for token in tokens]
        or None
        for name, tokens in names.items()
    }


def _object(likely: Likely) -> dict[str, object]:
    data = list(likely.data) if likely.data is not None else None
    return {"token": likely.token, "logprob": likely.logprob, "bytes": data}


def _tokens(raw: object) -> tuple[Token, ...]:
    if not isinstance(raw, list):
        return ()
    tokens = []
    for item in raw:
        taken = _likely(item)
        if taken is not None:
            top = item.get("top_logprobs")
            others = [_likely(each) for each in top[:_LIMIT_TOP]] if isinstance(top, list) else []
            tokens.append(Token(taken, tuple(each for each in others if each is not None)))
    return tuple(tokens)


def _likely(item: object) -> Likely | None:
    if not isinstance(item, Mapping):
        return None
    token, logprob, data = item.get("token"), item.get("logprob"), item.get("bytes")
    if not isinstance(token, str) or isinstance(logprob, bool):
        return None
    if not isinstance(logprob, int | float) or math.isnan(logprob):
        logprob = NEVER  # null, or minus infinity as some servers write it
    return Likely(_whole(token), min(max(float(logprob), NEVER), 0.0), _bytes(data))


def _bytes(data: object) -> bytes | None:
    if not isinstance(data, list):
        return None
    try:
        return bytes(data)
    except (TypeError, ValueError):
        return None


def _whole(token: str) -> str:
    """A lone surrogate half in a token becomes U+FFFD, as in all text from outside."""
    return token.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _packed(likely: Likely) -> list[object]:
    """Token, logprob, and of bytes: 0 where there are none, 1 where they are the token's own, else their hex."""
    data: object = 0 if likely.data is None else likely.data.hex()
    if likely.data is not None and likely.data == likely.token.encode():
        data = 1
    return [likely.token, float(f"{likely.logprob:.9g}"), data]


def _unpacked_token(packed: list[object]) -> Token:
    token, logprob, data, top = packed
    if not isinstance(top, list):
        raise TypeError("top")
    return Token(_unpacked([token, logprob, data]), tuple(_unpacked(each) for each in top))


def _unpacked(packed: list[object]) -> Likely:
    token, logprob, data = packed
    if not isinstance(token, str) or not isinstance(logprob, int | float):
        raise TypeError("token")
    if data == 0:
        return Likely(token, float(logprob), None)
    return Likely(token, float(logprob), token.encode() if data == 1 else bytes.fromhex(str(data)))
