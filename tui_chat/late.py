"""How is a pattern compiled when it is first looked for, and not when its module is imported?

Compiling takes 0.1 to 2 ms of a slow processor each, and most starts need few of them.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, AnyStr, cast


def pattern(source: AnyStr, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, made when one of its methods is first called; from then on it costs the same.

    It has a pattern's methods; where a function of `re` wants a pattern itself, use `re.compile`.
    """
    return cast(re.Pattern[AnyStr], _Late(source, flags))


class _Late:
    def __init__(self, source: Any, flags: re.RegexFlag) -> None:
        self._source, self._flags = source, flags

    @cached_property
    def _made(self) -> Any:
        return re.compile(self._source, self._flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # no pattern has it; whoever copies looks for it before there is anything to make
            raise AttributeError(name)
        found = getattr(self._made, name)
        setattr(self, name, found)  # the next look does not come here
        return found
