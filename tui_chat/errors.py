"""Every failure we explain to a person: a key into `words/`, the facts, and whether asking again may help.

No prose lives here. A door shows `t(f"{error.key}.says", **error.facts)` and, beside it, the advice under
`f"{error.key}.advice"` where the language file has one.

    ChatError
    ├── UsageError            what the person typed can't be used (exit code 2)
    ├── SettingsError         a settings or credentials file can't be used
    ├── AttachError           a file can't be attached
    ├── StoreError            a chat can't be read or written
    ├── LocalModelError       the embedded model can't be had or started
    ├── ToolError             a tool can't be had, or a call of it can't be done
    └── WireError             the network or the gateway; `wire/gateway.py` holds the catalogue
"""

from __future__ import annotations

Fact = str | int | float


class ChatError(Exception):
    """A failure with a cause that the person can act on.

    Attributes:
        key: finds sentence (`.says`) and advice (`.advice`) in `words/`, for example "error.rate_limited".
        facts: what fills the blanks of both.
        retryable: whether sending the same thing again may succeed.
    """

    retryable = False

    def __init__(self, key: str, /, **facts: Fact) -> None:
        super().__init__(f"{key} {facts}" if facts else key)
        self.key = key
        self.facts: dict[str, Fact] = facts


class UsageError(ChatError):
    """What the person typed can't be used; nothing was sent."""


class SettingsError(ChatError):
    """A settings or credentials file, or a value in it, can't be used."""


class AttachError(ChatError):
    """A file can't be attached; the draft and the other attachments stay."""


class StoreError(ChatError):
    """A chat can't be read or written; what is in memory stays."""


class LocalModelError(ChatError):
    """The embedded model can't be had or started."""


class ToolError(ChatError):
    """A tool can't be had, or a call of it can't be done; the model is told why."""


class WireError(ChatError):
    """The network or the gateway failed a request.

    Attributes:
        status: HTTP status, 0 where no answer came.
        request_id: the gateway's id of the request, "" where unknown; support asks for it.
        message: the server's own words, cleaned of the request id and bounded, "" where there were none.
        retry_after_s: how long the server asks us to wait, None where it did not say.
    """

    def __init__(
        self,
        key: str,
        /,
        *,
        retryable: bool = False,
        status: int = 0,
        request_id: str = "",
        message: str = "",
        retry_after_s: float | None = None,
        **facts: Fact,
    ) -> None:
        super().__init__(key, status=status, message=message, **facts)
        self.retryable = retryable
        self.status = status
        self.request_id = request_id
        self.message = message
        self.retry_after_s = retry_after_s
