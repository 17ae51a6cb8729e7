"""Rows 48 to 55 and 79 to 94, as far as tests/wire does not hold them: memory, consent, what a server's words show."""

import os
import queue
import subprocess
import sys
import time
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.faults.stage import CANARY, READY, answer, environment, files_with, inherited, sessions, settings, start
from tests.gateway.answers import DONE, Answer, Cut, relay_error, sse
from tests.gateway.upstreams import openai
from tests.long_form import long_form
from tests.terminal.program import needs_pty
from tests.ui.whole_app import on_stage
from tests.wire.asking import client_for

GROWTH_LIMIT_MB = 40


@pytest.fixture
def keyed(gateway, monkeypatch):
    """Puts key and address into the environment of this process."""

    def put(**more: str) -> None:
        for name, value in environment(gateway, **more).items():
            monkeypatch.setenv(name, value or "")

    return put


MEASURED = """
import os, sys
from tests.terminal.processes import peak_of_one_mb
from tui_chat.cli import main
code = main()
print(round(peak_of_one_mb(os.getpid())), file=sys.stderr)
sys.exit(code)
"""


def peak_mb(gateway) -> tuple[int, bytes]:
    """Megabytes at the most while one question is asked, and what was said."""
    env = inherited(gateway)
    command = [sys.executable, "-c", MEASURED, "ask", "-m", "m", "hello"]
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    return int(done.stderr.split()[-1]), done.stderr


