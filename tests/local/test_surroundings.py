from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tui_chat.local import surroundings

SECRETS = {
    "YIBU_API_KEY": "sk-yibu",
    "OPENAI_API_KEY": "sk-openai",
    "AWS_SECRET_ACCESS_KEY": "aws",
    "GITHUB_TOKEN": "ghp",
    "SOMETHING_NEW": "sk-nobody-thought-of",
}


@pytest.mark.parametrize("for_pip", [False, True])
def test_children_get_no_secret_under_any_name(monkeypatch: pytest.MonkeyPatch, for_pip: bool):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    seen = surroundings.plain_environment(for_pip=for_pip)
    assert not set(SECRETS.values()) & set(seen.values())
    assert seen["PATH"] == os.environ["PATH"]


def test_pip_gets_mirrors_proxies_and_certificates_and_the_model_does_not(monkeypatch: pytest.MonkeyPatch):
    meant = {"PIP_INDEX_URL": "http://mirror", "https_proxy": "http://p", "SSL_CERT_FILE": "/c", "NETRC": "/n"}
    for name, value in meant.items():
        monkeypatch.setenv(name, value)
    for_pip, plain = surroundings.plain_environment(for_pip=True), surroundings.plain_environment()
    assert {value for name, value in for_pip.items() if value in meant.values()} == set(meant.values())
    assert not set(meant.values()) & set(plain.values())


def test_the_package_is_importable_for_the_child_and_the_working_folder_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", str(tmp_path)]))
    found = surroundings.importable_environment(tmp_path / "somewhere" / "tui_chat")
    assert found["PYTHONPATH"].split(os.pathsep) == [str(tmp_path), str(tmp_path / "somewhere")]


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (8, 7)])
def test_one_core_stays_free(monkeypatch: pytest.MonkeyPatch, cores: int, threads: int):
    monkeypatch.setattr(surroundings, "usable_cores", lambda: cores)
    assert surroundings.model_threads() == threads


def test_cores_are_at_least_one_and_no_more_than_the_machine_has():
    assert 1 <= surroundings.usable_cores() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("says", "cores"),
    [("max 100000\n", None), ("200000 100000\n", 2), ("50000 100000\n", 1), ("1 0\n", None), ("?", None)],
)
def test_a_containers_quota_counts(tmp_path: Path, says: str, cores: int | None):
    file = tmp_path / "cpu.max"
    file.write_text(says, "ascii")
    assert surroundings._quota(file) == cores
    assert surroundings._quota(tmp_path / "none") is None


def test_a_child_is_out_of_reach_of_the_terminals_interrupt():
    assert set(surroundings.detached()) == {"creationflags" if sys.platform == "win32" else "start_new_session"}
