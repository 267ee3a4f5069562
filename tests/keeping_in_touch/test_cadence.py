"""How often to be in touch: a field of the profile, which counts from the last contact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flask_relationships.testing.contract.specification import ACTION, PROFILE_FIELDS
from tests.hosts.host import Caller, Host
from tests.marks import one_host

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def profile(api: Caller, contact: str, **values: Any) -> Any:
    path = f"/contacts/{contact}/relationship"
    return (api.patch(path, values) if values else api.get(path))["profile"]


def be_in_touch(host: Host, api: Caller, contact: str, at: datetime) -> None:
    action = api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"]
    with host.clock_at(at):
        api.patch(f"/relationship-actions/{action}", {"status": "done"})


def neglected(host: Host, api: Caller, at: datetime, **query: Any) -> Any:
    with host.clock_at(at):
        return api.get("/contacts/neglected", **query)


def names(answer: Any) -> list[str]:
    return [one["last_name"] for one in answer["contacts"]]


def test_it_counts_from_the_day_it_was_set_where_nobody_was_in_touch(host: Host, api: Caller, contact: str) -> None:
    with host.clock_at(MORNING):
        told = profile(api, contact, cadence_days=30)
    assert (told["cadence_days"], told["in_touch_due"]) == (30, "2026-04-01")
    with host.clock_at(MORNING + timedelta(days=10)):
        assert profile(api, contact, cadence_days=60)["in_touch_due"] == "2026-05-01"


def test_it_counts_from_the_last_contact(host: Host, api: Caller, contact: str) -> None:
    with host.clock_at(MORNING):
        profile(api, contact, cadence_days=30)
    be_in_touch(host, api, contact, MORNING + timedelta(days=20))
    assert profile(api, contact)["in_touch_due"] == "2026-04-21"
    with host.clock_at(MORNING + timedelta(days=25)):
        assert profile(api, contact, cadence_days=7)["in_touch_due"] == "2026-03-29"


@one_host
def test_it_counts_again_from_the_day_it_was_set_where_the_only_contact_was_none(
    host: Host, api: Caller, contact: str
) -> None:
    with host.clock_at(MORNING):
        profile(api, contact, cadence_days=30)
    be_in_touch(host, api, contact, MORNING + timedelta(days=20))
    (action,) = api.get("/relationship-actions")["actions"]
    api.patch(f"/relationship-actions/{action['id']}", {"status": "dismissed"})
    assert profile(api, contact)["in_touch_due"] == "2026-04-01"


@one_host
def test_null_ends_it(host: Host, api: Caller, contact: str) -> None:
    with host.clock_at(MORNING):
        profile(api, contact, cadence_days=30)
    told = profile(api, contact, cadence_days=None)
    assert (told["cadence_days"], told["in_touch_due"]) == (None, None)
    assert neglected(host, api, MORNING + timedelta(days=365)) == {"contacts": []}


@one_host
def test_a_day_is_one_where_the_application_is(make_host: Any) -> None:
    host = make_host(RELATIONSHIPS_TIMEZONE="Pacific/Auckland")
    api, contact = host.person(), host.contact()
    evening = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    with host.clock_at(evening):
        profile(api, contact, cadence_days=1)
    be_in_touch(host, api, contact, evening)
    assert profile(api, contact)["in_touch_due"] == "2026-03-04"


@one_host
@pytest.mark.parametrize("given", [0, -1, 3661, 1.5, True, "30", [30]])
def test_it_is_a_number_of_days(api: Caller, contact: str, given: Any) -> None:
    problem = api.patch(f"/contacts/{contact}/relationship", {"cadence_days": given}, 422)
    assert problem["errors"][0]["pointer"] == "#/cadence_days"


@one_host
def test_the_fields_of_the_profile_are_what_they_were_without_it(api: Caller, contact: str) -> None:
    told = profile(api, contact, **PROFILE_FIELDS)
    assert {name: told[name] for name in PROFILE_FIELDS} == PROFILE_FIELDS
    assert told["cadence_days"] is None


class TestNeglected:
    def test_those_who_are_overdue_longest_first(self, host: Host, api: Caller) -> None:
        with host.clock_at(MORNING):
            for last_name, days in (("Late", 20), ("Later", 10), ("Today", 30), ("Never", None)):
                profile(api, host.contact("Ada", last_name), cadence_days=days)
        answer = neglected(host, api, MORNING + timedelta(days=30))
        assert names(answer) == ["Later", "Late"]
        first = answer["contacts"][0]
        told = {name: first[name] for name in ("first_name", "cadence_days", "in_touch_due", "days_overdue")}
        assert told == {"first_name": "Ada", "cadence_days": 10, "in_touch_due": "2026-03-12", "days_overdue": 20}
        assert (first["last_contact"], first["assigned_to_user_id"], first["assigned_to_name"]) == (
            None,
            api.id,
            api.name,
        )

    def test_pages_hold_each_once(self, host: Host, api: Caller) -> None:
        with host.clock_at(MORNING):
            for number in range(5):
                profile(api, host.contact("Ada", f"Byron {number}"), cadence_days=10)
        found: list[str] = []
        query: dict[str, Any] = {"limit": 2}
        for size in (2, 2, 1):
            answer = neglected(host, api, MORNING + timedelta(days=30), **query)
            assert len(answer["contacts"]) == size
            found += names(answer)
            query["cursor"] = answer["next_cursor"]
        assert query["cursor"] is None
        assert sorted(found) == [f"Byron {number}" for number in range(5)]

    @one_host
    @pytest.mark.parametrize("cursor", ["x", "WyIxIl0", "WyI5OTk5OTk5OTk5OTk5IiwieCJd"])
    def test_a_cursor_that_did_not_come_from_here(self, api: Caller, cursor: str) -> None:
        assert api.get("/contacts/neglected", 422, cursor=cursor)["errors"][0]["code"] == "invalid_cursor"

    def test_only_those_in_the_scope(self, host: Host, api: Caller) -> None:
        member = host.person("update", level="member", squad="north", name="Member")
        manager = host.person("update", level="manager", squad="north", name="Manager")
        stranger = host.person("update", level="member", squad="south", name="Stranger")
        with host.clock_at(MORNING):
            profile(member, host.contact("Ada", "Mine"), cadence_days=10)
            profile(stranger, host.contact("Ada", "Theirs"), cadence_days=10)
        later = MORNING + timedelta(days=30)
        assert names(neglected(host, member, later)) == ["Mine"]
        assert names(neglected(host, manager, later)) == ["Mine"]
        assert names(neglected(host, stranger, later)) == ["Theirs"]
        assert sorted(names(neglected(host, api, later))) == ["Mine", "Theirs"]

    def test_a_contact_that_is_gone_is_not_there(self, host: Host, api: Caller, contact: str) -> None:
        with host.clock_at(MORNING):
            profile(api, contact, cadence_days=10)
        host.delete_contact(contact)
        assert neglected(host, api, MORNING + timedelta(days=30)) == {"contacts": []}
