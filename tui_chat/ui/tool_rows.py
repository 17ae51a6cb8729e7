"""What stands in the tools panel? Its rows, made from what is offered, switched on and granted; no widget in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.content import Content

from tui_chat.errors import ChatError
from tui_chat.tools.approval import Allowance
from tui_chat.tools.tool import Tool
from tui_chat.tools.visible import shown
from tui_chat.ui import keys, speech
from tui_chat.ui.approval_text import source_in_words
from tui_chat.ui.gate import visible
from tui_chat.ui.server_rows import about_server, server_row
from tui_chat.ui.transcript.wrap import width_of
from tui_chat.ui.widgets.lines import clipped
from tui_chat.wire.kinds import TOOL_WORDS
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.tools.mcp_state import ServerState

LONG_CHARACTERS = 1_000
"""A description longer than this may hold instructions that nobody reads."""
DESCRIPTION_SHOWN = 150

DANGERS = {
    "harmless": "$text-success",
    "reads": "$text-primary",
    "writes": "$text-warning",
    "runs": "bold $text-error",
    "network": "$text-accent",
}
Row = tuple[str | None, Content]
"""Id and what it looks like; without an id it only says something."""


class Offer(Struct, frozen=True):
    """All that the panel shows."""

    tools: tuple[Tool, ...] = ()
    on: tuple[str, ...] = ()
    """Names of those that are switched on in this chat."""
    choice: str | None = None
    """`tool_choice`, None while it is not set."""
    parallel: bool | None = None
    """`parallel_tool_calls`, None while it is not set."""
    folders: tuple[str, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    problems: tuple[ChatError, ...] = ()
    ready: bool = False
    """Whether the tools were looked for already."""
    servers: tuple[ServerState, ...] = ()
    """The person's MCP servers, and how they stand."""

    @property
    def switched_on(self) -> tuple[Tool, ...]:
        """The tools that are on and there."""
        return tuple(tool for tool in self.tools if tool.name in self.on)

    def tool(self, name: str) -> Tool | None:
        """The tool of that name."""
        return next((tool for tool in self.tools if tool.name == name), None)


def summary(offer: Offer) -> str:
    """How many are on, and what they cost in every request."""
    if not offer.ready:
        return t("toolbox.loading")
    on = offer.switched_on
    if not on:
        return t("toolbox.none_on", all=len(offer.tools)) if offer.tools else t("toolbox.no_tools")
    tokens = speech.count(sum(tool.weight_tokens for tool in on))
    return t("toolbox.summary", on=len(on), all=len(offer.tools), tokens=tokens)


def rows(offer: Offer, width: int) -> list[Row]:
    """All rows, `width` cells wide."""
    made: list[Row] = []
    for source, tools in groupby(sorted(offer.tools, key=_order), key=lambda tool: tool.source):
        made += _headed(t("toolbox.source_heading", source=source_in_words(source)), width, made)
        made += [(f"tool:{tool.name}", _tool_row(tool, tool.name in offer.on, width)) for tool in tools]
    if offer.tools:
        made += _headed(t("toolbox.rules"), width, made)
        made.append(("choice", _value_row(t("toolbox.choice"), choice_in_words(offer.choice), width, offer.choice)))
        parallel = (
            t("toolbox.unset") if offer.parallel is None else t(f"parameters.{'on' if offer.parallel else 'off'}")
        )
        made.append(("parallel", _value_row(t("toolbox.parallel"), parallel, width, offer.parallel)))
    made += _headed(t("servers.title"), width, made)
    widest = max((width_of(state.name) for state in offer.servers), default=0)
    made += [(f"server:{state.name}", server_row(state, width, widest)) for state in offer.servers]
    if not offer.servers:
        made.append(("server:", Content.styled(clipped(f"+ {t('servers.add')}", width), "$text-accent")))
    made += _headed(t("toolbox.folders"), width, made)
    for at, folder in enumerate(offer.folders):
        made.append((f"folder:{at}", Content(clipped(f"  {_plain(speech.home_short(folder))}", width))))
    if not offer.folders:
        made.append((None, Content(clipped(f"  {t('toolbox.folder_none')}", width))))
    made.append(("add", Content.styled(clipped(f"+ {t('toolbox.folder_add')}", width), "$text-accent")))
    if offer.allowances:
        made += _headed(t("toolbox.allowed"), width, made)
        for at, allowance in enumerate(offer.allowances):
            made.append((f"allowed:{at}", Content(clipped(f"  {allowance_in_words(allowance)}", width))))
    if offer.problems:
        made += _headed(t("toolbox.problems"), width, made)
        for at, problem in enumerate(offer.problems):
            words = speech.says(problem.key, problem.facts)
            made.append((f"problem:{at}", Content.styled(clipped(f"✕ {_plain(words)}", width), "$text-error")))
    return made


def choices(offer: Offer) -> list[str | None]:
    """The values of `tool_choice` there are, in their order: not set, the words, each tool that is on."""
    named = [tool.name for tool in offer.switched_on]
    if offer.choice is not None and offer.choice not in (*TOOL_WORDS, *named):
        named.append(offer.choice)
    return [None, *TOOL_WORDS, *named]


def turned(values: Sequence[str | None] | Sequence[bool | None], now: object, step: int) -> object:
    """The value after this one, or before it."""
    at = list(values).index(now) if now in values else 0  # type: ignore[arg-type]  # `in` has just told
    return values[(at + step) % len(values)]


