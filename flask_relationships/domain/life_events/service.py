"""Life events: rules with a date, whose occurrences are computed at reading, and whose auto-actions follow them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.changes import delete_row, save_row
from ...db.filters import Narrowing
from ...db.pagination import WHOLE_LIST, Order, Page
from ...db.revisions import of_revision
from ...db.rows import Rows
from ...errors import ChangedMeanwhile, InvalidMember, ValidationFailed
from ...hosts.bound import HostRow
from ...hosts.joins import ShownKeys
from ...translations import marked, text
from ..contacts import activity
from ..models import Models
from ..pages import read_paged
from ..profiles.birthday_texts import known_year
from . import auto_actions
from .models import LIFE_EVENT_COLUMNS, LifeEventTable
from .occurrences import month_day, next_occurrence
from .reminders import NEVER, ahead, with_slots
from .subjects import is_anniversary

if TYPE_CHECKING:
    from ..actions.models import ActionTable

FOLLOWED = ("first_name", "last_name", "active", "owner")
"""The fields of a contact that the auto-actions of its events depend on."""

BIRTHDAY = marked("Birthday")
"""The title of the event that a profile's birthday keeps."""

BEFORE_ALL = date.min
"""The sort date of an event without one, so that it is last where the latest is first."""


def _stored_month_day(event: LifeEventTable, date_before: date | None = None) -> int | None:
    """Its own where it has no date, and had none before: a birthday without a year."""
    if not event.recurs_annually:
        return None
    if event.event_date is not None:
        return month_day(event.event_date)
    return event.month_day if date_before is None else None


def _columns(ctx: Context, values: dict[str, Any], known: Sequence[int | None] | None = None) -> dict[str, Any]:
    """The values as columns: the configured lead where none, or null, was given, and each further reminder in its
    slot."""
    columns = dict(values)
    if "auto_action_days_before" in columns and columns["auto_action_days_before"] is None:
        columns["auto_action_days_before"] = ctx.settings.auto_action_days_before
    if "further_reminders" in columns:
        columns["further_reminders"] = with_slots(columns["further_reminders"] or (), known)
    return columns


def create(
    ctx: Context, contact: HostRow, values: dict[str, Any], *, user: Any
) -> tuple[LifeEventTable, ActionTable | None]:
    """Create an event and, unless it says otherwise, its auto-action. Flushes."""
    now = ctx.now()
    event = ctx.models.LifeEvent(
        **_columns(ctx, values), contact_id=contact.key, created_by_user_id=user, created_at=now, updated_at=now
    )
    event.month_day = _stored_month_day(event)
    event.next_reminder = ahead(event, ctx.today(user), auto_actions.shift(ctx))
    ctx.session.add(event)
    ctx.session.flush()
    wanted = event.auto_action_enabled and activity.is_active(contact)
    return event, auto_actions.add(ctx, event, contact, user) if wanted else None


def find(ctx: Context, contact: Any, event_id: UUID) -> LifeEventTable | None:
    table = ctx.models.LifeEvent
    mine = sa.select(table).where(table.id == event_id, table.contact_id == contact)
    return ctx.execute(mine).scalar_one_or_none()


def change(
    ctx: Context,
    event: LifeEventTable,
    contact: HostRow,
    values: dict[str, Any],
    *,
    user: Any,
    revisions: Collection[int] | None = None,
) -> ActionTable | None:
    """Edit an event, and bring its open auto-action in line. Returns an action that was created. Flushes.

    ``revisions`` are those that the client expects. Raises `ChangedMeanwhile` where the event is gone or has another.
    """
    if event.profile_id is not None:
        values = _of_birthday_event(ctx, event, values)
    return _apply(ctx, event, contact, values, user=user, revisions=revisions)


def _apply(
    ctx: Context,
    event: LifeEventTable,
    contact: HostRow,
    values: dict[str, Any],
    *,
    user: Any,
    revisions: Collection[int] | None = None,
) -> ActionTable | None:
    with ctx.session.no_autoflush:
        altered = _edit(ctx, event, values, user, revisions)
    return auto_actions.follow(ctx, event, contact, user, altered) if altered else None


def _edit(
    ctx: Context, event: LifeEventTable, values: dict[str, Any], user: Any, revisions: Collection[int] | None
) -> set[str]:
    """Write the columns of an event, and return those that have changed."""
    before = {name: getattr(event, name) for name in (*values, "month_day")}
    was_anniversary = is_anniversary(event.event_type)
    for name, value in _columns(ctx, values, event.further_reminders).items():
        setattr(event, name, value)
    if "month_day" not in values and values.keys() & {"event_date", "recurs_annually"}:
        event.month_day = _stored_month_day(event, before.get("event_date", event.event_date))
    altered = {name for name, value in before.items() if getattr(event, name) != value}
    if altered:
        event.updated_at = ctx.now()
        if event.recurs_annually and is_anniversary(event.event_type) != was_anniversary:
            altered.add("first_occurrence")
        if altered & auto_actions.REMINDING:
            event.next_reminder = _next_reminder(ctx, event, altered, ctx.today(user))
        save_row(ctx.session, event, revisions, reload=False)
    return altered


