"""What was measured so far? One JSON file, written after every figure, so that a stopped run can go on."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Results:
    """The figures by row and client.

    The file holds `machine`, `versions` (client → version) and `rows`: row → client → `date`, `load` (of the machine
    when it was measured) and `figures`; `note` where it was given up or failed, with what had been spent by then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, Any] = {"machine": {}, "versions": {}, "rows": {}}
        self._read()

    def _read(self) -> None:
        if self._path.exists():
            self._kept = json.loads(self._path.read_text("utf-8"))

    def put(self, row: str, client: str, version: str, figures: Mapping[str, float], note: str = "") -> None:
        """Keep what was measured, at once."""
        entry: dict[str, Any] = {"date": datetime.now(UTC).strftime("%Y-%m-%d"), "load": round(load(), 2)}
        entry["figures"] = {name: float(f"{value:.4g}") for name, value in figures.items()}
        if note:
            entry["note"] = note
        self._read()  # another row may have been measured from another shell
        self._kept["machine"] = machine()
        self._kept["versions"][client] = version
        self._kept["rows"].setdefault(row, {})[client] = entry
        self.save(self._path)

    def save(self, path: Path) -> None:
        """Write all of it to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps(self._kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8", newline="\n"
        )

    def has(self, row: str, client: str, version: str) -> bool:
        """Whether this was measured already, of this version."""
        return client in self._kept["rows"].get(row, {}) and self._kept["versions"].get(client) == version

    def get(self, row: str, client: str, figure: str) -> float | None:
        """One figure; None where it was not measured, or given up."""
        entry = self._kept["rows"].get(row, {}).get(client, {})
        value = None if entry.get("note") else entry.get("figures", {}).get(figure)
        return None if value is None else float(value)

    def note(self, row: str, client: str) -> str:
        """Why there is no figure, "" where there is one or nothing was tried."""
        return str(self._kept["rows"].get(row, {}).get(client, {}).get("note", ""))

    def figures(self, row: str, client: str) -> Mapping[str, float]:
        """All figures of a row; where it was given up, what had been spent by then."""
        return dict(self._kept["rows"].get(row, {}).get(client, {}).get("figures", {}))

    def rows(self, prefix: str, client: str) -> dict[int, str]:
        """The rows "prefix N" of a client by their N, smallest first."""
        found = {
            int(row.removeprefix(f"{prefix} ")): row
            for row, clients in self._kept["rows"].items()
            if row.startswith(f"{prefix} ") and client in clients
        }
        return dict(sorted(found.items()))

    @property
    def versions(self) -> dict[str, str]:
        """Client → version."""
        return dict(self._kept["versions"])

    @property
    def machine(self) -> dict[str, str]:
        """What it was measured on."""
        return dict(self._kept["machine"])

    @property
    def dates(self) -> list[str]:
        """The days of the figures, oldest first."""
        entries = [entry for clients in self._kept["rows"].values() for entry in clients.values()]
        return sorted({entry["date"] for entry in entries})

    @property
    def highest_load(self) -> float:
        """The busiest the machine was, the bench itself included."""
        entries = [entry for clients in self._kept["rows"].values() for entry in clients.values()]
        return max((float(entry["load"]) for entry in entries), default=0.0)


def machine() -> dict[str, str]:
    """Processor, cores and system, without a name that tells whose it is."""
    return {
        "cpu": processor(),
        "cores": str(os.cpu_count() or 1),
        "system": system(),
        "python": platform.python_version(),
    }


def processor() -> str:
    """The processor's model."""
    try:
        rows = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [row.partition(":")[2].strip() for row in rows if row.startswith("model name")]
    return names[0] if names else platform.machine()


def system() -> str:
    """The system and its version."""
    try:
        known = platform.freedesktop_os_release()
    except OSError:
        return f"{platform.system()} {platform.release()}"
    return f"{known.get('PRETTY_NAME', 'Linux')}, {platform.machine()}"


def load() -> float:
    """How many programs wanted a processor in the last minute."""
    return os.getloadavg()[0] if sys.platform != "win32" else 0.0
