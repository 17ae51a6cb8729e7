"""When to send a failed request again: what the server asks for, and our own patience.

Sending a POST again that was accepted bills twice, so who calls this does it only before the first byte of an answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

PATIENCE_S = 60.0
"""A longer wait is the person's decision, not ours."""


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long the server asks us to wait; None where it does not say, or says nonsense.

    Understood: `retry-after-ms`, `Retry-After` in seconds (whole or not) and as an HTTP date, which is compared with
    the answer's own `Date`, so that a wrong clock here does no harm. Negative and endless waits are nonsense.

    Args:
        headers: names in lower case.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    if seconds is not None:
        return seconds
    until = _date(value)
    if until is None:
        return None
    now = _date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def pause_s(attempt: int, asked_s: float | None, jitter: float) -> float:
    """How long to wait before retry `attempt` (1, 2, …): what the server asked, or 0.5 s doubled up to 8 s.

    Args:
        attempt: 1 for the first retry.
        asked_s: what `retry_after_s` gave.
        jitter: 0..1; takes up to a quarter off our own waits, so that clients do not come back all at once.
    """
    if asked_s is not None:
        return asked_s
    return min(8.0, 0.5 * 2.0 ** (attempt - 1)) * (1 - 0.25 * jitter)


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _date(value: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # with all that reads mails; few answers have a date for it

    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
