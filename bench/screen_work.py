"""What is measured of a client in its terminal: start, streaming, typing, idling, and a chat that is long already."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.clients import PATIENCE_S, Client, new_home
from bench.document import MARK
from bench.echo import percentile
from bench.gateway import Gateway, order
from bench.terminal import Watched

Figures = dict[str, float]

AFTER_LIMIT_S = 20.0
"""So long is watched what a client still works on once the end of the answer is on the screen."""
EVERYDAY = (10_000, 100)
BUSY = (40_000, 1_000)
KEY_EVERY_S = 0.15
BUSY_KEYS = 70
BUSY_KEY_EVERY_S = 0.11
IDLE_S = 5.0
ACTIONS_S = 3.0
"""One kind of action is repeated for so long at most."""
STEP_S = 0.12


class TooLong(Exception):
    """It was given up; the figures are what had been spent by then."""

    def __init__(self, spent: Figures) -> None:
        super().__init__("given up")
        self.spent = spent


def startup(client: Client, times: int = 7) -> Figures:
    """CPU and wall time of a start until a prompt takes keys; medians, the first start not counted."""
    cpu, ready, first = [], [], []
    with Gateway() as gateway:
        for _ in range(times + 1):
            with new_home() as home, client.run(Path(home), gateway.root_url) as program:
                ready.append(program.wait_ready(client.ready))
                cpu.append(program.cpu())
                first.append(program.first_picture_s())
    medians = (statistics.median(values[1:]) for values in (cpu, ready, first))
    return dict(zip(("cpu_s", "ready_s", "first_picture_s"), medians, strict=True))


@contextmanager
def started(client: Client) -> Iterator[Watched]:
    """The client in a home of its own, once it takes keys and has nothing left to do."""
    with Gateway() as gateway, new_home() as home, client.run(Path(home), gateway.root_url) as program:
        program.wait_ready(client.ready)
        program.wait_calm(1.0)
        yield program


def stream(client: Client, size_kb: int) -> Figures:
    """CPU, wall time, memory and bytes to the terminal for one answer as fast as the gateway sends.

    Raises:
        TooLong: the end of the answer was not on the screen in time.
    """
    with started(client) as program:
        before = ask(program, client, order(size_kb * 1000))
        written, begun_s = program.written_bytes, time.monotonic()
        figures = until_mark(program, before, begun_s, written, client.patience_s)
        figures["tty_kb"] = (program.written_bytes - written) / 1000
        figures["after_cpu_s"] = max(0.0, program.wait_calm(0.75, AFTER_LIMIT_S) - before - figures["cpu_s"])
        figures["peak_mb"] = program.peak_mb()
        return figures


def ask(program: Watched, client: Client, text: str) -> float:
    """Type a message at the speed of a hand and send it; the CPU-seconds used before the last key."""
    for letter in text:
        program.stroke(letter)
        time.sleep(0.03)
    program.wait_for(text, 20)
    program.wait_calm(0.25, 5)
    before = program.cpu()
    for key in client.enter:
        program.stroke(key)
    return before


def until_mark(program: Watched, before: float, begun_s: float, written: int, limit_s: float = PATIENCE_S) -> Figures:
    """CPU and wall time until the end of the answer is on the screen."""
    try:
        ended_s = program.wait_bytes(MARK.encode(), limit_s, written)
    except TimeoutError:
        raise TooLong({"cpu_s": program.cpu() - before, "wall_s": time.monotonic() - begun_s}) from None
    return {"cpu_s": program.cpu() - before, "wall_s": ended_s - begun_s}


def everyday(client: Client) -> Figures:
    """10 kB at 100 tokens a second while someone types: CPU of the whole answer, key echo."""
    size_bytes, per_second = EVERYDAY
    with started(client) as program:
        before = ask(program, client, order(size_bytes, per_second))
        written, begun_s = program.written_bytes, time.monotonic()
        time.sleep(1.0)
        delays = program.key_delays_ms(KEY_EVERY_S, int(22 / KEY_EVERY_S))
        figures = until_mark(program, before, begun_s, written)
        figures["after_cpu_s"] = max(0.0, program.wait_calm(0.75, AFTER_LIMIT_S) - before - figures["cpu_s"])
        return figures | {"p50_ms": percentile(delays, 0.5), "p95_ms": percentile(delays, 0.95)}


def busy(client: Client) -> Figures:
    """Key echo while a thousand deltas a second arrive."""
    with started(client) as program:
        before = ask(program, client, order(*BUSY))
        begun_s = time.monotonic()
        time.sleep(0.5)
        delays = program.key_delays_ms(BUSY_KEY_EVERY_S, BUSY_KEYS)
        share = 100 * (program.cpu() - before) / (time.monotonic() - begun_s)
        return {"p50_ms": percentile(delays, 0.5), "p99_ms": percentile(delays, 0.99), "cpu_percent": share}


def quiet_keys(client: Client) -> Figures:
    """Key echo while nothing else happens."""
    with started(client) as program:
        delays = program.key_delays_ms(BUSY_KEY_EVERY_S, BUSY_KEYS)
        return {
            name: percentile(delays, share) for name, share in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99))
        }


def idle(client: Client) -> Figures:
    """Share of one processor while nobody does anything, with an answer of 2 kB on the screen where it can have one."""
    with started(client) as program:
        if client.answers_kb:
            before = ask(program, client, order(2_000))
            until_mark(program, before, time.monotonic(), 0)
            program.wait_calm(1.0, AFTER_LIMIT_S)
        spent, begun_s = program.cpu(), time.monotonic()
        time.sleep(IDLE_S)
        return {"cpu_percent": 100 * (program.cpu() - spent) / (time.monotonic() - begun_s)}


def opened(client: Client, messages: int, times: int) -> Figures:
    """A chat of so many messages: CPU and memory of opening it over an empty start, then CPU of what is done in it."""
    assert client.keep is not None
    with Gateway() as gateway, new_home() as empty, new_home() as full:
        client.keep(Path(full), messages)
        if client.open_keys:
            client.keep(Path(empty), 2)
        bare = [start_cost(client, Path(empty), gateway, bool(client.open_keys)) for _ in range(times)]
        held = [start_cost(client, Path(full), gateway, True) for _ in range(times - 1)]
        with client.run(Path(full), gateway.root_url, True) as program:
            program.wait_ready(client.ready)
            held.append((open_chat(program, client), program.peak_mb()))
            acts = actions(program, client)
    return {
        "cpu_s": min(held)[0] - min(bare)[0],
        "rss_mb": min(mb for _cpu, mb in held) - min(mb for _cpu, mb in bare),
        **acts,
    }


def start_cost(client: Client, home: Path, gateway: Gateway, chat: bool) -> tuple[float, float]:
    """CPU-seconds of a start until everything is there and warm, and the memory it has then."""
    with client.run(home, gateway.root_url, chat) as program:
        program.wait_ready(client.ready)
        spent = open_chat(program, client) if chat else program.wait_calm(2.0)
        return spent, program.peak_mb()


def open_chat(program: Watched, client: Client) -> float:
    """Open the chat where the start alone does not; the CPU-seconds once it is open."""
    for key in client.open_keys:
        program.wait_calm(0.5, 10)
        program.stroke(key)
    return program.wait_calm(2.0, 60)


def actions(program: Watched, client: Client) -> Figures:
    """CPU milliseconds of one key press, one resize, one scroll step and one jump."""
    letters = iter("the quick brown fox jumps over the lazy dog" * 2)
    widths = iter((110, 120) * 20)
    figures = {
        "key_ms": cost_ms(program, 40, lambda: program.stroke(next(letters))),
        "resize_ms": cost_ms(program, 8, lambda: program.resize(next(widths), 40)),
        "scroll_ms": cost_ms(program, 30, lambda: program.click(60, 12, 64)),
    }
    if client.jump is not None:
        ways = iter(client.jump * 20)
        figures["jump_ms"] = cost_ms(program, 8, lambda: press(program, next(ways)))
    return figures


def press(program: Watched, keys: Sequence[str]) -> None:
    """Some keys, one right after the other."""
    for key in keys:
        program.stroke(key)


def cost_ms(program: Watched, times: int, act: Callable[[], object]) -> float:
    """CPU milliseconds of one action, the mean of some, each left to end before the next; less what idling costs."""
    begun_s, before, done = time.monotonic(), program.cpu(), 0
    while done < times and time.monotonic() < begun_s + ACTIONS_S:
        now = program.cpu()
        act()
        time.sleep(STEP_S)
        if program.cpu() - now > STEP_S / 2:
            program.wait_calm(0.25, 20)
        done += 1
    return 1000 * (program.wait_calm(0.5, 20) - before) / done
