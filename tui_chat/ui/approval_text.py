"""What does a person read before a tool call runs? Every argument in full, what would run, where, within which bounds.

Everything shown reads back to exactly what runs (`tools/visible.py`). Nothing here draws: lines and facts only.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tui_chat.chat.events import CallAsks
from tui_chat.tools.approval import Allowance
from tui_chat.tools.tool import Preview, Tool
from tui_chat.tools.visible import shown
from tui_chat.ui import speech
from tui_chat.ui.gate import visible
from tui_chat.ui.transcript.highlight import highlight
from tui_chat.ui.widgets.sheet import SheetLine, line
from tui_chat.wire.json_text import pretty
from tui_chat.words import t

INDENT = 2
Level = Literal["", "warning", "error"]


class Matter(Struct, frozen=True):
    """One call that waits for a person's word, as it would run now."""

    chat: str
    node: str
    call_id: str
    name: str
    tool: Tool | None
    """None where the tool is gone meanwhile: there is nothing to allow."""
    arguments: Mapping[str, object]
    preview: Preview
    allowance: Allowance | None = None
    """What "always" would allow; None where it is not on offer."""
    model: str = ""
    edited: bool = False
    """Whether the arguments are the person's, and not as the model wrote them."""

    @property
    def can_run(self) -> bool:
        """Whether there is something to allow: a manual tool has no code, its result is typed."""
        return self.tool is not None and self.tool.run is not None

    def rewritten(self, arguments: Mapping[str, object], preview: Preview) -> Matter:
        """The same call with arguments of the person."""
        return replace(self, arguments=arguments, preview=preview, allowance=None, edited=True)


def matter_of(asks: CallAsks, tool: Tool | None, model: str) -> Matter:
    """What must be decided about a call; its arguments are those that were checked before it asked."""
    try:
        parsed = json.loads(asks.call.arguments or "{}")
    except ValueError:
        parsed = {"": asks.call.arguments}
    arguments = parsed if isinstance(parsed, dict) else {"": parsed}
    call = asks.call
    return Matter(asks.chat, asks.node, call.id, call.name, tool, arguments, asks.preview, asks.allowance, model=model)


def question(matter: Matter) -> str:
    """What is asked, in a few words."""
    if not matter.can_run:
        return t("approval.title.manual", tool=_name(matter))
    assert matter.tool is not None
    return t(f"approval.title.{matter.tool.danger}", tool=_name(matter))


def origin(matter: Matter) -> str:
    """Where the tool comes from and who calls it."""
    source = source_in_words(matter.tool.source) if matter.tool is not None else ""
    model = t("approval.model", model=visible(matter.model, newline=False)) if matter.model else ""
    return " · ".join(filter(None, (source, model)))


def source_in_words(source: str) -> str:
    """Where a tool comes from: "built in", a file, a package, an MCP server."""
    if not source:
        return t("toolbox.source.built_in")
    if source.startswith("MCP "):
        return t("toolbox.source.mcp", name=visible(source[4:], newline=False))
    if source.startswith("package "):
        return t("toolbox.source.package", name=visible(source[8:], newline=False))
    return t("toolbox.source.file", name=visible(speech.home_short(source), newline=False))


def facts(matter: Matter) -> list[tuple[str, Level]]:
    """Within which bounds it would run: each fact in a few words, and how loud it is."""
    preview = matter.preview
    found: list[tuple[str, Level]] = []
    if matter.edited:
        found.append((t("approval.edited"), "warning"))
    if preview.runs_program and not preview.sandbox:
        found.append((t("approval.no_sandbox"), "error"))
    if preview.folder:
        found.append((t("approval.folder", folder=_plain(speech.home_short(preview.folder))), ""))
    if preview.hosts:
        found.append((t("approval.hosts", hosts=", ".join(_plain(host) for host in preview.hosts)), "warning"))
    if preview.runs_program:
        network = "approval.network_yes" if preview.network else "approval.network_no"
        found.append((t(network), "warning" if preview.network else ""))
        if preview.sandbox:
            found.append((t("approval.sandbox", name=preview.sandbox), ""))
    elif preview.network and not preview.hosts:
        found.append((t("approval.network_yes"), "warning"))
    if matter.tool is None:
        found.append((t("approval.gone"), "error"))
    return found


