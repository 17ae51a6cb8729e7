"""How is a SOCKS proxy asked for a connection? SOCKS 5 with names left to the proxy (RFC 1928, RFC 1929)."""

from __future__ import annotations

from tui_chat.wire.gateway import as_number
from tui_chat.wire.line import Line

_OPEN, _BY_PASSWORD = 0, 2
_GRANTED = 0
_V4, _BY_NAME, _V6 = 1, 3, 4
_ADDRESS_BYTES = {_V4: 4, _V6: 16}


async def ask_through(line: Line, host: str, port: int, user: bytes, password: bytes) -> bool:
    """Have a proxy connect its line to a host; whether it does. Raises OSError, and ValueError for what is too long."""
    way = _BY_PASSWORD if user or password else _OPEN
    await line.write(bytes((5, 1, way)))
    if await line.exactly(2) != bytes((5, way)):
        return False
    if way == _BY_PASSWORD:
        await line.write(b"\1" + _counted(user) + _counted(password))
        if (await line.exactly(2))[1] != _GRANTED:
            return False
    await line.write(b"\5\1\0" + _address(host) + port.to_bytes(2, "big"))
    version, answer, _reserved, kind = await line.exactly(4)
    if (version, answer) != (5, _GRANTED):
        return False
    length = (await line.exactly(1))[0] if kind == _BY_NAME else _ADDRESS_BYTES.get(kind)
    if length is None:
        return False
    await line.exactly(length + 2)  # the address and port it connects from
    return True


def _address(host: str) -> bytes:
    number = as_number(host)
    if number is None:
        return bytes((_BY_NAME,)) + _counted(host.encode("ascii"))
    return bytes((_V4 if number.version == 4 else _V6,)) + number.packed


def _counted(text: bytes) -> bytes:
    return bytes((len(text),)) + text
