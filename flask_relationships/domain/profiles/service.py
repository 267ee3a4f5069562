"""Create and change relationship profiles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from ...context import Context
from ...db.changes import save_row
from ...db.revisions import keep_revision
from ...errors import InvalidMember, NotFound, ValidationFailed
from ...hosts.bound import HostRow
from ...providers.base import Channel
from ..consent import service as consent
from ..contacts.addresses import optional_key
from ..keeping_in_touch import cadence, last_contact
from ..life_events import service as life_events
from . import prefill
from .birthday_texts import known_year
from .models import ProfileTable
from .queries import Found as Found
from .queries import birthday_of, year_of
from .queries import find as find
from .queries import number_for as number_for

if TYPE_CHECKING:
    from ..consent.models import ConsentEntryTable

NUMBERS = {"phone_number": "phone", "whatsapp_number": "whatsapp"}
"""The members that are phone numbers, and the prefix of their columns ``_e164`` and ``_key``."""

RULED_MEMBERS = {
    *("birthday", "birthday_year", "cadence_days", "twilio_opt_in", "opt_in_source", "opt_in_evidence"),
    *NUMBERS,
}
"""The members that have rules of their own; the others are columns."""

COMPARED_COLUMNS = (
    *("phone_number", "birthday_month_day", "birthday_year"),
    *(prefill.source_column(member) for member in prefill.FOLLOWED),
)
"""The columns that must still hold what was read when the host's values are written."""


class Followed(NamedTuple):
    """Whether a profile was updated from the host, whether its number changed, and the ledger's line."""

    changed: bool
    number: bool = False
    entry: ConsentEntryTable | None = None


class _Decision(NamedTuple):
    """A line of the consent ledger to record."""

    event: Literal["opt_in", "opt_out"]
    source: str
    evidence: str | None = None


Announce = Callable[[Found], None]
"""Sends the signals of a profile that was just created or updated, and committed."""


def find_or_create(ctx: Context, contact: HostRow, announce: Announce) -> Found:
    """Return the profile of a contact. Create it from the contact's values if it does not exist.

    Commits after the INSERT, because only a new transaction sees what a concurrent request inserted, and after an
    update from the host. The signals are sent at once: a retried request finds the profile, and would not send them.
    """
    found = find(ctx, contact.key)
    if found is not None:
        return _update_from_host(ctx, contact, found, announce)
    latest = last_contact.latest_of(ctx, [contact.key]).get(contact.key)
    row = prefilled(ctx, contact) | last_contact.columns(ctx, latest)
    if latest is not None and latest.channel in get_args(Channel):
        row["last_message_at"] = latest.at
    ctx.insert_if_absent(ctx.models.Profile, row)
    ctx.commit()
    found = find(ctx, contact.key)
    if found is None:  # the contact was deleted meanwhile, and the profile with it
        raise NotFound
    if found.profile.id != row["id"]:
        return found
    found = found._replace(created=True, got_number=True)
    announce(found)
    birthday = birthday_of(ctx, found.profile)
    if birthday is not None and ctx.settings.birthday_events:
        life_events.keep_birthday(ctx, row["id"], contact, birthday, user=None)
        ctx.commit()
    return found


def find_or_imagine(ctx: Context, contact: HostRow) -> Found:
    """Return the profile of a contact, or an unsaved one as it would be created."""
    found = find(ctx, contact.key)
    if found is not None:
        return _foreseen(ctx, contact, found)
    return Found(ctx.models.Profile(**prefilled(ctx, contact), interests=[], twilio_opt_in=False), None, None)


def _foreseen(ctx: Context, contact: HostRow, found: Found) -> Found:
    """Return the profile as an update from the host would leave it. Saves nothing."""
    if "phone_number" not in prefill.changes(ctx, found.profile, contact.values):
        return found
    trial = ctx.session.begin_nested()
    try:
        follow_host(ctx, contact, found.profile)
        followed = find(ctx, contact.key) or found
        columns = sa.inspect(ctx.models.Profile).column_attrs
        copy = ctx.models.Profile(**{column.key: getattr(followed.profile, column.key) for column in columns})
    finally:
        trial.rollback()
    return followed._replace(profile=copy)


def prefilled(ctx: Context, contact: HostRow) -> dict[str, Any]:
    """Return the columns of a new profile, from the host's values of the contact."""
    now = ctx.now()
    row = {
        "id": uuid7(),
        "contact_id": contact.key,
        **prefill.phone_columns(ctx, prefill.host_columns(ctx, "phone_number", contact.values)["phone_number"]),
        "phone_number_source": prefill.CRM,
        "birthday_in_full": False,
        "in_touch_user_known": True,  # without a cadence there is no assignee
        "created_at": now,
        "updated_at": now,
    }
    return row | _prefilled_birthday(ctx, contact.values)


