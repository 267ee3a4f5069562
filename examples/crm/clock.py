"""What day it is where the CRM's people are."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

TIMEZONE = "Europe/London"


def today() -> date:
    return datetime.now(ZoneInfo(TIMEZONE)).date()
