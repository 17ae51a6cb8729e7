"""Servers elsewhere that answer wrongly: too much, compressed, redirected, not at all."""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme

from tests.extras import needs_mcp
from tests.tools.mcp_stage import Stage
from tui_chat.errors import ToolError
from tui_chat.tools.mcp_plan import ServerPlan

pytestmark = needs_mcp

TOOLS = [{"name": "fine", "inputSchema": {"type": "object"}}]


class Handler(BaseHTTPRequestHandler):
    """Answers by the path, which names the fault; keeps what it was sent."""

    seen: list[tuple[str, dict[str, str]]] = []

    def log_message(self, *args: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        self.answer(405, b"")

    do_DELETE = do_GET

    def do_POST(self) -> None:
        mode = self.path.strip("/")
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        method = request.get("method", "")
        if mode == "down":
            return self.answer(500, b"<h1>Internal error</h1>", "text/html")
        if mode == "html":
            return self.answer(200, b"<h1>Welcome</h1>", "text/html")
        if mode == "elsewhere":
            return self.answer(307, b"", location="http://127.0.0.2:9/mcp")
        if mode == "zipped":
            return self.answer(200, gzip.compress(b" " * 10_000_000), encoding="gzip")
        if "id" not in request:
            return self.answer(202, b"")
        if method == "tools/call" and mode == "large":
            return self.answer(200, b'{"jsonrpc":"2.0","id":1,"result":"' + b"x" * 9_000_000)
        if method == "tools/call" and mode == "large_event":
            return self.answer(200, b"data: " + b"x" * 9_000_000, "text/event-stream")
        results: dict[str, Any] = {
            "initialize": {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "h", "version": "0"},
            },
            "tools/list": {"tools": TOOLS},
            "tools/call": {"content": [{"type": "text", "text": "done"}]},
        }
        body: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        if method in results:
            body["result"] = results[method]
        else:
            body["error"] = {"code": -32601, "message": "Method not found"}
        return self.answer(200, json.dumps(body).encode())

    def answer(
        self, status: int, body: bytes, kind: str = "application/json", encoding: str = "", location: str = ""
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (("Content-Encoding", encoding), ("Location", location)):
            if value:
                self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The servers above, with TLS where there is a context; the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def stage(address: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    plan = ServerPlan("web", url=f"{address}/{request.param}", headers={"X-Token": "${TOKEN_FOR_TEST}"})
    stage = Stage(tmp_path, plan)
    yield stage
    stage.close()


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_FOR_TEST", "abc")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):  # what is on this computer never goes through one
        monkeypatch.setenv(name, "http://127.0.0.1:9")


@pytest.mark.parametrize("stage", ["fine"], indirect=True)
def test_headers_are_sent_and_nothing_compressed_is_asked_for(stage: Stage):
    stage.begin("web")
    assert stage.run("web__fine").text == "done"
    sent = [headers for path, headers in Handler.seen if path == "/fine"]
    assert len(sent) > 3
    assert all(headers["x-token"] == "abc" and headers["accept-encoding"] == "identity" for headers in sent)


def test_a_server_may_prove_itself_by_the_certificates_of_the_settings(tmp_path: Path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with serving(context) as port:
        plan = ServerPlan("web", url=f"https://localhost:{port}/fine")
        for file, key in (("ca.pem", ""), ("", "error.mcp_unreachable"), ("none.pem", "error.ca_file")):
            stage = Stage(tmp_path, plan, ca_file=str(tmp_path / file) if file else "")
            try:
                if not key:
                    stage.begin("web")
                    assert stage.run("web__fine").text == "done"
                else:
                    with pytest.raises(ToolError) as caught:
                        stage.do(stage.servers.start("web"))
                    assert caught.value.key == key
            finally:
                stage.close()


def test_on_this_computer_nothing_is_encrypted_and_no_certificates_are_read(tmp_path: Path):
    with serving() as port:
        stage = Stage(
            tmp_path, ServerPlan("web", url=f"http://localhost:{port}/fine"), ca_file=str(tmp_path / "none.pem")
        )
        try:
            stage.begin("web")
            assert stage.run("web__fine").text == "done"
        finally:
            stage.close()


def test_a_proxy_that_cannot_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "ftp://p")
    stage = Stage(tmp_path, ServerPlan("web", url="https://mcp.example.com/mcp"))
    stage.do(stage.servers.confirm(stage.servers.launch("web")))
    with pytest.raises(ToolError) as caught:
        stage.do(stage.servers.start("web"))
    assert (caught.value.key, caught.value.facts["variable"]) == ("error.proxy_setting", "HTTPS_PROXY")
    stage.close()


@pytest.mark.parametrize(
    ("stage", "key"),
    [
        ("down", "error.mcp_refused"),
        ("html", "error.mcp_refused"),
        ("elsewhere", "error.mcp_refused"),
        ("zipped", "error.mcp_compressed"),
    ],
    indirect=["stage"],
)
def test_what_is_no_mcp_server_is_not_started(stage: Stage, key: str):
    stage.do(stage.servers.confirm(stage.servers.launch("web")))
    with pytest.raises(ToolError) as caught:
        stage.do(stage.servers.start("web"))
    assert caught.value.key == key
    state = stage.servers.state("web")
    assert (state.phase, state.error and state.error.key) == ("stopped", key)


@pytest.mark.parametrize("stage", ["large", "large_event"], indirect=True)
def test_an_answer_that_is_too_long_is_not_read_whole(stage: Stage):
    stage.begin("web")
    with pytest.raises(ToolError) as caught:
        stage.run("web__fine")
    assert caught.value.key in ("error.mcp_line", "error.mcp_refused")
    assert "8" in str(caught.value)  # the limit is named: in MB, or in bytes
