"""What SQL has deleted where no foreign key sees to our rows: the first run of a day has the effects of a deletion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import with_loader_criteria

from flask_relationships import CompanyMapping, ContactMapping, UserMapping
from flask_relationships.jobs import orphans
from flask_relationships.jobs.registry import run_due
from flask_relationships.testing.contract.specification import ACTION, EVENT, PARTNER
from tests.databases import Cleaner, Databases
from tests.hosts.host import Host
from tests.hosts.made import Made, Models

TABLES = ("Profile", "LifeEvent", "Action", "ActionCentreItem", "Message", "ContactNumber")


@pytest.fixture(scope="module")
def built(database: str, databases: Databases) -> Iterator[Made]:
    models = Models()
    made = Made(
        models,
        database_url=databases.url(database, "deleted_rows"),
        contact=ContactMapping(models.Contact, foreign_key=False),
        company=CompanyMapping(models.Company, foreign_key=False),
        user=UserMapping(models.User, foreign_key=False),
    )
    yield made.create_tables()
    made.close()


@pytest.fixture
def made(built: Made) -> Iterator[Made]:
    yield built
    Cleaner(built.app.config["SQLALCHEMY_DATABASE_URI"], built.models.db.metadata).clean()


@pytest.fixture
def ids(made: Made) -> dict[str, int]:
    caller = made.caller()
    ids = {
        "company": int(made.add(made.models.Company, name="Analytical Engines")),
        "user": int(made.add(made.models.User, name="Mary Somerville")),
        "contact": int(made.contact()),
    }
    for contact in (ids["contact"], int(made.contact())):
        path = f"/contacts/{contact}"
        caller.patch(f"{path}/relationship", {"twilio_opt_in": True, "personal_notes": "Secret"})
        caller.post(f"{path}/life-events", {**EVENT, "company_id": str(ids["company"])})
        caller.post(f"{path}/relationship-actions", {**ACTION, "assigned_to_user_id": str(ids["user"])})
    client = made.add(made.models.Company, name="Difference Engines")
    for company in (ids["company"], client):
        caller.put(f"/companies/{company}/client-profile", 201)
        named = {**PARTNER, "contact_id": str(ids["contact"]), "partner_contact_name": "Ada"}
        caller.post(f"/companies/{company}/partners", named)
    return ids


def delete_by_sql(made: Made, table: str, *keys: int) -> None:
    """Delete rows by a statement that names the table, and not the model: the listeners do not know it."""
    there = sa.table(table, sa.column("id"))
    with made.app.app_context():
        made.models.db.session.execute(sa.delete(there).where(there.c.id.in_(keys)))
        made.models.db.session.commit()


def sweep(made: Made, **how: Any) -> dict[str, int]:
    with made.app.app_context():
        return {name: number for name, number in run_due(**how)["deleted_rows"].items() if number}


def read(made: Made, name: str) -> list[Any]:
    with made.app.app_context():
        return list(made.models.db.session.scalars(sa.select(getattr(made.relationships.models, name))))


def name_of(made: Made, model: str) -> str:
    return str(getattr(made.models, model).__table__.name)


def test_rows_of_a_deleted_contact_go(made: Made, ids: dict[str, int]) -> None:
    before = {name: len(read(made, name)) for name in TABLES}
    delete_by_sql(made, name_of(made, "Contact"), ids["contact"])
    assert sweep(made, dry_run=True) == {"contacts": 1}
    assert {name: len(read(made, name)) for name in TABLES} == before
    assert sweep(made) == {"contacts": 1}
    for name in TABLES:
        assert ids["contact"] not in [getattr(row, "contact_id", None) for row in read(made, name)]
    left = {name: len(read(made, name)) for name in ("Profile", "LifeEvent", "Action", "ActionCentreItem")}
    assert left == {name: before[name] // 2 for name in left}
    partners = read(made, "Partner")
    assert [(one.contact_id, one.partner_contact_name) for one in partners] == [(None, None)] * 2
    assert None in [line.contact_id for line in read(made, "ConsentEntry")]


def test_rows_of_a_deleted_company_and_user_are_cleared(made: Made, ids: dict[str, int]) -> None:
    delete_by_sql(made, name_of(made, "Company"), ids["company"])
    delete_by_sql(made, name_of(made, "User"), ids["user"])
    assert sweep(made) == {"companies": 1, "users": 1}
    assert len(read(made, "Partner")) == len(read(made, "ClientProfile")) == 1
    assert {one.company_id for one in read(made, "LifeEvent")} == {None}
    assert ids["user"] not in {
        one.assigned_to_user_id for one in (*read(made, "Action"), *read(made, "ActionCentreItem"))
    }


def test_it_looks_once_a_day(made: Made, ids: dict[str, int]) -> None:
    assert sweep(made) == {}
    delete_by_sql(made, name_of(made, "Contact"), ids["contact"])
    assert sweep(made) == {}
    assert len(read(made, "Profile")) == 2


def test_a_table_whose_rows_are_nearly_all_missing_changes_nothing(
    made: Made, ids: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "MAX_MISSING", 1)
    everybody = [one.contact_id for one in read(made, "Profile")]
    delete_by_sql(made, name_of(made, "Contact"), *everybody)
    found = sweep(made)
    assert found.keys() == {"refused", "contacts"}  # a column with one key alone is no sign of that
    assert len(read(made, "Profile")) == 2 - found["contacts"]


def test_a_contact_that_the_application_s_criteria_hide_is_not_gone(made: Made, ids: dict[str, int]) -> None:
    session, contact = made.models.db.session, made.models.Contact

    def hide(execution: Any) -> None:
        if execution.is_select:
            criteria = with_loader_criteria(contact, contact.id != ids["contact"])
            execution.statement = execution.statement.options(criteria)

    sa.event.listen(session, "do_orm_execute", hide)
    try:
        assert sweep(made) == {}
    finally:
        sa.event.remove(session, "do_orm_execute", hide)
    assert len(read(made, "Profile")) == 2


@pytest.mark.on_hosts("ordinary")
@pytest.mark.on_databases("postgresql", "mariadb")
def test_a_database_that_enforces_the_keys_is_not_asked(host: Host, contact: str) -> None:
    statements: list[str] = []
    with host.app.app_context():
        engine: Any = host.session.get_bind()
        sa.event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        assert orphans.sweep(host.state.context()) == {}
    assert statements == []
