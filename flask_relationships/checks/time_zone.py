"""Check the time zone that decides the date, beside those of the server and of Flask-Babel."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import current_app

from ..api.application import state
from ..config import PREFIX
from .check_run import CheckRun
from .results import CheckResult, Kind

PAGE = "life-events.md#dates"

TIME_ZONE = Kind("time_zone", "ok", "The time zone, and the present date in it.", PAGE)
TIME_ZONE_DEFAULT = Kind(
    "time_zone_default",
    "ok",
    "No time zone is set, so days begin and end in UTC.",
    PAGE,
    "Set RELATIONSHIPS_TIMEZONE to the time zone of the users, such as Europe/London.",
)
SERVER_DIFFERS = Kind(
    "server_time_zone_differs",
    "ok",
    "The server's clock is in another time zone. This is harmless: dates never depend on it.",
    PAGE,
)
BABEL_DIFFERS = Kind(
    "babel_time_zone_differs",
    "warning",
    "Flask-Babel shows times in another time zone than the one that decides the date.",
    PAGE,
    "Set BABEL_DEFAULT_TIMEZONE and RELATIONSHIPS_TIMEZONE to the same value.",
)
DATA_MISSING = Kind(
    "time_zone_data_missing",
    "error",
    "This machine has no data of the time zone. Every request that needs a date fails.",
    PAGE,
    "Install the system's time zone data, or run pip install tzdata.",
)


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Compare RELATIONSHIPS_TIMEZONE with the server and with Flask-Babel."""
    del run
    name = state.settings.timezone
    try:
        today, now = state.today().isoformat(), state.clock().astimezone(ZoneInfo(name))
    except ZoneInfoNotFoundError:
        yield DATA_MISSING.result(f"This machine has no data of the time zone {name}.")
        return
    if f"{PREFIX}TIMEZONE" in current_app.config:
        yield TIME_ZONE.result(f"Today is {today}, in {name}.")
    else:
        yield TIME_ZONE_DEFAULT.result(f"RELATIONSHIPS_TIMEZONE is not set. Today is {today}, in UTC.")
    server = state.clock().astimezone()
    if server.utcoffset() != now.utcoffset():
        offsets = server.isoformat()[-6:], now.isoformat()[-6:]
        yield SERVER_DIFFERS.result("The server's clock is at UTC{}, the time zone at UTC{}.".format(*offsets))
    babel = current_app.config.get("BABEL_DEFAULT_TIMEZONE")
    if babel is not None and str(babel) != name:
        yield BABEL_DIFFERS.result(f"BABEL_DEFAULT_TIMEZONE is {babel}, RELATIONSHIPS_TIMEZONE is {name}.")
