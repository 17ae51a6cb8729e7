"""How a question is put to the gateway and its answer brought back: one request, its retries, its stream of deltas.

Nothing here is kept, drawn or spoken. Every answer is read in one way, whatever its headers claim: as an event
stream, with what is no event stream (JSON, HTML) taken from what the decoder put aside.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING

from msgspec import Struct

from tui_chat import __version__
from tui_chat.discreet import Discreet
from tui_chat.errors import WireError
from tui_chat.wire import params
from tui_chat.wire import request as asking
from tui_chat.wire.catalogue import automatic_retries, explain, refusal, with_id
from tui_chat.wire.delta import Delta, Waiting
from tui_chat.wire.dialect import whole_text
from tui_chat.wire.exchange import Exchange, Exchanges, in_pieces
from tui_chat.wire.gateway import Model, clean_key, is_loopback, read_models, site_root
from tui_chat.wire.http import Answer, Http, Timeouts
from tui_chat.wire.reader import AnswerReader
from tui_chat.wire.request import LoadBlob, Request
from tui_chat.wire.retry import PATIENCE_S, pause_s
from tui_chat.wire.sse import LIMIT_BYTES

if TYPE_CHECKING:
    from tui_chat.wire.balance import Balance
    from tui_chat.wire.charges import Charge
    from tui_chat.wire.pricing import PriceList
    from tui_chat.wire.site import Site
    from tui_chat.wire.stored import Stored
    from tui_chat.wire.tokens import Token

RETRIES = 2
_AFTER_DONE_S = 0.5
"""How long to wait for the end of a body after `[DONE]`, so that its connection can serve again."""
_SITE_WAIT_S = 15.0


class Endpoint(Discreet, Struct, frozen=True):
    """Where to ask, and with which key."""

    SHOWN = ("base_url",)

    base_url: str
    """As `gateway.normalise_base_url` gives it."""
    api_key: str


class Client:
    """Asks one endpoint. Nothing is opened before the first request; `aclose` closes what was."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        language: str = "en",
        timeouts: Timeouts | None = None,
        no_content_s: float = 300.0,
        ca_file: str = "",
        limit_bytes: int = LIMIT_BYTES,
        env: Mapping[str, str] | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        exchanges: Exchanges | None = None,
    ) -> None:
        """Prepare to ask.

        Args:
            endpoint: address and key; a local server may do without a key.
            language: "zh" or "en"; the gateway words its errors in it.
            timeouts: see `Timeouts`.
            no_content_s: how long heartbeats alone keep an answer alive.
            ca_file: certificates to trust besides the system's.
            limit_bytes: bound of one event.
            env: where proxy variables are looked up.
            sleep: waits before a retry.
            jitter: a number from 0 to 1.
            exchanges: remembers what goes over the line when a question is asked; one of its own by default.
        """
        self.exchanges = exchanges if exchanges is not None else Exchanges()
        self.endpoint = endpoint
        self._no_content_s = no_content_s
        self._limit_bytes = limit_bytes
        self._sleep = sleep
        self._jitter = jitter
        self._language = language
        self._timeouts, self._ca_file, self._env = timeouts, ca_file, env
        self._http: Http | None = None
        self._site: Site | None = None

    async def stream(self, request: Request, load_blob: LoadBlob) -> AsyncGenerator[Delta | Waiting, None]:
        """Ask; yields the answer's deltas as they come, and `Waiting` before each retry.

        Use it through `contextlib.aclosing`: closing the generator closes the connection. An answer that was not
        streamed yields its deltas at once. A stream that ends without a finish reason just ends; whether the answer is
        whole is `Reply.complete`'s to say. Retries (at most 2) happen only before the first byte of an answer.

        Raises:
            WireError: no answer, or an answer that failed; what came before was yielded.
            UsageError: a key or a parameter that can't be sent.
            AttachError: a blob of the request is gone.
        """
        http = self._connected()
        body = await asyncio.to_thread(_encoded, request, load_blob)
        pieces = await asyncio.to_thread(in_pieces, body)
        headers = params.headers(request.values)
        attempt = 0
        while True:
            began = False
            try:
                with self.exchanges.record(request.model, pieces, attempt + 1) as exchange:
                    async with http.send(
                        "POST", "/chat/completions", body, model=request.model, headers=headers, exchange=exchange
                    ) as answer:
                        began = True
                        async with aclosing(self._batches(answer, exchange)) as batches:
                            async for batch in batches:
                                for delta in batch:
                                    yield delta
                return
            except WireError as error:
                attempt += 1
                waiting = None if began else self._before_retry(attempt, error)
                if waiting is None:
                    raise
            yield waiting
            await self._sleep(waiting.delay_s)

    async def models(self) -> list[Model]:
        """The model list, in the server's order; raises WireError where there is none to be had."""
        async with self._connected().send("GET", "/models") as answer:
            content = await answer.read()
            try:
                payload = json.loads(content.decode("utf-8-sig"))
            except (ValueError, RecursionError):
                error = explain(answer.status, answer.headers, content, secret=self.endpoint.api_key)
                if error.key == "error.server_error":
                    error = WireError("error.wrong_path", status=answer.status, told=error.facts["told"], id="—")
                raise with_id(error, answer.request_id) from None
            try:
                return read_models(payload)
            except WireError as failed:
                told = refusal(payload, secret=self.endpoint.api_key) if isinstance(payload, dict) else None
                raise with_id(told or failed, answer.request_id) from None

    async def test(self) -> None:
        """Try address and key with a model list; raises WireError that says in words what is wrong."""
        await self.models()

    async def balance(self) -> Balance:
        """What is left on the key, asked at most once a minute; raises WireError where that can't be learned."""
        return await self._asked_site().balance()

    async def prices(self) -> PriceList:
        """The gateway's price list; raises WireError where it has none, or shows it only after a login."""
        return await self._asked_site().prices()

    async def charges(self) -> tuple[Charge, ...]:
        """What the gateway took for this key's requests, newest first; raises WireError where it does not tell."""
        return await self._asked_site().charges()

    async def tokens(self, text: str) -> list[Token]:
        """The tokens of a short text; raises WireError where the server can't tell."""
        from tui_chat.wire.tokens import tokens_of

        http = self._http_to(site_root(self.endpoint.base_url.rstrip("/")), Timeouts(*[_SITE_WAIT_S] * 3))
        try:
            return await tokens_of(http, text)
        finally:
            await http.aclose()

    @property
    def stored(self) -> Stored:
        """The answers that the gateway keeps; raises WireError where there is no key to ask with."""
        from tui_chat.wire.stored import Stored

        return Stored(self._connected(), secret=self.endpoint.api_key)

    async def aclose(self) -> None:
        """Close every connection."""
        http, self._http = self._http, None
        site, self._site = self._site, None
        for open_ in (http, site):
            if open_ is not None:
                await open_.aclose()

    def _connected(self) -> Http:
        if self._http is None:
            self._http = self._http_to(self.endpoint.base_url, self._timeouts)
        return self._http

    def _asked_site(self) -> Site:
        """The site around the API; nobody waits long for what is only nice to know."""
        if self._site is None:
            from tui_chat.wire.site import Site

            base_url = self.endpoint.base_url.rstrip("/")
            root = site_root(base_url)
            http = self._http_to(root, Timeouts(_SITE_WAIT_S, _SITE_WAIT_S, _SITE_WAIT_S))
            self._site = Site(http, base_url.removeprefix(root), secret=self.endpoint.api_key)
        return self._site

    def _http_to(self, base_url: str, timeouts: Timeouts | None) -> Http:
        headers = {
            "Accept": "text/event-stream, application/json",
            "Accept-Encoding": "identity",
            "Accept-Language": "zh-CN" if self._language == "zh" else "en",
            "Content-Type": "application/json",
            "User-Agent": f"yibu-chat/{__version__}",
        }
        key = self.endpoint.api_key
        if key:
            key = clean_key(key)
            headers["Authorization"] = f"Bearer {key}"
        elif not is_loopback(base_url):
            raise WireError("error.key_missing")
        return Http(base_url, headers, timeouts=timeouts, ca_file=self._ca_file, env=self._env, secret=key)

    def _before_retry(self, attempt: int, error: WireError) -> Waiting | None:
        """How long to wait before sending the request again; None where it is not to be sent again."""
        limit = min(RETRIES, automatic_retries(error))
        delay_s = pause_s(attempt, error.retry_after_s, self._jitter())
        if attempt > limit or delay_s > PATIENCE_S:
            return None
        return Waiting(attempt, limit, delay_s, error.key, dict(error.facts))

    async def _batches(self, answer: Answer, exchange: Exchange) -> AsyncGenerator[list[Delta], None]:
        """The deltas of an answer, as many at a time as one read of the socket brings."""
        reader = AnswerReader(answer.status, answer.headers, self._limit_bytes, self.endpoint.api_key)
        deadline = time.monotonic() + self._no_content_s
        failure: WireError | None = None
        try:
            async with aclosing(answer.chunks(gather=True)) as chunks:
                async for chunk in chunks:
                    said = reader.said
                    batch = reader.take(chunk)
                    if batch:
                        if not said and reader.said:
                            exchange.spoke(batch[0].id)
                        yield batch
                    if reader.failure is not None:
                        break
                    if reader.done:
                        await _drain(chunks)
                        break
                    if reader.said != said:
                        deadline = time.monotonic() + self._no_content_s
                    elif time.monotonic() > deadline:
                        raise WireError("error.no_content", retryable=True, seconds=f"{self._no_content_s:g}")
        except WireError as error:
            failure = with_id(error, answer.request_id)
        batch = reader.finish()
        if batch:
            exchange.spoke(batch[0].id)
            yield batch
        if failure is not None and failure.key == "error.stream_cut" and reader.ended:
            failure = None  # cut after the last word: nothing is missing
        failure = failure or reader.failure
        if failure is not None:
            raise failure


async def _drain(chunks: AsyncGenerator[bytes, None]) -> None:
    """Read what follows the end, if it comes at once: a connection read to its end can serve again."""
    try:
        async with asyncio.timeout(_AFTER_DONE_S):
            for _ in range(16):
                await anext(chunks)
    except (StopAsyncIteration, TimeoutError, WireError):
        return


def _encoded(request: Request, load_blob: LoadBlob) -> bytes:
    body = json.dumps(asking.encode(request, load_blob), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return whole_text(body).encode()
