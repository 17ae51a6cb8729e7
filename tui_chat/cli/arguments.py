"""What can be typed after `yibu-chat`: the verbs and their options."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from tui_chat import __version__
from tui_chat.words import t

Fill = Callable[[argparse.ArgumentParser], None]


class _Formatter(argparse.HelpFormatter):
    """Help as wide as the terminal. To learn that, argparse would import shutil and its compressors at every start."""

    def __init__(self, prog: str) -> None:
        columns = 0
        with suppress(KeyError, ValueError):
            columns = int(os.environ["COLUMNS"])
        if columns <= 0:
            with suppress(OSError):
                columns = os.get_terminal_size().columns
        super().__init__(prog, width=(columns if columns > 0 else 80) - 2)


class _Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one sentence, in the person's language."""

    fill: Fill | None = None
    """Adds its options once it is to parse: of all verbs a start uses one at most."""

    def __init__(self, **named: Any) -> None:
        super().__init__(formatter_class=_Formatter, **named)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        fill, self.fill = self.fill, None
        if fill is not None:
            fill(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        print(t("cli.usage_error", message=message, program=self.prog), file=sys.stderr)
        sys.exit(2)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Options by name, with `verb` the name of the module that runs them; exits with 2 on bad usage."""
    parser = _Parser(prog="yibu-chat", description=t("cli.about"), epilog=t("cli.epilog"))
    parser.add_argument("--version", action="version", version=f"yibu-chat {__version__}")
    parser.add_argument("-c", "--continue", dest="last", action="store_true", help=t("cli.help.last"))
    _add_chat_options(parser)
    fix = parser.add_argument("--fix-terminal", dest="verb", action="store_const", const="fix_terminal")
    fix.help = t("cli.help.fix_terminal")
    parser.set_defaults(verb="tui")
    # argparse would import shutil, and that its compressors, to find the name that is given here.
    verbs = parser.add_subparsers(title=t("cli.verbs"), metavar="", parser_class=_Parser, prog=parser.prog)

    for verb, fill in _VERBS.items():
        _add(verbs, verb, fill)
    options = parser.parse_args(argv)
    if options.verb == "ask" and options.local and not options.local.lower().endswith(".gguf"):
        # `ask --local "a question"`: the option takes a file or nothing, so what stands there was the question.
        options.prompt.insert(0, options.local)
        options.local = ""
    return options


def _names(typed: str) -> tuple[str, ...]:
    return tuple(name for part in typed.split(",") if (name := part.strip()))


def _count(typed: str) -> int:
    if not typed.isdecimal() or int(typed) < 1:
        raise argparse.ArgumentTypeError(t("cli.not_a_count", typed=typed))
    return int(typed)


def _add(verbs: argparse._SubParsersAction[_Parser], verb: str, fill: Fill) -> None:
    about = t(f"cli.about_{verb}")
    parser = verbs.add_parser(verb, help=about, description=about)
    parser.set_defaults(verb=verb)
    parser.fill = fill


def _add_ask(ask: argparse.ArgumentParser) -> None:
    ask.add_argument("prompt", nargs="*", metavar="PROMPT", help=t("cli.help.prompt"))
    _add_chat_options(ask)
    ask.add_argument(
        "-i", "--image", dest="images", action="append", default=[], metavar="IMAGE", help=t("cli.help.image")
    )
    ask.add_argument("-f", "--file", dest="files", action="append", default=[], metavar="FILE", help=t("cli.help.file"))
    ask.add_argument("-n", dest="count", default="", metavar="N", help=t("cli.help.choices"))
    ask.add_argument("--logprobs", action="store_true", help=t("cli.help.logprobs"))
    ask.add_argument("--schema", default="", metavar="FILE", help=t("cli.help.schema"))
    ask.add_argument("--prediction", default="", metavar="FILE", help=t("cli.help.prediction"))
    ids = ask.add_argument("--file-id", dest="file_ids", action="append", default=[], metavar="ID")
    ids.help = t("cli.help.file_id")
    ask.add_argument("--audio-out", default="", metavar="FILE", help=t("cli.help.audio_out"))
    ask.add_argument("--tools", action="append", default=[], type=_names, metavar="NAME,…", help=t("cli.help.tools"))
    ask.add_argument(
        "--allow-tool",
        dest="allowed",
        action="append",
        default=[],
        type=_names,
        metavar="NAME",
        help=t("cli.help.allow_tool"),
    )
    ask.add_argument("--no-stream", action="store_true", help=t("cli.help.no_stream"))
    _add_json(ask)
    where = ask.add_mutually_exclusive_group()
    where.add_argument("-c", "--continue", dest="last", action="store_true", help=t("cli.help.last"))
    where.add_argument("--chat", metavar="ID", help=t("cli.help.chat"))
    where.add_argument("--no-save", action="store_true", help=t("cli.help.no_save"))


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=t("cli.help.json"))


def _add_balance(balance: argparse.ArgumentParser) -> None:
    _add_json(balance)
    balance.add_argument("--log", action="store_true", help=t("cli.help.log"))


def _add_usage(usage: argparse.ArgumentParser) -> None:
    usage.add_argument("--by", choices=("day", "chat", "model"), default="day", help=t("cli.help.by"))
    _add_json(usage)


def _add_prices(prices: argparse.ArgumentParser) -> None:
    prices.add_argument("model", nargs="?", metavar="MODEL", help=t("cli.help.price_model"))
    _add_json(prices)


def _add_search(search: argparse.ArgumentParser) -> None:
    search.add_argument("text", nargs="+", metavar="TEXT", help=t("cli.help.text"))
    _add_json(search)
    search.add_argument("--limit", type=_count, metavar="N", help=t("cli.help.limit"))


def _add_export(export: argparse.ArgumentParser) -> None:
    export.add_argument("chat", metavar="ID", help=t("cli.help.chat"))
    export.add_argument("-o", "--output", metavar="FILE", help=t("cli.help.output"))


def _add_doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument("--offline", action="store_true", help=t("cli.help.offline"))


def _add_local(local: argparse.ArgumentParser) -> None:
    local.add_argument("model", nargs="?", metavar="MODEL.gguf", help=t("cli.help.gguf"))
    local.add_argument("-y", "--yes", action="store_true", help=t("cli.help.yes"))


def _add_stored(stored: argparse.ArgumentParser) -> None:
    actions = stored.add_subparsers(metavar="", parser_class=_Parser, dest="action", required=True)
    parsers = {}
    for action in ("list", "show", "messages", "update", "delete"):
        about = t(f"cli.stored.about_{action}")
        parsers[action] = parser = actions.add_parser(action, help=about, description=about)
        if action != "list":
            parser.add_argument("id", metavar="ID", help=t("cli.stored.id"))
        _add_json(parser)
    for parser in (parsers["list"], parsers["messages"]):
        parser.add_argument("--after", default="", metavar="ID", help=t("cli.stored.after"))
        parser.add_argument("--limit", type=_count, metavar="N", help=t("cli.stored.limit"))
        parser.add_argument("--order", default="", choices=("asc", "desc"), help=t("cli.stored.order"))
        parser.add_argument("--all", action="store_true", help=t("cli.stored.all"))
    listed = parsers["list"]
    listed.add_argument("-m", "--model", default="", metavar="MODEL", help=t("cli.stored.model"))
    listed.add_argument("--metadata", action="append", default=[], metavar="KEY=VALUE", help=t("cli.stored.metadata"))
    parsers["update"].add_argument("pairs", nargs="*", metavar="KEY=VALUE", help=t("cli.stored.pairs"))
    parsers["update"].add_argument("--clear", action="store_true", help=t("cli.stored.clear"))
    parsers["delete"].add_argument("-y", "--yes", action="store_true", help=t("cli.stored.yes"))


def _add_mcp(mcp: argparse.ArgumentParser) -> None:
    actions = mcp.add_subparsers(metavar="", parser_class=_Parser, dest="action", required=True)
    for action in ("list", "confirm", "approve", "forget"):
        about = t(f"cli.mcp.about_{action}")
        parser = actions.add_parser(action, help=about, description=about)
        if action == "list":
            _add_json(parser)
            continue
        parser.add_argument("name", metavar="NAME", help=t("cli.mcp.name"))
        if action == "approve":
            parser.add_argument("tools", nargs="*", metavar="TOOL", help=t("cli.mcp.tools"))
        if action != "forget":
            parser.add_argument("-y", "--yes", action="store_true", help=t("cli.mcp.yes"))


def _add_chat_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-m", "--model", default="", metavar="MODEL", help=t("cli.help.model"))
    parser.add_argument("-s", "--system", default="", metavar="SYSTEM", help=t("cli.help.system"))
    parser.add_argument(
        "--set", dest="values", action="append", default=[], metavar="NAME=VALUE", help=t("cli.help.set")
    )
    parser.add_argument("--preset", default="", metavar="NAME", help=t("cli.help.preset"))
    parser.add_argument("--local", nargs="?", const="", default=None, metavar="MODEL.gguf", help=t("cli.help.local"))


_VERBS: dict[str, Fill] = {
    "ask": _add_ask,
    **dict.fromkeys(("models", "sessions", "params", "presets", "tools"), _add_json),
    "balance": _add_balance,
    "usage": _add_usage,
    "prices": _add_prices,
    "stored": _add_stored,
    "mcp": _add_mcp,
    "search": _add_search,
    "export": _add_export,
    "doctor": _add_doctor,
    "local": _add_local,
}
