"""How limits are written in the configuration, and what is said of those that are not."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from flask_relationships.config import read_settings
from flask_relationships.config.values import QuietHours, Rate


def setting(name: str, value: Any) -> Any:
    settings, mistakes = read_settings({f"RELATIONSHIPS_{name}": value})
    assert mistakes == []
    return getattr(settings, name.lower())


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("100 per day", Rate(100, 86_400)),
        ("5 per hour", Rate(5, 3600)),
        ("1 per second", Rate(1, 1)),
        ("20 per 10 minutes", Rate(20, 600)),
        ("7 per 2 weeks", Rate(7, 1_209_600)),
    ],
)
@pytest.mark.parametrize("name", ["MESSAGES_PER_USER", "MESSAGES_PER_CONTACT", "MESSAGES_PER_APPLICATION"])
def test_rates(name: str, written: str, rate: Rate) -> None:
    assert setting(name, written) == rate


@pytest.mark.parametrize("written", ["GB, us", ["gb", "US"], ("GB", "US"), {"GB", "US"}])
def test_countries(written: Any) -> None:
    assert setting("COUNTRIES", written) == {"GB", "US"}


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("21:00-08:00", QuietHours(time(21), time(8))),
        ("00:00-06:30", QuietHours(time(0), time(6, 30))),
    ],
)
def test_quiet_hours(written: str, hours: QuietHours) -> None:
    assert setting("QUIET_HOURS", written) == hours


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("MESSAGES_PER_USER", value) for value in (100, "100", "0 per day", "5 per 0 days", "-1 per day", "")),
        *(("MESSAGES_PER_USER", value) for value in ("5 per month", "5/day", " 5 per day", "5.5 per day", "٥ per day")),
        *(("COUNTRIES", value) for value in ("UK", "GB, ", "", [], "England", "XX", ["GB", 1], 44)),
        *(("QUIET_HOURS", value) for value in ("21-8", "21:00-21:00", "24:00-08:00", "21:00 - 08:00", "", 21, [])),
        *(("WHATSAPP_WINDOW", value) for value in ("", "off", True)),
    ],
)
def test_what_is_no_limit_is_a_mistake_that_shows_one(name: str, value: Any) -> None:
    settings, mistakes = read_settings({f"RELATIONSHIPS_{name}": value})
    assert settings is None
    (mistake,) = mistakes
    assert mistake.code == "config_value"
    assert mistake.message.startswith(f"RELATIONSHIPS_{name} must be")
    examples = ("100 per day", "GB, US", "21:00-08:00", "advise, enforce")
    assert any(example in mistake.message for example in examples)


def test_all_are_off_until_configured() -> None:
    settings, _ = read_settings({})
    assert settings is not None
    limits = (settings.messages_per_user, settings.messages_per_contact, settings.messages_per_application)
    assert (*limits, settings.countries, settings.quiet_hours) == (None,) * 5
    assert settings.whatsapp_window == "advise"
