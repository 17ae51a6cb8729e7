"""May this call run? The person's word, and the little that needs none.

Law: nothing that writes, runs a program or reaches another host happens without a person's decision on exactly this
call, or on exactly these argv tokens in this chat.

What needs no word: tools that can do nothing ("harmless"), and tools of this package that read, for those refuse by
themselves whatever lies outside the folders the person has granted. Everything else asks; so does every doubt, for
example a "harmless" tool that turns out to run a program.

"Always" means this very call again: the same tool, arguments, program words and folder, held in memory for one chat.
It is on offer only where repeating can't come to mean something else (`programs.may_repeat`), and for programs only
inside a sandbox. Once text from outside has entered the chat, what could carry data out asks every time: nobody can
tell any more whose wish a call is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from tui_chat.tools.programs import may_repeat
from tui_chat.tools.tool import Arguments, Preview, Tool

Word = Literal["once", "always", "deny", "typed"]


class Decision(Struct, frozen=True):
    """What the person said to one call."""

    word: Word
    reason: str = ""
    """Why it was denied, for the model."""
    arguments: Mapping[str, object] | None = None
    """Edited arguments, to be run instead; None: as the model wrote them."""
    result: str | None = None
    """The result the person typed (word "typed"): nothing runs."""


class Allowance(Struct, frozen=True):
    """Something the person allowed for the rest of one chat: exactly this, nothing like it."""

    tool: str
    argv: tuple[str, ...] = ()
    """Exact tokens of the program that may run again; () for a tool that runs none."""
    arguments: str = ""
    """Canonical JSON of the arguments: a program's words may not be all that it is given."""
    folder: str = ""


class Allowances(Struct):
    """What was allowed in one chat; held in memory only, listed and revocable."""

    given: list[Allowance] = field(default_factory=list)
    tainted: bool = False
    """Text from the web or a remote tool is in the context: what reaches out always asks."""

    def give(self, allowance: Allowance) -> None:
        """The person said "always"."""
        if allowance not in self.given:
            self.given.append(allowance)

    def revoke(self, allowance: Allowance) -> None:
        """The person took it back; nothing happens where it was not given."""
        self.given = [given for given in self.given if given != allowance]

    def taint(self) -> None:
        """Text from outside has entered the context; there is no way back."""
        self.tainted = True

    def allows(self, tool: Tool, arguments: Arguments, preview: Preview) -> bool:
        """Whether the person has allowed exactly this call, and it may still go without asking."""
        allowance = allowance_for(tool, arguments, preview, self)
        return allowance is not None and allowance in self.given


def needs_word(tool: Tool, arguments: Arguments, preview: Preview, allowances: Allowances) -> bool:
    """Whether a person must decide on this call before it runs.

    Args:
        tool: what the model calls.
        arguments: parsed and valid; as they would run.
        preview: what `tool.look` says of these arguments in these surroundings; `Preview()` where it has no `look`.
        allowances: what the person has allowed in this chat.
    """
    return not (_needs_none(tool, preview) or allowances.allows(tool, arguments, preview))


def allowance_for(
    tool: Tool, arguments: Arguments, preview: Preview, allowances: Allowances | None = None
) -> Allowance | None:
    """What "always" would allow for this call; None where it is not on offer.

    Args:
        tool: what the model calls.
        arguments: parsed and valid; as they would run.
        preview: what `tool.look` says of them.
        allowances: of this chat; where they are tainted, nothing that can carry data out is on offer.
    """
    if tool.run is None or (allowances is not None and allowances.tainted and reaches_out(tool, preview)):
        return None
    words = canonical(arguments)
    if words is None:
        return None
    if _runs(tool, preview):
        if not preview.sandbox or not preview.argv or preview.code or not may_repeat(preview.argv, preview.folder):
            return None
        return Allowance(tool.name, preview.argv, words, preview.folder)
    return Allowance(tool.name, (), words, preview.folder)


def reaches_out(tool: Tool, preview: Preview) -> bool:
    """Whether this call could carry what the chat knows to another host."""
    return tool.reaches_out or tool.remote or tool.danger == "network" or preview.network or bool(preview.hosts)


def brings_in(tool: Tool, preview: Preview) -> bool:
    """Whether the result of this call may hold text from outside this computer, so that it taints the chat."""
    return tool.remote or tool.danger == "network" or preview.network or bool(preview.hosts)


def canonical(arguments: Arguments) -> str | None:
    """The arguments as JSON that is the same for the same arguments; None for what JSON can't say."""
    try:
        return json.dumps(dict(arguments), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _runs(tool: Tool, preview: Preview) -> bool:
    return tool.danger == "runs" or preview.runs_program or bool(preview.argv or preview.code)


def _needs_none(tool: Tool, preview: Preview) -> bool:
    """Whether the tool and what this call would do both say that it can do no harm."""
    if tool.run is None or _runs(tool, preview) or preview.diff or reaches_out(tool, preview):
        return False
    return tool.danger == "harmless" or (tool.danger == "reads" and not tool.source)
