"""`yibu-chat presets`: the parameters that are put away under names, and what a name given with `--preset` brings."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from tui_chat import words
from tui_chat.errors import SettingsError
from tui_chat.store.places import Places, places
from tui_chat.wire.params import Value, show
from tui_chat.words import t

if TYPE_CHECKING:
    from tui_chat.store.presets import Preset


def run(options: Namespace) -> int:
    """Print what each preset holds, or a JSON list; on stderr those that can't be used."""
    from tui_chat.store import presets

    found = presets.load(places())
    for problem in found.problems:
        print(t("cli.presets.problem", name=problem.facts["preset"], says=_says(problem)), file=sys.stderr)
    if options.json:
        print(json.dumps([_as_json(preset) for preset in found.by_name.values()], ensure_ascii=False))
        return 0
    if not found.by_name and not found.problems:
        print(t("cli.presets.none"))
    for preset in found.by_name.values():
        print(preset.name)
        rows = [("-m", preset.model)] if preset.model else []
        rows += [("--set", f"{name}={show(value)}") for name, value in preset.values.items()]
        rows += [("-s", preset.system)] if preset.system is not None else []
        rows += [("--tools", ",".join(preset.tools))] if preset.tools is not None else []
        for option, text in rows:
            print(f"  {option:<7}  {_short(text)}")
    return 0


def take_preset(options: Namespace, where: Places, values: dict[str, Value]) -> dict[str, Value]:
    """The parameters that are asked for: the preset's, over them those of the command line.

    Model, system prompt and tools of the preset become options where the command line has none of them.

    Raises:
        UsageError: there is no such preset.
        SettingsError: it can't be used, or the file can't be read.
    """
    if not options.preset:
        return values
    from tui_chat.store import presets

    preset = presets.load(where).find(options.preset)
    options.model = options.model or preset.model
    options.system = options.system or preset.system or ""
    if preset.tools and not getattr(options, "tools", None):
        options.tools = [preset.tools]
    return {**preset.values, **values}


def _as_json(preset: Preset) -> dict[str, object]:
    return {
        "name": preset.name,
        "model": preset.model or None,
        "system": preset.system,
        "tools": list(preset.tools) if preset.tools is not None else None,
        "values": dict(preset.values),
    }


def _says(problem: SettingsError) -> str:
    return words.t(f"{problem.key}.says", **problem.facts)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:99]}…"