def _of_birthday_event(ctx: Context, event: LifeEventTable, values: dict[str, Any]) -> dict[str, Any]:
    """Return the changes of the event that is a profile's birthday, and write its date to the profile.

    An event that recurs has the profile's date, so that a year-less one has it again once it recurs again. Raises
    `ValidationFailed` for changes that would make event and profile disagree.
    """
    _check_birthday_event(event, values)
    if not values.keys() & {"event_date", "recurs_annually"}:
        return values
    given = values.get("event_date")
    if given is not None and given != event.event_date:
        _settle(ctx, event.profile_id, **birthday_columns_of(ctx, given))
    table = ctx.models.Profile
    asked = sa.select(table.birthday_year, table.birthday_month_day).where(table.id == event.profile_id)
    found = ctx.execute(asked).first()
    if found is None or found.birthday_month_day is None:
        return values
    day = found.birthday_month_day
    birthday = _birthday_values((known_year(found.birthday_year, day, ctx.today()), day))
    if values.get("recurs_annually", event.recurs_annually):
        return {**values, **birthday}
    return {**values, "event_date": birthday["event_date"]}


def birthday_columns_of(ctx: Context, day: date) -> dict[str, Any]:
    """Return the columns of a profile whose birthday somebody set in its event."""
    year = known_year(day.year, month_day(day), ctx.today())
    return {
        "birthday_month_day": month_day(day),
        "birthday_year": year,
        "birthday_in_full": year is not None,
        "birthday_year_source": None if year is None else "birthday",
        "birthday_source": "edited",
        "updated_at": ctx.now(),
    }


def _check_birthday_event(event: LifeEventTable, values: dict[str, Any]) -> None:
    wrong = []
    if "event_date" in values and values["event_date"] is None and event.event_date is not None:
        words = "This event is the birthday of the profile. Change or clear the birthday there."
        wrong.append(InvalidMember("#/event_date", "birthday_of_profile", words))
    if values.get("about"):
        words = "This event is the contact's own birthday. Create another event for somebody else."
        wrong.append(InvalidMember("#/about", "birthday_of_profile", words))
    if wrong:
        raise ValidationFailed(errors=wrong)


def _next_reminder(ctx: Context, event: LifeEventTable, altered: set[str], today: date) -> date:
    """Of an edited event: what waits for a run that has not come still waits, unless it is of other dates."""
    found = ahead(event, today, auto_actions.shift(ctx))
    same = event.auto_action_enabled and not altered & (auto_actions.DATING | {"auto_action_enabled"})
    return min(found, event.next_reminder) if same and event.next_reminder <= today else found


def remove(ctx: Context, event: LifeEventTable, revisions: Collection[int] | None = None) -> None:
    """Delete an event: dismiss what is open of it, keep what is done. A birthday's stays away.

    ``revisions`` are those that the client expects. Raises `ChangedMeanwhile` where the event is gone or has another.
    """
    if event.profile_id is not None:
        _settle(ctx, event.profile_id)
    expected = of_revision(ctx.models.LifeEvent, revisions)
    mine = sa.update(ctx.models.LifeEvent).where(ctx.models.LifeEvent.id == event.id, *expected)
    if not ctx.update_where(mine.values(next_reminder=NEVER)):  # no run makes an action behind our back
        raise ChangedMeanwhile
    auto_actions.dismiss(ctx, event, also_closed=True)
    table = ctx.models.Action
    freed = sa.update(table).where(table.life_event_id == event.id).values(life_event_id=None)
    ctx.update_where(freed)  # where the database does not see to it
    delete_row(ctx.session, event)


def keep_birthday(
    ctx: Context,
    profile_id: UUID,
    contact: HostRow,
    birthday: tuple[int | None, int] | None,
    *,
    user: Any,
) -> None:
    """Keep the one annual event that is a profile's birthday: ``(year or None, MMDD)``, or None for no birthday.

    Called when the birthday changes: an event that somebody deleted comes back then, and only then. Raises
    `ChangedMeanwhile` where others have just made and deleted the event.
    """
    _settle(ctx, profile_id)
    event = _birthday_event(ctx, profile_id)
    if birthday is None:
        if event is not None:
            remove(ctx, event)
        return
    values = _birthday_values(birthday)
    if event is None:
        made = _make_birthday_event(ctx, profile_id, contact, values, user)
        if made:
            return
        event = _birthday_event(ctx, profile_id)
        if event is None:  # a twin request made it, and another has deleted it again
            raise ChangedMeanwhile
    if event is not None:
        _apply(ctx, event, contact, values, user=user)


