"""GET /relationship-actions and /action-centre: whose actions a caller sees, and how they are filtered."""

from __future__ import annotations

from typing import Any

import pytest

from flask_relationships.testing.contract.specification import ACTION
from tests.contract.problems import members
from tests.hosts.host import Caller, Host
from tests.marks import input_only


def titles(caller: Caller, **filters: Any) -> set[str]:
    """The titles of the listed actions, which name those they are assigned to."""
    found = [action["title"] for action in caller.get("/relationship-actions", **filters)["actions"]]
    assert len(found) == len(set(found)), "an action is listed twice"
    return set(found)


def mirrored(caller: Caller) -> set[str]:
    return {item["title"] for item in caller.get("/action-centre")["items"]}


@pytest.fixture
def people(host: Host) -> dict[str, Caller]:
    """An executive, a head, a manager and a member of the north squad, and a member of the south."""
    return {
        "executive": host.person("manage", "executive", name="executive"),
        "head": host.person("manage", "head", name="head"),
        "manager": host.person("manage", "manager", "north", name="manager"),
        "north": host.person("manage", "member", "north", name="north"),
        "south": host.person("manage", "member", "south", name="south"),
    }


@pytest.fixture
def assigned(people: dict[str, Caller], contact: str) -> dict[str, Caller]:
    """Each of them has one action, titled like its owner and created by somebody else."""
    for name, person in people.items():
        author = people["south" if name != "south" else "north"]
        author.post(
            f"/contacts/{contact}/relationship-actions",
            {**ACTION, "title": name, "assigned_to_user_id": person.id, "due_date": "2031-05-01"},
        )
    return people


EVERYTHING = {"executive", "head", "manager", "north", "south"}


@pytest.mark.on_hosts("ordinary", "peculiar", "documented")
class TestLevels:
    @pytest.mark.parametrize(
        ("level", "seen"),
        [
            ("executive", EVERYTHING),
            ("head", EVERYTHING),
            ("manager", {"manager", "north"}),
            ("north", {"north"}),
            ("south", {"south"}),
        ],
    )
    def test_who_sees_what(self, assigned: dict[str, Caller], level: str, seen: set[str]) -> None:
        """Executive/Head: all actions. Manager: own + squad members' actions. Others: own actions only."""
        assert titles(assigned[level]) == seen
        assert mirrored(assigned[level]) == seen

    def test_own_means_assigned_to_and_not_created_by(self, assigned: dict[str, Caller]) -> None:
        assert "north" not in titles(assigned["south"])

    def test_a_manager_without_a_squad_sees_their_own(self, host: Host, assigned: dict[str, Caller]) -> None:
        assert titles(host.person("manage", "manager", None)) == set()

    def test_actions_of_nobody_are_seen_by_those_who_see_everything(
        self, host: Host, assigned: dict[str, Caller], contact: str
    ) -> None:
        action = host.person().post(f"/contacts/{contact}/relationship-actions", {**ACTION, "title": "nobody's"})
        _unassign(host, action["action"]["id"])
        assert [name for name, person in assigned.items() if "nobody's" in titles(person)] == [
            "executive",
            "head",
        ]


def _unassign(host: Host, action: str) -> None:
    with host.app.app_context():
        model = host.models.Action
        row = host.db.session.get_one(model, host.key(model, action))
        row.assigned_to_user_id = None
        host.db.session.commit()


class TestFilters:
    @pytest.mark.on_hosts("ordinary", "peculiar", "documented")
    @pytest.mark.parametrize(
        ("caller", "filtered", "seen"),
        [
            ("executive", "south", {"south"}),
            ("manager", "north", {"north"}),
            ("manager", "south", set()),
            ("north", "south", set()),
            ("north", "north", {"north"}),
        ],
    )
    def test_a_filter_never_widens_the_scope(
        self, assigned: dict[str, Caller], caller: str, filtered: str, seen: set[str]
    ) -> None:
        assert titles(assigned[caller], assigned_to_user_id=assigned[filtered].id) == seen

    def test_the_actions_of_one_contact_take_them_too(self, api: Caller, contact: str) -> None:
        for title, due in [("early", "2031-05-01"), ("late", "2031-06-01")]:
            api.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "title": title, "due_date": due})
        found = api.get(f"/contacts/{contact}/relationship-actions", due_after="2031-05-01")["actions"]
        assert [action["title"] for action in found] == ["late"]

    @input_only
    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("status", "open", "invalid_choice"),
            ("due_before", "soon", "invalid_date"),
            ("due_after", "2031-02-30", "invalid_date"),
            ("sort", "title", "invalid_choice"),
            ("due", "2031-05-01", "invalid_choice"),
        ],
    )
    def test_a_filter_that_means_nothing_is_refused(self, api: Caller, name: str, value: str, code: str) -> None:
        problem = api.get("/relationship-actions", 422, **{name: value})
        assert list(members(problem).values()) == [code]


class TestMaxRows:
    def test_beyond_the_most_rows_there_is_a_cursor(self, make_host: Any) -> None:
        host = make_host(RELATIONSHIPS_MAX_ROWS=3)
        api, contact = host.person(), host.contact()
        for number in range(4):
            api.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "title": str(number)})
        first = api.get("/relationship-actions")
        assert len(first["actions"]) == 3
        rest = api.get("/relationship-actions", cursor=first["next_cursor"])
        assert {action["title"] for action in first["actions"] + rest["actions"]} == set("0123")
