"""Cases of tool calls, pictures, sound and sources (rows 7, 10, 11, 12)."""

# ruff: noqa: E501 - a recorded answer stands on one line, as it travels

from __future__ import annotations

import base64
import hashlib
import json
import math
import random
import struct
import zlib
from functools import cache

from tests.gateway.answers import DONE, data, json_answer
from tests.gateway.case import Case
from tests.gateway.upstreams import Json, claude, gemini, head, openai, openrouter, plain, usage, whole

ROLE = {"role": "assistant", "content": None}
BEIJING, PARIS = '{"city":"北京","unit":"c"}', '{"city":"Paris"}'


def call(
    index: int | None, id: str | None = None, name: str | None = None, arguments: object = None, **more: object
) -> Json:
    """A `tool_calls` delta; None leaves a field out."""
    function = {k: v for k, v in (("name", name), ("arguments", arguments)) if v is not None}
    fields = {"index": index, "id": id, "type": "function" if id else None, "function": function}
    return {"tool_calls": [{k: v for k, v in fields.items() if v is not None} | more]}


def called(*calls: tuple[str, str, str], finish: str | None = "tool_calls") -> Json:
    wanted = [{"id": id, "name": name, "arguments": arguments} for id, name, arguments in calls]
    return {"tool_calls": wanted, "finish_reason": finish, "complete": finish is not None}


def pieces(text: str, size: int = 7) -> list[str]:
    return [text[n : n + size] for n in range(0, len(text), size)]


ONE = called(("call_a1", "weather", BEIJING))
TWO = called(("call_a1", "weather", BEIJING), ("call_b2", "clock", PARIS))
ENDED = openai({}, "tool_calls") + DONE
TOOLS = (
    Case("tools-openai", 7, openai({**ROLE, **call(0, "call_a1", "weather", "")}) + b"".join(openai(call(0, arguments=p)) for p in pieces(BEIJING)) + ENDED, ONE),
    Case("tools-openai-two-parallel", 7,
         openai({**ROLE, **call(0, "call_a1", "weather", "")}) + b"".join(openai(call(0, arguments=p)) for p in pieces(BEIJING))
         + openai(call(1, "call_b2", "clock", "")) + b"".join(openai(call(1, arguments=p)) for p in pieces(PARIS)) + ENDED, TWO),
    Case("tools-interleaved", 7,
         openai({**ROLE, "tool_calls": [call(0, "call_a1", "weather", "")["tool_calls"][0], call(1, "call_b2", "clock", "")["tool_calls"][0]]})
         + openai(call(1, arguments=PARIS[:5])) + openai(call(0, arguments=BEIJING[:9])) + openai(call(1, arguments=PARIS[5:]))
         + openai(call(0, arguments=BEIJING[9:])) + ENDED, TWO),
    Case("tools-claude-index-1-with-a-gap", 7,
         claude({"content": "", "role": "assistant"}) + claude({"content": "Let me look."}) + claude(call(1, "call_a1", "weather", ""))
         + b"".join(claude({"tool_calls": [{"index": 1, "type": "function", "function": {"arguments": p}}]}) for p in pieces(BEIJING))
         + claude(call(3, "call_b2", "clock", "")) + claude({"tool_calls": [{"index": 3, "type": "function", "function": {"arguments": PARIS}}]})
         + claude({}, "tool_calls", usage(9, 30)) + DONE, {**TWO, "text": "Let me look."}),
    Case("tools-gemini-whole-finish-twice-then-stop", 7,
         gemini({"role": "assistant"}) + gemini(call(0, "call_a1", "weather", BEIJING), "tool_calls") + gemini({}, "tool_calls") + gemini({}, "stop") + DONE, ONE),
    Case("tools-gemini-first-chunk-split", 7,
         gemini({"role": "assistant", "content": "", **call(0, "call_a1", "weather", "")})
         + gemini({"tool_calls": [{"index": 0, "id": None, "type": None, "function": {"name": None, "arguments": BEIJING}}]}, "tool_calls") + DONE, ONE),
    Case("tools-gemini-old-index-starts-again", 7,
         gemini(call(0, "call_a1", "weather", BEIJING)) + gemini(call(0, "call_b2", "clock", PARIS)) + gemini({}, "tool_calls") + DONE, TWO),
    Case("tools-index-missing", 7,
         plain("llama", {"tool_calls": [call(None, "call_a1", "weather", BEIJING)["tool_calls"][0], call(None, "call_b2", "clock", PARIS)["tool_calls"][0]]})
         + plain("llama", {}, "tool_calls") + DONE, TWO),
    Case("tools-id-repeated-in-every-delta", 7,
         b"".join(openai(call(0, "call_a1", "weather" if n == 0 else "", p)) for n, p in enumerate(pieces(BEIJING))) + ENDED, ONE),
    Case("tools-id-and-name-repeated-in-every-delta", 7, b"".join(openai(call(0, "call_a1", "weather", p)) for p in pieces(BEIJING)) + ENDED, ONE),
    Case("tools-index-reused-with-a-new-id", 7,
         plain("m", call(0, "call_a1", "weather", BEIJING[:6])) + plain("m", call(0, arguments=BEIJING[6:])) + plain("m", call(0, "call_b2", "clock", PARIS))
         + plain("m", {}, "tool_calls") + DONE, TWO),
    Case("tools-arguments-as-object", 7, plain("llama", call(0, "call_a1", "weather", json.loads(BEIJING))) + plain("llama", {}, "tool_calls") + DONE, ONE),
    Case("tools-arguments-empty", 7, openai(call(0, "call_a1", "now", "")) + ENDED, called(("call_a1", "now", "{}"))),
    Case("tools-arguments-null", 7, plain("m", {"tool_calls": [{"index": 0, "id": "call_a1", "type": "function", "function": {"name": "now", "arguments": None}}]}, "tool_calls") + DONE,
         called(("call_a1", "now", "{}"))),
    Case("tools-finished-by-stop", 7, openai(call(0, "call_a1", "weather", BEIJING)) + openai({}, "stop") + DONE, ONE),
    Case("tools-finished-by-tool-use", 7, openai(call(0, "call_a1", "weather", BEIJING)) + openai({}, "tool_use") + DONE, ONE),
    Case("tools-cut", 7, openai(call(0, "call_a1", "weather", BEIJING[:9])) + DONE, {"finish_reason": None, "complete": False}),
    Case("legacy-function-call", 7,
         openai({"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": ""}})
         + b"".join(openai({"function_call": {"arguments": p}}) for p in pieces(BEIJING)) + openai({}, "function_call") + DONE,
         {"tool_calls": [{"id": "", "name": "weather", "arguments": BEIJING}], "complete": True}),
    Case("tools-not-streamed", 7, b"", ONE, json_answer(whole({"content": None, "tool_calls": [
         {"id": "call_a1", "type": "function", "function": {"name": "weather", "arguments": BEIJING}}]}, "tool_calls")), stream=False),
)  # fmt: skip


