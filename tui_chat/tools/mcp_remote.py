"""How does one talk to a server elsewhere? Over the SDK's own HTTP, with bounds on what comes back.

The SDK bounds one event of a stream but reads a plain JSON answer whole, however long and however compressed. So
answers are asked for uncompressed, and each plain body ends at 8 MB. Proxies and certificates are those of this
program's own requests; the SDK's client would send what is meant for this computer, headers and all, to a proxy.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tui_chat.errors import ToolError, WireError
from tui_chat.tools.mcp_pipe import LINE_LIMIT_BYTES
from tui_chat.tools.mcp_plan import ServerPlan
from tui_chat.wire.gateway import is_loopback
from tui_chat.wire.proxy import proxy_for
from tui_chat.wire.trust import trusted

if TYPE_CHECKING:
    import httpx2
    from mcp.client._transport import TransportStreams


@asynccontextmanager
async def remote(plan: ServerPlan, ca_file: str = "") -> AsyncGenerator[TransportStreams, None]:
    """A transport to the server at `plan.url`; the SDK follows redirects within the same host only.

    Raises:
        ToolError: a variable that a header wants is not set, certificates or proxy can't be used, or an answer is
            larger than allowed.
    """
    from mcp.client.streamable_http import streamable_http_client

    async def bound(response: Any) -> None:
        """Refuse what is compressed, and end a plain body that grows too long."""
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise ToolError("error.mcp_compressed", server=plan.name)
        if response.headers.get("content-type", "").lower().startswith("text/event-stream"):
            return  # has its own bound, on each event
        whole = response.aiter_raw

        async def bounded(chunk_size: int | None = None) -> AsyncIterator[bytes]:
            length = 0
            async for chunk in whole(chunk_size):
                length += len(chunk)
                if length > LINE_LIMIT_BYTES:
                    raise ToolError("error.mcp_line", server=plan.name, limit_mb=LINE_LIMIT_BYTES >> 20)
                yield chunk

        response.aiter_raw = bounded

    client = _client(plan, ca_file)
    client.event_hooks = {"response": [bound]}
    async with (
        client,
        streamable_http_client(plan.url, http_client=client, max_sse_event_size=LINE_LIMIT_BYTES) as streams,
    ):
        yield streams


def _certificates(url: str, ca_file: str) -> ssl.SSLContext:
    """What the client wants even for an open connection; on this computer one that trusts nobody and loads nothing."""
    if url.startswith("http:") and is_loopback(url):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return trusted(ca_file)


def _client(plan: ServerPlan, ca_file: str) -> httpx2.AsyncClient:
    import httpx2
    from mcp.shared._httpx_utils import MCP_DEFAULT_SSE_READ_TIMEOUT, MCP_DEFAULT_TIMEOUT

    choice = None
    try:
        choice = proxy_for(plan.url, os.environ)
        return httpx2.AsyncClient(
            headers=plan.filled(plan.headers) | {"Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(MCP_DEFAULT_TIMEOUT, read=MCP_DEFAULT_SSE_READ_TIMEOUT),
            verify=_certificates(plan.url, ca_file),
            proxy=choice.url if choice is not None else None,
            trust_env=False,
        )
    except WireError as error:
        raise ToolError(error.key, **error.facts) from None
    except (ValueError, ImportError):
        raise ToolError("error.proxy_setting", variable=choice.variable if choice is not None else "") from None
