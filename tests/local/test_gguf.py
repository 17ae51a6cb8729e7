from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.local.explained import fails
from tests.local.made import gguf
from tui_chat.local.gguf import inspect

LLAMA = (
    ("general.architecture", 8, "llama"),
    ("general.name", 8, "A model"),
    ("general.tags", 9, (8, ["chat", "中文"])),
    ("general.shape", 9, (4, [1, 2, 3])),
    ("general.nested", 9, (9, [(0, [1, 2]), (8, ["x"])])),
    ("general.flag", 7, True),
    ("general.scale", 6, 0.5),
    ("llama.context_length", 4, 8192),
)


def test_a_models_header_tells_architecture_and_context(tmp_path: Path):
    file = tmp_path / "small-Q4.gguf"
    file.write_bytes(gguf(*LLAMA))
    found = inspect(file)
    assert (found.name, found.architecture, found.trained_tokens) == ("small-Q4", "llama", 8192)


def test_the_vocabulary_before_the_context_length_is_stepped_over(tmp_path: Path):
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf(LLAMA[0], ("tokenizer.tokens", 9, (8, ["a", "b"] * 500)), LLAMA[-1], version=2))
    assert inspect(file).trained_tokens == 8192


def test_a_header_that_says_nothing_is_a_model_all_the_same(tmp_path: Path):
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf(("other", 10, 7)))
    assert (inspect(file).architecture, inspect(file).trained_tokens) == ("", 0)


def test_the_real_models_header_is_read(model_file: Path):
    found = inspect(model_file)
    assert (found.architecture, found.trained_tokens) == ("llama", 8192)


def test_a_header_cut_anywhere_is_called_damaged(tmp_path: Path):
    whole, file = gguf(*LLAMA), tmp_path / "m.gguf"
    for end in range(4, len(whole)):
        file.write_bytes(whole[:end])
        with fails("error.local_damaged"):
            inspect(file)


@pytest.mark.parametrize(
    "raw",
    [
        gguf(*LLAMA, version=1),
        gguf(*LLAMA, version=0x03000000),
        b"GGUF" + bytes([3, 0, 0, 0]) + b"\xff" * 16,
        gguf(LLAMA[0])[:-13] + b"\xff" * 8 + b"llama",
        gguf(("a", 9, (4, [])))[:-8] + b"\xff" * 8,
    ],
    ids=["version 1", "big endian", "endless entries", "endless text", "endless list"],
)
def test_a_header_with_impossible_numbers_is_called_damaged(tmp_path: Path, raw: bytes):
    file = tmp_path / "m.gguf"
    file.write_bytes(raw)
    with fails("error.local_damaged"):
        inspect(file)


def test_an_unknown_kind_of_value_is_called_damaged(tmp_path: Path):
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf(("a", 0, 1))[:-5] + bytes([99, 0, 0, 0, 1]))
    with fails("error.local_damaged"):
        inspect(file)


@pytest.mark.parametrize("raw", [b"", b"GGU", b"PK\x03\x04 a zip file", b"{}"])
def test_another_kind_of_file_is_called_no_gguf(tmp_path: Path, raw: bytes):
    file = tmp_path / "m.gguf"
    file.write_bytes(raw)
    with fails("error.local_not_gguf") as caught:
        inspect(file)
    assert caught.value.facts["path"] == str(file)


def test_a_missing_file_is_called_missing(tmp_path: Path):
    with fails("error.local_missing_file"):
        inspect(tmp_path / "none.gguf")


def test_a_folder_is_no_file(tmp_path: Path):
    with fails("error.local_not_a_file"):
        inspect(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_is_refused_without_waiting_for_a_writer(tmp_path: Path):
    os.mkfifo(tmp_path / "m.gguf")
    with fails("error.local_not_a_file"):
        inspect(tmp_path / "m.gguf")


def test_a_path_through_a_file_is_called_unreadable(tmp_path: Path):
    (tmp_path / "file").touch()
    with fails("error.local_unreadable"):
        inspect(tmp_path / "file" / "m.gguf")


@pytest.mark.skipif(os.name == "nt", reason="such names can't be made")
def test_a_strange_file_name_becomes_a_presentable_model_name(tmp_path: Path):
    file = tmp_path / "a,\x1b[31mb\n模型.gguf"
    file.write_bytes(gguf(*LLAMA))
    assert inspect(file).name == "a--[31mb-模型"
