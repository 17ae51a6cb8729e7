"""Which answers did the gateway keep (`store: true`)? Lists them, shows one with its messages, marks and deletes it.

Most gateways have no such routes, and say so in many ways: status 404, 405 or 501, or their website's first page. All
of them end as one error here, "error.stored_unsupported". Nothing is retried.

Source: chat-completions 聊天补全列表对象 and 聊天补全消息列表对象; query and bodies from the gateway's documents.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Literal
from urllib.parse import quote, urlencode

from msgspec import Struct, field
from msgspec.structs import replace

from tui_chat.errors import UsageError, WireError
from tui_chat.wire.catalogue import explain, refusal, with_id
from tui_chat.wire.http import Http
from tui_chat.wire.kinds import Pairs
from tui_chat.wire.stored_objects import (
    Page,
    StoredCompletion,
    StoredMessage,
    read_completion,
    read_message,
    read_page,
)

Order = Literal["", "asc", "desc"]
MOST = 100
"""Rows that a page may have."""
_PATH = "/chat/completions"
_NO_SUCH_ROUTE = frozenset({"error.wrong_path", "error.html_answer", "error.not_implemented"})
_NO_SUCH_STATUS = frozenset({404, 405, 501})
_NO_ROUTE_WORDS = re.compile(r"invalid url|not found\W*$|no route|cannot (get|post|delete)|not allowed", re.IGNORECASE)
_UNKNOWN_WORDS = re.compile(
    r"completion.{0,80}(not found|does not exist)|no (such )?(stored )?(chat )?completion", re.I
)


class Query(Struct, frozen=True):
    """Which stored completions."""

    after: str = ""
    """The id after which to go on: a page's `last_id`."""
    limit: int | None = None
    """Rows of a page, 1 to 100; None for as many as the gateway likes (20)."""
    order: Order = ""
    model: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Only those that bear all of these."""

    def encoded(self) -> str:
        """As it stands behind the `?`; raises UsageError for what can't be asked."""
        pairs = [("after", self.after), ("model", self.model), ("order", self.order)]
        if self.limit is not None:
            if not 1 <= self.limit <= MOST:
                raise UsageError("error.stored_limit", most=MOST, limit=self.limit)
            pairs.append(("limit", str(self.limit)))
        pairs += [(f"metadata[{key}]", text) for key, text in self.metadata.items()]
        return urlencode([(name, value) for name, value in pairs if value or name.startswith("metadata[")])


EVERYTHING = Query()


class Stored:
    """The stored completions of one key."""

    def __init__(self, http: Http, *, secret: str = "") -> None:
        """`http` leads to the API; `secret` is the key, taken out of whatever the gateway says."""
        self._http = http
        self._secret = secret

    async def page(self, query: Query = EVERYTHING) -> Page[StoredCompletion]:
        """Some of them; raises WireError where the gateway has none to show, UsageError for what can't be asked."""
        asked = query.encoded()
        payload = await self._json("GET", f"{_PATH}?{asked}" if asked else _PATH)
        try:
            return read_page(payload, read_completion)
        except WireError as error:
            raise _absent(error) from None

    async def get(self, id: str) -> StoredCompletion:
        """One of them; raises WireError "error.stored_unknown" where there is none of that id."""
        return self._completion(await self._json("GET", _path(id), id))

    async def messages(self, id: str, query: Query = EVERYTHING) -> Page[StoredMessage]:
        """Some of the messages that were sent for it, by `after`, `limit` and `order` of the query."""
        asked = replace(query, model="", metadata={}).encoded()
        path = f"{_path(id)}/messages"
        payload = await self._json("GET", f"{path}?{asked}" if asked else path, id)
        try:
            return read_page(payload, read_message)
        except WireError as error:
            raise _absent(error) from None

    async def all_messages(self, id: str, most: int = 10_000) -> AsyncGenerator[StoredMessage, None]:
        """Its messages in order, page after page, at most so many."""
        after, count = "", 0
        while count < most:
            page = await self.messages(id, Query(after=after, limit=MOST, order="asc"))
            for row in page.rows:
                yield row
            count += len(page.rows)
            if not page.has_more or page.last_id == after:
                return
            after = page.last_id

    async def update(self, id: str, metadata: Mapping[str, str]) -> StoredCompletion:
        """Give it this metadata in place of what it has; returns it as it is then.

        Raises:
            UsageError: more than 16 pairs, or keys or values that are too long.
            WireError: the gateway did not do it.
        """
        if metadata:
            Pairs().check("metadata", dict(metadata))
        return self._completion(await self._json("POST", _path(id), id, {"metadata": dict(metadata)}))

    async def delete(self, id: str) -> None:
        """Delete it for good; raises WireError where it is still there."""
        payload = await self._json("DELETE", _path(id), id)
        if payload.get("deleted") is False:
            raise WireError("error.stored_kept", completion=id)

    def _completion(self, payload: Mapping[str, Any]) -> StoredCompletion:
        try:
            return read_completion(payload)
        except WireError as error:
            raise _absent(error) from None

    async def _json(self, method: str, path: str, id: str = "", body: object = None) -> Mapping[str, Any]:
        content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            async with self._http.send(method, path, content) as answer:
                received = await answer.read()
                request_id = answer.request_id
                try:
                    payload = json.loads(received.decode("utf-8-sig")) if received or method != "DELETE" else {}
                except (ValueError, RecursionError):
                    error = explain(answer.status, answer.headers, received, secret=self._secret)
                    if error.key == "error.server_error":
                        error = WireError("error.wrong_path", status=answer.status, told="—", id="—")
                    raise with_id(error, request_id) from None
                if not isinstance(payload, dict):
                    raise WireError("error.wrong_path", status=answer.status, told="—", id="—")
                refused = refusal(payload, secret=self._secret)
                if refused is not None:
                    raise with_id(refused, request_id)
                return payload
        except WireError as error:
            raise _absent(error, id) from None


def _path(id: str) -> str:
    if not id.strip():
        raise UsageError("error.stored_no_id")
    return f"{_PATH}/{quote(id.strip(), safe='')}"


def _absent(error: WireError, id: str = "") -> WireError:
    """What an error means here: no such route, no such completion, or what it says itself."""
    if error.key not in _NO_SUCH_ROUTE and error.status not in _NO_SUCH_STATUS:
        return error
    said = error.message
    knows_it = bool(_UNKNOWN_WORDS.search(said)) or (bool(id) and id in said)
    if id and error.status == 404 and knows_it and not _says_no_route(said, id):
        return WireError("error.stored_unknown", status=404, message=said, completion=id)
    return WireError("error.stored_unsupported", status=error.status, message=said)


def _says_no_route(said: str, id: str) -> bool:
    """Whether the words speak of the address, not of what is asked for there."""
    return f"/{id}" in said or (bool(_NO_ROUTE_WORDS.search(said)) and not _UNKNOWN_WORDS.search(said))
