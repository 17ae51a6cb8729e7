"""Stored completions over real sockets: paging, filters, changes, and gateways that have no such thing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.gateway.answers import Answer, html_answer, json_answer, middleware_error
from tests.gateway.routes import SITE
from tests.gateway.server import FakeGateway
from tests.gateway.stored import ID, LIST, MESSAGES, Keeping, completion, keeping
from tests.wire.asking import client_for, speakable
from tui_chat.errors import UsageError, WireError
from tui_chat.wire.stored import Query, Stored

PATH = "/v1/chat/completions"


@pytest.fixture
def kept(gateway: FakeGateway) -> Keeping:
    return keeping(gateway)


@pytest.fixture
async def stored(gateway: FakeGateway) -> AsyncIterator[Stored]:
    client = client_for(gateway)
    yield client.stored
    await client.aclose()


async def test_the_documents_list_and_messages(kept: Keeping, stored: Stored):
    page = await stored.page()
    assert dict(page.raw) == LIST and page.rows[0].id == ID and not page.has_more
    messages = await stored.messages(ID)
    assert dict(messages.raw) == MESSAGES and messages.rows[0].content == "写一首关于人工智能的俳句"


async def test_pages_and_filters_are_asked_for(kept: Keeping, stored: Stored, gateway: FakeGateway):
    for number in range(5):
        kept.add(completion(number, "m/中 文" if number % 2 else "gpt-4o-mini", topic="a&b=c", run=str(number)))
    first = await stored.page(Query(limit=2, order="desc"))
    assert [row.id for row in first.rows] == ["chatcmpl-0004", "chatcmpl-0003"] and first.has_more
    second = await stored.page(Query(after=first.last_id, limit=2, order="desc"))
    assert [row.id for row in second.rows] == ["chatcmpl-0002", "chatcmpl-0001"] and second.has_more
    assert gateway.requests[-1].query == {"after": ["chatcmpl-0003"], "limit": ["2"], "order": ["desc"]}
    found = await stored.page(Query(model="m/中 文", metadata={"topic": "a&b=c", "run": "3"}))
    assert [row.id for row in found.rows] == ["chatcmpl-0003"] and not found.has_more
    assert gateway.requests[-1].query["metadata[topic]"] == ["a&b=c"]
    assert (await stored.page(Query(metadata={"run": "9"}))).rows == ()


@pytest.mark.parametrize("limit", [0, 101, -1])
async def test_a_limit_that_no_page_has_is_refused_before_anything_is_sent(stored, gateway: FakeGateway, limit: int):
    with pytest.raises(UsageError, match="stored_limit") as refused:
        await stored.page(Query(limit=limit))
    assert refused.value.facts == {"most": 100, "limit": limit} and gateway.requests == []


async def test_all_messages_come_page_by_page(kept: Keeping, stored: Stored, gateway: FakeGateway):
    kept.page_most = 2
    id = kept.add(completion(1), *({"role": "user", "content": str(number)} for number in range(5)))
    assert [message.content async for message in stored.all_messages(id)] == list("01234")
    assert [request.query.get("after") for request in gateway.requests] == [None, [f"{id}-1"], [f"{id}-3"]]


async def test_a_gateway_that_repeats_its_page_is_not_asked_for_ever(stored: Stored, gateway: FakeGateway):
    gateway.route("GET", f"{PATH}/x/messages", json_answer({**MESSAGES, "has_more": True}))
    assert len([message async for message in stored.all_messages("x")]) == 2


async def test_metadata_is_changed_and_a_completion_deleted(kept: Keeping, stored: Stored, gateway: FakeGateway):
    changed = await stored.update(ID, {"topic": "诗"})
    assert changed.metadata == {"topic": "诗"} == kept.completions[ID]["metadata"]
    assert gateway.requests[-1].method == "POST" and gateway.requests[-1].json == {"metadata": {"topic": "诗"}}
    assert (await stored.update(ID, {})).metadata == {}
    with pytest.raises(UsageError, match="param_pairs"):
        await stored.update(ID, {str(number): "x" for number in range(17)})
    await stored.delete(ID)
    assert kept.completions == {}
    with pytest.raises(WireError, match="stored_unknown") as gone:
        await stored.get(ID)
    assert speakable(gone.value).facts["completion"] == ID


async def test_what_is_not_deleted_is_said(stored: Stored, gateway: FakeGateway):
    gateway.route(
        "DELETE", f"{PATH}/x", json_answer({"object": "chat.completion.deleted", "id": "x", "deleted": False})
    )
    with pytest.raises(WireError, match="stored_kept") as failed:
        await stored.delete("x")
    speakable(failed.value)
    gateway.route("DELETE", f"{PATH}/x", Answer(204, {"Content-Type": None}, b"", "close"))
    await stored.delete("x")


async def test_an_id_is_one_step_of_the_path(kept: Keeping, stored: Stored, gateway: FakeGateway):
    id = kept.add({**completion(1), "id": "a/b ?#ü"})
    assert (await stored.get(id)).id == id
    assert gateway.requests[-1].target == f"{PATH}/a%2Fb%20%3F%23%C3%BC"
    with pytest.raises(UsageError, match="stored_no_id"):
        await stored.get(" ")


NO_SUCH_ROUTE = {
    "new-api": None,
    "not implemented": json_answer({"error": {"message": "API not implemented", "code": "api_not_implemented"}}, 501),
    "405": json_answer({"detail": "Method Not Allowed"}, 405),
    "fastapi": json_answer({"detail": "Not Found"}, 404),
    "llama.cpp": json_answer({"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}, 404),
    "website": html_answer(SITE),
    "page 404": html_answer("<html>404</html>", 404),
    "empty 404": Answer(404, {}, b"", "length"),
    "no list": json_answer({"hello": "there"}),
    "a list": json_answer([]),
    "text": Answer(200, {"Content-Type": "text/plain"}, b"ok", "length"),
}


@pytest.mark.parametrize("name", NO_SUCH_ROUTE)
async def test_a_gateway_without_such_routes_is_told_in_one_sentence(stored: Stored, gateway: FakeGateway, name: str):
    answer = NO_SUCH_ROUTE[name]
    if answer is not None:
        for method, path in (("GET", PATH), ("GET", f"{PATH}/{ID}"), ("GET", f"{PATH}/{ID}/messages")):
            gateway.route(method, path, answer)
        for method in ("POST", "DELETE"):
            gateway.route(method, f"{PATH}/{ID}", answer)
    asks = [stored.page(), stored.get(ID), stored.messages(ID), stored.update(ID, {"a": "b"})]
    for asking in (*asks, *([] if name in ("no list",) else [stored.delete(ID)])):
        with pytest.raises(WireError) as failed:
            await asking
        assert speakable(failed.value).key == "error.stored_unsupported"


async def test_other_failures_are_what_they_are(stored: Stored, gateway: FakeGateway):
    gateway.route("GET", PATH, middleware_error("无效的令牌", 401))
    with pytest.raises(WireError, match="key_invalid"):
        await stored.page()
    gateway.route("GET", PATH, json_answer({"success": False, "message": "无效的令牌"}))
    with pytest.raises(WireError, match="key_invalid"):
        await stored.page()
    assert len(gateway.requests) == 2  # nothing is retried


async def test_an_empty_list_may_be_null(stored: Stored, gateway: FakeGateway):
    gateway.route("GET", PATH, json_answer({"object": "list", "data": None, "has_more": True}))
    page = await stored.page()
    assert (page.rows, page.first_id, page.last_id, page.has_more) == ((), "", "", False)
