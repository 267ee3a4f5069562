"""Many contacts that somebody wants to be in touch with: how long it takes to remind of those that are due.

Everybody's first ones are made, then none on the same day, then those of the next day by eight processes at once.

Then the same of contacts with owners, each scope's page of the overdue, and runs of the job, ``--owned`` contacts.

``python -m tests.benchmarks.keeping_in_touch [--database URL] [--contacts 300000] [--due 6000] [--assignees 50]
[--owned 0] [--owned-due 0]``
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from flask_relationships.domain.keeping_in_touch import reminders
from tests.benchmarks import owned_contacts
from tests.benchmarks.command import run
from tests.hosts.ordinary import Contact, OrdinaryHost, User, create_app

TODAY = date(2026, 3, 2)

PER_DAY = 10

FIRST_USER = 1001
"""Above those that the database numbers itself."""


def measure(
    url: str, *, contacts: int, due: int, assignees: int, processes: int, owned: int, owned_due: int
) -> tuple[list[dict[str, Any]], bool]:
    lines, right = _measure_assignees(url, contacts=contacts, due=due, assignees=assignees, processes=processes)
    if owned:
        found, as_expected = owned_contacts.measure(url, owned, owned_due)
        return lines + found, right and as_expected
    return lines, right


def _measure_assignees(
    url: str, *, contacts: int, due: int, assignees: int, processes: int
) -> tuple[list[dict[str, Any]], bool]:
    host = OrdinaryHost(url)
    try:
        with host.app.app_context():
            _fill(host, contacts, due, assignees)
        wanted = min(due, assignees * PER_DAY)
        first = _timed(host, "the first run", TODAY)
        second = _timed(host, "again, the same day", TODAY)
        together = _together(host, url, processes, TODAY + timedelta(days=1))
        read = _read(host)
        with host.app.app_context():
            most = _most_on_one_day(host)
        lines = [first, second, together, read]
        left = min(due - wanted, assignees * PER_DAY)
        made = [line["actions"] for line in lines[:3]]
        return lines, made == [wanted, 0, left] and most <= PER_DAY
    finally:
        host.clean()
        host.close()


def _fill(host: OrdinaryHost, contacts: int, due: int, assignees: int) -> None:
    """Contacts with a cadence, of which so many are due, spread over the assignees."""
    session, now = host.session, host.state.now()
    users = range(FIRST_USER, FIRST_USER + assignees)
    members = [{"id": one, "name": f"User {one}", "level": "member", "access": "view"} for one in users]
    session.execute(sa.insert(User), members)
    profile, day = sa.inspect(host.models.Profile).local_table, TODAY.toordinal()

    def profiles() -> Iterator[dict[str, Any]]:
        for number in range(1, contacts + 1):
            due_day = day - number % 300 if number <= due else day + 1 + number % 300
            yield {
                "id": uuid7(),
                "contact_id": number,
                "birthday_in_full": False,
                "interests": [],
                "twilio_opt_in": False,
                "cadence_days": 400,
                "cadence_set_by_user_id": number % assignees + FIRST_USER,
                "in_touch_due_day": due_day,
                "in_touch_remind_day": due_day,
                "created_at": now,
                "updated_at": now,
            }

    people = ({"id": number, "first_name": "Ada", "last_name": f"Byron {number}"} for number in range(1, contacts + 1))
    for table, rows in ((Contact.__table__, people), (profile, profiles())):
        while batch := list(islice(rows, 5000)):
            session.execute(sa.insert(table), batch)
    session.commit()


def _timed(host: OrdinaryHost, what: str, today: date) -> dict[str, Any]:
    with host.app.app_context():
        before, began = _peak(), time.monotonic()
        made = len(reminders.remind(host.state.context(), today).made)
        line = _line(what, made, began)
    return line | {"grown MiB": round(_peak() - before, 1)}


def _peak() -> float:
    """The most memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _line(what: str, made: int, began: float) -> dict[str, Any]:
    return {"what": what, "actions": made, "seconds": round(time.monotonic() - began, 2), "grown MiB": ""}


def _together(host: OrdinaryHost, url: str, processes: int, today: date) -> dict[str, Any]:
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawned) as workers:
        list(workers.map(_ready, range(processes)))
        began = time.monotonic()
        made = sum(workers.map(_remind, [url] * processes, [today] * processes))
        return _line(f"the next day, {processes} processes", made, began)


def _ready(_number: int) -> None:
    time.sleep(0.2)


def _remind(url: str, today: date) -> int:
    app = create_app(url)
    state = app.extensions["relationships"]
    with app.app_context():
        return len(reminders.remind(state.context(), today).made)


def _read(host: OrdinaryHost) -> dict[str, Any]:
    api = host.person("view", level="executive")
    began = time.monotonic()
    found = api.get("/contacts/neglected", limit=50)
    return _line("GET /contacts/neglected, a page", len(found["contacts"]), began)


def _most_on_one_day(host: OrdinaryHost) -> int:
    table = host.models.Action
    rows = host.session.execute(sa.select(table.assigned_to_user_id, table.due_date))
    return max(Counter(tuple(row) for row in rows).values())


if __name__ == "__main__":
    run(__doc__, measure, contacts=300_000, due=6_000, assignees=50, processes=8, owned=0, owned_due=0)
