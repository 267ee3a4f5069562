"""Events of somebody else: the action names that person, the contact is sent no greeting and has no BDAY of it."""

from __future__ import annotations

from typing import Any

import pytest
import vobject  # type: ignore[import-untyped]

from flask_relationships import Template
from flask_relationships.domain.life_events.subjects import (
    ContactFacts,
    is_anniversary,
    is_of_contact,
)
from tests.reminders.office import Office, Row

MIA = {"title": "Daughter Mia", "auto_action_days_before": 7}


def only(office: Office, contact: int) -> Row:
    (action,) = office.actions(contact)
    return action


def card(office: Office, contact: int) -> Any:
    return vobject.readOne(office.api.ask("GET", f"/contacts/{contact}/vcard").get_data(as_text=True))


def test_an_event_about_somebody_names_them_and_drafts_nothing(office: Office) -> None:
    chidi = office.contact("Chidi")
    event = office.event(chidi, "2015-06-01", about="Mia", title="Birthday of his daughter")
    assert event["about"] == "Mia"
    action = only(office, chidi)
    assert (action["title"], action["action_type"]) == ("Wish Mia a happy birthday", "card")
    assert action["message_body"] is None
    found = card(office, chidi)
    assert "bday" not in found.contents
    assert (found.x_abdate.value, found.x_ablabel.value) == ("20150601", "Mia: Birthday of his daughter")


@pytest.mark.parametrize("event_type", ["anniversary", "work anniversary", "promotion", "wedding", "party"])
def test_every_type_of_event_names_whom_it_is_about(office: Office, event_type: str) -> None:
    chidi = office.contact("Chidi")
    office.event(chidi, "2015-06-01", event_type=event_type, about="Mia Okafor", title="A day")
    action = only(office, chidi)
    assert "Mia Okafor" in action["title"]
    assert "Chidi" not in action["title"]
    assert action["message_body"] is None
    assert "anniversary" not in card(office, chidi).contents


def test_a_template_of_the_host_drafts_nothing_either(open_office: Any) -> None:
    office = open_office(templates={"birthday": Template("call", "Ring them", "Happy birthday!")})
    chidi = office.contact("Chidi")
    office.event(chidi, "2015-06-01", about="Mia")
    action = only(office, chidi)
    assert (action["title"], action["message_body"]) == ("Mia: Ring them", None)


def test_about_may_be_set_and_taken_away(office: Office) -> None:
    chidi = office.contact("Chidi")
    event = office.event(chidi, "2015-06-01")
    assert only(office, chidi)["message_body"].startswith("Happy birthday, Chidi")
    office.edit(event, about="Mia")
    assert (only(office, chidi)["title"], only(office, chidi)["message_body"]) == ("Wish Mia a happy birthday", None)
    office.edit(event, about=None)
    assert only(office, chidi)["title"] == "Wish Chidi a happy birthday"
    assert only(office, chidi)["message_body"].startswith("Happy birthday, Chidi")


def test_a_birthday_on_another_day_than_the_profile_s_is_somebody_else_s(office: Office) -> None:
    par = office.contact("Par")
    office.api.patch(f"/contacts/{par}/relationship", {"birthday": "1980-01-30"})
    office.event(par, "2019-03-04", title="Eve turns one more")
    action = only(office, par)
    assert (action["title"], action["message_body"]) == ("Eve turns one more", None)
    found = card(office, par)
    assert found.bday.value == "19800130"
    assert (found.x_abdate.value, found.x_ablabel.value) == ("20190304", "Eve turns one more")


def test_a_birthday_on_the_profile_s_day_is_the_contact_s(office: Office) -> None:
    par = office.contact("Par")
    office.api.patch(f"/contacts/{par}/relationship", {"birthday": "03-04"})
    office.event(par, "1980-03-04", title="Daughter Eve")
    assert only(office, par)["message_body"] == "Happy birthday, Par! I hope you have a wonderful day."


def test_later_years_name_the_same_person(office: Office) -> None:
    chidi = office.contact("Chidi")
    office.event(chidi, "2015-06-01", about="Mia", title="Birthday")
    office.event(chidi, "2015-07-01", **MIA)
    office.close(chidi)
    office.run("2028-06-24")
    told = [(one["title"], one["message_body"]) for one in office.actions(chidi) if one["status"] == "pending"]
    assert told == [("Wish Mia a happy birthday", None), ("Daughter Mia", None)]


@pytest.mark.parametrize(
    ("title", "own"),
    [
        *((title, True) for title in ("Birthday", "Geburtstag", "Ada's birthday", "Birthday of Ada Lovelace", "40th")),
        *(
            (title, True)
            for title in ("Happy Birthday", "Syntymäpäivä", "生日", "Countess's day", "big birthday party")
        ),
        *((title, False) for title in ("Daughter Mia", "Mia's birthday", "Birthday of daughter Eve", "Son’s birthday")),
        *((title, False) for title in ("Geburtstag der Tochter", "Ada's daughter", "Birthday of Mia", "his wife")),
    ],
)
def test_without_a_birthday_in_the_profile_the_title_decides(office: Office, title: str, own: bool) -> None:
    ada = office.contact("Ada")
    office.api.patch(f"/contacts/{ada}/relationship", {"preferred_name": "Countess"})
    office.event(ada, "2015-06-01", title=title)
    action = only(office, ada)
    assert (action["message_body"] is not None, action["title"] != title) == (own, own)
    assert ("bday" in card(office, ada).contents) is own


def test_the_rule_reads_one_event_and_no_database(office: Office) -> None:
    with office.context() as (_, models):
        event = models.LifeEvent(event_type="birthday", title="Mann", about=None, event_date=None, month_day=None)
    assert is_of_contact(event, ContactFacts("Thomas", "Mann"))
    assert not is_of_contact(event, ContactFacts("Ada", "Lovelace"))


def test_the_profile_s_own_event_is_about_nobody_else(open_office: Any) -> None:
    office = open_office(RELATIONSHIPS_BIRTHDAY_EVENTS=True)
    ada = office.contact()
    office.api.patch(f"/contacts/{ada}/relationship", {"birthday": "05-15"})
    (event,) = office.api.get(f"/contacts/{ada}/life-events")["events"]
    path = f"/contacts/{ada}/life-events/{event['id']}"
    (error,) = office.api.patch(path, {"about": "Mia"}, 422)["errors"]
    assert (error["pointer"], error["code"]) == ("#/about", "birthday_of_profile")
    assert office.edit(event, about=None)["about"] is None


@pytest.mark.parametrize(
    ("event_type", "counted"),
    [
        *(
            ("anniversary", True),
            ("Work Anniversary", True),
            ("wedding-anniversary", True),
            (" 10 year anniversary", True),
        ),
        *(("wedding", False), ("birthday", False), ("anniversaries", False), ("birth", False)),
    ],
)
def test_which_types_are_anniversaries(event_type: str, counted: bool) -> None:
    assert is_anniversary(event_type) is counted
