from hypothesis import given
from hypothesis import strategies as st

from bench.echo import BASE, LINE_KEYS, Sent, delays_ms, percentile, strokes

HOME = b"\x1b[H\x1b[K"


def keys(*due_s: float) -> list[Sent]:
    return [Sent(letter, due, BASE + "abc"[: n + 1]) for n, (letter, due) in enumerate(zip("abc", due_s, strict=False))]


def test_a_key_is_measured_from_when_it_was_due() -> None:
    pieces = [(0.0, BASE.encode()), (1.2, HOME + BASE.encode() + b"a"), (2.05, b"b")]
    assert [round(delay) for delay in delays_ms(keys(1.0, 2.0), pieces, 9.0)] == [200, 50]


def test_a_pause_of_the_program_delays_every_key_that_was_due_in_it() -> None:
    pieces = [(0.0, BASE.encode()), (5.0, b"abc")]
    assert [round(delay) for delay in delays_ms(keys(1.0, 2.0, 3.0), pieces, 9.0)] == [4000, 3000, 2000]


def test_output_before_a_key_or_without_it_is_no_echo() -> None:
    pieces = [(0.5, BASE.encode() + b"a"), (1.5, HOME + b"something else"), (1.75, HOME + BASE.encode() + b"a")]
    assert delays_ms(keys(1.0), pieces, 9.0) == [750.0]


def test_a_key_that_is_never_echoed_counts_until_the_end() -> None:
    assert delays_ms(keys(1.0, 2.0), [(1.5, BASE.encode() + b"a")], 4.0) == [500.0, 2000.0]


def test_a_character_taken_back_is_seen_by_its_absence() -> None:
    back = Sent("backspace", 1.0, BASE, BASE + "a")
    pieces = [(0.0, BASE.encode() + b"a"), (1.1, b"\x1b[40;1Hredrawn"), (1.3, HOME + BASE.encode())]
    assert [round(delay) for delay in delays_ms([back], pieces, 9.0)] == [300]


def test_what_is_typed_comes_at_fixed_times_and_stays_on_one_line() -> None:
    sent = list(strokes(10.0, 0.5, 3 * LINE_KEYS))
    assert [key.due_s for key in sent] == [10.0 + 0.5 * n for n in range(3 * LINE_KEYS)]
    assert max(len(key.shown) for key in sent) == len(BASE) + LINE_KEYS
    assert sent[2 * LINE_KEYS - 1].shown == BASE
    for key in sent:
        assert (key.gone == "") == (key.key != "backspace")


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_percentile_is_a_value_with_that_share_at_or_below_it(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


def test_percentiles_of_few() -> None:
    assert [percentile([3, 1, 2], share) for share in (0.5, 0.95, 0.99)] == [2, 3, 3]
    assert percentile([], 0.5) == 0.0
