"""Waiting without sleeping: poll a condition until it holds, and say what was waited for when it never does."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any, TypeVar

Value = TypeVar("Value")

PATIENCE_S = 10.0
"""Generous, since a busy machine is slow; a condition that holds returns at once."""


async def eventually(
    condition: Callable[[], Any], timeout: float = PATIENCE_S, *, every: float = 0.01, what: str = ""
) -> Any:
    """Return the first true value of `condition`; await it inside a running loop.

    Args:
        condition: asked every `every` seconds; may be `async`. A raised AssertionError means "not yet".
        timeout: seconds until it fails.
        every: seconds between the first two askings; the later ones are further apart, up to five times that.
        what: names the wait in the failure; the condition's source where empty.

    Raises:
        AssertionError: the condition did not hold in time.
    """
    deadline, longest = time.monotonic() + timeout, 5 * every
    while True:
        refusal: AssertionError | None = None
        try:
            value = condition()
            if inspect.isawaitable(value):
                value = await value
            if value:
                return value
        except AssertionError as error:
            refusal = error
        if time.monotonic() >= deadline:
            raise never(condition, timeout, what) from refusal
        await asyncio.sleep(every)
        every = min(1.5 * every, longest)


def eventually_in_thread(
    condition: Callable[[], Value], timeout: float = PATIENCE_S, *, every: float = 0.01, what: str = ""
) -> Value:
    """The same for plain `def` tests; blocks this thread, so never call it on an event loop."""
    deadline, longest = time.monotonic() + timeout, 5 * every
    while True:
        refusal: AssertionError | None = None
        try:
            if value := condition():
                return value
        except AssertionError as error:
            refusal = error
        if time.monotonic() >= deadline:
            raise never(condition, timeout, what) from refusal
        time.sleep(every)
        every = min(1.5 * every, longest)


def never(condition: Callable[[], Any], timeout: float, what: str) -> AssertionError:
    """The failure that names what did not happen."""
    if not what:
        try:
            what = " ".join(inspect.getsource(condition).split())
        except (OSError, TypeError):
            what = repr(condition)
    return AssertionError(f"not within {timeout:g} s: {what}")