@cache
def picture(side: int, seed: int = 1) -> bytes:
    """A PNG of `side` × `side` noise; noise does not compress, so it has about 3 × side² bytes."""
    noise = random.Random(seed)
    rows = b"".join(b"\0" + noise.randbytes(3 * side) for _ in range(side))

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(rows, 0)) + part(b"IEND", b"")


def picture_uri(side: int, seed: int = 1) -> str:
    return "data:image/png;base64," + base64.b64encode(picture(side, seed)).decode()


def pictured(*sides: int) -> list[Json]:
    """What `expects["images"]` says of these pictures."""
    bodies = [picture(side) for side in sides]
    return [{"media_type": "image/png", "sha256": hashlib.sha256(b).hexdigest(), "size": len(b)} for b in bodies]


def image_part(side: int) -> Json:
    return {"type": "image_url", "image_url": {"url": picture_uri(side)}}


HUGE_SIDE = 2240


def huge() -> bytes:
    """20 MB in one line, as Gemini's pictures come."""
    text = f"Here it is:\n![image]({picture_uri(HUGE_SIDE)})"
    return gemini({"role": "assistant"}) + gemini({"content": text}) + gemini({"content": "\nDone."}, "stop") + DONE


def huge_expects() -> Json:
    return {"images": pictured(HUGE_SIDE), "finish_reason": "stop", "complete": True}


