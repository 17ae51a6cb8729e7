"""The headless door on a stage: arguments in, exit code and both outputs back."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.gateway.server import FakeGateway
from tui_chat import words
from tui_chat.cli import main


@dataclass(frozen=True)
class Ran:
    """What one run of the command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run `yibu-chat` with these arguments; `stdin` is what is piped in."""
    language = words.language()

    def go(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as ended:  # argparse's own way out
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    yield go
    words.speak(language)


@pytest.fixture
def keyed(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    """A gateway and a key for it in the environment."""
    monkeypatch.setenv("YIBU_API_KEY", "sk-" + "canary" * 8)
    monkeypatch.setenv("YIBU_BASE_URL", gateway.base_url)
    return gateway
