"""What an auto-action says: the host's own templates, and only what is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flask_relationships import ConfigurationError, Template
from tests.documentation.business_days import TEMPLATES
from tests.reminders.office import Office, Row

GREET = {"birthday": Template("card", "Greet {preferred_name}", "Happy birthday, {preferred_name}!")}


def last(office: Office, contact: int) -> Row:
    return office.actions(contact)[-1]


def says(action: Row) -> tuple[str, str, str | None]:
    return action["action_type"], action["title"], action["message_body"]


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    return open_office(templates=TEMPLATES)


def test_the_age_is_that_on_the_day(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "1990-05-15")
    assert says(last(office, ada)) == ("card", "Ada will be 37", "Happy birthday, Ada!")
    office.run("2028-05-08")
    assert last(office, ada)["title"] == "Ada will be 38"


@pytest.mark.parametrize("born", ["2027-05-15", "2030-05-15"])
def test_a_year_that_gives_no_age_is_none(office: Office, born: str) -> None:
    ada = office.contact()
    office.event(ada, born)
    assert last(office, ada)["title"] == "Ada has a birthday"


def test_a_one_off_event_has_no_age(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "1990-05-15", recurs_annually=False)
    assert last(office, ada)["title"] == "Ada has a birthday"


def test_a_birthday_without_its_year_has_no_age(open_office: Callable[..., Office]) -> None:
    office = open_office(templates=TEMPLATES, RELATIONSHIPS_BIRTHDAY_EVENTS=True)
    ada = office.contact()
    office.api.patch(f"/contacts/{ada}/relationship", {"birthday": "05-15"})
    assert last(office, ada)["title"] == "Ada has a birthday"
    office.run("2028-05-08")
    assert last(office, ada)["title"] == "Ada has a birthday"
    office.api.patch(f"/contacts/{ada}/relationship", {"birthday": "1990-05-15"})
    assert [action["title"] for action in office.actions(ada)] == ["Ada will be 37", "Ada will be 38"]


def test_without_a_name_the_wording_without_one_is_taken(office: Office) -> None:
    nobody = office.contact(None)
    office.event(nobody, "1990-05-15")
    office.run("2028-05-08")
    assert [says(action) for action in office.actions(nobody)] == [("card", "A birthday: Birthday", None)] * 2


def test_a_type_of_the_hosts_own_and_the_one_for_all_others(office: Office) -> None:
    ada = office.contact()
    assert office.event(ada, "2027-06-01", event_type="Contract end", title="{age} {x} 50%", recurs_annually=False)
    assert says(last(office, ada)) == ("call", "Talk about renewal: {age} {x} 50%", None)
    bob = office.contact()
    office.event(bob, "2027-06-01", event_type="visit", title="Visit", recurs_annually=False)
    assert says(last(office, bob)) == ("task", "Visit", None)


def test_types_that_are_not_given_keep_their_template(office: Office) -> None:
    ada = office.contact()
    office.event(ada, "2027-06-01", event_type="wedding", title="Wedding", recurs_annually=False)
    assert says(last(office, ada)) == ("gift", "A wedding present for Ada", None)


def test_the_preferred_name_is_the_profiles_else_the_first_name(open_office: Callable[..., Office]) -> None:
    office = open_office(templates=GREET)
    ada = office.contact()
    office.event(ada, "1990-05-15")
    assert last(office, ada)["title"] == "Greet Ada"
    office.api.patch(f"/contacts/{ada}/relationship", {"preferred_name": "Countess"})
    office.run("2028-05-08")
    assert says(last(office, ada)) == ("card", "Greet Countess", "Happy birthday, Countess!")
    office.event(ada, "1990-12-01")
    assert "Greet Countess" in [action["title"] for action in office.actions(ada) if action["due_date"] > "2028-06"]


@pytest.mark.on_databases("sqlite")
@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"birthday": Template("card", "Dear {firstname}")}, "template_placeholder", "{firstname}"),
        ({"birthday": Template("card", "x", ("{age}", "{}"))}, "template_placeholder", "{}"),
        ({"birthday": "Dear {first_name}"}, "option_unfit", "birthday"),
        ([Template("card")], "option_unfit", "list"),
    ],
)
def test_what_is_no_template_is_a_mistake_at_the_start(
    open_office: Callable[..., Office], given: Any, code: str, words: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        open_office(templates=given)
    (mistake,) = raised.value.mistakes
    assert mistake.code == code
    assert words in mistake.message
    assert mistake.fix
