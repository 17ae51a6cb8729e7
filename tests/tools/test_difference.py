"""A diff tells all of a change: applied to what was, it gives what will be."""

import random
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.long_form import long_form
from tui_chat.tools.difference import unified

HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n")


def applied(old: str, diff: str) -> str:
    """What a strict `patch` would make of it."""
    before = re.findall(r"[^\n]*\n|[^\n]+$", old)
    rows = re.findall(r"[^\n]*\n|[^\n]+$", diff)[2:]
    done: list[str] = []
    at = 0
    while rows:
        hunk = HUNK.fullmatch(rows.pop(0))
        assert hunk is not None
        first, length, new_first, new_length = int(hunk[1]), int(hunk[2] or 1), int(hunk[3]), int(hunk[4] or 1)
        start = first - 1 if length else first
        done += before[at:start]
        assert len(done) == (new_first - 1 if new_length else new_first)
        at, begin = start, len(done)
        while rows and not HUNK.fullmatch(rows[0]):
            row = rows.pop(0)
            bare = bool(rows) and rows[0] == "\\ No newline at end of file\n"
            if bare:
                rows.pop(0)
            line = row[1:-1] if bare else row[1:]
            if row[0] in " -":
                assert before[at] == line
                at += 1
            if row[0] in " +":
                done.append(line)
        assert (at - start, len(done) - begin) == (length, new_length)
    return "".join(done + before[at:])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\nb", "a\nb\n"),
        ("a\nb\n", "a\nb"),
        ("", "x"),
        ("x\n", ""),
        ("a\r\nb\r\n", "a\r\nb\n"),
        ("one\u2028line\x0cstill\n", "one\u2028line\x0cchanged\n"),
        ("@@ -1 +1 @@\n", "--- a\n+++ b\n"),
        ("same\n" * 50, "same\n" * 20 + "new\n" + "same\n" * 30),
        ("\n\n\n", "\n\n"),
    ],
)
def test_what_the_diff_says_is_what_is_written(old: str, new: str):
    assert applied(old, unified(old, new, "f")) == new


def test_random_changes_apply_too():
    chance = random.Random(7)
    for _ in range(long_form("DIFFS", 400)):
        words = ["", "a", "b", "longer line", "c\r", "+x", "-y", " z", "\\ No"]
        old = [chance.choice(words) for _ in range(chance.randint(0, 30))]
        new = list(old)
        for _ in range(chance.randint(0, 5)):
            where = chance.randint(0, len(new))
            new[where : where + chance.randint(0, 3)] = [chance.choice(words)] * chance.randint(0, 3)
        before, after = "\n".join(old), "\n".join(new)
        diff = unified(before, after, "f")
        assert (applied(before, diff) if diff else before) == after


def test_a_new_file_comes_from_nowhere_and_no_change_is_no_diff():
    assert unified(None, "a\n", "f") == "--- /dev/null\n+++ f\n@@ -0,0 +1 @@\n+a\n"
    assert unified(None, "", "f") == "--- /dev/null\n+++ f\n"
    assert unified("a\n", "a\n", "f") == ""


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch")
def test_patch_takes_it(tmp_path: Path):
    old, new = "1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\nthree\n4\n5\n6\n7\n8\n9\n10\n"
    (tmp_path / "f").write_text(old)
    subprocess.run(["patch", "-s", "f"], input=unified(old, new, "f"), text=True, check=True, cwd=tmp_path)
    assert (tmp_path / "f").read_text() == new


def test_two_long_texts_with_nothing_in_common_take_no_time():
    chance = random.Random(1)
    old = "".join(f"{chance.randint(0, 50)}\n" for _ in range(12_000))
    new = "".join(f"{chance.randint(0, 50)}\n" for _ in range(12_000))
    started = time.process_time()
    assert applied(old, unified(old, new, "f")) == new
    assert applied(old, unified(old, old[:6000] + "x\n" + old[6000:], "f")).count("x\n") == 1
    assert time.process_time() - started < 3
