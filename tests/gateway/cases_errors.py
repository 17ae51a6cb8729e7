"""Cases of errors, of answers in the wrong form, of model lists and of silence (rows 5, 14, 15, 19)."""

# ruff: noqa: E501 - a recorded answer stands on one line, as it travels

from __future__ import annotations

from typing import Any

from tests.gateway.answers import (
    DONE,
    PING,
    STREAM_HEADERS,
    Answer,
    Hold,
    Pause,
    data,
    encode,
    html_answer,
    json_answer,
    sse,
)
from tests.gateway.case import Case
from tests.gateway.cases_text import COUNTED, DONE_WELL, HELLO, SAID, START, STOP, WHOLE
from tests.gateway.errors_catalogue import BAD_GATEWAY_PAGE, ERRORS
from tests.gateway.routes import MODELS, SITE, model_row
from tests.gateway.upstreams import counts, gateway_usage, openrouter, usage, whole

FAILED: dict[str, Any] = {"finish_reason": None, "complete": False}
TOO_LONG = {
    "error": {
        "message": "This model's maximum context length is 8192 tokens.",
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
    }
}
BUSY = {"error": {"message": "Too Many Requests", "type": "upstream_error", "param": "", "code": "rate_limit_exceeded"}}

BEFORE = tuple(
    Case(f"error-before-{known.id}", 5, b"", {**FAILED, "text": "", "error_key": f"error.{known.row}"}, known.answer)
    for known in ERRORS
)
MISLABELLED = tuple(
    Case(
        f"error-as-event-stream-{known.id}",
        5,
        b"",
        {**FAILED, "text": "", "error_key": f"error.{known.row}"},
        Answer(known.answer.status, {**known.answer.headers, **STREAM_HEADERS}, known.answer.body),
    )
    for known in ERRORS
    if known.answer.status != 200 and known.variant in ("zh", "503-zh", "openai", "messages", "do-request")
)


def whose(said: str, error_key: str | None) -> dict[str, Any]:
    return {**FAILED, "text": said, "error_key": error_key}


IN_STREAM = (
    Case("error-line-in-mid-stream", 5, START + SAID + data(TOO_LONG), whose(HELLO, "error.context_too_long")),
    Case("error-line-then-usage-and-done", 5, START + SAID + data(TOO_LONG) + gateway_usage(usage(9, 11)) + DONE,
         whose(HELLO, "error.context_too_long")),
    Case("error-line-as-first-line", 5, data(TOO_LONG) + DONE, whose("", "error.context_too_long")),
    Case("bare-json-at-the-end", 5, START + SAID + encode(TOO_LONG), whose(HELLO, "error.context_too_long")),
    Case("bare-json-over-several-lines", 5, START + SAID + b'{\n  "error": {\n    "message": "prompt is too long",\n    "code": null\n  }\n}\n',
         whose(HELLO, "error.context_too_long")),
    Case("bare-json-after-pings", 5, PING * 3 + encode(BUSY), whose("", "error.upstream_busy")),
    Case("busy-line-in-mid-stream", 5, START + SAID + data(BUSY), whose(HELLO, "error.upstream_busy")),
    Case("openrouter-error-in-the-choice", 5,
         openrouter({"role": "assistant", "content": "Half"})
         + openrouter({"content": ""}, "error", error={"code": 429, "message": "Too Many Requests"}) + DONE,
         {"text": "Half", "complete": False}),
    Case("yibu-wrong-voice", 5, data({"error": {"message": "voice 'alloy' is not supported, invalid_request_error", "type": "upstream_error", "code": "invalid_request_error"}}),
         {"text": "", "complete": False}),
    Case("error-as-a-string", 5, START + SAID + data({"error": "prompt is too long"}), whose(HELLO, "error.context_too_long")),
    Case("error-null-is-no-error", 5, START + SAID + STOP.replace(b'"usage"', b'"error":null,"usage"') + DONE, {**DONE_WELL, "usage": None}),
    Case("line-that-is-not-json", 5, START + SAID + b"data: {broken\n\n" + DONE, {"text": HELLO, "complete": False}),
)  # fmt: skip

WITH_200 = (
    Case("json-error-with-200", 5, b"", whose("", "error.context_too_long"), json_answer(TOO_LONG)),
    Case(
        "json-error-with-200-not-streamed",
        5,
        b"",
        whose("", "error.context_too_long"),
        json_answer(TOO_LONG),
        stream=False,
    ),
    Case(
        "html-with-200-as-event-stream",
        5,
        b"",
        whose("", "error.html_answer"),
        Answer(200, STREAM_HEADERS, SITE.encode()),
    ),
    Case("html-502-of-the-proxy", 5, b"", {"text": "", "complete": False}, BAD_GATEWAY_PAGE),
    Case("empty-body-with-200", 5, b"", {"text": "", "complete": False}, Answer(200, STREAM_HEADERS, b"", "length")),
)

