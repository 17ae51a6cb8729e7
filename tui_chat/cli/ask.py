"""`yibu-chat ask`: one question, its answer on stdout as it comes, through the same desk as the screen's."""

from __future__ import annotations

import json
import os
import queue
import sys
from argparse import Namespace
from pathlib import Path

from tui_chat import words
from tui_chat.attach import attach_file, image_url
from tui_chat.attach.sources import is_image_url
from tui_chat.chat.desk import View
from tui_chat.chat.events import Changed, Event, Grew, NotSaved, Restarted, Retrying, TurnEnded, TurnStarted
from tui_chat.chat.node import Node
from tui_chat.chat.tree import NodeAdded
from tui_chat.cli import (
    EXIT_BROKEN_PIPE,
    EXIT_ERROR,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    EXIT_WHOLE,
    EXIT_WRITE_FAILED,
    sentence,
    stopped_code,
)
from tui_chat.cli.answer import as_json
from tui_chat.cli.asking import connected, schema_format, typed_values, warn
from tui_chat.errors import ChatError, StoreError, UsageError
from tui_chat.wire.messages import Message, Part, Text
from tui_chat.wire.params import Value
from tui_chat.wiring import House

STDIN_LIMIT_BYTES = 32 * 1024 * 1024


def run(options: Namespace) -> int:
    """Ask, print, return the exit code."""
    values = typed_values(options.values)
    if options.no_stream:
        values["stream"] = False
    if options.schema:
        values["response_format"] = schema_format(options.schema)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    house = House(events.put)
    try:
        parts = _parts(options, house)
        with connected(house, options):
            view = _chat(options, house, values)
            if view.read_only is not None:
                raise view.read_only
            tree = view.conversation
            said = (tree.node(id).message() for id in tree.path())
            head = tree.head
            warn(head.values, head.model, [Message("system", (Text(head.system),)), *said, Message("user", parts)])
            return _Conversation(house, view, options, events).hold(parts)
    finally:
        house.close()


