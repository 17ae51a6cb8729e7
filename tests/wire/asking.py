"""Puts questions to a fake gateway over a real socket, and says what came of them."""

from __future__ import annotations

from contextlib import aclosing

from tui_chat import words
from tui_chat.errors import WireError
from tui_chat.wire.client import Client, Endpoint
from tui_chat.wire.delta import Waiting
from tui_chat.wire.messages import Message, Text
from tui_chat.wire.reply import Reply
from tui_chat.wire.request import Request

KEY = "sk-" + "aB3" * 16
ASK = Request("gpt-4o-mini", (Message("user", (Text("Hi 你好 \ud83d"),)),), {"temperature": 0.5})
PLAIN = Request("gpt-4o-mini", (Message("user", (Text("Hi"),)),), {"stream": False})


class Told:
    """What a client yielded and how it ended."""

    def __init__(self):
        self.reply = Reply()
        self.deltas = []
        self.waits = []
        self.error = None

    @property
    def key(self):
        return self.error.key if self.error else ""


class Waits:
    """Stands in for sleep: waits not at all, and remembers how long it should have."""

    def __init__(self):
        self.seconds = []

    async def __call__(self, seconds):
        self.seconds.append(seconds)


def client_for(gateway, **options):
    options.setdefault("sleep", Waits())
    return Client(Endpoint(gateway.base_url, KEY), env={}, jitter=lambda: 0.0, **options)


def speakable(error):
    """The error, after both its sentences could be said in both languages with the facts it brings."""
    for language in words.LANGUAGES:
        for sentence in ("says", "advice"):
            assert words.sentences(language)[f"{error.key}.{sentence}"].format_map(error.facts)
    return error


async def ask(client, request=ASK, load_blob=lambda sha: b""):
    told = Told()
    try:
        async with aclosing(client.stream(request, load_blob)) as signals:
            async for signal in signals:
                if isinstance(signal, Waiting):
                    told.waits.append(signal)
                else:
                    told.deltas.append(signal)
                    told.reply.fold(signal)
    except WireError as error:
        told.error = speakable(error)
    finally:
        await client.aclose()
    return told
