"""The rules of profiles as functions of a context."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from flask_relationships.context import Context
from flask_relationships.domain.consent import service as consent
from flask_relationships.domain.contacts.addresses import address_key
from flask_relationships.domain.profiles import birthdays, host_birthdays, host_numbers, prefill, unreachable
from flask_relationships.domain.profiles import queries as profile_queries
from flask_relationships.domain.profiles import service as profiles
from flask_relationships.domain.profiles.birthday_texts import Birthday
from flask_relationships.errors import ChangedMeanwhile, PreconditionFailed, ValidationFailed

from .office import MODELS, NOW, NUMBER, Contact, Office, never

LATER = NOW + timedelta(hours=1)


def silent(_found: profiles.Found) -> None:
    """Send no signal."""


def make(office: Office, contact: Contact, ctx: Context | None = None) -> Any:
    return profiles.find_or_create(ctx or office.ctx, office.row(contact), silent).profile


def change(office: Office, contact: Contact, values: dict[str, Any], **options: Any) -> Any:
    profile = make(office, contact)
    return profiles.change(office.ctx, office.row(contact), profile, values, **{"user": None} | options)


def only(office: Office) -> Any:
    return office.only(MODELS.Profile)


def test_a_profile_is_created_once_from_the_hosts_values(office: Office) -> None:
    contact, told = office.contact(phone="020 7946 0001", born=date(1990, 7, 1)), list[bool]()
    assert profiles.find(office.ctx, contact.id) is None

    first = profiles.find_or_create(office.ctx, office.row(contact), lambda found: told.append(found.created))
    again = profiles.find_or_create(office.ctx, office.row(contact), lambda found: told.append(found.created))

    assert (first.created, again.created, told) == (True, False, [True])
    row = only(office)
    assert (row.phone_number, row.phone_e164, row.phone_key) == ("020 7946 0001", NUMBER, address_key(NUMBER))
    assert (row.birthday_year, row.birthday_month_day, row.birthday_source) == (1990, 701, "crm")
    assert not row.twilio_opt_in


def test_an_imagined_profile_is_not_saved(office: Office) -> None:
    contact = office.contact(phone=NUMBER)
    imagined = profiles.find_or_imagine(office.ctx, office.row(contact)).profile
    assert imagined.phone_e164 == NUMBER
    assert office.rows(MODELS.Profile) == []

    make(office, contact)
    contact.phone = "+442079460009"
    foreseen = profiles.find_or_imagine(office.ctx, office.row(contact)).profile
    assert foreseen.phone_e164 == "+442079460009"
    assert only(office).phone_e164 == NUMBER


def test_prefilled_columns_have_no_birthday_that_cannot_be_read(office: Office) -> None:
    contact = office.contact()
    columns = profiles.prefilled(office.ctx, office.row(contact))
    assert "birthday_month_day" not in columns
    assert (columns["contact_id"], columns["phone_number"], columns["birthday_source"]) == (contact.id, None, "crm")


def test_a_profile_follows_the_host_until_somebody_edits_it(office: Office) -> None:
    contact = office.contact(phone=NUMBER)
    profile = make(office, contact)
    assert profiles.follow_host(office.ctx, office.row(contact), profile) == (False, False, None)

    contact.phone = "+442079460009"
    followed = profiles.follow_host(office.ctx, office.row(contact), profile)
    assert (followed.changed, followed.number) == (True, True)
    assert only(office).phone_e164 == "+442079460009"

    profiles.change(office.ctx, office.row(contact), profile, {"phone_number": "+442079460005"}, user=None)
    contact.phone = NUMBER
    assert not profiles.follow_host(office.ctx, office.row(contact), profile).changed
    assert (only(office).phone_e164, only(office).phone_number_source) == ("+442079460005", "edited")


def test_an_opt_in_lapses_with_its_number_where_consent_is_per_number(office: Office) -> None:
    contact = office.contact(phone=NUMBER)
    change(office, contact, {"twilio_opt_in": True})
    ctx = office.with_settings(RELATIONSHIPS_CONSENT_PER_NUMBER=True)
    contact.phone = "+442079460009"

    followed = profiles.follow_host(ctx, office.row(contact), only(office))

    assert followed.entry is not None
    assert (followed.entry.event, followed.entry.source) == ("opt_out", "number_changed")
    assert not only(office).twilio_opt_in


def test_an_opt_in_is_one_line_of_the_ledger(office: Office) -> None:
    ada, contact = office.user(), office.contact(phone=NUMBER)
    given = {"twilio_opt_in": True, "opt_in_source": "form", "opt_in_evidence": "signed"}
    entry = change(office, contact, given, user=ada.id)
    assert (entry.event, entry.source, entry.evidence, entry.actor_user_id) == ("opt_in", "form", "signed", ada.id)
    assert (only(office).twilio_opt_in, only(office).consent_changed_at) == (True, NOW)

    assert change(office, contact, {"twilio_opt_in": True}) is None
    assert change(office, contact, {"interests": ["chess"]}) is None
    assert change(office, contact, {"twilio_opt_in": False}).event == "opt_out"


def test_a_change_of_another_revision_is_refused(office: Office) -> None:
    with pytest.raises((ChangedMeanwhile, PreconditionFailed)):
        change(office, office.contact(), {"preferred_name": "Amazing"}, revisions=[99])


def test_null_interests_are_an_empty_list(office: Office) -> None:
    contact = office.contact()
    change(office, contact, {"interests": ["chess"]})
    change(office, contact, {"interests": None})
    assert only(office).interests == []


def test_29_february_needs_a_leap_year(office: Office) -> None:
    contact = office.contact()
    with pytest.raises(ValidationFailed) as raised:
        change(office, contact, {"birthday": Birthday(1989, 2, 29)})
    assert [error.pointer for error in raised.value.errors] == ["#/birthday"]
    office.session.rollback()

    change(office, contact, {"birthday": Birthday(1988, 2, 29)})
    assert profiles.birthday_of(office.ctx, only(office)) == (1988, 229)
    assert profile_queries.written_birthday(office.ctx, only(office)) == "1988-02-29"


def test_a_year_that_came_alone_stays_without_its_day(office: Office) -> None:
    contact = office.contact()
    change(office, contact, {"birthday_year": 1990})
    assert (profiles.year_of(office.ctx, only(office)), profiles.birthday_of(office.ctx, only(office))) == (1990, None)
    assert profile_queries.written_birthday(office.ctx, only(office)) is None

    change(office, contact, {"birthday": Birthday(None, 7, 1)})
    assert profiles.birthday_of(office.ctx, only(office)) == (1990, 701)
    assert profile_queries.written_birthday(office.ctx, only(office)) == "07-01"
    change(office, contact, {"birthday": None, "birthday_year": None})
    assert profiles.year_of(office.ctx, only(office)) is None


def test_a_cadence_counts_from_the_day_it_was_set(office: Office) -> None:
    contact = office.contact()
    change(office, contact, {"cadence_days": 30})
    assert profile_queries.in_touch_due(only(office)) == date(2026, 7, 15)
    change(office, contact, {"cadence_days": None})
    assert profile_queries.in_touch_due(only(office)) is None


def test_whatsapp_falls_back_to_the_phone(office: Office) -> None:
    contact, other = office.contact(phone=NUMBER), "+442079460009"
    consent.suppress(office.ctx, other, channel="whatsapp", reason="stop", now=NOW)
    found = profiles.find_or_create(office.ctx, office.row(contact), silent)
    assert profiles.number_for(found, "whatsapp") == (NUMBER, None)

    change(office, contact, {"whatsapp_number": other})
    again = profiles.find(office.ctx, contact.id)
    assert again is not None
    assert profiles.number_for(again, "sms") == (NUMBER, None)
    assert profiles.number_for(again, "whatsapp") == (other, NOW)


def test_the_last_message_only_moves_forward(office: Office) -> None:
    contact = office.contact()
    make(office, contact)
    profiles.note_message(office.ctx, contact.id, LATER)
    profiles.note_message(office.ctx, contact.id, NOW)
    assert only(office).last_message_at == LATER


def test_a_number_is_flagged_on_the_channel_that_failed(office: Office) -> None:
    contact = office.contact(phone=NUMBER)
    make(office, contact)
    unreachable.flag(office.ctx, contact.id, "+442079460009", "sms", NOW)
    assert only(office).phone_unreachable_since is None

    unreachable.flag(office.ctx, contact.id, NUMBER, "sms", NOW)
    unreachable.flag(office.ctx, contact.id, NUMBER, "sms", LATER)
    unreachable.flag(office.ctx, contact.id, NUMBER, "whatsapp", LATER)
    assert (only(office).phone_unreachable_since, only(office).whatsapp_unreachable_since) == (NOW, LATER)

    unreachable.unflag(office.ctx, contact.id, NUMBER, "whatsapp", at=NOW)
    assert only(office).whatsapp_unreachable_since == LATER
    unreachable.unflag(office.ctx, contact.id, NUMBER, "whatsapp")
    unreachable.unflag(office.ctx, contact.id, NUMBER, "sms")
    assert (only(office).phone_unreachable_since, only(office).whatsapp_unreachable_since) == (None, None)


def test_columns_of_numbers(office: Office) -> None:
    ctx = office.ctx
    assert prefill.phone_columns(ctx, "020 7946 0001") == {
        "phone_number": "020 7946 0001",
        "phone_e164": NUMBER,
        "phone_key": address_key(NUMBER),
    }
    assert prefill.number_columns(ctx, "whatsapp", "no number") == {"whatsapp_e164": None, "whatsapp_key": ""}


def test_columns_of_the_hosts_values(office: Office) -> None:
    ctx = office.ctx
    assert prefill.host_columns(ctx, "phone_number", {"phone": "  "}) == {"phone_number": None}
    assert prefill.host_columns(ctx, "birthday", {"birthday": "1604-07-01"}) == {
        "birthday_month_day": 701,
        "birthday_year": None,
    }
    assert prefill.host_columns(ctx, "birthday", {"birthday": "soon"})["birthday_month_day"] is None
    assert prefill.is_known(ctx, "birthday", {"birthday": None})
    assert not prefill.is_known(ctx, "birthday", {})
    assert prefill.is_known(ctx, "phone_number", {})


def test_the_source_of_a_value_says_whether_it_follows(office: Office) -> None:
    ctx, contact = office.ctx, office.contact(phone=NUMBER)
    profile, values = make(office, contact), office.row(contact).values
    assert prefill.equals_host(ctx, "phone_number", profile, values)
    assert prefill.changes(ctx, profile, values) == {}
    assert prefill.changes_of(ctx, "phone_number", profile, values) == {}

    other = values | {"phone": "+442079460009"}
    assert not prefill.equals_host(ctx, "phone_number", profile, other)
    assert prefill.changes_of(ctx, "phone_number", profile, other)["phone_e164"] == "+442079460009"
    assert prefill.changes(ctx, profile, other)["phone_number"] == "+442079460009"

    prefill.settle_source(ctx, "phone_number", profile, other)
    assert profile.phone_number_source == "edited"
    assert prefill.changes_of(ctx, "phone_number", profile, other) == {}
    prefill.settle_source(ctx, "phone_number", profile, values)
    assert profile.phone_number_source == "crm"


def test_a_row_of_version_0_1_gets_its_sources(office: Office) -> None:
    ctx, contact = office.ctx, office.contact(phone=NUMBER)
    profile, values = make(office, contact), office.row(contact).values
    profile.phone_number_source, profile.birthday_source = None, None
    assert prefill.changes(ctx, profile, values) == {"phone_number_source": "crm", "birthday_source": "crm"}


def test_profiles_of_known_birthdays_are_filled_in_once(office: Office) -> None:
    ctx, born = office.ctx, office.contact(born=date(1988, 2, 29))
    office.contact()
    office.contact(born=date(1990, 7, 1), tenant_id=2)
    make(office, office.contact(born=date(1991, 7, 1)))

    unopened = [row["contact_id"] for batch in birthdays.unopened(ctx) for row in batch]
    assert len(unopened) == 2
    assert born.id in unopened
    assert [len(ids) for ids in birthdays.fill(ctx)] == [2]
    assert [len(ids) for ids in birthdays.fill(ctx)] == [0]
    assert len(office.rows(MODELS.Profile)) == 3


def test_owed_birthdays_get_their_events(office: Office) -> None:
    ctx, contact = office.ctx, office.contact(born=date(1988, 2, 29))
    make(office, contact)
    assert birthdays.keep(ctx, lambda: True) == 0
    assert birthdays.keep(ctx, never) == 1
    assert birthdays.keep(ctx, never) == 0
    assert (office.only(MODELS.LifeEvent).month_day, only(office).birthday_owed) == (229, False)


def test_birthdays_follow_the_host_by_job(office: Office) -> None:
    ctx, contact = office.ctx, office.contact(born=date(1990, 7, 1))
    make(office, contact)
    contact.born = date(1990, 8, 1)
    ctx.commit()

    assert host_birthdays.follow(ctx, lambda: True) == 0
    assert host_birthdays.follow(ctx, never) == 1
    assert host_birthdays.follow(ctx, never) == 0
    assert (only(office).birthday_month_day, only(office).birthday_owed) == (801, True)


def test_a_birthday_agrees_with_its_event(office: Office) -> None:
    ctx = office.with_settings(RELATIONSHIPS_BIRTHDAY_EVENTS=True)
    make(office, office.contact(born=date(1990, 7, 1)), ctx)
    only(office).birthday_month_day = 702
    ctx.commit()

    host_birthdays.agree(ctx, lambda: True)
    assert only(office).birthday_month_day == 702
    host_birthdays.agree(ctx, never)
    assert (only(office).birthday_month_day, only(office).birthday_year) == (701, 1990)


def test_the_table_of_numbers_follows_the_host(office: Office) -> None:
    ctx, contact = office.ctx, office.contact(phone="020 7946 0001")
    office.contact(phone="no number")
    assert host_numbers.count(ctx) == 1
    assert host_numbers.is_behind(ctx, office.row(contact))

    (first,) = host_numbers.refresh(ctx)
    assert (first.contacts, first.keys, first.entries) == (1, [address_key(NUMBER)], [])
    assert office.only(MODELS.ContactNumber).number == NUMBER
    assert not host_numbers.is_behind(ctx, office.row(contact))
    assert host_numbers.count(ctx) == 0

    contact.phone = "+442079460009"
    assert host_numbers.refresh_one(ctx, office.row(contact)).keys == [address_key("+442079460009")]
    contact.phone = None
    assert host_numbers.refresh_one(ctx, office.row(contact)).contacts == 1
    assert office.rows(MODELS.ContactNumber) == []


def test_a_lapsed_opt_in_is_reported_with_the_numbers(office: Office) -> None:
    contact = office.contact(phone=NUMBER)
    change(office, contact, {"twilio_opt_in": True})
    ctx = replace(office.ctx, settings=office.with_settings(RELATIONSHIPS_CONSENT_PER_NUMBER=True).settings)
    contact.phone = "+442079460009"

    refreshed = host_numbers.refresh_one(ctx, office.row(contact))
    assert [entry.source for entry in refreshed.entries] == ["number_changed"]
