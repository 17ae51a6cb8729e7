"""What in a piece of text names a file? Pasted and dropped paths, `@path` words, addresses of pictures.

Terminals give a dropped file as typed text, each in its own dress: quoted, with backslashes, as a `file://` address,
several in a row. It counts as files only if every piece is one; otherwise it is text, and stays text.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from tui_chat.disk import expanded

_MAX_CHARACTERS = 64 * 1024
_MAX_FILES = 100
_DRIVE = re.compile(r"^([A-Za-z]):[\\/]")
_WSL_SHARE = re.compile(r"^[\\/]{2}wsl(?:\$|\.localhost)[\\/][^\\/]+(?=[\\/])", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:png|jpe?g|webp|gif)$", re.IGNORECASE)
_QUOTES = {"'": "'", '"': '"', "“": "”", "‘": "’"}
# An address before it (me@host) or another sign makes it no mention; Chinese letters do not: 看看@photo.jpg
_MENTION = re.compile(r"""(?<![A-Za-z0-9_.+\-@/\\])@(?:"([^"\n]+)"|((?:\\.|[^\s"\\@])(?:\\.|[^\s\\])*))""")
_TAIL = " \t.,;:!?)]}>'\"`。，、；：！？）】》」』”’…"


def paths_in(pasted: str, *, mounts: Path = Path("/mnt")) -> list[Path]:
    """The files that a pasted or dropped text names, if that is all it does and all of them exist; else nothing.

    Only full paths count (from the root, a drive, `~`, `./`, `../` or `file://`): a pasted word that happens to be the
    name of a file here is a word. `mounts` is where WSL shows Windows drives.
    """
    text = pasted.strip().strip("\0")
    if not text or len(text) > _MAX_CHARACTERS:
        return []
    if text.startswith("& "):  # PowerShell's drop form: & 'C:\a b.png'
        text = text[2:].lstrip()
    # From plain to dressed: a path may really contain a quote or a backslash.
    for pieces in (_lines(text), _words(text)):
        if found := _all_files(pieces, mounts):
            return found
    return []


def is_image_url(text: str) -> bool:
    """Whether the text is one http(s) address of a picture, going by its ending."""
    text = text.strip()
    if len(text) > 8192 or any(letter.isspace() for letter in text):
        return False
    try:
        pieces = urlsplit(text)
        return pieces.scheme in ("http", "https") and bool(pieces.hostname) and bool(_PICTURE.search(pieces.path))
    except ValueError:
        return False


def mentions(text: str) -> list[str]:
    r"""The `@path` words of a prompt, in order, each once: `@a.txt`, `@"my file.txt"`, `@my\ file.txt`.

    A word is given as written, up to the next space; `resolve_mention` finds out how much of it is the file's name.
    """
    found: dict[str, None] = {}
    for match in _MENTION.finditer(text):
        quoted, bare = match.groups()
        found[quoted if quoted is not None else re.sub(r"\\(.)", r"\1", bare)] = None
    return list(found)


def resolve_mention(word: str, folder: Path) -> Path | None:
    """The file a mention means, seen from `folder`; what follows the name without a space is left off.

    `a.txt。` and `a.txt里有什么` both mean `a.txt`, unless a file is really called that.
    """
    for length in _cuts(word[:4096]):
        path = folder / expanded(word[:length])
        if _is_file(path):
            return path
    return None


def as_mention(path: str) -> str:
    """How `@` and a path are written so that `mentions` reads the path back."""
    if re.search(r"[\s\\\"]", path) or path.startswith("@"):
        return '@"' + path + '"' if '"' not in path else "@" + re.sub(r"([\s\\\"@])", r"\\\1", path)
    return "@" + path


def _cuts(word: str) -> Iterator[int]:
    """Lengths at which a mention may end, the longest first."""
    yield len(word)
    for place in range(len(word) - 1, 0, -1):
        if word[place] in _TAIL or (word[place] > "\u2e7f" and word[place - 1] < "\u2e80"):
            yield place


def _lines(text: str) -> list[str]:
    """Each line as one path; of a `text/uri-list` the comments are left out."""
    lines = [line.strip() for line in text.splitlines()]
    return [_unquoted(line) for line in lines if line and not line.startswith("#")]


def _unquoted(text: str) -> str:
    if len(text) >= 2 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        return text[1:-1]
    return text


def _words(text: str) -> list[str]:
    r"""The text split as a shell would, except that a backslash stays one where it can't be an escape (`C:\x`)."""
    words: list[str] = []
    word, closing, started = "", "", False
    letters = iter(range(len(text)))
    for place in letters:
        letter = text[place]
        following = text[place + 1 : place + 2]
        if letter == "\\" and closing != "'" and _escapes(word, following, closing):
            word += following
            started = True
            next(letters, None)
        elif closing:
            word, closing = (word, "") if letter == closing else (word + letter, closing)
        elif letter in _QUOTES and (letter in "'\"" or not word):
            closing, started = _QUOTES[letter], True
        elif letter.isspace():
            if started:
                words.append(word)
            word, started = "", False
        else:
            word += letter
            started = True
    return [] if closing else ([*words, word] if started else words)


def _escapes(word: str, following: str, closing: str) -> bool:
    """Whether a backslash here takes the next letter's meaning away."""
    if not following or _DRIVE.match(word + "\\") or _DRIVE.match(word) or word.startswith("\\"):
        return False
    if not word and not closing and following == "\\":  # \\server\share
        return False
    return following in '"\\$`' if closing else True


def _all_files(pieces: list[str], mounts: Path) -> list[Path]:
    if not 0 < len(pieces) <= _MAX_FILES:
        return []
    found: list[Path] = []
    for piece in pieces:
        path = _path(piece, mounts)
        if path is None or not _is_file(path):
            return []
        found.append(path)
    return found


def _path(text: str, mounts: Path) -> Path | None:
    """The path that a full name means on this system, None if the text is no full name."""
    if text[:7].lower() == "file://":
        return _from_file_url(text, mounts)
    if _DRIVE.match(text) or text.startswith(("\\\\", "//wsl")):
        return _from_windows(text, mounts)
    if text.startswith(("~/", "~\\", "/", "./", "../", ".\\", "..\\")):
        return expanded(text)
    return None


def _from_file_url(url: str, mounts: Path) -> Path | None:
    host, slash, rest = url[7:].partition("/")
    if not slash or "?" in host or "#" in host:
        return None
    # Names are bytes on Unix: an address may hold ones that are no UTF-8.
    path = os.fsdecode(unquote_to_bytes(slash + rest.partition("#")[0].partition("?")[0]))
    if _DRIVE.match(path[1:]):
        return _from_windows(path[1:], mounts)
    if host.lower() in ("", "localhost") or host.lower() == _host():
        return Path(path)
    return _from_windows(f"//{host}{path}", mounts)


def _host() -> str:
    return os.uname().nodename.lower() if hasattr(os, "uname") else ""


def _from_windows(text: str, mounts: Path) -> Path | None:
    if sys.platform == "win32":
        return Path(text)
    plain = text.replace("\\", "/")
    if share := _WSL_SHARE.match(text):
        return Path(plain[share.end() :])
    if drive := _DRIVE.match(text):
        return mounts / drive[1].lower() / plain[3:]
    return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or holds a NUL
        return False
