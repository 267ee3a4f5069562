"""When the host deletes a contact, a company or a user: what goes along, what stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.jobs.registry import run_due
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE, PARTNER
from tests.databases import MARIADB, POSTGRESQL, SQLITE, Cleaner, Databases
from tests.hosts.made import Made, Models

ENFORCING = "sqlite enforcing"

PLACES = {
    SQLITE: "SQLite as it is: it enforces no foreign keys, and uses ids again",
    ENFORCING: "SQLite with PRAGMA foreign_keys=ON",
    POSTGRESQL: "PostgreSQL",
    MARIADB: "MariaDB",
}


@pytest.fixture(params=list(PLACES), scope="module")
def built(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Made]:
    kind = SQLITE if request.param == ENFORCING else request.param
    made = Made(Models(), database_url=databases.url(kind, f"deletion_{request.param.replace(' ', '_')}"))
    with made.app.app_context():
        if request.param == ENFORCING:
            sa.event.listen(made.models.db.engine, "connect", _enforce)
        made.models.db.drop_all()
    yield made.create_tables()
    made.close()


@pytest.fixture
def made(built: Made) -> Iterator[Made]:
    yield built
    Cleaner(built.app.config["SQLALCHEMY_DATABASE_URI"], built.models.db.metadata).clean()


def _enforce(connection: Any, _record: object) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.execute("PRAGMA foreign_keys=ON")


def enforces(made: Made) -> bool:
    with made.app.app_context():
        session = made.models.db.session
        return made.models.db.engine.dialect.name != "sqlite" or bool(session.scalar(sa.text("PRAGMA foreign_keys")))


def delete(made: Made, way: str, model: Any, id: str) -> None:
    if way == "sql" and not enforces(made):
        pytest.skip("raw SQL is covered by foreign keys only, and this database enforces none")
    with made.app.app_context():
        session = made.models.db.session
        if way == "orm":
            session.delete(session.get_one(model, int(id)))
        elif way == "bulk":
            session.execute(sa.delete(model).where(model.id == int(id)))
        else:
            session.execute(sa.text(f"DELETE FROM {_quoted(made, model)} WHERE id = :id"), {"id": int(id)})
        session.commit()


def _quoted(made: Made, model: Any) -> str:
    return made.models.db.engine.dialect.identifier_preparer.format_table(model.__table__)


ways = pytest.mark.parametrize("way", ["orm", "bulk", "sql"])


@pytest.fixture
def ids(made: Made) -> dict[str, str]:
    """A contact, a company and a user that every kind of row of ours refers to."""
    caller = made.caller()
    ids = {
        "company": made.add(made.models.Company, name="Analytical Engines"),
        "user": made.add(made.models.User, name="Mary Somerville"),
    }
    ids["contact"] = made.contact(company_id=int(ids["company"]))
    contact, company = ids["contact"], ids["company"]
    caller.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True, "personal_notes": "Secret"})
    caller.post(f"/contacts/{contact}/life-events", {**EVENT, "company_id": company})
    caller.post(
        f"/contacts/{contact}/relationship-actions",
        {**ACTION, "company_id": company, "assigned_to_user_id": ids["user"]},
    )
    caller.post(f"/contacts/{contact}/messages", MESSAGE)
    caller.put(f"/companies/{company}/client-profile", 201)
    caller.post(f"/companies/{company}/partners", {**PARTNER, "contact_id": contact})
    return ids


TABLES = (
    "Profile",
    "LifeEvent",
    "Action",
    "ActionCentreItem",
    "Message",
    "ConsentEntry",
    "Partner",
    "ClientProfile",
)
BEFORE = dict(zip(TABLES, (1, 1, 2, 2, 1, 1, 1, 1), strict=True))


def counts(made: Made) -> dict[str, int]:
    return {name: made.count(name) for name in TABLES}


def links(made: Made, name: str, column: str) -> set[Any]:
    with made.app.app_context():
        model = getattr(made.relationships.models, name)
        return set(made.models.db.session.scalars(sa.select(getattr(model, column))))


@ways
def test_of_a_contact(made: Made, ids: dict[str, str], way: str) -> None:
    """Its own rows go; the ledger of consent and a partner that mentions it stay."""
    assert counts(made) == BEFORE
    delete(made, way, made.models.Contact, ids["contact"])
    gone = dict.fromkeys(("Profile", "LifeEvent", "Action", "ActionCentreItem", "Message"), 0)
    assert counts(made) == BEFORE | gone
    assert links(made, "Partner", "contact_id") == {None}
    assert links(made, "ConsentEntry", "contact_id") == {None}


@ways
def test_of_a_company(made: Made, ids: dict[str, str], way: str) -> None:
    """Its partners and its client profile go; what merely names it stays."""
    delete(made, way, made.models.Company, ids["company"])
    assert counts(made) == BEFORE | {"Partner": 0, "ClientProfile": 0}
    assert links(made, "LifeEvent", "company_id") == {None}
    assert links(made, "Action", "company_id") == {None}


@ways
def test_of_a_user(made: Made, ids: dict[str, str], way: str) -> None:
    delete(made, way, made.models.User, ids["user"])
    assert counts(made) == BEFORE
    assert int(ids["user"]) not in links(made, "Action", "assigned_to_user_id")
    actions = made.caller().get(f"/contacts/{ids['contact']}/relationship-actions")["actions"]
    assert None in {action["assigned_to_name"] for action in actions}


@ways
def test_of_whoever_did_all_this(made: Made, ids: dict[str, str], way: str) -> None:
    """The user who created the rows, sent the message and gave evidence of the consent."""
    with made.app.app_context():
        first = made.models.db.session.scalar(sa.select(sa.func.min(made.models.User.id)))
    delete(made, way, made.models.User, str(first))
    assert counts(made) == BEFORE
    assert links(made, "Message", "sent_by_user_id") == {None}
    assert links(made, "ConsentEntry", "actor_user_id") == {None}


@pytest.mark.parametrize("way", ["orm", "bulk"])
def test_the_next_person_inherits_nothing(made: Made, ids: dict[str, str], way: str) -> None:
    """SQLite gives a deleted contact's id to the next one, who has neither notes nor an opt-in."""
    delete(made, way, made.models.Contact, ids["contact"])
    with made.app.app_context():
        made.models.db.session.add(made.models.Contact(id=int(ids["contact"]), first_name="Somebody", last_name="Else"))
        made.models.db.session.commit()
    caller = made.caller()
    profile = caller.get(f"/contacts/{ids['contact']}/relationship")["profile"]
    assert (profile["personal_notes"], profile["twilio_opt_in"]) == (None, False)
    assert caller.get(f"/contacts/{ids['contact']}/messages")["messages"] == []
    assert caller.get(f"/contacts/{ids['contact']}/relationship-actions")["actions"] == []


