"""Relationship profiles: made when first asked for, and whatever follows from a change of one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

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
from ..models import Models
from . import prefill
from .birthday_texts import known_year
from .models import ProfileTable

if TYPE_CHECKING:
    from ..consent.models import ConsentEntryTable

NUMBERS = {"phone_number": "phone", "whatsapp_number": "whatsapp"}
"""The members that are phone numbers, and what their columns in E.164 and of keys begin with."""


class Followed(NamedTuple):
    """Whether a profile took anything over from the host, whether that was another number, and the ledger's line."""

    changed: bool
    number: bool = False
    entry: ConsentEntryTable | None = None


class Found(NamedTuple):
    """A profile, since when its numbers are suppressed, whether it was made just now, the ledger's line where an
    opt-in lapsed because the host's number has changed, and whether the profile has a number it had not before."""

    profile: ProfileTable
    phone_suppressed: datetime | None
    whatsapp_suppressed: datetime | None
    created: bool = False
    entry: ConsentEntryTable | None = None
    got_number: bool = False


Announce = Callable[[Found], None]
"""Sends the signals of a profile that was just created or brought up to date, and committed."""


def find(ctx: Context, contact: Any) -> Found | None:
    found: Any = ctx.execute(_finding(ctx.models), of_contact=contact).first()
    return None if found is None else Found(*found)


@lru_cache(maxsize=32)
def _finding(models: Models) -> sa.Select[Any]:
    """Made once for an application: building it takes longer than running it."""
    table = models.Profile
    suppressed = (
        consent.live_suppression(models, key, number, of=table)
        for key, number in ((table.phone_key, table.phone_e164), (table.whatsapp_key, table.whatsapp_e164))
    )
    statement: Any = sa.select(table, *suppressed).where(table.contact_id == sa.bindparam("of_contact"))
    return statement  # type: ignore[no-any-return]


def find_or_create(ctx: Context, contact: HostRow, announce: Announce) -> Found:
    """Return the profile of a contact. Create it from the contact's values where there is none yet.

    Commits after inserting, because only a new transaction sees what a twin request inserted, and after taking over
    what the host has changed. What is committed is announced at once: a request that is begun again finds the profile,
    and would not know that it has created it.
    """
    found = find(ctx, contact.key)
    if found is not None:
        return _brought_up_to_date(ctx, contact, found, announce)
    latest = last_contact.latest(ctx, contact.key)
    row = prefilled(ctx, contact) | last_contact.columns(ctx, latest)
    if latest is not None and latest.channel in get_args(Channel):
        row["last_message_at"] = latest.at
    ctx.insert_if_absent(ctx.models.Profile, row)
    ctx.session.commit()
    found = find(ctx, contact.key)
    if found is None:  # whoever inserted it: the contact was deleted meanwhile, and it with the contact
        raise NotFound
    if found.profile.id != row["id"]:
        return found
    found = found._replace(created=True, got_number=True)
    announce(found)
    birthday = birthday_of(ctx, found.profile)
    if birthday is not None and ctx.settings.birthday_events:
        life_events.keep_birthday(ctx, row["id"], contact, birthday, user=None)
        ctx.session.commit()
    return found


def find_or_imagine(ctx: Context, contact: HostRow) -> Found:
    """The profile of a contact, or one as it would be made, which is not saved."""
    found = find(ctx, contact.key)
    if found is not None:
        return _foreseen(ctx, contact, found)
    return Found(ctx.models.Profile(**prefilled(ctx, contact), interests=[], twilio_opt_in=False), None, None)


def _foreseen(ctx: Context, contact: HostRow, found: Found) -> Found:
    """The profile as it would be after it took over what the host has changed, which is not saved."""
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
    """The columns of a new profile: what the host knows of the contact."""
    now = ctx.now()
    row = {
        "id": uuid7(),
        "contact_id": contact.key,
        **prefill.phone_columns(ctx, prefill.host_columns(ctx, "phone_number", contact.values)["phone_number"]),
        "phone_number_source": prefill.CRM,
        "birthday_in_full": False,
        "in_touch_user_known": True,  # it is nobody's without a cadence
        "created_at": now,
        "updated_at": now,
    }
    return row | _prefilled_birthday(ctx, contact.values)


