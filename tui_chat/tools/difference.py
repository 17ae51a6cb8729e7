"""What would change in a file? A unified diff that tells all of it, made in bounded time.

`difflib` takes minutes over two long texts that have little in common. So what begins and ends alike is put aside
first, and a middle that is still long is shown as taken out and put in.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

_CONTEXT = 3
_COMPARED_LINES = 1500
"""Of either text; a longer middle is not compared line by line."""


def unified(old: str | None, new: str, name: str) -> str:
    """The unified diff from `old` (None: there is no file yet) to `new`, "" where they are the same.

    It can be applied: every line stands in it as it is, and a last line without an end is marked as `diff` does.
    """
    before, after = _lines(old or ""), _lines(new)
    if old is not None and before == after:
        return ""
    head = ["--- /dev/null\n" if old is None else f"--- {name}\n", f"+++ {name}\n"]
    return "".join([*head, *_hunks(before, after)])


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _hunks(before: list[str], after: list[str]) -> Iterator[str]:
    for group in _groups(before, after):
        first, last = group[0], group[-1]
        yield f"@@ -{_span(first[1], last[2])} +{_span(first[3], last[4])} @@\n"
        for kind, old_from, old_to, new_from, new_to in group:
            if kind == "equal":
                yield from (_line(" ", line) for line in before[old_from:old_to])
            else:
                yield from (_line("-", line) for line in before[old_from:old_to])
                yield from (_line("+", line) for line in after[new_from:new_to])


def _groups(before: list[str], after: list[str]) -> Iterator[list[tuple[str, int, int, int, int]]]:
    """The changes with their context, as `difflib` gives them, counted from the beginning of both texts."""
    shorter = min(len(before), len(after))
    start = next((index for index in range(shorter) if before[index] != after[index]), shorter)
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    skipped = max(0, start - _CONTEXT)
    kept, tail = start - skipped, min(end, _CONTEXT)
    if max(len(old), len(new)) > _COMPARED_LINES:
        group = [("replace", start, start + len(old), start, start + len(new))]
        if kept:
            group.insert(0, ("equal", skipped, start, skipped, start))
        if tail:
            group.append(("equal", start + len(old), start + len(old) + tail, *_after(start + len(new), tail)))
        yield group
        return
    shown_old = before[skipped : start + len(old) + tail]
    shown_new = after[skipped : start + len(new) + tail]
    for group in difflib.SequenceMatcher(None, shown_old, shown_new, autojunk=False).get_grouped_opcodes(_CONTEXT):
        yield [(kind, a + skipped, b + skipped, c + skipped, d + skipped) for kind, a, b, c, d in group]


def _after(begin: int, length: int) -> tuple[int, int]:
    return begin, begin + length


def _span(begin: int, end: int) -> str:
    length = end - begin
    if length == 1:
        return str(begin + 1)
    return f"{begin + 1 if length else begin},{length}"


def _line(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"
