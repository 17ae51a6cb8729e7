"""Cases 16 and 17 by name: how gateways tell a balance and a price list, and what a client must make of it.

`play(gateway)` makes a fake gateway behave so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.gateway.answers import Answer, html_answer, json_answer, middleware_error
from tests.gateway.routes import SITE
from tests.gateway.server import FakeGateway

SUBSCRIPTION, USAGE = "/v1/dashboard/billing/subscription", "/v1/dashboard/billing/usage"
TOKEN_USAGE, STATUS, PRICING = "/api/usage/token/", "/api/status", "/api/pricing"


@dataclass(frozen=True)
class MoneyCase:
    """One behaviour.

    Attributes:
        name: unique, words joined by hyphens.
        number: 16 (balance) or 17 (prices).
        play: makes a gateway behave so.
        expects: fields of the balance or of the price of "gpt-4o-mini"; `error_key` where there is none to be had.
    """

    name: str
    number: int
    play: Callable[[FakeGateway], None]
    expects: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name


def shows(unit: str, **more: Any) -> Callable[[FakeGateway], None]:
    """A site that shows money so."""

    def play(gateway: FakeGateway) -> None:
        gateway.routes.display_type = unit
        for name, value in more.items():
            setattr(gateway.routes, name, value)

    return play


def answers(*routes: tuple[str, Answer]) -> Callable[[FakeGateway], None]:
    """A gateway whose routes answer so."""

    def play(gateway: FakeGateway) -> None:
        for path, answer in routes:
            gateway.route("GET", path, answer)

    return play


def status(**data: Any) -> tuple[str, Answer]:
    return STATUS, json_answer({"success": True, "data": data})


def billing(limit: Any, hundredths: Any, until: Any = 0) -> tuple[tuple[str, Answer], tuple[str, Answer]]:
    return (
        (SUBSCRIPTION, json_answer({"hard_limit_usd": limit, "access_until": until})),
        (USAGE, json_answer({"object": "list", "total_usage": hundredths})),
    )


def both(*plays: Callable[[FakeGateway], None]) -> Callable[[FakeGateway], None]:
    def play(gateway: FakeGateway) -> None:
        for one in plays:
            one(gateway)

    return play


REFUSED = middleware_error("无效的令牌", 401)
EMPTY_429 = Answer(429, body=b"")
ERROR_200 = json_answer({"error": {"message": "record not found", "type": "upstream_error"}})

BALANCES: tuple[MoneyCase, ...] = (
    MoneyCase("balance-usd", 16, shows("USD"), {"remaining": 8.75, "used": 1.25, "unit": "USD"}),
    MoneyCase("balance-cny", 16, shows("CNY"), {"remaining": 63.875, "used": 9.125, "unit": "CNY"}),
    MoneyCase("balance-tokens", 16, shows("TOKENS"), {"remaining": 4_375_000, "used": 625_000, "unit": "tokens"}),
    MoneyCase(
        "balance-tokens-above-the-mark-of-no-limit",
        16,
        both(shows("TOKENS"), answers(*billing(250_000_000, 100))),
        {"remaining": 249_999_999, "used": 1, "unlimited": False},
    ),
    MoneyCase(
        "balance-custom",
        16,
        answers(status(quota_display_type="CUSTOM", custom_currency_symbol="₿\x1b", custom_currency_exchange_rate=2)),
        {"remaining": 17.5, "used": 2.5, "unit": "₿"},
    ),
    MoneyCase("balance-old-site", 16, answers(status(display_in_currency=True)), {"remaining": 8.75, "unit": "USD"}),
    MoneyCase("balance-no-status", 16, answers((STATUS, html_answer(SITE))), {"remaining": 8.75, "unit": ""}),
    MoneyCase("balance-unlimited", 16, shows("USD", unlimited=True), {"remaining": None, "unlimited": True}),
    MoneyCase("balance-above-the-limit", 16, answers(*billing(3e8, 100)), {"remaining": None, "unlimited": True}),
    MoneyCase("balance-overdrawn", 16, answers(*billing(1, 150)), {"remaining": -0.5, "used": 1.5}),
    MoneyCase("balance-expires", 16, answers(*billing(10, 0, 1893456000)), {"expires": "2030-01-01T00:00:00+00:00"}),
    MoneyCase("balance-error-200", 16, answers((SUBSCRIPTION, ERROR_200)), {"error_key": "error.balance_refused"}),
    MoneyCase(
        "balance-401-then-token-usage",
        16,
        answers((SUBSCRIPTION, REFUSED)),
        {"remaining": 8.75, "used": 1.25, "unit": "USD"},
    ),
    MoneyCase(
        "balance-401-in-a-200-then-token-usage",
        16,
        answers((SUBSCRIPTION, middleware_error("无效的令牌", 200))),
        {"remaining": 8.75, "used": 1.25},
    ),
    MoneyCase(
        "balance-401-then-token-usage-in-cny",
        16,
        both(shows("CNY"), answers((SUBSCRIPTION, REFUSED))),
        {"remaining": 63.875, "used": 9.125, "unit": "CNY"},
    ),
    MoneyCase(
        "balance-401-then-token-usage-in-tokens",
        16,
        both(shows("TOKENS"), answers((SUBSCRIPTION, REFUSED))),
        {"remaining": 4_375_000, "used": 625_000, "unit": "tokens"},
    ),
    MoneyCase(
        "balance-401-then-unlimited",
        16,
        both(shows("USD", unlimited=True), answers((SUBSCRIPTION, REFUSED))),
        {"remaining": None, "used": 1.25, "unlimited": True},
    ),
    MoneyCase(
        "balance-both-refused",
        16,
        answers((SUBSCRIPTION, REFUSED), (TOKEN_USAGE, EMPTY_429)),
        {"error_key": "error.key_invalid"},
    ),
    MoneyCase("balance-429", 16, answers((SUBSCRIPTION, EMPTY_429)), {"error_key": "error.rate_limited_ip"}),
    MoneyCase("balance-html", 16, answers((SUBSCRIPTION, html_answer(SITE))), {"error_key": "error.balance_unknown"}),
    MoneyCase("balance-not-json", 16, answers((USAGE, Answer(200, body=b"{"))), {"error_key": "error.balance_unknown"}),
    MoneyCase("balance-words", 16, answers(*billing("ten", True)), {"error_key": "error.balance_unknown"}),
)


def listing(*rows: Any, **more: Any) -> Callable[[FakeGateway], None]:
    return answers((PRICING, json_answer({"success": True, "data": list(rows), **more})))


def row(**fields: Any) -> dict[str, Any]:
    return {"model_name": "gpt-4o-mini", "quota_type": 0, "model_ratio": 0.075, "completion_ratio": 4, **fields}


PRICES: tuple[MoneyCase, ...] = (
    MoneyCase("price-ratio", 17, shows("USD"), {"kind": "tokens", "per_million": (0.15, 0.6, 0.075)}),
    MoneyCase("price-group", 17, shows("USD"), {"group": "vip", "per_million": (0.12, 0.48, 0.06)}),
    MoneyCase("price-no-cache-ratio", 17, listing(row()), {"per_million": (0.15, 0.6, 0.15)}),
    MoneyCase(
        "price-other-quota",
        17,
        both(listing(row()), answers(status(quota_per_unit=1_000_000))),
        {"per_million": (0.075, 0.3, 0.075)},
    ),
    MoneyCase("price-per-call", 17, listing(row(quota_type=1, model_price=0.04)), {"kind": "call", "call_usd": 0.04}),
    MoneyCase(
        "price-tiered",
        17,
        listing(row(billing_mode="tiered_expr", billing_expr="tier(p < 1000, 1, 2)")),
        {"kind": "tiered"},
    ),
    MoneyCase("price-missing-model", 17, listing(row(model_name="gpt-4o-mini-2024")), {"kind": None}),
    MoneyCase("price-empty-list", 17, answers((PRICING, json_answer({"success": True, "data": None}))), {"kind": None}),
    MoneyCase("price-listed-twice-alike", 17, listing(row(), row()), {"kind": "tokens"}),
    MoneyCase("price-contradicted", 17, listing(row(), row(model_ratio=1)), {"kind": "unknown"}),
    MoneyCase("price-no-ratio", 17, listing(3, row(model_ratio="a lot")), {"kind": "unknown"}),
    MoneyCase(
        "price-login-needed",
        17,
        answers((PRICING, json_answer({"success": False, "message": "未登录且未提供 access token"}, 401))),
        {"error_key": "error.prices_refused"},
    ),
    MoneyCase(
        "price-login-needed-200",
        17,
        answers((PRICING, json_answer({"success": False, "message": "无权进行此操作"}))),
        {"error_key": "error.prices_refused"},
    ),
    MoneyCase("price-html", 17, answers((PRICING, html_answer(SITE))), {"error_key": "error.prices_unknown"}),
    MoneyCase("price-not-json", 17, answers((PRICING, Answer(200, body=b"["))), {"error_key": "error.prices_unknown"}),
    MoneyCase(
        "price-404", 17, answers((PRICING, json_answer({"error": "x"}, 404))), {"error_key": "error.prices_unknown"}
    ),
)

BY_NAME: dict[str, MoneyCase] = {case.name: case for case in (*BALANCES, *PRICES)}
