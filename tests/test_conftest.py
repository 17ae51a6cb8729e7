"""What holds for every test: its own home, this machine's network only, waiting that says what it waited for."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from pathlib import Path

import pytest

from tests.conftest import NetworkRefused
from tests.gateway.server import FakeGateway
from tests.waiting import eventually, eventually_in_thread


def test_a_test_has_its_own_home_and_no_keys(own_home: Path) -> None:
    assert Path.home() == own_home and os.environ["YIBU_CHAT_HOME"].startswith(str(own_home))
    foreign = [name for name in os.environ if name.startswith(("YIBU_API", "OPENAI_"))]
    assert not foreign and not [name for name in os.environ if name.lower().endswith("_proxy")]


async def test_a_test_reaches_this_machine_only(gateway: FakeGateway) -> None:
    with pytest.raises(NetworkRefused):
        socket.create_connection(("93.184.216.34", 80), 1)
    with pytest.raises(NetworkRefused):
        socket.getaddrinfo("example.org", 443)
    with pytest.raises(NetworkRefused):
        await asyncio.open_connection("example.org", 443)
    with pytest.raises(NetworkRefused), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ("8.8.8.8", 53))
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("gateway.invalid", 443)
    _reader, writer = await asyncio.open_connection("localhost", gateway.port)
    writer.close()
    await writer.wait_closed()


async def test_eventually_waits_and_says_what_it_waited_for() -> None:
    later = time.monotonic() + 0.05
    assert await eventually(lambda: time.monotonic() > later)
    with pytest.raises(AssertionError, match=r"not within 0.02 s: .*later < 0"):
        await eventually(lambda: later < 0, timeout=0.02)

    async def soon() -> str:
        assert time.monotonic() > later
        return "yes"

    assert await eventually(soon) == "yes"
    with pytest.raises(AssertionError, match="the moon"):
        await asyncio.to_thread(eventually_in_thread, lambda: None, 0.02, what="the moon")
