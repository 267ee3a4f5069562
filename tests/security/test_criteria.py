"""Hosts that narrow every statement of their session, with SQLAlchemy's own criteria, in place of our hooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import with_loader_criteria

from flask_relationships import ActionScope
from flask_relationships.testing.contract.specification import ACTION, EVENT
from tests.hosts.made import Made


@pytest.fixture
def made() -> Iterator[Made]:
    made = Made(action_scope=lambda _user: ActionScope.everyone()).create_tables()
    yield made
    made.close()


def narrow(made: Made, model: Any, condition: Any) -> None:
    """From now on the session shows the rows of a model that meet a condition."""

    def narrowed(state: Any) -> None:
        if state.is_select:
            state.statement = state.statement.options(with_loader_criteria(model, condition, include_aliases=True))

    with made.app.app_context():
        sa.event.listen(made.models.db.session, "do_orm_execute", narrowed)


LISTS: list[dict[str, Any]] = [{}, {"limit": 1}, {"sort": "-created_at", "limit": 1}]


def test_what_they_hide_is_in_no_list_though_it_was_before(made: Made) -> None:
    caller = made.caller()
    mine, other = (made.add(made.models.Company, name=name) for name in ("Analytical Engines", "Difference Engines"))
    ada, charles = made.contact(company_id=int(mine)), made.contact(first_name="Charles", company_id=int(other))
    for contact in (ada, charles):
        caller.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "company_id": mine})
        caller.post(f"/contacts/{contact}/life-events", {**EVENT, "recurs_annually": True, "company_id": mine})
    summary = f"/clients/{mine}/relationship-summary"

    def shown() -> list[list[str | None]]:
        lists = [caller.get("/relationship-actions", **query)["actions"] for query in LISTS]
        told = caller.get(summary)
        return [[one["contact_id"] for one in rows] for rows in (*lists, told["actions"], told["events"])]

    everybody = shown()
    assert all(charles in contacts for contacts in (everybody[0], *everybody[3:])), everybody
    contact = made.models.Contact
    narrow(made, contact, contact.company_id == int(mine))
    assert all(set(contacts) == {ada} for contacts in shown())


def test_so_it_is_where_they_are_about_a_table_of_ours(made: Made) -> None:
    caller, event = made.caller(), made.app.extensions["relationships"].models.LifeEvent
    ada = made.contact()
    for kind in ("birthday", "anniversary"):
        caller.post(f"/contacts/{ada}/life-events", {**EVENT, "event_type": kind})

    def shown() -> set[str]:
        return {one["event_type"] for one in caller.get(f"/contacts/{ada}/life-events")["events"]}

    assert shown() == {"birthday", "anniversary"}
    narrow(made, event, event.event_type == "birthday")
    assert shown() == {"birthday"}
