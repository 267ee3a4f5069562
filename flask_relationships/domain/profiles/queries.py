"""Read profiles, and what their columns mean."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from ...context import Context
from ..consent import service as consent
from ..models import Models
from .birthday_texts import known_year
from .models import ProfileTable

if TYPE_CHECKING:
    from ..consent.models import ConsentEntryTable


class Found(NamedTuple):
    """A profile, and the moments since which its numbers are suppressed.

    ``created``: it was created just now. ``entry``: the ledger's line of an opt-in that lapsed with the host's number.
    ``got_number``: it has a number that it had not before.
    """

    profile: ProfileTable
    phone_suppressed: datetime | None
    whatsapp_suppressed: datetime | None
    created: bool = False
    entry: ConsentEntryTable | None = None
    got_number: bool = False


def find(ctx: Context, contact: Any) -> Found | None:
    """Return the profile of a contact, or None."""
    found: Any = ctx.execute(_select_profile(ctx.models), of_contact=contact).first()
    return None if found is None else Found(*found)


@lru_cache(maxsize=32)
def _select_profile(models: Models) -> sa.Select[Any]:
    """Build the statement once for an application: building it takes longer than running it."""
    table = models.Profile
    suppressed = (
        consent.live_suppression(models, key, number, of=table)
        for key, number in ((table.phone_key, table.phone_e164), (table.whatsapp_key, table.whatsapp_e164))
    )
    statement: Any = sa.select(table, *suppressed).where(table.contact_id == sa.bindparam("of_contact"))
    return statement  # type: ignore[no-any-return]


def birthday_of(ctx: Context, profile: Any) -> tuple[int | None, int] | None:
    """Return the year, where known, and the month and day."""
    if profile.birthday_month_day is None:
        return None
    return year_of(ctx, profile), profile.birthday_month_day


def year_of(ctx: Context, profile: Any) -> int | None:
    """Return the birth year, where it is known. Rows of version 0.1 may hold a year that means none."""
    return known_year(profile.birthday_year, profile.birthday_month_day, ctx.today())


def written_birthday(ctx: Context, profile: ProfileTable) -> str | None:
    """Return the birthday as it was sent: with its year where it came with one that is still known."""
    if profile.birthday_month_day is None:
        return None
    day = f"{profile.birthday_month_day // 100:02}-{profile.birthday_month_day % 100:02}"
    year = year_of(ctx, profile) if profile.birthday_in_full else None
    return day if year is None else f"{year:04}-{day}"


def number_for(found: Found, channel: str) -> tuple[str | None, datetime | None]:
    """Return the number in E.164 that a channel sends to, and the moment since which it is suppressed.

    WhatsApp uses the profile's WhatsApp number, else the phone.
    """
    if channel == "whatsapp" and found.profile.whatsapp_number:
        return found.profile.whatsapp_e164, found.whatsapp_suppressed
    return found.profile.phone_e164, found.phone_suppressed


def in_touch_due(profile: ProfileTable) -> date | None:
    """Return the day on which contact is due again; None without a cadence."""
    return None if profile.in_touch_due_day is None else date.fromordinal(profile.in_touch_due_day)
