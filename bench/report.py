"""What does the reader get? `RESULTS.md` and the charts, made from the figures alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from bench.charts import bars_chart, lines_chart
from bench.clients import BARE, OURS, STREAM
from bench.figures import Results
from bench.goals import Verdict, figure, judge

FOLDER = Path(__file__).resolve().parent
BUSY_LOAD = 2.5
"""Bench, gateway and client want as many processors as that at times; more says that something else ran too."""

Line = tuple[str, str, str, str]
Row = TypeVar("Row", bound=Sequence[str])
Column = TypeVar("Column")
LINES: tuple[Line, ...] = (
    ("start to a usable prompt, CPU-s", "startup", "cpu_s", ""),
    ("… until the first picture, wall s", "startup", "first_picture_s", ""),
    ("stream 5 kB as fast as sent, CPU-s", "stream 5", "cpu_s", "after_cpu_s"),
    ("stream 10 kB, CPU-s", "stream 10", "cpu_s", "after_cpu_s"),
    ("stream 20 kB, CPU-s", "stream 20", "cpu_s", "after_cpu_s"),
    ("stream 100 kB, CPU-s", "stream 100", "cpu_s", "after_cpu_s"),
    ("stream 200 kB, CPU-s", "stream 200", "cpu_s", "after_cpu_s"),
    ("stream 400 kB, CPU-s", "stream 400", "cpu_s", "after_cpu_s"),
    ("written to the terminal for 10 kB, kB", "stream 10", "tty_kb", ""),
    ("written to the terminal for 100 kB, kB", "stream 100", "tty_kb", ""),
    ("peak memory after 10 kB, MB", "stream 10", "peak_mb", ""),
    ("peak memory after 100 kB, MB", "stream 100", "peak_mb", ""),
    ("everyday: 10 kB at 100 tokens/s while typing, CPU-s", "everyday", "cpu_s", "after_cpu_s"),
    ("… key echo p50, ms", "everyday", "p50_ms", ""),
    ("… key echo p95, ms", "everyday", "p95_ms", ""),
    ("key echo at 1 000 deltas/s p50, ms", "busy", "p50_ms", ""),
    ("… p99, ms", "busy", "p99_ms", ""),
    ("key echo, nothing else going on, p50, ms", "quiet keys", "p50_ms", ""),
    ("… p99, ms", "quiet keys", "p99_ms", ""),
    ("idle with a chat open, % of a processor", "idle", "cpu_percent", ""),
)
OPENED: tuple[tuple[str, str], ...] = (
    ("opening, CPU-s over an empty start", "cpu_s"),
    ("memory over an empty start, MB", "rss_mb"),
    ("a key press, CPU-ms", "key_ms"),
    ("a resize, CPU-ms", "resize_ms"),
    ("a scroll step, CPU-ms", "scroll_ms"),
    ("a jump to the other end, CPU-ms", "jump_ms"),
)
INSIDE: tuple[tuple[str, str, str, str], ...] = (
    ("`ask` until its request leaves, CPU-s", "ask", "cpu_s", "floor_cpu_s"),
    ("a message put on disk with fsync, CPU-ms", "store", "cpu_ms", "floor_cpu_ms"),
    ("… wall ms", "store", "wall_ms", "floor_wall_ms"),
    ("search in 10 000 chats, the slowest of three, CPU-s", "search", "cpu_s", "floor_cpu_s"),
    ("400 kB of stream to the folded answer, CPU-s", "sse", "cpu_s", "floor_cpu_s"),
)


def write(results: Results, folder: Path = FOLDER) -> list[Path]:
    """Write the report, the charts and the figures they were made from; what was written."""
    files = {
        "RESULTS.md": markdown(results),
        "stream.svg": stream_chart(results),
        "startup.svg": startup_chart(results),
    }
    for name, content in files.items():
        (folder / name).write_text(content, "utf-8", newline="\n")
    results.save(folder / "results.json")
    return [folder / name for name in (*files, "results.json")]


def stream_chart(results: Results) -> str:
    """CPU against length, one line a client."""
    series = {}
    for client in clients(results):
        reached = {
            size: figure(results, row, client, "total_s") for size, row in results.rows("stream", client).items()
        }
        series[name_of(client)] = [(float(size), seconds) for size, seconds in reached.items() if seconds]
    return lines_chart(
        "One streamed answer: CPU seconds by length  ·  一条流式回答耗用的 CPU 秒数",
        "length of the answer, kB  ·  回答长度（kB）",
        "CPU seconds, both scales logarithmic; lower is better  ·  双对数坐标，越低越好",
        {name: points for name, points in series.items() if points} or {OURS: [(1.0, 1.0)]},
    )


def startup_chart(results: Results) -> str:
    """CPU of a start, one bar a client."""
    values = {name_of(client): results.get("startup", client, "cpu_s") for client in clients(results)}
    return bars_chart(
        "Start to a usable prompt: CPU seconds  ·  启动到可以输入耗用的 CPU 秒数",
        "lower is better  ·  越低越好",
        dict(sorted(((name, value) for name, value in values.items() if value is not None), key=ours_first)),
    )


def ours_first(bar: tuple[str, float]) -> tuple[bool, float]:
    """This project, then the others, the quickest first."""
    return bar[0] != OURS, bar[1]


def markdown(results: Results) -> str:
    """The whole report."""
    about, shown = results.machine, clients(results)
    versions = ", ".join(f"{name_of(client)} {results.versions[client]}" for client in shown)
    parts = [
        "# Results",
        "",
        "Written by `python bench/run.py all --peers --write`; what each row measures is in [README.md](README.md).",
        f"Measured {' to '.join(dict.fromkeys((results.dates or ['?'])[:: max(1, len(results.dates) - 1)]))} on "
        f"{about.get('cpu', '?')}, {about.get('cores', '?')} cores, {about.get('system', '?')}, Python "
        f"{about.get('python', '?')}, in a terminal of 120×40. {versions}.",
        "",
        "**Machines differ: read the ratios.**" + busy_words(results),
        "",
        "![CPU seconds by length of the answer](stream.svg)",
        "",
        "![CPU seconds of a start](startup.svg)",
        "",
        "## Beside Textual itself and the peers",
        "",
        "In brackets: how many times as much as yibu-chat. `a + b`: until the end of the answer is on the screen, and",
        "what is still worked on afterwards. `–`: does not apply, or was not measured.",
        "",
        *clients_table(results, shown),
        "",
        *notes(results, shown),
        "## A chat that is long already",
        "",
        *opened_table(results, shown),
        "",
        "## Without a screen",
        "",
        "Beside the least Python that could do it: a plain append, a read of every file, `json.loads` of each line.",
        "",
        *inside_table(results),
        "",
        "## The goals",
        "",
        "Each goal was set in seconds on a machine where the bare Textual app starts in 0.18 CPU-s and echoes a key in",
        "6 ms; here it is a ratio to the bare app of the same run.",
        "",
        *goals_table(judge(results)),
        "",
        *profile_part(results),
    ]
    return "\n".join(parts).rstrip() + "\n"


def busy_words(results: Results) -> str:
    if results.highest_load <= BUSY_LOAD:
        return ""
    return f" (Something else ran meanwhile, with a load of up to {results.highest_load:.1f}: seconds are too high.)"


def clients(results: Results) -> list[str]:
    """Those measured: this project, what Textual costs, the peers."""
    first = [name for name in (OURS, STREAM, BARE) if name in results.versions]
    return first + sorted(name for name in results.versions if name not in first)


def name_of(client: str) -> str:
    """A client as tables and charts call it."""
    return {STREAM: "Markdown.get_stream", "llm": "llm chat (raw text)"}.get(client, client)


def clients_table(results: Results, shown: Sequence[str]) -> list[str]:
    """What every client was asked to do."""

    def cell(line: Line, client: str) -> str:
        _work, row, name, after = line
        value = results.get(row, client, name)
        if value is None:
            spent = results.figures(row, client).get(name)
            return f"> {spoken(spent)}" if results.note(row, client) and spent else "–"
        rest = (results.get(row, client, after) or 0.0) if after else 0.0
        own_whole = figure(results, row, OURS, "total_s" if after else name)
        words = spoken(value) + (f" + {spoken(rest)}" if rest > max(0.02, 0.05 * value) else "")
        return f"**{words}**" if client == OURS else words + times(value + rest, own_whole)

    return table(["work", *(name_of(client) for client in shown)], LINES, shown, cell)


def opened_table(results: Results, shown: Sequence[str]) -> list[str]:
    """Long chats; each client with those lengths it was given."""
    columns = [(client, size, row) for client in shown for size, row in results.rows("open", client).items()]

    def cell(line: tuple[str, str], column: tuple[str, int, str]) -> str:
        client, _size, row = column
        value = results.get(row, client, line[1])
        return "–" if value is None else f"**{spoken(value)}**" if client == OURS else spoken(value)

    heads = [f"{name_of(client)}, {size} messages" for client, size, _row in columns]
    return table(["work", *heads], OPENED, columns, cell)


def inside_table(results: Results) -> list[str]:
    """The rooms without a screen."""

    def cell(line: tuple[str, str, str, str], column: str) -> str:
        _work, row, name, floor = line
        value, least = results.get(row, OURS, name), results.get(row, OURS, floor)
        if value is None or least is None:
            return "–"
        return {"ours": f"**{spoken(value)}**", "floor": spoken(least)}.get(column, f"{spoken(value / least)} ×")

    return table(["work", "yibu-chat", "plain Python", "ratio"], INSIDE, ("ours", "floor", "ratio"), cell)


def goals_table(verdicts: Sequence[Verdict]) -> list[str]:
    """Every goal, as it was set and as a ratio, and what was reached."""
    units = {"start": "× bare start", "echo": "× bare echo", "own": "×", "as it is": ""}
    rows = ["| goal | as it was set | as a ratio | reached | met |", "|---|---|---|---|---|"]
    for verdict in verdicts:
        goal = verdict.goal
        unit = units.get(goal.unit, f"× {goal.unit}") or goal.name
        reached = "–" if verdict.reached is None else f"{spoken(verdict.reached)} {unit}"
        met = {True: "yes", False: "**no**", None: "–"}[verdict.met]
        rows.append(
            f"| {goal.work} | ≤ {goal.most:g} {goal.name} | ≤ {spoken(verdict.most)} {unit} | {reached} | {met} |"
        )
    return rows


def notes(results: Results, shown: Sequence[str]) -> list[str]:
    """What was given up or failed, and why."""
    rows = dict.fromkeys(row for _work, row, *_rest in LINES)
    said = [
        f"- {name_of(client)}, {row}: {results.note(row, client)}"
        for client in shown
        for row in rows
        if results.note(row, client)
    ]
    return ["Given up:", "", *said, ""] if said else []


def profile_part(results: Results) -> list[str]:
    """Where the time of one streamed frame goes."""
    shares = dict(results.figures("profile", OURS))
    if not shares:
        return []
    frames, milliseconds = shares.pop("frames"), shares.pop("ms a frame")
    shares = dict(sorted(shares.items(), key=lambda part: -part[1]))
    rows = [f"| {part} | {share:.1f} % | {milliseconds * share / 100:.2f} |" for part, share in shares.items()]
    return [
        "## Where one streamed frame's time goes",
        "",
        f"Sampled by the processor's clock over {frames:.0f} frames of {milliseconds:.2f} CPU-ms, all threads"
        " (`python bench/run.py profile`).",
        "",
        "| part | share | CPU-ms a frame |",
        "|---|---|---|",
        *rows,
    ]


def table(
    heads: Sequence[str], rows: Sequence[Row], columns: Sequence[Column], cell: Callable[[Row, Column], str]
) -> list[str]:
    """A Markdown table; rows that have nothing to show are left out. A row's first item is what it is about."""
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for row in rows:
        cells = [cell(row, column) for column in columns]
        if any(each != "–" for each in cells):
            lines.append(f"| {' | '.join((row[0], *cells))} |")
    return lines


def spoken(value: float) -> str:
    """A figure with as many digits as it deserves."""
    if value and abs(value) < 0.095:
        return f"{value:.3f}"
    return f"{value:.2f}" if abs(value) < 9.95 else f"{value:.0f}"


def times(value: float, own: float | None) -> str:
    """How many times this project's figure."""
    return f" ({spoken(value / own)} ×)" if own and value > 0 else ""
