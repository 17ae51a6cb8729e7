"""What did an MCP server answer? Results, bounded: texts, pictures, sounds; the texts of resources and prompts."""

from __future__ import annotations

import asyncio
import binascii
import json
import os
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tui_chat.disk import replace_file
from tui_chat.errors import ToolError
from tui_chat.tools.output import in_folder
from tui_chat.tools.tool import Brought, Outcome
from tui_chat.words import t

if TYPE_CHECKING:
    from mcp.types import CallToolResult, GetPromptResult, ReadResourceResult

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 64 * 1024
"""A longer result keeps its beginning and its end for the model; the whole goes to a file."""
MOST_BROUGHT = 16
"""Pictures and sounds of one result; more are only named. One message, and so all of them, has at most 8 MB."""


class Resource(Struct, frozen=True):
    """Something a server offers to read. All texts are the server's own."""

    server: str
    uri: str
    name: str
    description: str = ""
    media_type: str = ""
    size_bytes: int | None = None


class PromptArgument(Struct, frozen=True):
    """A blank of a prompt."""

    name: str
    description: str = ""
    required: bool = False


class Prompt(Struct, frozen=True):
    """A template a server offers. All texts are the server's own."""

    server: str
    name: str
    description: str = ""
    arguments: tuple[PromptArgument, ...] = ()


class PromptMessage(Struct, frozen=True):
    """One message of a filled template."""

    role: str
    """"user" or "assistant"."""
    text: str


async def outcome(server: str, result: CallToolResult, logs: Path | None) -> Outcome:
    """A tool's result for the model; the whole of a long text is kept in a file under `logs`."""
    texts: list[str] = []
    brought: list[Brought] = []
    for block in result.content:
        media = _media(block) if len(brought) < MOST_BROUGHT else None
        if media is None:
            texts.append(_text(block))
        else:
            kind, one = media
            brought.append(one)
            kib = max(1, len(one.content) // 1024)
            texts.append(t("mcp.result.brought", number=len(brought), media_type=kind, kib=kib))
    if not texts and result.structured_content is not None:
        texts = [json.dumps(result.structured_content, ensure_ascii=False, indent=1)]
    whole = "\n".join(texts)
    content = whole.encode("utf-8", "replace")
    cut_bytes = len(content) - HEAD_BYTES - TAIL_BYTES
    if cut_bytes <= 0:
        return Outcome(whole, failed=result.is_error, brought=tuple(brought))
    log = await asyncio.get_running_loop().run_in_executor(None, _kept, logs, server, content)
    head = content[:HEAD_BYTES].decode(errors="ignore")
    tail = content[-TAIL_BYTES:].decode(errors="ignore")
    text = f"{head}\n{t('mcp.result.cut', bytes=cut_bytes)}\n{tail}"
    return Outcome(text, failed=result.is_error, brought=tuple(brought), log=log, cut_bytes=cut_bytes)


def resource_text(server: str, uri: str, result: ReadResourceResult) -> str:
    """The text of a resource.

    Raises:
        ToolError: it isn't text.
    """
    texts = [text for content in result.contents if isinstance(text := getattr(content, "text", None), str)]
    if not texts:
        raise ToolError("error.mcp_resource", server=server, uri=uri[:200])
    return "\n".join(texts)


def prompt_messages(result: GetPromptResult) -> tuple[PromptMessage, ...]:
    """The messages of a filled template."""
    return tuple(PromptMessage(str(message.role), _text(message.content)) for message in result.messages)


def _media(block: Any) -> tuple[str, Brought] | None:
    """The media type and the bytes of a block that says it is a picture or a sound; None for any other."""
    data, kind, name = "", "", ""
    if block.type in ("image", "audio"):
        data, kind = block.data, block.mime_type
    elif block.type == "resource" and isinstance(blob := getattr(block.resource, "blob", None), str):
        data, kind, name = blob, block.resource.mime_type or "", block.resource.uri.rpartition("/")[2][:80]
    if not kind.startswith(("image/", "audio/")):
        return None
    try:
        return kind, Brought(b64decode(data), name)
    except (binascii.Error, ValueError):
        return None


def _text(block: Any) -> str:
    """One content block as text; pictures and sounds are only named."""
    match block.type:
        case "text":
            return str(block.text)
        case "image" | "audio":
            kib = len(block.data) * 3 // 4 // 1024
            return t("mcp.result.left_out", media_type=block.mime_type, kib=kib)
        case "resource_link":
            return t("mcp.result.link", name=block.name, uri=block.uri)
        case "resource":
            inner = block.resource
            if isinstance(text := getattr(inner, "text", None), str):
                return text
            kib = len(inner.blob) * 3 // 4 // 1024
            return t("mcp.result.left_out", media_type=inner.mime_type or inner.uri, kib=kib)
    return t("mcp.result.left_out", media_type=str(block.type), kib=0)


def _kept(logs: Path | None, server: str, content: bytes) -> str:
    if logs is None:
        return ""
    try:
        path = logs / f"mcp-{server}-{os.urandom(6).hex()}.txt"
        in_folder(logs, lambda: replace_file(path, content))
    except OSError:
        return ""  # the model has head and tail; a full disk must not cost the result
    return str(path)
