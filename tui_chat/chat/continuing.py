"""What if a model that should go on with a begun answer by itself refuses to? Then it is asked to, in words.

Which models take the beginning of an answer is known by their family only; gateways and versions differ. A refusal
comes before the first word, so nothing is lost by asking once more, and it is a matter of form, not of what was set.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from msgspec.structs import replace

from tui_chat import late
from tui_chat.errors import WireError
from tui_chat.wire.delta import Delta, Waiting
from tui_chat.wire.messages import Message, Text
from tui_chat.wire.request import Request

Ask = Callable[[Request], AsyncGenerator[Delta | Waiting, None]]

_REFUSALS = late.pattern(
    r"prefill|prefix|partial|beta|(last|final).{0,40}(message|role|content)|assistant", re.IGNORECASE
)
_STATUSES = frozenset({400, 422})


def going_on(ask: Ask, prompt: str) -> Ask:
    """`ask`, but where a request that `continues` an answer is refused for that, the same in words.

    Args:
        ask: sends a request.
        prompt: the words.
    """

    async def asked(request: Request) -> AsyncGenerator[Delta | Waiting, None]:
        answered = False
        try:
            async with aclosing(ask(request)) as signals:
                async for signal in signals:
                    answered = answered or isinstance(signal, Delta)
                    yield signal
            return
        except WireError as error:
            refused = error.status in _STATUSES and _REFUSALS.search(error.message) is not None
            if not (request.continues and prompt and refused) or answered:
                raise
        said = (*request.messages, Message("user", (Text(prompt),)))
        async with aclosing(ask(replace(request, messages=said, continues=False))) as signals:
            async for signal in signals:
                yield signal

    return asked
