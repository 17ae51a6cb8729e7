"""How does something of a chat become a file of the person's own? Where they say, whole, and in no other file's place.

The name that is offered is made of harmless letters: it may come from a model or a server.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tui_chat import late
from tui_chat.disk import expanded, is_folder, replace_file
from tui_chat.errors import StoreError

_SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/jpg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
}
_RESERVED = late.pattern(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def suffix_of(media_type: str) -> str:
    """How names of files of this kind end, without the dot: "png"; "bin" for what isn't known."""
    return _SUFFIXES.get(media_type.split(";")[0].strip().lower(), "bin")


def safe_name(name: str, otherwise: str) -> str:
    """A file name of what somebody called it: no folders, no control characters, not hidden; `otherwise` where none."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip(" .")[:120]
    return otherwise if not kept or _RESERVED.fullmatch(kept) else kept


def free_path(folder: Path, name: str) -> Path:
    """A path in `folder` for that name, with a number behind it where it is taken: "answer.png", "answer-2.png"."""
    path, number = folder / name, 2
    while os.path.lexists(path):
        path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
        number += 1
    return path


def checked_path(typed: str, name: str, private: Iterable[Path] = ()) -> Path:
    """The file that is meant: `~` expanded; in a folder, the file `name` in it.

    Args:
        typed: what the person typed.
        name: the name to take in a folder.
        private: folders of ours, where nothing else belongs.

    Raises:
        StoreError: nothing can be written there.
    """
    path = expanded(typed.strip())
    if not typed.strip() or "\0" in typed:
        raise StoreError("error.save_no_name")
    path = path if path.is_absolute() else Path.cwd() / path
    if is_folder(path) or typed.strip().endswith(("/", os.sep)):
        path = path / name
    if not is_folder(path.parent):
        raise StoreError("error.save_no_folder", path=str(path.parent))
    real = path.parent.resolve() / path.name
    if any(real.is_relative_to(folder.resolve()) for folder in private):
        raise StoreError("error.save_private", path=str(path))
    return path


def save(content: bytes, path: Path, *, replace: bool = False) -> None:
    """Write a new file; with `replace`, in the place of a file that is there.

    Raises:
        StoreError: "error.save_exists" where there is one and it is not to be replaced; else why it can't be written.
    """
    try:
        if replace:
            if path.exists() and not path.is_file():
                raise StoreError("error.save_no_file", path=str(path))
            replace_file(path, content)
            return
        with path.open("xb") as file:
            try:
                file.write(content)
            except OSError:
                with suppress(OSError):
                    path.unlink()
                raise
    except FileExistsError as error:
        raise StoreError("error.save_exists", path=str(path)) from error
    except OSError as error:
        raise StoreError("error.save_failed", path=str(path), reason=error.strerror or str(error)) from error
