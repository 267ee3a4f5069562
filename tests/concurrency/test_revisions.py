"""Every object has a revision, and a client may ask that it writes the object only as it has read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from flask_relationships.api.preconditions import read_precondition
from flask_relationships.testing.contract.access import unmatched, waiting
from tests.hosts.host import Caller, Host

pytestmark = pytest.mark.on_hosts("ordinary")


class Subject(NamedTuple):
    """One object: how it is made, read and changed by a client."""

    member: str
    make: Callable[[Host, Caller], tuple[str, dict[str, Any]]]
    """Returns its address and the object."""
    change: dict[str, Any]
    method: str = "PATCH"
    deletable: bool = True


def make_profile(host: Host, api: Caller) -> tuple[str, dict[str, Any]]:
    path = f"/contacts/{host.contact()}/relationship"
    return path, api.get(path)["profile"]


def make_event(host: Host, api: Caller) -> tuple[str, dict[str, Any]]:
    path = f"/contacts/{host.contact()}/life-events"
    event = api.post(path, {"event_type": "visit", "title": "Visit"})["event"]
    return f"{path}/{event['id']}", event


def make_action(host: Host, api: Caller) -> tuple[str, dict[str, Any]]:
    path = f"/contacts/{host.contact()}/relationship-actions"
    action = api.post(path, {"action_type": "call", "title": "Call"})["action"]
    return f"{path}/{action['id']}", action


def make_partner(host: Host, api: Caller) -> tuple[str, dict[str, Any]]:
    path = f"/companies/{host.client()}/partners"
    partner = api.post(path, {"partner_company_name": "Difference Engines"})["partner"]
    return f"{path}/{partner['id']}", partner


def make_client(host: Host, api: Caller) -> tuple[str, dict[str, Any]]:
    path = f"/companies/{host.company()}/client-profile"
    return path, api.put(path, 201)["client_profile"]


def make_feed(host: Host, api: Caller) -> tuple[str, dict[str, Any]]:
    return "/calendar-feed", api.put("/calendar-feed", 201)["feed"]


PROFILE = Subject("profile", make_profile, {"preferred_name": "Ada"}, deletable=False)
EVENT = Subject("event", make_event, {"title": "Jubilee"})
ACTION = Subject("action", make_action, {"title": "Send flowers"}, deletable=False)
PARTNER = Subject("partner", make_partner, {"notes": "Met in Turin"})
CLIENT = Subject("client_profile", make_client, {}, "PUT")
FEED = Subject("feed", make_feed, {}, "PUT")

PATCHED = (PROFILE, EVENT, ACTION, PARTNER)
SUBJECTS = (*PATCHED, CLIENT, FEED)


def ask(api: Caller, subject: Subject, path: str, tag: str | None, **options: Any) -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    body = subject.change if subject.method == "PATCH" else None
    return api.ask(subject.method, path, body, headers=headers, **options)


@pytest.mark.parametrize("subject", PATCHED, ids=lambda subject: subject.member)
def test_a_change_raises_the_revision(host: Host, api: Caller, subject: Subject) -> None:
    path, before = subject.make(host, api)
    assert before["revision"] == 1
    changed = ask(api, subject, path, '"1"')
    assert changed.status_code == 200
    assert changed.json[subject.member]["revision"] == 2
    assert changed.headers["ETag"] == '"2"'


@pytest.mark.parametrize("subject", PATCHED, ids=lambda subject: subject.member)
def test_a_change_to_the_same_values_does_not(host: Host, api: Caller, subject: Subject) -> None:
    path, _ = subject.make(host, api)
    ask(api, subject, path, None)
    again = ask(api, subject, path, '"2"')
    assert again.status_code == 200
    assert again.json[subject.member]["revision"] == 2


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.member)
def test_another_revision_is_refused_with_the_object_as_it_is(host: Host, api: Caller, subject: Subject) -> None:
    path, before = subject.make(host, api)
    refused = ask(api, subject, path, '"7"')
    assert refused.status_code == 412
    assert refused.json["code"] == "precondition_failed"
    assert refused.json["current"] == before
    assert refused.headers["ETag"] == '"1"'
    if subject.deletable:
        refused = api.ask("DELETE", path, headers={"If-Match": '"7"'})
        assert refused.status_code == 412
        assert refused.json["current"] == before
        assert api.ask("DELETE", path, headers={"If-Match": '"1"'}).status_code == 200


@pytest.mark.parametrize("subject", PATCHED, ids=lambda subject: subject.member)
def test_two_who_have_read_the_same(host: Host, api: Caller, subject: Subject) -> None:
    """The first writes, the second learns what the first has written."""
    path, before = subject.make(host, api)
    tag = f'"{before["revision"]}"'
    assert ask(api, subject, path, tag).status_code == 200
    second = ask(api, subject, path, tag)
    assert second.status_code == 412
    name, value = next(iter(subject.change.items()))
    assert second.json["current"][name] == value


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ('"1"', 200),
        ('"7", "1"', 200),
        ('"a" ,"1",', 200),
        ("*", 200),
        ('"7"', 412),
        ('W/"1"', 412),
        ('W/"1", "7"', 412),
        ("1", 412),
        ("nope", 412),
        ('"nope"', 412),
        ('"01"', 412),
        ('"1', 412),
        ('"1" "2"', 412),
        ("", 412),
        ('"99999999999999999999"', 412),
        ('"-1"', 412),
        ('*, "1"', 412),
    ],
)
@pytest.mark.on_databases("sqlite")
def test_how_if_match_is_read(host: Host, api: Caller, header: str, status: int) -> None:
    path, _ = make_profile(host, api)
    answer = api.ask("PATCH", path, {"preferred_name": "Ada"}, headers={"If-Match": header})
    assert answer.status_code == status


def test_every_revision_of_a_list_is_read() -> None:
    found = read_precondition('"3", W/"4" , "x","5"')
    assert found is not None
    assert found.revisions == {3, 5}


@pytest.mark.on_databases("sqlite")
def test_what_writes_no_single_object_matches_no_revision(host: Host, api: Caller, contact: str) -> None:
    for method, path, body in (
        ("POST", f"/contacts/{contact}/relationship-actions", {"action_type": "call", "title": "Call"}),
        ("PATCH", "/relationship-actions", {"ids": [], "status": "done"}),
    ):
        refused = api.ask(method, path, body, headers={"If-Match": '"1"'})
        assert refused.status_code == 412
        assert api.ask(method, path, body, headers={"If-Match": "*"}).status_code in (200, 201)


@pytest.mark.on_databases("sqlite")
def test_permission_comes_first(host: Host, api: Caller) -> None:
    path, _ = make_event(host, api)
    reader = host.person("view")
    assert reader.ask("PATCH", path, {"title": "Jubilee"}, headers={"If-Match": '"7"'}).status_code == 403
    absent = f"{path[:-3]}000"
    assert api.ask("PATCH", absent, {"title": "Jubilee"}, headers={"If-Match": '"7"'}).status_code == 404


def test_actions_are_closed_snoozed_and_opened_under_the_same_rule(host: Host, api: Caller) -> None:
    _, action = make_action(host, api)
    path = f"/relationship-actions/{action['id']}"
    steps = (
        ("POST", f"{path}/snooze", {"days": 3}),
        ("PATCH", path, {"status": "done"}),
        ("POST", f"{path}/reopen", None),
    )
    for revision, (method, address, body) in enumerate(steps, 1):
        assert api.ask(method, address, body, headers={"If-Match": '"99"'}).status_code == 412
        answer = api.ask(method, address, body, headers={"If-Match": f'"{revision}"'})
        assert answer.status_code == 200
        assert answer.json["action"]["revision"] == revision + 1
    assert api.get("/action-centre")["items"][0]["revision"] == 4


def test_closing_many_raises_the_revision_of_each(host: Host, api: Caller) -> None:
    _, action = make_action(host, api)
    (result,) = api.patch("/relationship-actions", {"ids": [action["id"]], "status": "done"})["results"]
    assert result["action"]["revision"] == 2
    (result,) = api.patch("/relationship-actions", {"ids": [action["id"]], "status": "done"})["results"]
    assert result["action"]["revision"] == 2


def test_an_event_that_is_edited_raises_its_action_s_too(host: Host, api: Caller) -> None:
    path, event = make_event(host, api)
    api.patch(path, {"title": "Jubilee", "event_date": "2031-05-01"})
    action = api.get(f"/relationship-actions/{event['open_action_id']}")["action"]
    assert (action["due_date"], action["revision"]) == ("2031-04-24", 2)


def test_a_message_is_cancelled_and_matched_under_the_same_rule(host: Host, api: Caller, contact: str) -> None:
    api.get(f"/contacts/{contact}/relationship")
    for method, message in (("DELETE", waiting(host, contact)), ("PUT", unmatched(host, contact))):
        path = f"/contacts/{contact}/messages/{message}"
        refused = api.ask(method, path, headers={"If-Match": '"2"'})
        assert refused.status_code == 412
        assert refused.json["current"]["revision"] == 1
        answer = api.ask(method, path, headers={"If-Match": '"1"'})
        assert answer.status_code == 200
        assert answer.json["message"]["revision"] == 2


def test_last_contact_and_deliveries_do_not_raise_it(host: Host, api: Caller, contact: str) -> None:
    path = f"/contacts/{contact}/relationship"
    before = api.patch(path, {"twilio_opt_in": True, "cadence_days": 30})["profile"]
    api.post(f"/contacts/{contact}/messages", {"channel": "sms", "body": "Hello"})
    action = api.post(f"/contacts/{contact}/relationship-actions", {"action_type": "call", "title": "Call"})["action"]
    api.patch(f"/relationship-actions/{action['id']}", {"status": "done"})
    after = api.get(path)["profile"]
    assert after["last_contact"] is not None
    assert after["revision"] == before["revision"] == 2
    assert api.get(f"/contacts/{contact}/messages")["messages"][0]["revision"] == 1


def test_what_the_application_changes_through_its_session_raises_it(host: Host, api: Caller, contact: str) -> None:
    profile = api.get(f"/contacts/{contact}/relationship")["profile"]
    host.change(host.models.Profile, profile["id"], personal_notes="Plays the cello.")
    assert api.get(f"/contacts/{contact}/relationship")["profile"]["revision"] == 2
    host.change(host.models.Profile, profile["id"], last_contact_day=738_000)
    assert api.get(f"/contacts/{contact}/relationship")["profile"]["revision"] == 2


def test_an_exchanged_address_is_another_revision(host: Host, api: Caller) -> None:
    make_feed(host, api)
    exchanged = api.ask("PUT", "/calendar-feed", headers={"If-Match": '"1"'})
    assert (exchanged.status_code, exchanged.headers["ETag"]) == (200, '"2"')
    api.ask("DELETE", "/calendar-feed", headers={"If-Match": '"2"'})
    absent = api.ask("PUT", "/calendar-feed", headers={"If-Match": "*"})
    assert absent.status_code == 412
    assert "current" not in absent.json


def test_lists_carry_revisions(host: Host, api: Caller) -> None:
    path, _ = make_event(host, api)
    ask(api, EVENT, path, None)
    (event,) = api.get(path.rpartition("/")[0])["events"]
    assert event["revision"] == 2
    path, _ = make_partner(host, api)
    (partner,) = api.get(path.rpartition("/")[0])["partners"]
    assert partner["revision"] == 1
