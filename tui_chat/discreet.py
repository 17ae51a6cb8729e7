"""Which fields of a record may be shown? Those that hold no secret, in tracebacks as in logs."""

from __future__ import annotations

from typing import Any, ClassVar


class Discreet:
    """Makes a record show `SHOWN` alone, to `repr` and to Rich, which has a way of its own to ask a `Struct`.

    Stands before `Struct` among the bases.
    """

    __slots__ = ()
    SHOWN: ClassVar[tuple[str, ...]]
    """Names of fields."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in self.SHOWN]
