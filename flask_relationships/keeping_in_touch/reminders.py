"""Actions that remind of keeping in touch: made by `remind` as time goes by, so many a day for each assignee at most.

Whom to remind of is decided in one statement, the most overdue first within each assignee. Whoever asks at the same
time sees the same order, begun where another left off: together they make no more than one of them would. The unique
key (profile, day it was due) decides who makes an action; all that follows is a conditional change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..actions import many
from ..actions import service as actions
from ..binding.host_values import HostValues
from ..binding.hosts import SYSTEM, Hosts
from ..contacts import activity
from ..fields import Name
from ..life_events.occurrences import days_from
from ..life_events.templates import KEEP_IN_TOUCH, fill, template_of
from ..state import state
from ..tables.build import Models
from ..tables.execute import changed, execute, retried
from ..translations import marked, text
from . import assignees, cadence
from .early import is_early

BATCH = 100
"""How many actions are made, or dismissed, in one transaction."""

ATTEMPTS = 6

NAMELESS = marked("Get in touch")
"""The title where no wording of the template fits."""


class Reminded(NamedTuple):
    """The actions that were made; those that were dismissed because somebody was in touch meanwhile; and those of them
    that were opened again, because nobody had been after all."""

    made: list[UUID]
    dismissed: list[UUID]
    reopened: Sequence[UUID] = ()


def remind(session: Session, models: Models, hosts: Hosts, today: date) -> Reminded:
    """Make the actions of those with whom somebody should be in touch by now; commits in small batches.

    Idempotent, in any number of processes. A contact has at most one of these actions open. One that is dismissed
    comes back after a whole cadence more, and after any outage there is one action, not one for each day missed.
    """
    dismissed = _each(session, _outlived(session, models), lambda batch: _dismiss(session, models, batch))
    retried(session, lambda: _put_off(session, models, today), ATTEMPTS, unless=lambda: False)
    due = _whom(session, models, hosts, today)
    session.commit()
    reopened = _each(session, due, lambda batch: _open_again(session, models, batch))
    return Reminded(_each(session, due, lambda batch: _make(session, models, batch, today)), dismissed, reopened)


def count(session: Session, models: Models, hosts: Hosts, today: date) -> int:
    """How many `remind` would make, as far as can be told without writing."""
    return len(_whom(session, models, hosts, today))


def _each(session: Session, rows: Sequence[Any], do: Any) -> list[UUID]:
    done: list[UUID] = []
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        done += retried(session, lambda: do(batch), ATTEMPTS, unless=lambda: False)
    return done


def _outlived(session: Session, models: Models) -> list[UUID]:
    """Return the open reminders of what has happened since, is wanted no more, or is too early."""
    action, profile = models.Action, models.Profile
    over = sa.or_(profile.cadence_days.is_(None), profile.last_contact_at >= action.created_at)
    later = profile.in_touch_due_day > state.today().toordinal()
    opened = sa.select(action.id, action.occurrence_date, profile.in_touch_due_day, over.label("over"))
    opened = opened.join(profile, profile.id == action.profile_id)
    opened = opened.where(action.status == "pending", sa.or_(over, later)).order_by(action.id)
    rows = execute(session, models.mapper, opened).all()
    ids = [row.id for row in rows if row.over or is_early(row.occurrence_date, row.in_touch_due_day)]
    session.commit()
    return ids


def _dismiss(session: Session, models: Models, ids: list[UUID]) -> list[UUID]:
    action, now = models.Action, state.now()
    pending = sa.select(action).where(action.id.in_(ids), action.status == "pending")
    found = execute(session, models.mapper, pending).scalars().all()
    closed = actions.close_many(session, models, found, "dismissed", user=None, closed_by="plugin", now=now)
    session.commit()
    return [one.id for one in closed]


def _put_off(session: Session, models: Models, today: date) -> None:
    """Who is reminded already is not reminded again before a whole cadence more has passed."""
    table = models.Profile
    has_come = table.in_touch_remind_day <= today.toordinal()
    putting = sa.update(table).where(has_come, _open(models))
    changed(session, models.mapper, putting.values(in_touch_remind_day=cadence.next_reminder(table, today)))
    session.commit()


def _open(models: Models) -> sa.ColumnElement[bool]:
    action = models.Action
    return sa.exists().where(action.profile_id == models.Profile.id, action.status == "pending")


def _whom(session: Session, models: Models, hosts: Hosts, today: date) -> list[dict[str, Any]]:
    """The rows of the actions to make: the first of each assignee, less what they got today already."""
    most, chosen = state.settings.in_touch_per_day, []
    taken: Counter[Any] = Counter()
    passed, width = 0, most
    while True:
        found = execute(session, models.mapper, _ranked(models, hosts, today, passed, width)).all()
        contacts = hosts.contact.values(session, (row.contact_id for row in found), ("first_name", "active"), SYSTEM)
        for row in found:
            first_name, active = contacts.get(row.contact_id, (None, False))
            if activity.is_active_value(active) and taken[row.assignee] + row.made < most:
                taken[row.assignee] += 1
                chosen.append(_columns(row, first_name, today))
        if not found or activity.is_known_in_sql(hosts.contact):
            return _with_shown_assignees(session, hosts, chosen)
        passed, width = passed + width, width * 2


def _ranked(models: Models, hosts: Hosts, today: date, passed: int, width: int) -> sa.Select[Any]:
    """Whoever is due and not reminded, in each assignee's order from the place after ``passed`` on."""
    table, action = models.Profile, models.Action
    fields = [name for name in ("owner",) if name in hosts.contact.links]
    fields += activity.joined_fields(hosts)
    contacts = HostValues(hosts.contact, SYSTEM, {}, *fields)
    whose = assignees.assignee(models, hosts, contacts, SYSTEM)
    order = (table.in_touch_due_day, table.id)
    due = sa.select(
        table.id,
        table.contact_id,
        table.cadence_days,
        table.in_touch_due_day,
        whose.label("assignee"),
        sa.func.row_number().over(partition_by=whose, order_by=order).label("place"),
    )
    due = contacts.join(due.select_from(table), table.contact_id, inner=True).where(
        table.in_touch_remind_day <= today.toordinal(), ~_open(models), activity.condition(hosts, contacts)
    )
    ranked = due.subquery("due")
    begins, ends = (_midnight(day) for day in (today, days_from(today, 1)))
    made_today = sa.and_(action.created_at >= begins, action.created_at < ends)  # also what was put off since
    today_s = (action.profile_id.is_not(None), sa.or_(action.due_date == today, made_today))
    made = sa.select(action.assigned_to_user_id.label("assignee"), sa.func.count().label("made"))
    counted = made.where(*today_s).group_by(action.assigned_to_user_id).subquery("counted")
    already = sa.func.coalesce(counted.c.made, 0).label("made")
    return (
        sa.select(ranked, already)
        .outerjoin(counted, ranked.c.assignee.is_not_distinct_from(counted.c.assignee))
        .where(ranked.c.place > passed, ranked.c.place <= passed + width, already < state.settings.in_touch_per_day)
        .order_by(ranked.c.in_touch_due_day, ranked.c.id)
    )


