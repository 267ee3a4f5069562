"""The callbacks, tried with the first user, with nobody, and with something that is no user."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import ActionScope
from tests.check.conftest import MakeSmall


def only_the_tool(_user: Any, _permission: str, target: Any) -> bool:
    return target is None


def nobody() -> None:
    return None


@pytest.mark.parametrize(
    "allowed",
    [
        lambda *_: True,
        lambda user, *_: not hasattr(user, "name") or user.name == "Grace Hopper",
        lambda user, *_: user is None,
    ],
)
def test_a_permission_callback_that_lets_everybody_in(make: MakeSmall, allowed: Any) -> None:
    small = make(permission=allowed).create_tables().with_rows()
    assert small.wrong() == {"permission_callback_lets_everybody_in"}


@pytest.mark.parametrize(
    "allowed",
    [
        lambda *_: 1,
        lambda user, *_: user.name == "Grace Hopper",
        lambda _user, permission, _target: permission != "relationships:manage",
        lambda user, *_: getattr(user, "name", None) is not None,
    ],
)
def test_a_permission_callback_that_refuses_something_is_no_finding(make: MakeSmall, allowed: Any) -> None:
    assert make(permission=allowed).create_tables().with_rows().wrong() == set()


def test_a_permission_callback_that_refuses_rows_which_lists_show(make: MakeSmall) -> None:
    small = make(permission=only_the_tool, companies=False).create_tables().with_rows()
    assert small.wrong() == {"permission_refuses_visible_rows"}
    message = small.found("permission_refuses_visible_rows")["message"]
    assert "refuses 2 of 2 pairs of a user and a Contact" in message


def test_a_permission_callback_that_refuses_what_visible_hides(make: MakeSmall) -> None:
    small = make(
        permission=only_the_tool,
        companies=False,
        contact={"visible": lambda select, _user: select.where(sa.false())},
    )
    assert "permission_refuses_visible_rows" not in small.create_tables().with_rows().wrong()


def test_a_result_that_is_acknowledged_does_not_fail_the_command(make: MakeSmall) -> None:
    small = make(permission=only_the_tool, companies=False).create_tables().with_rows()
    assert small.run().exit_code == 1
    acknowledged = make(
        permission=only_the_tool,
        companies=False,
        config={"RELATIONSHIPS_CHECK_IGNORE": ["permission_refuses_visible_rows"]},
    )
    run = acknowledged.create_tables().with_rows().run("--strict")
    assert run.exit_code == 0, run.output
    assert "ignored" in run.output
    found = acknowledged.found("permission_refuses_visible_rows")
    assert (found["level"], found["acknowledged"]) == ("error", True)


def test_an_acknowledged_code_that_does_not_exist_is_reported(make: MakeSmall) -> None:
    small = make(config={"RELATIONSHIPS_CHECK_IGNORE": "permision_callback. csrf"}).create_tables().with_rows()
    assert small.wrong() == {"check_ignore_unknown"}
    assert "permision_callback." in small.found("check_ignore_unknown")["message"]


def test_what_the_first_user_may(make: MakeSmall) -> None:
    message = make().create_tables().with_rows().found("permission_callback")["message"]
    assert message.endswith("called with the first User, and without a log-in, it grants view, update, manage.")


def test_a_permission_callback_that_wants_another_kind_of_user(make: MakeSmall) -> None:
    small = make(permission=lambda user, *_: user["role"] == "admin").create_tables().with_rows()
    assert small.wrong() == set()
    message = small.found("permission_callback")["message"]
    assert f"called with a row of User, it raises TypeError at {__file__}:" in message
    assert message.endswith(", which is a refusal.")


def test_no_permission_callback(make: MakeSmall) -> None:
    assert make(permission=None).create_tables().wrong() == {"permission_callback_missing"}


def test_nobody_can_say_who_is_asking(make: MakeSmall) -> None:
    small = make(log_in=False).create_tables().with_rows()
    assert small.wrong() == {"current_user_missing"}
    assert small.run().exit_code == 1


def test_somebody_is_asking_whatever_the_request(make: MakeSmall) -> None:
    small = make(log_in=False, current_user=lambda: 1).create_tables().with_rows()
    assert small.wrong() == {"current_user_without_log_in"}


@pytest.mark.parametrize("who", [nobody, lambda: {}["user"]])
def test_nobody_is_asking_in_an_empty_request(make: MakeSmall, who: Any) -> None:
    assert make(log_in=False, current_user=who).create_tables().with_rows().wrong() == set()


def failing(user: Any) -> ActionScope:
    raise LookupError(f"no squad of {user.name}")


@pytest.mark.parametrize("scope", [failing, lambda user: [user.id]])
def test_an_action_scope_that_fails_for_a_row(make: MakeSmall, scope: Any) -> None:
    small = make(action_scope=scope).create_tables()
    assert small.wrong() == set()
    small.with_rows()
    assert small.wrong() == {"action_scope_fails"}
    assert "Grace" not in small.found("action_scope_fails")["message"]


def test_an_action_scope_that_may_be_given_something_else_than_a_row(make: MakeSmall) -> None:
    small = make(action_scope=lambda user: user["squad"], log_in=False, current_user=nobody).create_tables().with_rows()
    assert small.wrong() == set()
    assert small.found("action_scope_untried")["level"] == "ok"


@pytest.mark.parametrize(
    ("scope", "shown"),
    [
        (ActionScope.own(), "own"),
        (ActionScope.everyone(), "everyone"),
        (ActionScope.users([1, 2, 2]), "the actions of 2 users"),
    ],
)
def test_what_the_lists_of_the_first_user_show(make: MakeSmall, scope: ActionScope, shown: str) -> None:
    small = make(action_scope=lambda _: scope).create_tables().with_rows()
    assert small.found("action_scope")["message"].endswith(f"Lists of the first User show {shown}.")
