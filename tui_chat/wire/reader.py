"""How the body of an answer becomes deltas, whatever form it takes.

Headers can't be trusted: an event stream may be labelled JSON, JSON or a web page may be labelled a stream, errors come
as events, as bare lines between events, or as the whole body. So everything goes through the event decoder, and what is
no event is looked at when the body ends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from tui_chat.errors import WireError
from tui_chat.wire.alike import Alike
from tui_chat.wire.catalogue import explain, refusal, with_id
from tui_chat.wire.delta import Delta
from tui_chat.wire.dialect import decode
from tui_chat.wire.sse import LIMIT_BYTES, SseDecoder, SseEvent

_DONE = "[DONE]"


class AnswerReader:
    """Reads the body of one answer with status 200. Give it all bytes, then `finish`."""

    def __init__(
        self, status: int, headers: Mapping[str, str], limit_bytes: int = LIMIT_BYTES, secret: str = ""
    ) -> None:
        """`headers` by names in lower case; `secret` is the key, never to stand in an error."""
        self.done = False
        """Whether `[DONE]` came."""
        self.failure: WireError | None = None
        self.said = 0
        """How many deltas said something."""
        self.request_id = headers.get("x-oneapi-request-id") or headers.get("x-request-id") or ""
        self._status = status
        self._headers = headers
        self._secret = secret
        self._decoder = SseDecoder(limit_bytes)
        self._choices: dict[int, bool] = {}
        """Every choice seen, and whether it ended."""
        self._unread = ""
        self._first = True
        self._alike = Alike()
        self._usual = Delta()
        """What the event said that `_alike` knows."""

    @property
    def ended(self) -> bool:
        """Whether every choice ended."""
        return bool(self._choices) and all(self._choices.values())

    def take(self, chunk: bytes) -> list[Delta]:
        """The deltas that these bytes complete; those before a failure are returned, then `failure` is set."""
        try:
            return self._read(self._decoder.feed(chunk))
        except WireError as error:
            self.failure = error
            return []

    def finish(self) -> list[Delta]:
        """What the end of the body completes: a last event, a whole JSON answer, or the reason why there is none."""
        if self.failure is not None:
            return []
        try:
            deltas = [] if self.done else self._read(self._decoder.finish())
            return deltas if self.failure is not None else deltas + self._rest()
        except WireError as error:
            self.failure = error
            return []

    def _read(self, events: list[SseEvent]) -> list[Delta]:
        deltas: list[Delta] = []
        words: list[str] = []
        try:
            for event in events:
                if content := self._alike.content_of(event.data) if not event.name else "":
                    words.append(content)
                    continue
                self._tell(words, deltas)
                if self.done:
                    break
                self._read_event(event, deltas)
            self._tell(words, deltas)
        except WireError as error:
            self.failure = error
        return deltas

    def _tell(self, words: list[str], into: list[Delta]) -> None:
        """Make one delta of the words that went on as the event before them did."""
        if words and not self.done:
            into.append(replace(self._usual, text="".join(words), events=len(words)))
            self.said += len(words)
            self._choices.setdefault(self._usual.choice, False)
        words.clear()

    def _read_event(self, event: SseEvent, deltas: list[Delta]) -> None:
        data = event.data
        payload = _parsed(data)
        if payload is not None:
            before = len(deltas)
            self._decoded(payload, event.name, deltas)
            if len(deltas) == before + 1 and not event.name:
                self._learn(data, payload, deltas[before])
        elif data.strip() == _DONE:
            self.done = True
        elif "\n" in data:
            for line in data.split("\n"):  # events without blank lines between them
                self._read_event(SseEvent(line, event.name), deltas)
        elif not self._unread:
            self._unread = data[:2000]

    def _learn(self, data: str, payload: object, delta: Delta) -> None:
        """Have the events that go on as this one did read quickly, where it brought nothing but words."""
        usual = replace(delta, text="", request_id="")
        about = Delta(
            usual.choice,
            id=usual.id,
            model=usual.model,
            service_tier=usual.service_tier,
            system_fingerprint=usual.system_fingerprint,
            created=usual.created,
        )
        if delta.text and usual == about and isinstance(payload, dict) and self._alike.learn(data, delta.text, payload):
            self._usual = usual

    def _rest(self) -> list[Delta]:
        """What came besides events."""
        deltas: list[Delta] = []
        stray = self._decoder.stray.strip()
        payload = _parsed(stray) if stray else None
        if payload is not None:
            self._decoded(payload, "", deltas)
        if self.said or any(self._choices.values()):
            return deltas
        words = stray or ("" if self._unread.lstrip().startswith(("{", "[")) else self._unread)
        if words and payload is None:
            error = explain(self._status, self._headers, words.encode(), secret=self._secret)
        else:
            error = WireError("error.empty_answer", retryable=True, status=self._status)
        self.failure = with_id(error, self.request_id)
        return deltas

    def _decoded(self, payload: object, name: str, into: list[Delta]) -> None:
        while isinstance(payload, list):
            payload = payload[0] if payload else {}
        if not isinstance(payload, dict):
            return
        table: Mapping[str, Any] = payload
        if name == "error" and not table.get("error"):
            table = {"error": table}
        try:
            deltas = decode(table)
        except RecursionError:
            return
        except WireError as error:
            raise with_id(refusal(table, secret=self._secret) or error, self.request_id) from None
        for delta in deltas:
            says = delta.says_something
            self.said += says
            if says or delta.finish_reason or delta.role:
                self._choices[delta.choice] = bool(delta.finish_reason) or self._choices.get(delta.choice, False)
        if deltas and self._first:
            self._first = False
            deltas[0] = replace(deltas[0], request_id=self.request_id)
        into += deltas


def _parsed(text: str) -> object:
    """The JSON in a text; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
