"""Deletions where no foreign key of ours leads to the host's rows: ``foreign_key=False``, on every database.

Here the tool alone sees to it, for whatever goes through the host's session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import CompanyMapping, ContactMapping, UserMapping
from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE, PARTNER
from tests.databases import Cleaner, Databases
from tests.hosts.made import Made, Models


@pytest.fixture(scope="module")
def built(database: str, databases: Databases) -> Iterator[Made]:
    models = Models()
    made = Made(
        models,
        database_url=databases.url(database, "deletion_without_keys"),
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
    }
    ids["contact"] = int(made.contact(company_id=ids["company"]))
    contact = f"/contacts/{ids['contact']}"
    caller.patch(f"{contact}/relationship", {"twilio_opt_in": True, "personal_notes": "Secret"})
    caller.post(f"{contact}/life-events", {**EVENT, "company_id": str(ids["company"])})
    caller.post(f"{contact}/relationship-actions", {**ACTION, "assigned_to_user_id": str(ids["user"])})
    caller.post(f"{contact}/messages", MESSAGE)
    caller.put(f"/companies/{ids['company']}/client-profile", 201)
    caller.post(f"/companies/{ids['company']}/partners", {**PARTNER, "contact_id": str(ids["contact"])})
    return ids


def orm(session: Any, model: Any, key: int) -> None:
    session.delete(session.get_one(model, key))


def bulk(session: Any, model: Any, key: int) -> None:
    session.execute(sa.delete(model).where(model.id == key))


def query(session: Any, model: Any, key: int) -> None:
    session.query(model).filter(model.id == key).delete()


def unsynchronised(session: Any, model: Any, key: int) -> None:
    session.execute(sa.delete(model).where(model.id == key), execution_options={"synchronize_session": False})


def by_subquery(session: Any, model: Any, key: int) -> None:
    other = sa.orm.aliased(model)
    keys = sa.select(other.id).where(other.id == key).subquery()
    session.execute(sa.delete(model).where(model.id.in_(sa.select(keys.c.id))))


def with_parameters(session: Any, model: Any, key: int) -> None:
    session.execute(sa.delete(model).where(model.id == sa.bindparam("key")), {"key": key})


def core(session: Any, model: Any, key: int) -> None:
    session.execute(sa.delete(model.__table__).where(model.__table__.c.id == key))


def core_with_many_parameters(session: Any, model: Any, key: int) -> None:
    column = model.__table__.c.id
    session.execute(sa.delete(model.__table__).where(column == sa.bindparam("key")), [{"key": key}, {"key": 4711}])


ways = pytest.mark.parametrize(
    "delete",
    [orm, bulk, query, unsynchronised, by_subquery, with_parameters, core, core_with_many_parameters],
    ids=lambda way: way.__name__,
)

Delete = Callable[[Any, Any, int], None]


def deleted(made: Made, model: Any, key: int, delete: Delete) -> None:
    with made.app.app_context():
        delete(made.models.db.session, model, key)
        made.models.db.session.commit()


@ways
def test_of_a_contact(made: Made, ids: dict[str, int], delete: Delete) -> None:
    deleted(made, made.models.Contact, ids["contact"], delete)
    gone = ("Profile", "LifeEvent", "Action", "ActionCentreItem", "Message")
    assert [made.count(name) for name in gone] == [0] * 5
    assert (made.count("ConsentEntry"), made.count("Partner")) == (1, 1)
    made.add(made.models.Contact, id=ids["contact"], first_name="Somebody")
    profile = made.caller().get(f"/contacts/{ids['contact']}/relationship")["profile"]
    assert (profile["personal_notes"], profile["twilio_opt_in"]) == (None, False)


@ways
def test_of_a_company(made: Made, ids: dict[str, int], delete: Delete) -> None:
    with made.app.app_context():
        made.models.db.session.execute(sa.update(made.models.Contact).values(company_id=None))
        made.models.db.session.commit()
    deleted(made, made.models.Company, ids["company"], delete)
    assert (made.count("Partner"), made.count("ClientProfile")) == (0, 0)
    made.add(made.models.Company, id=ids["company"], name="Another")
    summary = made.caller().get(f"/companies/{ids['company']}/partners", 404)
    assert summary["code"] == "not_a_client"


@ways
def test_of_a_user(made: Made, ids: dict[str, int], delete: Delete) -> None:
    deleted(made, made.models.User, ids["user"], delete)
    made.add(made.models.User, id=ids["user"], name="Somebody Else")
    actions = made.caller().get(f"/contacts/{ids['contact']}/relationship-actions")["actions"]
    assert len(actions) == 2
    assert "Somebody Else" not in {action["assigned_to_name"] for action in actions}