MESSAGE: dict[str, Any] = {"content": HELLO, "refusal": None, "annotations": []}
WRONG_FORM = (
    Case("plain-answer", 14, b"", {**DONE_WELL, "usage": counts(9, 6)}, json_answer(whole(MESSAGE)), stream=False),
    Case("json-to-a-stream-request", 14, b"", {**DONE_WELL, "usage": counts(9, 6)}, json_answer(whole(MESSAGE))),
    Case("json-labelled-event-stream", 14, b"", {**DONE_WELL, "usage": counts(9, 6)}, Answer(200, STREAM_HEADERS, encode(whole(MESSAGE)))),
    Case("sse-to-a-plain-request", 14, b"", DONE_WELL, Answer(200, {"Content-Type": "application/json"}, WHOLE), stream=False),
    Case("sse-with-pings-to-a-plain-request", 14, b"", DONE_WELL, Answer(200, {}, PING * 2 + WHOLE), stream=False),
    Case("stream-labelled-json", 14, b"", DONE_WELL, Answer(200, {"Content-Type": "application/json"}, WHOLE)),
    Case("usage-chunk-alone-is-an-empty-answer", 14, gateway_usage(usage(9, 0)) + DONE, {"text": "", "complete": False}),
    Case("plain-reasoning", 14, b"", {"text": "51", "reasoning": "17 × 3", "finish_reason": "stop", "complete": True},
         json_answer(whole({"content": "51", "reasoning_content": "17 × 3"})), stream=False),
    Case("plain-think-tags", 14, b"", {"text": "51", "reasoning": "17 × 3", "complete": True},
         json_answer(whole({"content": "<think>17 × 3</think>\n\n51"})), stream=False),
    Case("plain-three-choices", 14, b"", {"texts": {0: "a", 1: "b", 2: "c"}, "complete": True},
         json_answer({**whole({}), "choices": [{"index": n, "message": {"role": "assistant", "content": "abc"[n]}, "finish_reason": "stop"} for n in (2, 0, 1)]}), stream=False),
    Case("plain-without-finish", 14, b"", {"text": HELLO, "finish_reason": None, "complete": False}, json_answer(whole(MESSAGE, None)), stream=False),
)  # fmt: skip


def listing(name: str, value: object, status: int = 200, **expects: object) -> Case:
    """A case of `GET /v1/models`."""
    return Case(name, 15, b"", expects, json_answer(value, status), route="models")


NAMES = [name for name, _owner, _kinds in MODELS]
MANY = [f"vendor-{n % 17}/model-{n}" for n in range(1000)]
LISTS = (
    listing("models", {"success": True, "object": "list", "data": [model_row(*row) for row in MODELS]}, models=NAMES),
    listing("models-without-types", {"object": "list", "data": [model_row(name) for name in NAMES]}, models=NAMES),
    listing("models-null-types-and-odd-rows", {"data": [{**model_row("a"), "supported_endpoint_types": None}, {"id": "b"}, {"object": "model"}, {"id": 7}, None, "c"]}, models=["a", "b"]),
    listing("models-null-data", {"success": True, "object": "list", "data": None}, models=[]),
    listing("models-success-false", {"success": False, "message": "无效的令牌"}, models=None),
    listing("models-duplicates", {"data": [model_row("a"), model_row("b"), model_row("a")]}, models=["a", "b"]),
    listing("models-1000", {"data": [model_row(name) for name in MANY]}, models=MANY),
    Case("models-html", 15, b"", {"models": None, "error_key": "error.html_answer"}, html_answer(SITE), route="models"),
    *(Case(f"models-{known.id}", 15, b"", {"models": None, "error_key": f"error.{known.row}"}, known.answer, route="models")
      for known in ERRORS if known.row in ("key_invalid", "rate_limited_ip", "wrong_path")),
)  # fmt: skip

SILENT = (
    Case("silence-in-mid-stream", 19, WHOLE, DONE_WELL, sse(START, SAID, Hold("silence"), STOP, COUNTED, DONE)),
    Case("silence-before-the-headers", 19, WHOLE, DONE_WELL, sse(WHOLE).after(Hold("silence"))),
    Case("silence-before-the-first-byte", 19, WHOLE, DONE_WELL, sse(Hold("silence"), WHOLE)),
)
"""Silence lasts until the test opens the gate "silence"; `silent_for` makes it last by the clock."""

CASES: tuple[Case, ...] = (*BEFORE, *MISLABELLED, *IN_STREAM, *WITH_200, *WRONG_FORM, *LISTS, *SILENT)


def silent_for(seconds: float) -> Answer:
    """Half the answer, silence by the clock, the rest: with 90 it is the case as a reasoning model makes it."""
    return sse(START, SAID, Pause(seconds), STOP, COUNTED, DONE)