def bomb(encoding: str, megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    piece = b" " * 1_000_000
    head = b'data: {"choices":[{"index":0,"delta":{"content":"before "}}]}\n\ndata: {"x":"'
    return packer.compress(head) + b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"] if long_form("BOMBS", 0) else ["gzip"])
def test_row_85_a_compression_bomb_takes_no_memory_and_keeps_what_came(gateway, own_home, encoding, record_property):
    gateway.respond(answer("fine"))
    usual_mb, _ = peak_mb(gateway)
    packed = bomb(encoding, 400)
    assert len(packed) < 500_000
    headers = {"Content-Type": "text/event-stream", "Content-Encoding": encoding}
    gateway.script(Answer(200, headers, body=(packed,)))
    peak, said = peak_mb(gateway)
    record_property("most_mb_for_a_compression_bomb", peak - usual_mb)
    assert peak - usual_mb < GROWTH_LIMIT_MB, said
    assert b"Traceback" not in said
    assert any("before " in path.read_text("utf-8") for path in sessions(own_home))


def test_row_84_an_oversized_event_stops_and_keeps_what_came(gateway, own_home, record_property):
    limit_mb = long_form("EVENT_MB", 2)
    settings(own_home, f"event_limit_mb = {limit_mb}\n")
    gateway.respond(answer("fine"))
    usual_mb, _ = peak_mb(gateway)
    piece = b"x" * 500_000
    endless = [piece] * (2 * limit_mb + 56)
    gateway.script(sse(openai({"content": "what came before "}), b'data: {"choices":[{"delta":{"content":"', *endless))
    peak, said = peak_mb(gateway)
    record_property("most_mb_for_an_oversized_event", peak - usual_mb)
    assert peak - usual_mb < limit_mb + 12  # what is held of it, once; and the pieces it came in
    assert str(limit_mb).encode() in said and b"Traceback" not in said
    assert any("what came before " in path.read_text("utf-8") for path in sessions(own_home))


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_row_83_a_reply_cut_at_any_byte_is_kept_and_marked(gateway, own_home, framing, record_property):
    """Over a real line and through to the disk; a body that just ends gives no error of its own."""
    from tui_chat.chat.events import Event, TurnEnded
    from tui_chat.wire.messages import Text
    from tui_chat.wiring import House

    said = "All that the server said before the line was cut, in words that are counted: " + "one two three four " * 50
    pieces = [openai({"content": said[at : at + 40]}) for at in range(0, len(said), 40)]
    body = b"".join(pieces)
    body = body[: max(2048, len(pieces[0]) * 2)]
    cuts = range(0, len(body), max(1, 300 // long_form("CUTS", 1)))
    ended: queue.SimpleQueue[TurnEnded] = queue.SimpleQueue()

    def emit(event: Event) -> None:
        if isinstance(event, TurnEnded):
            ended.put(event)

    house = House(emit, env={**os.environ, "YIBU_API_KEY": CANARY, "YIBU_BASE_URL": gateway.base_url})
    try:
        house.find_connection()
        for cut in cuts:
            gateway.script(Answer(200, {"Content-Type": "text/event-stream"}, (body[:cut], Cut()), framing))
            head = house.new_head(model="m")
            house.engine.submit(house.desk.new(head)).result()
            house.engine.submit(house.desk.send(head.id, (Text("go"),))).result()
            turn = ended.get(timeout=30)
            whole = body[:cut].count(b"\n\n")
            assert turn.finish in ("interrupted", "error"), cut
            house.engine.submit(house.desk.close(head.id)).result()
            tree = house.library.open(head.id).conversation
            texts = [tree.node(id).text for id in tree.path()]
            assert texts[0] == "go"
            kept = "".join(texts[1:])
            assert said.startswith(kept) and len(kept) >= 40 * whole, cut
            assert all(tree.node(id).finish == turn.finish for id in tree.path()[1:])
        assert len(gateway.chats) == len(cuts)  # none was asked again behind a person's back
        record_property("replies_cut", len(cuts))
    finally:
        house.close()


def test_row_94_a_fast_answer_arrives_whole_in_bounded_memory(gateway, own_home):
    gateway.respond(answer("fine"))
    usual_mb, _ = peak_mb(gateway)
    gateway.script(sse(*[openai({"content": "word " * 2_000}) for _ in range(200)], openai({}, "stop"), DONE))
    peak, said = peak_mb(gateway)
    assert peak - usual_mb < 60, said
    assert max(path.read_text("utf-8").count("word ") for path in sessions(own_home)) == 400_000


def test_row_54_without_a_word_nothing_is_sent_unencrypted(gateway, run, keyed):
    keyed(YIBU_BASE_URL=gateway.base_url.replace("127.0.0.1", "203.0.113.7"))
    for verb in (("ask", "-m", "m", "hello"), ("models",), ("doctor",)):
        done = run(*verb)
        assert done.code == 1
        assert "203.0.113.7" in done.out + done.err and "insecure_hosts" in done.out + done.err
    assert gateway.chats == []


def test_row_54_a_host_that_was_allowed_is_talked_to(own_home):
    from tui_chat.wiring import House

    settings(own_home, 'base_url = "http://203.0.113.7/v1"\ninsecure_hosts = ["203.0.113.8"]\n')
    house = House(lambda event: None)
    try:
        assert house.needs_consent("http://203.0.113.7/v1") == "203.0.113.7"
        assert house.needs_consent("http://127.0.0.1:80/v1") == house.needs_consent("https://a.example/v1") == ""
        house.consent("203.0.113.7")
        assert house.needs_consent("http://203.0.113.7/v1") == ""
        assert house.settings.insecure_hosts == ("203.0.113.8", "203.0.113.7")
    finally:
        house.close()


@needs_pty
def test_row_54_on_the_screen_it_is_asked_once_for_a_host(gateway, own_home):
    base_url = "http://203.0.113.7:9/v1"
    with start(gateway, "-m", "m", env={"YIBU_BASE_URL": base_url}) as program:
        program.wait_for("without encryption")
        program.press("escape")
        program.wait_gone("without encryption")
        program.say("hello")
        program.wait_for("nothing was sent")
        program.press("ctrl+q")
        assert program.wait_exit() == 0
    with start(gateway, "-m", "m", env={"YIBU_BASE_URL": base_url}) as program:
        program.wait_for("without encryption")
        program.press("y")
        program.wait_gone("without encryption")
        program.press("ctrl+q")
        assert program.wait_exit() == 0
    kept = (own_home / "yibu-chat" / "settings.toml").read_text("utf-8")
    assert 'insecure_hosts = ["203.0.113.7"]' in kept  # with which it is not asked again: the test above


def test_row_55_an_address_with_a_password_in_it_is_refused(gateway, run, keyed):
    keyed(YIBU_BASE_URL=gateway.base_url.replace("//", "//user:secret@"))
    done = run("ask", "-m", "m", "hello")
    assert done.code != 0 and "secret" not in done.err and "Traceback" not in done.err
    assert gateway.chats == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_row_53_a_redirect_gets_neither_key_nor_prompt(gateway, status, run, keyed):
    from tests.gateway.server import FakeGateway

    with FakeGateway() as elsewhere:
        gateway.script(Answer(status, {"Location": f"{elsewhere.base_url}/chat/completions"}))
        keyed()
        done = run("ask", "-m", "m", "hello")
        assert done.code == 1 and elsewhere.base_url.split("//")[1].split("/")[0] in done.err
        assert elsewhere.chats == [] and not elsewhere.requests


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_row_50_a_server_that_repeats_the_key_is_not_repeated(gateway, own_home, status, run, keyed):
    words = f"Incorrect API key provided: {CANARY}. Header was Bearer {CANARY}, or sk-other1234567890abcd."
    for _ in range(4):
        gateway.script(relay_error(words, "invalid_api_key", status))
    keyed()
    done = run("ask", "-m", "m", "hello")
    assert done.code == 1
    assert "canary" not in done.out + done.err and "sk-other" not in done.err
    assert files_with(own_home, "canary") == []


def test_row_49_debug_logs_hold_no_key(gateway, own_home):
    gateway.respond(answer("fine"))
    program = "import logging, sys; logging.basicConfig(level=0); from tui_chat.cli import main; sys.exit(main())"
    env = inherited(gateway)
    command = [sys.executable, "-c", program, "ask", "-m", "m", "hello"]
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
    assert b"canary" not in done.stdout + done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_rows_32_56_nobody_looks_into_the_process():
    program = (
        "from tui_chat.store.memory import close_memory; import ctypes;"
        "print(close_memory(), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30, check=True)
    assert done.stdout.split() == [b"True", b"0"]


@needs_pty
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_rows_32_56_the_running_program_is_closed(gateway):
    with start(gateway, "-m", "m") as program:
        program.wait_for(READY)
        assert Path(f"/proc/{program.pid}/environ").stat().st_uid == 0
        if os.getuid() == 0 and Path("/usr/bin/setpriv").exists():
            looked = subprocess.run(
                ["setpriv", "--reuid", "65534", "--clear-groups", "cat", f"/proc/{program.pid}/environ"],
                capture_output=True,
                check=False,
            )
            assert looked.returncode != 0 and b"canary" not in looked.stdout
        program.press("ctrl+q")
        assert program.wait_exit() == 0


async def test_row_92_a_network_that_goes_and_comes_back_costs_no_message(gateway):
    async with on_stage(gateway) as stage:
        await stage.say("before")
        gateway.stop()
        await stage.write("while it is away")
        await stage.press("enter")
        await stage.settled(lambda: "✕" in stage.shown() and stage.idle)
        assert "while it is away" in stage.texts and "127.0.0.1" in stage.shown()
        gateway.start()
        await stage.press("escape", "end", "r")
        await stage.settled(lambda: stage.idle and len(stage.path) == 4 and not stage.path[-1].failure)
        assert [node.text for node in stage.path if node.role == "user"] == ["before", "while it is away"]
        assert gateway.chats[-1].json["messages"][-1]["content"] == "while it is away"
        assert len(gateway.chats) == 2


async def test_row_92_after_a_long_rest_the_connection_is_a_fresh_one(gateway, monkeypatch):
    rested_s = [0.0]
    clock = SimpleNamespace(time=lambda: time.time() + rested_s[0])
    monkeypatch.setattr("tui_chat.wire.http.time", clock)
    client = client_for(gateway)
    for at_s, connections in ((0.0, 1), (20.0, 1), (81.0, 2)):
        rested_s[0] = at_s
        await client.models()
        assert gateway.connections == connections
    await client.aclose()
