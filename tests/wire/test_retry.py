"""What servers ask us to wait."""

import pytest

from tui_chat.wire.retry import pause_s, retry_after_s

DATE = "Sun, 23 Aug 2026 06:15:42 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3),
        ({"retry-after": " 3 "}, 3),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9),
        ({"retry-after": "1e9"}, 1e9),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Sun, 23 Aug 2026 06:16:02 GMT", "date": DATE}, 20),
        ({"retry-after": "Sun, 23 Aug 2026 06:10:00 GMT", "date": DATE}, 0),
        ({"retry-after": "Sun, 23 Aug 2026 08:16:02 +0200", "date": DATE}, 20),
        ({"retry-after": "Sun, 99 Foo 2026", "date": DATE}, None),
        ({"retry-after": "Sun, 23 Aug 1970 06:16:02 GMT", "date": "nonsense"}, 0),
    ],
)
def test_every_form_of_retry_after(headers, seconds):
    assert retry_after_s(headers) == seconds


def test_our_own_patience_doubles_up_to_eight_seconds():
    assert [pause_s(attempt, None, 0) for attempt in (1, 2, 3, 9)] == [0.5, 1, 2, 8]
    assert pause_s(1, None, 1) == 0.375
    assert pause_s(1, 7.0, 1) == 7.0
