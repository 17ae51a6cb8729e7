from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.local.explained import fails
from tests.local.made import gguf
from tests.waiting import eventually_in_thread
from tui_chat.local import DEFAULT, LocalServer, Progress, server, start

posix = pytest.mark.skipif(os.name != "posix", reason="processes are looked at in the POSIX way")


@pytest.fixture
def http(server: LocalServer) -> Any:
    with httpx.Client(
        base_url=server.base_url,
        headers={"Authorization": f"Bearer {server.api_key}"},
        timeout=60,
        trust_env=False,
    ) as client:
        yield client


def ask(http: httpx.Client, *said: str, **params: Any) -> httpx.Response:
    roles = ("user", "assistant")
    messages = [{"role": roles[i % 2], "content": content} for i, content in enumerate(said)]
    return http.post("/chat/completions", json={"model": DEFAULT.name, "messages": messages, **params})


def ignore(progress: Progress) -> None:
    pass


def never() -> bool:
    return False


def runs(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


# --- what it answers ---------------------------------------------------------------------------------------------


def test_its_one_model_has_a_name_and_no_path(http: httpx.Client):
    said = http.get("/models")
    assert [model["id"] for model in said.json()["data"]] == ["SmolLM2-135M-Instruct"]
    assert said.json()["data"][0]["meta"]["n_ctx"] == 8192
    assert ".gguf" not in said.text


def test_without_its_key_it_answers_nobody(server: LocalServer):
    for key in ({}, {"Authorization": "Bearer wrong"}):
        with httpx.Client(headers=key, trust_env=False) as stranger:
            assert stranger.get(f"{server.base_url}/models").status_code == 401
            assert stranger.post(f"{server.base_url}/chat/completions", json={}).status_code == 401


def test_it_streams_an_answer_with_usage(http: httpx.Client):
    body = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8, "stream": True}
    with http.stream("POST", "/chat/completions", json=body | {"stream_options": {"include_usage": True}}) as said:
        assert said.headers["content-type"].startswith("text/event-stream")
        lines = [line.removeprefix("data: ") for line in said.iter_lines() if line]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    assert "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])
    assert [c["choices"][0]["finish_reason"] for c in chunks if c["choices"]][-1] in ("stop", "length")
    assert chunks[-1]["usage"]["completion_tokens"] <= 8
    assert {c["model"] for c in chunks} == {DEFAULT.name}


def test_it_is_given_the_turns_before(http: httpx.Client):
    first = ask(http, "Count to three.", max_tokens=12).json()
    answer = first["choices"][0]["message"]["content"]
    second = ask(http, "Count to three.", answer, "Go on.", max_tokens=4).json()
    assert second["usage"]["prompt_tokens"] > first["usage"]["total_tokens"]
    assert second["usage"]["prompt_tokens_details"]["cached_tokens"] > 0


def test_it_gives_two_answers_when_asked_for_two(http: httpx.Client):
    said = ask(http, "Say hello.", n=2, max_tokens=4).json()
    assert [choice["index"] for choice in said["choices"]] == [0, 1]


def test_a_question_too_long_for_its_context_is_an_error_with_the_numbers(http: httpx.Client):
    said = ask(http, "word " * 9000)
    assert said.status_code == 400
    error = said.json()["error"]
    assert error["type"] == "exceed_context_size_error"
    assert error["n_prompt_tokens"] > error["n_ctx"] == 8192


def test_an_answer_that_nobody_waits_for_makes_room_for_the_next(http: httpx.Client):
    body = {"messages": [{"role": "user", "content": "Write a very long story."}], "max_tokens": 4000, "stream": True}
    for _ in range(5):  # One more than it has slots.
        with http.stream("POST", "/chat/completions", json=body) as said:
            next(said.iter_raw())
    assert ask(http, "Say hello.", max_tokens=2).status_code == 200


# --- how it lives and ends ---------------------------------------------------------------------------------------


def test_its_key_shows_nowhere(server: LocalServer):
    assert server.api_key not in repr(server)
    assert server.api_key not in server.log.read_text("utf-8")
    if Path("/proc/self/environ").exists():
        child = Path("/proc") / str(server.process_id)
        assert server.api_key.encode() not in (child / "cmdline").read_bytes() + (child / "environ").read_bytes()


PROGRAM = """
    import sys, time, urllib.request
    from pathlib import Path
    from tui_chat.local import start
    server = start(Path(sys.argv[1]), Path(sys.argv[2]), lambda progress: None, lambda: False)
    request = urllib.request.Request(server.base_url + "/models", headers={"Authorization": "Bearer " + server.api_key})
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).read()
"""


