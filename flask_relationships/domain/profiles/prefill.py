"""The values of a profile that come from the host's contact, until somebody edits them here.

Each has a column ``<member>_source``: ``crm`` while it follows the host, ``edited`` once somebody has changed it here.
NULL is a row of version 0.1: it counts as ``crm`` where it equals the host's present value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...context import Context
from ...db.base import MAX_NAME_LENGTH
from ...hosts.texts import is_empty
from ..contacts.addresses import address_key, optional_key
from .birthday_texts import PREFILLED_BY_0_1, known_year, read_host_birthday
from .models import ProfileTable

CRM, EDITED = "crm", "edited"

SOURCES = (CRM, EDITED)


def phone_columns(ctx: Context, phone_number: str | None) -> dict[str, Any]:
    """Return the columns of a phone: the text, its number in E.164 and its key."""
    return {"phone_number": phone_number, **number_columns(ctx, "phone", phone_number)}


def number_columns(ctx: Context, which: str, text: str | None) -> dict[str, Any]:
    """Return the columns ``<which>_e164`` and ``<which>_key`` of a text; the key is empty where it is no number."""
    number = ctx.numbers.number(text)
    return {f"{which}_e164": number, f"{which}_key": "" if number is None else address_key(number)}


def _host_phone(_: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    phone = values.get("phone")
    return {"phone_number": None if phone is None or is_empty(phone) else str(phone)[:MAX_NAME_LENGTH]}


def _host_birthday(ctx: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    found = read_host_birthday(values.get("birthday"), ctx.settings.birthday_order)
    if found is None:
        return {"birthday_month_day": None, "birthday_year": None}
    year = known_year(found.year, found.month_day, ctx.today())
    return {"birthday_month_day": found.month_day, "birthday_year": year}


def birthday_columns(_: Context, birthday_month_day: int | None, birthday_year: int | None) -> dict[str, Any]:
    """Return the columns of a birthday that comes from the host, marked as out of sync with its event."""
    return {
        "birthday_month_day": birthday_month_day,
        "birthday_year": birthday_year,
        "birthday_in_full": birthday_year is not None,
        "birthday_year_source": None if birthday_year is None else "birthday",
        "birthday_owed": True,
    }


FOLLOWED: dict[str, Callable[[Context, Mapping[str, Any]], dict[str, Any]]] = {
    "phone_number": _host_phone,
    "birthday": _host_birthday,
}
"""By member: returns the columns to compare, from the host's values."""

COLUMNS: dict[str, Callable[..., dict[str, Any]]] = {"phone_number": phone_columns, "birthday": birthday_columns}
"""By member: returns all columns that follow from those compared."""


def host_columns(ctx: Context, member: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a member as the host has it now."""
    return FOLLOWED[member](ctx, values)


def source_column(member: str) -> str:
    """Return the name of the column that says where a member comes from."""
    return f"{member}_source"


def equals_host(ctx: Context, member: str, profile: Any, values: Mapping[str, Any]) -> bool:
    """Return whether the profile has the host's value of a member."""
    return all(_held(ctx, profile, name) == value for name, value in host_columns(ctx, member, values).items())


def _held(ctx: Context, profile: Any, name: str) -> Any:
    """Return the value of a column; None for a year that means no year, as in rows of version 0.1."""
    value = getattr(profile, name)
    if name == "birthday_year":
        return known_year(value, profile.birthday_month_day, ctx.today())
    return value


def _was_prefilled(ctx: Context, member: str, profile: Any, values: Mapping[str, Any]) -> bool:
    """Return whether version 0.1 would have read the stored value from the host's present one."""
    if equals_host(ctx, member, profile, values):
        return True
    if member != "birthday" or profile.birthday_month_day is not None:
        return False
    text = values.get("birthday")
    return isinstance(text, str) and not PREFILLED_BY_0_1.fullmatch(text)


def is_known(ctx: Context, member: str, values: Mapping[str, Any]) -> bool:
    """Return whether these values of the host include a member."""
    return member != "birthday" or ("birthday" in values and "birthday" in ctx.hosts.contact.fields)


def settle_source(ctx: Context, member: str, profile: ProfileTable, values: Mapping[str, Any]) -> None:
    """Set the source of a member after it was changed here: whoever enters the host's value follows it again."""
    setattr(profile, source_column(member), CRM if equals_host(ctx, member, profile, values) else EDITED)


def changes_of(ctx: Context, member: str, profile: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of one member that differ: its source in a row of version 0.1, and a value that follows."""
    if not is_known(ctx, member, values):
        return {}
    found: dict[str, Any] = {}
    source = getattr(profile, source_column(member))
    if source is None:
        source = found[source_column(member)] = CRM if _was_prefilled(ctx, member, profile, values) else EDITED
    if source == CRM and not equals_host(ctx, member, profile, values):
        found |= COLUMNS[member](ctx, **host_columns(ctx, member, values))
    return found


def changes(ctx: Context, profile: ProfileTable, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a profile that differ from what they must be: sources of rows of version 0.1, values that
    follow the host's, and keys that are not filled in."""
    found: dict[str, Any] = {}
    for member in FOLLOWED:
        found |= changes_of(ctx, member, profile, values)
    older = _outdated_columns(ctx, profile, values)
    if older.get("phone_number_source") == EDITED:
        found.pop("phone_number", None)
    found |= older
    for which, text, key in (
        ("phone", found.get("phone_number", profile.phone_number), found.get("phone_key", profile.phone_key)),
        ("whatsapp", profile.whatsapp_number, profile.whatsapp_key),
    ):
        if key is None and text is not None:
            found |= number_columns(ctx, which, text)
    return found


def _outdated_columns(ctx: Context, profile: ProfileTable, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of numbers that a process of version 0.1 has edited: it writes no keys."""
    found: dict[str, Any] = {}
    if _is_outdated(profile.whatsapp_key, profile.whatsapp_e164):
        found |= number_columns(ctx, "whatsapp", profile.whatsapp_number)
    if _is_outdated(profile.phone_key, profile.phone_e164):
        found |= number_columns(ctx, "phone", profile.phone_number)
        found["phone_number_source"] = CRM if equals_host(ctx, "phone_number", profile, values) else EDITED
    return found


def _is_outdated(key: str | None, number: str | None) -> bool:
    return key is not None and key != (optional_key(number) or "")


def shown_source(member: str, profile: ProfileTable) -> str | None:
    """Return where the value of a member comes from, or None where the host has none either."""
    source: str | None = getattr(profile, source_column(member))
    column = "birthday_month_day" if member == "birthday" else member
    return None if source == CRM and getattr(profile, column) is None else source
