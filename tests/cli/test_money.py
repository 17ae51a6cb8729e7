"""`balance` and `prices`, in words and as JSON."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.gateway.answers import html_answer, json_answer, middleware_error
from tests.gateway.cases_money import BY_NAME, PRICING, SUBSCRIPTION
from tests.gateway.routes import SITE
from tests.gateway.server import FakeGateway


def test_the_balance_is_a_sentence(run: Run, keyed: FakeGateway):
    assert run("balance").out == "Left on this key: $8.75; used: $1.25.\n"
    keyed.routes.display_type = "CNY"
    assert "¥63.88" in run("balance").out
    keyed.routes.unlimited = True
    assert run("balance").out == "This key has no limit; used: ¥9.12.\n"


def test_the_balance_in_chinese(run: Run, keyed: FakeGateway, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert run("balance").out == "该密钥剩余 $8.75，已用 $1.25。\n"


def test_the_balance_as_json(run: Run, keyed: FakeGateway):
    assert run("balance", "--json").json == {
        "free": False,
        "remaining": 8.75,
        "used": 1.25,
        "unlimited": False,
        "unit": "USD",
        "scope": "token",
        "expires": None,
    }


@pytest.mark.parametrize("verb", ["balance", "prices"])
def test_without_a_key_it_is_said(run: Run, verb: str):
    ran = run(verb)
    assert ran.code == 1 and ran.out == "" and "key" in ran.err


def test_a_refusal_is_explained(run: Run, keyed: FakeGateway):
    keyed.routes.keys = set()
    ran = run("balance")
    assert ran.code == 1 and ran.out == "" and "does not accept this key" in ran.err and "canary" not in ran.err
    BY_NAME["price-login-needed"].play(keyed)
    ran = run("prices", "gpt-4o-mini")
    assert ran.code == 1 and "未登录" in ran.err and "login" in ran.err


def test_a_server_of_this_computer_without_such_routes_costs_nothing(run: Run, keyed: FakeGateway):
    for path in (SUBSCRIPTION, PRICING):
        keyed.route("GET", path, html_answer(SITE))
    assert run("balance").out == run("prices").out == "Models on this computer cost nothing.\n"
    assert run("balance", "--json").json["free"] is True and run("prices", "--json").json == {"free": True}


def test_prices_are_a_table(run: Run, keyed: FakeGateway):
    ran = run("prices")
    assert [line.split() for line in ran.out.splitlines()] == [
        ["model", "input", "output", "cached", "call"],
        ["gpt-4o-mini", "$0.15", "$0.60", "$0.075", "—"],
        ["gpt-image-1", "—", "—", "—", "$0.04"],
    ]
    assert "Base prices" in ran.err


def test_the_table_lines_up_in_chinese(run: Run, keyed: FakeGateway, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    head, mini, _ = run("prices").out.splitlines()
    assert head.encode("gbk").index("输入".encode("gbk")) == mini.index("$0.15")


def test_one_price(run: Run, keyed: FakeGateway):
    assert run("prices", "gpt-4o-mini", "--json").json == {
        "model": "gpt-4o-mini",
        "kind": "tokens",
        "input_per_million": 0.15,
        "output_per_million": 0.6,
        "cached_per_million": 0.075,
        "per_call": None,
        "group": None,
        "unit": "USD",
    }
    assert [row["per_call"] for row in run("prices", "--json").json] == [None, 0.04]


@pytest.mark.parametrize(
    ("case", "cells", "kind"),
    [
        ("price-tiered", ["tiered", "tiered", "tiered", "—"], "tiered"),
        ("price-missing-model", ["—"] * 4, None),
        ("price-contradicted", ["—"] * 4, None),
    ],
)
def test_what_the_list_cant_say(run: Run, keyed: FakeGateway, case: str, cells: list[str], kind: str | None):
    BY_NAME[case].play(keyed)
    ran = run("prices", "gpt-4o-mini")
    assert ran.code == 0 and ran.out.splitlines()[1].split() == ["gpt-4o-mini", *cells]
    listed = run("prices", "gpt-4o-mini", "--json").json
    assert (listed["kind"], listed["input_per_million"], listed["per_call"]) == (kind, None, None)
    assert ("no “gpt-4o-mini”" in ran.err) is (case == "price-missing-model")


def test_the_list_is_asked_for_once_a_day(run: Run, keyed: FakeGateway):
    run("prices")
    keyed.route("GET", PRICING, middleware_error("no more", 500))
    assert run("prices").code == 0
    assert [request.path for request in keyed.requests].count(PRICING) == 1


def test_a_group_of_the_persons_own(run: Run, keyed: FakeGateway, own_home):
    settings = own_home / "yibu-chat" / "settings.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('price_group = "vip"\n')
    ran = run("prices", "gpt-4o-mini")
    assert "$0.12" in ran.out and "vip" in ran.err and "× 0.8" in ran.err


def test_names_cant_drive_the_terminal(run: Run, keyed: FakeGateway):
    row = {"model_name": "a\x1b[2Jb", "quota_type": 1, "model_price": 1}
    keyed.route("GET", PRICING, json_answer({"success": True, "data": [row]}))
    assert "\x1b" not in run("prices").out