def program(then: str, model: Path, cache: Path, **more: Any) -> subprocess.Popen[str]:
    """A program like ours, with a server of its own; the API keys are in its environment."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM) + then, str(model), str(cache)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"YIBU_API_KEY": "sk-canary", "OPENAI_API_KEY": "sk-canary"},
        **more,
    )


@posix
def test_it_dies_with_a_parent_that_is_killed(model_file: Path, tmp_path: Path):
    with program("print(server.process_id, flush=True); time.sleep(600)", model_file, tmp_path) as ours:
        assert ours.stdout
        child = int(ours.stdout.readline())
        assert runs(child)
        if Path("/proc/self/environ").exists():
            assert b"sk-canary" not in Path(f"/proc/{child}/environ").read_bytes()
        ours.kill()
        ours.wait()
        assert eventually_in_thread(lambda: not runs(child))


def test_nothing_of_it_reaches_the_terminal_and_no_interrupt_reaches_it(model_file: Path, tmp_path: Path):
    then = textwrap.dedent("""
    import signal
    signal.signal(signal.SIGINT, lambda *a: None)
    print("ready", flush=True)
    sys.stdin.readline()
    print(server.alive, flush=True)
    server.close()
    print(server.alive, flush=True)
    """)
    with program(then, model_file, tmp_path, start_new_session=os.name == "posix") as ours:
        assert ours.stdin and ours.stdout
        assert ours.stdout.readline() == "ready\n"
        if os.name == "posix":
            os.killpg(ours.pid, signal.SIGINT)
        out, error = ours.communicate("\n", timeout=60)
    assert (out, error, ours.returncode) == ("True\nFalse\n", "", 0)


def test_a_persons_own_file_is_served_under_its_name(model_file: Path, tmp_path: Path):
    own = tmp_path / "My, model v2.gguf"
    try:
        os.link(model_file, own)
    except OSError:
        shutil.copyfile(model_file, own)
    told: list[Progress] = []
    with start(own, tmp_path / "cache", told.append, never) as served:
        found = httpx.get(
            f"{served.base_url}/models", headers={"Authorization": f"Bearer {served.api_key}"}, trust_env=False
        )
        assert served.model == "My- model v2"
        assert found.json()["data"][0]["id"] == served.model
        if os.name == "posix":
            assert served.log.stat().st_mode & 0o777 == 0o600
            os.kill(served.process_id, signal.SIGKILL)
            assert eventually_in_thread(lambda: not served.alive)
    assert [progress.stage for progress in told] == ["load"]
    served.close()
    assert not served.alive


# --- when it can't start -----------------------------------------------------------------------------------------


def test_a_model_that_is_cut_is_told_with_llamas_own_reason(model_file: Path, tmp_path: Path):
    cut = tmp_path / "cut.gguf"
    with model_file.open("rb") as file:
        cut.write_bytes(file.read(4_000_000))
    with fails("error.local_start") as caught:
        start(cut, tmp_path / "cache", ignore, never)
    assert "not within the file bounds" in str(caught.value.facts["reason"])
    assert caught.value.facts["name"] == "cut"


def test_without_the_extra_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: None)
    with fails("error.local_extra"):
        start(None, tmp_path / "cache", ignore, never)
    assert not (tmp_path / "cache").exists()


def test_a_cache_folder_that_cannot_be_written_is_told(model: Path, tmp_path: Path):
    (tmp_path / "cache").touch()
    with fails("error.local_disk"):
        start(model, tmp_path / "cache", ignore, never)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    file = tmp_path / "model.gguf"
    file.write_bytes(gguf(("general.architecture", 8, "llama")))
    return file


def engine_that(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module in xllamacpp's place in the child; the file returned then holds the child's process id."""
    room, mark = tmp_path / "engine", tmp_path / "pid"
    room.mkdir()
    begin = f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()) + '.')\n"
    (room / "xllamacpp.py").write_text(begin + script, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(room))
    return mark


def is_over(mark: Path) -> bool:
    return os.name != "posix" or not runs(int(mark.read_text().rstrip(".")))


def test_a_crash_while_loading_is_told(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    engine_that("os._exit(3)", tmp_path, monkeypatch)
    with fails("error.local_died") as caught:
        start(model, tmp_path / "cache", ignore, never)
    assert caught.value.facts["code"] == 3


def test_an_engine_that_cannot_be_imported_is_told(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    engine_that("raise ImportError('GLIBC_2.99 not found')", tmp_path, monkeypatch)
    with fails("error.local_start") as caught:
        start(model, tmp_path / "cache", ignore, never)
    assert caught.value.facts["reason"] == "ImportError: GLIBC_2.99 not found"


def test_cancelling_ends_a_load(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    mark = engine_that("time.sleep(600)", tmp_path, monkeypatch)
    with fails("error.local_cancelled"):
        start(model, tmp_path / "cache", ignore, lambda: mark.exists() and mark.read_text().endswith("."))
    assert is_over(mark)


def test_a_load_that_takes_for_ever_is_ended(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    mark = engine_that("time.sleep(600)", tmp_path, monkeypatch)
    monkeypatch.setattr(server, "LOADING_LIMIT_S", 1.0)
    with fails("error.local_slow"):
        start(model, tmp_path / "cache", ignore, never)
    assert not mark.exists() or is_over(mark)


def test_what_an_engine_prints_does_not_pass_for_an_announcement(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    engine_that("print('{\"port\": 1}', flush=True)\nraise ImportError('no')", tmp_path, monkeypatch)
    with fails("error.local_start"):
        start(model, tmp_path / "cache", ignore, never)
    assert '{"port": 1}' in (tmp_path / "cache" / "local-server.log").read_text("utf-8")
