"""What if the terminal misbehaves? Bytes that are no UTF-8, keys that are none, a terminal that is gone.

Textual's own driver ends the program on the first, may end it on the second, and spins for ever on the third. This
one differs from it only there. It is used where Textual would use its driver for Linux and macOS.
"""

from __future__ import annotations

import codecs
import errno
import os
import select
import selectors
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from queue import Queue
from time import monotonic
from typing import IO, Any

from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui_chat.ui.terminal_modes import LEAVE

READ_BYTES = 4096
POLL_S = 0.1
RUN_OF_KEYS = 32
"""So many characters in one read were pasted by a terminal that doesn't say so: no hand types them."""
FLOOD_KEYS, FLOOD_KEYS_PER_S = 200, 1000.0
"""So many keys at once, or so many a second from then on, come from no hand: none of them is anybody's wish."""
NOISE_SHARE = 8
"""A flood of which one key in so many is none of a text is no text."""
LARGEST_SIDE = 1000
"""In cells. A terminal may say it is larger; nobody could read it, and laying it out would take for ever."""


class PatientWriter(WriterThread):
    """Writes to the terminal without ever being stuck in a write; takes what comes and drops it once told to.

    Textual's own ends with the first failed write; then its queue runs full, and whoever draws waits for ever. While
    the terminal is not read it stands in a write that nothing can end, and nobody can write a last word beside it.

    What the terminal takes at once is written by whoever asks for it: waking a thread costs more than most pictures do
    to be written. This thread waits for the terminal with the rest.
    """

    _queue: Queue[bytes | None]  # type: ignore[assignment]
    gone: Callable[[], None] = staticmethod(lambda: None)
    """Called once, on this thread, when the terminal is found to be gone."""
    dropping = False
    _terminal = -1

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file)
        self._turns = threading.RLock()  # a signal's handler may write, too

    def write(self, text: str) -> None:
        """Write text, after all that was asked for before it."""
        data = text.encode("utf-8", "replace")
        with self._turns:
            if self._terminal >= 0 and not self._queue.unfinished_tasks and not self.dropping:
                with suppress(OSError):  # it is full, or gone: the thread will see
                    data = data[os.write(self._terminal, data) :]
            if data:
                self._queue.put(data)

    def run(self) -> None:
        """Write what is asked for until told to stop."""
        try:
            self._terminal = terminal = open_terminal()
        except OSError:
            self._lost()
            terminal = -1
        while (data := self._queue.get()) is not None:
            self._write(terminal, data)
            self._queue.task_done()

    def stop(self) -> None:
        """Write what was asked for, then let go of the terminal; whoever asks is held up until that is done.

        The thread itself takes no turn for it: a signal's handler that stops it may have come in the middle of one.
        """
        super().stop()
        with self._turns:
            terminal, self._terminal = self._terminal, -1
            if terminal >= 0:
                os.close(terminal)

    def _write(self, terminal: int, rest: bytes) -> None:
        while rest and not self.dropping:
            try:
                rest = rest[os.write(terminal, rest) :]
            except BlockingIOError:
                select.select([], [terminal], [], POLL_S)
            except OSError:
                self._lost()

    def _lost(self) -> None:
        self.dropping = True
        self.gone()


def open_terminal() -> int:
    """The terminal, opened once more for writing that never waits; raises OSError where there is none.

    Not to wait must be no habit of the shell's, which has the same standard streams.
    """
    for stream in (sys.__stderr__, sys.__stdout__, sys.__stdin__):
        if stream is not None and not stream.closed and stream.isatty():
            return os.open(os.ttyname(stream.fileno()), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))


