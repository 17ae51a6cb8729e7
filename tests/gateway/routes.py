"""Every route but chat completions, answering as new-api does: models, balance, prices, and the paths it has not.

State is plain attributes that a test may set: the models, the balance, the display currency, which keys are known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.gateway.answers import Answer, html_answer, json_answer, middleware_error
from tests.gateway.connection import Recorded

SITE = """<!doctype html><html lang="zh"><head><title>New API</title></head>
<body><div id="root"></div><script type="module" src="/assets/index.js"></script></body></html>"""

MODELS = (
    ("gpt-4o-mini", "openai", ["openai"]),
    ("gpt-5.1", "openai", ["openai", "openai-response"]),
    ("claude-sonnet-4-5", "claude", ["anthropic", "openai"]),
    ("gemini-3-pro", "gemini", ["gemini", "openai"]),
    ("deepseek-v3.2", "deepseek", ["openai"]),
    ("qwen3-max", "ali", ["openai"]),
    ("h:gpt-5.5", "custom", ["openai"]),
    ("text-embedding-3-small", "openai", ["embeddings"]),
    ("gpt-image-1", "openai", ["image-generation"]),
)


def model_row(name: str, owner: str = "custom", kinds: list[str] | None = None) -> dict[str, Any]:
    """One row of `/v1/models`; without `kinds` as older gateways write it."""
    row: dict[str, Any] = {"id": name, "object": "model", "created": 1626777600, "owned_by": owner}
    return row if kinds is None else {**row, "supported_endpoint_types": kinds}


class Routes:
    """Answers by method and path.

    Attributes:
        prefix: where the OpenAI-style routes live.
        models: rows of the model list.
        keys: the keys that are known; None = any non-empty key is.
        used_usd, left_usd: balance of the token; `unlimited` overrides.
        display_type: USD, CNY, TOKENS or CUSTOM.
        charged: ids of the requests that stand in the token's log, oldest first.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.models: list[dict[str, Any]] = [model_row(*row) for row in MODELS]
        self.keys: set[str] | None = None
        self.used_usd = 1.25
        self.left_usd = 8.75
        self.unlimited = False
        self.display_type = "USD"
        self.charged: list[str] = []

    def refusal(self, request: Recorded) -> Answer | None:
        """The 401 for a missing or unknown key, in the language the client asks for."""
        chinese = request.headers.get("accept-language", "").lower().startswith("zh")
        key = request.headers.get("authorization", "").removeprefix("Bearer").strip()
        if not key:
            return middleware_error("未提供令牌" if chinese else "Token not provided", 401)
        if self.keys is not None and key not in self.keys:
            return middleware_error("无效的令牌" if chinese else "Invalid token", 401)
        return None

    def answer(self, request: Recorded) -> Answer:
        """The answer for any request that is not a chat completion."""
        path = request.path.rstrip("/")
        inside = path.removeprefix(self.prefix) if path.startswith(f"{self.prefix}/") else None
        if inside is None and path.startswith(("/api/", "/dashboard/")):
            inside = path
        if inside is None:
            return html_answer(SITE)
        found = self._tables().get((request.method, inside))
        if found is not None:
            needs_key, make = found
            return (self.refusal(request) if needs_key else None) or make(request)
        if inside.startswith("/models/") and request.method == "GET":
            return self._one_model(inside.removeprefix("/models/"))
        if inside.startswith(("/files", "/fine-tunes", "/fine_tuning", "/assistants", "/threads")):
            error = {
                "message": "API not implemented",
                "type": "new_api_error",
                "param": "",
                "code": "api_not_implemented",
            }
            return json_answer({"error": error}, 501)
        message = f"Invalid URL ({request.method} {request.path})"
        error = {"message": message, "type": "invalid_request_error", "param": "", "code": ""}
        return json_answer({"error": error}, 404)

    def _tables(self) -> dict[tuple[str, str], tuple[bool, Callable[[Recorded], Answer]]]:
        subscription, usage = self._subscription, self._usage
        return {
            ("GET", "/models"): (
                True,
                lambda _r: json_answer({"success": True, "object": "list", "data": self.models}),
            ),
            ("GET", "/dashboard/billing/subscription"): (True, lambda _r: json_answer(subscription())),
            ("GET", "/dashboard/billing/usage"): (True, lambda _r: json_answer(usage())),
            ("GET", "/api/usage/token"): (True, lambda _r: json_answer(self._token())),
            ("GET", "/api/status"): (False, lambda _r: json_answer(self._status())),
            ("GET", "/api/pricing"): (False, lambda _r: json_answer(self._pricing())),
            ("GET", "/api/notice"): (False, lambda _r: json_answer({"success": True, "data": ""})),
            ("GET", "/api/log/token"): (True, lambda _r: json_answer(self._log())),
            ("GET", "/api/user/self"): (
                True,
                lambda _r: json_answer({"success": False, "message": "无权进行此操作"}, 401),
            ),
        }

    def _one_model(self, name: str) -> Answer:
        for row in self.models:
            if row["id"] == name:
                return json_answer(row)
        error = {
            "message": f"The model '{name}' does not exist",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
        return json_answer({"error": error})

    def _shown(self, usd: float) -> float:
        return {"CNY": usd * 7.3, "TOKENS": usd * 500000}.get(self.display_type, usd)

    def _subscription(self) -> dict[str, Any]:
        total = 100000000.0 if self.unlimited else self._shown(self.used_usd + self.left_usd)
        limits = dict.fromkeys(("soft_limit_usd", "hard_limit_usd", "system_hard_limit_usd"), total)
        return {"object": "billing_subscription", "has_payment_method": True, **limits, "access_until": 0}

    def _usage(self) -> dict[str, Any]:
        return {"object": "list", "total_usage": self._shown(self.used_usd) * 100}

    def _token(self) -> dict[str, Any]:
        used, left = round(self.used_usd * 500000), round(self.left_usd * 500000)
        data = {"object": "token_usage", "name": "test", "total_granted": used + left, "total_used": used}
        data |= {"total_available": left, "unlimited_quota": self.unlimited, "model_limits": {}}
        return {"code": True, "message": "ok", "data": data | {"model_limits_enabled": False, "expires_at": 0}}

    def _log(self) -> dict[str, Any]:
        row = {"type": 2, "model_name": "gpt-4o-mini", "quota": 1500, "prompt_tokens": 140, "completion_tokens": 60}
        row |= {"created_at": 1787465742, "use_time": 1, "is_stream": True, "group": "default", "other": "{}"}
        rows = [{**row, "id": at, "request_id": id} for at, id in enumerate(self.charged)]
        return {"success": True, "message": "", "data": rows[::-1]}

    def _status(self) -> dict[str, Any]:
        data = {"version": "v0.9.4", "system_name": "Test API", "quota_per_unit": 500000, "usd_exchange_rate": 7.3}
        return {"success": True, "data": data | {"quota_display_type": self.display_type, "price": 7.3}}

    def _pricing(self) -> dict[str, Any]:
        row = {"model_name": "gpt-4o-mini", "quota_type": 0, "model_ratio": 0.075, "model_price": 0}
        row |= {"completion_ratio": 4, "cache_ratio": 0.5, "enable_groups": ["default"]}
        call = {"model_name": "gpt-image-1", "quota_type": 1, "model_ratio": 0, "model_price": 0.04}
        groups = {"group_ratio": {"default": 1, "vip": 0.8}, "usable_group": {"default": "默认分组", "vip": "VIP"}}
        return {"success": True, "data": [row, call | {"completion_ratio": 0, "enable_groups": ["all"]}], **groups}
