from __future__ import annotations

import pytest
from flask import Flask

from examples.crm import create_app
from examples.crm.sample_data.names import USERS
from examples.crm.sample_data.people import email_of

from .conftest import LogIn, Person


def test_the_log_in_page_lists_every_account(nobody: Person) -> None:
    page = nobody.open("/login").text
    for name, _, _ in USERS:
        assert name in page
        assert email_of(name) in page


def test_accounts_are_listed_only_in_a_demonstration(app: Flask) -> None:
    serious = create_app({"DATABASE": app.config["DATABASE"], "SECRET_KEY": "for tests", "DEMO_ACCOUNTS": False})
    assert email_of(USERS[0][0]) not in serious.test_client().get("/login").text


def test_logging_in_leads_to_the_page_that_was_asked_for(nobody: Person) -> None:
    asked = nobody.open("/companies/3")
    assert asked.status_code == 302
    assert asked.location == "/login?next=%2Fcompanies%2F3"
    assert nobody.log_in(email_of("Ana Ruiz"), next="/companies/3").location == "/companies/3"


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x"]
)
def test_logging_in_leads_nowhere_else(nobody: Person, elsewhere: str) -> None:
    assert nobody.log_in(email_of("Ana Ruiz"), next=elsewhere).location == "/"


def test_a_wrong_password_and_an_unknown_address_are_told_alike(nobody: Person) -> None:
    answers = [
        nobody.log_in(email_of("Ana Ruiz"), "wrong"),
        nobody.log_in("nobody@larkfield.example"),
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("do not go together" in answer.text for answer in answers)


def test_logging_out_ends_it(log_in: LogIn) -> None:
    manager = log_in("manager")
    assert manager.submit("/logout").location == "/login"
    assert manager.open("/").status_code == 302
    assert manager.call("GET", "/contacts/1/relationship").status_code == 401


@pytest.mark.parametrize("path", ["/", "/contacts/", "/contacts/1", "/companies/1", "/tasks/", "/team/"])
def test_pages_are_for_people_who_are_logged_in(nobody: Person, path: str) -> None:
    answer = nobody.open(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/login")
