"""What a refusal means: the table of errors that gateways are known to give, and whether asking again may help.

One row = id, when it applies, how to retry. `words/` holds two sentences for each id under `error.<id>`. Rows are tried
from top to bottom and the first match wins: first with their statuses, then by code and words alone (gateways put the
same error under different statuses, and into answers of status 200), last by status alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from msgspec import Struct

from tui_chat.errors import WireError
from tui_chat.wire.complaint import Complaint, is_refusal, read_body, read_payload

Again = Literal["never", "backoff", "once", "elsewhere"]
"""never: the same will fail again · backoff: it may work in a while · once: one retry is enough · elsewhere: another
model or group may work."""
_AUTOMATIC = {"never": 0, "backoff": 2, "once": 1, "elsewhere": 0}
_UNKNOWN = "—"
"""Stands in a sentence where the server did not tell a fact."""


class Row(Struct, frozen=True):
    """One known error."""

    id: str
    again: Again
    statuses: tuple[int, ...] = ()
    """Empty: any."""
    codes: frozenset[str] = frozenset()
    """Values of `code` or `type`, in lower case."""
    words: str = ""
    """Pattern of what stands in message, code or type; "": none. Compiled when it is looked for: most runs never do."""
    when: Callable[[Complaint], bool] | None = None
    """Must hold as well; alone it decides together with the statuses."""
    wait_s: float | None = None
    """The least wait that makes sense, where the server names none."""

    def matches(self, complaint: Complaint, *, strict: bool) -> bool:
        """Whether this row explains the complaint; not strict: whatever its status."""
        if strict and self.statuses and complaint.status not in self.statuses:
            return False
        if self.when is not None and not self.when(complaint):
            return False
        if not self.codes and not self.words:
            return strict or not self.statuses
        code, kind = complaint.code.lower(), complaint.kind.lower()
        if code in self.codes or kind in self.codes:
            return True
        said = f"{complaint.message}\n{code}\n{kind}"
        return bool(self.words) and re.search(self.words, said, re.IGNORECASE | re.DOTALL) is not None


def _row(
    id: str,
    again: Again,
    statuses: tuple[int, ...] = (),
    codes: str = "",
    words: str = "",
    when: Callable[[Complaint], bool] | None = None,
    wait_s: float | None = None,
) -> Row:
    return Row(id, again, statuses, frozenset(codes.split()), words, when, wait_s)


def _own_key(complaint: Complaint) -> bool:
    """Whether a 401 speaks of the person's key: not where one gateway repeats another's words."""
    return not complaint.chained


def _door(complaint: Complaint) -> bool:
    """The gateway's door (no `param` key), or a provider without a gateway before it, refuses the person's key."""
    if complaint.chained:
        return False
    if not complaint.from_gateway:
        return True
    said = re.search("无效的令牌|invalid token|未提供令牌|token not provided", complaint.message, re.IGNORECASE)
    return not complaint.has_param and (complaint.kind == "new_api_error" or said is not None)


def _direct(complaint: Complaint) -> bool:
    """A provider without a gateway before it speaks of the person's own account."""
    return complaint.http_status >= 400 and not complaint.from_gateway


