"""An exchange as lines to read: all of it in view, nothing that could drive the terminal, no key."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from tui_chat.chat.node import Node, Timing
from tui_chat.ui import exchange_lines
from tui_chat.ui.exchange_lines import Answer, body_lines, compared_lines, header_lines, stream_lines, timing_lines
from tui_chat.ui.widgets.sheet import SheetLine
from tui_chat.wire.exchange import Exchange, in_pieces
from tui_chat.wire.messages import Reasoning, Text, Usage

BODY = {"model": "m", "messages": [{"role": "user", "content": 'say "hi"\x1b[2J'}], "seed": 7, "stop": None}


def exchange(body: object = BODY, received: bytes = b"", **times: float) -> Exchange:
    made = Exchange(1, "m", method="POST", url="http://h/v1/chat/completions")
    made.body = in_pieces(json.dumps(body).encode())
    made.headers = (("accept", "x"), ("authorization", "Bearer sk-abc…wxyz"))
    made.answered(200, {"x-oneapi-request-id": "r1", "set-cookie": "secret", "content-type": "text/event-stream"})
    made.take(received)
    for name, value in times.items():
        setattr(made, name, value)
    return made


def text_of(lines: list[SheetLine]) -> str:
    return "\n".join(each.text for each in lines)


def test_the_body_is_json_to_read():
    lines = body_lines(exchange())
    text = text_of(lines)
    assert '"content": "say \\"hi\\"\\u001b[2J"' in text and text.endswith("\n}")
    assert text.startswith(f"{len(json.dumps(BODY))} B sent")
    seed = next(each for each in lines if '"seed"' in each.text)
    styles = [style for _, style in seed.pieces]
    assert styles == ["", "token.keyword", "label", "token.number", "label"]
    picture = body_lines(exchange({"url": "data:image/png;base64," + b64encode(bytes(9000)).decode()}))
    assert "left out here" in picture[0].text and "…⟨9 KB⟩" in text_of(picture)


def test_headers_of_both_sides_without_cookies():
    text = text_of(header_lines(exchange()))
    assert text.splitlines()[0] == "POST http://h/v1/chat/completions"
    assert "authorization: Bearer sk-abc…wxyz" in text and "x-oneapi-request-id: r1" in text
    assert "HTTP 200" in text and "secret" not in text
    assert "No answer yet." in text_of(header_lines(Exchange(1, "m")))
    assert "No answer came." in text_of(header_lines(Exchange(1, "m", ended_s=1.0)))


def test_times_are_numbers_and_bars_on_one_scale():
    made = exchange(connecting_s=0.1, connected_s=0.3, sent_s=0.3, first_byte_s=0.5, first_token_s=1.0, ended_s=2.0)
    node = Node("a", None, "assistant", (), usage=Usage(completion_tokens=50), timing=Timing(1.0, 2.0))
    lines = timing_lines(Answer(node, (made,)), made, 100)
    rows = {each.text.split("  ")[0]: each.text for each in lines[:6]}
    assert [row.split()[-2:] for row in rows.values()][-1] == ["2.0", "s"]
    assert "100 ms" in rows["queue"] and "200 ms" in rows["connect"] and "1.0 s" in rows["to the end"]
    bars = [(each.text.index("━"), each.text.count("━")) for each in lines[:5]]
    assert bars == sorted(bars) and bars[-1][1] == 24  # half of 48 cells, at the end
    text = text_of(lines)
    assert "50.0 tok/s" in text and "r1" in text and "Attempts" not in text
    assert all(len(each.text) <= 60 for each in timing_lines(Answer(node, (made,)), made, 60)[:6])


def test_attempts_are_listed_with_what_came_of_them():
    failed = Exchange(1, "m", failure="error.connect_failed", ended_s=0.5)
    good = exchange(ended_s=1.0)
    good.attempt = 2
    text = text_of(timing_lines(Answer(Node("a", None, "assistant", ()), (failed, good)), good))
    assert "Attempts" in text and "HTTP 200" in text
    assert "open already" in text
    assert "We hung up." in text_of(
        timing_lines(Answer(Node("a", None, "assistant", ())), Exchange(1, "m", failure="stopped"))
    )


def test_the_stream_is_as_it_came_and_cant_drive_the_terminal():
    made = exchange(received=b': PING\n\ndata: {"a":"\xe4\xbd\xa0"}\r\n\nevent: x\n\x1b[2J sk-canarycanarycanary\n')
    text = text_of(stream_lines(made))
    assert ": PING" in text and 'data: {"a":"你"}␍' in text and "event: x" in text
    assert "\x1b" not in text and "␛[2J" in text and "canary" not in text and "[key]" in text
    made.lost_bytes = 3 << 20
    assert "3 MB more came" in text_of(stream_lines(made))


def test_a_long_stream_is_shown_by_its_ends(monkeypatch: pytest.MonkeyPatch):
    for name, size in (("HEAD_BYTES", 4000), ("TAIL_BYTES", 2000), ("HEAD_CHARACTERS", 900), ("TAIL_CHARACTERS", 300)):
        monkeypatch.setattr(exchange_lines, name, size)
    for count in (100, 1000):  # cut as text, and before it is looked at
        events = b"".join(b'data: {"n":%d}\n\n' % number for number in range(count))
        text = text_of(stream_lines(exchange(received=events)))
        assert '{"n":0}' in text and f'{{"n":{count - 1}}}' in text and len(text) < 1400
        assert text.count("left out here") == 1 and ('{"n":90}' in text) is (count == 100)
    image = exchange(received=b'data: {"b64":"' + b"A" * 5000 + b'"}\n\n')
    text = text_of(stream_lines(image))
    assert "left out" not in text and "…⟨4 KB⟩" in text and len(text) < 400


def answer(text: str, fingerprint: str, body: object = None, **values: object) -> Answer:
    parts = (Reasoning("hm"), Text(text))
    node = Node(text[:3], None, "assistant", parts, model="m", values=values, system_fingerprint=fingerprint)  # type: ignore[arg-type]
    return Answer(node, (exchange(body),) if body is not None else ())


def test_two_answers_are_compared_by_parameters_fingerprint_and_text():
    old = answer("one\ntwo\nthree", "fp_1", {**BODY, "seed": 7, "temperature": 0.5})
    new = answer("one\n2\nthree", "fp_2", {**BODY, "seed": 8, "temperature": 0.5})
    lines = compared_lines(new, old)
    changed = [
        (each.pieces[0][0], each.pieces[0][1])
        for each in lines[2:]
        if each.pieces and each.pieces[0][1] in ("added", "removed")
    ]
    assert changed == [
        ("− seed = 7", "removed"),
        ("+ seed = 8", "added"),
        ("− system_fingerprint = fp_1", "removed"),
        ("+ system_fingerprint = fp_2", "added"),
        ("− two", "removed"),
        ("+ 2", "added"),
    ]
    text = text_of(lines)
    assert "  temperature = 0.5" in text and "messages = 1" in text and "  three" in text


def test_answers_of_earlier_runs_are_compared_by_what_the_chat_keeps():
    lines = compared_lines(answer("a", "", temperature=0.1), answer("a", "", temperature=0.2))
    text = text_of(lines)
    assert "− temperature = 0.2" in text and "+ temperature = 0.1" in text and "the same" in text


def test_every_phase_has_its_words():
    from tui_chat import words

    for language in words.LANGUAGES:
        said = words.sentences(language)
        for name, _, _ in exchange_lines.phases(Exchange(1, "m")):
            assert said[f"inspector.{name}"] and said[f"inspector.no_{name}"]
