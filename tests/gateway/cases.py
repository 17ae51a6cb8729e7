"""All named cases of the gateway's behaviour, and ways to pick from them."""

from __future__ import annotations

from tests.gateway import cases_errors, cases_rich, cases_text
from tests.gateway.case import Case

CASES: tuple[Case, ...] = (*cases_text.CASES, *cases_errors.CASES, *cases_rich.CASES)
STREAMS: tuple[Case, ...] = tuple(case for case in CASES if case.is_stream)
"""Those that are a 200 event stream: their `body` may be decoded from bytes, without a socket."""
SMALL_STREAMS: tuple[Case, ...] = tuple(case for case in STREAMS if not case.large)
"""Those short enough to be cut at every byte."""
BY_NAME: dict[str, Case] = {case.name: case for case in CASES}


def case(name: str) -> Case:
    """The case of this name; KeyError where there is none."""
    return BY_NAME[name]


def numbered(*numbers: int) -> tuple[Case, ...]:
    """The cases of these rows of the case list."""
    return tuple(case for case in CASES if case.number in numbers)