def is_removable(offer: Offer, id: str) -> bool:
    """Whether there is something to take back in the row of this id."""
    kind, _, _ = id.partition(":")
    values = {"choice": offer.choice, "parallel": offer.parallel}
    return kind in ("folder", "allowed") or values.get(kind) is not None


def choice_in_words(choice: str | None) -> str:
    """A value of `tool_choice`."""
    return t("toolbox.unset") if choice is None else choice


def allowance_in_words(allowance: Allowance) -> str:
    """What may run without asking: a program's tokens, or a tool with its arguments."""
    import shlex

    what = shlex.join(allowance.argv) if allowance.argv else allowance.arguments
    return f"{_plain(allowance.tool)}  {shown(what, lines=False)}"


def about(offer: Offer, id: str | None) -> Content:
    """What is to be known of the row under the cursor."""
    kind, _, rest = (id or "").partition(":")
    match kind:
        case "tool" if (tool := offer.tool(rest)) is not None:
            return _about_tool(tool)
        case "choice":
            return Content(t("toolbox.help_choice"))
        case "parallel":
            return Content(t("toolbox.help_parallel"))
        case "add":
            return Content(t("toolbox.help_add", open_key=keys.shown("tools.open")))
        case "folder":
            return _two(_at(offer.folders, rest), t("toolbox.help_folder", remove_key=keys.shown("tools.remove")))
        case "server":
            return _about_server(offer, rest)
        case "allowed":
            allowance = offer.allowances[int(rest)] if int(rest) < len(offer.allowances) else None
            words = allowance_in_words(allowance) if allowance is not None else ""
            return _two(words, t("toolbox.help_allowed", remove_key=keys.shown("tools.remove")))
        case "problem" if int(rest) < len(offer.problems):
            return Content(visible(speech.explain(offer.problems[int(rest)])))
        case _:
            return Content("")


def hides_something(text: str) -> bool:
    """Whether a text has characters that nobody sees; blanks and line ends in rows are no reason."""
    bare = re.sub(r"\s*\n\s*|[ \t]+", " ", text).strip()
    return shown(bare, lines=False) != bare


def _about_server(offer: Offer, name: str) -> Content:
    state = next((each for each in offer.servers if each.name == name), None)
    hint = Content.styled(t("servers.help_row", open_key=keys.shown("tools.open")), "$text-muted")
    told = about_server(state) if state is not None else Content("")
    return Content("\n").join((told, hint)) if told.plain else hint


def _about_tool(tool: Tool) -> Content:
    danger = Content.styled(t(f"toolbox.danger_long.{tool.danger}"), DANGERS[tool.danger])
    facts = [t("toolbox.tokens", tokens=tool.weight_tokens)]
    if tool.run is None:
        facts.append(t("toolbox.by_hand"))
    description = " ".join(visible(tool.description).split())
    if len(description) > DESCRIPTION_SHOWN:
        description = description[: DESCRIPTION_SHOWN - 1] + "…"
    hint = t("toolbox.help", on_key=keys.shown("tools.toggle"), open_key=keys.shown("tools.open"))
    return Content("\n").join(
        (
            Content.styled(visible(tool.name, newline=False), "bold"),
            danger,
            Content.styled(" · ".join(facts), "$text-muted"),
            Content(description),
            Content.styled(hint, "$text-muted"),
        )
    )


def _tool_row(tool: Tool, on: bool, width: int) -> Content:
    danger, weight = t(f"toolbox.danger.{tool.danger}"), speech.count(tool.weight_tokens)
    column = max(width_of(t(f"toolbox.danger.{name}")) for name in DANGERS)
    room = max(4, width - 2 - column - 7)
    return Content.assemble(
        ("● " if on else "○ ", "$text-success" if on else "$text-muted"),
        (clipped(visible(_name_under_heading(tool), newline=False), room), "" if on else "$foreground 80%"),
        " ",
        (clipped(danger, column), DANGERS[tool.danger]),
        (weight.rjust(6), "$text-muted"),
    )


def _name_under_heading(tool: Tool) -> str:
    """An MCP server's tools stand under its name: it need not stand before each of them too."""
    return tool.name.partition("__")[2] if tool.source.startswith("MCP ") and "__" in tool.name else tool.name


def _value_row(label: str, value: str, width: int, set_to: object) -> Content:
    value = clipped(_plain(value), min(width_of(_plain(value)), max(4, width // 2)))
    room = width - 2 - width_of(value) - 5
    return Content.assemble(
        f"  {clipped(label, max(4, room))} ",
        ("‹ ", "$text-accent"),
        (value, "bold" if set_to is not None else "$text-muted"),
        (" ›", "$text-accent"),
    )


def _headed(title: str, width: int, before: list[Row]) -> Iterator[Row]:
    if before:
        yield None, Content("")
    yield None, Content.styled(clipped(_plain(title), width), "bold $text-primary")


def _order(tool: Tool) -> tuple[int, str]:
    """This package's own first, then by source; within one as they come."""
    return (0 if not tool.source else 1 if not tool.source.startswith(("package ", "MCP ")) else 2, tool.source)


def _two(first: str, second: str) -> Content:
    return Content("\n").join((Content(_plain(first)), Content.styled(second, "$text-muted")))


def _at(texts: Sequence[str], number: str) -> str:
    return texts[int(number)] if int(number) < len(texts) else ""


def _plain(text: str) -> str:
    return visible(text, newline=False)
