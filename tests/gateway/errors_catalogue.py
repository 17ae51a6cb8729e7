"""Every error a gateway is known to give, as concrete answers: at least one a row, in the shapes and words of the wild.

`row` is the id of the error: a client raises `error.<row>`. Rows stand in the order in which they are to be
matched; the first match wins, and some answers here are made to match a later row too.
"""

# ruff: noqa: E501 - a recorded answer stands on one line, as it travels

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.gateway.answers import (
    REQUEST_ID,
    Answer,
    html_answer,
    json_answer,
    middleware_error,
    relay_error,
)


@dataclass(frozen=True)
class KnownError:
    """One answer and what a client must make of it.

    Attributes:
        row: id of the error.
        variant: tells the answers of a row apart.
        answer: status, headers and body.
        backoff: sending the same again after a while may help (R = B).
        other_model: another model or group may help (R = M).
        once: with `backoff`: one retry is enough (1×).
        wait_s: with `backoff`: the least wait that makes sense, 0 where nothing is known.
        facts: what can be read out of the answer: model, group, param, quota …
    """

    row: str
    variant: str
    answer: Answer
    backoff: bool = False
    other_model: bool = False
    once: bool = False
    wait_s: float = 0
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.row}-{self.variant}"

    @property
    def retry(self) -> str:
        """The retry class in one word: "backoff" (perhaps other model too), "other_model" or "never"."""
        return "backoff" if self.backoff else "other_model" if self.other_model else "never"

    @property
    def request_id(self) -> str:
        """The id the client must show; "" where the answer has none of its own."""
        return REQUEST_ID if REQUEST_ID.encode() in self.answer.body else ""  # type: ignore[operator]


def old(message: str, status: int) -> Answer:
    """Middleware of 2025: type new_api_error, neither `param` nor `code`."""
    error = {"message": f"{message} (request id: {REQUEST_ID})", "type": "new_api_error"}
    return json_answer({"error": error}, status, {"X-Oneapi-Request-Id": REQUEST_ID})


def upstream(message: str, status: int, kind: str | None, code: object = None, param: object = None) -> Answer:
    """An upstream's own error object, passed on."""
    return json_answer({"error": {"message": message, "type": kind, "param": param, "code": code}}, status)


def chained(message: str, status: int) -> Answer:
    """A gateway behind the gateway: two request ids in one message."""
    return middleware_error(f"{message} (request id: 2026082306154200abcdefgh)", status)


def page(title: str, status: int) -> Answer:
    """The error page of a proxy in front."""
    body = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>"
    return html_answer(body, status, {"X-Oneapi-Request-Id": None, "Server": "cloudflare", "CF-RAY": "8f1d-HKG"})


EMPTY_429 = Answer(429, {"Content-Type": None, "X-Oneapi-Request-Id": None}, b"", "length")
SITE = '<!doctype html><html lang="zh"><head><title>一步API</title></head><body><div id="root"></div></body></html>'
B = {"backoff": True}
M = {"other_model": True}
BM = {"backoff": True, "other_model": True}
ONE_MODEL = {"model": "gpt-9", "group": "default"}


def row(name: str, *answers: tuple[str, Answer], **more: object) -> tuple[KnownError, ...]:
    return tuple(KnownError(name, variant, answer, **more) for variant, answer in answers)  # type: ignore[arg-type]


