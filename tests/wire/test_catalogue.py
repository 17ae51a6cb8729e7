"""Every known error: which row, how often it is tried again, both sentences in both languages."""

import json

import pytest

from tests.gateway.errors_catalogue import BAD_GATEWAY_PAGE, ERRORS, REQUEST_ID, ROWS, KnownError
from tui_chat import words
from tui_chat.errors import WireError
from tui_chat.wire.catalogue import ROWS as OWN_ROWS
from tui_chat.wire.catalogue import automatic_retries, explain, refusal
from tui_chat.wire.complaint import clean

GATEWAY = {"x-oneapi-request-id": "made-by-the-gateway", "x-new-api-version": "v0.9.4"}
KEY = "sk-" + "aB3" * 16


def explained(known: KnownError) -> WireError:
    headers = dict(GATEWAY)
    for name, value in known.answer.headers.items():
        headers[name.lower()] = value or ""
        if value is None:
            del headers[name.lower()]
    assert isinstance(known.answer.body, bytes)
    return explain(known.answer.status, headers, known.answer.body, model="asked-for")


@pytest.mark.parametrize("known", ERRORS, ids=lambda known: known.id)
def test_every_known_error_is_recognised(known):
    error = explained(known)
    assert error.key == f"error.{known.row}"
    assert automatic_retries(error) == (0 if known.retry != "backoff" else 1 if known.once else 2)
    assert error.retryable is (known.retry == "backoff")
    assert error.status == known.answer.status
    assert {name: error.facts[name] for name in known.facts} == dict(known.facts)
    assert error.request_id in ((known.request_id,) if known.request_id else ("", "made-by-the-gateway"))
    assert "request id" not in error.message.lower()
    if known.wait_s:
        assert error.retry_after_s == known.wait_s


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("known", ERRORS, ids=lambda known: known.id)
def test_every_known_error_has_two_sentences(known, language):
    error = explained(known)
    before = words.language()
    words.speak(language)
    try:
        for sentence in ("says", "advice"):
            said = words.t(f"{error.key}.{sentence}", **error.facts)
            assert said.strip()
            assert any("\u4e00" <= character <= "\u9fff" for character in said) is (language == "zh") or error.message
    finally:
        words.speak(before)


def test_every_row_has_an_answer_that_shows_it():
    assert {row.id for row in OWN_ROWS} | {"server_error"} == set(ROWS)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_row_can_be_said_whatever_the_server_told(language):
    bare = refusal({"error": {}, "success": False})
    assert bare is not None
    for row in [*OWN_ROWS, *{row.id: row for row in OWN_ROWS}.values()]:
        for sentence in ("says", "advice"):
            template = words.sentences(language)[f"error.{row.id}.{sentence}"]
            assert template.format_map(bare.facts)


def test_quotas_and_limits_are_told():
    balance = explained(next(known for known in ERRORS if known.id == "balance_low-403-zh"))
    assert (balance.facts["left"], balance.facts["needed"]) == ("$0.012345", "$0.250000")
    limit = explained(next(known for known in ERRORS if known.id == "rate_limited-zh"))
    assert (limit.facts["minutes"], limit.facts["count"], limit.facts["seconds"]) == ("1", "10", 60)


def test_the_model_asked_for_stands_in_where_the_error_names_none():
    assert (
        explained(next(known for known in ERRORS if known.id == "upstream_busy-saturated")).facts["model"]
        == "asked-for"
    )


@pytest.mark.parametrize("known", [known for known in ERRORS if known.answer.status != 200], ids=lambda known: known.id)
def test_the_same_error_inside_a_good_answer_is_recognised_by_its_words(known):
    assert isinstance(known.answer.body, bytes)
    try:
        payload = json.loads(known.answer.body)
    except ValueError:
        return
    error = refusal(payload if isinstance(payload, dict) else payload[0])
    assert error is not None
    by_status_alone = {"server_error", "upstream_timeout", "key_invalid", "channel_key", "not_implemented"}
    if known.row not in by_status_alone:
        assert error.key == f"error.{known.row}"


def test_a_page_of_a_proxy_is_an_upstream_failure():
    error = explain(502, {}, BAD_GATEWAY_PAGE.body)
    assert (error.key, error.message, automatic_retries(error)) == ("error.upstream_failed", "502 Bad Gateway", 2)


def test_without_a_gateway_a_refused_key_is_the_person_s():
    body = b'{"error":{"message":"Incorrect API key provided","code":"invalid_api_key","param":null}}'
    assert explain(401, {}, body).key == "error.key_invalid"
    assert explain(401, GATEWAY, body).key == "error.channel_key"
    body = b'{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}'
    assert explain(429, {}, body).key == "error.balance_low"
    assert explain(429, GATEWAY, body).key == "error.upstream_quota"


@pytest.mark.parametrize(
    ("status", "key", "retries"),
    [
        (400, "bad_request", 0),
        (402, "upstream_quota", 0),
        (404, "wrong_path", 0),
        (405, "wrong_path", 0),
        (408, "upstream_timeout", 1),
        (409, "server_error", 2),
        (418, "server_error", 0),
        (429, "upstream_busy", 2),
        (500, "server_error", 2),
        (501, "not_implemented", 0),
        (503, "server_error", 2),
        (524, "upstream_timeout", 1),
        (529, "upstream_busy", 2),
        (599, "server_error", 2),
    ],
)
def test_words_nobody_knows_are_judged_by_their_status(status, key, retries):
    error = explain(status, GATEWAY, b'{"error":{"message":"qwertz"}}')
    assert (error.key, automatic_retries(error)) == (f"error.{key}", retries)
    assert error.message == "qwertz"


def test_a_server_may_forbid_a_retry_and_name_a_wait():
    assert automatic_retries(explain(503, {"x-should-retry": "false"}, b"")) == 0
    assert explain(429, {"retry-after": "7"}, b"").retry_after_s == 7


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"Invalid key {KEY}.", "Invalid key [key]"),
        ("Bearer abcdefgh12345678 is wrong", "Bearer [key] is wrong"),
        ("secret-of-mine is wrong", "[key] is wrong"),
        ("a task-force and sk- alone stay", "a task-force and sk- alone stay"),
        ("two\n\tlines", "two lines"),
        ("x (request id: 1) (request id: 2)", "x"),
        ("x（Request id: 1）", "x"),
        ("y" * 5000, "y" * 600 + "…"),
    ],
)
def test_a_server_s_words_are_cleaned(said, kept):
    assert clean(said, "secret-of-mine") == kept


def test_the_key_is_nowhere_in_an_error():
    body = json.dumps({"error": {"message": f"bad key {KEY} (request id: {KEY})", "param": KEY, "code": KEY}}).encode()
    error = explain(401, {"x-request-id": KEY}, body, secret=KEY)
    assert KEY not in f"{error} {error.facts} {error.message} {error.request_id}"


def test_the_last_of_two_request_ids_is_the_gateway_s_own():
    body = json.dumps({"error": {"message": f"x (request id: other) (request id: {REQUEST_ID})"}}).encode()
    assert explain(500, {}, body).request_id == REQUEST_ID


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"7", b'"x"', b"[[[]]]", b"\xff\xfe", b"<", b"{" * 10_000, b"<html>"]
)
@pytest.mark.parametrize("status", [0, 200, 301, 400, 500, 999])
def test_no_body_breaks_the_catalogue(status, body):
    assert explain(status, {}, body).key.startswith("error.")
