"""The host that was written from the documentation alone, over HTTP: keys, names, tenants, soft delete and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.documentation.documented import DocumentedHost
from tests.hosts.host import Caller


@pytest.fixture
def host(tmp_path: Path) -> Iterator[DocumentedHost]:
    made = DocumentedHost(f"sqlite:///{tmp_path / 'documented.sqlite'}")
    yield made
    made.close()


@pytest.fixture
def ada(host: DocumentedHost) -> Caller:
    return host.person("manage", "executive", name="Ada Quill")


def names(summary: dict[str, Any]) -> list[tuple[str, str]]:
    return [(contact["first_name"], contact["last_name"]) for contact in summary["contacts"]]


def test_a_life_event_brings_an_action_for_the_owner(host: DocumentedHost, ada: Caller) -> None:
    sam = host.contact("Sam", "van der Berg", company=host.company("Orchard"))
    new = {"event_type": "birthday", "title": "Birthday", "event_date": "1984-12-05", "recurs_annually": True}
    event = ada.post(f"/contacts/{sam}/life-events", new)["event"]
    (action,) = ada.get("/relationship-actions")["actions"]
    assert action["id"] == event["open_action_id"]
    assert (action["first_name"], action["last_name"]) == ("Sam", "van der Berg")
    assert (action["company_name"], action["assigned_to_name"]) == ("Orchard", "Ada Quill")


def test_a_message_completes_it(host: DocumentedHost, ada: Caller) -> None:
    sam = host.contact("Sam", "Okafor", phone="+44 20 7946 0123")
    action = ada.post(f"/contacts/{sam}/life-events", {"event_type": "award", "title": "Award"})["event"]
    ada.patch(f"/contacts/{sam}/relationship", {"twilio_opt_in": True})
    message = {"channel": "sms", "body": "Congratulations!", "auto_action_id": action["open_action_id"]}
    ada.post(f"/contacts/{sam}/messages", message)
    assert [sent.to for sent in host.transport.sent] == ["+442079460123"]
    (done,) = ada.get(f"/contacts/{sam}/relationship-actions")["actions"]
    assert (done["status"], done["completed_by_user_id"]) == ("done", ada.id)


def test_what_is_removed_or_of_another_agency_is_not_there(host: DocumentedHost, ada: Caller) -> None:
    orchard = host.company("Orchard")
    sam, kim, jo = (host.contact(name, "Lund", company=orchard) for name in ("Sam", "Kim", "Jo"))
    for contact in (sam, kim):
        ada.post(f"/contacts/{contact}/relationship-actions", {"title": "Call", "action_type": "call"})
    host.delete_contact(sam)
    host.hide_contact(kim)
    for contact in (sam, kim):
        ada.get(f"/contacts/{contact}/relationship", 404)
    assert ada.get("/relationship-actions")["actions"] == []
    assert names(ada.get(f"/clients/{orchard}/relationship-summary")) == [("Jo", "Lund")]
    host.hide_company(orchard)
    ada.get(f"/clients/{orchard}/relationship-summary", 404)
    assert ada.get(f"/contacts/{jo}/relationship")["profile"]["contact_id"] == jo


def test_a_manager_sees_the_squad(host: DocumentedHost, ada: Caller) -> None:
    manager = host.person("update", "manager", "red")
    mate, other = (host.person("update", "member", squad) for squad in ("red", "blue"))
    sam = host.contact()
    for colleague in (manager, mate, other):
        colleague.post(f"/contacts/{sam}/relationship-actions", {"title": "Call", "action_type": "call"})
    seen = [
        {action["assigned_to_user_id"] for action in caller.get("/relationship-actions")["actions"]}
        for caller in (ada, manager, mate)
    ]
    assert seen == [{manager.id, mate.id, other.id}, {manager.id, mate.id}, {mate.id}]


def test_nobody_and_somebody_who_may_not(host: DocumentedHost) -> None:
    sam = host.contact()
    assert host.anonymous().get(f"/contacts/{sam}/relationship", 401)["code"] == "not_authenticated"
    assert host.person("none").get(f"/contacts/{sam}/relationship", 403)["code"] == "forbidden"


def test_its_set_up_is_well(host: DocumentedHost) -> None:
    checked = host.app.test_cli_runner().invoke(args=["relationships", "check"])
    assert checked.exit_code == 0, checked.output
    assert "0 errors" in checked.output
