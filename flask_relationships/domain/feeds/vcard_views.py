from __future__ import annotations

from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from flask import current_app

from ...api.view import Answer, Call, OperationBlueprint, operation
from ...context import Context
from ...db.statements import execute
from ...hosts.texts import as_text
from ..life_events.occurrences import month_day
from ..life_events.subjects import BIRTHDAY, ContactFacts, is_of_contact, kind_of, title_with_person
from ..profiles import prefill
from ..profiles import queries as profiles
from ..profiles.birthday_texts import known_year
from . import vcard_file

blueprint = OperationBlueprint("vcards", __name__)

MEDIA_TYPE = "text/vcard"

MARRIAGE_TYPES = ("anniversary", "wedding", "wedding_anniversary")
"""The types of events for the property ANNIVERSARY, which is the day of a marriage."""


@blueprint.get("/contacts/<relationships_key:contact_id>/vcard")
@operation(
    "A contact as a vCard 4.0 with birthday and anniversaries; no notes",
    permission="view",
    answers={},
    produces=MEDIA_TYPE,
)
def show(call: Call) -> Answer:
    values, found = call.contact.values, profiles.find(call.context, call.contact.key)
    profile = None if found is None else found.profile
    events, facts = _events(call), _facts(values, profile)
    application = call.state.settings.public_url or current_app.name
    own = [event for event in events if is_of_contact(event, facts)]
    married = next((event for event in own if kind_of(event.event_type) in MARRIAGE_TYPES), None)
    card = vcard_file.Card(
        uid=str(uuid5(NAMESPACE_URL, f"{application}/contacts/{call.contact.key}")),  # the same at each export
        revised_at=call.state.now(),  # the host does not report when a name or company was changed
        first_name=_text(values.get("first_name")),
        last_name=_text(values.get("last_name")),
        nickname=facts.preferred_name,
        email=_text(values.get("email")),
        phone=_phone(call.context, values, profile),
        company=_company(call),
        birthday=_birthday(call.context, profile, own),
        anniversary=None if married is None else married.event_date,
        dates=_other_dates(events, own, married),
    )
    headers = {"Content-Disposition": 'attachment; filename="contact.vcf"'}
    return Answer({}, headers=headers, text=vcard_file.build(card))


def _other_dates(events: list[Any], own: list[Any], married: Any) -> list[tuple[date, str]]:
    """Return the recurring dates, without the contact's own birthday and the marriage."""
    birthdays = [event for event in own if kind_of(event.event_type) == BIRTHDAY]
    others = [event for event in events if event.recurs_annually and event is not married and event not in birthdays]
    return [(event.event_date, title_with_person(event.title, event.about)) for event in others]


def _phone(ctx: Context, values: Any, profile: Any) -> str | None:
    """Return the profile's phone, or the host's where the profile follows it and is outdated."""
    if profile is None:
        return _text(values.get("phone"))
    changes = prefill.changes(ctx, profile, values)
    number: str | None = changes.get("phone_e164", profile.phone_e164)
    text: str | None = changes.get("phone_number", profile.phone_number)
    return number or text


def _facts(values: Any, profile: Any) -> ContactFacts:
    names = (_text(values.get("first_name")), _text(values.get("last_name")))
    if profile is None:
        return ContactFacts(*names)
    return ContactFacts(*names, profile.preferred_name, profile.birthday_month_day)


def _birthday(ctx: Context, profile: Any, own: list[Any]) -> tuple[int | None, int] | None:
    """Return year and ``MMDD``: the profile's birthday, else that of the contact's own birthday event."""
    if profile is not None and profile.birthday_month_day is not None:
        return profiles.year_of(ctx, profile), profile.birthday_month_day
    for event in own:
        if kind_of(event.event_type) == BIRTHDAY:
            day = month_day(event.event_date)
            return known_year(event.event_date.year, day, ctx.today()), day
    return None


def _events(call: Call) -> list[Any]:
    table = call.state.models.LifeEvent
    names = ("event_type", "title", "about", "event_date", "month_day", "recurs_annually", "profile_id")
    columns = [getattr(table, name) for name in names]
    dated = sa.select(*columns).where(table.contact_id == call.contact.key, table.event_date.is_not(None))
    return list(execute(call.session, call.state.models.mapper, dated.order_by(table.event_date, table.id)))


def _text(value: Any) -> str:
    return as_text(value) or ""


def _company(call: Call) -> str | None:
    company, values = call.state.hosts.company, call.contact.values
    if company is None:
        return _text(values.get("company_name"))
    found = company.values(call.session, [values.get("company")], ["name"], call.user.given)
    return next((_text(name) for (name,) in found.values()), None)
