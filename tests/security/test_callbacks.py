"""Callbacks of the host that misbehave: nobody is let in by a mistake."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from flask_relationships import ActionScope
from flask_relationships.testing.contract.specification import (
    ACTION,
    EVENT,
    INBOUND,
    MESSAGE,
    PARTNER,
    ROUTES,
    UNCONFIRMED,
    WAITING,
    Route,
)
from tests.hosts.made import Made, Models, yes

OWN_IDS = dict.fromkeys(("event", "action", "partner", "message", "waiting", "unconfirmed"), str(UUID(int=1)))
IDS = {"contact": "1", "company": "1", **OWN_IDS}

Make = Callable[..., Made]

MODELS = Models()
"""One set for all applications of this module; each has an extension, and a database in memory, of its own."""


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Made] = []

    def build(**options: Any) -> Made:
        made.append(Made(options.pop("models", MODELS), **options).create_tables())
        return made[-1]

    yield build
    for one in made:
        one.close()


def statuses(made: Made) -> dict[str, int]:
    """What every route answers; none of them gets as far as its rows."""
    caller = made.caller()
    return {str(route): caller.ask(route.method, route.path.format(**IDS), route.body).status_code for route in ROUTES}


def fails(*_: Any) -> bool:
    raise RuntimeError("canary@example.com")


class Agreeable:
    """Equal to everything, and true."""

    def __eq__(self, other: object) -> bool:
        return True

    def __bool__(self) -> bool:
        return True

    __hash__ = object.__hash__


ANSWERS: dict[str, Callable[..., Any]] = {
    "raises": fails,
    "None": lambda *_: None,
    "1": lambda *_: 1,
    "yes": lambda *_: "yes",
    "an object": lambda *_: object(),
    "a list": lambda *_: [True],
    "agreeable": lambda *_: Agreeable(),
    "a function": lambda *_: yes,
}

with_rows = pytest.mark.parametrize("route", [route for route in ROUTES if "{" in route.path], ids=str)


class TestPermission:
    @pytest.mark.parametrize("answer", list(ANSWERS))
    def test_only_true_lets_anyone_in(self, make: Make, answer: str) -> None:
        found = statuses(make(permission=ANSWERS[answer]))
        assert found == dict.fromkeys(map(str, ROUTES), 403)

    def test_without_a_callback_every_call_fails(self, make: Make, caplog: pytest.LogCaptureFixture) -> None:
        made = make(permission=None)
        assert statuses(made) == dict.fromkeys(map(str, ROUTES), 500)
        assert made.caller().get("/action-centre", 500)["code"] == "permission_callback_missing"
        assert any("permission callback" in record.message for record in caplog.records)

    def test_one_that_raises_is_logged_without_what_it_said(self, make: Make, caplog: pytest.LogCaptureFixture) -> None:
        make(permission=fails).caller().get("/action-centre", 403)
        assert caplog.records
        assert "canary" not in caplog.text

    @with_rows
    def test_it_is_asked_without_a_row_and_then_with_it(self, make: Make, route: Route) -> None:
        """First the permission alone, then with the host's row, or with the action whose status is changed."""
        asked: list[tuple[str, str | None]] = []

        def remember(user: Any, permission: str, target: Any) -> bool:
            asked.append((permission, None if target is None else type(target).__name__))
            return True

        made = make(permission=remember)
        ids = _fill(made)
        asked.clear()
        made.caller().ask(route.method, route.path.format(**ids), route.body)
        named = route.path.partition("{")[2].partition("}")[0]
        permission = f"relationships:{route.permission}"
        assert asked[0] == (permission, None)
        assert (permission, named.capitalize()) in asked[1:]
        # Deleting an event dismisses its open action, which takes what changing that action takes.
        assert {asked_for for asked_for, kind in asked if kind != "Action"} == {permission}

    @with_rows
    def test_a_refused_row_is_403(self, make: Make, route: Route) -> None:
        refusing = False

        def never_this_row(user: Any, permission: str, target: Any) -> bool:
            return not (refusing and target is not None)

        made = make(permission=never_this_row)
        ids = _fill(made)
        refusing = True
        response = made.caller().ask(route.method, route.path.format(**ids), route.body)
        assert (response.status_code, response.get_json()["code"]) == (403, "forbidden")
        assert made.transport.sent == []

    @pytest.mark.parametrize(
        ("path", "body", "named"),
        [
            ("/contacts/{contact}/life-events", EVENT, "company"),
            ("/contacts/{contact}/relationship-actions", ACTION, "company"),
            ("/companies/{company}/partners", PARTNER, "contact"),
        ],
    )
    def test_a_row_named_in_the_body_is_asked_for_too(
        self, make: Make, path: str, body: dict[str, str], named: str
    ) -> None:
        def never_that_row(user: Any, permission: str, target: Any) -> bool:
            return getattr(target, "id", None) != 4711

        made = make(permission=never_that_row)
        ids = _fill(made)
        made.add({"company": made.models.Company, "contact": made.models.Contact}[named], id=4711)
        made.caller().post(path.format(**ids), {**body, f"{named}_id": "4711"}, 403)


NOBODY: dict[str, Callable[[], Any]] = {
    "raises": fails,
    "None": lambda: None,
    "False": lambda: False,
    "empty": lambda: "",
    "no id": lambda: {"name": "Grace"},
    "an id that is None": lambda: {"id": None},
    "no row": lambda: 4711,
    "an object": object,
}


