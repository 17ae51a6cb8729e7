"""What is the warden told to do? One value that travels to it as bytes.

A file of its own, because the warden, which is started for every run, must not spend time on importing types.
"""

from __future__ import annotations

import marshal
from typing import NotRequired, TypedDict


class LandlockOrder(TypedDict):
    """What `landlock.restrict` is to be called with."""

    writable: list[str]
    hidden: list[str]
    network: bool


class Order(TypedDict):
    """What the warden is told to do."""

    argv: list[str]
    folder: str
    environment: dict[str, str]
    grace_s: float
    """Between TERM and KILL."""
    spare_first: bool
    """The program started is a sandbox that takes everything in it along: it gets no TERM, what runs in it does."""
    filter: str
    """The seccomp filter, in hexadecimal; "" for none."""
    filter_by_program: bool
    """The program installs the filter itself, from `FILTER_FD`."""
    landlock: NotRequired[LandlockOrder]


def packed(order: Order) -> bytes:
    """The order as it travels: its length in eight bytes, then the value as only this very Python reads it."""
    data = marshal.dumps(dict(order))
    return len(data).to_bytes(8, "big") + data