def test_a_bulk_deletion_by_a_condition(made: Made, ids: dict[str, str]) -> None:
    """Only those that the condition names, and all of them."""
    kept = made.contact(first_name="Mary", last_name="Somerville")
    made.caller().get(f"/contacts/{kept}/relationship")
    contact = made.models.Contact
    with made.app.app_context():
        made.models.db.session.execute(
            sa.delete(contact).where(contact.first_name == "Ada", contact.id.in_([int(ids["contact"]), 4711]))
        )
        made.models.db.session.commit()
    assert links(made, "Profile", "contact_id") == {int(kept)}


def test_a_deletion_that_is_rolled_back(made: Made, ids: dict[str, str]) -> None:
    with made.app.app_context():
        session = made.models.db.session
        session.delete(session.get_one(made.models.Contact, int(ids["contact"])))
        session.flush()
        session.rollback()
    assert counts(made) == BEFORE


class TestPartners:
    """A deleted contact's name and address are nowhere in the partners, which stay."""

    @pytest.fixture
    def partners(self, made: Made, ids: dict[str, str]) -> str:
        """Three of a company: of the contact, of another one, and one whose contact was taken away by hand."""
        caller, address = made.caller(), f"/companies/{ids['company']}/partners"
        other = made.contact(first_name="Mary")
        for name, contact in (("A", ids["contact"]), ("B", other), ("C", ids["contact"])):
            person = {"partner_contact_name": name, "partner_contact_email": f"{name}@example.com"}
            body = {"partner_company_name": name, "contact_id": contact, **person}
            partner = caller.post(address, body)["partner"]["id"]
        caller.patch(f"{address}/{partner}", {"contact_id": None})
        return address

    def shown(self, made: Made, address: str) -> dict[str, Any]:
        rows = made.caller().get(address)["partners"]
        columns = ("contact_id", "partner_contact_name", "partner_contact_email")
        return {row["partner_company_name"]: tuple(row[name] for name in columns) for row in rows if len(row) > 1}

    def run_jobs(self, made: Made) -> None:
        with made.app.app_context():
            assert not run_due().failed

    KEPT = (None, "C", "C@example.com")

    @pytest.mark.parametrize("way", ["orm", "bulk"])
    def test_at_once_where_the_session_deletes(self, made: Made, ids: dict[str, str], partners: str, way: str) -> None:
        before = self.shown(made, partners)
        delete(made, way, made.models.Contact, ids["contact"])
        after = self.shown(made, partners)
        assert (after["A"], after["B"], after["C"]) == ((None, None, None), before["B"], self.KEPT)

    def test_by_the_jobs_where_sql_deletes(self, made: Made, ids: dict[str, str], partners: str) -> None:
        before = self.shown(made, partners)
        self.run_jobs(made)
        assert self.shown(made, partners) == before
        with made.app.app_context():
            table = _quoted(made, made.models.Contact)
            made.models.db.session.execute(sa.text(f"DELETE FROM {table} WHERE id = :id"), {"id": int(ids["contact"])})
            made.models.db.session.commit()
        self.run_jobs(made)
        after = self.shown(made, partners)
        assert (after["A"], after["B"], after["C"]) == ((None, None, None), before["B"], self.KEPT)

    def test_rows_of_0_1_are_followed_too(self, made: Made, ids: dict[str, str], partners: str) -> None:
        """They do not say whether they had a contact until the jobs have run once."""
        table = made.table("Partner")
        with made.app.app_context():
            made.models.db.session.execute(sa.update(table).values(linked_at=None))
            made.models.db.session.commit()
        self.run_jobs(made)
        self.test_by_the_jobs_where_sql_deletes(made, ids, partners)

    def test_what_a_process_of_0_1_takes_away_keeps_its_name(
        self, made: Made, ids: dict[str, str], partners: str
    ) -> None:
        table = made.table("Partner")
        later = sa.update(table).where(table.c.partner_company_name == "A")
        with made.app.app_context():
            now = made.app.extensions["relationships"].now() + timedelta(seconds=5)
            made.models.db.session.execute(later.values(contact_id=None, updated_at=now))
            made.models.db.session.commit()
        self.run_jobs(made)
        assert self.shown(made, partners)["A"] == (None, "A", "A@example.com")
