"""How does one talk to a server elsewhere? Over the SDK's own HTTP, with bounds on what comes back.

The SDK bounds one event of a stream but reads a plain JSON answer whole, however long and however compressed. So
answers are asked for uncompressed, and each plain body ends at 8 MB.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tui_chat.errors import ToolError
from tui_chat.tools.mcp_pipe import LINE_LIMIT_BYTES
from tui_chat.tools.mcp_plan import ServerPlan

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams


@asynccontextmanager
async def remote(plan: ServerPlan) -> AsyncGenerator[TransportStreams, None]:
    """A transport to the server at `plan.url`; the SDK follows redirects within the same host only.

    Raises:
        ToolError: a variable that a header wants is not set, or an answer is larger than allowed.
    """
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client

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

    client = create_mcp_http_client(headers=plan.filled(plan.headers) | {"Accept-Encoding": "identity"})
    client.event_hooks = {"response": [bound]}
    async with (
        client,
        streamable_http_client(plan.url, http_client=client, max_sse_event_size=LINE_LIMIT_BYTES) as streams,
    ):
        yield streams