def _prefilled_birthday(ctx: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of the host's birthday; only its source where the value cannot be read."""
    if not prefill.is_known(ctx, "birthday", values):
        return {}
    found = prefill.host_columns(ctx, "birthday", values)
    known = prefill.birthday_columns(ctx, **found) if found["birthday_month_day"] is not None else {}
    return {**known, "birthday_source": prefill.CRM}


def follow_host(ctx: Context, contact: HostRow, profile: ProfileTable) -> Followed:
    """Update a profile from the host's values that it follows. Does not commit.

    The UPDATE compares the columns as they were read: an edit that another request has committed meanwhile stays. An
    opt-in lapses with its number if ``RELATIONSHIPS_CONSENT_PER_NUMBER`` is set.
    """
    values = prefill.changes(ctx, profile, contact.values)
    if not values:
        return Followed(False)
    values = _with_consequences(ctx, profile, values)
    table, key_before = ctx.models.Profile, _number_keys(profile)[0]
    as_read = [getattr(table, name).is_not_distinct_from(getattr(profile, name)) for name in COMPARED_COLUMNS]
    mine = sa.update(table).where(table.id == profile.id, *as_read)
    if not ctx.update_where(keep_revision(mine.values(values))):
        return Followed(False)
    entry = None
    if "twilio_opt_in" in values:
        lapsed: Any = {"event": "opt_out", "source": "number_changed", "now": values["consent_changed_at"]}
        entry = consent.record(ctx, contact=contact.key, number=values["phone_e164"], **lapsed)
    ctx.session.flush()
    ctx.session.refresh(profile)
    if "birthday_month_day" in values and ctx.settings.birthday_events:
        life_events.keep_birthday(ctx, profile.id, contact, birthday_of(ctx, profile), user=None)
    return Followed(True, _number_keys(profile)[0] != key_before, entry)


def _with_consequences(ctx: Context, profile: ProfileTable, values: dict[str, Any]) -> dict[str, Any]:
    """Return the columns that the host has changed, with those that follow from another number or birthday."""
    found, now = dict(values), ctx.now()
    if "phone_number" in values and (values["phone_key"] or None) != _number_keys(profile)[0]:
        found |= {"phone_unreachable_since": None, "whatsapp_unreachable_since": None, "updated_at": now}
        if profile.twilio_opt_in and ctx.settings.consent_per_number:
            found |= {"twilio_opt_in": False, "consent_changed_at": now}
    if "birthday_month_day" in values:
        found["updated_at"] = now
    return found


def _update_from_host(ctx: Context, contact: HostRow, found: Found, announce: Announce) -> Found:
    followed = follow_host(ctx, contact, found.profile)
    if not followed.changed:
        return found
    ctx.commit()
    again = find(ctx, contact.key)
    if again is None:
        return found
    again = again._replace(entry=followed.entry, got_number=followed.number)
    announce(again)
    return again


def change(
    ctx: Context,
    contact: HostRow,
    profile: ProfileTable,
    values: dict[str, Any],
    *,
    user: Any,
    revisions: Collection[int] | None = None,
) -> ConsentEntryTable | None:
    """Change a profile, and update its birthday's event, the consent ledger and the day on which contact is due.

    Flushes.

    :param values: members of the API.
    :param revisions: the revisions that the client expects.
    :returns: the ledger's new line, if consent changed.
    :raises ValidationFailed: if day, month and year of the birthday are no real date.
    :raises ChangedMeanwhile: if the profile was deleted or has another revision.
    """
    with ctx.session.no_autoflush:
        birthday_changed = _write_birthday(ctx, contact, profile, values)
        number_changed = _write_numbers(ctx, contact, profile, values)
        days = values.get("cadence_days", profile.cadence_days)
        rhythm = cadence.columns(ctx.models, profile, days, ctx.today(user), user=user)
        for name, value in values.items():
            if name not in RULED_MEMBERS:
                setattr(profile, name, [] if name == "interests" and value is None else value)
        decision = _decide_consent(ctx, profile, values, number_changed)
        if decision is not None and (decision.event == "opt_in") != profile.twilio_opt_in:
            profile.twilio_opt_in, profile.consent_changed_at = decision.event == "opt_in", ctx.now()
        profile.updated_at = ctx.now()
        save_row(ctx.session, profile, revisions, also=rhythm)
        entry = None
        if decision is not None:
            who: Any = {"contact": contact.key, "number": profile.phone_e164, "actor": user, "now": ctx.now()}
            entry = consent.record(ctx, **decision._asdict(), **who)
        if birthday_changed and ctx.settings.birthday_events:
            life_events.keep_birthday(ctx, profile.id, contact, birthday_of(ctx, profile), user=user)
        return entry


def _decide_consent(
    ctx: Context, profile: ProfileTable, values: dict[str, Any], number_changed: bool
) -> _Decision | None:
    """Return the consent to record; None where it stays as it is, or nothing new is said about it."""
    opt_in, source, evidence = (values.get(name) for name in ("twilio_opt_in", "opt_in_source", "opt_in_evidence"))
    if opt_in is None:
        lapsed = number_changed and profile.twilio_opt_in and ctx.settings.consent_per_number
        return _Decision("opt_out", "number_changed") if lapsed else None
    if opt_in == profile.twilio_opt_in and source is None and evidence is None:
        return None
    return _Decision("opt_in" if opt_in else "opt_out", source or "staff", evidence)


def _number_keys(profile: ProfileTable) -> tuple[str | None, ...]:
    """Return the keys of phone and WhatsApp number, which are equal for two spellings of one number."""
    phone = profile.phone_key or optional_key(profile.phone_e164)
    return phone, profile.whatsapp_key or optional_key(profile.whatsapp_e164)


def _write_numbers(ctx: Context, contact: HostRow, profile: ProfileTable, values: dict[str, Any]) -> bool:
    """Set the columns of the numbers in the values. Return whether a number changed; then it counts as reachable."""
    keys_before, phone_before = _number_keys(profile), profile.phone_number
    for member in NUMBERS.keys() & values.keys():
        setattr(profile, member, values[member])
        for column, value in prefill.number_columns(ctx, NUMBERS[member], values[member]).items():
            setattr(profile, column, value)
    if profile.phone_number != phone_before:
        prefill.settle_source(ctx, "phone_number", profile, contact.values)
    keys = _number_keys(profile)
    if keys[0] != keys_before[0]:
        profile.phone_unreachable_since = None
    if keys != keys_before:  # WhatsApp may send to either
        profile.whatsapp_unreachable_since = None
    return keys != keys_before


def _write_birthday(ctx: Context, contact: HostRow, profile: ProfileTable, values: dict[str, Any]) -> bool:
    """Set the columns of the birthday in the values. Return whether the birthday changed."""
    if not values.keys() & {"birthday", "birthday_year"}:
        return False
    birthday_before, year_before = birthday_of(ctx, profile), year_of(ctx, profile)
    year, source = _new_year(profile, values, year_before)
    profile.birthday_year = known_year(year, profile.birthday_month_day, ctx.today())
    profile.birthday_year_source = None if profile.birthday_year is None else source
    _check_date(profile.birthday_year, profile.birthday_month_day)
    birthday = birthday_of(ctx, profile)
    if birthday != birthday_before:
        profile.birthday_owed = True
    if (birthday, profile.birthday_year) != (birthday_before, year_before):
        prefill.settle_source(ctx, "birthday", profile, contact.values)
    return birthday != birthday_before


def _new_year(profile: ProfileTable, values: dict[str, Any], year: int | None) -> tuple[int | None, str]:
    """Set day and month, and return the year of birth and the member that it comes from.

    A year that came with a full date is removed with it. A year from ``birthday_year`` stays until that is null.
    """
    source = profile.birthday_year_source or ("birthday" if profile.birthday_in_full else "birthday_year")
    year_in_full = None
    if "birthday" in values:
        day, year_in_full = values["birthday"], getattr(values["birthday"], "year", None)
        profile.birthday_month_day = None if day is None else day.month_day
        profile.birthday_in_full = year_in_full is not None
        if year_in_full is not None or source == "birthday":
            year, source = year_in_full, "birthday"
    if "birthday_year" in values and (year_in_full is None or values["birthday_year"] != year_in_full):
        return values["birthday_year"], "birthday_year"
    return year, source


def _check_date(year: int | None, month_and_day: int | None) -> None:
    """Raise `ValidationFailed` if a year has no such day."""
    try:
        if year is not None and month_and_day is not None:
            date(year, month_and_day // 100, month_and_day % 100)
    except ValueError:
        problem = InvalidMember("#/birthday", "invalid_date", "There is no such day in that year.")
        raise ValidationFailed(errors=[problem]) from None


def note_message(ctx: Context, contact: Any, at: datetime) -> None:
    """Store the moment of the last message to or from a contact, unless a later one is stored."""
    table = ctx.models.Profile
    older = sa.or_(table.last_message_at.is_(None), table.last_message_at < at)
    later = sa.update(table).where(table.contact_id == contact, older).values(last_message_at=at)
    ctx.update_where(later)
