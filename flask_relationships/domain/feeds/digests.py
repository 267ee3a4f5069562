"""The digest of an assignee: what is overdue, what is due, what comes, and whom they have not been in touch with.

It holds what this user may see at this moment. Who mails it, and to which address, is the application's business.
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
from ...db.filters import Narrowing
from ...db.pagination import Page
from ...db.rows import Rows
from ...db.statements import changed, execute, insert_if_absent
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

MOST_ACTIONS = 100
"""How many actions a digest shows of each of its parts; of more it says so."""

MOST_NEGLECTED = 10

NOT_COUNTED = -1

FURTHEST_ZONE_DAYS = 2
"""Days by which the dates of two time zones may differ: they are up to 26 hours apart."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What one user has to do on a day of their own.

    The lists hold the members of an action, and of a neglected contact, as in the API: at most 100 actions each. The
    counts are of all there are. ``more`` says that there is more than is shown. ``day`` and the days in the texts are
    those of ``time_zone``. Its repr shows nothing of what is in it. Its texts are in the language that Flask-Babel has
    at the moment they are asked for, where the application uses it.
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
        """Count the lists of a digest that an application makes itself, as in its tests."""
        for part in ("overdue", "today", "coming"):
            if getattr(self, f"{part}_count") == NOT_COUNTED:
                object.__setattr__(self, f"{part}_count", len(getattr(self, part)))

    @property
    def subject(self) -> str:
        """One line, without anybody's name: subjects are shown on locked telephones."""
        return f"{written_day(self.day, 'MMMMd')}: {self.counted}"

    @property
    def counted(self) -> str:
        return text("{today} due today, {late} overdue", today=self.today_count, late=self.overdue_count)

    @property
    def text(self) -> str:
        return _environment().get_template("digest.txt").render(digest=self).strip() + "\n"

    @property
    def html(self) -> str:
        """A whole document; every style stands in its element, since mail programs drop what stands elsewhere."""
        return _environment().get_template("digest.html").render(digest=self).strip() + "\n"


class Found(NamedTuple):
    digest: Digest
    user: Any
    """Whom it is for, as the application's callbacks know them."""


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
    """Yield the digests of everybody who has something in theirs, in an application context.

    Somebody who may not use the tool any more has none.

    :param day: the day they are for. None: for each user the present day in their own time zone.
    """
    users = ctx.hosts.user
    latest = _latest_day(ctx) if day is None else day
    refresh_due(ctx, latest)
    assignees = _assignees(ctx, latest)
    names = users.values(ctx.session, assignees, ["name"], SYSTEM)
    zones = ctx.time_zones(assignees)
    for key in assignees:
        if key not in names:
            continue
        theirs = ctx.clock().astimezone(zones[key]).date() if day is None else day
        try:
            with reading_as(key) as user:
                digest = _read(ctx, user, names[key][0], theirs, zones[key])
        except (Forbidden, PermissionCallbackMissing):
            logger.warning("somebody has actions and may not use the tool: no digest for them")
            continue
        if digest.overdue_count or digest.today_count or digest.coming_count or digest.neglected:
            yield Found(digest, user.given)
    ctx.commit()


def _latest_day(ctx: Context) -> date:
    """The latest day that it is now for any user."""
    return days_from(ctx.today(), FURTHEST_ZONE_DAYS if ctx.has_time_zones else 0)


def claim(ctx: Context, digest: Digest) -> bool:
    """Whether it is ours to hand over: the first who asks has it, once for each user and day. Commits."""
    session, table = ctx.session, ctx.models.SentDigest
    user, mine = ctx.hosts.user.parse(session, digest.user_id), uuid7()
    insert_if_absent(session, table, {"id": mine, "user_id": user, "day": digest.day, "created_at": ctx.now()})
    session.commit()
    return execute(session, ctx.models.mapper, sa.select(table.id).where(table.id == mine)).first() is not None


def give_back(ctx: Context, digest: Digest) -> None:
    """It was not handed over after all: whoever asks next may. Commits."""
    session, table = ctx.session, ctx.models.SentDigest
    user = ctx.hosts.user.parse(session, digest.user_id)
    mine = sa.delete(table).where(table.user_id == user, table.day == digest.day)
    changed(session, ctx.models.mapper, mine)
    session.commit()


def _assignees(ctx: Context, day: date) -> list[Any]:
    table, until = ctx.models.Action, days_from(day, DAYS_AHEAD)
    whose = sa.select(table.assigned_to_user_id).distinct()
    pending = (table.status == "pending", table.assigned_to_user_id.is_not(None), table.due <= until)
    found = set(ctx.execute(whose.where(*pending)).scalars())
    return sorted(found | keeping_in_touch.find_assignees(ctx, day), key=str)


def _as_answered(schema: type[Schema], rows: Rows) -> list[dict[str, Any]]:
    """As the API writes them: a receiver of the signal may hand them on as JSON."""
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
    for part in parts:
        if counts[part]:
            narrowing = Narrowing([*mine, parts[part]])
            rows, _ = actions.read(ctx.seen_by(user.given), narrowing, page=Page(MOST_ACTIONS))
            lists[part] = _as_answered(Action, rows)
    neglected, more_neglected = _neglected(ctx, user, day)
    return Digest(
        user_id=str(user.key),
        name=name,
        day=day,
        overdue=lists["overdue"],
        today=lists["today"],
        coming=lists["coming"],
        neglected=_as_answered(Neglected, neglected),
        more=more_neglected or any(counts[part] > MOST_ACTIONS for part in parts),
        overdue_count=counts["overdue"],
        today_count=counts["today"],
        coming_count=counts["coming"],
        time_zone=zone,
    )


def _of_active_contacts(ctx: Context, user: CurrentUser, until: date) -> list[sa.ColumnElement[bool]]:
    """The condition that leaves out inactive contacts where SQL cannot say which they are."""
    hosts, table = ctx.hosts, ctx.models.Action
    if activity.is_known_in_sql(hosts.contact):
        return []
    theirs = (activity.outlives_its_contact(table), table.assigned_to_user_id == user.key, table.due <= until)
    asked = sa.select(table.contact_id).distinct().where(*theirs)
    contacts = ctx.execute(asked).scalars().all()
    gone = activity.find_inactive(ctx, contacts)
    return [sa.not_(sa.and_(activity.outlives_its_contact(table), table.contact_id.in_(gone)))] if gone else []


def _neglected(ctx: Context, user: CurrentUser, day: date) -> tuple[Rows, bool]:
    """The first neglected contacts, and whether there are more. A page may lack contacts that Python finds inactive."""

    def read(cursor: str | None) -> tuple[Rows, str | None]:
        page = Page(MOST_NEGLECTED, cursor)
        return keeping_in_touch.read(ctx.seen_by(user.given), [user.key], day, page)

    found, cursor = read(None)
    kept = list(found.rows)
    while cursor is not None and len(kept) < MOST_NEGLECTED:
        rows, cursor = read(cursor)
        kept += rows.rows
    return Rows(found.names, kept[:MOST_NEGLECTED]), cursor is not None or len(kept) > MOST_NEGLECTED
