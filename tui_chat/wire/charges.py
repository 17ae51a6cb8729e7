"""What did the gateway take for a request? The rows of its own log of a key; nothing is asked here.

Unlike an estimate from the price list this is exact, and it is the only place where a gateway names the group of a key.

Source: `GET /api/log/token`, newest first. `type` is 2 for use, 5 for an error, 6 for a refund; `quota` is raw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from tui_chat.errors import WireError
from tui_chat.wire.balance import QUOTA_PER_USD, number

Kind = Literal["use", "error", "refund"]
_KINDS: dict[float, Kind] = {2.0: "use", 5.0: "error", 6.0: "refund"}


class Charge(Struct, frozen=True):
    """One row of the log."""

    request_id: str
    """"" where the gateway does not say."""
    kind: Kind
    model: str
    usd: float
    """What was taken, or given back by a refund, in US dollars."""
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    time: datetime | None = None
    group: str = ""
    """The group whose factor counted."""


def read_charges(payload: Mapping[str, object], quota_per_usd: float = QUOTA_PER_USD) -> tuple[Charge, ...]:
    """The rows of a log, in its order; rows of other kinds (top-ups, management) are left out.

    Raises:
        WireError: "error.log_unknown" where it is no log.
    """
    rows = payload.get("data")
    if rows is None and payload.get("success") is True:
        rows = []
    if isinstance(rows, Mapping):  # some sites page it
        rows = rows.get("items")
    if not isinstance(rows, list):
        raise WireError("error.log_unknown")
    charges = (_charge(row, quota_per_usd) for row in rows if isinstance(row, Mapping))
    return tuple(charge for charge in charges if charge is not None)


def charge_of(charges: Sequence[Charge], request_id: str) -> Charge | None:
    """What was taken for a request in the end: its use less what was given back; None where the log has no row."""
    if not request_id:
        return None
    rows = [charge for charge in charges if charge.request_id == request_id]
    used = next((charge for charge in rows if charge.kind == "use"), None)
    if used is None:
        return next(iter(rows), None)
    taken = sum(charge.usd for charge in rows if charge.kind == "use")
    back = sum(charge.usd for charge in rows if charge.kind == "refund")
    return Charge(
        request_id,
        "use",
        used.model,
        max(0.0, taken - back),
        used.prompt_tokens,
        used.completion_tokens,
        used.seconds,
        used.time,
        used.group,
    )


def _charge(row: Mapping[str, object], quota_per_usd: float) -> Charge | None:
    kind = _KINDS.get(number(row.get("type")) or 0.0)
    quota = number(row.get("quota"))
    if kind is None or quota is None:
        return None
    return Charge(
        _word(row.get("request_id")),
        kind,
        _word(row.get("model_name")),
        abs(quota) / quota_per_usd,
        int(number(row.get("prompt_tokens")) or 0),
        int(number(row.get("completion_tokens")) or 0),
        number(row.get("use_time")) or 0.0,
        _moment(number(row.get("created_at"))),
        _word(row.get("group")),
    )


def _word(value: object) -> str:
    return "".join(filter(str.isprintable, value))[:200] if isinstance(value, str) else ""


def _moment(seconds: float | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (OverflowError, OSError, ValueError):
        return None
