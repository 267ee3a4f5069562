"""Host keys of every supported type: ours take the type of the host's column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE, PARTNER
from tests.databases import Databases
from tests.hosts.made import KEYS, Made, Models


@pytest.fixture(params=list(KEYS), scope="module")
def made(request: pytest.FixtureRequest, database: str, databases: Databases) -> Iterator[Made]:
    name = request.param.replace(" ", "_")
    url = databases.url(database, f"keys_{name}")
    made = Made(Models(KEYS[request.param]), database_url=url)
    with made.app.app_context():
        made.models.db.drop_all()
    yield made.create_tables()
    made.close()


def test_our_columns_have_the_type_of_the_host_s_key(made: Made) -> None:
    columns = {"Profile": "contact_id", "Action": "assigned_to_user_id", "Partner": "company_id"}
    for model, name in columns.items():
        column = made.table(model).c[name]
        assert repr(column.type) == repr(made.models.keys.type)
        assert column.foreign_keys
    with made.app.app_context():
        ours = sa.inspect(made.models.db.engine).get_columns(made.table("Profile").name)
        theirs = sa.inspect(made.models.db.engine).get_columns("contact")
    assert repr(_type(ours, "contact_id")) == repr(_type(theirs, "id"))


def _type(columns: list[Any], name: str) -> Any:
    return {column["name"]: column["type"] for column in columns}[name]


def test_a_whole_day_of_work(made: Made) -> None:
    """Every kind of row, with every link to the host's rows."""
    caller = made.caller()
    company = made.add(made.models.Company, name="Analytical Engines")
    contact = made.contact(company_id=made.models.keys.type.python_type(company))
    other = made.add(made.models.User, name="Mary Somerville")
    caller.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    event = caller.post(f"/contacts/{contact}/life-events", {**EVENT, "company_id": company})["event"]
    caller.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "assigned_to_user_id": other})
    caller.post(f"/contacts/{contact}/messages", {**MESSAGE, "auto_action_id": event["open_action_id"]})
    caller.put(f"/companies/{company}/client-profile", 201)
    caller.post(f"/companies/{company}/partners", {**PARTNER, "contact_id": contact})

    summary = caller.get(f"/clients/{company}/relationship-summary")
    assert [found["id"] for found in summary["contacts"]] == [contact]
    assert [found["assigned_to_user_id"] for found in summary["actions"]] == [other]
    assert [found["assigned_to_name"] for found in summary["actions"]] == ["Mary Somerville"]
    assert [found["contact_id"] for found in summary["partners"]] == [contact]
    assert [found["contact_id"] for found in summary["messages"]] == [contact]


NO_KEYS = ("x", "0", "-1", "01", "1.0", "9" * 40, "\u0663", "not-a-uuid", "a" * 400)


def test_text_that_is_no_key_names_nobody(made: Made) -> None:
    caller = made.caller()
    actions = f"/contacts/{made.contact()}/relationship-actions"
    for text in NO_KEYS:
        caller.get(f"/contacts/{text}/relationship", 404)
        caller.post(actions, {**ACTION, "assigned_to_user_id": text}, 422)


def test_an_upper_case_uuid_is_stored_as_the_row_has_it(made: Made) -> None:
    """One row has one spelling in our tables, whatever spelling was asked for."""
    contact = made.contact()
    response = made.caller().ask("GET", f"/contacts/{contact.upper()}/relationship")
    if response.status_code == 200:
        assert response.get_json()["profile"]["contact_id"] == contact
    else:
        assert response.status_code == 404
