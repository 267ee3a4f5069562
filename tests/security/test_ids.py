"""Ids that name somebody else's rows: 404 in paths, 422 in bodies, nothing changed, nothing sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flask_relationships.testing.contract.specification import ACTION, EVENT, MESSAGE, NO_ROW_OF_OURS, PARTNER
from tests.hosts.host import Caller, Host
from tests.marks import with_companies
from tests.security.rows import fill

NESTED = {
    "events": ("/contacts/{contact}/life-events/{event}", {"title": "Stolen"}, "LifeEvent"),
    "partners": ("/companies/{company}/partners/{partner}", {"notes": "Stolen"}, "Partner"),
}


@with_companies
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("kind", list(NESTED))
def test_rows_of_one_parent_under_another(host: Host, api: Caller, method: str, kind: str) -> None:
    path, body, model = NESTED[kind]
    mine, other = fill(host, api), fill(host, api)
    before = host.rows(model)

    def answer(**ids: str) -> tuple[int, bytes]:
        response = api.ask(method, path.format(**mine | ids), body if method == "PATCH" else None)
        return response.status_code, response.get_data()

    child = path.rpartition("{")[2].removesuffix("}")
    assert answer(**{child: other[child]}) == answer(**{child: NO_ROW_OF_OURS})
    assert answer(**{child: other[child]})[0] == 404
    assert host.rows(model) == before


BODIES = {
    "company of an event": ("/contacts/{contact}/life-events", EVENT, "company_id"),
    "company of an action": ("/contacts/{contact}/relationship-actions", ACTION, "company_id"),
    "user of an action": ("/contacts/{contact}/relationship-actions", ACTION, "assigned_to_user_id"),
    "contact of a partner": ("/companies/{company}/partners", PARTNER, "contact_id"),
    "contact of a partner that is changed": ("/companies/{company}/partners/{partner}", {}, "contact_id"),
    "action of a message": ("/contacts/{contact}/messages", MESSAGE, "auto_action_id"),
}


def strangers(host: Host, api: Caller, name: str) -> dict[str, str]:
    """Ids of rows of this kind that the caller may not name, by what is the matter with them."""
    if name == "auto_action_id":
        hidden = fill(host, api)
        host.hide_contact(hidden["contact"])
        return {
            "invisible": hidden["action"],
            "of another": fill(host, api)["action"],
            "absent": NO_ROW_OF_OURS,
        }
    found = {"absent": host.absent_id(), "malformed": "not a key"}
    if name == "company_id":
        found |= {"invisible": host.company(), "deleted": host.company()}
        host.hide_company(found["invisible"])
        host.delete_company(found["deleted"])
    elif name == "contact_id":
        found |= {"invisible": host.contact(), "deleted": host.contact()}
        host.hide_contact(found["invisible"])
        host.delete_contact(found["deleted"])
    else:
        found["invisible"] = host.person().id
        host.hide_user(found["invisible"])
    return found


@pytest.mark.on_hosts("peculiar")
@pytest.mark.parametrize("reference", list(BODIES))
def test_ids_in_bodies_are_looked_up_like_those_in_paths(host: Host, api: Caller, reference: str) -> None:
    path, body, name = BODIES[reference]
    ids = fill(host, api)
    foreign = strangers(host, api, name)
    tables = ("LifeEvent", "Action", "ActionCentreItem", "Message", "Partner")
    before = {table: host.rows(table) for table in tables}
    method = "PATCH" if "{partner}" in path else "POST"
    answers: dict[Any, list[str]] = {}
    for matter, id in foreign.items():
        response = api.ask(method, path.format(**ids), {**body, name: id})
        answers.setdefault((response.status_code, response.get_data()), []).append(matter)
    assert [status for status, _ in answers] == [422], answers
    ((_, answer),) = answers
    assert [(one["pointer"], one["code"]) for one in json.loads(answer)["errors"]] == [
        (f"#/{name}", "unknown_reference")
    ]
    assert {table: host.rows(table) for table in tables} == before
    assert host.transport.sent == []


@pytest.mark.on_hosts("ordinary")
@pytest.mark.parametrize("spelling", ["0{}", "{}.0", "+{}", " {}"])
def test_only_the_canonical_spelling_is_stored(host: Host, api: Caller, contact: str, spelling: str) -> None:
    company = host.company()
    body = {**EVENT, "company_id": spelling.format(company)}
    api.post(f"/contacts/{contact}/life-events", body, 422)
    assert host.rows("LifeEvent") == []
