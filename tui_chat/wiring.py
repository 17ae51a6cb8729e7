"""Where rooms are plugged together: settings → client → desk. Both doors, terminal and headless, start here."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from tui_chat import words
from tui_chat.chat.desk import Desk
from tui_chat.chat.events import Event
from tui_chat.chat.node import Head, new_id
from tui_chat.chat.tree import NodeAdded
from tui_chat.disk import expanded
from tui_chat.engine import Engine
from tui_chat.errors import StoreError, WireError
from tui_chat.store import keys, model_cache, settings
from tui_chat.store.blobs import Blobs
from tui_chat.store.drafts import Draft, Drafts
from tui_chat.store.places import Places, places
from tui_chat.store.sessions import Library
from tui_chat.tools.tool import Surroundings
from tui_chat.wire.client import Client, Endpoint
from tui_chat.wire.delta import Delta, Waiting
from tui_chat.wire.exchange import Exchanges
from tui_chat.wire.gateway import Model, is_loopback, is_unencrypted, normalise_base_url
from tui_chat.wire.http import Timeouts
from tui_chat.wire.messages import Part, Text
from tui_chat.wire.params import Values
from tui_chat.wire.proxy import proxy_variables
from tui_chat.wire.redaction import protect
from tui_chat.wire.request import Request
from tui_chat.wire.roles import as_sent

if TYPE_CHECKING:
    from tui_chat.store.price_cache import RememberedPrices
    from tui_chat.tools.box import Box
    from tui_chat.tools.mcp_servers import Servers
    from tui_chat.wire.balance import Balance
    from tui_chat.wire.charges import Charge
    from tui_chat.wire.pricing import PriceList
    from tui_chat.wire.stored import Stored
    from tui_chat.wire.tokens import Token


class Connection(Struct, frozen=True):
    """Whom we talk to now."""

    endpoint: Endpoint
    source: str
    """Where the key came from, for `doctor` and settings: "YIBU_API_KEY", "credentials.toml", "local" …"""
    local_model: str = ""
    """Name of the embedded model where it is the one that answers."""


class House:
    """Every room, plugged together."""

    def __init__(
        self,
        emit: Callable[[Event], None],
        *,
        env: Mapping[str, str] = os.environ,
        flags: Mapping[str, object] | None = None,
    ) -> None:
        """Read places and settings, find the key; nothing touches the network yet.

        Args:
            emit: told every event of every chat, on the engine's thread.
            env: the environment to read.
            flags: settings given on the command line, by name; they win.

        Raises:
            SettingsError: a settings file can't be used; says which and why.
        """
        self.env = env
        self.places: Places = places(env)
        self.settings = settings.load(self.places, env, flags or {})
        words.speak(self.settings.spoken_language)
        self.engine = Engine()
        self.blobs = Blobs(self.places.blobs)
        self.library = Library(self.places)
        self.drafts = Drafts(self.places)
        self.connection: Connection | None = None
        self.exchanges = Exchanges()
        """What went over the line in this run, to be looked at."""
        self.servers: Servers | None = None
        """The person's MCP servers, once `open_servers` was asked for them."""
        self.server_changed: Callable[[str], object] = lambda name: None
        """Told on the engine's thread the name of an MCP server whose state or tools changed."""
        self._servers_lock = threading.Lock()
        self._client: Client | None = None
        self._former: list[Client] = []
        self.desk = Desk(
            ask=self.ask,
            shelf=self.library,
            blobs=self.blobs,
            engine=self.engine,
            emit=_never_failing(emit),
            continue_prompt=lambda: "" if self.costs_nothing else words.t("chat.continue_prompt"),
            toolbox=self.toolbox,
            surroundings=self.surroundings,
            servers=partial(self.open_servers, begin=True),
        )

    def find_connection(self) -> Connection | None:
        """Connect with the first key found, if there is one; raises SettingsError where a source of keys fails."""
        found = keys.find_key(self.settings, self.places, self.env)
        if found is not None:
            self.connect(Connection(Endpoint(normalise_base_url(self.settings.base_url), found.key), found.source))
        return self.connection

    def connect(self, connection: Connection) -> None:
        """Talk to this endpoint from now on; turns on their way keep theirs."""
        self.connection = connection
        if self._client is not None:
            self._former.append(self._client)
            self._client = None

    def new_head(
        self,
        *,
        model: str = "",
        system: str = "",
        values: Values | None = None,
        tools: tuple[str, ...] = (),
        temporary: bool = False,
    ) -> Head:
        """The head of a new chat: what is given, else what the settings say."""
        if not model and self.connection is not None:
            model = self.connection.local_model
        return Head(
            new_id(),
            model=model or self.settings.model,
            system=system or self.settings.system,
            values={**self.settings.values, **(values or {})},
            tools=tools,
            temporary=temporary,
        )

    def toolbox(self) -> Box:
        """Every tool that can be switched on: the program's, the person's own, those of packages and MCP servers.

        Reads files and may import packages: to be asked for on a thread that nothing else waits for.
        """
        from tui_chat.tools.box import toolbox  # with its tools, more to import than a start without them should bear
        from tui_chat.tools.pruning import begin_pruning

        box, servers = toolbox(self.places.own_tools), self.servers
        begin_pruning(self.places.tool_logs, self.places.tool_backups)
        return box if servers is None else box.plus(servers.tools(), servers.problems())

    def open_servers(self, *, begin: bool = False) -> Servers | None:
        """The MCP servers of the settings, if any; reads a file. Who asks first can `begin` those that were allowed."""
        with self._servers_lock:
            if self.servers is None and self.settings.mcp:
                from tui_chat.tools.mcp_servers import Servers  # only for those who have one

                plans, ca_file = self.settings.mcp.values(), self.settings.ca_file
                pins, changed = self.places.mcp_file, self._tell_server_changed
                self.servers = Servers(self.engine, plans, pins, changed, ca_file)
                if begin:
                    self.engine.submit(self.servers.start_all())
            return self.servers

    def read_servers(self) -> None:
        """Go by what the settings file says of MCP servers now; those that are gone or planned otherwise stop.

        Raises:
            SettingsError: the file can't be used.
        """
        plans = settings.load(self.places, self.env, {}).mcp
        self.settings = replace(self.settings, mcp=plans)
        if self.servers is not None:
            self.engine.submit(self.servers.take(plans.values())).result()

    def surroundings(self, head: Head) -> Surroundings:
        """What the tools of a chat may use, by the settings.

        Programs run in the folder that the program was started in where that is granted, else in the first that is.
        """
        granted = tuple(expanded(name).resolve() for name in self.settings.tool_folders)
        here = Path.cwd()
        inside = any(here.is_relative_to(folder) for folder in granted)
        places = self.places
        config, cache = places.config.resolve(), places.cache.resolve()
        return Surroundings(
            here if inside or not granted else granted[0],
            granted,
            private=(config,) if cache.is_relative_to(config) else (config, cache),
            logs=places.tool_logs / head.id,
            backups=places.tool_backups,
            environment=self._shown(),
            network=self.settings.tool_network,
            ca_file=self.settings.ca_file,
            proxies=proxy_variables(self.env),
        )

    async def models(self) -> list[Model]:
        """Ask the gateway which models this key may use, and remember the answer. Runs on the engine."""
        client = self._connected()
        models = await client.models()
        await self.engine.write(model_cache.remember, self.places, client.endpoint, models)
        return models

    def remembered_models(self) -> list[Model]:
        """The last list the gateway gave for this key, [] where there is none."""
        return [] if self.connection is None else model_cache.remembered(self.places, self.connection.endpoint)

    async def balance(self) -> Balance | None:
        """Ask what is left on the key; None where answers cost nothing. Runs on the engine."""
        if self.costs_nothing:
            return None
        try:
            return await self._connected().balance()
        except WireError as error:
            if self._has_none(error, "error.balance_unknown"):
                return None
            raise

    async def prices(self) -> PriceList | None:
        """The price list, asked for at most once a day; None where answers cost nothing. Runs on the engine."""
        known = await self.engine.write(self.remembered_prices)
        if self.costs_nothing or (known is not None and known.fresh):
            return known.prices if known is not None else None
        client = self._connected()
        try:
            prices = await client.prices()
        except WireError as error:
            if self._has_none(error, "error.prices_unknown"):
                return None
            raise
        from tui_chat.store.price_cache import remember

        await self.engine.write(remember, self.places, client.endpoint.base_url, prices)
        return prices

    async def charges(self) -> tuple[Charge, ...]:
        """The gateway's own log of what it took for this key's requests, newest first. Runs on the engine."""
        return await self._connected().charges()

    def remembered_prices(self) -> RememberedPrices | None:
        """The last price list of the gateway, None where it never gave one."""
        if self.connection is None or self.costs_nothing:
            return None
        from tui_chat.store.price_cache import recall

        return recall(self.places, self.connection.endpoint.base_url)

    @property
    def stored(self) -> Stored:
        """The answers that the gateway keeps; raises WireError where there is nobody to ask."""
        return self._connected().stored

    async def keep_stored(self, id: str) -> str:
        """Make a chat of a completion that the gateway kept; returns the chat's id. Runs on the engine."""
        from tui_chat.chat.stored_chat import chat_of

        completion = await (stored := self.stored).get(id)
        messages = [message async for message in stored.all_messages(id)]

        def keep() -> str:
            head, nodes = chat_of(completion, messages, self.new_head(), self.blobs.keep)
            self.library.keep(head, map(NodeAdded, nodes))
            return head.id

        return await self.engine.write(keep)

    async def tokens(self, text: str) -> list[Token]:
        """The tokens of a short text, for the embedded model; raises WireError for any other. Runs on the engine."""
        if not self.costs_nothing:
            raise WireError("error.no_tokenizer")
        return await self._connected().tokens(text)

    @property
    def costs_nothing(self) -> bool:
        """Whether the embedded model answers."""
        return self.connection is not None and bool(self.connection.local_model)

    def _has_none(self, error: WireError, key: str) -> bool:
        """Whether it is a server on this computer that has no such thing: what runs here costs nothing."""
        return error.key == key and self.connection is not None and is_loopback(self.connection.endpoint.base_url)

    async def test(self, endpoint: Endpoint) -> list[Model]:
        """Try an endpoint without connecting to it; raises WireError that says in words what is wrong."""
        client = self._client_for(endpoint)
        try:
            return await client.models()
        finally:
            await client.aclose()

    def change_setting(self, name: str, value: object) -> None:
        """Keep a setting in the settings file and use it from now on."""
        settings.change(self.places, name, value)
        self.settings = settings.load(self.places, self.env, {})

    def close(self) -> None:
        """Stop what runs, keep what came of it, let go of everything. Blocks for at most a few seconds."""
        self.engine.submit(self._close()).result(10)
        self.engine.close()
        self.drafts.close()

    async def _close(self) -> None:
        for chat, waiting in (await self.desk.close_all()).items():
            await self.engine.write(self._keep_waiting, chat, waiting)
        if self.servers is not None:
            await self.servers.close()
        for client in (*self._former, self._client):
            if client is not None:
                await client.aclose()

    def _tell_server_changed(self, name: str) -> None:
        with suppress(Exception):  # a mistake in following a server is no reason for it to stop
            self.server_changed(name)

    def _shown(self) -> dict[str, str]:
        """The variables that programs may see: "NAME" as it is here, or "NAME=VALUE"; a key of ours is none of them."""
        key = self.connection.endpoint.api_key if self.connection is not None else ""
        shown = {}
        for name, equals, value in (each.partition("=") for each in self.settings.tool_environment):
            found = value if equals else self.env.get(name)
            if found is not None and name not in keys.VARIABLES and not (key and key in found):
                shown[name] = found
        return shown

    def _keep_waiting(self, chat: str, waiting: tuple[tuple[Part, ...], ...]) -> None:
        """What waited to be sent goes before what is being written in that chat."""
        draft = self.drafts.load(chat)
        parts = [part for message in waiting for part in message]
        said = [part.text for part in parts if isinstance(part, Text)]
        attached = [part for part in parts if not isinstance(part, Text)]
        text = "\n\n".join([*said, draft.text] if draft.text else said)
        with suppress(StoreError):  # the disk is full or gone: nobody is there any more to be told
            self.drafts.save(chat, Draft(text, (*attached, *draft.attachments)))

    async def ask(self, request: Request) -> AsyncGenerator[Delta | Waiting, None]:
        """Send a request to whoever we are connected to; raises ChatError where it fails. Runs on the engine."""
        if self.costs_nothing and request.messages[-1:] and request.messages[-1].role == "assistant":
            # Asked for in one piece, its server says the given beginning once more; in a stream only what follows.
            request = replace(request, values={**request.values, "stream": True})
        request = replace(request, messages=as_sent(request.messages, request.model, self.settings.system_role))
        async with aclosing(self._connected().stream(request, self.blobs.load)) as signals:
            async for signal in signals:
                yield signal

    def _connected(self) -> Client:
        if self.connection is None:
            raise WireError("error.key_missing")
        if self._client is None:
            self._client = self._client_for(self.connection.endpoint)
        return self._client

    def needs_consent(self, base_url: str) -> str:
        """The host that the person has yet to allow key and chats to travel to in the clear; "" for none."""
        host = urlsplit(base_url).hostname or ""
        return host if is_unencrypted(base_url) and host not in self.settings.insecure_hosts else ""

    def consent(self, host: str) -> None:
        """The person's word: this host may be talked to without encryption, from now on."""
        self.change_setting("insecure_hosts", (*self.settings.insecure_hosts, host))

    def _client_for(self, endpoint: Endpoint) -> Client:
        settings = self.settings
        if host := self.needs_consent(endpoint.base_url):
            raise WireError("error.unencrypted", host=host)
        protect(endpoint.api_key)
        return Client(
            endpoint,
            language=words.language(),
            timeouts=Timeouts(
                settings.connect_timeout_s, settings.first_byte_timeout_s, settings.between_bytes_timeout_s
            ),
            ca_file=settings.ca_file,
            limit_bytes=settings.event_limit_mb * 1024 * 1024,
            env=self.env,
            exchanges=self.exchanges,
        )


def _never_failing(emit: Callable[[Event], None]) -> Callable[[Event], None]:
    """`emit`, but a mistake in following a chat is no reason for the chat itself to stop: it must reach the disk."""

    def told(event: Event) -> None:
        with suppress(Exception):
            emit(event)

    return told
