"""What day is it? A model knows only the days before it was trained."""

from __future__ import annotations

from datetime import datetime

from tui_chat.errors import ToolError
from tui_chat.tools.function import tool_of
from tui_chat.tools.tool import Tool


def current_time(time_zone: str = "") -> str:
    """Tell the current date, time, day of the week and time zone of this computer, or the time elsewhere.

    Args:
        time_zone: IANA name such as "Asia/Shanghai" or "UTC"; leave it out for this computer's own zone.
    """
    return said(now(time_zone))


def now(time_zone: str = "") -> datetime:
    """The time here, or in a zone of the IANA's list; raises ToolError where there is no such zone."""
    if not time_zone:
        return datetime.now().astimezone()
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return datetime.now(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder of the list, "../x", a broken file
        if time_zone.upper() in ("UTC", "GMT", "Z"):  # Windows keeps no list of zones
            from datetime import UTC

            return datetime.now(UTC)
        raise ToolError("error.tool_time_zone", zone=time_zone[:60]) from error


def said(moment: datetime) -> str:
    """A moment for the model: ISO 8601, the weekday, the zone's name."""
    zone = str(moment.tzinfo) if getattr(moment.tzinfo, "key", None) else moment.tzname() or ""
    # The names are English whatever the locale: `strftime` would follow it.
    weekday = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[moment.weekday()]
    year, week, _ = moment.isocalendar()
    return f"{moment.isoformat(timespec='seconds')} ({weekday}, week {week} of {year}, {zone})"


CLOCK: Tool = tool_of(current_time, "harmless", timeout_s=5)
