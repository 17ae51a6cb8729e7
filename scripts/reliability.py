"""Run the long forms of the fault tests, and write docs/reliability.md from what they found.

    python scripts/reliability.py                 all of them: two to three hours on two cores
    python scripts/reliability.py kills signals   these alone; what the others found last stays in the page
    python scripts/reliability.py --page          only write the page anew

What is tried, how often and for which row of the fault table stands in tests/faults/rows.toml; what the last run of
each found, in tests/faults/last_runs.json. A row without a proof is shown as one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as Xml
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TABLE, FOUND = ROOT / "tests" / "faults" / "rows.toml", ROOT / "tests" / "faults" / "last_runs.json"
PAGE = ROOT / "docs" / "reliability.md"
RUN_LIMIT_S = 3 * 3600


def run(each: dict[str, Any]) -> dict[str, Any]:
    """One long run; what it found."""
    print(f"── {each['name']}", flush=True)
    env = {**os.environ, "YIBU_FAULTS_RERUNS": "0", "YIBU_FAULTS_EXAMPLES": "500"}
    env |= {f"YIBU_FAULTS_{name}": str(count) for name, count in each.get("env", {}).items()}
    began_s = time.monotonic()
    found: dict[str, Any] = {"when": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "on": machine()}
    if "command" in each:
        words = [sys.executable if word == "python" else word for word in each["command"]]
        done = subprocess.run(
            words, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=RUN_LIMIT_S
        )
        print(done.stdout + done.stderr)
        last = [line for line in done.stdout.splitlines() if line.startswith("counted: ")]
        counts = json.loads(last[-1].removeprefix("counted: ")) if last else {}
        found |= {"passed": int(not done.returncode), "failed": int(bool(done.returncode)), "skipped": 0}
        return found | {"counts": counts, "seconds": round(time.monotonic() - began_s)}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *each["tests"]]
        command += ["-n", str(each.get("workers", 0)), "-o", "junit_family=xunit1", "--junitxml", str(report)]
        subprocess.run(command, cwd=ROOT, env=env, check=False, timeout=RUN_LIMIT_S)
        found |= judged(Xml.parse(report).getroot())
    return found | {"seconds": round(time.monotonic() - began_s)}


def judged(report: Xml.Element) -> dict[str, Any]:
    """How many tests passed, failed and were skipped, and all that they counted."""
    counts: dict[str, Any] = {}
    passed = failed = skipped = 0
    for case in report.iter("testcase"):
        failed += case.find("failure") is not None or case.find("error") is not None
        skipped += case.find("skipped") is not None
        passed += not any(case.find(what) is not None for what in ("failure", "error", "skipped"))
        for fact in case.iter("property"):
            name, value = fact.attrib["name"], plain(fact.attrib["value"])
            known = counts.get(name)
            both = isinstance(known, int | float) and isinstance(value, int | float)
            counts[name] = (max(known, value) if name.startswith("most") else known + value) if both else value
    return {"passed": passed, "failed": failed, "skipped": skipped, "counts": counts}


def plain(value: str) -> int | float | str:
    """A number where it is one."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            pass
    return value


def machine() -> str:
    """Where it ran."""
    return f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores"


def page(table: dict[str, Any], found: dict[str, Any]) -> str:
    """The whole document."""
    rows = table["row"]
    proved = sum(bool(row.get("proof")) for row in rows)
    lines = [table["title"], "", *table["words"].strip().splitlines(), ""]
    lines += [f"**{proved} of {len(rows)} rows have a proof.** Without one: {without(rows)}.", ""]
    for group in table["group"]:
        lines += [f"## {group['letter']} · {group['title']}", "", *group["promise"].strip().splitlines(), ""]
        runs = [each for each in table["run"] if each["group"] == group["letter"]]
        if runs:
            lines += ["| tried in the long run | counted | result | when |", "|---|---|---|---|"]
            lines += [run_line(each, found.get(each["name"])) for each in runs]
            lines += [""]
        lines += ["| row | what must hold | shown by |", "|---|---|---|"]
        lines += [row_line(row) for row in rows if row["group"] == group["letter"]]
        lines += [""]
    return "\n".join([*lines, *table["after"].strip().splitlines(), ""])


def without(rows: list[dict[str, Any]]) -> str:
    """The rows that nothing proves."""
    return ", ".join(str(row["number"]) for row in rows if not row.get("proof")) or "none"


def run_line(each: dict[str, Any], last: dict[str, Any] | None) -> str:
    """A long run as a row of its table."""
    if last is None:
        return f"| {each['tried']} | – | **not run yet** | – |"
    counted = sorted(last["counts"].items())  # as they stand in the file
    counts = " · ".join(f"{name.replace('_', ' ')}: {value}" for name, value in counted if value != "[]")
    result = f"{last['passed']} tests passed" if not last["failed"] else f"**{last['failed']} failed**"
    result += f", {last['skipped']} skipped" if last["skipped"] else ""
    return f"| {each['tried']} | {counts or '–'} | {result} in {last['seconds']} s | {last['when']}; {last['on']} |"


def row_line(row: dict[str, Any]) -> str:
    """A row of the fault table."""
    proofs = "<br>".join(f"`{proof.removeprefix('tests/')}`" for proof in row.get("proof", ()))
    shown = proofs or f"**no proof**: {row['why']}"
    shown += f"<br>Not shown: {row['open']}" if row.get("open") else ""
    return f"| {row['number']} | {row['promise']} | {shown} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="runs of tests/faults/rows.toml; all where none is named")
    parser.add_argument("--page", action="store_true", help="run nothing, write the page anew")
    parser.add_argument("--check", action="store_true", help="run and write nothing; 1 where the page is out of date")
    options = parser.parse_args()
    table = tomllib.loads(TABLE.read_text("utf-8"))
    found = json.loads(FOUND.read_text("utf-8")) if FOUND.exists() else {}
    if options.check:
        return int(PAGE.read_text("utf-8") != page(table, found))
    failed = 0
    for each in [] if options.page else table["run"]:
        if not options.names or each["name"] in options.names:
            found[each["name"]] = run(each)
            failed += found[each["name"]]["failed"]
            FOUND.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", "utf-8", newline="\n")
    PAGE.write_text(page(table, found), "utf-8", newline="\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
