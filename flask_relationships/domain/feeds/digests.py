"""The digest of an assignee: actions that are overdue, due and coming, and neglected contacts.

It has the rows that this user may see at this moment. The application mails it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from uuid_utils.compat import uuid7

from ...api.dumping import dump_rows
from ...api.fields import Schema
from ...api.strict_json import encode
from ...context import Context, CurrentUser
from ...db.filters import ListFilter
from ...db.pagination import Page
from ...db.rows import Rows
from ...errors import Forbidden, PermissionCallbackMissing
from ...hosts.bound import SYSTEM
from ...translations import language, plural_text, text, written_day
from ..actions import queries as actions
from ..actions.schemas import Action
from ..contacts import activity
from ..keeping_in_touch import queries as keeping_in_touch
from ..keeping_in_touch.schemas import Neglected
from ..life_events.freshness import refresh_due
from ..life_events.occurrences import days_from
from ..texts import one_line
from .occurrences import name_occurrence
from .readers import reading_as

logger = logging.getLogger(__name__)

DAYS_AHEAD = 7

MAX_ACTIONS = 100
"""Actions in each part of a digest."""

MAX_NEGLECTED = 10
"""Neglected contacts in a digest."""

NOT_COUNTED = -1
"""The default of the counts, which `Digest` replaces with the lengths of its lists."""

MAX_ZONE_DAYS = 2
"""Days by which the dates of two time zones may differ: they are up to 26 hours apart."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The actions and neglected contacts of one user for one day.

    The lists have the members of the API, at most 100 actions each; the counts include all of them. ``more`` is true
    if something is left out. ``day`` and the days in the texts are those of ``time_zone``. The repr has no contents.
    The texts are in the language of Flask-Babel at the moment when they are read, if the application uses it.
    """

    user_id: str
    name: str | None = field(repr=False)
    day: date
    overdue: list[dict[str, Any]] = field(repr=False)
    today: list[dict[str, Any]] = field(repr=False)
    coming: list[dict[str, Any]] = field(repr=False)
    neglected: list[dict[str, Any]] = field(repr=False)
    more: bool
    overdue_count: int = NOT_COUNTED
    today_count: int = NOT_COUNTED
    coming_count: int = NOT_COUNTED
    time_zone: ZoneInfo = field(default=ZoneInfo("UTC"), repr=False)

    def __post_init__(self) -> None:
        """Count the lists of a digest that an application creates itself, as in its tests."""
        for part in ("overdue", "today", "coming"):
            if getattr(self, f"{part}_count") == NOT_COUNTED:
                object.__setattr__(self, f"{part}_count", len(getattr(self, part)))

    @property
    def subject(self) -> str:
        """The subject of the mail, without names: telephones show it on the lock screen."""
        return f"{written_day(self.day, 'MMMMd')}: {self.counted}"

    @property
    def counted(self) -> str:
        """The numbers of actions that are due and overdue, as text."""
        return text("{today} due today, {late} overdue", today=self.today_count, late=self.overdue_count)

    @property
    def text(self) -> str:
        """The mail as plain text."""
        return _environment().get_template("digest.txt").render(digest=self).strip() + "\n"

    @property
    def html(self) -> str:
        """The mail as a complete HTML document, with inline styles: mail programs ignore others."""
        return _environment().get_template("digest.html").render(digest=self).strip() + "\n"


class Found(NamedTuple):
    digest: Digest
    user: Any
    """The user, as the application's callbacks take it."""


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("flask_relationships.domain.feeds"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["day"] = lambda written: written_day(date.fromisoformat(written))
    made.filters["civil_day"] = _civil_day
    made.filters["line"] = lambda words: one_line(words or "")
    made.filters["occurrence"] = lambda action, day: name_occurrence(action, day) or ""
    made.filters["long_day"] = lambda day: written_day(day, "yMMMMd")
    made.globals |= {"text": text, "plural_text": plural_text, "language": language}
    return made


def _civil_day(written: str, zone: ZoneInfo) -> str:
    return written_day(datetime.fromisoformat(written).astimezone(zone).date())


def each(ctx: Context, day: date | None = None) -> Iterator[Found]:
    """Yield the digests that are not empty, in an application context. Users without permission have none.

    :param day: the day of the digests. None: for each user the present day in the user's time zone.
    """
    latest = day or days_from(ctx.today(), MAX_ZONE_DAYS if ctx.has_time_zones else 0)
    refresh_due(ctx, latest)
    assignees = _assignees(ctx, latest)
    names = ctx.hosts.user.values(ctx.session, assignees, ["name"], SYSTEM)
    zones = ctx.time_zones(assignees)
    for key in filter(names.get, assignees):
        present_day = ctx.clock().astimezone(zones[key]).date()
        try:
            with reading_as(key) as user:
                digest = _read(ctx, user, names[key][0], day or present_day, zones[key])
        except (Forbidden, PermissionCallbackMissing):
            logger.warning("a user with actions has no permission; the digest is skipped")
            continue
        if any((digest.overdue_count, digest.today_count, digest.coming_count, digest.neglected)):
            yield Found(digest, user.given)
    ctx.commit()


def claim(ctx: Context, digest: Digest) -> bool:
    """Return whether this process sends a digest: the first one that claims it. Commits."""
    table, new_id = ctx.models.SentDigest, uuid7()
    user = ctx.hosts.user.parse(ctx.session, digest.user_id)
    ctx.insert_if_absent(table, {"id": new_id, "user_id": user, "day": digest.day, "created_at": ctx.now()})
    ctx.commit()
    return ctx.execute(sa.select(table.id).where(table.id == new_id)).first() is not None


def release(ctx: Context, digest: Digest) -> None:
    """Release a digest that was not sent, so that the next process may claim it. Commits."""
    table = ctx.models.SentDigest
    user = ctx.hosts.user.parse(ctx.session, digest.user_id)
    ctx.update_where(sa.delete(table).where(table.user_id == user, table.day == digest.day))
    ctx.commit()


def _assignees(ctx: Context, day: date) -> list[Any]:
    table, until = ctx.models.Action, days_from(day, DAYS_AHEAD)
    assignees = sa.select(table.assigned_to_user_id).distinct()
    pending = (table.status == "pending", table.assigned_to_user_id.is_not(None), table.due <= until)
    found = set(ctx.execute(assignees.where(*pending)).scalars())
    return sorted(found | keeping_in_touch.find_assignees(ctx, day), key=str)


def _as_json(schema: type[Schema], rows: Rows) -> list[dict[str, Any]]:
    """Return rows as the API writes them, so that a receiver of the signal may pass them on as JSON."""
    found: list[dict[str, Any]] = json.loads(encode(dump_rows(schema, rows)))
    return found


def _read(ctx: Context, user: CurrentUser, name: str | None, day: date, zone: ZoneInfo) -> Digest:
    """Read the digest of a user in a constant number of statements; each part is limited by itself."""
    models = ctx.models
    table = models.Action
    parts = {
        "overdue": table.due < day,
        "today": table.due == day,
        "coming": sa.and_(table.due > day, table.due <= days_from(day, DAYS_AHEAD)),
    }
    mine = [table.status == "pending", table.assigned_to_user_id == user.key, table.due_date.is_not(None)]
    mine += _of_active_contacts(ctx, user, days_from(day, DAYS_AHEAD))
    counts = actions.count(ctx.seen_by(user.given), mine, parts)
    lists: dict[str, list[dict[str, Any]]] = {part: [] for part in parts}
    for part in filter(counts.get, parts):
        rows, _ = actions.read(ctx.seen_by(user.given), ListFilter([*mine, parts[part]]), page=Page(MAX_ACTIONS))
        lists[part] = _as_json(Action, rows)
    neglected, more_neglected = _neglected(ctx, user, day)
    return Digest(
        user_id=str(user.key),
        name=name,
        day=day,
        **lists,
        neglected=_as_json(Neglected, neglected),
        more=more_neglected or max(counts.values()) > MAX_ACTIONS,
        overdue_count=counts["overdue"],
        today_count=counts["today"],
        coming_count=counts["coming"],
        time_zone=zone,
    )


def _of_active_contacts(ctx: Context, user: CurrentUser, until: date) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that leave out inactive contacts where SQL cannot tell them."""
    hosts, table = ctx.hosts, ctx.models.Action
    if activity.is_known_in_sql(hosts.contact):
        return []
    theirs = (activity.outlives_its_contact(table), table.assigned_to_user_id == user.key, table.due <= until)
    contacts = ctx.execute(sa.select(table.contact_id).distinct().where(*theirs)).scalars().all()
    gone = activity.find_inactive(ctx, contacts)
    return [sa.not_(sa.and_(activity.outlives_its_contact(table), table.contact_id.in_(gone)))] if gone else []


def _neglected(ctx: Context, user: CurrentUser, day: date) -> tuple[Rows, bool]:
    """Return the first neglected contacts, and whether there are more. Python may remove inactive ones from a page."""

    def read(cursor: str | None) -> tuple[Rows, str | None]:
        page = Page(MAX_NEGLECTED, cursor)
        return keeping_in_touch.read(ctx.seen_by(user.given), [user.key], day, page)

    found, cursor = read(None)
    kept = list(found.rows)
    while cursor is not None and len(kept) < MAX_NEGLECTED:
        rows, cursor = read(cursor)
        kept += rows.rows
    return Rows(found.names, kept[:MAX_NEGLECTED]), cursor is not None or len(kept) > MAX_NEGLECTED
