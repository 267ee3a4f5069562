"""What docs/life-events.md shows of business days and templates."""

from __future__ import annotations

from datetime import date, timedelta

from flask_relationships import Template

HOLIDAYS = {date(2027, 12, 24)}


# start: business days
def friday_before(day: date) -> date:
    """The last day on which we work, up to this one."""
    while day.weekday() > 4 or day in HOLIDAYS:
        day -= timedelta(days=1)
    return day


# end: business days

# start: what actions say
TEMPLATES = {
    "birthday": Template(
        "card",
        title=("{first_name} will be {age}", "{first_name} has a birthday", "A birthday: {title}"),
        message="Happy birthday, {preferred_name}!",
    ),
    "contract_end": Template("call", title="Talk about renewal: {title}"),
    "other": Template("task"),
}
# end: what actions say
