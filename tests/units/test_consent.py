"""The consent ledger and suppressed numbers as functions of a context."""

from __future__ import annotations

from datetime import timedelta

from flask_relationships.db.pagination import Page
from flask_relationships.domain.consent import queries as consent_queries
from flask_relationships.domain.consent import service as consent
from flask_relationships.domain.contacts.addresses import address_key

from .office import MODELS, NOW, NUMBER, Office, plain

LATER = NOW + timedelta(hours=1)


def test_the_ledger_is_read_newest_first_and_of_one_contact(office: Office) -> None:
    ctx, grace, other, ada = office.ctx, office.contact(), office.contact(), office.user()
    line = {"number": NUMBER, "source": "staff"}
    consent.record(ctx, contact=grace.id, event="opt_in", now=NOW, actor=ada.id, evidence="form", **line)
    consent.record(ctx, contact=grace.id, event="opt_out", now=LATER, **line)
    consent.record(ctx, contact=other.id, event="opt_in", now=LATER, **line)
    office.session.flush()

    first, cursor = consent_queries.read(ctx, grace.id, Page(1))
    rest, end = consent_queries.read(ctx, grace.id, Page(1, cursor))

    assert [row["event"] for row in plain(first)] == ["opt_out"]
    assert [(row["event"], row["evidence"], row["actor_user_id"]) for row in plain(rest)] == [
        ("opt_in", "form", ada.id)
    ]
    assert end is None
    assert {row.number_key for row in office.rows(MODELS.ConsentEntry)} == {address_key(NUMBER)}


def test_the_actor_of_another_tenant_is_hidden(office: Office) -> None:
    grace, eve = office.contact(), office.user("Eve", tenant_id=2)
    consent.record(office.ctx, contact=grace.id, number=None, event="opt_in", source="staff", now=NOW, actor=eve.id)
    ctx = office.seen_by(office.user())

    (row,) = plain(consent_queries.read(ctx, grace.id, Page(10))[0])
    assert row["actor_user_id"] is None


def test_a_suppressed_number_is_lifted_once(office: Office) -> None:
    ctx = office.ctx
    consent.suppress(ctx, NUMBER, channel="sms", reason="stop", now=NOW)
    consent.suppress(ctx, NUMBER, channel="whatsapp", reason="stop", now=LATER)
    row = office.only(MODELS.Suppression)
    assert (row.channel, row.created_at, row.lifted_at) == ("sms", NOW, None)

    assert consent.lift(ctx, NUMBER, now=LATER)
    assert not consent.lift(ctx, NUMBER, now=LATER)
    assert not consent.lift(ctx, "+442079460999", now=LATER)
    assert office.only(MODELS.Suppression).lifted_at == LATER


def test_a_lifted_suppression_begins_anew(office: Office) -> None:
    ctx = office.ctx
    consent.suppress(ctx, NUMBER, channel="sms", reason="stop", now=NOW)
    consent.lift(ctx, NUMBER, now=LATER)
    consent.suppress(ctx, NUMBER, channel="whatsapp", reason="provider", now=LATER)

    row = office.only(MODELS.Suppression)
    assert (row.channel, row.reason, row.created_at, row.lifted_at) == ("whatsapp", "provider", LATER, None)


def test_suppressions_of_a_contact_are_those_of_its_numbers_and_lines(office: Office) -> None:
    ctx, grace = office.ctx, office.contact()
    former, foreign = "+442079460002", "+442079460003"
    consent.record(ctx, contact=grace.id, number=former, event="opt_out", source="stop", now=NOW)
    office.add(
        MODELS.Profile(
            contact_id=grace.id, phone_e164=NUMBER, phone_key=address_key(NUMBER), created_at=NOW, updated_at=NOW
        )
    )
    for number in (NUMBER, former, foreign):
        consent.suppress(ctx, number, channel="sms", reason="stop", now=NOW)
    consent.lift(ctx, former, now=LATER)

    found = {row["number"]: row["lifted_at"] is None for row in plain(consent_queries.suppressions(ctx, grace.id))}
    assert found == {NUMBER: True, former: False}
