"""Values that a profile takes from the host's contact, and follows until somebody edits them here.

Each such value has a column ``<member>_source`` beside it: ``crm`` while it follows, ``edited`` once somebody has
changed it here. NULL is a row of version 0.1: it counts as ``crm`` where it equals the host's value today.
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
    """Return the columns of a birthday that comes from the host; its event is no longer in line with it."""
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
"""By member of the profile: reads the columns that are compared with the profile from the host's values."""

COLUMNS: dict[str, Callable[..., dict[str, Any]]] = {"phone_number": phone_columns, "birthday": birthday_columns}
"""By member: makes all columns that follow from those compared."""


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
    """Return what a column says: a year that means none is None, as rows of version 0.1 may hold one."""
    value = getattr(profile, name)
    if name == "birthday_year":
        return known_year(value, profile.birthday_month_day, ctx.today())
    return value


def _was_prefilled(ctx: Context, member: str, profile: Any, values: Mapping[str, Any]) -> bool:
    """Return whether a row of version 0.1 has what that version took from the host's value of today."""
    if equals_host(ctx, member, profile, values):
        return True
    if member != "birthday" or profile.birthday_month_day is not None:
        return False
    text = values.get("birthday")
    return isinstance(text, str) and not PREFILLED_BY_0_1.fullmatch(text)


def is_known(ctx: Context, member: str, values: Mapping[str, Any]) -> bool:
    """Return whether these values of the host tell anything of a member."""
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
    older = _of_an_older_process(ctx, profile, values)
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


def _of_an_older_process(ctx: Context, profile: ProfileTable, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that a process of version 0.1 has left behind: it edits numbers and knows no keys."""
    found: dict[str, Any] = {}
    if profile.whatsapp_key is not None and profile.whatsapp_key != (optional_key(profile.whatsapp_e164) or ""):
        found |= number_columns(ctx, "whatsapp", profile.whatsapp_number)
    if profile.phone_key is not None and profile.phone_key != (optional_key(profile.phone_e164) or ""):
        found |= number_columns(ctx, "phone", profile.phone_number)
        found["phone_number_source"] = CRM if equals_host(ctx, "phone_number", profile, values) else EDITED
    return found


def shown_source(member: str, profile: ProfileTable) -> str | None:
    """Return where the value of a member comes from, or None where the host has none either."""
    source: str | None = getattr(profile, source_column(member))
    column = "birthday_month_day" if member == "birthday" else member
    return None if source == CRM and getattr(profile, column) is None else source
