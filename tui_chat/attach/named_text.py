"""What stands in a text file that a person names for a parameter: a schema, a predicted answer?"""

from __future__ import annotations

from tui_chat.disk import expanded, read_bounded
from tui_chat.errors import UsageError

LIMIT_BYTES = 1024 * 1024


def named_text(typed: str, key: str) -> str:
    """The text of the file at a path as typed; UsageError `key` with path and reason where there is none to be read."""
    try:
        return read_bounded(expanded(typed), LIMIT_BYTES).decode()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(key, path=typed, reason=reason) from error
