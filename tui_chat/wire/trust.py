"""Which certificates count, and what does a failed proof mean?"""

from __future__ import annotations

import re
import ssl
from pathlib import Path

from tui_chat.errors import WireError
from tui_chat.wire.gateway import is_loopback


def trusted(url: str, ca_file: str) -> ssl.SSLContext:
    """The certificates to trust for an address: the system's, and those of `ca_file`. Nothing trusts everything.

    Raises:
        WireError: "error.ca_file", it can't be read or holds none.
    """
    if is_loopback(url) and url.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; the real one takes 30 ms to load
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            context.load_verify_locations(cafile=Path(ca_file).expanduser())
        except (OSError, RuntimeError, ssl.SSLError):
            raise WireError("error.ca_file", path=ca_file) from None
    return context


def as_host(context: ssl.SSLContext, host: str) -> ssl.SSLContext:
    """The context, asking whoever it talks to to be `host`: the connection is to an address, or through a proxy."""
    wrap = context.wrap_bio

    def wrap_bio(
        incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, server_side: bool = False, *_: object, **__: object
    ) -> ssl.SSLObject:
        return wrap(incoming, outgoing, server_side=server_side, server_hostname=host)

    context.wrap_bio = wrap_bio  # type: ignore[method-assign]
    return context


def tls_reason(error: BaseException) -> str:
    """Why a handshake failed, in the words of the library, without its file names."""
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_message:
        return error.verify_message[:200]
    return re.sub(r"^\[[^]]*\]\s*|\s*\(_ssl\.c:\d+\)$", "", str(error) or type(error).__name__)[:200]
