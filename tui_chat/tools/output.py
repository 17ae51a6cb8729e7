"""What is kept of the output of a program? Its first and last 64 KB in memory, the whole in a file, 50 MB at most.

A program can write gigabytes in a second; a model reads a few thousand words; a person may want to see it all.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tui_chat.disk import make_folder
from tui_chat.wire.redaction import without_keys

T = TypeVar("T")

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 64 * 1024
LOG_LIMIT_BYTES = 50 * 1000 * 1000
_CHUNK_BYTES = 64 * 1024
_BATCH_BYTES = 1024 * 1024


class Output:
    """What a program has written so far.

    Attributes:
        total_bytes: how much was read of it.
        full: it wrote more than a log may hold; nothing is read any more.
        log: path of the file with all of it; "" while it is short enough to need none.
    """

    def __init__(self, logs: Path | None) -> None:
        """`logs`: folder for the file; None: there is to be none."""
        self.total_bytes = 0
        self.full = False
        self.log = ""
        self._logs = logs
        self._head = bytearray()
        self._tail = bytearray()
        self._unwritten = bytearray()
        self._file: int | None = None

    @property
    def cut_bytes(self) -> int:
        """How much `text` leaves out."""
        return max(0, self.total_bytes - HEAD_BYTES - TAIL_BYTES)

    async def collect(self, stream: asyncio.StreamReader, *, when_full: Callable[[], None]) -> None:
        """Read until the stream ends or too much has come; then `when_full` is called, once."""
        while data := await stream.read(_CHUNK_BYTES):
            self._take(data)
            if len(self._unwritten) >= _BATCH_BYTES:
                await self._write()
            if self.total_bytes >= LOG_LIMIT_BYTES:
                self.full = True
                when_full()
                return

    async def finish(self) -> None:
        """Write what is not in the file yet, and close it."""
        await self._write()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def text(self) -> str:
        """All of it, or its start and its end; without any key that the program knows."""
        if not self.cut_bytes:
            return without_keys(bytes(self._head + self._tail).decode("utf-8", "replace"))
        where = f", all of it in {self.log}" if self.log else ""
        note = f"[{self.cut_bytes} bytes left out here{where}]"
        head, tail = _whole_characters(bytes(self._head)), _whole_characters(bytes(self._tail[-TAIL_BYTES:]))
        return "\n".join((without_keys(head), note, without_keys(tail)))

    def _take(self, data: bytes) -> None:
        self.total_bytes += len(data)
        if self._logs is not None:
            room = LOG_LIMIT_BYTES - (self.total_bytes - len(data))
            self._unwritten += data[: max(0, room)]
        room = HEAD_BYTES - len(self._head)
        self._head += data[:room]
        self._tail += data[max(0, room) :]
        if len(self._tail) > 4 * TAIL_BYTES:
            del self._tail[:-TAIL_BYTES]

    async def _write(self) -> None:
        if self._logs is None or not self._unwritten or not self.cut_bytes:
            return
        data, self._unwritten = bytes(self._unwritten), bytearray()
        await asyncio.to_thread(self._append, self._logs, data)

    def _append(self, folder: Path, data: bytes) -> None:
        """A log that can't be written is a pity, not a failure of the tool: `log` stays empty then."""
        try:
            if self._file is None:
                path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}.log"
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
                self._file = in_folder(folder, lambda: os.open(path, flags, 0o600))
                self.log = str(path)
            while data:
                data = data[os.write(self._file, data) :]
        except OSError:
            with contextlib.suppress(OSError):
                if self._file is not None:
                    os.close(self._file)
            self._file, self._logs, self.log = None, None, ""


def in_folder(folder: Path, write: Callable[[], T]) -> T:
    """Write into a folder of logs, which is made where it is missing; what `write` gives.

    Twice where need be: a folder that stood empty may be let go of in between (`pruning.py`).
    """
    make_folder(folder)
    try:
        return write()
    except FileNotFoundError:
        make_folder(folder)
        return write()


def _whole_characters(data: bytes) -> str:
    """UTF-8 that was cut at both ends: a character that a cut went through is left out, what is no UTF-8 is U+FFFD."""
    start = 0
    while start < min(3, len(data)) and data[start] & 0xC0 == 0x80:
        start += 1
    end = len(data)
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0xC0:
            need = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            end = len(data) - back if need > back else end
            break
        if byte & 0x80 == 0:
            break
    return data[start:end].decode("utf-8", "replace")
