"""What is measured of `yibu-chat ask`: how much was worked before the request is at the gateway."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.clients import isolated, new_home, start_ours
from bench.meter import cpu_seconds

TIMES = 9
LEAST = "import asyncio, httpx; asyncio.run(httpx.AsyncClient(trust_env=False).post({url!r}, json={{}}))"
"""The least Python with the usual library: no settings, no chat, nothing printed."""


def ask() -> dict[str, float]:
    """CPU-seconds from the start of the process until the first byte of its request comes; medians."""
    ours, least = [], []
    with new_home() as home, socket.create_server(("127.0.0.1", 0)) as server:
        root_url = f"http://127.0.0.1:{server.getsockname()[1]}"
        start = start_ours(Path(home), root_url, chat=False)
        command = [*start.command[:3], "ask", *start.command[3:], "hello"]
        floor = [sys.executable, "-c", LEAST.format(url=root_url)]
        for _ in range(TIMES + 1):  # in turn, so that both see the same hour of the machine
            ours.append(until_request(command, {**isolated(Path(home)), **start.env}, server))
            least.append(until_request(floor, isolated(Path(home)), server))
    return {"cpu_s": statistics.median(ours[1:]), "floor_cpu_s": statistics.median(least[1:])}


def until_request(
    command: Sequence[str | os.PathLike[str]], env: Mapping[str, str | None], server: socket.socket
) -> float:
    """CPU-seconds of one run until its request is here; it gets no answer."""
    known = {name: value for name, value in {**os.environ, **env}.items() if value is not None}
    server.settimeout(60)
    with subprocess.Popen(command, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            connection, _address = server.accept()
            with connection:
                connection.settimeout(60)
                connection.recv(1)
                return cpu_seconds(process.pid)
        finally:
            process.kill()
