"""A page comes from the address that was judged, at every hop, within bounds of size and time."""

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from tui_chat.errors import WireError
from tui_chat.wire.address import is_public
from tui_chat.wire.page import Page, get_page

Answering = Callable[[str, dict[str, str], asyncio.StreamWriter], Awaitable[None]]


class Site:
    """A web server on loopback that says what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes | Answering] = {}
        self.asked: list[tuple[str, str]] = []
        """Host header and target of each request."""
        self.port = 0
        self._serving: set[asyncio.Task[None]] = set()

    async def close(self, *servers: asyncio.Server) -> None:
        """End what is still being answered; nothing of it outlives its test."""
        for server in servers:
            server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            target = head.split(" ")[1]
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])
            }
            self.asked.append((headers.get("host", ""), target))
            answer = self.pages[target.partition("?")[0]]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(target, headers, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort() if task.cancelling() else writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    def names(self, *rebinding: str) -> Callable[[str, int], Awaitable[list[str]]]:
        """A resolver that leads every name here; with `rebinding`, to one of these after the other."""
        answers = list(rebinding)

        async def resolve(host: str, port: int) -> list[str]:
            return [answers.pop(0) if answers else "127.0.0.1"]

        return resolve

    async def get(self, path: str, **more: object) -> Page:
        given = {"resolve": self.names(), "permit": lambda address, port: port == self.port, "env": {}, **more}
        return await get_page(f"http://pages.example:{self.port}{path}", **given)  # type: ignore[arg-type]


def answer(body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    return answer(b"", f"Location: {to}", status=status)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    await made.close(server)


async def refusal(work: Awaitable[object]) -> str:
    with pytest.raises(WireError) as caught:
        await work
    return caught.value.key.removeprefix("error.")


async def test_a_page_is_fetched_by_its_name_from_the_judged_address(site: Site):
    site.pages["/x"] = answer(b"<p>hi", kind='Text/HTML; Charset="GBK"')
    page = await site.get("/x?q=1")
    assert page == Page(f"http://pages.example:{site.port}/x?q=1", 200, "text/html", "GBK", b"<p>hi")
    assert site.asked == [(f"pages.example:{site.port}", "/x?q=1")]


async def test_without_a_permit_this_computer_is_never_reached(site: Site):
    site.pages["/"] = answer(b"secret")
    for url in (
        f"http://pages.example:{site.port}/",
        f"http://127.0.0.1:{site.port}/",
        f"http://localhost:{site.port}/",
        f"http://[::ffff:127.0.0.1]:{site.port}/",
        f"http://[::1]:{site.port}/",
    ):
        with pytest.raises(WireError) as caught:
            await get_page(url, resolve=site.names() if "pages" in url else _literal, env={})
        assert caught.value.key == "error.page_private", url
    for url in (f"http://2130706433:{site.port}/", f"http://0x7f.1:{site.port}/", f"http://0177.0.0.1:{site.port}/"):
        assert await refusal(get_page(url, resolve=_literal, env={})) == "page_address", url
    assert site.asked == []


async def _literal(host: str, port: int) -> list[str]:
    if ":" in host:
        return [host]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def test_redirects_are_followed_and_each_hop_is_judged(site: Site):
    site.pages |= {"/a": redirect("/b"), "/b": redirect("c?x=1"), "/c": answer(b"end")}
    assert (await site.get("/a")).url == f"http://pages.example:{site.port}/c?x=1"
    for target in (
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.7/",
        "http://inside.example/",
        f"//127.0.0.1:{site.port}/c",
    ):
        site.pages["/away"] = redirect(target)
        site.asked.clear()

        async def resolve(host: str, port: int) -> list[str]:
            return {"pages.example": ["8.8.8.8"], "inside.example": ["192.168.0.9"]}.get(host, [host])

        # The first hop is "public" and lands here all the same; what it redirects to is judged by the real rule.
        def permit(address: str, port: int) -> bool:
            return is_public(address)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tui_chat.wire.page.get_at", _landing_here("8.8.8.8"))
            key = await refusal(site.get("/away", resolve=resolve, permit=permit))
        assert key == "page_private", target
        assert [asked for _, asked in site.asked] == ["/away"]


def _landing_here(public: str) -> Callable[..., object]:
    """`get_at`, with one public address standing for this machine."""
    from tui_chat.wire.http import get_at

    return lambda place, address, *given, **more: get_at(
        place, "127.0.0.1" if address == public else address, *given, **more
    )


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://pages.example/", "gopher://x/", "javascript:1", "http://[::1"]
)
async def test_a_redirect_leads_to_pages_only(site: Site, target: str):
    site.pages["/a"] = redirect(target)
    assert await refusal(site.get("/a")) in ("page_address", "page_broken")
    assert [path for _, path in site.asked] == ["/a"]


async def test_endless_redirects_end(site: Site):
    site.pages["/a"] = redirect("/a")
    assert await refusal(site.get("/a")) == "page_redirects"
    assert len(site.asked) == 9


async def test_a_name_that_changes_its_address_changes_nothing(site: Site):
    """DNS rebinding: the name leads to a public address when it is judged, and to this machine a moment later."""
    site.pages["/"] = answer(b"secret")
    looked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        looked.append(host)
        return ["8.8.8.8"] if len(looked) == 1 else ["127.0.0.1"]

    reached: list[str] = []

    def connected(place: object, address: str, *_: object, **__: object) -> object:
        reached.append(address)
        raise WireError("error.connect_failed", host="x", port=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui_chat.wire.page.get_at", connected)
        await refusal(get_page(f"http://rebinds.example:{site.port}/", resolve=resolve, env={}))
    assert (looked, reached) == (["rebinds.example"], ["8.8.8.8"])
    assert site.asked == []


async def test_connecting_looks_no_name_up_again(site: Site, monkeypatch: pytest.MonkeyPatch):
    site.pages["/"] = answer(b"ok")
    names: list[object] = []
    real = socket.getaddrinfo

    def noted(host: object, *given: object, **more: object) -> object:
        names.append(host)
        return real(host, *given, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    await site.get("/")
    assert {name.decode() if isinstance(name, bytes) else name for name in names} <= {"127.0.0.1"}


async def test_the_next_address_is_tried_where_one_does_not_answer(site: Site):
    site.pages["/"] = answer(b"ok")

    async def two(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    assert (await site.get("/", resolve=two)).content == b"ok"


async def test_size_is_bounded_packed_or_not(site: Site):
    site.pages["/big"] = answer(b"x" * 5000)
    site.pages["/packed"] = answer(gzip.compress(b"y" * 5000), "Content-Encoding: gzip")
    site.pages["/bomb"] = answer(gzip.compress(b"z" * 50_000_000), "Content-Encoding: gzip")

    async def endless(target: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    site.pages["/endless"] = endless
    for path, letter in (("/big", b"x"), ("/packed", b"y"), ("/endless", b"x"), ("/bomb", b"z")):
        page = await site.get(path, limit_bytes=1000)
        assert (page.content, page.cut) == (letter * 1000, True)
    page = await site.get("/packed", limit_bytes=5000)
    assert (len(page.content), page.cut) == (5000, False)


async def test_time_is_bounded(site: Site):
    async def silent(target: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async def dripping(target: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    site.pages |= {"/silent": silent, "/dripping": dripping}
    for path in ("/silent", "/dripping"):
        assert await refusal(site.get(path, patience_s=0.2)) == "page_silent"


async def test_a_server_with_tls_proves_the_name_not_the_address(tmp_path: Path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    made = Site()
    made.pages["/"] = answer(b"sealed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("pages.example").configure_cert(context)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    given = {"resolve": made.names(), "permit": lambda *_: True, "env": {}, "ca_file": str(tmp_path / "ca.pem")}
    try:
        assert (await get_page(f"https://pages.example:{port}/", **given)).content == b"sealed"
        assert await refusal(get_page(f"https://other.example:{port}/", **given)) == "page_tls"
        assert await refusal(get_page(f"https://pages.example:{port}/", **{**given, "ca_file": ""})) == "page_tls"
        made.pages["/"] = redirect("http://pages.example/")
        assert await refusal(get_page(f"https://pages.example:{port}/", **given)) == "page_downgraded"
    finally:
        await made.close(server)


async def test_a_proxy_is_told_the_judged_address_and_never_asked_for_a_private_one(tmp_path: Path):
    """Plain pages are asked for by their address; for sealed ones a tunnel to it is opened, and the name is proved."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    made = Site()
    made.pages["/"] = answer(b"sealed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("pages.example").configure_cert(context)
    sealed = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    port = sealed.sockets[0].getsockname()[1]
    asked: list[str] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head.split("\r\n")[0])
        if not head.startswith("CONNECT"):
            writer.write(answer(b"by proxy"))
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", port)

        async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while piece := await source.read(65536):
                target.write(piece)
                await target.drain()
            target.close()

        await asyncio.gather(pass_on(reader, onward_writer), pass_on(onward_reader, writer), return_exceptions=True)

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    place = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    env = {"http_proxy": place, "https_proxy": place}

    async def public(host: str, port: int) -> list[str]:
        return ["8.8.8.8"]

    async def private(host: str, port: int) -> list[str]:
        return ["10.0.0.1"]

    try:
        page = await get_page("http://pages.example/x", resolve=public, env=env)
        assert page.content == b"by proxy"
        page = await get_page(
            f"https://pages.example:{port}/", resolve=public, env=env, ca_file=str(tmp_path / "ca.pem")
        )
        assert page.content == b"sealed"
        assert [line.split(" ")[1] for line in asked] == ["http://8.8.8.8/x", f"8.8.8.8:{port}"]
        assert await refusal(get_page("http://pages.example/", resolve=private, env=env)) == "page_private"
        assert len(asked) == 2
    finally:
        await made.close(server, sealed)
