"""Addresses and keys as people paste them, and model lists as gateways give them."""

import json

import pytest

from tests.gateway.cases import numbered
from tests.wire.asking import speakable
from tui_chat.errors import ChatError, UsageError
from tui_chat.wire.gateway import (
    Model,
    clean_key,
    is_loopback,
    is_unencrypted,
    masked_key,
    normalise_base_url,
    read_models,
    warn_key,
)

HOME = "https://yibuapi.com/v1"
KEY = "sk-" + "aB3" * 16


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(
            (typed, HOME)
            for typed in (
                "yibuapi.com",
                "https://yibuapi.com",
                "https://yibuapi.com/",
                "YIBUAPI.com",
                "https://yibuapi.com/v1",
                "https://yibuapi.com/v1/",
                "https://yibuapi.com/v1/chat/completions",
                "https://yibuapi.com/v1/chat/completions/",
                "https://yibuapi.com/v1/models",
                "https://yibuapi.com/v1/dashboard/billing/usage",
                "  https://yibuapi.com\n",
                '"https://yibuapi.com/v1"',
                "“https：//yibuapi．com／v1”",
                "https://https://yibuapi.com",
                "https:yibuapi.com",
                "https:/yibuapi.com/v1",
                "https://yibuapi.com:443",
                "https://yibuapi.com//v1",
                "yibuapi。com",
                "https://yibu\u200bapi.com",
                "https://yibuapi.com/console/token",
                "http://https://yibuapi.com",
            )
        ),
        ("https://host.com/sub/v1", "https://host.com/sub/v1"),
        ("https://open.bigmodel.cn/api/paas/v4", "https://open.bigmodel.cn/api/paas/v4"),
        ("https://ark.cn-beijing.volces.com/api/v3/", "https://ark.cn-beijing.volces.com/api/v3"),
        ("https://host.com/v1beta/openai", "https://host.com/v1beta/openai"),
        ("https://openrouter.ai/api", "https://openrouter.ai/api/v1"),
        ("https://host.com/x/y#", "https://host.com/x/y"),
        ("https://host.com#", "https://host.com"),
        ("https://host.com/x/chat/completions#", "https://host.com/x"),
        ("http://localhost:8080", "http://localhost:8080/v1"),
        ("localhost:8080", "http://localhost:8080/v1"),
        ("192.168.1.3:11434", "http://192.168.1.3:11434/v1"),
        ("[::1]:81", "http://[::1]:81/v1"),
        ("nas", "http://nas/v1"),
        ("http://yibuapi.com", "http://yibuapi.com/v1"),
        ("网关.中国", "https://网关.中国/v1"),
    ],
)
def test_an_address_is_what_the_person_meant(typed, meant):
    assert normalise_base_url(typed) == meant
    assert normalise_base_url(meant if not typed.endswith("#") else meant + "#") == meant


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "address_empty"),
        ("  ", "address_empty"),
        ("#", "address_empty"),
        ("https://u:p@host.com/v1", "address_userinfo"),
        ("u@host.com", "address_userinfo"),
        ("https://host.com/v1?key=1", "address_query"),
        ("https://host.com/#/login", "address_query"),
        ("ftp://host.com", "address_scheme"),
        ("javascript:alert(1)", "address_scheme"),
        ("你好", "address_invalid"),
        ("https://", "address_invalid"),
        ("https://a..b", "address_invalid"),
        ("host.com:99999", "address_invalid"),
        ("host.com:0", "address_invalid"),
        ("https://[::1", "address_invalid"),
        (KEY, "address_invalid"),
    ],
)
def test_an_address_that_can_not_be_used_says_why(typed, key):
    with pytest.raises(UsageError) as caught:
        normalise_base_url(typed)
    assert speakable(caught.value).key == f"error.{key}"


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:8080/v1", True),
        ("http://a.localhost", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:80", True),
        ("http://0.0.0.0:80", True),
        ("localhost", True),
        ("https://localhost.evil.com", False),
        ("http://192.168.0.1", False),
        ("https://yibuapi.com", False),
    ],
)
def test_this_machine_is_told_from_others(url, loopback):
    assert is_loopback(url) is loopback