def _midnight(day: date) -> datetime:
    """When a day begins where the application is, as the tables keep it."""
    begins = datetime.combine(day, time.min, ZoneInfo(state.settings.timezone))
    return begins.astimezone(UTC).replace(tzinfo=None)


def _columns(row: Any, first_name: str | None, today: date) -> dict[str, Any]:
    late = today.toordinal() - row.in_touch_due_day
    wanted = date.fromordinal(row.in_touch_due_day + late // row.cadence_days * row.cadence_days)
    template = template_of(KEEP_IN_TOUCH, state.templates)
    words = fill(template, Name, title="", first_name=first_name, preferred_name=None, age=None)
    return {
        "profile_id": row.id,
        "contact_id": row.contact_id,
        "assigned_to_user_id": row.assignee,
        **words,
        "title": words["title"] or text(NAMELESS),
        "occurrence_date": wanted,
        "occurrence_key": wanted.isoformat(),
        "due_date": today,
    }


def _with_shown_assignees(session: Session, hosts: Hosts, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those assignees that only their own database tells to be gone."""
    users = hosts.user
    if users.joinable or not users.hooked:
        return rows
    shown = users.seen(session, (row["assigned_to_user_id"] for row in rows), SYSTEM)
    return [row if row["assigned_to_user_id"] in shown else {**row, "assigned_to_user_id": None} for row in rows]


def _open_again(session: Session, models: Models, rows: list[dict[str, Any]]) -> list[UUID]:
    """What this tool has dismissed of the very day for which there would be one now."""
    table, wanted = models.Action, {(row["profile_id"], row["occurrence_key"]): row for row in rows}
    ours = (table.status == "dismissed", table.closed_by == "plugin")
    asked = sa.select(table).where(table.profile_id.in_([row["profile_id"] for row in rows]), *ours)
    opened = []
    for action in execute(session, models.mapper, asked).scalars().all():
        row = wanted.get((action.profile_id, action.occurrence_key))
        how: Any = {"by": "plugin", "now": state.now()}
        if row is not None and actions.reopen(session, models, action, **how, **row):
            opened.append(action.id)
    session.commit()
    return opened


def _make(session: Session, models: Models, rows: list[dict[str, Any]], today: date) -> list[UUID]:
    table = models.Profile
    profiles = [row["profile_id"] for row in rows]
    # A batch that is begun again leaves out the contacts who were deleted meanwhile.
    found = set(execute(session, models.mapper, sa.select(table.id).where(table.id.in_(profiles))).scalars())
    rows = [row for row in rows if row["profile_id"] in found]
    made = many.add_absent(session, models, rows, now=state.now()) if rows else []
    reminded = sa.update(table).where(table.id.in_(profiles), table.in_touch_remind_day <= today.toordinal())
    changed(session, models.mapper, reminded.values(in_touch_remind_day=cadence.next_reminder(table, today)))
    session.commit()
    return made