MARKDOWN_PICTURE = f"Here it is:\n![image]({picture_uri(8)})\nDone."
IMAGES = (
    Case("image-markdown", 10, gemini({"content": MARKDOWN_PICTURE}, "stop") + DONE, {"images": pictured(8), "complete": True}),
    Case("image-markdown-split-over-chunks", 10, b"".join(gemini({"content": p}) for p in pieces(MARKDOWN_PICTURE, 50)) + gemini({}, "stop") + DONE,
         {"images": pictured(8), "complete": True}),
    Case("image-delta-images", 10, openrouter({"content": "Here it is:", "images": [image_part(8)]}) + openrouter({"content": "", "images": [image_part(9)]}) + openrouter({}, "stop") + DONE,
         {"images": pictured(8, 9), "text": "Here it is:", "complete": True}),
    Case("image-in-content-parts", 10, plain("m", {"content": [{"type": "text", "text": "Here it is:"}, image_part(8)]}, "stop") + DONE, {"images": pictured(8), "text": "Here it is:"}),
    Case("image-not-streamed", 10, b"", {"images": pictured(8), "text": "Here it is:"}, json_answer(whole({"content": "Here it is:", "images": [image_part(8)]})), stream=False),
    Case("image-not-streamed-media-markdown", 10, b"", {"images": pictured(8)}, json_answer(whole({"content": f"[media]({picture_uri(8)})"})), stream=False),
    Case("image-20-mb-in-one-line", 10, huge, {"finish_reason": "stop", "complete": True}, large=True),
)  # fmt: skip

TONE = b"".join(struct.pack("<h", round(9000 * math.sin(n / 24000 * 440 * math.tau))) for n in range(4801))
SPOKEN = {
    "pcm_sha256": hashlib.sha256(TONE).hexdigest(),
    "pcm_size": len(TONE),
    "transcript": "Hello, 你好。",
    "id": "audio_6a1f",
}


def sound(cut: int, **more: object) -> bytes:
    """Sound in base64 pieces of `cut` bytes each, transcript between them."""
    coded = [base64.b64encode(TONE[n : n + cut]).decode() for n in range(0, len(TONE), cut)]
    said = ["Hello", ", 你", "好。"]
    deltas: list[Json] = [{"role": "assistant", "content": "", "audio": {"id": "audio_6a1f", "transcript": said[0]}}]
    deltas += [{"audio": {"data": piece}} for piece in coded[:1]]
    deltas += [{"audio": {"transcript": text}} for text in said[1:]]
    deltas += [{"audio": {"data": piece}} for piece in coded[1:]]
    return b"".join(openai(delta) for delta in deltas)


AUDIO = (
    Case("audio-openai-last-delta-expires-only", 11, sound(3000) + openai({}, "stop") + openai({"audio": {"expires_at": 1787469342}}) + DONE,
         {"audio": SPOKEN, "finish_reason": "stop", "complete": True}),
    Case("audio-pieces-padded-each", 11, sound(1000) + openai({}, "stop") + DONE, {"audio": SPOKEN, "complete": True}),
    Case("audio-not-streamed", 11, b"", {"audio": SPOKEN, "text": ""}, json_answer(whole({"content": None, "audio": {
         "id": "audio_6a1f", "data": base64.b64encode(TONE).decode(), "transcript": SPOKEN["transcript"], "expires_at": 1787469342}})), stream=False),
)  # fmt: skip

SOURCES = [{"url": "https://example.org/a", "title": "甲 A"}, {"url": "https://example.com/b?x=1", "title": "B"}]
CITED: list[Json] = [{"type": "url_citation", "url_citation": {"start_index": 4, "end_index": 9, **s}} for s in SOURCES]
CITATIONS = (
    Case("annotations-openai", 12, openai({"content": "The tower is 330 m high."}) + openai({"annotations": CITED}) + openai({}, "stop") + DONE,
         {"citations": SOURCES, "text": "The tower is 330 m high.", "complete": True}),
    Case("annotations-not-streamed", 12, b"", {"citations": SOURCES}, json_answer(whole({"content": "330 m.", "annotations": CITED})), stream=False),
    Case("citations-perplexity-in-every-chunk", 12,
         b"".join(plain("sonar", {"content": t}, citations=[s["url"] for s in SOURCES]) for t in ("330", " m [1][2]"))
         + plain("sonar", {}, "stop", citations=[s["url"] for s in SOURCES]) + DONE,
         {"citations": [{"url": s["url"], "title": ""} for s in SOURCES], "text": "330 m [1][2]"}),
    Case("search-results-perplexity", 12,
         data(head("a", "sonar") | {"choices": [{"index": 0, "delta": {"content": "330 m."}, "finish_reason": "stop"}], "search_results": [{**s, "date": "2026-01-02"} for s in SOURCES]}) + DONE,
         {"citations": SOURCES, "text": "330 m."}),
)  # fmt: skip

CASES: tuple[Case, ...] = (*TOOLS, *IMAGES, *AUDIO, *CITATIONS)
