"""The clock tells the time of this computer, or of a zone, in English whatever the locale."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tui_chat.errors import ToolError
from tui_chat.tools.clock import CLOCK, current_time, now, said


def test_it_tells_now():
    before = datetime.now(UTC)
    assert before - timedelta(seconds=1) <= now() <= datetime.now(UTC)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d \(\w+day, week \d+ of \d{4}, .*\)", current_time()
    )


def test_a_moment_is_told_with_weekday_week_and_zone():
    moment = datetime(2027, 1, 1, 9, 5, tzinfo=timezone(timedelta(hours=8), "CST"))
    assert said(moment) == "2027-01-01T09:05:00+08:00 (Friday, week 53 of 2026, CST)"


def test_other_zones_are_known_by_name():
    assert now("Asia/Shanghai").utcoffset() == timedelta(hours=8)
    assert now("UTC").utcoffset() == timedelta(0)
    assert said(now("Asia/Shanghai")).endswith("Asia/Shanghai)")


@pytest.mark.parametrize("zone", ["Nowhere/Town", "../etc/passwd", "/etc/passwd", "Asia", "\0", "x" * 5000])
def test_a_zone_that_is_none_is_said_to_be_none(zone: str):
    with pytest.raises(ToolError) as caught:
        current_time(zone)
    assert caught.value.key == "error.tool_time_zone"


def test_it_needs_no_argument():
    assert "required" not in CLOCK.parameters
    assert CLOCK.danger == "harmless"
