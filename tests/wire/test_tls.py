"""Secure connections: whom we trust, and what is said where we don't."""

import asyncio
import datetime
import ssl

import pytest
import trustme

from tests.gateway.server import FakeGateway
from tests.wire.asking import speakable
from tui_chat.errors import WireError
from tui_chat.wire.client import Client, Endpoint
from tui_chat.wire.http import Timeouts

KEY = "sk-" + "aB3" * 16


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority):
    def start(*names, **options):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names, **options).configure_cert(context)
        gateway = FakeGateway(ssl_context=context).start()
        started.append(gateway)
        return gateway

    started = []
    yield start
    for gateway in started:
        gateway.stop()


async def failure(url, **options):
    client = Client(Endpoint(url, KEY), env={}, **options)
    try:
        await client.test()
    except WireError as error:
        return speakable(error)
    finally:
        await client.aclose()
    return None


async def test_an_unknown_authority_is_refused_and_named(secure):
    gateway = secure("127.0.0.1")
    error = await failure(gateway.base_url)
    assert (error.key, error.retryable) == ("error.tls_failed", False)
    assert "certificate" in str(error.facts["reason"])
    assert gateway.requests == []


async def test_ca_file_makes_it_trusted(secure, authority, tmp_path):
    gateway = secure("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    assert await failure(gateway.base_url, ca_file=str(tmp_path / "ca.pem")) is None


async def test_a_certificate_for_another_name_is_refused(secure, authority, tmp_path):
    gateway = secure("other.example.org")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    error = await failure(gateway.base_url, ca_file=str(tmp_path / "ca.pem"))
    assert error.key == "error.tls_failed"
    assert gateway.requests == []


async def test_an_expired_certificate_is_refused_and_said_to_be(secure, authority, tmp_path):
    gateway = secure("127.0.0.1", not_after=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    error = await failure(gateway.base_url, ca_file=str(tmp_path / "ca.pem"))
    assert error.key == "error.tls_failed"
    assert "expired" in str(error.facts["reason"])


@pytest.mark.parametrize("content", [None, "", "no certificate"])
async def test_a_ca_file_that_can_not_be_read_is_named(secure, tmp_path, content):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    error = await failure(secure("127.0.0.1").base_url, ca_file=str(path))
    assert (error.key, error.facts["path"]) == ("error.ca_file", str(path))


async def test_an_open_server_where_a_secure_one_was_named():
    async def answer(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await failure(f"https://127.0.0.1:{port}/v1")
    assert error.key == "error.tls_failed"


async def test_a_server_that_never_answers_the_handshake_times_out(gateway):
    error = await failure(gateway.base_url.replace("http:", "https:"), timeouts=Timeouts(connect_s=0.2))
    assert (error.key, error.facts["seconds"]) == ("error.connect_timeout", "0.2")


async def test_a_secure_server_where_an_open_one_was_named(secure):
    error = await failure(secure("127.0.0.1").base_url.replace("https:", "http:"))
    assert error.key == "error.stream_cut"
