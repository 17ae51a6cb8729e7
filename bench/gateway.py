"""Who answers the clients? A loopback gateway in a process of its own, so that it takes no time from the harness.

It speaks OpenAI's Chat Completions and Ollama's API, streamed or whole. A user message "go 20000 at 100" is answered
with 20 000 bytes at 100 tokens a second, "at 0" as fast as it goes; anything else, such as a client's request for a
title, with one word. Each token is an event and an HTTP chunk of its own.

    python -m bench.gateway        prints its port and serves until its input ends
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench.document import answer
from tests.gateway.answers import DONE
from tests.gateway.connection import chunk_frame
from tests.gateway.documents import tokens
from tests.gateway.upstreams import openai, openai_usage, usage, whole

ROOT = Path(__file__).resolve().parent.parent
MODEL = "bench"
ORDER = re.compile(r"go (\d+) at (\d+)")
BURST_EVENTS = 16
"""As fast as it goes, so many chunks are handed to the socket at once."""
WHEN = "2026-01-01T00:00:00Z"
DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "bench",
    "families": ["bench"],
    "parameter_size": "1B",
    "quantization_level": "Q4_0",
}


def order(size_bytes: int, per_second: int = 0) -> str:
    """The message that asks for so many bytes at so many tokens a second; 0 is as fast as it goes."""
    return f"go {size_bytes} at {per_second}"


@cache
def openai_events(size_bytes: int) -> tuple[bytes, ...]:
    """The answer as HTTP chunks of server-sent events."""
    pieces = tokens(answer(size_bytes)) if size_bytes else ["ok"]
    counted = usage(9, len(pieces))
    events = [openai({"role": "assistant", "content": ""}), *(openai({"content": piece}) for piece in pieces)]
    return tuple(chunk_frame(event) for event in (*events, openai({}, "stop"), openai_usage(counted), DONE))


@cache
def ollama_events(size_bytes: int) -> tuple[bytes, ...]:
    """The answer as HTTP chunks of JSON lines."""
    pieces = tokens(answer(size_bytes)) if size_bytes else ["ok"]
    return tuple(chunk_frame(line(each)) for each in (*map(ollama, pieces), ollama_end(len(pieces))))


def ollama(piece: str) -> dict[str, Any]:
    return {
        "model": MODEL,
        "created_at": WHEN,
        "message": {"role": "assistant", "content": piece},
        "done": False,
    }


def ollama_end(count: int) -> dict[str, Any]:
    """Ollama's last line: counts, and nanoseconds."""
    spent = {"total_duration": 1, "load_duration": 1, "prompt_eval_duration": 1, "eval_duration": 1}
    return {**ollama(""), "done": True, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": count, **spent}


def line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def asked(body: dict[str, Any]) -> tuple[int, int]:
    """Bytes and tokens a second the last user message asks for; 0 bytes is one word."""
    said = [message for message in body.get("messages", []) if message.get("role") == "user"]
    found = ORDER.findall(json.dumps(said[-1].get("content", ""))) if said else []
    return (int(found[-1][0]), int(found[-1][1])) if found else (0, 0)


class Answers(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: it would cost time."""

    def do_HEAD(self) -> None:
        """Whether somebody is there."""
        self.whole({})

    def do_GET(self) -> None:
        """What clients ask before they ask the model."""
        tagged = {"name": MODEL, "model": MODEL, "modified_at": WHEN, "size": 1, "digest": "0" * 64, "details": DETAILS}
        known: dict[str, object] = {
            "/v1/models": {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 1, "owned_by": "b"}]},
            "/api/tags": {"models": [tagged]},
            "/api/ps": {"models": []},
            "/api/version": {"version": "0.12.0"},
        }
        found = known.get(self.path.partition("?")[0])
        self.whole(found if found is not None else {"error": {"message": "no such route"}}, 404 if not found else 200)

    def do_POST(self) -> None:
        """A message, or facts about the model."""
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path.endswith("/chat/completions"):
            size_bytes, per_second = asked(body)
            if body.get("stream"):
                self.stream("text/event-stream", openai_events(size_bytes), per_second)
            else:
                self.whole(whole({"content": answer(size_bytes) if size_bytes else "ok"}))
        elif self.path == "/api/chat":
            size_bytes, per_second = asked(body)
            if body.get("stream", True):
                self.stream("application/x-ndjson", ollama_events(size_bytes), per_second)
            else:
                self.whole({**ollama_end(1), "message": {"role": "assistant", "content": "ok"}})
        elif self.path == "/api/show":
            known = {"general.architecture": "bench", "bench.context_length": 131072}
            self.whole(
                {"modelfile": "", "template": "{{ .Prompt }}", "parameters": "", "license": "", "modified_at": WHEN}
                | {"details": DETAILS, "model_info": known, "capabilities": ["completion"]}
            )
        else:
            self.whole({"error": {"message": "no such route"}}, 404)

    def whole(self, value: object, status: int = 200) -> None:
        """One JSON answer."""
        content = line(value)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def stream(self, kind: str, events: tuple[bytes, ...], per_second: int) -> None:
        """Every event in its turn; one that is late does not delay those after it."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in paced(events, per_second):
                self.wfile.write(piece)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:  # the client was ended in mid-answer
            self.close_connection = True


def paced(events: tuple[bytes, ...], per_second: int) -> Iterator[bytes]:
    """What is to be written next, at its time."""
    if not per_second:
        for start in range(0, len(events), BURST_EVENTS):
            yield b"".join(events[start : start + BURST_EVENTS])
        return
    begun = time.monotonic()
    for number, event in enumerate(events):
        time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
        yield event


class Gateway:
    """The gateway as a process, for the length of a `with` block."""

    def __enter__(self) -> Gateway:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.gateway"],
            cwd=ROOT,
            stdin=subprocess.PIPE,  # its end, by whatever way this process ends, is the gateway's end
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.root_url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        """Where Ollama's clients look."""
        self.base_url = self.root_url + "/v1"
        """Where clients of Chat Completions look."""
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.communicate()


class Server(ThreadingHTTPServer):
    """A thread a connection; a client that is ended while it is asked is no error."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing is said."""


def main() -> None:
    server = Server(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
