"""What a child process may see of us, and how much of the machine it may use.

Children get a list of harmless variables, not "everything but the keys": a key under a name that nobody thought
of can't slip through a list.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_NEEDED = {
    *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "VIRTUAL_ENV", "CONDA_PREFIX"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "HOMEDRIVE", "HOMEPATH"),
    *("APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES"),
    *("NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"),
    *("CUDA_VISIBLE_DEVICES", "CUDA_PATH", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"),
}
_NEEDED_STARTS = ("LC_", "XDG_")
_FOR_PIP = {"NETRC", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
_FOR_PIP_STARTS = ("PIP_",)
_FOR_PIP_ENDS = ("_PROXY",)


def plain_environment(*, for_pip: bool = False, **more: str) -> dict[str, str]:
    """The variables a child of ours gets.

    Args:
        for_pip: Adds pip's own settings and those of proxies and certificates; a mirror or a proxy the person has
            set up must work here too.
        more: Set on top.
    """
    return {name: value for name, value in os.environ.items() if _may_pass(name.upper(), for_pip)} | more


def _may_pass(name: str, for_pip: bool) -> bool:
    if name in _NEEDED or name.startswith(_NEEDED_STARTS):
        return True
    return for_pip and (name in _FOR_PIP or name.startswith(_FOR_PIP_STARTS) or name.endswith(_FOR_PIP_ENDS))


def importable_environment(package_folder: Path) -> dict[str, str]:
    """`plain_environment` in which a child Python imports the package in `package_folder`, installed or not.

    The child is started with `-P`, so that it never imports from the folder the person happens to be in; a
    checkout that is run without being installed has to be named instead.
    """
    search = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return plain_environment(PYTHONPATH=os.pathsep.join([*search, str(package_folder.parent)]))


def detached() -> Mapping[str, int | bool]:
    """`Popen` arguments that keep the terminal's Ctrl+C (and, on Windows, its window) away from a child."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def model_threads() -> int:
    """Threads to compute with: every core we may use but one, at least 1.

    llama.cpp's threads wait for each other by spinning; when they take every core, whatever else runs makes all of
    them wait, and the speed falls tenfold.
    """
    return max(1, usable_cores() - 1)


def usable_cores() -> int:
    """Cores this process may run on: affinity and, in a Linux container, its CPU quota are respected."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _quota(Path("/sys/fs/cgroup/cpu.max")) or cores))


def _quota(file: Path) -> int | None:
    """Whole cores granted by a cgroup v2 `cpu.max` ("MAX PERIOD" in µs, or "max PERIOD"); None where unlimited."""
    try:
        granted, period = file.read_text("ascii").split()
        return None if granted == "max" else max(1, int(granted) // int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None