KEYS = (
    *row(
        "token_exhausted",
        ("zh", old("该令牌额度已用尽 !token.UnlimitedQuota && token.RemainQuota = -1204", 401)),
        ("status", old("[sk-abc***xyz] 该令牌额度已用尽 TokenStatusExhausted", 401)),
    ),
    *row("token_expired", ("zh", old("该令牌已过期", 401)), ("en", old("This token has expired", 401))),
    *row("token_disabled", ("zh", old("该令牌状态不可用", 401))),
    *row(
        "key_invalid",
        ("zh", middleware_error("无效的令牌", 401)),
        ("en", middleware_error("Invalid token", 401)),
        ("missing-zh", middleware_error("未提供令牌", 401)),
        ("missing-en", middleware_error("Token not provided", 401)),
        ("old", old("无效的令牌", 401)),
        ("success-false", json_answer({"success": False, "message": "Invalid token"}, 401)),
    ),
    *row(
        "channel_key",
        ("openai", upstream("Incorrect API key provided: sk-proj-***. You can find your API key at https://***.", 401, "invalid_request_error", "invalid_api_key")),
        ("claude", json_answer({"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}, 401)),
        ("relay-param", relay_error("invalid api key", "invalid_api_key", 401)),
        ("chain", chained("Invalid token", 401)),
        **M,
    ),
)  # fmt: skip

MONEY = (
    *row(
        "balance_low",
        ("403-zh", relay_error("预扣费额度失败, 用户剩余额度: ＄0.012345, 需要预扣费额度: ＄0.250000", "insufficient_user_quota", 403)),
        ("403-en", relay_error("user quota is not enough, remaining: $0.01", "insufficient_user_quota", 403)),
        ("429-saturated-text", relay_error("当前分组上游负载已饱和，请稍后再试", "insufficient_user_quota", 429)),
        ("old-text-only", old("用户额度不足", 403)),
        ("subscription", relay_error("订阅额度不足或未配置订阅", None, 403)),
    ),
    *row(
        "token_quota_low",
        ("code", relay_error("token quota is not enough, token remain quota: ＄0.001000, need quota: ＄0.020000", "pre_consume_token_quota_failed", 403)),
        ("zh", old("令牌额度不足", 403)),
    ),
    *row(
        "upstream_quota",
        ("429", upstream("You exceeded your current quota, please check your plan and billing details.", 429, "insufficient_quota", "insufficient_quota")),
        ("403", upstream("You exceeded your current quota", 403, "upstream_error")),
        **M,
    ),
)  # fmt: skip

RIGHTS = (
    *row("ip_denied", ("zh", middleware_error("您的 IP 不在令牌允许访问的列表中", 403, "access_denied")), ("old", old("您的 IP 不在令牌允许访问的列表中", 403))),
    *row(
        "model_denied",
        ("zh", middleware_error("该令牌无权访问模型 gpt-9", 403)),
        ("any-zh", middleware_error("该令牌无权访问任何模型", 403)),
        ("en", middleware_error("This token has no access to model gpt-9", 403)),
        ("any-en", middleware_error("This token has no access to any models", 403)),
    ),
    *row(
        "group_denied",
        ("zh", middleware_error("无权访问 vip 分组", 403)),
        ("deprecated", middleware_error("分组 vip 已被弃用", 403)),
        ("disabled", middleware_error("令牌分组 vip 已被禁用", 403)),
        ("en", middleware_error("You do not have permission to access this group", 403)),
    ),
    *row("account_banned", ("zh", middleware_error("用户已被封禁", 403)), ("en", middleware_error("User has been banned", 403))),
    *row("key_suffix", ("zh", middleware_error("普通用户不支持指定渠道", 403))),
)  # fmt: skip

MODELS = (
    *row(
        "model_unknown",
        ("503-zh", middleware_error("分组 default 下模型 gpt-9 无可用渠道（distributor）", 503, "model_not_found")),
        ("503-old", old("当前分组 default 下对于模型 gpt-9 无可用渠道", 503)),
        ("503-en", middleware_error("No available channel for model gpt-9 under group default (distributor)", 503, "model_not_found")),
        **M,
        facts=ONE_MODEL,
    ),
    *row(
        "model_unknown",
        ("404", upstream("The model `gpt-9` does not exist or you do not have access to it.", 404, "invalid_request_error", "model_not_found")),
        ("400-text", upstream("Model not found: gpt-9", 400, "upstream_error", 400)),
        **M,
    ),
    *row(
        "channel_missing",
        ("code", relay_error("获取分组 default 下模型 gpt-9 的可用渠道失败（retry）: record not found", "get_channel_failed", 500)),
        ("text", relay_error("分组 default 下模型 gpt-9 的可用渠道不存在（retry）", None, 500)),
        **BM,
    ),
    *row(
        "price_missing",
        ("zh", relay_error("模型 gpt-9 的价格尚未由管理员配置，暂时无法使用", "model_price_error", 400)),
        ("en", relay_error("Model gpt-9 ratio or price not set, please contact the administrator", None, 400)),
        **M,
    ),
)  # fmt: skip

LOAD = (
    *row(
        "gateway_overloaded",
        ("cpu", relay_error("system cpu overloaded", "system_cpu_overloaded", 503)),
        ("memory", relay_error("system memory overloaded", "system_memory_overloaded", 503)),
        ("disk", relay_error("system disk overloaded", "system_disk_overloaded", 503)),
        **B,
    ),
    *row(
        "rate_limited",
        ("zh", middleware_error("您已达到请求数限制：1分钟内最多请求10次", 429)),
        ("total", middleware_error("您已达到总请求数限制：1分钟内最多请求20次，包括失败次数，请检查您的请求是否正确", 429)),
        **B,
        wait_s=60,
    ),
    *row("rate_limited_ip", ("empty", EMPTY_429), **B, wait_s=60),
    *row(
        "upstream_busy",
        ("saturated", relay_error("当前分组上游负载已饱和，请稍后再试", None, 429)),
        ("openai", upstream("Rate limit reached for gpt-5.1 on tokens per min (TPM): Limit 30000.", 429, "tokens", "rate_limit_exceeded")),
        ("claude", json_answer({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, 429)),
        ("text", json_answer({"message": "Too Many Requests"}, 429)),
        ("retry-after", json_answer({"error": {"message": "Too Many Requests", "code": 429}}, 429, {"Retry-After": "1"})),
        **BM,
    ),
)  # fmt: skip

REQUESTS = (
    *row(
        "context_too_long",
        ("openai", upstream("This model's maximum context length is 128000 tokens. However, your messages resulted in 130456 tokens.", 400, "invalid_request_error", "context_length_exceeded", "messages")),
        ("claude", upstream("prompt is too long: 212345 tokens > 200000 maximum", 400, "invalid_request_error")),
        ("qwen", upstream("Range of input length should be [1, 129024]", 400, "invalid_request_error", "invalid_parameter_error")),
        ("llamacpp", upstream("request (9000 tokens) exceeds the available context size (8192 tokens)", 400, "exceed_context_size_error")),
        ("zh", relay_error("上下文长度超出模型限制", "bad_response_status_code", 500)),
    ),
    *row("request_too_large", ("json", relay_error("request body too large", "read_request_body_failed", 413)), ("html", page("413 Request Entity Too Large", 413))),
    *row(
        "parameter_unsupported",
        ("parameter", upstream("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", 400, "invalid_request_error", "unsupported_parameter", "max_tokens")),
        facts={"param": "max_tokens"},
    ),
    *row(
        "parameter_unsupported",
        ("value", upstream("Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.", 400, "invalid_request_error", "unsupported_value", "temperature")),
        facts={"param": "temperature"},
    ),
    *row(
        "content_blocked",
        ("gemini", relay_error("Gemini blocked the prompt: PROHIBITED_CONTENT", "prompt_blocked", 400)),
        ("azure", upstream("The response was filtered due to the prompt triggering the content management policy.", 400, None, "content_filter", "prompt")),
        ("openai", upstream("Your request was rejected as a result of our safety system.", 400, "invalid_request_error", "content_policy_violation")),
        ("qwen", upstream("Input data may contain inappropriate content.", 400, "data_inspection_failed", "data_inspection_failed")),
        ("deepseek", upstream("Content Exists Risk", 400, "invalid_request_error", "invalid_request_error")),
        ("kimi", upstream("The request was rejected because it was considered high risk", 400, "content_filter")),
        ("words-500", relay_error("用户敏感词检测命中", "sensitive_words_detected", 500)),
        ("words-400-zh", relay_error("输入内容包含敏感词", None, 400)),
    ),
    *row(
        "request_invalid",
        ("messages", relay_error("field messages is required", "invalid_request", 500)),
        ("model", relay_error("model is required", "invalid_request", 500)),
        ("max-tokens", relay_error("max_tokens is invalid", "invalid_request", 500)),
        ("search", relay_error("invalid search_context_size, must be one of: high, medium, low", "invalid_request", 500)),
    ),
    *row("reasoning_not_returned", ("deepseek", upstream("The `reasoning_content` in the thinking mode must be passed back to the API.", 400, "invalid_request_error", "invalid_request_error"))),
    *row(
        "bad_request",
        ("zh", middleware_error("无效的请求, invalid character 'x' looking for beginning of value", 400)),
        ("model-zh", middleware_error("未指定模型名称，模型名称不能为空", 400)),
        ("en", middleware_error("Invalid request: invalid character 'x'", 400)),
        ("type", upstream("'messages' must contain at least one user message", 400, "invalid_request_error")),
    ),
    *row(
        "attachment_unsupported",
        ("llamacpp-image", upstream("image input is not supported - hint: provide the mmproj", 500, "server_error")),
        ("llamacpp-file", upstream("unsupported content[].type", 400, "invalid_request_error")),
        ("vision", upstream("This model does not support image input", 400, "invalid_request_error")),
    ),
    *row(
        "attachment_unreadable",
        ("count", relay_error("error getting file type from url: context deadline exceeded", "count_token_failed", 500)),
        ("convert", relay_error("failed to decode base64", "convert_request_failed", 500)),
        ("download", relay_error("fail to download image: status code 403", None, 500)),
        ("fetch", relay_error("failed to fetch image from url", None, 500)),
    ),
)  # fmt: skip

PLACES = (
    *row("wrong_path", ("post", upstream("Invalid URL (POST /v1/v1/chat/completions)", 404, "invalid_request_error", "", ""))),
    *row("not_implemented", ("files", upstream("API not implemented", 501, "new_api_error", "api_not_implemented", ""))),
    *row("html_answer", ("site", html_answer(SITE)), ("login", html_answer("<html><title>Sign in to WiFi</title><form></form></html>"))),
)  # fmt: skip

FAULTS = (
    *row(
        "upstream_failed",
        ("do-request", relay_error("upstream error: do request failed", "do_request_failed", 500)),
        ("bad-response", relay_error("bad response", "bad_response", 502)),
        ("body", relay_error("invalid character '<' looking for beginning of value", "bad_response_body", 500)),
        ("status", relay_error("bad response status code 503", "bad_response_status_code", 502)),
        ("read", relay_error("unexpected EOF", "read_response_body_failed", 500)),
        ("empty", relay_error("empty response from Gemini API", "empty_response", 500)),
        ("type", relay_error("openai_error", "bad_response_status_code", 502, "upstream_error")),
        ("json", relay_error("unexpected end of JSON input", None, 500)),
        ("channel", relay_error("no available key in multi key mode", "channel:no_available_key", 500)),
        **BM,
    ),
    *row(
        "upstream_timeout",
        ("504-html", page("504 Gateway Time-out", 504)),
        ("524-html", page("524: A timeout occurred", 524)),
        ("408", upstream("Request timed out.", 408, "timeout")),
        ("504-json", relay_error("context deadline exceeded", None, 504)),
        **B,
        once=True,
    ),
    *row(
        "gateway_internal",
        ("panic", json_answer({"error": {"message": f"Panic detected, error: runtime error. (request id: {REQUEST_ID})", "type": "new_api_panic"}}, 500, {"X-Oneapi-Request-Id": REQUEST_ID})),
        ("query", relay_error("query data error", "query_data_error", 500)),
        ("update", relay_error("update data error", "update_data_error", 500)),
        **B,
        once=True,
    ),
)  # fmt: skip

OTHER = (
    *row(
        "server_error",
        ("plain-text", Answer(500, {"Content-Type": "text/plain"}, b"Internal Server Error", "length")),
        ("error-is-a-string", json_answer({"error": "model runner has crashed"}, 500)),
        ("message", json_answer({"code": 50000, "message": "系统繁忙"}, 500)),
        ("msg", json_answer({"code": 500, "msg": "服务异常"}, 503)),
        ("error-msg", json_answer({"error_code": 336100, "error_msg": "try again"}, 500)),
        ("header-message", json_answer({"header": {"code": 10010, "message": "service hiccup"}}, 500)),
        ("bare-list", json_answer([{"error": {"code": 500, "message": "Internal error encountered.", "status": "INTERNAL"}}], 500)),
        ("cut-json", Answer(500, {"Content-Type": "application/json"}, b'{"error":{"message":"half', "length")),
        ("empty", Answer(503, {"Content-Type": None}, b"", "length")),
        **B,
    ),
    *row(
        "server_error",
        ("418", upstream("I'm a teapot", 418, "teapot")),
        ("403-waf-html", page("Attention Required! | Cloudflare", 403)),
        ("422-detail-list", json_answer({"detail": [{"loc": ["body", "n"], "msg": "value is not a valid integer", "type": "type_error"}]}, 422)),
        ("422-detail-string", json_answer({"detail": "Unprocessable"}, 422)),
    ),
)  # fmt: skip

ERRORS: tuple[KnownError, ...] = (*KEYS, *MONEY, *RIGHTS, *MODELS, *LOAD, *REQUESTS, *PLACES, *FAULTS, *OTHER)
ROWS: tuple[str, ...] = tuple(dict.fromkeys(error.row for error in ERRORS))
BAD_GATEWAY_PAGE = page("502 Bad Gateway", 502)
"""A 502 of the proxy in front: matches no code of the catalogue; a client may say upstream_failed or server_error."""


def error(id: str) -> KnownError:
    """The answer with this id (`row-variant`), or the first of this row.

    Raises:
        KeyError: there is no such answer.
    """
    for known in ERRORS:
        if id in (known.id, known.row):
            return known
    raise KeyError(id)
