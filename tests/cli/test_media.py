"""Sound, predictions and uploaded files at the headless door; usage and the gateway's log."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.gateway.answers import DONE, data, sse
from tests.gateway.server import FakeGateway
from tests.gateway.speech import WORDS, tone


def test_a_spoken_answer_is_written_to_a_new_file(run: Run, keyed: FakeGateway, tmp_path: Path) -> None:
    file = tmp_path / "answer.wav"
    ran = run("ask", "-m", "gpt-4o-audio-preview", "--json", "--audio-out", str(file), "speak")
    assert ran.code == 0, ran.err
    assert file.read_bytes()[:4] == b"RIFF" and file.read_bytes()[44:] == tone()
    sent = keyed.chats[0].json
    assert sent["modalities"] == ["text", "audio"] and sent["audio"] == {"voice": "alloy", "format": "pcm16"}
    assert ran.json["content"].strip() == WORDS
    assert ran.json["audio"]["expires_at"] == 1787469342 and ran.json["audio"]["seconds"] == 0.4
    usage = ran.json["usage"]
    assert usage["prompt_tokens_details"]["image_tokens"] == 20
    assert usage["completion_tokens_details"]["audio_tokens"] == 30
    # a file that is there is not written over, and nothing is sent
    again = run("ask", "-m", "gpt-4o-audio-preview", "--audio-out", str(file), "speak")
    assert again.code == 2 and len(keyed.chats) == 1


def test_each_of_several_spoken_answers_gets_a_file(run: Run, keyed: FakeGateway, tmp_path: Path) -> None:
    def chunk(choice: int, **delta: object) -> bytes:
        finish = None if delta else "stop"
        told = {"id": "c", "choices": [{"index": choice, "delta": delta, "finish_reason": finish}]}
        return data(told)

    sounds = [tone(0.1, 440), tone(0.2, 660)]
    coded = [base64.b64encode(each).decode() for each in sounds]
    pieces = [chunk(at, audio={"id": f"a{at}", "data": coded[at], "transcript": f"t{at}"}) for at in (1, 0)]
    keyed.script(sse(*pieces, chunk(0), chunk(1), DONE))
    ran = run("ask", "-m", "gpt-audio", "-n", "2", "--json", "--audio-out", str(tmp_path / "a.wav"), "speak")
    assert ran.code == 0, ran.err
    assert (tmp_path / "a.wav").read_bytes()[44:] == sounds[0]
    assert (tmp_path / "a-2.wav").read_bytes()[44:] == sounds[1]
    told = [(each["index"], each["audio"]["id"], each["audio"]["transcript"]) for each in ran.json["choices"]]
    assert told == [(0, "a0", "t0"), (1, "a1", "t1")]


def test_a_format_that_no_stream_brings_is_asked_for_at_once(run: Run, keyed: FakeGateway, tmp_path: Path) -> None:
    ran = run("ask", "-m", "gpt-audio", "--audio-out", str(tmp_path / "a.mp3"), "speak")
    assert ran.code == 0, ran.err
    sent = keyed.chats[0].json
    assert sent["audio"]["format"] == "mp3" and not sent.get("stream")


def test_an_answer_without_sound_says_so(run: Run, keyed: FakeGateway, tmp_path: Path) -> None:
    ran = run("ask", "-m", "gpt-4o-mini", "--audio-out", str(tmp_path / "a.wav"), "hello")
    assert ran.code == 1 and "no sound" in ran.err and not (tmp_path / "a.wav").exists()


@pytest.mark.parametrize("place", ["none/a.wav", ""])
def test_a_place_that_takes_no_file_is_refused_before_anything_is_sent(
    run: Run, keyed: FakeGateway, tmp_path: Path, place: str
) -> None:
    target = tmp_path / place if place else Path(run_home())
    assert run("ask", "-m", "m", "--audio-out", str(target / "x.wav"), "speak").code == 2
    assert keyed.chats == []


def run_home() -> str:
    import os

    home = Path(os.environ["YIBU_CHAT_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    return str(home)


def test_a_prediction_comes_from_a_file_and_an_uploaded_file_by_its_id(
    run: Run, keyed: FakeGateway, tmp_path: Path
) -> None:
    file = tmp_path / "user.py"
    file.write_text("class User:\n    name: str\n")
    ran = run("ask", "-m", "gpt-4o", "--json", "--prediction", str(file), "--file-id", "file-abc123", "predict it")
    assert ran.code == 0, ran.err
    sent = keyed.chats[0].json
    assert sent["prediction"] == {"type": "content", "content": file.read_text()}
    assert {"type": "file", "file": {"file_id": "file-abc123"}} in sent["messages"][-1]["content"]
    usage = ran.json["usage"]["completion_tokens_details"]
    assert (usage["accepted_prediction_tokens"], usage["rejected_prediction_tokens"]) == (18, 7)
    assert run("ask", "-m", "m", "--prediction", str(tmp_path / "none"), "x").code == 2
    bad = run("ask", "-m", "m", "--file-id", "../x", "x")
    assert bad.code != 0 and "file id" in bad.err and len(keyed.chats) == 1


def test_usage_is_counted_from_what_is_kept(run: Run, keyed: FakeGateway) -> None:
    assert run("usage").out.strip() == "Nothing was counted yet."
    run("ask", "-m", "gpt-4o-mini", "speak")
    run("ask", "-m", "gpt-4o-mini", "-c", "speak")
    found = run("usage", "--json").json
    assert found["total"]["answers"] == 2 and found["total"]["usage"]["completion_audio_tokens"] == 60
    assert len(found["days"]) == len(found["chats"]) == 1 and found["models"][0]["model"] == "gpt-4o-mini"
    table = run("usage", "--by", "model").out
    assert table.splitlines()[1].split()[:2] == ["gpt-4o-mini", "2"]


def test_the_gateways_log_tells_what_each_request_cost(run: Run, keyed: FakeGateway) -> None:
    assert "empty" in run("balance", "--log").out
    asked = json.loads(run("ask", "-m", "gpt-4o-mini", "--json", "hello").out)
    rows = run("balance", "--log", "--json").json
    assert [(row["request_id"], row["usd"], row["kind"]) for row in rows] == [(asked["request_id"], 0.003, "use")]
    assert asked["request_id"] in run("balance", "--log").out
