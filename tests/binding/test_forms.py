"""Every form of a mapping field on every endpoint that shows it, in a number of statements that never grows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import ActionScope, CompanyMapping, ContactMapping, UserMapping
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE
from tests.binding import forms
from tests.binding.forms import CONTACT, FORMS, Agent, Card, Firm, Form, Person, db, mappings, memberships, told
from tests.databases import Databases
from tests.hosts.host import PREFIX, Caller
from tests.hosts.made import Made
from tests.statements.counting import counted

FEW, MANY = 3, 30

WORDS = {"first_name": "given", "last_name": "family", "contact_email": "mail"}


class _Models:
    """What `Made` asks of models."""

    User, db = Agent, db

    def mappings(self) -> dict[str, Any]:
        return mappings(FORMS["an attribute"])


def made(url: str, **options: Any) -> Made:
    return Made(_Models(), database_url=url, **options)  # type: ignore[arg-type]


def speaker(host: Made) -> Caller:
    return Caller(host.app.test_client(), prefix=PREFIX)


@pytest.fixture(scope="module")
def filled(database: str, databases: Databases) -> Iterator[str]:
    """The address of a database with two firms, one of few people and one of many, each with an agent and an action.

    Every action names a firm of its own, so that no two rows of a list share a company or a user.
    """
    url = databases.url(database, "forms")
    host = made(url).create_tables()
    api = speaker(host)
    with host.app.app_context():
        told(Firm, 1), told(Firm, 2)
        db.session.flush()
        for number in range(1, FEW + MANY + 1):
            agent = told(Agent, number)
            told(Firm, 100 + number)
            belongs = 1 if number <= FEW else 2
            person = told(
                Person,
                number,
                firm_id=belongs,
                agent_id=agent.id,
                born=date(1984, 12, 5),
                born_at=datetime(1984, 12, 5, 23, 30),  # noqa: DTZ001 (as a host's column holds it)
                born_text="1984-12-05",
            )
            person.card.firm_id, person.card.agent_id = belongs, agent.id
            db.session.flush()
            db.session.execute(memberships.insert().values(person_id=person.id, firm_id=belongs, since=1))
        db.session.commit()
        keys = sa.select(Person.id, Person.agent_id).order_by(Person.id)
        found = [(str(person), str(agent)) for person, agent in db.session.execute(keys)]
    for number, (person, agent) in enumerate(found, start=1):
        kind = "few" if number <= FEW else "many"
        action = {**ACTION, "action_type": kind, "assigned_to_user_id": agent, "company_id": str(2 + number)}
        api.post(f"/contacts/{person}/relationship-actions", action)
        api.post(f"/contacts/{person}/life-events", {**EVENT, "recurs_annually": True, "auto_action_enabled": False})
    yield url
    host.close()


@pytest.fixture
def host(filled: str) -> Iterator[Any]:
    """Makes an application of these mappings on the filled database, without any profile."""
    made_hosts: list[Made] = []

    def make(**options: Any) -> Made:
        host = made(
            filled,
            action_scope=lambda _user: ActionScope.everyone(),
            config={"RELATIONSHIPS_DEFAULT_REGION": "GB"},
            **options,
        )
        made_hosts.append(host)
        with host.app.app_context():
            db.session.execute(sa.delete(host.relationships.models.Message))
            db.session.execute(sa.delete(host.relationships.models.Profile))
            db.session.commit()
        return host

    yield make
    for one in made_hosts:
        one.close()


def expected(number: int, form: Form | None) -> dict[str, str | None]:
    """The joined members of the action of a person."""
    person = forms.words_of("Person", number)
    if form is None:
        return dict.fromkeys([*WORDS, "company_name", "assigned_to_name"])
    return {
        **{member: person[word] for member, word in WORDS.items()},
        "company_name": f"Firm {100 + number}",
        "assigned_to_name": f"Agent {number}",
    }


@pytest.mark.parametrize("name", [*FORMS, "none"])
def test_every_form_tells_the_same_everywhere_in_a_constant_number_of_statements(host: Any, name: str) -> None:
    form = FORMS.get(name)
    here = host(**mappings(form))
    api = speaker(here)

    def statements(path: str, **query: Any) -> int:
        with counted(here.app) as found:
            api.get(path, **query)
        return len(found)

    for number, action in enumerate(api.get("/relationship-actions", action_type="few")["actions"], start=1):
        assert {member: action[member] for member in expected(number, form)} == expected(number, form)
    for kind, firm, first, rows in (("few", 1, 1, FEW), ("many", 2, FEW + 1, MANY)):
        actions = api.get("/relationship-actions", action_type=kind)["actions"]
        by_contact = {int(action["contact_id"]): action for action in actions}
        assert len(by_contact) == rows
        for number, action in by_contact.items():
            assert {member: action[member] for member in expected(number, form)} == expected(number, form)
        summary = api.get(f"/clients/{firm}/relationship-summary")
        want = [expected(number, form) for number in range(first, first + rows)]
        names = sorted((one["first_name"], one["last_name"]) for one in want) if form else []
        for part in ("contacts", "events"):
            assert form is None or sorted((one["first_name"], one["last_name"]) for one in summary[part]) == names
            assert len(summary[part]) == rows
        assert sorted(str(one["email"]) for one in summary["contacts"]) == sorted(
            str(one["contact_email"]) for one in want
        )
        if form is not None:
            assert [one["last_name"] for one in summary["contacts"]] == sorted(one["last_name"] for one in want)
    few = statements("/relationship-actions", action_type="few"), statements("/clients/1/relationship-summary")
    many = statements("/relationship-actions", action_type="many"), statements("/clients/2/relationship-summary")
    assert few == many
    of_contact = api.get("/contacts/1/relationship-actions")["actions"][0]
    assert {member: of_contact[member] for member in expected(1, form)} == expected(1, form)
    profile = api.get("/contacts/1/relationship")["profile"]
    assert profile["phone_number"] == (None if form is None else forms.words_of("Person", 1)["number"])
    assert profile["phone_e164"] == (None if form is None else "+447911123001")
    api.patch("/contacts/1/relationship", {"twilio_opt_in": True})
    if form is not None:
        assert api.post("/contacts/1/messages", MESSAGE)["message"]["to_number"] == "+447911123001"


def test_the_first_request_of_all_is_the_only_one_that_loads_lazily(host: Any) -> None:
    """And it, too, takes a number of statements that depends on what is walked, not on the rows."""
    found = []
    for kind in ("few", "many"):
        here = host(**mappings(FORMS["a callable that walks two hops"]))
        with counted(here.app) as statements:
            speaker(here).get("/relationship-actions", action_type=kind)
        found.append(len(statements))
    assert found[0] == found[1]


LINKS = {
    "the name of a foreign key": ("firm_id", "agent_id"),
    "a foreign key": (Person.firm_id, Person.agent_id),
    "a relationship": ("firm", "agent"),
    "a relationship's attribute": (Person.firm, Person.agent),
    "a path to a foreign key": ("card.firm_id", "card.agent_id"),
    "many to many": ("firms", "agent"),
}


@pytest.mark.parametrize("name", LINKS)
def test_every_form_of_a_link(host: Any, name: str) -> None:
    company, owner = LINKS[name]
    contact = ContactMapping(Person, first_name="given", last_name="family", company=company, owner=owner)
    here = host(**mappings(FORMS["an attribute"]) | {"contact": contact})
    api = speaker(here)
    assert len(api.get("/clients/2/relationship-summary")["contacts"]) == MANY
    event = api.post("/contacts/5/life-events", EVENT)["event"]
    actions = api.get("/contacts/5/relationship-actions")["actions"]
    auto = next(action for action in actions if action["life_event_id"] == event["id"])
    assert (auto["assigned_to_name"], auto["company_name"]) == ("Agent 5", "Firm 2")
    api.delete(f"/contacts/5/life-events/{event['id']}")
    with here.app.app_context():
        db.session.execute(sa.delete(here.relationships.models.Action).filter_by(source="auto"))
        db.session.commit()


@pytest.mark.on_databases("sqlite")
def test_a_contact_of_several_companies_is_listed_by_each_and_named_by_the_first_in_order(host: Any) -> None:
    contact = ContactMapping(Person, first_name="given", last_name="family", company="firms")
    here = host(**mappings(FORMS["an attribute"]) | {"contact": contact})
    api = speaker(here)
    with here.app.app_context():
        db.session.execute(memberships.insert().values(person_id=1, firm_id=2, since=0))
        db.session.commit()
    try:
        action = api.post("/contacts/1/relationship-actions", {**ACTION, "action_type": "several"})["action"]
        assert action["company_name"] == "Firm 2"  # the firm of the earliest membership, whatever its key
        for firm in (1, 2):
            listed = api.get(f"/clients/{firm}/relationship-summary")["contacts"]
            assert [one["id"] for one in listed].count("1") == 1
    finally:
        with here.app.app_context():
            db.session.execute(memberships.delete().where(memberships.c.since == 0))
            db.session.execute(sa.delete(here.relationships.models.Action).filter_by(action_type="several"))
            db.session.commit()


@pytest.mark.parametrize(
    ("name", "looked_at"), [("firm", False), ("firm_of_the_living", True), ("card.firm_id", False), ("firms", True)]
)
def test_a_relationship_that_leads_by_one_key_is_read_as_its_column(host: Any, name: str, looked_at: bool) -> None:
    """The table that it leads to is not looked at for a key that the contact holds."""
    here = host(contact=ContactMapping(Person, first_name="given", last_name="family", company=name))
    api = speaker(here)
    api.get("/contacts/1/relationship")
    with counted(here.app) as found:
        api.get("/contacts/1/relationship")
    assert any("forms_firm" in statement for statement in found) is looked_at


def test_a_relationship_that_says_more_than_a_key_is_believed(host: Any) -> None:
    contact = ContactMapping(Person, first_name="given", last_name="family", company="firm_of_the_living")
    here = host(**mappings(FORMS["an attribute"]) | {"contact": contact})
    with here.app.app_context():
        person = db.session.get_one(Person, 1)
        firm, person.gone = person.firm_id, True
        db.session.commit()
    api = speaker(here)
    try:
        listed = api.get(f"/clients/{firm}/relationship-summary")["contacts"]
        assert "1" not in [one["id"] for one in listed]
        action = api.post("/contacts/1/relationship-actions", {**ACTION, "action_type": "late"})["action"]
        assert action["company_id"] is None
    finally:
        with here.app.app_context():
            db.session.get_one(Person, 1).gone = False
            db.session.execute(sa.delete(here.relationships.models.Action).filter_by(action_type="late"))
            db.session.commit()


TEXT_COMPANIES = {**FORMS, "none": lambda _model, _word: None}


@pytest.fixture
def alone(filled: str) -> Iterator[Any]:
    """An application without a company mapping, on tables of its own."""
    hosts: list[Made] = []

    def make(contact: ContactMapping) -> Made:
        host = made(filled, contact=contact, company=None, table_prefix="alone_").create_tables()
        hosts.append(host)
        return host

    yield make
    for host in hosts:
        with host.app.app_context():
            db.session.execute(sa.delete(host.relationships.models.Action))
            db.session.commit()
        host.close()


@pytest.mark.parametrize("name", TEXT_COMPANIES)
def test_a_company_that_is_text_in_every_form(alone: Any, name: str) -> None:
    source = TEXT_COMPANIES[name](Person, "employer")
    here = alone(ContactMapping(Person, first_name="given", last_name="family", company_name=source))
    api = speaker(here)
    action = api.post("/contacts/7/relationship-actions", ACTION)["action"]
    (listed,) = api.get("/relationship-actions")["actions"]
    assert action["company_name"] == listed["company_name"] == (None if name == "none" else "Employer 7")
    assert api.get("/clients/1/relationship-summary", 404)["code"] == "companies_not_mapped"


BIRTHDAYS = {
    "a date": "born",
    "a moment": Person.born_at,
    "text": "born_text",
    "an expression": sa.func.coalesce(Person.born, Person.born),
    "fall-backs": ["unset", "born"],
    "a callable": lambda person: person.born,
    "a callable of a moment": lambda _person: datetime(1984, 12, 5, 1, tzinfo=UTC),
    "a callable of text": lambda _person: "1984-12-05T00:00:00",
}


@pytest.mark.parametrize("name", BIRTHDAYS)
def test_every_form_of_a_birthday(host: Any, name: str) -> None:
    contact = ContactMapping(Person, first_name="given", last_name="family", birthday=BIRTHDAYS[name])
    profile = speaker(host(contact=contact)).get("/contacts/2/relationship")["profile"]
    assert (profile["birthday"], profile["birthday_year"]) == ("1984-12-05", 1984)


@pytest.mark.parametrize("text", ["05/12/1984", "soon", "1984-13-45", "", "1984-02-30T00:00:00"])
@pytest.mark.on_databases("sqlite")
def test_a_birthday_that_is_none_is_left_out(host: Any, text: str) -> None:
    contact = ContactMapping(Person, first_name="given", last_name="family", birthday=lambda _person: text)
    assert speaker(host(contact=contact)).get("/contacts/2/relationship")["profile"]["birthday"] is None


ACTIVE = {
    "an expression": ~Person.gone,
    "a column": "gone",
    "a callable": lambda person: not person.gone,
    "a callable of anything": lambda person: [person.gone],
    "none": None,
}


@pytest.mark.parametrize("name", ACTIVE)
def test_every_form_of_a_truth_value(host: Any, name: str) -> None:
    contact = ContactMapping(Person, first_name="given", last_name="family", active=ACTIVE[name])
    api = speaker(host(contact=contact))
    event = api.post("/contacts/3/life-events", EVENT)["event"]
    assert (event["open_action_id"] is None) is (name == "a column")
    api.delete(f"/contacts/3/life-events/{event['id']}")


@pytest.mark.on_databases("sqlite")
def test_a_path_takes_the_order_of_its_relationship_and_passes_over_what_is_blank(host: Any) -> None:
    """The entry of the first key says something else, and the first in order is blank."""
    contact = ContactMapping(Person, first_name="entries.given", last_name="firms.title", phone="entries.number")
    api = speaker(host(contact=contact))
    action = api.get("/contacts/4/relationship-actions")["actions"][0]
    assert (action["first_name"], action["last_name"]) == ("Ada4", "Firm 2")


def test_nothing_is_read_through_a_hook_by_a_list_with_a_callable(host: Any) -> None:
    """A path beside a callable is still read in SQL, where the hooks of the model it leads through hold."""
    contact = ContactMapping(Person, first_name="given", last_name=["firm.title", lambda _person: None])
    hidden = CompanyMapping(Firm, name="title", visible=lambda select, _user: select.where(Firm.id != 1))
    api = speaker(host(contact=contact, company=hidden))
    shown = {int(one["contact_id"]): one["last_name"] for one in api.get("/relationship-actions")["actions"]}
    assert shown[1] is None
    assert shown[FEW + 1] == "Firm 2"


def test_the_table_of_forms_covers_every_field() -> None:
    named = {name for mapping in mappings(FORMS["a path"]).values() for name in mapping.sources()}
    assert {*CONTACT, "company", "owner", "birthday", "active", "company_name", "name", "time_zone"} == named
    assert UserMapping in {type(mapping) for mapping in mappings(None).values()}
    assert Card.__table__ in db.metadata.tables.values()


def test_companies_may_be_mapped_where_no_contact_leads_to_one(host: Any) -> None:
    api = speaker(host(contact=ContactMapping(Person, first_name="given", last_name="family", company=None)))
    action = api.get("/contacts/1/relationship-actions")["actions"][0]
    assert action["company_name"] == "Firm 101"
    assert api.get("/clients/1/relationship-summary")["contacts"] == []
