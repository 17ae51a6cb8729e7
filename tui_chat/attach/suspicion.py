"""Does a file look like a secret that someone attached by accident? By its name and by how it begins.

A suspicion is a question to the person ("send anyway?"), never a refusal: keys have public halves, and documents talk
about keys. What is refused without asking, the app's own key store, is `reading.py`'s matter.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from tui_chat.attach.kind import Note

_LOOK_BYTES = 256 * 1024

_PUBLIC = ("*.pub", "*.example", "*.sample", "*.template", "*.dist")
_KEY_NAMES = (
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "*.p12",
    "*.pfx",
    "*.ppk",
    "*.keystore",
    "*.jks",
    "*.key",
)
_ENVIRONMENT_NAMES = (".env", ".env.*", "*.env", ".envrc")
_CREDENTIAL_NAMES = (
    "credentials",
    "credentials.*",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".htpasswd",
    "shadow",
    "kubeconfig",
    "*.kdbx",
    "client_secret*.json",
    "application_default_credentials.json",
    "service-account*.json",
    "secrets.*",
    "*.tfstate",
)
_KEY = re.compile(
    rb"^[ \t]*-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|^PuTTY-User-Key-File-\d"
    rb'|"private_key"\s*:\s*"-----BEGIN',
    re.MULTILINE,
)
_TOKEN = re.compile(
    rb"(?<![A-Za-z0-9_-])(?:sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}"
    rb"|glpat-[A-Za-z0-9_-]{20,}|xox[abeprs]-[A-Za-z0-9-]{20,}|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}"
    rb"|hf_[A-Za-z0-9]{30,})(?![A-Za-z0-9])"
)


def suspicion(name: str, content: bytes) -> Note | None:
    """Why this file may be a secret, or None. Looks at the name and at the first 256 KB."""
    head = content[:_LOOK_BYTES]
    lowered = name.lower()
    public = _matches(lowered, _PUBLIC)
    if _KEY.search(head) or (not public and _matches(lowered, _KEY_NAMES)):
        return Note("attach.secret_key", {"name": name})
    if not public and _matches(lowered, _ENVIRONMENT_NAMES):
        return Note("attach.secret_environment", {"name": name})
    if not public and _matches(lowered, _CREDENTIAL_NAMES):
        return Note("attach.secret_credentials", {"name": name})
    if _TOKEN.search(head):
        return Note("attach.secret_token", {"name": name})
    return None


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