def _prefilled_birthday(ctx: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of the birthday that the host knows; none where its value cannot be read."""
    if not prefill.is_known(ctx, "birthday", values):
        return {}
    found = prefill.host_columns(ctx, "birthday", values)
    known = prefill.birthday_columns(ctx, **found) if found["birthday_month_day"] is not None else {}
    return {**known, "birthday_source": prefill.CRM}


def follow_host(ctx: Context, contact: HostRow, profile: ProfileTable) -> Followed:
    """Take over what the host has changed of the values that the profile follows. Does not commit.

    Conditional on what was read: an edit that another request has committed meanwhile wins. An opt-in lapses with its
    number where ``RELATIONSHIPS_CONSENT_PER_NUMBER`` is set.
    """
    values = prefill.changes(ctx, profile, contact.values)
    if not values:
        return Followed(False)
    table, now = ctx.models.Profile, ctx.now()
    read = (
        "phone_number",
        "birthday_month_day",
        "birthday_year",
        *(prefill.source_column(member) for member in prefill.FOLLOWED),
    )
    as_read = [getattr(table, name).is_not_distinct_from(getattr(profile, name)) for name in read]
    key_before, key = _number_keys(profile)[0], values.get("phone_key", profile.phone_key)
    lapsed, number_changed = False, "phone_number" in values and (key or None) != key_before
    if number_changed:
        values |= {"phone_unreachable_since": None, "whatsapp_unreachable_since": None, "updated_at": now}
        lapsed = profile.twilio_opt_in and ctx.settings.consent_per_number
    if "birthday_month_day" in values:
        values["updated_at"] = now
    if lapsed:
        values |= {"twilio_opt_in": False, "consent_changed_at": now}
    mine = sa.update(table).where(table.id == profile.id, *as_read)
    if not ctx.update_where(keep_revision(mine.values(values))):
        return Followed(False)
    entry = None
    if lapsed:
        entry = consent.record(
            ctx, contact=contact.key, number=values["phone_e164"], event="opt_out", source="number_changed", now=now
        )
    ctx.session.flush()
    ctx.session.refresh(profile)
    if "birthday_month_day" in values and ctx.settings.birthday_events:
        life_events.keep_birthday(ctx, profile.id, contact, birthday_of(ctx, profile), user=None)
    return Followed(True, (key or None) != key_before, entry)


def _brought_up_to_date(ctx: Context, contact: HostRow, found: Found, announce: Announce) -> Found:
    followed = follow_host(ctx, contact, found.profile)
    if not followed.changed:
        return found
    ctx.session.commit()
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
    """Change a profile and what follows from it: numbers, the birthday's event, the consent ledger, when
    contact is due. Flushes.

    ``revisions`` are those that the client expects. Returns the ledger's new line where consent changed. Raises
    `ValidationFailed` where day, month and year after the change are no real date, and `ChangedMeanwhile` where the
    profile is gone or has another revision.
    """
    with ctx.session.no_autoflush:
        return _change(ctx, contact, profile, values, user, revisions)


def _change(
    ctx: Context,
    contact: HostRow,
    profile: ProfileTable,
    values: dict[str, Any],
    user: Any,
    revisions: Collection[int] | None,
) -> ConsentEntryTable | None:
    values = dict(values)
    birthday_before, year_before = birthday_of(ctx, profile), year_of(ctx, profile)
    _set_birthday(ctx, profile, values)
    birthday = birthday_of(ctx, profile)
    if birthday != birthday_before:
        profile.birthday_owed = True
    if (birthday, year_of(ctx, profile)) != (birthday_before, year_before):
        prefill.settle_source(ctx, "birthday", profile, contact.values)
    numbers_before, phone_before = _number_keys(profile), profile.phone_number
    given = values.pop("twilio_opt_in", None)
    rhythm = cadence.columns(
        ctx.models, profile, values.pop("cadence_days", profile.cadence_days), ctx.today(user), user=user
    )
    source, evidence = values.pop("opt_in_source", None), values.pop("opt_in_evidence", None)
    for name, value in values.items():
        setattr(profile, name, [] if name == "interests" and value is None else value)
        if name in NUMBERS:
            for column, number in prefill.number_columns(ctx, NUMBERS[name], value).items():
                setattr(profile, column, number)
    if profile.phone_number != phone_before:
        prefill.settle_source(ctx, "phone_number", profile, contact.values)
    _unflag_changed(profile, numbers_before)
    opt_in = profile.twilio_opt_in if given is None else given
    lapsed = given is None and opt_in and ctx.settings.consent_per_number and _number_keys(profile) != numbers_before
    if lapsed:
        opt_in = False
    entry, consent_changed = None, opt_in != profile.twilio_opt_in
    if consent_changed:
        profile.twilio_opt_in, profile.consent_changed_at = opt_in, ctx.now()
    profile.updated_at = ctx.now()
    save_row(ctx.session, profile, revisions, also=rhythm)
    if not consent_changed and source is None and evidence is None:
        given = None  # the same again, with nothing to show for it
    if given is not None or lapsed:
        entry = consent.record(
            ctx,
            contact=contact.key,
            number=profile.phone_e164,
            event="opt_in" if opt_in else "opt_out",
            source="number_changed" if lapsed else source or "staff",
            evidence=evidence,
            actor=user,
            now=ctx.now(),
        )
    if ctx.settings.birthday_events and birthday != birthday_before:
        life_events.keep_birthday(ctx, profile.id, contact, birthday, user=user)
    return entry


def _number_keys(profile: ProfileTable) -> tuple[str | None, ...]:
    """The keys of phone and WhatsApp; two spellings of one number are no change."""
    phone = profile.phone_key or optional_key(profile.phone_e164)
    return phone, profile.whatsapp_key or optional_key(profile.whatsapp_e164)


def _unflag_changed(profile: ProfileTable, before: tuple[str | None, ...]) -> None:
    """Of a new number nothing is known yet; WhatsApp may send to either."""
    phone, whatsapp = (now != then for now, then in zip(_number_keys(profile), before, strict=True))
    if phone:
        profile.phone_unreachable_since = None
    if phone or whatsapp:
        profile.whatsapp_unreachable_since = None


def birthday_of(ctx: Context, profile: Any) -> tuple[int | None, int] | None:
    """Return the year, where known, and the month and day."""
    if profile.birthday_month_day is None:
        return None
    return year_of(ctx, profile), profile.birthday_month_day


def year_of(ctx: Context, profile: Any) -> int | None:
    """Return the birth year, where it is known. Rows of version 0.1 may hold a year that means none."""
    return known_year(profile.birthday_year, profile.birthday_month_day, ctx.today())


def _set_birthday(ctx: Context, profile: ProfileTable, values: dict[str, Any]) -> None:
    """Take ``birthday`` and ``birthday_year`` out of the values and set what they mean together.

    A year that came with a full date goes with it. One that ``birthday_year`` has set stays until that is null.
    """
    if not values.keys() & {"birthday", "birthday_year"}:
        return
    year = year_of(ctx, profile)
    source = profile.birthday_year_source or ("birthday" if profile.birthday_in_full else "birthday_year")
    written_in_full = False
    if "birthday" in values:
        given = values.pop("birthday")
        year = None if source == "birthday" else year
        written_in_full = given is not None and given.year is not None
        profile.birthday_month_day = None if given is None else given.month_day
        profile.birthday_in_full = written_in_full
        if written_in_full:
            year, source = given.year, "birthday"
    if "birthday_year" in values:
        set_year = values.pop("birthday_year")
        if not written_in_full or set_year != year:
            year, source = set_year, "birthday_year"
    profile.birthday_year = known_year(year, profile.birthday_month_day, ctx.today())
    profile.birthday_year_source = None if profile.birthday_year is None else source
    if profile.birthday_month_day is not None and profile.birthday_year is not None:
        try:
            date(profile.birthday_year, profile.birthday_month_day // 100, profile.birthday_month_day % 100)
        except ValueError:
            words = "There is no such day in that year."
            raise ValidationFailed(errors=[InvalidMember("#/birthday", "invalid_date", words)]) from None


def written_birthday(ctx: Context, profile: ProfileTable) -> str | None:
    """The birthday as it was given: with its year where it came with one that is still known."""
    if profile.birthday_month_day is None:
        return None
    day = f"{profile.birthday_month_day // 100:02}-{profile.birthday_month_day % 100:02}"
    year = year_of(ctx, profile) if profile.birthday_in_full else None
    return day if year is None else f"{year:04}-{day}"


def number_for(found: Found, channel: str) -> tuple[str | None, datetime | None]:
    """The number in E.164 that a channel sends to, and since when it is suppressed.

    WhatsApp uses the profile's WhatsApp number, else the phone.
    """
    if channel == "whatsapp" and found.profile.whatsapp_number:
        return found.profile.whatsapp_e164, found.whatsapp_suppressed
    return found.profile.phone_e164, found.phone_suppressed


def note_message(ctx: Context, contact: Any, at: datetime) -> None:
    """Remember when the contact was last written to or wrote; it only ever moves forward."""
    table = ctx.models.Profile
    older = sa.or_(table.last_message_at.is_(None), table.last_message_at < at)
    later = sa.update(table).where(table.contact_id == contact, older).values(last_message_at=at)
    ctx.update_where(later)


def in_touch_due(profile: ProfileTable) -> date | None:
    """When to be in touch again, where there is a cadence."""
    return None if profile.in_touch_due_day is None else date.fromordinal(profile.in_touch_due_day)
