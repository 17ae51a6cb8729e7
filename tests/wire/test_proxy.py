"""Proxies from the environment: which variable counts, what is passed by, what can't be used."""

import asyncio

import pytest

from tests.gateway.answers import Answer
from tests.wire.asking import speakable
from tui_chat.errors import WireError
from tui_chat.wire.client import Client, Endpoint
from tui_chat.wire.http import Http, Timeouts
from tui_chat.wire.proxy import proxy_for, proxy_variables

HTTPS, HTTP = "https://api.example.org/v1", "http://api.example.org:8080/v1"
KEY = "sk-" + "aB3" * 16


@pytest.mark.parametrize(
    ("url", "env", "proxy"),
    [
        (HTTPS, {}, None),
        (HTTPS, {"HTTPS_PROXY": "http://p:1"}, ("http://p:1", "HTTPS_PROXY")),
        (HTTPS, {"https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:1"}, ("http://low:1", "https_proxy")),
        (HTTPS, {"HTTP_PROXY": "http://p:1"}, None),
        (HTTP, {"HTTP_PROXY": "http://p:1"}, ("http://p:1", "HTTP_PROXY")),
        (HTTP, {"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, None),
        (HTTPS, {"ALL_PROXY": "socks://p:1"}, ("socks5h://p:1", "ALL_PROXY")),
        (HTTPS, {"all_proxy": "socks5h://u:w@p:1/"}, ("socks5h://u:w@p:1", "all_proxy")),
        (HTTPS, {"HTTPS_PROXY": "p:1"}, ("http://p:1", "HTTPS_PROXY")),
        (HTTPS, {"HTTPS_PROXY": "  "}, None),
        (HTTPS, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        (HTTPS, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.org"}, None),
        (HTTPS, {"HTTPS_PROXY": "http://p:1", "no_proxy": ".example.org, other"}, None),
        (HTTPS, {"HTTPS_PROXY": "http://p:1", "no_proxy": "*.example.org"}, None),
        (HTTPS, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "ample.org"}, ("http://p:1", "HTTPS_PROXY")),
        (HTTPS, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example.org:443"}, None),
        (HTTPS, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example.org:80"}, ("http://p:1", "HTTPS_PROXY")),
        (HTTPS, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "[::1],fe80::/10,%%,:::"}, ("http://p:1", "HTTPS_PROXY")),
        ("https://10.2.3.4/v1", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, None),
        ("https://[fe80::1]/v1", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "fe80::/10"}, None),
        ("https://[fd00::1]:99/v1", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "[fd00::1]:99"}, None),
        ("http://127.0.0.1:9/v1", {"HTTP_PROXY": "http://p:1", "ALL_PROXY": "http://p:1"}, None),
        ("http://localhost:9/v1", {"HTTP_PROXY": "bad::proxy"}, None),
    ],
)
def test_the_proxy_for_an_address(url, env, proxy):
    found = proxy_for(url, env)
    assert (found and (found.url, found.variable)) == proxy


BAD = [
    "gopher://p:1",
    "socks4://p:1",
    "http://",
    "http://p:port",
    "http://p:99999",
    "http://[::1",
    "http://a b:1",
    "http://p:0",
]


@pytest.mark.parametrize("value", BAD)
async def test_a_proxy_that_can_not_be_used_names_its_variable(value):
    client = Client(Endpoint(HTTPS, KEY), env={"HTTPS_PROXY": value})
    with pytest.raises(WireError) as caught:
        await client.test()
    await client.aclose()
    assert (speakable(caught.value).key, caught.value.facts["variable"]) == ("error.proxy_setting", "HTTPS_PROXY")


@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks5h", "socks"])
async def test_every_kind_of_proxy_can_be_had(scheme):
    http = Http(HTTPS, {}, env={"ALL_PROXY": f"{scheme}://user:secret@127.0.0.1:9"})
    with pytest.raises(WireError) as caught:  # nobody listens there
        async with http.send("GET", "/models"):
            pass
    await http.aclose()
    assert (speakable(caught.value).key, caught.value.facts["variable"]) == ("error.proxy_failed", "ALL_PROXY")
    assert "secret" not in f"{caught.value} {caught.value.facts}"


async def test_a_request_goes_through_the_proxy(gateway):
    gateway.route("GET", "/v1/models", Answer(200, {}, b'{"data":[{"id":"far"}]}', "length"))
    client = Client(Endpoint("http://far.example.org/v1", KEY), env={"http_proxy": gateway.root_url})
    models = await client.models()
    await client.aclose()
    assert [model.id for model in models] == ["far"]
    assert gateway.requests[0].target == "http://far.example.org/v1/models"


async def test_a_proxy_that_refuses_is_named(gateway):
    gateway.route("CONNECT", "443", Answer(407, {}, b"", "length"))
    client = Client(Endpoint("https://far.example.org/v1", KEY), env={"https_proxy": gateway.root_url})
    with pytest.raises(WireError) as caught:
        await client.test()
    await client.aclose()
    assert (speakable(caught.value).key, caught.value.facts["variable"]) == ("error.proxy_failed", "https_proxy")
    assert all("authorization" not in request.headers for request in gateway.requests)


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 no\r\n\r\n", b"", b"\x05\xff", None])
async def test_a_socks_proxy_that_says_nonsense_or_nothing_is_named(said):
    may_end = asyncio.Event()

    async def answer(reader, writer):
        await reader.read(1)
        if said is None:
            await may_end.wait()
        else:
            writer.write(said)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    http = Http(HTTPS, {}, env={"ALL_PROXY": f"socks5://127.0.0.1:{port}"}, timeouts=Timeouts(0.5, 60, 60))
    with pytest.raises(WireError) as caught:
        async with asyncio.timeout(30), http.send("GET", "/models"):
            pass
    await http.aclose()
    may_end.set()
    server.close()
    assert (speakable(caught.value).key, caught.value.facts["variable"]) == ("error.proxy_failed", "ALL_PROXY")


async def test_this_machine_is_reached_directly(gateway):
    env = {name: "http://127.0.0.1:9" for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY")}
    client = Client(Endpoint(gateway.base_url, KEY), env=env)
    assert await client.models()
    await client.aclose()


def test_who_needs_only_the_proxies_is_handed_nothing_else():
    env = {"HTTPS_PROXY": "http://p:1", "no_proxy": "e.com", "YIBU_API_KEY": KEY, "HTTP_PROXY": "x", "PATH": "/bin"}
    assert proxy_variables(env) == {"HTTPS_PROXY": "http://p:1", "no_proxy": "e.com", "HTTP_PROXY": "x"}
    cgi = {**env, "REQUEST_METHOD": "GET"}
    for url in (HTTPS, HTTP):
        assert proxy_for(url, proxy_variables(cgi)) == proxy_for(url, cgi)
