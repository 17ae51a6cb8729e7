"""A server's tokenizer: ids and pieces as it tells them, and one sentence where it tells nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gateway.answers import json_answer
from tests.gateway.server import FakeGateway
from tui_chat.errors import WireError
from tui_chat.wire.client import Client, Endpoint
from tui_chat.wire.tokens import Token


async def asked(gateway: FakeGateway, answer: Any) -> list[Token]:
    gateway.route("POST", "/tokenize", json_answer(answer))
    client = Client(Endpoint(gateway.base_url, "sk-test"))
    try:
        return await client.tokens("hello")
    finally:
        await client.aclose()


async def test_ids_and_pieces_are_read(gateway: FakeGateway) -> None:
    told = {"tokens": [{"id": 7, "piece": " he"}, {"id": 8, "piece": [240, 159]}, 9, "x"]}
    assert await asked(gateway, told) == [Token(7, " he"), Token(8, ""), Token(9, "")]
    assert json.loads(gateway.requests[-1].body) == {"content": "hello", "with_pieces": True}


@pytest.mark.parametrize("told", [{}, [], {"tokens": "x"}, {"tokens": []}])
async def test_a_server_that_does_not_tell_is_said_to_not_tell(gateway: FakeGateway, told: Any) -> None:
    with pytest.raises(WireError) as raised:
        await asked(gateway, told)
    assert raised.value.key == "error.no_tokenizer"
