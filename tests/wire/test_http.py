"""What the line may bring besides answers: redirects, packings, bombs, wrong addresses, model lists."""

import pytest

from tests.gateway.answers import Answer, json_answer, sse
from tests.gateway.cases import numbered
from tests.gateway.cases_text import HELLO, SAID, START, WHOLE
from tests.wire.asking import KEY, Waits, ask, client_for, speakable
from tui_chat.errors import UsageError, WireError
from tui_chat.wire.client import Client, Endpoint


class TestWhatIsRefused:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    async def test_a_redirect_is_told_and_not_followed(self, gateway, status):
        target = f"http://u:p@127.0.0.1:{gateway.port}/elsewhere?key=1"
        gateway.respond(Answer(status, {"Location": target}, b"", "length"))
        told = await ask(client_for(gateway))
        assert told.key == "error.redirected"
        assert told.error.facts["target"] == f"http://127.0.0.1:{gateway.port}/elsewhere"
        assert len(gateway.requests) == 1

    @pytest.mark.parametrize("target", ["http://[bad/x", "//[x]/", "http://me:secret@[bad/"])
    async def test_a_redirect_to_what_is_no_address_is_told_too(self, gateway, target):
        gateway.respond(Answer(302, {"Location": target}, b"", "length"))
        told = await ask(client_for(gateway))
        assert told.key == "error.redirected"
        assert target.endswith(told.error.facts["target"]) and "secret" not in told.error.facts["target"]

    @pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "compress"])
    async def test_other_compressions_are_refused_by_name(self, gateway, encoding):
        gateway.respond(Answer(200, {"Content-Encoding": encoding}, WHOLE))
        told = await ask(client_for(gateway))
        assert (told.key, told.error.facts["encoding"]) == ("error.encoding_refused", encoding)

    async def test_a_bomb_is_stopped(self, gateway):
        gateway.respond(Answer(200, {}, b"data: " + b"\0" * 60_000_000, encoding="gzip"))
        told = await ask(client_for(gateway))
        assert told.key == "error.event_too_large"

    async def test_one_event_has_a_bound_and_what_came_before_stays(self, gateway):
        gateway.respond(sse(START, SAID, b"data: " + b"x" * 200_000))
        told = await ask(client_for(gateway, limit_bytes=100_000))
        assert (told.key, told.reply.text) == ("error.event_too_large", HELLO)

    async def test_a_key_that_can_not_be_sent_is_not_sent(self, gateway):
        client = Client(Endpoint(gateway.base_url, "sk-钥匙"), env={})
        with pytest.raises(UsageError):
            await ask(client)
        assert gateway.requests == []

    async def test_no_key_is_asked_for_only_on_this_machine(self, gateway):
        told = await ask(Client(Endpoint("https://yibuapi.invalid/v1", ""), env={}))
        assert told.key == "error.key_missing"
        await ask(Client(Endpoint(gateway.base_url, ""), env={}))
        assert "authorization" not in gateway.chats[0].headers

    async def test_an_unknown_host_is_no_network(self):
        told = await ask(Client(Endpoint("https://nowhere.invalid/v1", KEY), env={}, sleep=Waits()))
        assert (told.key, told.error.facts["host"]) == ("error.no_network", "nowhere.invalid")

    @pytest.mark.parametrize("host", ["127.0.0.1:notaport", ".localhost:9", f"{'a' * 64}.localhost", "a b"])
    @pytest.mark.parametrize("scheme", ["http", "https"])
    async def test_an_address_that_is_none_says_so(self, scheme, host):
        told = await ask(Client(Endpoint(f"{scheme}://{host}/v1", KEY), env={}, sleep=Waits()))
        assert told.key == "error.address_invalid"

    async def test_no_error_shows_the_key_or_what_was_asked(self, gateway):
        gateway.respond(json_answer({"error": {"message": f"no such key {KEY}", "type": "new_api_error"}}, 401))
        told = await ask(client_for(gateway))
        assert KEY not in f"{told.error!r} {told.error.facts} {told.error.message} {Endpoint(gateway.base_url, KEY)!r}"
        assert told.error.__suppress_context__ or told.error.__context__ is None


class TestModels:
    @pytest.mark.parametrize("case", [c for c in numbered(15)], ids=str)
    async def test_every_list(self, gateway, case):
        gateway.route("GET", "/v1/models", case.answer)
        client = client_for(gateway)
        try:
            models = [model.id for model in await client.models()]
        except WireError as error:
            assert case.expects["models"] is None
            assert speakable(error).key == case.expects.get("error_key", error.key)
        else:
            assert models == case.expects["models"]
        finally:
            await client.aclose()

    async def test_a_test_asks_for_the_list_and_nothing_that_costs(self, gateway):
        client = client_for(gateway)
        await client.test()
        await client.aclose()
        [request] = gateway.requests
        assert (request.method, request.path, request.body) == ("GET", "/v1/models", b"")

    @pytest.mark.parametrize(
        ("prefix", "key"),
        [("", "error.html_answer"), ("/v1/chat", "error.wrong_path"), ("/v1", "error.key_invalid")],
    )
    async def test_a_test_says_what_is_wrong(self, gateway, prefix, key):
        gateway.routes.keys = {"another"}
        client = Client(Endpoint(gateway.root_url + prefix, KEY), env={})
        with pytest.raises(WireError) as caught:
            await client.test()
        await client.aclose()
        assert speakable(caught.value).key == key

    @pytest.mark.parametrize("body", [b"", b"OK", b"{}", b'{"status":"ok"}', b"[1", b"7"])
    async def test_what_is_no_list_is_the_wrong_path(self, gateway, body):
        gateway.route("GET", "/v1/models", Answer(200, {}, body, "length"))
        client = client_for(gateway)
        with pytest.raises(WireError) as caught:
            await client.models()
        await client.aclose()
        assert speakable(caught.value).key == "error.wrong_path"

    async def test_a_list_too_long_to_be_one_is_refused(self, gateway):
        gateway.route("GET", "/v1/models", Answer(200, {}, lambda: [b" " * 1_000_000] * 40))
        client = client_for(gateway)
        with pytest.raises(WireError) as caught:
            await client.models()
        await client.aclose()
        assert speakable(caught.value).key == "error.event_too_large"
