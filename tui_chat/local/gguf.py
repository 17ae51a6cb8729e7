"""What a GGUF file says of itself: enough of its header to tell a model from anything else, and how far it reads.

llama.cpp would read the same header, but only in the child process and with worse words when it is no model. And
the context size has to be known before the load: left to itself llama.cpp reserves memory for all that a model
was trained for, which may be 128 000 tokens.
"""

from __future__ import annotations

import stat
import struct
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from tui_chat.errors import LocalModelError

_LIMIT_ENTRIES = 100_000
_LIMIT_STRING_BYTES = 64 * 1024 * 1024
_LIMIT_LIST_ITEMS = 16_000_000

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _LIST = 8, 9


class Gguf(Struct, frozen=True):
    """A file that holds a model."""

    path: Path
    name: str
    """What to call it: the file's name without folder and ending."""
    architecture: str
    """"llama", "qwen3", …; "" where the header does not say."""
    trained_tokens: int
    """The context it was trained for, 0 where the header does not say."""


def inspect(path: Path) -> Gguf:
    """Check that `path` is a readable GGUF file, and read what it says of itself.

    Raises:
        LocalModelError: missing, not a regular file, unreadable, not a GGUF file, or its header is cut or damaged.

    Source: the GGUF specification of ggml, versions 2 and 3 (little-endian).
    """
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            raise LocalModelError("error.local_not_a_file", path=str(path))
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise LocalModelError("error.local_not_gguf", path=str(path))
            facts = _header(file)
    except FileNotFoundError:
        raise LocalModelError("error.local_missing_file", path=str(path)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise LocalModelError("error.local_unreadable", path=str(path), reason=reason) from error
    except (ValueError, struct.error, OverflowError):
        raise LocalModelError("error.local_damaged", path=str(path)) from None
    architecture = facts.get("general.architecture", "")
    trained = facts.get(f"{architecture}.context_length", 0)
    return Gguf(
        path=path,
        name=_presentable(path.stem),
        architecture=architecture if isinstance(architecture, str) else "",
        trained_tokens=trained if isinstance(trained, int) else 0,
    )


def _presentable(stem: str) -> str:
    """A file name as a model name: printable, and without the comma that separates aliases."""
    name = "".join(c if c.isprintable() and c not in ",/\\" else "-" for c in stem).strip("- ")
    return name[:100] or "local-model"


def _header(file: BinaryIO) -> dict[str, str | int]:
    """The strings and whole numbers among the header's entries, up to the model's own context length."""
    version, _tensors, entries = struct.unpack("<IQQ", file.read(20))
    if version not in (2, 3) or entries > _LIMIT_ENTRIES:
        raise ValueError("not a version we know")
    facts: dict[str, str | int] = {}
    for _ in range(entries):
        name = _text(file)
        value = _value(file, int(_number(file, "I")))
        if isinstance(value, str | int):
            facts[name] = value
        if name == f"{facts.get('general.architecture')}.context_length":
            break  # The vocabulary follows, which is long, and says nothing we need.
    return facts


def _value(file: BinaryIO, kind: int) -> str | int | float | None:
    """One value of the given kind; a list is stepped over and is None."""
    if kind == _STRING:
        return _text(file)
    if kind == _LIST:
        item, count = struct.unpack("<IQ", file.read(12))
        if count > _LIMIT_LIST_ITEMS:
            raise ValueError("too long a list")
        if item in _NUMBERS:
            file.seek(count * struct.calcsize(_NUMBERS[item]), 1)
        else:
            for _ in range(count):
                _value(file, item)
        return None
    return _number(file, _NUMBERS.get(kind, ""))


def _number(file: BinaryIO, code: str) -> int | float:
    if not code:
        raise ValueError("unknown kind of value")
    size = struct.calcsize(code)
    return struct.unpack(f"<{code}", file.read(size))[0]  # type: ignore[no-any-return]


def _text(file: BinaryIO) -> str:
    size = int(_number(file, "Q"))
    if size > _LIMIT_STRING_BYTES:
        raise ValueError("too long a text")
    raw = file.read(size)
    if len(raw) != size:
        raise ValueError("cut")
    return raw.decode("utf-8", "replace")
