"""Create, change and delete life events, and update their auto-actions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.changes import delete_row, save_row
from ...db.revisions import of_revision
from ...errors import ChangedMeanwhile, InvalidMember, ValidationFailed
from ...hosts.bound import HostRow
from ...translations import marked, text
from ..contacts import activity
from ..profiles.birthday_texts import known_year
from . import auto_actions
from .models import LifeEventTable
from .occurrences import month_day
from .queries import find
from .reminders import NEVER, ahead, with_slots
from .subjects import is_anniversary

if TYPE_CHECKING:
    from ..actions.models import ActionTable

CONTACT_FIELDS = ("first_name", "last_name", "active", "owner")
"""The fields of a contact that the auto-actions of its events depend on."""

BIRTHDAY = marked("Birthday")
"""The title of the life event of a profile's birthday."""


def _stored_month_day(event: LifeEventTable, date_before: date | None = None) -> int | None:
    """Return ``month_day`` of an event: of its date, or its own for a birthday without a year.

    :param date_before: the date of the event before it was edited.
    """
    if not event.recurs_annually:
        return None
    if event.event_date is not None:
        return month_day(event.event_date)
    return event.month_day if date_before is None else None


def _columns(ctx: Context, values: dict[str, Any], known: Sequence[int | None] | None = None) -> dict[str, Any]:
    """Return the columns for these values: the configured lead days for null, and each reminder in its slot."""
    columns = dict(values)
    if columns.get("auto_action_days_before", 0) is None:
        columns["auto_action_days_before"] = ctx.settings.auto_action_days_before
    if "further_reminders" in columns:
        columns["further_reminders"] = with_slots(columns["further_reminders"] or (), known)
    return columns


def create(
    ctx: Context, contact: HostRow, values: dict[str, Any], *, user: Any
) -> tuple[LifeEventTable, ActionTable | None]:
    """Create an event, and its auto-action if that is enabled and the contact is active. Flushes."""
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


def change(
    ctx: Context,
    event: LifeEventTable,
    contact: HostRow,
    values: dict[str, Any],
    *,
    user: Any,
    revisions: Collection[int] | None = None,
) -> ActionTable | None:
    """Edit an event, and update its auto-actions. Flushes.

    :param revisions: the revisions that the client expects.
    :returns: an action that was created.
    :raises ChangedMeanwhile: if the event was deleted or has another revision.
    :raises ValidationFailed: if the event and the birthday of the profile would disagree.
    """
    if event.profile_id is not None:
        values = _of_birthday_event(ctx, event, values)
    return _edit(ctx, event, contact, values, user=user, revisions=revisions)


def _edit(
    ctx: Context,
    event: LifeEventTable,
    contact: HostRow,
    values: dict[str, Any],
    *,
    user: Any,
    revisions: Collection[int] | None = None,
) -> ActionTable | None:
    """Write the columns of an event, and update its auto-actions if one changed. Return an action that was created."""
    names = (*values, "month_day")
    with ctx.session.no_autoflush:
        before = _read_members(event, names)
        for name, value in _columns(ctx, values, event.further_reminders).items():
            setattr(event, name, value)
        if "month_day" not in values and values.keys() & {"event_date", "recurs_annually"}:
            event.month_day = _stored_month_day(event, before.get("event_date", event.event_date))
        after = _read_members(event, names)
        altered = {name for name in after if after[name] != before[name]}
        if not altered:
            return None
        event.updated_at = ctx.now()
        if altered & auto_actions.REMINDER_MEMBERS:
            event.next_reminder = _next_reminder(ctx, event, altered, ctx.today(user))
        save_row(ctx.session, event, revisions, reload=False)
    return auto_actions.follow(ctx, event, contact, user, altered)


def _read_members(event: LifeEventTable, names: Iterable[str]) -> dict[str, Any]:
    """Return columns of an event, and ``first_occurrence``: whether its date itself is no occurrence."""
    members = {name: getattr(event, name) for name in names}
    members["first_occurrence"] = event.recurs_annually and is_anniversary(event.event_type)
    return members


def _of_birthday_event(ctx: Context, event: LifeEventTable, values: dict[str, Any]) -> dict[str, Any]:
    """Write the date of a birthday event to its profile, and return the changes of the event.

    An event that recurs takes the date of the profile.
    """
    _check_birthday_event(event, values)
    if not values.keys() & {"event_date", "recurs_annually"}:
        return values
    given = values.get("event_date")
    if given is not None and given != event.event_date:
        _mark_in_sync(ctx, event.profile_id, **birthday_columns_of(ctx, given))
    table = ctx.models.Profile
    birthday = sa.select(table.birthday_year, table.birthday_month_day).where(table.id == event.profile_id)
    found = ctx.execute(birthday).first()
    if found is None or found.birthday_month_day is None:
        return values
    day = found.birthday_month_day
    columns = _birthday_values((known_year(found.birthday_year, day, ctx.today()), day))
    if not values.get("recurs_annually", event.recurs_annually):
        columns = {"event_date": columns["event_date"]}
    return values | columns


