"""Which certificates count, and what does a failed proof mean?"""

from __future__ import annotations

import re
import ssl
from pathlib import Path

from tui_chat.errors import WireError


def trusted(ca_file: str) -> ssl.SSLContext:
    """The certificates to trust: the system's, and those of `ca_file`. Nothing trusts everything.

    Takes some 30 ms.

    Raises:
        WireError: "error.ca_file", it can't be read or holds none.
    """
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    if ca_file:
        try:
            context.load_verify_locations(cafile=Path(ca_file).expanduser())
        except (OSError, RuntimeError, ssl.SSLError):
            raise WireError("error.ca_file", path=ca_file) from None
    return context


def tls_reason(error: BaseException) -> str:
    """Why a handshake failed, in the words of the library, without its file names."""
    if isinstance(error, ssl.SSLCertVerificationError) and error.verify_message:
        return error.verify_message[:200]
    return re.sub(r"^\[[^]]*\]\s*|\s*\(_ssl\.c:\d+\)$", "", str(error) or type(error).__name__)[:200]