class TestCurrentUser:
    @pytest.mark.parametrize("nobody", NOBODY.values(), ids=list(NOBODY))
    def test_nobody_is_401(self, make: Make, nobody: Callable[[], Any]) -> None:
        made = make(current_user=nobody)
        assert statuses(made) == dict.fromkeys(map(str, ROUTES), 401)

    def test_somebody_who_is_not_authenticated_is_nobody(self, make: Make) -> None:
        class Visitor:
            id = 1
            is_authenticated = False

        assert statuses(make(current_user=Visitor)) == dict.fromkeys(map(str, ROUTES), 401)

    @pytest.mark.parametrize(
        "given", [1, "1", {"id": 1}, {"id": "1"}], ids=["key", "text", "mapping", "text in mapping"]
    )
    def test_the_ways_to_name_a_user(self, make: Make, given: Any) -> None:
        made = make(current_user=lambda: given)
        contact, caller = made.contact(), made.caller()
        action = caller.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]
        assert (action["created_by_user_id"], action["assigned_to_name"]) == ("1", "Grace Hopper")

    def test_the_permission_callback_receives_what_the_current_user_callback_returned(self, make: Make) -> None:
        token = {"id": 1, "claims": ["everything"]}
        received: list[Any] = []

        def remember(user: Any, permission: str, target: Any) -> bool:
            received.append(user)
            return True

        make(current_user=lambda: token, permission=remember).caller().get("/action-centre")
        assert received
        assert all(user is token for user in received)


class TestActionScope:
    @pytest.mark.parametrize("answer", [fails, lambda _: None, lambda _: "everyone", lambda _: [1]])
    @pytest.mark.parametrize("path", ["/relationship-actions", "/action-centre"])
    def test_no_scope_shows_nothing(self, make: Make, answer: Callable[[Any], Any], path: str) -> None:
        made = make(action_scope=answer)
        made.caller().get(path, 403)

    def test_own_actions_only_unless_told(self, make: Make) -> None:
        made = make()
        contact, caller = made.contact(), made.caller()
        other = made.add(made.models.User, name="Other")
        path = f"/contacts/{contact}/relationship-actions"
        caller.post(path, {**ACTION, "title": "mine"})
        caller.post(path, {**ACTION, "title": "theirs", "assigned_to_user_id": other})
        assert [action["title"] for action in caller.get("/relationship-actions")["actions"]] == ["mine"]

    def test_ids_that_are_none_are_nobody_s_and_repeated_ones_count_once(self, make: Make) -> None:
        made = make(action_scope=lambda user: ActionScope.users([user, 1, "1", None, "nobody", 4711]))
        contact, caller = made.contact(), made.caller()
        caller.post(f"/contacts/{contact}/relationship-actions", ACTION)
        assert len(caller.get("/relationship-actions")["actions"]) == 1

    def test_an_empty_scope_is_an_empty_list(self, make: Make) -> None:
        made = make(action_scope=lambda _: ActionScope.users([]))
        contact, caller = made.contact(), made.caller()
        caller.post(f"/contacts/{contact}/relationship-actions", ACTION)
        assert caller.get("/relationship-actions")["actions"] == []


class TestHooks:
    @pytest.mark.parametrize("hook", ["present", "visible"])
    @pytest.mark.parametrize("answer", [fails, lambda *_: None], ids=["raises", "None"])
    def test_a_hook_that_fails_shows_nothing(self, make: Make, hook: str, answer: Callable[..., Any]) -> None:
        from flask_relationships import ContactMapping

        models = Models()
        broken = False

        def narrow(select: Any, *user: Any) -> Any:
            return answer() if broken else select

        hooks: dict[str, Any] = {hook: narrow}
        made = make(models=models, contact=ContactMapping(models.Contact, **hooks))
        ids = _fill(made)
        made.app.logger.setLevel(logging.CRITICAL)
        broken = True
        caller = made.caller()
        for route in ROUTES:
            if "{contact}" in route.path or "{action}" in route.path or route.path == "/relationship-actions":
                response = caller.ask(route.method, route.path.format(**ids), route.body)
                assert response.status_code >= 400, route
                assert b"Lovelace" not in response.get_data()
        assert made.transport.sent == []


def _fill(made: Made) -> dict[str, str]:
    caller = made.caller()
    company = made.add(made.models.Company, name="Analytical Engines")
    contact = made.contact()
    caller.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    caller.put(f"/companies/{company}/client-profile", 201)
    message, written = made.relationships.models.Message, datetime.fromisoformat("2026-01-02")
    ids = {
        "contact": contact,
        "company": company,
        "event": caller.post(f"/contacts/{contact}/life-events", EVENT)["event"]["id"],
        "action": caller.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"],
        "message": made.add(message, **INBOUND, created_at=written),
        "waiting": made.add(message, **WAITING, contact_id=int(contact), attempt=0, created_at=written),
        "unconfirmed": made.add(
            message, **UNCONFIRMED, contact_id=int(contact), attempt=1, status_rank=5, created_at=written
        ),
        "partner": caller.post(f"/companies/{company}/partners", PARTNER)["partner"]["id"],
    }
    caller.post(f"/contacts/{contact}/messages", MESSAGE)
    made.transport.sent.clear()
    return ids