ROWS: tuple[Row, ...] = (
    _row("token_exhausted", "never", (401,), words="令牌额度已用尽|TokenStatusExhausted|RemainQuota", when=_own_key),
    _row("token_expired", "never", (401,), words="令牌已过期|token has expired", when=_own_key),
    _row("token_disabled", "never", (401,), words="令牌状态不可用", when=_own_key),
    _row("key_invalid", "never", (401,), when=_door),
    _row(
        "key_invalid", "never", (200, 0), words="无效的令牌|invalid token|未提供令牌|token not provided", when=_own_key
    ),
    _row("channel_key", "elsewhere", (401,)),
    _row("channel_key", "elsewhere", (0,), codes="invalid_api_key authentication_error"),
    _row(
        "balance_low",
        "never",
        (403, 429),
        codes="insufficient_user_quota",
        words="用户额度不足|预扣费额度失败|订阅额度不足|user quota is not enough",
    ),
    _row(
        "token_quota_low",
        "never",
        (403,),
        codes="pre_consume_token_quota_failed",
        words="token quota is not enough|令牌额度不足",
    ),
    _row("balance_low", "never", (402,), when=_direct),
    _row("balance_low", "never", (403, 429), words="insufficient_quota|exceeded your current quota", when=_direct),
    _row("upstream_quota", "elsewhere", (402,)),
    _row("upstream_quota", "elsewhere", (403, 429), words="insufficient_quota|exceeded your current quota"),
    _row("ip_denied", "never", (403,), codes="access_denied", words="IP 不在令牌允许"),
    _row("model_denied", "never", (403,), words="无权访问(任何)?模型|no access to (any models|model)"),
    _row(
        "group_denied",
        "never",
        (403,),
        words="无权访问.*分组|分组.*(已被弃用|已被禁用)|permission to access this group",
    ),
    _row("account_banned", "never", (403,), words="用户已被封禁|user has been banned"),
    _row("key_suffix", "never", (403,), words="不支持指定渠道"),
    _row(
        "model_unknown",
        "elsewhere",
        (400, 404, 503),
        codes="model_not_found",
        words="无可用渠道|no available channel|model.{0,200}(does not exist|not found)",
    ),
    _row("channel_missing", "backoff", (500,), codes="get_channel_failed", words="可用渠道(不存在|失败)"),
    _row("price_missing", "elsewhere", (400,), codes="model_price_error", words="价格尚未|ratio or price not set"),
    _row(
        "gateway_overloaded",
        "backoff",
        (503,),
        codes="system_cpu_overloaded system_memory_overloaded system_disk_overloaded",
    ),
    _row(
        "rate_limited",
        "backoff",
        (429,),
        words="您已达到(总)?请求数限制|reached the (total )?request limit",
        wait_s=60,
    ),
    _row("rate_limited_ip", "backoff", (429,), when=lambda complaint: complaint.is_empty, wait_s=60),
    _row(
        "upstream_busy",
        "backoff",
        (429, 529),
        words="上游负载已饱和|rate_limit_exceeded|overloaded|too many requests",
    ),
    _row(
        "context_too_long",
        "never",
        codes="context_length_exceeded exceed_context_size_error",
        words="maximum context length|available context size|prompt is too long|input length|上下文.{0,40}(长度|超)",
    ),
    _row("request_too_large", "never", (413,)),
    _row("request_too_large", "never", codes="read_request_body_failed"),
    _row(
        "attachment_unsupported",
        "never",
        words="(image|audio) input is not supported|unsupported content\\[\\]\\.type"
        "|not support (image|audio|file|vision)|image_url is only supported",
    ),
    _row(
        "parameter_unsupported",
        "never",
        (400,),
        words="unsupported_parameter|unsupported_value|unsupported parameter|not supported with this model",
    ),
    _row(
        "content_blocked",
        "never",
        (400, 500),
        words="prompt_blocked|content_filter|content_policy|data_inspection_failed|high risk|content exists risk"
        "|sensitive_words_detected|敏感词",
    ),
    _row(
        "request_invalid",
        "never",
        (500,),
        codes="invalid_request",
        words="field messages is required|model is required|max_tokens is invalid|invalid search_context_size",
    ),
    _row("wrong_path", "never", (404,), words=r"invalid url \("),
    _row("reasoning_not_returned", "never", (400,), words="reasoning_content.*passed back"),
    _row("bad_request", "never", (400,), words="无效的请求|invalid request|未指定模型|invalid_request_error"),
    _row(
        "attachment_unreadable",
        "never",
        (500,),
        codes="count_token_failed convert_request_failed",
        words="(download|fetch).{0,80}(image|file)|(image|file).{0,80}(download|fetch)",
    ),
    _row("not_implemented", "never", (501,), codes="api_not_implemented"),
    _row("html_answer", "never", when=lambda complaint: complaint.is_html and complaint.http_status == 200),
    _row(
        "upstream_failed",
        "backoff",
        (500, 502),
        codes="do_request_failed bad_response bad_response_body bad_response_status_code read_response_body_failed"
        " empty_response",
        words=r"upstream_error|unexpected end|\nchannel:",
    ),
    _row("upstream_timeout", "once", (408, 504, 524)),
    _row("gateway_internal", "once", (500,), codes="new_api_panic query_data_error update_data_error"),
)

_BY_STATUS: dict[int, Row] = {
    400: _row("bad_request", "never"),
    404: _row("wrong_path", "never"),
    405: _row("wrong_path", "never"),
    409: _row("server_error", "backoff"),
    429: _row("upstream_busy", "backoff"),
    501: _row("not_implemented", "never"),
    529: _row("upstream_busy", "backoff"),
}
_PROXY_PAGES = frozenset({502, 503, 520, 521, 522, 523})
_AGAIN_BY_KEY: dict[str, int] = {
    **{f"error.{row.id}": _AUTOMATIC[row.again] for row in ROWS},
    "error.server_error": 2,
    "error.no_network": 2,
    "error.connect_failed": 2,
    "error.connect_timeout": 2,
    "error.proxy_failed": 2,
}


