"""An address in the public network, and nothing that is one in disguise."""

import pytest

from tui_chat.errors import WireError
from tui_chat.wire.address import is_public, reachable, read_url, resolved

PRIVATE = """
    127.0.0.1 127.1.2.3 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
    192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8
    64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 fe80::1 fe80::1%eth0 fc00::1 fd00::1
    fec0::1 ff02::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:a00:1:: 2001:4860:4860::8888%1 4000::1
    localhost example.com 1 127.1 0x7f.1
""".split()  # noqa: SIM905


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_known_in_every_form(address: str):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.1.0x1/",
        "http://１２７.1/",
        "http://user@example.com/",
        "http://example.com:80@127.0.0.1/",
        "http://127.0.0.1\\@example.com/",
        "http://example.com\\.evil/",
        "http://exa mple.com/",
        "http://example.com/\r\nHost: x",
        "http://example.com\t/",
        "http://[::1%25eth0]/",
        "http://[::ffff:127.0.0.1/",
        "http://[example.com]/",
        "http:///x",
        "http://",
        "http:example.com",
        "//example.com/",
        "example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://.../",
        "http://-x.com/",
        "http://a..b/",
        "http://example.com:99999/",
        "http://example.com:x/",
        "http://" + "a" * 300 + ".com/",
        "http://example.com/" + "a" * 9000,
    ],
)
def test_what_two_programs_could_read_differently_is_refused(url: str):
    with pytest.raises(WireError) as caught:
        read_url(url)
    assert caught.value.key == "error.page_address"


@pytest.mark.parametrize("port", [0, 21, 22, 23, 25, 445, 1023])
def test_ports_of_other_services_are_refused(port: int):
    with pytest.raises(WireError) as caught:
        read_url(f"http://example.com:{port}/")
    assert caught.value.key == "error.page_port"


def test_an_address_is_taken_apart():
    place = read_url(" HTTPS://Example.COM.:8443/a b?q=中#part".replace("a b", "a%20b"))
    assert (place.scheme, place.host, place.port) == ("https", "example.com", 8443)
    assert place.target == "/a%20b?q=%E4%B8%AD"
    assert place.url == "https://example.com:8443/a%20b?q=%E4%B8%AD"
    assert read_url("http://例え.jp").url == "http://xn--r8jz45g.jp/"
    assert read_url("http://[2001:4860:4860::8888]/").name == "[2001:4860:4860::8888]"
    assert read_url("http://8.8.8.8").name == "8.8.8.8"


def test_no_sentence_repeats_a_password():
    with pytest.raises(WireError) as caught:
        read_url("https://me:hunter2@example.com/")
    assert "hunter2" not in str(caught.value)


async def test_one_private_address_among_public_ones_is_one_too_many():
    async def resolve(host: str, port: int) -> list[str]:
        return ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(WireError) as caught:
        await reachable(read_url("http://mixed.example/"), is_public, resolve)
    assert caught.value.facts["address"] == "10.0.0.1"


async def test_a_name_that_is_none_is_said_to_be_none():
    with pytest.raises(WireError) as caught:
        await reachable(read_url("http://nothing.invalid/"), is_public, resolved)
    assert caught.value.key == "error.no_network"


async def test_this_computers_own_names_lead_to_it():
    with pytest.raises(WireError) as caught:
        await reachable(read_url("http://localhost/"), is_public, resolved)
    assert caught.value.key == "error.page_private"