def add_birthdays(ctx: Context, birthdays: Sequence[tuple[UUID, Any, tuple[int | None, int]]]) -> None:
    """Add the events of profiles that have none, given as id, contact and birthday. Time brings their actions."""
    rows = [_birthday_row(ctx, profile_id, contact, _birthday_values(day)) for profile_id, contact, day in birthdays]
    if rows:
        ctx.insert_if_absent(ctx.models.LifeEvent, *rows)


def _settle(ctx: Context, profile_id: UUID | None, **columns: Any) -> None:
    """Mark the event of a birthday as in line. Whoever does so at the same time waits for this row."""
    table = ctx.models.Profile
    settling = sa.update(table).where(table.id == profile_id).values(birthday_owed=False, **columns)
    ctx.update_where(settling)


def _birthday_values(birthday: tuple[int | None, int]) -> dict[str, Any]:
    """Return the columns of a birthday's event, of year or None and ``MMDD``."""
    year, day = birthday
    return {
        "event_date": None if year is None else date(year, day // 100, day % 100),
        "month_day": day,
        "recurs_annually": True,
    }


def _birthday_row(ctx: Context, profile_id: UUID, contact: Any, values: dict[str, Any]) -> dict[str, Any]:
    now = ctx.now()
    return {
        **values,
        "id": uuid7(),
        "profile_id": profile_id,
        "contact_id": contact,
        "event_type": "birthday",
        "title": ctx.settings.birthday_title or text(BIRTHDAY),
        "auto_action_days_before": ctx.settings.auto_action_days_before,
        "auto_action_enabled": True,
        "created_at": now,
        "updated_at": now,
    }


def _birthday_event(ctx: Context, profile_id: UUID) -> LifeEventTable | None:
    """Lock the event of a birthday and return it as it is now: MySQL's plain reads show how it was before."""
    table = ctx.models.LifeEvent
    current = sa.select(table).where(table.profile_id == profile_id).with_for_update()
    fresh = current.execution_options(populate_existing=True)
    with ctx.session.no_autoflush:
        return ctx.execute(fresh).scalar_one_or_none()


def _make_birthday_event(ctx: Context, profile_id: UUID, contact: HostRow, values: dict[str, Any], user: Any) -> bool:
    """Make the event with its auto-action, unless another request was first."""
    row = _birthday_row(ctx, profile_id, contact.key, values) | {"created_by_user_id": user}
    row["next_reminder"] = ahead(ctx.models.LifeEvent(**row), ctx.today(user), auto_actions.shift(ctx))
    ctx.insert_if_absent(ctx.models.LifeEvent, row)
    event = find(ctx, contact.key, row["id"])
    if event is not None and activity.is_active(contact):
        auto_actions.add(ctx, event, contact, user)
    return event is not None


def open_action(models: Models) -> sa.ColumnElement[Any]:
    """The id of an event's pending auto-action, in a select of events."""
    actions, events = models.Action, models.LifeEvent
    pending = sa.select(actions.id).where(actions.life_event_id == events.id, actions.status == "pending")
    return pending.order_by(actions.due, actions.id).limit(1).correlate(events).scalar_subquery()


def columns(models: Models, keys: ShownKeys) -> list[sa.ColumnElement[Any]]:
    """What is selected of an event; `with_dates` makes its JSON members of it."""
    own: list[Any] = keys.columns(LIFE_EVENT_COLUMNS)
    return [*own, models.LifeEvent.month_day, open_action(models).label("open_action_id")]


def with_dates(ctx: Context, rows: Rows, today: date) -> Rows:
    """Return the rows with ``next_occurrence`` and ``days_until``, from ``event_date`` and ``month_day``."""
    kind, first, second = (rows.names.index(name) for name in ("event_type", "event_date", "month_day"))
    leap_day = ctx.settings.leap_day

    def compute(row: Sequence[Any]) -> tuple[date | None, int | None]:
        coming = next_occurrence(row[first], row[second], today, leap_day, is_anniversary(row[kind]))
        return coming, None if coming is None else (coming - today).days

    return rows.extended(("next_occurrence", "days_until"), compute)


def read(ctx: Context, narrowing: Narrowing, today: date, page: Page = WHOLE_LIST) -> tuple[Rows, str | None]:
    """Return events, latest date first and undated last, and the cursor of the next page.

    :param today: the viewer's, for ``next_occurrence`` and ``days_until``.
    """
    table = ctx.models.LifeEvent
    sort_date = sa.func.coalesce(table.event_date, sa.literal(BEFORE_ALL, sa.Date))
    order = Order({"sort_date": sort_date, "id": table.id}, descending=True)
    rows, cursor = read_paged(
        ctx, table, lambda keys: [*columns(ctx.models, keys), sort_date.label("sort_date")], narrowing, order, page
    )
    return with_dates(ctx, rows, today), cursor