def birthday_columns_of(ctx: Context, day: date) -> dict[str, Any]:
    """Return the columns of a profile whose birthday was set in its event."""
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
        words = "This event is the contact's own birthday. Create another event for another person."
        wrong.append(InvalidMember("#/about", "birthday_of_profile", words))
    if wrong:
        raise ValidationFailed(errors=wrong)


def _next_reminder(ctx: Context, event: LifeEventTable, altered: set[str], today: date) -> date:
    """Return ``next_reminder`` of an edited event. A reminder that waits for a run still waits unless dates changed."""
    found = ahead(event, today, auto_actions.shift(ctx))
    same = event.auto_action_enabled and not altered & (auto_actions.DATE_MEMBERS | {"auto_action_enabled"})
    return min(found, event.next_reminder) if same and event.next_reminder <= today else found


def remove(ctx: Context, event: LifeEventTable, revisions: Collection[int] | None = None) -> None:
    """Delete an event, and dismiss its open actions. A birthday event is not created again by scheduled jobs.

    :param revisions: the revisions that the client expects.
    :raises ChangedMeanwhile: if the event was deleted or has another revision.
    """
    if event.profile_id is not None:
        _mark_in_sync(ctx, event.profile_id)
    expected = of_revision(ctx.models.LifeEvent, revisions)
    mine = sa.update(ctx.models.LifeEvent).where(ctx.models.LifeEvent.id == event.id, *expected)
    if not ctx.update_where(mine.values(next_reminder=NEVER)):  # so that no run creates an action before the commit
        raise ChangedMeanwhile
    auto_actions.dismiss(ctx, event, also_closed=True)
    table = ctx.models.Action
    unlinked = sa.update(table).where(table.life_event_id == event.id).values(life_event_id=None)
    ctx.update_where(unlinked)  # for databases that do not enforce foreign keys
    delete_row(ctx.session, event)


def keep_birthday(
    ctx: Context,
    profile_id: UUID,
    contact: HostRow,
    birthday: tuple[int | None, int] | None,
    *,
    user: Any,
) -> None:
    """Create, update or delete the annual event of a profile's birthday.

    Called when the birthday changes: an event that somebody deleted is created again then.

    :param birthday: year or None, and ``MMDD``; None deletes the event.
    :raises ChangedMeanwhile: if another request created and deleted the event at the same time.
    """
    _mark_in_sync(ctx, profile_id)
    event = _lock_birthday_event(ctx, profile_id)
    if birthday is None:
        if event is not None:
            remove(ctx, event)
        return
    values = _birthday_values(birthday)
    if event is None:
        if _create_birthday_event(ctx, profile_id, contact, values, user):
            return
        event = _lock_birthday_event(ctx, profile_id)
        if event is None:
            raise ChangedMeanwhile
    _edit(ctx, event, contact, values, user=user)


def add_birthdays(ctx: Context, birthdays: Sequence[tuple[UUID, Any, tuple[int | None, int]]]) -> None:
    """Create the events of profiles that have none. A scheduled job creates their actions.

    :param birthdays: profile, contact, and birthday as year or None and ``MMDD``.
    """
    rows = [_birthday_row(ctx, profile_id, contact, _birthday_values(day)) for profile_id, contact, day in birthdays]
    if rows:
        ctx.insert_if_absent(ctx.models.LifeEvent, *rows)


def _mark_in_sync(ctx: Context, profile_id: UUID | None, **columns: Any) -> None:
    """Mark the birthday of a profile as in sync with its event. The UPDATE locks the row until the commit."""
    table = ctx.models.Profile
    ctx.update_where(sa.update(table).where(table.id == profile_id).values(birthday_owed=False, **columns))


def _birthday_values(birthday: tuple[int | None, int]) -> dict[str, Any]:
    """Return the columns of a birthday event, of year or None and ``MMDD``."""
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


def _lock_birthday_event(ctx: Context, profile_id: UUID) -> LifeEventTable | None:
    """Lock the event of a birthday and return it as it is now: MySQL's plain reads show how it was before."""
    table = ctx.models.LifeEvent
    current = sa.select(table).where(table.profile_id == profile_id).with_for_update()
    fresh = current.execution_options(populate_existing=True)
    with ctx.session.no_autoflush:
        return ctx.execute(fresh).scalar_one_or_none()


def _create_birthday_event(ctx: Context, profile_id: UUID, contact: HostRow, values: dict[str, Any], user: Any) -> bool:
    """Create the event and its auto-action; return False where another request created it first."""
    row = _birthday_row(ctx, profile_id, contact.key, values) | {"created_by_user_id": user}
    row["next_reminder"] = ahead(ctx.models.LifeEvent(**row), ctx.today(user), auto_actions.shift(ctx))
    ctx.insert_if_absent(ctx.models.LifeEvent, row)
    event = find(ctx, contact.key, row["id"])
    if event is not None and activity.is_active(contact):
        auto_actions.add(ctx, event, contact, user)
    return event is not None
