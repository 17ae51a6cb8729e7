"""Every way to a gateway is gone: straight, through proxies of each kind, encrypted once, twice or not at all."""

import asyncio
import ssl
from base64 import b64encode
from contextlib import asynccontextmanager

import pytest
import trustme

from tests.gateway.server import FakeGateway
from tests.wire.asking import speakable
from tui_chat.errors import WireError
from tui_chat.wire import route
from tui_chat.wire.client import Client, Endpoint
from tui_chat.wire.http import Http, Timeouts

KEY = "sk-" + "aB3" * 16
SIGNED_IN = "Basic " + b64encode("jo:pä:ss".encode()).decode()


class Proxy:
    """A proxy that leads every name to one port of this machine, and remembers what it was asked."""

    def __init__(self, port, *, wants_password=False, slowly=False):
        self.port = port
        self.asked = []
        self.heard = []
        self._wants_password = wants_password
        self._slowly = slowly

    async def serve(self, reader, writer):
        try:
            first = await reader.readexactly(1)
            granted = await (self._socks(reader, writer) if first == b"\5" else self._http(first, reader, writer))
            if granted is not None:
                await self._lead(granted, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _say(self, writer, data):
        for start in range(0, len(data), 1 if self._slowly else len(data)):
            writer.write(data[start : start + (1 if self._slowly else len(data))])
            await writer.drain()
            await asyncio.sleep(0.001 if self._slowly else 0)

    async def _socks(self, reader, writer):
        ways = await reader.readexactly((await reader.readexactly(1))[0])
        way = 2 if self._wants_password else 0
        await self._say(writer, bytes((5, way if way in ways else 255)))
        if way not in ways:
            return None
        if way:
            await reader.readexactly(1)
            name = await reader.readexactly((await reader.readexactly(1))[0])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            self.heard.append((name + b":" + password).decode())
            await self._say(writer, bytes((1, self.heard[-1] != "jo:pä:ss")))
        kind = (await reader.readexactly(4))[3]
        length = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
        host = await reader.readexactly(length)
        self.asked.append((kind, host, int.from_bytes(await reader.readexactly(2), "big")))
        await self._say(writer, b"\5\0\0\3\4here\0\1")
        return b""

    async def _http(self, first, reader, writer):
        head = first + await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b"\r\n")[0].decode())
        self.heard += [row.split(": ", 1)[1] for row in head.decode().split("\r\n") if row.startswith("Proxy-Auth")]
        if self._wants_password and SIGNED_IN not in self.heard:
            await self._say(writer, b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
            return None
        if not head.startswith(b"CONNECT"):
            return head
        await self._say(writer, b"HTTP/1.1 200 Connection established\r\n\r\n")
        return b""

    async def _lead(self, said, reader, writer):
        there, here = await asyncio.open_connection("127.0.0.1", self.port)
        here.write(said)
        await asyncio.wait(
            [asyncio.ensure_future(_pass(reader, here)), asyncio.ensure_future(_pass(there, writer))],
            return_when=asyncio.FIRST_COMPLETED,
        )
        here.close()


async def _pass(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


def context(authority, *names):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(made)
    return made


@pytest.fixture
def far(authority):
    """A gateway that can prove to be far.example.org, or the machine at 2001:db8::5."""
    with FakeGateway(ssl_context=context(authority, "far.example.org", "2001:db8::5")) as gateway:
        yield gateway


@asynccontextmanager
async def listening(proxy, ssl_context=None):
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0, ssl=ssl_context) as server:
        yield server.sockets[0].getsockname()[1]


async def models(host, proxy_url, ca_file="", scheme="https"):
    client = Client(Endpoint(f"{scheme}://{host}/v1", KEY), env={"ALL_PROXY": proxy_url}, ca_file=ca_file)
    try:
        return await client.models()
    finally:
        await client.aclose()


@pytest.mark.parametrize("slowly", [False, True], ids=["at once", "byte by byte"])
@pytest.mark.parametrize("signed", [False, True], ids=["open", "with a password"])
@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks5h"])
async def test_a_tunnel_leads_to_who_can_prove_his_name(far, authority, ca_file, scheme, signed, slowly):
    proxy = Proxy(far.port, wants_password=signed, slowly=slowly)
    user = "jo:p%C3%A4%3Ass@" if signed else ""
    async with listening(proxy, context(authority, "127.0.0.1") if scheme == "https" else None) as port:
        assert await models("far.example.org", f"{scheme}://{user}127.0.0.1:{port}", ca_file)
    by_name = (3, b"far.example.org", 443)
    assert proxy.asked == [by_name if "socks" in scheme else "CONNECT far.example.org:443 HTTP/1.1"]
    assert proxy.heard == ([] if not signed else ["jo:pä:ss"] if "socks" in scheme else [SIGNED_IN])
    assert KEY not in f"{proxy.heard}"
    assert [request.headers["authorization"] for request in far.requests] == [f"Bearer {KEY}"]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_number_is_asked_for_as_a_number(far, ca_file, scheme):
    proxy = Proxy(far.port)
    async with listening(proxy) as port:
        assert await models("[2001:db8::5]:8443", f"{scheme}://127.0.0.1:{port}", ca_file)
    number = bytes.fromhex("20010db8000000000000000000000005")
    assert proxy.asked == [(4, number, 8443) if scheme == "socks5" else "CONNECT [2001:db8::5]:8443 HTTP/1.1"]


@pytest.mark.parametrize("signed", [False, True])
async def test_what_is_not_encrypted_is_handed_to_the_proxy(gateway, signed):
    proxy = Proxy(gateway.port, wants_password=signed)
    async with listening(proxy) as port:
        user = "jo:p%C3%A4%3Ass@" if signed else ""
        assert await models("far.example.org:8080", f"http://{user}127.0.0.1:{port}", scheme="http")
    assert proxy.asked == ["GET http://far.example.org:8080/v1/models HTTP/1.1"]
    assert proxy.heard == ([SIGNED_IN] if signed else [])


@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
async def test_who_is_somebody_else_behind_a_proxy_is_refused_by_name(far, authority, ca_file, scheme):
    async with listening(Proxy(far.port), context(authority, "127.0.0.1") if scheme == "https" else None) as port:
        with pytest.raises(WireError) as caught:
            await models("other.example.org", f"{scheme}://127.0.0.1:{port}", ca_file)
    assert (speakable(caught.value).key, caught.value.facts["host"]) == ("error.tls_failed", "other.example.org")
    assert far.requests == []


@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
@pytest.mark.parametrize("said", [b"", b"no TLS at all"])
async def test_who_does_not_shake_hands_behind_a_proxy_is_told(authority, ca_file, scheme, said):
    async def rude(reader, writer):
        await reader.read(1)
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(rude, "127.0.0.1", 0) as server:
        proxy = Proxy(server.sockets[0].getsockname()[1])
        async with listening(proxy, context(authority, "127.0.0.1") if scheme == "https" else None) as port:
            with pytest.raises(WireError) as caught:
                await models("far.example.org", f"{scheme}://127.0.0.1:{port}", ca_file)
    assert caught.value.key in (("error.tls_failed",) if said else ("error.tls_failed", "error.proxy_failed"))


@pytest.mark.parametrize(
    "proxy_url", ["http://jo:p\udce4ss@p:1", "http://ü..x:1", "http://\udce4:1", "socks5://a..localhost:1"]
)
async def test_a_proxy_that_nobody_can_ask_is_named(proxy_url):
    with pytest.raises(WireError) as caught:
        await models("far.example.org", proxy_url)
    assert caught.value.key in ("error.proxy_setting", "error.proxy_failed")
    assert caught.value.facts["variable"] == "ALL_PROXY"


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize("user", ["", "jo:wrong@"])
async def test_a_proxy_that_wants_another_password_is_named(far, ca_file, scheme, user):
    async with listening(Proxy(far.port, wants_password=True)) as port:
        with pytest.raises(WireError) as caught:
            await models("far.example.org", f"{scheme}://{user}127.0.0.1:{port}", ca_file)
    assert (caught.value.key, caught.value.facts["variable"]) == ("error.proxy_failed", "ALL_PROXY")
    assert "wrong" not in f"{caught.value} {caught.value.facts}" and far.requests == []


async def test_a_proxy_that_can_not_prove_its_name_is_named(far, authority, ca_file):
    async with listening(Proxy(far.port), context(authority, "another.example.org")) as port:
        with pytest.raises(WireError) as caught:
            await models("far.example.org", f"https://127.0.0.1:{port}", ca_file)
    assert caught.value.key == "error.proxy_failed" and far.requests == []


async def test_a_name_too_long_for_socks_is_told():
    async with listening(Proxy(9)) as port:
        with pytest.raises(WireError) as caught:
            await models(".".join(["a" * 60] * 5), f"socks5://127.0.0.1:{port}")
    assert caught.value.key == "error.proxy_failed"


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("socks5://p:80", ("p", 80)),
        ("socks5h://p:443", ("p", 443)),
        ("socks5://p", ("p", 1080)),
        ("http://p:443", ("p", 443)),
        ("http://p", ("p", 80)),
        ("https://p:80", ("p", 80)),
        ("https://p", ("p", 443)),
        ("http://[::1]:8080", ("::1", 8080)),
    ],
)
async def test_a_proxy_is_asked_at_the_port_that_was_named(url, asked, monkeypatch):
    seen = []

    async def unreachable(*where):
        seen.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(route, "connect", unreachable)
    with pytest.raises(WireError) as caught:
        await models("far.example.org", url)
    assert set(seen) == {asked} and caught.value.key == "error.proxy_failed"


async def test_what_fails_leaves_no_connection_behind(far, ca_file, recwarn):
    gone = asyncio.Event()

    async def count(reader, writer):
        await reader.read()
        gone.set()
        writer.close()

    for scheme in ("https", "socks5", "http"):
        gone.clear()
        async with await asyncio.start_server(count, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            env = {"ALL_PROXY": f"{scheme}://127.0.0.1:{port}"}
            http = Http("https://far.example.org/v1", {}, env=env, timeouts=Timeouts(0.1, 60, 60))
            with pytest.raises(WireError):
                async with http.send("GET", "/models"):
                    pass
            async with asyncio.timeout(30):
                await gone.wait()
            await http.aclose()
    assert not recwarn.list
