"""The gateway's log of a key: which rows count, and what a request cost in the end."""

from typing import Any

import pytest

from tests.gateway.answers import html_answer, json_answer, middleware_error
from tests.gateway.server import FakeGateway
from tui_chat.errors import WireError
from tui_chat.wire.charges import charge_of, read_charges
from tui_chat.wire.client import Client, Endpoint


def row(**more: Any) -> dict[str, Any]:
    return {"type": 2, "quota": 1500, "model_name": "m", "prompt_tokens": 9, "completion_tokens": 3, **more}


def test_a_request_costs_what_was_used_less_what_was_given_back():
    log = read_charges(
        {
            "data": [
                row(request_id="a", type=6, quota=-500),
                row(request_id="a", group="vip\x1b", created_at=1787465742),
                row(request_id="b"),
                row(type=1),
                "?",
            ]
        }
    )
    charge = charge_of(log, "a")
    assert charge is not None and charge.usd == pytest.approx(0.002) and charge.group == "vip"
    assert (charge.kind, charge.prompt_tokens, charge.completion_tokens) == ("use", 9, 3)
    assert charge_of(log, "c") is None and charge_of(log, "") is None
    assert len(log) == 3


def test_a_request_that_failed_says_so():
    charge = charge_of(read_charges({"data": [row(request_id="a", type=5, quota=0)]}), "a")
    assert charge is not None and charge.kind == "error" and charge.usd == 0


@pytest.mark.parametrize("payload", [{}, {"data": 3}, {"success": False, "data": None}])
def test_what_is_no_log_is_refused(payload: dict[str, Any]):
    with pytest.raises(WireError, match="log_unknown"):
        read_charges(payload)


async def test_the_log_is_asked_for_once_a_minute_and_in_the_sites_own_quota(gateway: FakeGateway):
    gateway.route("GET", "/api/status", json_answer({"success": True, "data": {"quota_per_unit": 1_000_000}}))
    gateway.route("GET", "/api/log/token", json_answer({"success": True, "data": [row(request_id="a")]}))
    client = Client(Endpoint(gateway.base_url, "sk-test"))
    try:
        first, second = await client.charges(), await client.charges()
    finally:
        await client.aclose()
    assert first == second and first[0].usd == pytest.approx(0.0015)
    assert sum(request.path.rstrip("/") == "/api/log/token" for request in gateway.requests) == 1


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (html_answer("<html></html>"), "error.log_unknown"),
        (json_answer({"error": "x"}, 404), "error.log_unknown"),
        (middleware_error("no", 401), "error.log_refused"),
    ],
)
async def test_a_gateway_without_a_log_says_so_in_one_sentence(gateway: FakeGateway, answer: Any, key: str):
    gateway.route("GET", "/api/log/token", answer)
    client = Client(Endpoint(gateway.base_url, "sk-test"))
    try:
        with pytest.raises(WireError) as refused:
            await client.charges()
    finally:
        await client.aclose()
    assert refused.value.key == key
