from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

import tui_chat
from tui_chat import words
from tui_chat.disk import FileChanged, FileTooLarge
from tui_chat.store.reasons import store_error


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (OSError(errno.ENOSPC, "x"), "store_full"),
        (OSError(errno.EDQUOT, "x"), "store_full"),
        (OSError(errno.EFBIG, "x"), "store_full"),
        (FileTooLarge(errno.EFBIG, "x"), "store_too_large"),
        (OSError(errno.EROFS, "x"), "store_read_only"),
        (PermissionError(errno.EACCES, "x"), "store_read_only"),
        (FileChanged(errno.ESTALE, "x"), "store_changed_outside"),
        (OSError(errno.EIO, "x"), "store_failed"),
        (OSError(), "store_failed"),
    ],
)
def test_what_a_failure_means(error: OSError, key: str) -> None:
    explained = store_error(error, Path("f"))
    assert (explained.key, explained.facts["path"]) == (f"error.{key}", "f")


def test_every_error_of_the_store_can_be_said_in_each_language() -> None:
    folder = Path(tui_chat.__file__).parent / "store"
    keys = {key for file in folder.glob("*.py") for key in re.findall(r'"(error\.\w+)"', file.read_text("utf-8"))}
    assert len(keys) > 30
    for language in words.LANGUAGES:
        assert {key for key in keys if f"{key}.says" not in words.sentences(language)} == set()
