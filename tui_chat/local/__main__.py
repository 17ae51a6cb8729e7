"""The child process that computes: `python -m tui_chat.local`, started by `server.py` and by nobody else.

stdin: one line of JSON, the job; then nothing, until it closes, which ends this process.
stdout: one line of JSON, `{"port": N}` once the model answers, or `{"error": "…"}`.
stderr: the log.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

_SLOTS = 4
"""Answers that can be computed at once (two chats, or a request with `n`); they share one context."""

_BATCH_TOKENS = 256
"""Prompt tokens computed in one go. A stopped request is noticed in between, so a large number makes Stop slow."""

_PROMPT_CACHE_MIB = 256


def main() -> None:
    """Load, announce, serve until stdin closes."""
    # Native code may print; what it prints goes to the log, and the announcement stays alone on its pipe.
    announcement = os.dup(1)
    os.dup2(2, 1)
    job = json.loads(_line())
    # From before the load: a parent that dies while a large model loads must not leave it behind.
    ending = threading.Thread(target=_end_with_parent, daemon=True)
    ending.start()
    try:
        server = serve(job)
        answer: dict[str, object] = {"port": int(server.listening_address.rpartition(":")[2])}
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent explains it.
        answer = {"error": f"{type(error).__name__}: {error}"}
    os.write(announcement, json.dumps(answer).encode("ascii") + b"\n")
    os.close(announcement)
    if "error" in answer:
        os._exit(1)
    ending.join()


def serve(job: dict[str, Any]) -> Any:
    """Load the model of `job` and open its address; the server lives as long as the object returned."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = job["model"]
    params.model_alias = {job["name"]}
    params.api_keys = [job["api_key"]]
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # A free one.
    params.n_ctx = job["context_tokens"]
    params.n_parallel = _SLOTS
    params.kv_unified = True
    params.n_batch = params.n_ubatch = _BATCH_TOKENS
    params.n_predict = job.get("answer_limit_tokens", -1)
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = job["threads"]
    params.use_jinja = True  # Only so does a model's template see the tools of a request.
    if template := job.get("chat_template"):
        params.chat_template = template
    params.verbosity = 2  # Warnings and errors.
    params.ui = params.endpoint_slots = params.endpoint_props = params.endpoint_metrics = False
    for name, value in job.get("sampling", {}).items():
        setattr(params.sampling, name, value)
    return xllamacpp.Server(params)


def _line() -> bytes:
    """The first line of stdin. Unbuffered, so that the thread that waits for its end holds no lock."""
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            sys.exit(1)
        line += piece
    return line


def _end_with_parent() -> None:
    """Wait until stdin closes, which it does however the parent ends, and end at once."""
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
