"""What is a session's file called, and which chat is a file of that name."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

_ID = re.compile(r"(?:^|-)([0-9a-f]{10})$")
_SLUG_CHARACTERS = 32
_SLUG_BYTES = 80


def session_name(id: str, created: datetime, title: str) -> str:
    """`<date>-<slug>-<id>.toml`; the slug waits for the first message where there is no title."""
    words = slug(title)
    return f"{created:%Y-%m-%d}-{words + '-' if words else ''}{id}.toml"


def with_slug(path: Path, words: str) -> Path:
    """The path with a slug put in, if it has none yet and there is one."""
    if words and (found := re.fullmatch(r"(\d{4}-\d\d-\d\d)-([0-9a-f]{10})\.toml", path.name)):
        return path.with_name(f"{found[1]}-{words}-{found[2]}.toml")
    return path


def slug(text: str) -> str:
    """The first words of a text as a part of a file name that every system takes; "" where none are left."""
    words = re.findall(r"[^\W_]+", text[:400].lower())
    short = ""
    for word in words:
        longer = f"{short}-{word}" if short else word[:_SLUG_CHARACTERS]
        if len(longer) > _SLUG_CHARACTERS:
            break
        short = longer
    while len(short.encode(errors="replace")) > _SLUG_BYTES:
        short = short[:-1]
    return short.encode(errors="ignore").decode()


def chat_of(name: str) -> str:
    """The id of the chat in a file of this name: as we name it, or else the name itself, for a file named by hand."""
    stem = name.removesuffix(".toml")
    found = _ID.search(stem)
    return found[1] if found else stem


def partial_file(session: Path) -> Path:
    """Where an answer of this session grows."""
    return session.with_name(session.name + ".partial")


def torn_file(session: Path) -> Path:
    """Where the remains of a record that was cut off are kept."""
    return session.with_name(session.name + ".torn")