def explain(status: int, headers: Mapping[str, str], body: bytes, *, model: str = "", secret: str = "") -> WireError:
    """Say what an answer that is no answer means.

    Args:
        status: HTTP status.
        headers: names in lower case.
        body: the body, whole or its first part.
        model: the model that was asked for; a fact of errors that do not name it.
        secret: the key that was sent, never to stand in an error.

    Returns:
        An error whose key is `error.<row id>`, with every fact its sentences have blanks for.
    """
    return _judge(read_body(status, headers, body, secret), model)


def refusal(payload: Mapping[str, Any], *, model: str = "", secret: str = "") -> WireError | None:
    """The failure that a JSON object within a good answer tells of; None where it tells of none."""
    return _judge(read_payload(payload, secret), model) if is_refusal(payload) else None


def automatic_retries(error: WireError) -> int:
    """How many times the same request may go out again by itself after this error."""
    return _AGAIN_BY_KEY.get(error.key, 0) if error.retryable else 0


def find(complaint: Complaint) -> Row:
    """The row that explains a complaint."""
    for strict in (True, False):
        for row in ROWS:
            if row.matches(complaint, strict=strict):
                return row
    if complaint.is_html and complaint.status in _PROXY_PAGES:
        return _row("upstream_failed", "backoff")
    fallback = _BY_STATUS.get(complaint.status)
    return fallback or _row("server_error", "backoff" if complaint.status >= 500 else "never")


def _judge(complaint: Complaint, model: str) -> WireError:
    row = find(complaint)
    wait_s = complaint.retry_after_s if complaint.retry_after_s is not None else row.wait_s
    facts = _facts(complaint.message)
    if facts["model"] == _UNKNOWN and model:
        facts["model"] = model
    if complaint.param:
        facts["param"] = complaint.param
    return WireError(
        f"error.{row.id}",
        retryable=row.again in ("backoff", "once") and not complaint.told_not_to_retry,
        status=complaint.http_status,
        request_id=complaint.request_id,
        message=complaint.message,
        retry_after_s=wait_s,
        seconds=round(wait_s) if wait_s is not None and wait_s < 10**9 else _UNKNOWN,
        id=complaint.request_id or _UNKNOWN,
        told=complaint.message or _UNKNOWN,
        **facts,
    )


_FACTS = (
    r"under group (?P<group>\S+)",
    r"分组\s*(?P<group>[^\s，。（(下]+)\s*(?:下|已被)",
    r"无权访问\s*(?P<group>\S+)\s*分组",
    r"模型\s*(?P<model>[^\s，。（()）]+)\s*(?:无|的|$)",
    r"无权访问模型\s*(?P<model>[^\s，。（()）]+)",
    r"for model (?P<model>\S+)",
    r"access to model (?P<model>\S+)",
    r"model [`'\"](?P<model>[^`'\"]+)[`'\"]",
    r"model not found:\s*(?P<model>\S+)",
    r"^model (?P<model>\S+) ratio or price",
    r"剩余额度[:：]\s*(?P<left>[^\s,，]+)",
    r"remain(?:ing|s)?(?: quota)?[:：]\s*(?P<left>[^\s,，]+)",
    r"需要预扣费额度[:：]\s*(?P<needed>[^\s,，]+)",
    r"need quota[:：]\s*(?P<needed>[^\s,，]+)",
    r"(?P<minutes>\d+)\s*分钟内?最多请求\s*(?P<count>\d+)",
    r"(?:parameter|value):\s*[`'\"](?P<param>[^`'\"]+)[`'\"]",
)
"""Patterns with names of facts."""


def _facts(message: str) -> dict[str, str]:
    """What an error's words tell: model, group, quotas, parameter, limits; "—" for what they don't."""
    names = ("model", "group", "left", "needed", "minutes", "count", "param")
    facts = dict.fromkeys(names, _UNKNOWN)
    for pattern in _FACTS:
        found = re.search(pattern, message, re.IGNORECASE)
        for name, value in found.groupdict().items() if found else ():
            if facts[name] == _UNKNOWN and value:
                facts[name] = value[:100].replace("＄", "$")
    return facts


def with_id(error: WireError, request_id: str) -> WireError:
    """The error with the id of its request, where it has none yet."""
    if request_id and not error.request_id:
        error.request_id = request_id
        error.facts["id"] = request_id
    return error
