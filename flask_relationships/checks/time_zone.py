"""What "today" is: the plugin's time zone beside those of the server and of Flask-Babel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import current_app

from ..api.application import state
from ..config import PREFIX
from .examination import Examination
from .findings import Finding, Kind

PAGE = "life-events.md#dates"

TIME_ZONE = Kind("time_zone", "ok", "The time zone, and the date there.", PAGE)
TIME_ZONE_DEFAULT = Kind(
    "time_zone_default",
    "ok",
    "No time zone was set, so days begin and end by UTC.",
    PAGE,
    "Set RELATIONSHIPS_TIMEZONE to where the users are, such as Europe/London.",
)
SERVER_DIFFERS = Kind(
    "server_time_zone_differs",
    "ok",
    "The server's own clock is in another time zone. That does no harm: the tool never asks it.",
    PAGE,
)
BABEL_DIFFERS = Kind(
    "babel_time_zone_differs",
    "warning",
    "Flask-Babel shows times in another time zone than the tool counts days in.",
    PAGE,
    "Give BABEL_DEFAULT_TIMEZONE and RELATIONSHIPS_TIMEZONE the same value.",
)
DATA_MISSING = Kind(
    "time_zone_data_missing",
    "error",
    "This machine does not know the time zone: every request that needs a date fails.",
    PAGE,
    "Install the system's time zone data, or pip install tzdata.",
)


def look(examination: Examination) -> Iterator[Finding]:
    del examination
    ours = state.settings.timezone
    try:
        today = state.today().isoformat()
        offset = state.clock().astimezone(ZoneInfo(ours)).utcoffset()
    except ZoneInfoNotFoundError:
        yield DATA_MISSING.found(f"There is no time zone data of {ours} on this machine.")
        return
    if f"{PREFIX}TIMEZONE" in current_app.config:
        yield TIME_ZONE.found(f"Today is {today}, in {ours}.")
    else:
        yield TIME_ZONE_DEFAULT.found(f"RELATIONSHIPS_TIMEZONE is not set: today is {today}, by UTC.")
    here = state.clock().astimezone()
    if here.utcoffset() != offset:
        yield SERVER_DIFFERS.found(f"The server's clock is {_hours(here.utcoffset())}, the tool's {_hours(offset)}.")
    babel = current_app.config.get("BABEL_DEFAULT_TIMEZONE")
    if babel is not None and str(babel) != ours:
        yield BABEL_DIFFERS.found(f"BABEL_DEFAULT_TIMEZONE is {babel}, RELATIONSHIPS_TIMEZONE {ours}.")


def _hours(offset: timedelta | None) -> str:
    minutes = int((offset or timedelta()).total_seconds()) // 60
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
