from __future__ import annotations

import errno
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.store.material import TIME
from tui_chat.chat.node import Node, Timing
from tui_chat.errors import StoreError
from tui_chat.store import partial
from tui_chat.store.partial import Sidecar, read_sidecar
from tui_chat.wire.messages import Image, Part, Reasoning, Text


def answer(*parts: Part, id: str = "b000000001") -> Node:
    return Node(id, "a000000001", "assistant", parts, TIME, model="m")


GROWTH = [
    answer(Reasoning("Hm")),
    answer(Reasoning("Hmmm\r\n")),
    answer(Reasoning("Hmmm\r\n", 1.0)),
    answer(Reasoning("Hmmm\r\n", 1.0), Text("Yes")),
    answer(Reasoning("Hmmm\r\n", 1.0), Text("Yes, it\n[[node]]")),
    answer(Reasoning("Hmmm\r\n", 1.0), Text("No")),
    answer(Reasoning("Hmmm\r\n", 1.0), Text("No"), Image("ab" * 32)),
]


def test_each_state_of_a_growing_answer_comes_back(tmp_path: Path) -> None:
    sidecar = Sidecar(tmp_path / "s")
    for node in GROWTH:
        sidecar.keep(node)
        assert read_sidecar(tmp_path / "s") == [node]
    sidecar.forget()
    assert not (tmp_path / "s").exists()
    sidecar.forget()


def test_only_what_was_added_is_written(tmp_path: Path) -> None:
    sidecar = Sidecar(tmp_path / "s")
    text = "x" * 10_000
    for length in range(0, 10_000, 100):
        sidecar.keep(replace(answer(Text(text[: length + 100])), timing=Timing(0.1, float(length))))
    assert (tmp_path / "s").stat().st_size < 3 * len(text)
    assert [node.text for node in read_sidecar(tmp_path / "s")] == [text]


def test_a_thought_that_grows_is_not_written_whole_each_time(tmp_path: Path) -> None:
    sidecar = Sidecar(tmp_path / "s")
    text = "x" * 10_000
    for length in range(0, 10_000, 100):
        sidecar.keep(answer(Reasoning(text[: length + 100], length / 1000)))
    assert (tmp_path / "s").stat().st_size < 3 * len(text)
    assert read_sidecar(tmp_path / "s") == [answer(Reasoning(text, 9.9))]


def test_what_was_handed_over_is_secured_beside_and_written_anew_where_the_disk_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronised: list[int] = []
    monkeypatch.setattr("tui_chat.disk.synchronise", synchronised.append)
    path = tmp_path / "s"
    sidecar = Sidecar(path)
    sidecar.secure()
    sidecar.keep(answer(Text("one")))
    sidecar.keep(answer(Text("one two")))
    assert not synchronised and [node.text for node in read_sidecar(path)] == ["one two"]
    sidecar.secure()
    assert len(synchronised) == 1

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    with monkeypatch.context() as broken:
        broken.setattr("tui_chat.disk.synchronise", refuse)
        with pytest.raises(StoreError):
            sidecar.secure()
    path.write_bytes(b"\0" * path.stat().st_size)  # as a system leaves pages it could not write
    sidecar.keep(answer(Text("one two three")))
    assert [node.text for node in read_sidecar(path)] == ["one two three"]
    sidecar.forget()
    sidecar.secure()


def test_wherever_it_is_cut_a_state_that_was_kept_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "s"
    sidecar = Sidecar(path)
    for node in GROWTH[2:6]:
        sidecar.keep(node)
    content = path.read_bytes()
    found = []
    for length in range(len(content) + 1):
        path.write_bytes(content[:length])
        states = read_sidecar(path)
        assert states == [] or states[0] in GROWTH
        found.append(len(states) and GROWTH.index(states[0]) + 1)
    assert found == sorted(found)
    assert found[-1] == 6


def test_answers_side_by_side_are_told_apart(tmp_path: Path) -> None:
    sidecar = Sidecar(tmp_path / "s")
    for words in ("a", "ab", "abc"):
        sidecar.keep(answer(Text(words)))
        sidecar.keep(answer(Text(words.upper()), id="b000000002"))
    assert [node.text for node in read_sidecar(tmp_path / "s")] == ["abc", "ABC"]


def test_a_file_that_grows_large_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial, "_REWRITE_BYTES", 2000)
    sidecar = Sidecar(tmp_path / "s")
    sidecar.keep(answer(Text("other"), id="b000000002"))
    for number in range(100):
        sidecar.keep(answer(Text(f"{number} changes from the start")))
    assert (tmp_path / "s").stat().st_size < 3000
    assert [node.text for node in read_sidecar(tmp_path / "s")] == ["other", "99 changes from the start"]


def test_after_a_failure_it_goes_on_with_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "s"
    sidecar = Sidecar(path)
    with pytest.raises(StoreError) as failed:
        sidecar.keep(answer(Text("one")))
    assert failed.value.key == "error.store_failed"
    path.parent.mkdir()
    sidecar.keep(answer(Text("one two")))
    path.unlink()
    with pytest.raises(StoreError):
        sidecar.keep(answer(Text("one two three")))
    sidecar.keep(answer(Text("one two three four")))
    assert [node.text for node in read_sidecar(path)] == ["one two three four"]


def test_what_is_no_sidecar_is_empty(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path / "none") == []
    (tmp_path / "s").write_bytes(b"\0" * 500)
    assert read_sidecar(tmp_path / "s") == []
