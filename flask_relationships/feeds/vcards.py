from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint

from ..binding.texts import as_text
from ..http import Answer, Call, operation
from ..profiles import service as profiles
from ..tables.execute import execute
from . import vcard_file

blueprint = Blueprint("vcards", __name__)

MEDIA_TYPE = "text/vcard"

MARRIED = ("anniversary", "wedding", "wedding_anniversary")
"""The types of events that vCard's ANNIVERSARY means, which is that of a marriage."""


@blueprint.get("/contacts/<contact_id>/vcard")
@operation("A contact as a vCard 4.0 with birthday and anniversaries; no notes", answers={}, produces=MEDIA_TYPE)
def show(call: Call) -> Answer:
    values, found = call.contact.values, profiles.find(call.session, call.state.models, call.contact.key)
    profile = None if found is None else found.profile
    events = _events(call)
    married = next((event for event in events if _kind(event) in MARRIED), None)
    born = next((event for event in events if _kind(event) == "birthday"), None)
    birthday = None if born is None else (born.event_date.year, born.event_date.month * 100 + born.event_date.day)
    if profile is not None and profile.birthday_month_day is not None:
        birthday = (profile.birthday_year, profile.birthday_month_day)
    card = vcard_file.Card(
        uid=None if profile is None else str(profile.id),
        first_name=_text(values.get("first_name")),
        last_name=_text(values.get("last_name")),
        nickname=None if profile is None else profile.preferred_name,
        email=_text(values.get("email")),
        phone=_text(values.get("phone")) if profile is None else profile.phone_e164 or profile.phone_number,
        company=_company(call),
        birthday=birthday,
        anniversary=None if married is None else married.event_date,
        dates=[
            (event.event_date, event.title)
            for event in events
            if event is not married and _kind(event) != "birthday" and event.recurs_annually
        ],
    )
    headers = {"Content-Disposition": 'attachment; filename="contact.vcf"'}
    return Answer({}, headers=headers, text=vcard_file.build(card))


def _events(call: Call) -> list[Any]:
    table = call.state.models.LifeEvent
    columns = (table.event_type, table.title, table.event_date, table.recurs_annually)
    dated = sa.select(*columns).where(table.contact_id == call.contact.key, table.event_date.is_not(None))
    return list(execute(call.session, call.state.models.mapper, dated.order_by(table.event_date, table.id)))


def _kind(event: Any) -> str:
    return str(event.event_type).strip().lower().replace(" ", "_")


def _text(value: Any) -> str:
    return as_text(value) or ""


def _company(call: Call) -> str | None:
    company, values = call.state.hosts.company, call.contact.values
    if company is None:
        return _text(values.get("company_name"))
    found = company.values(call.session, [values.get("company")], ["name"], call.user.given)
    return next((_text(name) for (name,) in found.values()), None)
