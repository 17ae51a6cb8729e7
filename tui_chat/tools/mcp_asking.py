"""What is asked of an MCP server: its lists, page by page, bounded, without what can't safely be used; and calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tui_chat.errors import ToolError, UsageError
from tui_chat.tools.mcp_pins import Definition, define
from tui_chat.tools.mcp_plan import ServerPlan
from tui_chat.tools.mcp_results import Prompt, PromptArgument, Resource
from tui_chat.wire.json_text import require_json

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult

MOST_TOOLS = 256
MOST_ENTRIES = 1000
MOST_PAGES = 50
DEFINITION_BYTES = 64 * 1024
"""The largest definition of one tool: it would travel with every request."""


async def listed_tools(plan: ServerPlan, client: Client) -> tuple[list[Definition], tuple[ToolError, ...]]:
    """The tools that a server defines, and why some of them can't be used."""
    if client.server_capabilities.tools is None:
        return [], ()
    found: dict[str, Definition] = {}
    problems: list[ToolError] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        for tool in page.tools:
            try:
                definition = _usable(plan, tool.name, tool.description or "", tool.input_schema)
                if definition.name in found:
                    raise ToolError("error.mcp_tool_twice", server=plan.name, tool=tool.name[:100])
                found[definition.name] = definition
            except ToolError as problem:
                problems.append(problem)
        cursor = page.next_cursor
        if cursor is None or len(found) + len(problems) > MOST_TOOLS:
            break
    if cursor is not None or len(found) > MOST_TOOLS:
        problems.append(ToolError("error.mcp_too_many", server=plan.name, limit=MOST_TOOLS))
    return list(found.values())[:MOST_TOOLS], tuple(problems[:MOST_TOOLS])


async def listed_resources(plan: ServerPlan, client: Client) -> tuple[Resource, ...]:
    """What a server offers to read."""
    if client.server_capabilities.resources is None:
        return ()
    found: list[Resource] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.list_resources(cursor=cursor)
        found += [
            Resource(plan.name, one.uri, one.title or one.name, one.description or "", one.mime_type or "", one.size)
            for one in page.resources
        ]
        cursor = page.next_cursor
        if cursor is None or len(found) >= MOST_ENTRIES:
            break
    return tuple(found[:MOST_ENTRIES])


async def listed_prompts(plan: ServerPlan, client: Client) -> tuple[Prompt, ...]:
    """The templates that a server offers."""
    if client.server_capabilities.prompts is None:
        return ()
    found: list[Prompt] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.list_prompts(cursor=cursor)
        for one in page.prompts:
            blanks = tuple(
                PromptArgument(blank.name, blank.description or "", bool(blank.required))
                for blank in one.arguments or ()
            )
            found.append(Prompt(plan.name, one.name, one.description or "", blanks))
        cursor = page.next_cursor
        if cursor is None or len(found) >= MOST_ENTRIES:
            break
    return tuple(found[:MOST_ENTRIES])


async def called(tool: str, arguments: Mapping[str, object], client: Client) -> CallToolResult:
    """The result of one call.

    Not `client.call_tool`: it checks the result by the server's own schema, whose patterns, being a stranger's, could
    hold up the loop for ever.
    """
    from mcp.types import CallToolRequest, CallToolRequestParams, CallToolResult

    request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=dict(arguments)))
    return await client.session.send_request(request, CallToolResult)


def _usable(plan: ServerPlan, tool: str, description: str, schema: Mapping[str, Any]) -> Definition:
    """A tool's definition.

    Raises:
        ToolError: it is too large, or its schema is none of an object, too deep, or points elsewhere.
    """
    name = tool[:100]
    try:
        require_json(tool, schema)
        size = len(json.dumps([tool, description, schema], ensure_ascii=False).encode("utf-8", "replace"))
    except (UsageError, ValueError, RecursionError) as error:
        raise ToolError("error.mcp_tool_schema", server=plan.name, tool=name) from error
    if size > DEFINITION_BYTES:
        raise ToolError("error.mcp_tool_large", server=plan.name, tool=name, limit_kb=DEFINITION_BYTES >> 10)
    # A schema that points to an address would make whoever checks arguments fetch it.
    if schema.get("type") != "object" or _points_elsewhere(schema):
        raise ToolError("error.mcp_tool_schema", server=plan.name, tool=name)
    return define(plan, tool, description, schema)


def _points_elsewhere(value: object) -> bool:
    if isinstance(value, Mapping):
        for key in ("$ref", "$dynamicRef", "$recursiveRef"):
            if isinstance(target := value.get(key), str) and not target.startswith("#"):
                return True
        # "$id" shifts what "#…" means; a property may of course be called so.
        if isinstance(value.get("$id"), str) and "://" in value["$id"]:
            return True
        return any(_points_elsewhere(item) for item in value.values())
    return isinstance(value, list | tuple) and any(_points_elsewhere(item) for item in value)
