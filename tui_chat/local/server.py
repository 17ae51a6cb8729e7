"""How a model is served on loopback: a child process of ours that answers like the gateway does.

A child, because loading and computing must not touch the screen's process: no shared lock, no shared memory, no log
line of llama.cpp on the person's terminal, and a crash in native code costs one answer instead of the program. The
child ends when its stdin closes, so it can't outlive us, however we end.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import queue
import re
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from tui_chat.disk import expanded
from tui_chat.errors import LocalModelError
from tui_chat.local import gguf
from tui_chat.local.model import DEFAULT, Progress, find, obtain
from tui_chat.local.surroundings import detached, importable_environment, model_threads

CONTEXT_LIMIT_TOKENS = 8192
"""More context costs memory at once and time per token; a small local model makes little of it."""

TOOLS_TEMPLATE = Path(__file__).with_name("chat_template.jinja")
"""The default model's own template leaves tools out of the prompt; with this one it sees them."""

LOADING_LIMIT_S = 300.0
_POLL_S = 0.05
_CLOSING_LIMIT_S = 3.0
_LOADING_FAILED = re.compile(r"error loading model: (?P<reason>.+)")
_LOG_ERROR = re.compile(r"^[\d.]+ E \s*(?P<reason>.+)")


class LocalServer:
    """A model that is loaded and answers at `base_url`; close it, or use it in a `with`.

    Attributes:
        base_url: "http://127.0.0.1:PORT/v1".
        api_key: Random, made for this server alone; without it everything but its health check is 401.
        model: The name it answers to in `/models` and in replies.
        port: On the IPv4 loopback address.
        log: What llama.cpp says of itself.
    """

    def __init__(self, process: subprocess.Popen[bytes], port: int, model: str, api_key: str, log: Path) -> None:
        self._process = process
        self._closing = threading.Lock()
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self.model = model
        self.api_key = api_key
        self.log = log

    def __repr__(self) -> str:  # The key stays out of logs and tracebacks.
        return f"LocalServer({self.model!r}, {self.base_url!r})"

    def __enter__(self) -> LocalServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def process_id(self) -> int:
        """Of the child that serves."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs. False after `close`, or when it crashed: then start another."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the child and wait for it; answers under way break off. May be called twice, from any thread."""
        with self._closing:
            _end(self._process)


def start(
    model: Path | None,
    cache_folder: Path,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> LocalServer:
    """Serve a model: `model`, a GGUF file, or else the default one, fetched first if it is not here yet.

    Blocks until the model answers: seconds, or minutes with a download or a large file. A door tells the person
    before it calls this when `model` is None and `find(cache_folder)` is None.

    Args:
        model: A GGUF file, or None.
        cache_folder: A folder for local models, in the program's cache; the server's log is kept there too.
        progress: Told about ten times a second what is being done.
        cancelled: Asked as often; True ends it and clears up.

    Raises:
        LocalModelError: cancelled (`error.local_cancelled`), or any cause that keeps the model from answering.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise LocalModelError("error.local_extra")
    if model is not None:
        own = gguf.inspect(expanded(model).absolute())
        context_tokens = min(own.trained_tokens or CONTEXT_LIMIT_TOKENS, CONTEXT_LIMIT_TOKENS)
        job: dict[str, object] = {"model": str(own.path), "name": own.name, "context_tokens": context_tokens}
    else:
        path = find(cache_folder) or obtain(cache_folder, progress, cancelled)
        job = {
            "model": str(path),
            "name": DEFAULT.name,
            "context_tokens": min(DEFAULT.context_tokens, CONTEXT_LIMIT_TOKENS),
            "answer_limit_tokens": DEFAULT.answer_limit_tokens,
            "sampling": DEFAULT.sampling,
            "chat_template": TOOLS_TEMPLATE.read_text("utf-8"),
        }
    progress(Progress("load"))
    return _serve(job, cache_folder, cancelled)


def _serve(job: dict[str, object], cache_folder: Path, cancelled: Callable[[], bool]) -> LocalServer:
    api_key = secrets.token_urlsafe(32)
    log = cache_folder / "local-server.log"
    package_folder = Path(__file__).parent.parent
    try:
        cache_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _log_file(log) as sink:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "tui_chat.local"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env=importable_environment(package_folder),
                **detached(),  # type: ignore[call-overload]
            )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise LocalModelError("error.local_disk", folder=str(cache_folder), reason=reason) from error
    try:
        job = job | {"api_key": api_key, "threads": model_threads()}
        port = _await_port(process, json.dumps(job).encode("ascii") + b"\n", str(job["name"]), log, cancelled)
    except BaseException:
        _end(process)
        raise
    return LocalServer(process, port, str(job["name"]), api_key, log)


def _log_file(log: Path) -> BinaryIO:
    """A fresh log that only its owner reads. Appending, since a second window may write to the same one."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    return os.fdopen(os.open(log, flags, 0o600), "wb")


def _await_port(
    process: subprocess.Popen[bytes], job: bytes, name: str, log: Path, cancelled: Callable[[], bool]
) -> int:
    """Give the child its job and wait for the one line it answers: `{"port": …}` or `{"error": …}`."""
    assert process.stdin and process.stdout
    with contextlib.suppress(OSError):  # A child that is dead already says so below.
        process.stdin.write(job)
        process.stdin.flush()
    answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(process.stdout.readline()), daemon=True).start()  # type: ignore[union-attr]
    deadline_s = time.monotonic() + LOADING_LIMIT_S
    while True:
        if cancelled():
            raise LocalModelError("error.local_cancelled")
        if time.monotonic() > deadline_s:
            raise LocalModelError("error.local_slow", limit_s=int(LOADING_LIMIT_S), log=str(log))
        try:
            line = answers.get(timeout=_POLL_S)
            break
        except queue.Empty:
            continue
    try:
        answer = json.loads(line)
        if "port" in answer:
            return int(answer["port"])
        reason = _reason(log) or str(answer["error"])
    except ValueError:  # It ended without a word: a crash in native code, or killed for want of memory.
        process.wait()
        raise LocalModelError("error.local_died", code=process.returncode, log=str(log)) from None
    raise LocalModelError("error.local_start", name=name, reason=reason[:300], log=str(log))


def _reason(log: Path) -> str:
    """llama.cpp's own reason for not loading a model; "" where its log gives none."""
    try:
        text = log.read_text("utf-8", "replace")
    except OSError:
        return ""
    if failed := _LOADING_FAILED.search(text):
        return failed["reason"]
    errors = [found["reason"] for line in text.splitlines() if (found := _LOG_ERROR.match(line))]
    return errors[-1] if errors else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the child's stdin, which ends it, and collect it; kill it where that is not enough."""
    with contextlib.suppress(OSError):
        if process.stdin:
            process.stdin.close()
    try:
        process.wait(_CLOSING_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
