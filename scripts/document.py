"""Write what is generated from the code: docs/parameters.md and docs/keys.md.

    python scripts/document.py [--check]

With --check nothing is written; exits with 1 where a file is not what it should be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tui_chat import words
from tui_chat.ui.keys import KEYS
from tui_chat.wire.params import PARAMS

DOCS = Path(__file__).resolve().parent.parent / "docs"


def parameters() -> str:
    """The parameter table, in both languages."""
    lines = [
        "# Request parameters",
        "",
        "Generated from `tui_chat/wire/params.py` by `scripts/document.py`. Set one in the Parameters panel or with",
        "`--set NAME=VALUE`; what is not set is not sent.",
        "",
        "“Use instead” marks what is deprecated. For families known to refuse a parameter, and those to which gateways",
        "don't pass it on, a warning stands beside the field; it is sent all the same.",
        "",
        "| name | takes | default at the gateway | use instead | refused by | not passed on to | what it does | 作用 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for param in PARAMS:
        english, chinese = (words.sentences(language)[f"param.{param.name}.help"] for language in ("en", "zh"))
        kind = param.kind.takes.replace("|", "\\|")
        told = (_families(param.refused_by), _families(param.dropped_by), english, chinese)
        instead = f"`{param.deprecated_for}`" if param.deprecated_for else "–"
        lines.append(f"| `{param.name}` | {kind} | {param.default or '–'} | {instead} | {' | '.join(told)} |")
    return "\n".join(lines) + "\n"


def _families(families: Iterable[Callable[[str], bool]]) -> str:
    """What they are, in the words of the table of families."""
    return "; ".join((family.__doc__ or "").partition(".")[0] for family in families) or "–"


def keys() -> str:
    """The key table, in both languages."""
    lines = [
        "# Keys",
        "",
        "Generated from `tui_chat/ui/keys.py` by `scripts/document.py`. Each can be changed in `settings.toml`:",
        "",
        "```toml",
        "[keymap]",
        '"chat.new" = "ctrl+e"',
        "```",
        "",
        "| where | id | keys | what it does | 作用 |",
        "|---|---|---|---|---|",
    ]
    for key in KEYS:
        english, chinese = (words.sentences(language)[f"key.{key.id}"] for language in ("en", "zh"))
        shown = ", ".join(f"`{name}`" for name in key.keys.split(","))
        lines.append(f"| {key.where} | `{key.id}` | {shown} | {english} | {chinese} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    wrong = 0
    for name, text in (("parameters.md", parameters()), ("keys.md", keys())):
        file = DOCS / name
        if file.exists() and file.read_text("utf-8") == text:
            continue
        if "--check" in sys.argv:
            print(f"docs/{name} is not what the code says; run: python scripts/document.py")
            wrong = 1
        else:
            file.write_text(text, "utf-8", newline="\n")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
