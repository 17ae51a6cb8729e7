"""`yibu-chat doctor`: what this program stands on, so that a fault can be found; safe to paste anywhere.

No secret is printed: of the key only where it came from.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from argparse import Namespace
from importlib import metadata

from tui_chat import __version__
from tui_chat.cli import EXIT_ERROR, sentence
from tui_chat.errors import ChatError
from tui_chat.wiring import House
from tui_chat.words import t

_TERMINAL_VARIABLES = ("TERM", "COLORTERM", "TERM_PROGRAM", "TMUX", "SSH_CONNECTION", "LANG", "LC_ALL", "NO_COLOR")
_PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_PACKAGES = ("textual", "rich", "h11", "pillow", "truststore", "xllamacpp", "keyring")
_CLIPBOARD_TOOLS = ("wl-copy", "xclip", "xsel", "pbcopy", "clip.exe")


def run(options: Namespace) -> int:
    """Print the report; 0 where the connection works or was not tried, else 1."""
    house = House(lambda event: None)
    try:
        _section("doctor.program", [("yibu-chat", __version__), ("Python", sys.version.split()[0]), *_packages()])
        _section("doctor.system", [("", platform.platform()), *_terminal()])
        _section("doctor.places", _places(house))
        return _connection(house, options.offline)
    finally:
        house.close()


def _section(title: str, rows: list[tuple[str, str]]) -> None:
    print(t(title))
    for name, value in rows:
        print(f"  {name:<18} {value}" if name else f"  {value}")
    print()


def _packages() -> list[tuple[str, str]]:
    rows = []
    for name in _PACKAGES:
        try:
            rows.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            rows.append((name, t("doctor.absent")))
    return rows


def _terminal() -> list[tuple[str, str]]:
    size = shutil.get_terminal_size()
    tools = [tool for tool in _CLIPBOARD_TOOLS if shutil.which(tool)]
    present = {name: os.environ[name] for name in _TERMINAL_VARIABLES if os.environ.get(name)}
    for private in ("SSH_CONNECTION", "TMUX"):  # whether, not where from
        if private in present:
            present[private] = t("doctor.yes")
    return [
        *present.items(),
        (t("doctor.size"), f"{size.columns}×{size.lines}"),
        (t("doctor.is_terminal"), t("doctor.yes") if sys.stdout.isatty() else t("doctor.no")),
        (t("doctor.clipboard"), ", ".join(tools) or "OSC 52"),
        (t("doctor.kitty_keys"), t("doctor.kitty_hint")),
    ]


def _places(house: House) -> list[tuple[str, str]]:
    places = house.places
    summaries = house.library.summaries()
    return [
        (t("doctor.config"), str(places.config)),
        (t("doctor.cache"), str(places.cache)),
        (t("doctor.settings"), str(places.settings_file)),
        (t("doctor.chats"), t("doctor.chat_count", count=len(summaries))),
        (t("doctor.damaged"), str(sum(summary.damaged for summary in summaries))),
    ]


def _connection(house: House, offline: bool) -> int:
    proxies = [name for name in _PROXY_VARIABLES if os.environ.get(name) or os.environ.get(name.lower())]
    rows = [
        (t("doctor.address"), house.settings.base_url),
        (t("doctor.proxies"), ", ".join(proxies) or t("doctor.none")),
    ]
    code = 0
    try:
        connection = house.find_connection()
        if connection is None:
            rows.append((t("doctor.key"), t("doctor.no_key")))
        else:
            rows.append((t("doctor.key"), t("doctor.key_from", source=connection.source)))
            if not offline:
                models = house.engine.submit(house.models()).result()
                rows.append((t("doctor.test"), t("doctor.works", count=len(models))))
    except ChatError as error:
        rows.append((t("doctor.test"), sentence(error).replace("\n", " ")))
        code = EXIT_ERROR
    _section("doctor.connection", rows)
    return code
