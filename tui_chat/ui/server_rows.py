"""What is to be read of an MCP server before it may start, and of each tool before a model may call it? No widget here.

All of it is shown so that it reads back to exactly what is meant (`tools/visible.py`), and nothing is cut.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from textual.content import Content

from tui_chat.errors import ToolError
from tui_chat.tools.visible import shown
from tui_chat.ui import speech
from tui_chat.ui.approval_text import code_lines, json_lines
from tui_chat.ui.gate import visible
from tui_chat.ui.transcript.wrap import width_of
from tui_chat.ui.widgets.lines import clipped
from tui_chat.ui.widgets.sheet import SheetLine, line
from tui_chat.words import t

if TYPE_CHECKING:  # who has no server need not bring them in
    from tui_chat.tools.mcp_pins import Definition
    from tui_chat.tools.mcp_plan import Launch
    from tui_chat.tools.mcp_state import ServerState

INDENT = 2
SHORT = 90
"""Characters of a schema that stays on one line."""
MARKS = {
    "off": ("○", "$text-muted"),
    "unconfirmed": ("?", "bold $text-warning"),
    "idle": ("○", "$text-muted"),
    "starting": ("◌", "$text-accent"),
    "running": ("●", "$text-success"),
    "stopped": ("✕", "$text-error"),
}
"""How a server stands, as a sign and its style."""
STANDINGS = {"new": "$text-warning", "approved": "$text-muted", "changed": "bold $text-error"}

# rows


def server_row(state: ServerState, width: int, widest: int) -> Content:
    """A server on one line; `widest` is the length of the longest name."""
    mark, style = MARKS[state.phase]
    room = max(4, min(widest, width // 2))
    words = state.in_words
    loud = "$text-warning" if state.waiting or state.phase == "unconfirmed" else "$text-muted"
    return Content.assemble(
        (f"{mark} ", style),
        (clipped(state.name, room), "bold"),
        "  ",
        (
            clipped(words, max(1, width - room - 4)).rstrip(),
            "$text-error" if state.phase == "stopped" else loud,
        ),
    )


def tool_row(definition: Definition, width: int) -> Content:
    """A tool of a server on one line."""
    standing = t(f"mcp.standing.{definition.standing}")
    if definition.flags:
        standing = f"⚠ {standing}"
    # What must not be overlooked is in view, however long a name is.
    cells = min(width_of(standing), max(8, width // 2))
    name = clipped(visible(definition.tool, newline=False), max(4, width - cells - 6))
    style = STANDINGS["changed" if definition.flags else definition.standing]
    return Content.assemble("    ", name, "  ", (clipped(standing, cells).rstrip(), style))


def about_server(state: ServerState) -> Content:
    """What is to be known of a server, in a few rows."""
    pieces: list[Content] = []
    if state.phase == "off":
        pieces.append(Content(t("servers.about_off")))
    elif state.phase == "unconfirmed":
        pieces.append(Content.styled(t("servers.about_unconfirmed"), "$text-warning"))
    if state.error is not None:
        pieces.append(Content.styled(_explained(state.error), "$text-error"))
    if state.waiting:
        pieces.append(Content.styled(t("servers.about_waiting"), "$text-warning"))
    if state.problems:
        pieces.append(Content.styled(t("servers.about_problems", count=len(state.problems)), "$text-warning"))
    return Content("\n").join(pieces)


def about_tool(definition: Definition) -> Content:
    """What should make one wary of a tool, and what it says of itself, cut; all of it is one key away."""
    description = " ".join(visible(definition.description).split())
    told = Content(description if len(description) <= 200 else f"{description[:199]}…")
    flags = [Content.styled(f"⚠ {t(f'mcp.flag.{flag}')}", STANDINGS["changed"]) for flag in definition.flags]
    return Content("\n").join((*flags, told))


# what is read whole


def launch_facts(launch: Launch) -> str:
    """What a yes means."""
    if launch.command:
        return t("servers.means_command")
    host = urlsplit(launch.url).netloc
    return t("servers.means_url", host=shown(host, lines=False))


def launch_lines(launch: Launch) -> list[SheetLine]:
    """What starting a server does, nothing left out."""
    made: list[SheetLine] = []
    target = launch.command or (launch.url,)
    if launch.before and launch.before != target:
        made += [line(t("servers.before"), "label", prose=True), line(_words(launch.before), "removed", indent=INDENT)]
    elif launch.before:
        made.append(line(t("servers.before_same"), "warning", prose=True))
    made.append(line(t("servers.command" if launch.command else "servers.address"), "label", prose=True))
    made.append(line(_words(target), "strong", indent=INDENT))
    if launch.command:
        made += [line(t("servers.folder"), "label", prose=True), line(shown(launch.folder, lines=False), indent=INDENT)]
    made.append(line(t("servers.variables" if launch.command else "servers.headers"), "label", prose=True))
    made += [line(shown(name, lines=False), indent=INDENT) for name in launch.variables]
    if not launch.variables:
        made.append(line(t("servers.no_variables" if launch.command else "servers.no_headers"), "label", indent=INDENT))
    return made


def definition_lines(definitions: Iterable[Definition]) -> Iterator[SheetLine]:
    """Tools as their server defines them: what changed since they were allowed, what should make one wary, all."""
    for number, definition in enumerate(definitions):
        if number:
            yield line()
        yield SheetLine(
            (
                (shown(definition.tool, lines=False), "strong"),
                (f"  {t(f'mcp.standing.{definition.standing}')}", "label"),
            )
        )
        yield line(t("servers.called", name=definition.name), "label", indent=INDENT)
        for flag in definition.flags:
            yield line(f"⚠ {t(f'mcp.flag.{flag}')}", "error", indent=INDENT, prose=True)
        if definition.diff:
            yield line(t("servers.changes"), "warning")
            yield from _diff_lines(definition.diff)
        yield line(t("servers.description"), "label", prose=True)
        if definition.description:
            yield from code_lines(definition.description)
        else:
            yield line(t("servers.no_description"), "label", indent=INDENT)
        yield line(t("servers.parameters"), "label", prose=True)
        yield from _schema_lines(definition.parameters)


def server_lines(state: ServerState, launch: Launch) -> Iterator[SheetLine]:
    """All there is to know of a server: how it stands, what starts it, what is wrong, what it said last."""
    mark, _ = MARKS[state.phase]
    yield line(f"{mark} {state.in_words}", "strong", prose=True)
    if state.error is not None:
        yield line(_explained(state.error), "error", prose=True)
    if state.phase == "off":
        yield line(t("servers.about_off"), prose=True)
    yield line()
    yield from launch_lines(launch)
    if state.problems:
        yield line()
        yield line(t("servers.problems"), "label", prose=True)
        for problem in state.problems:
            yield line(f"✕ {_explained(problem)}", "error", indent=INDENT, prose=True)
    yield line()
    yield line(t("servers.stderr" if launch.command else "servers.no_stderr"), "label", prose=True)
    for row in visible(state.stderr).splitlines():
        yield line(row.expandtabs(4), indent=INDENT)
    if launch.command and not state.stderr:
        yield line(t("servers.silent"), "label", indent=INDENT)


def _schema_lines(parameters: Mapping[str, object]) -> list[SheetLine]:
    """A schema, on one line where it is short."""
    text = json.dumps(parameters, ensure_ascii=False)
    return [line(shown(text, lines=False), indent=INDENT)] if len(text) <= SHORT else json_lines(dict(parameters))


def _diff_lines(diff: str) -> Iterator[SheetLine]:
    """A diff without a head: each line's first sign says what became of it."""
    styles = {"+": "added", "-": "removed", "@": "hunk"}
    for row in diff.split("\n"):
        yield SheetLine(((row[:1] + shown(row[1:], lines=False), styles.get(row[:1], "")),), INDENT)


def _words(tokens: tuple[str, ...]) -> str:
    """A command as it would be typed, or an address: on one line, every character seen."""
    text = shlex.join(tokens) if len(tokens) > 1 or "://" not in tokens[0] else tokens[0]
    return shown(text, lines=False)


def _explained(error: ToolError) -> str:
    return visible(speech.explain(error), newline=False)
