from __future__ import annotations

import pytest
from flask import Flask

from examples.crm.extensions import db
from examples.crm.models import Contact, Organisation, Task, User

from .conftest import LogIn

LEVELS = ("executive", "head", "manager", "consultant")
PAGES = {
    "/": "<rel-actions",
    "/contacts/": "Looked after by",
    "/contacts/1": "<rel-contact-panel",
    "/contacts/1/edit": "Looked after by",
    "/companies/": "Account lead",
    "/companies/?stage=prospects": "Prospect",
    "/companies/1": "<rel-partners",
    "/tasks/": "New task",
    "/team/": "Leadership",
}


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_can_open_every_page(log_in: LogIn, level: str) -> None:
    person = log_in(level)
    for path, words in PAGES.items():
        response = person.open(path)
        assert response.status_code == 200, path
        assert words in response.text, path


def test_the_start_page_fits_managers_and_consultants(log_in: LogIn) -> None:
    for level in LEVELS:
        page = log_in(level).open("/").text
        assert "calendar" in page
        assert "<rel-actions" in page
        assert "Nothing is waiting for you" not in page


def test_contacts_are_searched_by_several_words_and_by_company(app: Flask, log_in: LogIn) -> None:
    consultant = log_in("consultant")
    with app.app_context():
        contact = db.session.get_one(Contact, 1)
        words, company = contact.full_name, contact.organisation
        assert company is not None
        title = company.title
        others = Contact.current().where(Contact.organisation_id == company.id)
        colleagues = len(db.session.scalars(others).all())
    found = consultant.open("/contacts/", query_string={"q": words}).text
    assert "<small>" in found
    assert "/contacts/1" in found
    assert f'<span class="count">{colleagues}</span>' in consultant.open("/contacts/", query_string={"q": title}).text


def test_a_search_for_a_percent_sign_is_not_a_search_for_everyone(log_in: LogIn) -> None:
    assert "Nobody matches" in log_in("consultant").open("/contacts/?q=%25").text


def test_the_list_of_contacts_has_pages_and_can_be_only_mine(log_in: LogIn) -> None:
    manager = log_in("manager")
    assert "Page 2 of 5" in manager.open("/contacts/?page=2").text
    assert "Page 1 of 5" not in manager.open("/contacts/?mine=1").text


def test_what_people_are_called_cannot_become_markup(log_in: LogIn) -> None:
    manager = log_in("manager")
    manager.open("/contacts/1/edit")
    details = {
        "given_name": "<b>Sam",
        "family_name": "Okafor",
        "email": "sam@orchard.example",
        "job_title": "",
        "mobile": "",
    }
    assert manager.submit("/contacts/1/edit", **details).status_code == 302
    assert "&lt;b&gt;Sam" in manager.open("/contacts/1").text
    assert "<b>Sam" not in manager.open("/contacts/1").text


def test_details_that_cannot_be_saved_come_back_with_what_is_wrong(log_in: LogIn) -> None:
    manager = log_in("manager")
    manager.open("/contacts/1/edit")
    answer = manager.submit("/contacts/1/edit", given_name="", family_name="x" * 81, email="nowhere", owner_id="999")
    assert answer.status_code == 422
    for problem in ("This field is required.", "At most 80 characters.", "has an @ in it", "somebody from the list"):
        assert problem in answer.text


def test_an_archived_contact_is_gone_from_the_pages_and_from_the_tool(log_in: LogIn) -> None:
    manager = log_in("manager")
    assert manager.call("GET", "/contacts/1/relationship").status_code == 200
    assert manager.submit("/contacts/1/archive").status_code == 302
    assert manager.open("/contacts/1").status_code == 404
    assert manager.call("GET", "/contacts/1/relationship").status_code == 404


def test_a_consultant_may_not_archive(log_in: LogIn) -> None:
    consultant = log_in("consultant")
    assert "Archive" not in consultant.open("/contacts/1").text
    assert consultant.submit("/contacts/1/archive").status_code == 403


def test_a_company_that_is_no_client_says_so(app: Flask, log_in: LogIn) -> None:
    with app.app_context():
        prospects = Organisation.query.filter(~Organisation.client_profile.has())
        prospect = prospects.order_by(Organisation.id).first()
        address = f"/companies/{prospect.id}"
    assert "is not a client yet" in log_in("consultant").open(address).text


def test_a_task_is_added_and_ticked_off(app: Flask, log_in: LogIn) -> None:
    consultant = log_in("consultant")
    consultant.open("/tasks/")
    assert consultant.submit("/tasks/", title="Water the office plants", due_on="2030-01-31").status_code == 302
    assert "31 Jan 2030" in consultant.open("/tasks/").text
    with app.app_context():
        task = db.session.query(Task).filter_by(title="Water the office plants").one()
        task_id = task.id
    consultant.submit(f"/tasks/{task_id}/toggle")
    assert "<s>Water the office plants</s>" in consultant.open("/tasks/").text


@pytest.mark.parametrize(("title", "due_on"), [("", ""), ("x" * 201, ""), ("Fine", "soon")])
def test_a_task_that_makes_no_sense_is_refused(log_in: LogIn, title: str, due_on: str) -> None:
    consultant = log_in("consultant")
    consultant.open("/tasks/")
    answer = consultant.submit("/tasks/", title=title, due_on=due_on)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_tasks_of_others_are_ticked_only_by_who_leads_them(app: Flask, log_in: LogIn) -> None:
    with app.app_context():
        head = db.session.query(User).filter_by(level="head").one()
        task_id = db.session.query(Task.id).filter_by(assignee_id=head.id, done_at=None).limit(1).scalar()
    for level, expected in (("consultant", 404), ("manager", 404), ("executive", 302)):
        assert log_in(level).submit(f"/tasks/{task_id}/toggle").status_code == expected


def test_a_page_that_is_not_there_looks_like_the_others(log_in: LogIn) -> None:
    answer = log_in("manager").open("/contacts/99999")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "Log out" in answer.text
