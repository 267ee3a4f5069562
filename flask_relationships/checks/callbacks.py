"""Try the host's callbacks with the first users, with an anonymous user, and with an object that is no user."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, get_args

import sqlalchemy as sa
from flask import current_app

from ..api.application import state
from ..api.identity import unwrap
from ..api.permissions import ActionScope, Permission
from ..errors import place_of
from ..hosts.bound import Host
from .check_run import CheckRun
from .results import CheckResult, Kind

PERMISSION_PAGE = "permissions.md#permission-callback"
USER_PAGE = "permissions.md#current-user"
SCOPE_PAGE = "permissions.md#action-scope"
UNMATCHED_PAGE = "webhooks.md#visibility-of-unmatched-messages"

PERMISSION = Kind("permission_callback", "ok", "There is a permission callback.", PERMISSION_PAGE)
PERMISSION_MISSING = Kind(
    "permission_callback_missing",
    "error",
    "There is no permission callback. Every request is refused.",
    PERMISSION_PAGE,
    "Decorate a function with @relationships.permission_callback.",
)
LETS_EVERYBODY_IN = Kind(
    "permission_callback_lets_everybody_in",
    "warning",
    "The permission callback returns True for every user and permission.",
    PERMISSION_PAGE,
    "Return True only if the user has the permission, for example `user.is_admin`.",
)
USER_MISSING = Kind(
    "current_user_missing",
    "error",
    "There is no user loader: neither Flask-Login nor a current-user callback. Every request is anonymous.",
    USER_PAGE,
    "Install Flask-Login, or decorate a function with @relationships.current_user_callback.",
)
USER = Kind("current_user", "ok", "A callback or Flask-Login returns the current user.", USER_PAGE)
USER_WITHOUT_LOG_IN = Kind(
    "current_user_without_log_in",
    "warning",
    "The current-user callback returns a user for a request without a cookie, token or header.",
    USER_PAGE,
    "Return a user only if the request proves who it is, otherwise None.",
)
SCOPE = Kind("action_scope", "ok", "Which actions the lists of the first user show.", SCOPE_PAGE)
SCOPE_UNTRIED = Kind(
    "action_scope_untried",
    "ok",
    "The action scope callback could not be tried, because it raises for a row of the users.",
    SCOPE_PAGE,
)
SCOPE_FAILS = Kind(
    "action_scope_fails",
    "warning",
    "The action scope callback raises for a user, or does not return an ActionScope. Lists are refused.",
    SCOPE_PAGE,
    "Return ActionScope.own(), .users([...]) or .everyone() for every user.",
)
REFUSES_VISIBLE_ROWS = Kind(
    "permission_refuses_visible_rows",
    "error",
    "The permission callback refuses rows that `visible` shows. Lists still contain them.",
    PERMISSION_PAGE,
    "Hide the rows with tenant= or visible= of the mapping. Use the callback for what a user may do with them.",
)
UNMATCHED_MISSING = Kind(
    "unmatched_callback_missing",
    "warning",
    "The contact mapping has `visible` and no `tenant`, and there is no unmatched callback. Unmatched messages are "
    "refused.",
    UNMATCHED_PAGE,
    "Decorate a function (select, user) -> select with @relationships.unmatched_callback.",
)
UNMATCHED_FAILS = Kind(
    "unmatched_callback_fails",
    "warning",
    "The unmatched callback raises for a user, or does not return a select. Unmatched messages are refused.",
    UNMATCHED_PAGE,
    "Return select.where(...) for every user. The select is one of relationships.models.Message.",
)
TENANT_FAILS = Kind(
    "tenant_callback_fails",
    "warning",
    "The tenant callback raises for a user. Every request of this user is refused.",
    "mapping.md#deleted-and-hidden-rows",
    "Return the tenant of the user, or None.",
)

USERS_SAMPLED, ROWS_SAMPLED = 5, 20


def check(run: CheckRun) -> Iterator[CheckResult]:
    """Check every callback that is set, and report the ones that are missing."""
    permission = state.callbacks.permission
    if permission is None:
        yield PERMISSION_MISSING.result("There is no permission callback. Every request is refused.")
    else:
        yield _permission(permission, run)
        yield from _refused_rows(permission, run)
    yield _current_user(run)
    yield _scope(run)
    yield from _unmatched(run)
    yield from _tenant(run)


def _permission(callback: Any, run: CheckRun) -> CheckResult:
    """Call the callback with objects that no application can know as users, then with the first user."""
    targets = [None, *run.first_rows(state.hosts.contact)]
    for name, stranger in (("None", None), ("object()", object())):
        if all(_allows(callback, stranger, *asked, run) for asked in itertools.product(get_args(Permission), targets)):
            return LETS_EVERYBODY_IN.result(
                f"The permission callback lets everybody in: it returns True to view, update and manage for {name}."
            )
    grants = "".join(f"; {_granted(callback, user, run)}" for user in run.first_rows(state.hosts.user))
    return PERMISSION.result(f"There is a permission callback{grants}.")


def _refused_rows(callback: Any, run: CheckRun) -> Iterator[CheckResult]:
    """Report rows that exist for a user but that the callback refuses to the same user."""
    users = [_as_reader(row) for row in run.first_rows(state.hosts.user, USERS_SAMPLED)]
    users = [user for user in users if user is not None and _allows(callback, user, "view", None, run)]
    for host in filter(None, (state.hosts.contact, state.hosts.company)):
        answers = [answer for user in users for answer in _answers(callback, user, host, run)]
        if refused := answers.count(False):
            yield REFUSES_VISIBLE_ROWS.result(
                f"The permission callback refuses {refused} of {len(answers)} pairs of a user and a "
                f"{host.model.__name__} that the user sees in lists."
            )


def _answers(callback: Any, user: Any, host: Host, run: CheckRun) -> list[bool]:
    """Return whether the callback lets this user view each of the first rows, up to one for which it raises."""
    answers: list[bool] = []

    def view_rows() -> None:
        for row in run.first_rows(host, ROWS_SAMPLED, user):
            answers.append(callback(user, "relationships:view", row) is True)

    _, error = run.attempt(view_rows)
    return answers if error is None else [*answers, False]


def _as_reader(row: Any) -> Any:
    """Return the user that calendars and digests pass to the callbacks for this row of the users."""
    callback = state.callbacks.reader
    try:
        return row if callback is None else callback(row)
    except Exception:
        return None


def _allows(callback: Any, user: Any, permission: str, target: Any, run: CheckRun) -> bool:
    """Return whether the callback returns True. An exception is a refusal."""
    answer, _ = run.attempt(callback, user, f"relationships:{permission}", target)
    return answer is True


def _granted(callback: Any, user: Any, run: CheckRun) -> str:
    """Return what the callback grants to a row of the users without a log-in."""
    model = type(user).__name__
    _, error = run.attempt(callback, user, "relationships:view", None)
    if error is not None:
        return f"called with a row of {model}, it raises {place_of(error)}, which is a refusal"
    granted = [permission for permission in get_args(Permission) if _allows(callback, user, permission, None, run)]
    return f"called with the first {model}, and without a log-in, it grants {', '.join(granted) or 'nothing'}"


def _current_user(run: CheckRun) -> CheckResult:
    """Call the current-user callback for an empty request, which must be anonymous."""
    callback = state.callbacks.current_user
    if callback is None and hasattr(current_app, "login_manager"):
        return USER.result("Flask-Login returns the current user.")
    if callback is None:
        return USER_MISSING.result("No user loader found: neither Flask-Login nor a current-user callback.")
    user, error = run.attempt(lambda: unwrap(callback()))
    if error is not None:
        words = f"For an empty request the current-user callback raises {place_of(error)}. The request is anonymous."
        return USER.result(words)
    if user is not None and getattr(user, "is_authenticated", True) is True:
        return USER_WITHOUT_LOG_IN.result("For an empty request the current-user callback returns a user.")
    return USER.result("The current-user callback returns the current user. An empty request is anonymous.")


def _scope(run: CheckRun) -> CheckResult:
    """Call the action scope callback with the first user."""
    callback = state.callbacks.action_scope
    if callback is None:
        return SCOPE.result("There is no action scope callback. Lists show the user's own actions.")
    users = run.first_rows(state.hosts.user)
    if not users:
        return SCOPE.result("There is an action scope callback, and no user to try it with.")
    model = type(users[0]).__name__
    scope, error = run.attempt(callback, users[0])
    if error is not None:
        # Flask-Login's user is a row of the users. A callback of the host may return an object of another class.
        kind = SCOPE_FAILS if state.callbacks.current_user is None else SCOPE_UNTRIED
        return kind.result(f"With the first {model} as the user, the action scope callback raises {place_of(error)}.")
    if not isinstance(scope, ActionScope):
        return SCOPE_FAILS.result(f"For the first {model} the action scope callback returns {type(scope).__name__}.")
    shown = f"the actions of {len(set(map(str, scope.members)))} users" if scope.kind == "users" else scope.kind
    return SCOPE.result(f"There is an action scope callback. Lists of the first {model} show {shown}.")


def _unmatched(run: CheckRun) -> Iterator[CheckResult]:
    """Call the unmatched callback with the first user, or report that it is needed."""
    callback: Any = state.callbacks.unmatched
    mapping = state.hosts.contact.mapping
    if callback is None and mapping.visible is not None and mapping.tenant is None:
        words = f"{type(mapping).__name__} has visible and no tenant, and there is no unmatched callback."
        yield UNMATCHED_MISSING.result(words)
    for user in _users_for(callback, run):
        select, error = run.attempt(callback, sa.select(state.models.Message), user)
        if error is not None or not isinstance(select, sa.Select):
            does = f"raises {place_of(error)}" if error is not None else f"returns {type(select).__name__}"
            yield UNMATCHED_FAILS.result(f"For the first user the unmatched callback {does}.")


def _tenant(run: CheckRun) -> Iterator[CheckResult]:
    """Call the tenant callback with the first user."""
    callback: Any = state.callbacks.tenant
    for user in _users_for(callback, run):
        _, error = run.attempt(callback, user)
        if error is not None:
            yield TENANT_FAILS.result(f"For the first user the tenant callback raises {place_of(error)}.")


def _users_for(callback: Any, run: CheckRun) -> list[Any]:
    """Return the first user, or nothing if the callback is not set or may not take a row of the users."""
    untried = callback is None or state.callbacks.current_user is not None
    return [] if untried else run.first_rows(state.hosts.user)