class TerminalDriver(LinuxDriver):
    """The driver of a terminal that may send anything and leave at any time."""

    terminal_gone: Callable[[], None] = staticmethod(lambda: None)
    """Called, on a thread, when the terminal was closed."""
    _picture: list[str] | None = None
    """The parts of the picture that is being written."""

    def start_application_mode(self) -> None:
        """Take the terminal over, with a writer that outlives it."""
        maker: Any = linux_driver  # the driver makes its writer in the middle of this
        before = maker.WriterThread
        maker.WriterThread = PatientWriter
        try:
            super().start_application_mode()  # type: ignore[no-untyped-call]
        finally:
            maker.WriterThread = before
        if isinstance(self._writer_thread, PatientWriter):
            self._writer_thread.gone = self.terminal_gone

    def write(self, data: str) -> None:
        """Hand text to the writer: what belongs to one picture in one piece, so that it is woken once for it."""
        if data == SYNC_START:
            self._picture = [data]
            return
        if self._picture:
            self._picture.append(data)
            if data != SYNC_END:
                return
            data, self._picture = "".join(self._picture), None
        super().write(data)

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal over anew; after a stop that nobody announced (`kill -STOP`), give it back first.

        Otherwise there would be two readers of what is typed, and its raw settings would be those to restore.
        """
        if self._auto_restart and self._key_thread is not None and self._key_thread.is_alive():
            self.suspend_application_mode()
        super()._sigcont_application()

    def free_terminal(self) -> None:
        """Give the terminal back though it is not read. What waits to be written is thrown away: nobody read it yet."""
        if self.attrs_before is None:
            return
        if isinstance(self._writer_thread, PatientWriter):
            self._writer_thread.dropping = True
        with suppress(OSError, termios.error):
            terminal = open_terminal()
            rest = LEAVE.encode()
            for _ in range(20):
                termios.tcflush(terminal, termios.TCOFLUSH)
                with suppress(BlockingIOError):
                    rest = rest[os.write(terminal, rest) :]
                if not rest:
                    break
                time.sleep(0.01)
        with suppress(termios.error):
            termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)

    def _get_terminal_size(self) -> tuple[int, int]:
        width, height = super()._get_terminal_size()
        return min(width, LARGEST_SIDE), min(height, LARGEST_SIDE)

    def send_message(self, message: Message) -> None:
        """Put a message into the app's queue, without a task made for it."""
        self._app.post_message(message)

    def process_message(self, message: Message) -> None:
        """Hand a message to the app; a size that can't be is no message of a terminal."""
        if not isinstance(message, events.Resize) or max(message.size) <= LARGEST_SIDE:
            super().process_message(message)

    def run_input_thread(self) -> None:
        """Read what is typed until told to stop, or until the terminal is gone."""
        keys = Keys(self._debug)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                typed = b""
                if selector.select(POLL_S):
                    try:
                        typed = os.read(self.fileno, READ_BYTES)
                    except (BlockingIOError, InterruptedError):
                        continue
                    except OSError:
                        typed = b""
                    if not typed:  # readable, and nothing to read: the other end was closed
                        self.terminal_gone()
                        return
                for message in keys.take(typed):
                    self.process_message(message)


class Keys:
    """Bytes of a terminal to keys; what can't be understood is passed over."""

    def __init__(self, debug: bool = False, clock: Callable[[], float] = monotonic) -> None:
        self._debug = debug
        self._clock = clock
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._parser = XTermParser(debug)
        self._too_fast = 0.0
        """How many keys came beyond what is no flood."""
        self._taken_s = clock()

    def take(self, typed: bytes) -> list[Message]:
        """The messages these bytes make, those that waited for more bytes and got none included."""
        messages: list[Message] = []
        if text := self._decoder.decode(typed):
            self._collect(self._parser.feed(text), messages)
        self._collect(self._parser.tick(), messages)
        if self._is_flood(sum(isinstance(message, events.Key) for message in messages)):
            messages = of_flood(messages)
        return list(as_pasted(messages)) if len(messages) >= RUN_OF_KEYS else messages

    def _is_flood(self, count: int) -> bool:
        now_s = self._clock()
        calmed = max(0.0, self._too_fast - (now_s - self._taken_s) * FLOOD_KEYS_PER_S)
        self._taken_s = now_s
        self._too_fast = min(calmed + count, 2.0 * FLOOD_KEYS)
        return self._too_fast >= FLOOD_KEYS

    def _collect(self, found: Iterable[Message], messages: list[Message]) -> None:
        try:
            messages.extend(found)
        except (ValueError, OverflowError, ArithmeticError, LookupError, TypeError, ParseError, EOFError):
            # A sequence with numbers that make no sense. The parser can't be used any more; its sizes are kept.
            before, self._parser = self._parser, XTermParser(self._debug)
            for name in ("mouse_pixels", "terminal_size", "terminal_pixel_size"):
                with suppress(AttributeError):
                    setattr(self._parser, name, getattr(before, name))


def of_flood(messages: list[Message]) -> list[Message]:
    """What of a flood of messages is to be heeded: of its keys only text, and none where they are noise.

    A line that is broken, or a file of bytes sent to the terminal, would press every key there is, for hours.
    """
    keys = [_text_of(message) for message in messages if isinstance(message, events.Key)]
    is_noise = sum(text in {"", "\ufffd"} for text in keys) * NOISE_SHARE > len(keys)
    return [
        message for message in messages if not isinstance(message, events.Key) or (not is_noise and _text_of(message))
    ]


def as_pasted(messages: Iterable[Message]) -> Iterator[Message]:
    """The messages, each long run of characters among them as one paste.

    Taken key by key, the time for a run grows with its square: 8 kB would hold the screen up for a minute.
    """
    for is_text, run in groupby(messages, key=lambda message: bool(_text_of(message))):
        some = list(run)
        if is_text and len(some) >= RUN_OF_KEYS:
            text = "".join(map(_text_of, some))
            yield events.Paste(text.removesuffix("\n"))
            some = some[-1:] if text.endswith("\n") else []  # whether that one sends is the prompt's to decide
        yield from some


def _text_of(message: Message) -> str:
    if not isinstance(message, events.Key):
        return ""
    if message.key in ("enter", "ctrl+j"):
        return "\n"
    return message.character if message.character and (message.is_printable or message.key == "tab") else ""
