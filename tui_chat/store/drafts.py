"""What was typed and not sent, and what was sent before: drafts by chat, and the composer's history."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from msgspec import Struct, field

from tui_chat.chat.node import now
from tui_chat.disk import GrowingFile, Lock, LockedElsewhere, make_folder, read_bounded, replace_file
from tui_chat.store.one_by_one import alone
from tui_chat.store.places import Places
from tui_chat.store.records import part_text, read_parts
from tui_chat.store.toml_text import clean, entry, parse
from tui_chat.wire.messages import Part

HISTORY_LIMIT = 500
"""How many prompts are remembered."""
NEW_CHAT = "new"
"""Under this name the draft of a chat is kept that has no message yet: the next empty chat of this window finds it,
or one of the next window once this one is closed. Each open window has a draft of its own under it."""

_WINDOWS = (NEW_CHAT, *(f"{NEW_CHAT}-{number}" for number in range(2, 50)))
"""In the file, the draft of a new chat has one of these names: that which this window has locked."""
_DRAFTS_LIMIT = 200
_LIMIT_BYTES = 64 * 1024 * 1024


class Draft(Struct, frozen=True):
    """What stands in a composer."""

    text: str = ""
    attachments: tuple[Part, ...] = ()
    time: datetime = field(default_factory=now)

    def __bool__(self) -> bool:
        return bool(self.text or self.attachments)


class Drafts:
    """Drafts by chat id, in one file; the latest 200 are kept."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._claiming = threading.RLock()
        self._claim: tuple[str, Lock] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the draft of a new chat to the next window."""
        with self._claiming:
            claim, self._claim = self._claim, None
            if claim is not None:
                claim[1].release()

    def load(self, chat: str) -> Draft:
        """The draft of this chat, an empty one where there is none or the file can't be read."""
        name = self._name(chat)
        return self._read().get(name, Draft())

    def save(self, chat: str, draft: Draft, *, temporary: bool = False) -> None:
        """Keep the draft, on disk when this returns; an empty one is forgotten. A temporary chat's never is kept.

        Raises:
            StoreError: it can't be kept.
        """
        if temporary:
            return
        path, chat = self._places.drafts_file, self._name(chat)
        with alone(path, self._places.locks / "drafts.lock"):
            drafts = self._read()
            if not draft and chat not in drafts:
                return
            drafts.pop(chat, None)
            if draft:
                drafts[chat] = draft
            latest = sorted(drafts.items(), key=lambda item: item[1].time)[-_DRAFTS_LIMIT:]
            text = "\n".join(_draft_text(id, kept) for id, kept in latest)
            replace_file(path, text.encode())

    def _name(self, chat: str) -> str:
        """The name of a chat's draft in the file: two windows with a new chat each don't write over each other."""
        if chat != NEW_CHAT:
            return chat
        with self._claiming:
            if self._claim is None:
                self._claim = self._free_name()
            return self._claim[0] if self._claim is not None else NEW_CHAT

    def _free_name(self) -> tuple[str, Lock] | None:
        """A name that no other window has, with the latest draft if there is one; None where nothing can be locked."""
        waiting = sorted((draft.time, name) for name, draft in self._read().items() if name in _WINDOWS)
        for name in dict.fromkeys((*(name for _, name in reversed(waiting)), *_WINDOWS)):
            try:
                make_folder(self._places.locks)
                return name, Lock.take(self._places.locks / f"draft-{name}.lock")
            except LockedElsewhere:
                continue
            except OSError:
                break
        return None

    def _read(self) -> dict[str, Draft]:
        try:
            tables = parse(read_bounded(self._places.drafts_file, _LIMIT_BYTES)) or {}
        except OSError:
            return {}
        found = tables.get("draft")
        drafts: dict[str, Draft] = {}
        for item in found if isinstance(found, list) else []:
            match item:
                case {"chat": str(chat), "time": datetime() as time, "text": str(text)} if time.tzinfo is not None:
                    drafts[chat] = Draft(text, read_parts(item.get("attachments", []))[0], time)
        return drafts


class History:
    """Prompts that were sent, of all chats, oldest first; a line of JSON each, the last 500 are kept."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def load(self) -> list[str]:
        """The prompts, oldest first, each once; lines that can't be read are passed over."""
        prompts: dict[str, None] = {}
        for line in self._lines():
            with suppress(ValueError, RecursionError):
                prompt = json.loads(line)
                if isinstance(prompt, str):
                    prompts.pop(prompt, None)  # said again: it counts as said last
                    prompts[prompt] = None
        return list(prompts)[-HISTORY_LIMIT:]

    def add(self, prompt: str, *, temporary: bool = False) -> None:
        """Remember a prompt, on disk when this returns; one of a temporary chat is not remembered.

        Raises:
            StoreError: it can't be kept.
        """
        if temporary or not prompt.strip():
            return
        path = self._places.history_file
        with alone(path, self._places.locks / "history.lock"):
            lines = self._lines()
            line = json.dumps(clean(prompt), ensure_ascii=False).encode()
            if len(lines) >= 2 * HISTORY_LIMIT:
                kept = [json.dumps(kept, ensure_ascii=False).encode() for kept in self.load()]
                replace_file(path, b"\n".join([*kept, line, b""]))
            else:
                _add_line(path, line)

    def _lines(self) -> list[bytes]:
        try:
            return read_bounded(self._places.history_file, _LIMIT_BYTES).splitlines()
        except OSError:
            return []


def _draft_text(chat: str, draft: Draft) -> str:
    text = "[[draft]]\n" + entry("chat", chat) + entry("time", draft.time) + entry("text", draft.text)
    return text + "".join(part_text(part, "draft.attachments") for part in draft.attachments)


def _add_line(path: Path, line: bytes) -> None:
    file = GrowingFile(path)
    # A line that was cut off by a crash is ended first, or this one would be glued to it.
    file.append((b"\n" if file.end and not _ends_line(path) else b"") + line + b"\n")


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
