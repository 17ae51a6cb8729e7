"""Fetching a page tells what it says, bounded and marked as what it is, from the public web alone."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.tools.material import call, look, surroundings
from tui_chat.errors import ToolError, WireError
from tui_chat.tools import fetch_page
from tui_chat.tools.approval import Allowances, needs_word
from tui_chat.tools.fetch_page import FETCH_PAGE, LIMIT_CHARACTERS, outcome
from tui_chat.wire.page import Page, get_page


def page(content: bytes, kind: str = "text/html", status: int = 200, cut: bool = False) -> Page:
    return Page("https://e.com/x", status, kind, "", content, cut)


def test_html_is_told_with_address_and_title():
    told = outcome(page(b"<title>T</title><p>Hello <a href=y>there</a>"))
    assert told.text == "Address: https://e.com/x\nTitle: T\n\nHello [there](https://e.com/y)"
    assert not told.failed


def test_an_error_page_counts_as_failed_and_is_told_all_the_same():
    told = outcome(page(b"<p>gone", status=404))
    assert told.failed
    assert "Status: 404" in told.text
    assert told.text.endswith("gone")


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/ld+json", "text/csv", ""])
def test_texts_are_told_as_they_are(kind: str):
    assert outcome(page(b'{"a": 1}', kind)).text.endswith('\n\n{"a": 1}')


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "application/octet-stream", "video/mp4"])
def test_what_is_no_text_is_named(kind: str):
    with pytest.raises(ToolError) as caught:
        outcome(page(b"\x89PNG", kind))
    assert caught.value.facts["kind"] == kind


def test_a_long_page_is_told_in_parts():
    content = "".join(f"{number:09}\n" for number in range(10_000)).encode()
    first = outcome(page(content, "text/plain", cut=True))
    assert f"go on with first_character {LIMIT_CHARACTERS}" in first.text
    assert "its end is missing" in first.text
    assert first.cut_bytes == len(content) - LIMIT_CHARACTERS
    assert len(first.text) < LIMIT_CHARACTERS + 300
    last = outcome(page(content, "text/plain"), first_character=99_990)
    assert last.text.endswith("\n\n000009999\n")
    assert outcome(page(content, "text/plain"), first_character=10**9).text.endswith("(no text)")


async def test_private_addresses_are_refused_with_reasons_in_words(tmp_path: Path):
    around = surroundings(tmp_path)
    for url, key in (
        ("http://127.0.0.1:8080/", "page_private"),
        ("http://localhost/", "page_private"),
        ("http://0x7f.0.0.1/", "page_address"),
        ("file:///etc/passwd", "page_address"),
        ("http://127.0.0.1:22/", "page_port"),
    ):
        with pytest.raises(ToolError) as caught:
            await call(FETCH_PAGE, around, url=url)
        assert caught.value.key == f"error.{key}", url


async def test_a_fetch_goes_through_the_guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    async def get(url: str, *, env: Mapping[str, str], ca_file: str) -> Page:
        assert (env, ca_file) == ({"https_proxy": "http://p:1"}, "/own/ca.pem")
        asked.append(url)
        if url.endswith("/down"):
            raise WireError("error.page_silent", host="e.com")
        return page(b"<p>ok")

    monkeypatch.setattr(fetch_page, "get_page", get)
    around = replace(surroundings(tmp_path), proxies={"https_proxy": "http://p:1"}, ca_file="/own/ca.pem")
    assert (await call(FETCH_PAGE, around, url="https://e.com/x")).text.endswith("ok")
    with pytest.raises(ToolError) as caught:
        await call(FETCH_PAGE, around, url="https://e.com/down")
    assert caught.value.key == "error.page_silent"
    assert asked == ["https://e.com/x", "https://e.com/down"]


async def test_settings_that_cannot_be_used_are_said_as_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The certificates and the proxy are those of the settings, and what is wrong with them is named."""

    async def here(host: str, port: int) -> list[str]:
        return ["8.8.8.8"]

    monkeypatch.setattr(fetch_page, "get_page", partial(get_page, resolve=here))
    around = surroundings(tmp_path)
    for more, key in (({"ca_file": "/no/ca.pem"}, "ca_file"), ({"proxies": {"https_proxy": "x://"}}, "proxy_setting")):
        with pytest.raises(ToolError) as caught:
            await call(FETCH_PAGE, replace(around, **more), url="https://e.com/")
        assert caught.value.key == f"error.{key}"


def test_its_host_is_shown_and_a_word_is_needed(tmp_path: Path):
    around = surroundings(tmp_path)
    arguments = {"url": "https://例え.jp:8443/secret?x"}
    preview = look(FETCH_PAGE, around, **arguments)
    assert preview.hosts == ("xn--r8jz45g.jp:8443",)
    assert preview.network
    assert needs_word(FETCH_PAGE, arguments, preview, Allowances())
    assert (FETCH_PAGE.danger, FETCH_PAGE.remote, FETCH_PAGE.reaches_out) == ("network", True, True)
    with pytest.raises(ToolError):
        look(FETCH_PAGE, around, url="gopher://e.com/")
