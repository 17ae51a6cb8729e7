from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_chat.ui.transcript.heights import Heights

few = st.lists(st.integers(0, 9), max_size=40)


@given(few)
def test_tops_are_sums_of_what_is_above(heights: list[int]) -> None:
    made = Heights(heights)
    assert [made.top(i) for i in range(len(heights) + 1)] == [sum(heights[:i]) for i in range(len(heights) + 1)]
    assert made.total == sum(heights)


@given(few)
def test_each_row_is_found_in_the_one_that_holds_it(heights: list[int]) -> None:
    made = Heights(heights)
    rows = [(i, sum(heights[:i])) for i, height in enumerate(heights) for _ in range(height)]
    assert [made.find(y) for y in range(made.total)] == rows
    assert made.find(made.total) == (len(heights), made.total)


@given(few, st.lists(st.tuples(st.sampled_from(["append", "pop", "set"]), st.integers(0, 50), st.integers(0, 9))))
def test_changes_are_as_if_made_anew(heights: list[int], changes: list[tuple[str, int, int]]) -> None:
    made, plain = Heights(heights), list(heights)
    for what, where, height in changes:
        if what == "append":
            made.append(height)
            plain.append(height)
        elif plain and what == "pop":
            assert made.pop() == plain.pop()
        elif plain:
            made.set(where % len(plain), height)
            plain[where % len(plain)] = height
        anew = Heights(plain)
        tops = range(len(plain) + 1)
        assert (made.total, [made.top(i) for i in tops]) == (anew.total, [anew.top(i) for i in tops])
        assert [made.find(y) for y in range(made.total)] == [anew.find(y) for y in range(made.total)]
