"""Which tokens is a word made of? Only a server that shares its tokenizer can tell: the local one, by `POST /tokenize`.

Source: the llama.cpp server's own routes; there is no such route in the chat completions API.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_chat.errors import WireError

if TYPE_CHECKING:
    from tui_chat.wire.http import Http

TEXT_LIMIT = 1000


class Token(Struct, frozen=True):
    """One token of the model that is served."""

    id: int
    piece: str
    """Its text; "" where it is no whole character."""


async def tokens_of(http: Http, text: str) -> list[Token]:
    """The tokens of a short text, in order; raises WireError where the server can't tell.

    Args:
        http: to the root of the server, above `/v1`.
        text: at most 1000 characters are looked at.
    """
    body = json.dumps({"content": text[:TEXT_LIMIT], "with_pieces": True}).encode()
    async with http.send("POST", "/tokenize", body) as answer:
        content = await answer.read()
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError):
        payload = None
    rows = payload.get("tokens") if isinstance(payload, dict) else None
    found = [token for row in rows if (token := _token(row)) is not None] if isinstance(rows, list) else []
    if not found:
        raise WireError("error.no_tokenizer")
    return found


def _token(row: object) -> Token | None:
    match row:
        case {"id": int(id), **more}:
            piece = more.get("piece")
            return Token(id, piece if isinstance(piece, str) else "")
        case int(id):
            return Token(id, "")
    return None