def test_an_open_line_to_others_is_told():
    assert is_unencrypted("http://192.168.0.1/v1")
    assert not is_unencrypted("http://localhost/v1")
    assert not is_unencrypted(HOME)


@pytest.mark.parametrize(
    "typed",
    [
        KEY,
        f"  {KEY}\r\n",
        f'"{KEY}"',
        f"“{KEY}”",
        f"Bearer {KEY}",
        f"authorization: bearer {KEY}",
        f"\u200b{KEY}\ufeff",
        f"{KEY}\u00a0",
        f"{KEY[:20]}\n{KEY[20:]}",
        f"export YIBU_API_KEY={KEY}",
        f"我的密钥是 {KEY}",
        "".join(chr(ord(character) + 0xFEE0) for character in KEY),
    ],
)
def test_a_key_is_cleaned(typed):
    assert clean_key(typed) == KEY


@pytest.mark.parametrize("typed", ["local-key_123", "a" * 64, "x.y~z"])
def test_keys_of_other_forms_stay(typed):
    assert clean_key(typed) == typed


@pytest.mark.parametrize(
    ("typed", "key", "facts"),
    [
        ("", "key_empty", {}),
        ("Bearer ", "key_empty", {}),
        ("sk-abc***wxyz", "key_masked", {}),
        ("sk-abc…wxyz", "key_masked", {}),
        (f"{KEY},{KEY}x", "key_several", {"count": 2}),
        (f"{KEY}\n{KEY}x", "key_several", {"count": 2}),
        (f"{KEY[:9]}钥{KEY[9:]}", "key_character", {"position": 10, "code": "U+94A5"}),
        (f"{KEY}é", "key_character", {"position": 52, "code": "U+00E9"}),
    ],
)
def test_a_key_that_can_not_be_sent_says_why_and_not_what_it_is(typed, key, facts):
    with pytest.raises(UsageError) as caught:
        clean_key(typed)
    assert (speakable(caught.value).key, caught.value.facts) == (f"error.{key}", facts)
    assert "aB3" not in str(caught.value)


def test_a_masked_key_shows_its_ends_only():
    assert masked_key(KEY) == "sk-aB3…3aB3"
    assert masked_key("sk-short") == "…"
    assert masked_key("") == "…"


@pytest.mark.parametrize(
    ("key", "doubt"),
    [
        (KEY, ""),
        ("local-key-with-hyphens", ""),
        ("sk-proj-abc", "error.key_foreign"),
        ("sk-ant-api03-abc", "error.key_foreign"),
        (f"{KEY}-12", "error.key_second_hyphen"),
    ],
)
def test_doubts_about_a_key(key, doubt):
    assert warn_key(key) == doubt


LISTS = [case for case in numbered(15) if case.expects.get("models") is not None]


@pytest.mark.parametrize("case", LISTS, ids=str)
def test_model_lists_are_read(case):
    assert [model.id for model in read_models(json.loads(case.body))] == case.expects["models"]


def test_a_list_that_failed_says_so():
    with pytest.raises(ChatError) as caught:
        read_models({"success": False, "message": "无效的令牌"})
    assert caught.value.key == "error.key_invalid"


@pytest.mark.parametrize("payload", [{"object": "x"}, {"data": "x"}, "x", 7, {"data": {}}])
def test_what_is_no_list_is_the_wrong_path(payload):
    with pytest.raises(ChatError) as caught:
        read_models(payload)
    assert caught.value.key == "error.wrong_path"


def test_a_model_keeps_what_the_list_says():
    row = {"id": "m", "owned_by": "ali", "supported_endpoint_types": ["openai", 3]}
    assert read_models([row]) == [Model("m", "ali", ("openai",))]


@pytest.mark.parametrize(
    ("kinds", "chats"),
    [
        ((), True),
        (("openai", "embeddings"), True),
        (("gemini",), True),
        (("embeddings",), False),
        (("image-generation",), False),
        (("openai-response",), False),
    ],
)
def test_models_that_can_be_talked_to(kinds, chats):
    assert Model("m", endpoint_types=kinds).chats is chats
