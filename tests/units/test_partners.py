"""Partners and client companies as functions of a context."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from flask_relationships.db.pagination import Page
from flask_relationships.domain.partners import links
from flask_relationships.domain.partners import queries as partners_queries
from flask_relationships.domain.partners import service as partners
from flask_relationships.errors import ChangedMeanwhile, PreconditionFailed

from .office import MODELS, NOW, Contact, Office, plain

LATER = NOW + timedelta(hours=1)


def names(rows: object) -> list[str]:
    return [row["partner_company_name"] for row in plain(rows)]


def test_a_company_becomes_a_client_once(office: Office) -> None:
    ctx, company = office.ctx, office.company()
    assert not partners_queries.is_client(ctx, company.id)
    assert partners_queries.client_profile(ctx, company.id) is None

    first, is_new = partners.create_client(ctx, company.id, NOW)
    again, is_new_again = partners.create_client(ctx, company.id, LATER)

    assert (is_new, is_new_again) == (True, False)
    assert first.id == again.id
    assert again.created_at == NOW
    assert partners_queries.is_client(ctx, company.id)


def test_ending_a_client_keeps_its_partners(office: Office) -> None:
    ctx, company = office.ctx, office.company()
    partners.create_client(ctx, company.id, NOW)
    partners.create(ctx, {"company_id": company.id, "partner_company_name": "Babbage & Sons"}, NOW)
    assert names(partners_queries.read_of_client(ctx, company.id)) == ["Babbage & Sons"]

    assert not partners.delete_client(ctx, company.id, [77])
    assert partners.delete_client(ctx, company.id)
    assert not partners.delete_client(ctx, company.id)

    assert partners_queries.client_profile(ctx, company.id) is None
    assert names(partners_queries.read_of_client(ctx, company.id)) == []
    assert names(partners_queries.read(ctx, company.id)[0]) == ["Babbage & Sons"]


def test_partners_are_read_by_name_and_by_pages(office: Office) -> None:
    ctx, company, other = office.ctx, office.company(), office.company("Other")
    for name in ("Zuse", "Aiken", "Babbage"):
        partners.create(ctx, {"company_id": company.id, "partner_company_name": name}, NOW)
    partners.create(ctx, {"company_id": other.id, "partner_company_name": "Elsewhere"}, NOW)

    first, cursor = partners_queries.read(ctx, company.id, Page(2))
    rest, end = partners_queries.read(ctx, company.id, Page(2, cursor))

    assert (names(first), names(rest), end) == (["Aiken", "Babbage"], ["Zuse"], None)


def test_a_partner_is_found_in_its_own_company_alone(office: Office) -> None:
    ctx, company, other = office.ctx, office.company(), office.company("Other")
    partner = partners.create(ctx, {"company_id": company.id, "partner_company_name": "Zuse"}, NOW)

    found = partners_queries.find(ctx, company.id, partner.id)
    assert found is not None
    assert found[0] is partner
    assert partners_queries.find(ctx, other.id, partner.id) is None
    assert partners_queries.find(ctx, company.id, uuid4()) is None


def test_the_contact_of_another_tenant_is_not_shown(office: Office) -> None:
    company, hidden = office.company(), office.contact(tenant_id=2)
    values = {"company_id": company.id, "partner_company_name": "Zuse", "contact_id": hidden.id}
    partner = partners.create(office.ctx, values, NOW)

    found = partners_queries.find(office.seen_by(office.user()), company.id, partner.id)

    assert found is not None
    assert found[1]["contact_id"] is None
    assert partner.contact_id == hidden.id


def test_changing_a_partner_writes_it_and_its_time(office: Office) -> None:
    ctx, company = office.ctx, office.company()
    partner = partners.create(ctx, {"company_id": company.id, "partner_company_name": "Zuse"}, NOW)
    partners.change(ctx, partner, {"notes": "Z4"}, LATER)
    ctx.commit()

    row = office.only(MODELS.Partner)
    assert (row.notes, row.created_at, row.updated_at) == ("Z4", NOW, LATER)


def test_a_change_of_another_revision_is_refused(office: Office) -> None:
    ctx, company = office.ctx, office.company()
    partner = partners.create(ctx, {"company_id": company.id, "partner_company_name": "Zuse"}, NOW)
    with pytest.raises((ChangedMeanwhile, PreconditionFailed)):
        partners.change(ctx, partner, {"notes": "Z4"}, LATER, [99])


def test_deleting_a_contact_past_the_session_clears_its_partner(office: Office) -> None:
    ctx, company, contact = office.ctx, office.company(), office.contact()
    values = {"company_id": company.id, "partner_company_name": "Zuse"}
    linked = values | {"contact_id": contact.id, "partner_contact_name": "Konrad"}
    partners.create(ctx, linked, NOW)
    partners.create(ctx, values | {"partner_contact_name": "By hand"}, NOW)
    ctx.commit()
    assert links.forget_deleted_contacts(ctx, LATER) == 0

    with office.session.get_bind().connect() as connection:
        connection.execute(sa.delete(Contact))
        connection.commit()
    left_over = sa.select(sa.func.count()).select_from(MODELS.Partner).where(links.is_left_over(ctx))
    assert ctx.execute(left_over).scalar_one() == 1

    assert links.forget_deleted_contacts(ctx, LATER) == 1
    kept = {row.partner_contact_name: row.contact_id for row in office.rows(MODELS.Partner)}
    assert kept == {None: None, "By hand": None}