def body(matter: Matter) -> list[SheetLine]:
    """What would run, whole: the change it makes, every argument, the program's tokens."""
    preview = matter.preview
    lines: list[SheetLine] = []
    if preview.diff:
        lines += [line(t("approval.change"), "label"), *diff_lines(preview.diff)]
    values = [value for value in matter.arguments.values() if isinstance(value, str)]
    if preview.code and preview.code not in values:
        lines += [line(t("approval.code"), "label"), *code_lines(preview.code, preview.language)]
    for name, value in matter.arguments.items():
        language = preview.language if value == preview.code else ""
        lines += argument_lines(name, value, language or ("bash" if value in preview.argv[1:] else ""))
    if not matter.arguments:
        lines.append(line(t("approval.no_arguments"), "label"))
    if preview.argv:
        lines += program_lines(preview.argv, matter.arguments)
    return lines


def argument_lines(name: str, value: object, language: str = "") -> list[SheetLine]:
    """One argument: its name, below it its value, every character of it."""
    if not isinstance(value, str):
        made = json_lines(value)
    elif value:
        made = code_lines(value, language)
    else:
        made = [line(t("approval.empty"), "label", indent=INDENT)]
    return [line(f"{_plain(name)}:", "label"), *made]


def program_lines(argv: tuple[str, ...], arguments: Mapping[str, object]) -> list[SheetLine]:
    """The program and its tokens; a token that stands above as an argument is named instead of told twice."""
    names = {value: name for name, value in arguments.items() if isinstance(value, str) and len(value) > INDENT}
    pieces: list[tuple[str, str]] = []
    for at, token in enumerate(argv):
        pieces.append((" " if at else "", ""))
        if token in names:
            pieces.append((f"‹{_plain(names[token])}›", "hunk"))
        else:
            pieces.append((shown(shlex.quote(token), lines=False), ""))
    return [line(t("approval.program"), "label"), SheetLine(tuple(filter(lambda p: p[0], pieces)), INDENT)]


def code_lines(text: str, language: str = "") -> list[SheetLine]:
    """A text as it is, every character seen, coloured where nothing in it had to be shown otherwise."""
    rows = shown(text).split("\n")
    raw = text.split("\n")
    colours = highlight(text, language)[0] if language else [[(each, "")] for each in raw]
    made: list[SheetLine] = []
    for at, row in enumerate(rows):
        end = "⏎" if row.endswith("⏎") and at < len(rows) - 1 else ""
        bare = row.removesuffix(end)
        as_it_is = at < len(raw) and bare == raw[at] and at < len(colours)
        pieces = tuple(colours[at]) if as_it_is else ((bare, ""),)
        made.append(SheetLine((*pieces, *(((end, "label"),) if end else ())), INDENT))
    return made


def json_lines(value: object) -> list[SheetLine]:
    """A value as JSON, coloured. Its line ends are ours; those within a text are escaped."""
    text = pretty(value)
    colours = highlight(text, "json")[0]
    made: list[SheetLine] = []
    for raw, pieces in zip(text.split("\n"), colours, strict=True):
        seen = shown(raw, lines=False)
        made.append(SheetLine(tuple(pieces) if seen == raw else ((seen, ""),), INDENT))
    return made


def diff_lines(diff: str) -> list[SheetLine]:
    """A unified diff, coloured by what is added and what goes."""
    made: list[SheetLine] = []
    for raw in diff.removesuffix("\n").split("\n"):
        style = "added" if raw.startswith("+") else "removed" if raw.startswith("-") else ""
        if raw.startswith("@@"):
            style = "hunk"
        elif raw.startswith(("+++ ", "--- ")):
            style = "strong"
        sign = raw[:1] if raw[:1] in " +-" else ""  # alone on a line, the sign of what stays is no hidden blank
        made.append(SheetLine(((sign + shown(raw[len(sign) :], lines=False), style),), INDENT))
    return made


def _name(matter: Matter) -> str:
    return visible(matter.name, newline=False)


def _plain(text: str) -> str:
    """A short text from outside on one line, all of it seen."""
    return shown(text, lines=False)