def _parts(options: Namespace, house: House) -> tuple[Part, ...]:
    prompt = " ".join(options.prompt)
    if not sys.stdin.isatty():
        piped = sys.stdin.buffer.read(STDIN_LIMIT_BYTES + 1)
        if len(piped) > STDIN_LIMIT_BYTES:
            raise UsageError("error.stdin_too_large", megabytes=STDIN_LIMIT_BYTES // 1024 // 1024)
        prompt = "\n\n".join(text for text in (prompt, piped.decode("utf-8", "replace").strip("\n")) if text)
    limit = house.settings.attachment_limit_mb * 1024 * 1024
    parts: list[Part] = []
    for source in [*options.images, *options.files]:
        if is_image_url(source):
            parts.append(image_url(source))
            continue
        attached = attach_file(
            Path(source).expanduser(),
            keep=house.blobs.keep,
            limit_bytes=limit,
            as_text=True,
            private=(house.places.credentials_file,),
            image_limit_px=house.settings.image_limit_px,
        )
        parts.append(attached.part)
    if not prompt.strip() and not parts:
        raise UsageError("error.nothing_asked")
    return (*parts, Text(prompt)) if prompt.strip() else tuple(parts)


def _chat(options: Namespace, house: House, values: dict[str, Value]) -> View:
    engine, desk = house.engine, house.desk
    chat = house.library.find(options.chat) if options.chat else house.library.latest() if options.last else None
    if chat is None:
        if options.last:
            raise StoreError("error.no_chat_yet")
        head = house.new_head(
            model=options.model,
            system=options.system,
            values=values,
            temporary=options.no_save,
        )
        return engine.submit(desk.new(head)).result()
    view = engine.submit(desk.open(chat)).result()
    head = view.conversation.head
    changes: dict[str, object] = {}
    if options.model or (house.connection is not None and house.connection.local_model):
        changes["model"] = options.model or (house.connection.local_model if house.connection else "")
    if options.system:
        changes["system"] = options.system
    if values:
        changes["values"] = {**head.values, **values}
    if changes and view.read_only is None:
        engine.submit(desk.set_head(chat, **changes)).result()
    return view


class _Conversation:
    """One question sent, and what comes of it followed to its end."""

    def __init__(self, house: House, view: View, options: Namespace, events: queue.SimpleQueue[Event]) -> None:
        self._house = house
        self._chat = view.conversation.head.id
        self._json = options.json
        self._events = events
        self._node = ""
        self._answer: Node | None = None
        self._ends_in_newline = True
        self._write_failure = 0

    def hold(self, parts: tuple[Part, ...]) -> int:
        """Send, follow, report; returns the exit code."""
        try:
            self._house.engine.submit(self._house.desk.send(self._chat, parts)).result()
            ended = self._follow()
        except KeyboardInterrupt as told:
            self._house.engine.submit(self._house.desk.stop(self._chat)).result()
            ended = self._follow(until_empty=True)
            self._close_line()
            self._report(ended)
            return stopped_code(told)
        self._close_line()
        self._report(ended)
        if self._write_failure:
            return self._write_failure
        if ended is None or ended.finish == "error":
            usage = ended is not None and ended.failure is not None and ended.failure.key == "error.no_model"
            return EXIT_USAGE if usage else EXIT_ERROR
        return EXIT_INTERRUPTED if ended.finish in {"interrupted", "stopped"} else EXIT_WHOLE

    def _follow(self, until_empty: bool = False) -> TurnEnded | None:
        while True:
            try:
                # A bounded wait, so that Ctrl+C is heard on every platform.
                event = self._events.get(timeout=0 if until_empty else 0.5)
            except queue.Empty:
                if until_empty:
                    return None
                continue
            match event:
                case TurnStarted(_, node):
                    self._node = node.id
                case Grew(_, node_id, text) if node_id == self._node:
                    self._write(text)
                case Restarted():
                    print(words.t("cli.restarted"), file=sys.stderr)
                case Retrying(_, _, attempt, limit, delay_s, failure):
                    said = words.t(f"{failure.key}.says", **failure.facts)
                    print(
                        words.t("cli.retrying", said=said, attempt=attempt, limit=limit, seconds=round(delay_s)),
                        file=sys.stderr,
                    )
                case NotSaved(_, key, facts):
                    print(sentence(StoreError(key, **facts)), file=sys.stderr)
                case Changed(_, NodeAdded(node)) if node.id == self._node:
                    self._answer = node
                case TurnEnded():
                    return event

    def _write(self, text: str) -> None:
        if self._json or self._write_failure or not text:
            return
        if sys.stdout.isatty():
            from tui_chat.ui.gate import visible  # pulls in no Textual: only the filter of what may reach a terminal

            text = visible(text)
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
            self._ends_in_newline = text.endswith("\n")
        except BrokenPipeError:
            self._give_up_writing(EXIT_BROKEN_PIPE)
        except OSError as error:
            print(words.t("cli.write_failed", reason=error.strerror or str(error)), file=sys.stderr)
            self._give_up_writing(EXIT_WRITE_FAILED)

    def _give_up_writing(self, code: int) -> None:
        """Nobody reads on: stop the answer; what came of it stays in the chat."""
        self._write_failure = code
        # The interpreter flushes stdout at its end: give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        self._house.engine.submit(self._house.desk.stop(self._chat))

    def _close_line(self) -> None:
        if not self._ends_in_newline and not self._write_failure:
            print(flush=True)

    def _report(self, ended: TurnEnded | None) -> None:
        if self._json:
            print(json.dumps(as_json(self._answer, ended), ensure_ascii=False), flush=True)
        if ended is None:
            return
        if ended.failure is not None:
            error = ChatError(ended.failure.key, **ended.failure.facts)
            print(sentence(error), file=sys.stderr)
        elif ended.finish == "interrupted":
            print(words.t("cli.interrupted"), file=sys.stderr)
        elif ended.finish == "length":
            print(words.t("cli.cut_by_length"), file=sys.stderr)
