"""How fast is it? This project in a real terminal, beside Textual's own way and other clients, in one run.

    python bench/run.py [startup|stream|typing|open|idle|ask|store|search|sse|all] [--peers | --peer NAME] [--write]
    python bench/run.py profile

Every figure is kept as soon as it is there, so that a run that was stopped goes on with --resume. --write makes
bench/RESULTS.md, the charts and results.json of what was measured. Machines differ: the ratios within one run, on a
machine that does nothing else, are the result.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # not this folder, whose names are its own

from bench import ask_work, frame_profile, inside_work, screen_work  # noqa: E402  # after the path is set
from bench.clients import BARE, CACHE, OURS, STREAM, Client, own_clients  # noqa: E402
from bench.figures import Results, load  # noqa: E402
from bench.peers import PEERS, Peer  # noqa: E402
from bench.report import name_of, spoken, write  # noqa: E402

KEPT = CACHE / "results.json"
WORKS = ("startup", "stream", "typing", "open", "idle", "ask", "store", "search", "sse")
SCREENLESS = {
    "ask": ask_work.ask,
    "store": inside_work.store,
    "search": inside_work.search,
    "sse": inside_work.sse,
}
SLOW_STARTS = 2
"""So often a peer is started, beside once that is not counted; the quick ones are started more often."""


@dataclass(frozen=True)
class Task:
    """One row of one client."""

    row: str
    client: Client
    measure: Callable[[], dict[str, float]]


def tasks(work: str, client: Client) -> Iterator[Task]:
    """What is measured of a client for one kind of work."""
    ours = client.name == OURS
    if work == "startup":
        times = 7 if client.name in (OURS, BARE, STREAM) else SLOW_STARTS
        yield Task("startup", client, partial(screen_work.startup, client, times))
    elif work == "stream":
        for size_kb in client.answers_kb:
            yield Task(f"stream {size_kb}", client, partial(screen_work.stream, client, size_kb))
    elif work == "typing":
        if client.types and client.answers_kb:
            yield Task("everyday", client, partial(screen_work.everyday, client))
        if client.name in (OURS, STREAM):
            yield Task("busy", client, partial(screen_work.busy, client))
        if client.name in (OURS, BARE):
            yield Task("quiet keys", client, partial(screen_work.quiet_keys, client))
    elif work == "open":
        for messages in client.sizes:
            yield Task(f"open {messages}", client, partial(screen_work.opened, client, messages, 3 if ours else 1))
    elif work == "idle":
        yield Task("idle", client, partial(screen_work.idle, client))
    elif work == "profile" and ours:
        yield Task("profile", client, partial(frame_profile.profile, client))
    elif ours:
        yield Task(work, client, SCREENLESS[work])


def measure(task: Task, results: Results) -> None:
    """Measure one row, say so, and keep it; what can't be measured is kept with the reason."""
    begun_s, note = time.monotonic(), ""
    figures: dict[str, float] = {}
    try:
        figures = task.measure()
    except screen_work.TooLong as error:
        figures, note = error.spent, f"given up after {task.client.patience_s:g} s"
    except (AssertionError, EOFError, TimeoutError) as error:
        note = (str(error) or type(error).__name__).splitlines()[0].partition(". The screen")[0]
    results.put(task.row, task.client.name, task.client.version, figures, note)
    shown = "  ".join(f"{name} {spoken(value)}" for name, value in figures.items())
    took = f"[{time.monotonic() - begun_s:.0f} s]"
    print(f"{task.row:11} {name_of(task.client.name):24} {shown}{'  ' + note if note else ''}  {took}", flush=True)


def chosen_peers(names: list[str], every: bool, install: bool) -> list[Client]:
    """The peers that were asked for and are there; of the others it is said why not."""
    asked = [peer for peer in PEERS if every or peer.name in names]
    return [peer.to_measure() for peer in asked if ready(peer, install)]


def ready(peer: Peer, install: bool) -> bool:
    """Whether a peer can be measured, after installing it where that was asked."""
    if not peer.installed and install:
        print(f"installing {peer.package} {peer.version} …", flush=True)
        if failure := peer.install():
            print(f"{peer.name}: could not be installed: {failure}", flush=True)
            return False
    if not peer.installed:
        print(f"{peer.name}: skipped, not installed (--install does it)", flush=True)
    return peer.installed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="?", default="all", choices=[*WORKS, "profile", "all", "report"])
    parser.add_argument("--peers", action="store_true", help="every peer that is installed")
    parser.add_argument("--peer", action="append", default=[], choices=[peer.name for peer in PEERS])
    parser.add_argument("--install", action="store_true", help="install the peers asked for that are missing")
    parser.add_argument("--only", action="append", default=[], help="measure only these clients")
    parser.add_argument("--resume", action="store_true", help="leave out what was measured before")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md, the charts and results.json")
    options = parser.parse_args()
    works = {"all": (*WORKS, "profile"), "report": ()}.get(options.work, (options.work,))
    if options.work == "all" and not options.resume:
        KEPT.unlink(missing_ok=True)
    results, begun_s = Results(KEPT), time.monotonic()
    clients = [*own_clients(), *chosen_peers(options.peer, options.peers, options.install)]
    if load() > 1:
        print(f"Something else runs on this machine (load {load():.1f}): seconds will be too high.", flush=True)
    for work in works:
        for client in clients:
            if options.only and client.name not in options.only:
                continue
            for task in tasks(work, client):
                if not (options.resume and results.has(task.row, client.name, client.version)):
                    measure(task, results)
    print(f"{(time.monotonic() - begun_s) / 60:.1f} minutes", flush=True)
    if options.write or options.work == "report":
        for file in write(results):
            print(f"written: bench/{file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
