"""What holds for every test: its own home folder, no keys or proxies from outside, no network but this machine's."""

from __future__ import annotations

import gc
import ipaddress
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.gateway.server import FakeGateway
from tests.long_form import long_form

os.environ.pop(
    "PYTHONDONTWRITEBYTECODE", None
)  # or every program that a test starts is compiled anew: a third of its cost
settings.register_profile(
    "shared machine",
    max_examples=long_form("EXAMPLES", 50),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("shared machine")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script: they would be deaf to Ctrl+C
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a run under nohup would make the programs it starts deaf to it
gc.set_threshold(400_000, 20, 100)  # thousands of tests in one process: looked for more often, garbage is a tenth of it

FOLDERS = {
    "HOME": "home",
    "USERPROFILE": "home",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_RUNTIME_DIR": "home/run",
    "APPDATA": "home/AppData/Roaming",
    "LOCALAPPDATA": "home/AppData/Local",
    "YIBU_CHAT_HOME": "home/yibu-chat",
}
FOREIGN = (
    "YIBU_",
    "OPENAI_",
    "TEXTUAL",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLORTERM",
    "LC_",
    "LANGUAGE",
    "SSL_CERT",
    "EDITOR",
    "VISUAL",
)
LONG_FORM = "YIBU_FAULTS_"
"""What asks for long runs of a test (`long_form.py`) reaches it."""
PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}


class NetworkRefused(Exception):
    """A test tried to reach beyond this machine. No OSError, so that no code under test mistakes it for a bad line."""


WHOLE_PROGRAMS = ("e2e", "faults", "local", "terminal", "tools", "ui", "screens")
"""Folders whose tests run whole programs, in real terminals and processes or on the pilot's stage."""


def pytest_collection_finish() -> None:
    """What is imported and collected stays until the end: nobody need look there for garbage."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests of whole programs a second try: on a busy machine a process may be late without being wrong."""
    for item in items:
        if item.path.parent.name in WHOLE_PROGRAMS or item.path.name == "test_speed.py":
            item.add_marker(pytest.mark.flaky(reruns=long_form("RERUNS", 2)))


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home folder for each test, and an environment without keys, proxies, languages or terminals of ours."""
    for name in list(os.environ):
        if (name.startswith(FOREIGN) and not name.startswith(LONG_FORM)) or name.lower() in PROXIES:
            monkeypatch.delenv(name)
    for name, folder in FOLDERS.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    (tmp_path / "home" / "run").mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("YIBU_WARM", "0")  # hundreds of short starts, and what is needed is imported all the same
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every address but loopback and local sockets; names under `.invalid` fail as an unknown host does."""
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex
    real_sendto, real_lookup = socket.socket.sendto, socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        allow(self, address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        allow(self, address)
        return real_connect_ex(self, address)

    def sendto(self: socket.socket, *args: Any) -> int:
        allow(self, args[-1])
        return real_sendto(self, *args)

    def getaddrinfo(host: Any, *args: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name and not is_loopback(name):
            raise NetworkRefused(f"a test looked up {name}")
        return real_lookup(host, *args, **more)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)
    monkeypatch.setattr(socket.socket, "sendto", sendto)
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def allow(sock: socket.socket, address: Any) -> None:
    if sock.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
        raise NetworkRefused(f"a test tried to reach {address[0]}")


def is_loopback(host: str) -> bool:
    if host in ("localhost", "") or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    """A fake gateway, started; its friendly model answers until the test scripts something else."""
    with FakeGateway() as started:
        yield started
