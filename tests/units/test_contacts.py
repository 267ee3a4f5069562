"""Contacts by activity and number, and what is left of deleted ones, as functions of a context."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from flask_relationships.db.filters import ListFilter
from flask_relationships.db.pagination import Order, Page
from flask_relationships.domain import pages
from flask_relationships.domain.actions import queries
from flask_relationships.domain.actions import service as actions
from flask_relationships.domain.contacts import activity, missing_keys, numbers, withdrawal
from flask_relationships.domain.contacts.addresses import NumberReader, address_key
from flask_relationships.domain.life_events import service as life_events
from flask_relationships.domain.profiles import host_numbers
from flask_relationships.domain.profiles import service as profiles
from flask_relationships.jobs import orphans

from .office import MODELS, NOW, NUMBER, TODAY, Company, Contact, Office, User, never, plain


def profile(office: Office, contact: Contact, **values: Any) -> None:
    found = profiles.find_or_create(office.ctx, office.row(contact), lambda _found: None).profile
    profiles.change(office.ctx, office.row(contact), found, values, user=None)


def event(office: Office, contact: Contact) -> Any:
    values = {"event_type": "birthday", "title": "Birthday", "event_date": date(1990, 7, 1), "recurs_annually": True}
    values |= {"auto_action_days_before": 7}
    return life_events.create(office.ctx, office.row(contact), values, user=None)


def test_inactive_contacts_are_found_by_key(office: Office) -> None:
    here, gone = office.contact(), office.contact(is_active=False)
    assert activity.find_inactive(office.ctx, [here.id, gone.id, 987654]) == {gone.id}


def test_rows_of_inactive_contacts_stay_where_sql_has_left_them_out(office: Office) -> None:
    actions.add(
        office.ctx,
        {"contact_id": office.contact(is_active=False).id, "title": "Call", "action_type": "call"}
        | {"status": "pending", "source": "auto"},
        now=NOW,
    )
    rows, _ = queries.read(office.ctx, ListFilter([]), outlived=True)
    assert activity.without_outlived(office.ctx, rows) is rows


def test_withdrawing_follows_the_contact(office: Office) -> None:
    ctx, contact = office.ctx, office.contact()
    _, action = event(office, contact)
    ctx.commit()
    assert withdrawal.count(ctx, TODAY) == {"dismissed": 0, "reopened": 0}

    contact.is_active = False
    ctx.commit()
    assert withdrawal.count(ctx, TODAY) == {"dismissed": 1, "reopened": 0}
    assert withdrawal.follow(ctx, TODAY, lambda: True) == ([], [])
    assert withdrawal.follow(ctx, TODAY, never) == ([action.id], [])
    assert office.only(MODELS.Action).status == "dismissed"

    contact.is_active = True
    ctx.commit()
    assert withdrawal.follow(ctx, date(2026, 7, 2)) == ([], [])
    assert withdrawal.follow(ctx, TODAY) == ([], [action.id])
    assert office.only(MODELS.Action).status == "pending"


def test_what_a_person_dismissed_is_not_opened_again(office: Office) -> None:
    _, action = event(office, office.contact())
    actions.close(office.ctx, action, "dismissed", user=None, closed_by="user", now=NOW)
    office.ctx.commit()
    assert withdrawal.follow(office.ctx, TODAY) == ([], [])


def test_the_normaliser_of_the_host_may_fail(office: Office) -> None:
    broken = replace(office.ctx, numbers=NumberReader("GB", lambda _text: 1 / 0))
    assert numbers.inbound_key(office.ctx, NUMBER) == address_key(NUMBER)
    assert numbers.inbound_key(broken, NUMBER) == address_key(NUMBER)


def test_contacts_are_found_by_number_best_first(office: Office) -> None:
    ctx = office.ctx
    by_phone, by_whatsapp, unopened = office.contact(phone=NUMBER), office.contact(), office.contact(phone=NUMBER)
    profile(office, by_phone)
    profile(office, by_whatsapp, whatsapp_number=NUMBER)
    list(host_numbers.refresh(ctx))

    assert numbers.find_contacts(ctx, NUMBER, "sms")[0] == by_phone.id
    assert numbers.find_contacts(ctx, NUMBER, "whatsapp")[0] == by_whatsapp.id
    assert set(numbers.find_contacts(ctx, NUMBER, "sms")) == {by_phone.id, by_whatsapp.id, unopened.id}
    assert numbers.find_contacts(ctx, "+442079460999", "sms") == []


def test_missing_keys_are_filled_in(office: Office) -> None:
    ctx = office.ctx
    office.add(MODELS.Suppression(number=NUMBER, reason="stop", created_at=NOW))
    office.add(MODELS.ConsentEntry(number=NUMBER, event="stop", source="recipient", created_at=NOW))
    office.add(MODELS.ConsentEntry(number=None, event="opt_in", source="staff", created_at=NOW))
    assert missing_keys.count(ctx) == 2
    assert missing_keys.fill(ctx) == 2
    assert missing_keys.fill(ctx) == 0
    assert office.only(MODELS.Suppression).number_key == address_key(NUMBER)


def test_a_list_of_one_table_is_read_by_pages(office: Office) -> None:
    company = office.company()
    for name in ("B", "A", "C"):
        office.add(MODELS.Partner(company_id=company.id, partner_company_name=name, created_at=NOW, updated_at=NOW))
    table = MODELS.Partner
    order = Order({"partner_company_name": table.partner_company_name, "id": table.id})

    def read(page: Page) -> Any:
        columns = ("id", "partner_company_name")
        return pages.read_paged(office.ctx, table, lambda keys: keys.columns(columns), ListFilter([]), order, page)

    first, cursor = read(Page(2))
    rest, end = read(Page(2, cursor))
    assert [row["partner_company_name"] for row in plain(first)] == ["A", "B"]
    assert [row["partner_company_name"] for row in plain(rest)] == ["C"]
    assert end is None


def test_a_row_may_lack_its_contact_where_hooks_hide_it(office: Office) -> None:
    assert pages.may_lack_contact(office.ctx, "sqlite")
    assert pages.may_lack_contact(office.ctx, "postgresql")


def test_rows_of_contacts_deleted_past_the_database_are_swept(office: Office) -> None:
    ctx = office.ctx
    kept, gone, ada = office.contact(), office.contact(), office.user()
    for contact in (kept, gone):
        profile(office, contact, cadence_days=30)
    values = {"title": "Call", "action_type": "call", "status": "pending", "source": "manual"}
    actions.add(ctx, {"contact_id": kept.id, "assigned_to_user_id": ada.id, **values}, now=NOW)
    ctx.commit()
    assert orphans.is_needed(ctx)
    assert orphans.sweep(ctx) == {}

    connection = office.session.get_bind().connect()
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.execute(sa.delete(Contact).where(Contact.id == gone.id))
    connection.execute(sa.delete(User))
    connection.commit()
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    connection.close()

    assert orphans.count(ctx) == {"contacts": 1, "users": 1}
    orphans.sweep(ctx, lambda: True)
    orphans.sweep(ctx)
    assert orphans.count(ctx) == {}
    assert [row.contact_id for row in office.rows(MODELS.Profile)] == [kept.id]
    assert office.only(MODELS.Action).assigned_to_user_id is None
    assert office.rows(Company) == []


def test_a_contact_deleted_in_the_session_takes_its_rows(office: Office) -> None:
    contact = office.contact()
    event(office, contact)
    office.session.delete(contact)
    office.ctx.commit()
    assert office.rows(MODELS.LifeEvent) == []
    assert office.rows(MODELS.Action) == []
