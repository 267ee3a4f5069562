"""The host's callbacks, tried with the first user there is, with nobody, and with something that is no user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import sqlalchemy as sa
from flask import current_app

from ..api.application import state
from ..api.identity import unwrap
from ..api.permissions import ActionScope, Permission
from ..errors import place_of
from ..hosts.bound import Host
from .examination import Examination
from .findings import Finding, Kind

PERMISSION = Kind("permission_callback", "ok", "There is a permission callback.", "permissions.md#permission-callback")
PERMISSION_MISSING = Kind(
    "permission_callback_missing",
    "error",
    "There is no permission callback, and every call is refused.",
    "permissions.md#permission-callback",
    "Decorate a function with @relationships.permission_callback.",
)
LETS_EVERYBODY_IN = Kind(
    "permission_callback_lets_everybody_in",
    "warning",
    "The permission callback answers True to everything, whoever asks.",
    "permissions.md#permission-callback",
    "Return what this user may: user.is_admin, or the permission's place among those of the user's role.",
)
USER_MISSING = Kind(
    "current_user_missing",
    "error",
    "There is neither Flask-Login nor a current-user callback: everybody is nobody.",
    "permissions.md#current-user",
    "Decorate a function with @relationships.current_user_callback.",
)
USER = Kind(
    "current_user", "ok", "Who is asking is told by a callback, or by Flask-Login.", "permissions.md#current-user"
)
SOMEBODY_ALWAYS = Kind(
    "current_user_without_log_in",
    "warning",
    "The current-user callback returns somebody for a request that carries no cookie, token or header.",
    "permissions.md#current-user",
    "Return the user that the request proves to come from, and None where it proves none.",
)
SCOPE = Kind("action_scope", "ok", "What the lists of the first user show.", "permissions.md#action-scope")
SCOPE_UNTRIED = Kind(
    "action_scope_untried",
    "ok",
    "The action scope callback wants another kind of user than a row, so it could not be tried.",
    "permissions.md#action-scope",
)
SCOPE_FAILS = Kind(
    "action_scope_fails",
    "warning",
    "The action scope callback raises for a user, or returns no ActionScope: their lists are refused.",
    "permissions.md#action-scope",
    "Return ActionScope.own(), .users([...]) or .everyone() for every user.",
)


REFUSES_VISIBLE_ROWS = Kind(
    "permission_refuses_visible_rows",
    "error",
    "The permission callback refuses rows that `visible` shows: lists show them all the same.",
    "permissions.md#permission-callback",
    "Hide the rows with tenant= or visible= of the mapping; use the callback for what a user may do with them.",
)

UNMATCHED_MISSING = Kind(
    "unmatched_callback_missing",
    "warning",
    "Contacts have `visible` and no `tenant`, and nothing says who may see messages that belong to no contact: they "
    "are refused.",
    "webhooks.md#visibility-of-unmatched-messages",
    "Decorate a function (select, user) -> select with @relationships.unmatched_callback.",
)
UNMATCHED_FAILS = Kind(
    "unmatched_callback_fails",
    "warning",
    "The unmatched callback raises for a user, or returns no select: messages that belong to no contact are refused.",
    "webhooks.md#visibility-of-unmatched-messages",
    "Return select.where(...) for every user; the select is one of relationships.models.Message.",
)
TENANT_FAILS = Kind(
    "tenant_callback_fails",
    "warning",
    "The tenant callback raises for a user: every request of theirs is refused.",
    "mapping.md#deleted-and-hidden-rows",
    "Return the tenant of the user, or None.",
)


USERS_SAMPLED, ROWS_SAMPLED = 5, 20


def look(examination: Examination) -> Iterator[Finding]:
    yield from _permission(examination)
    yield from _refused_rows(examination)
    yield from _current_user(examination)
    yield from _scope(examination)
    yield from _unmatched(examination)
    yield from _tenant(examination)


def _permission(examination: Examination) -> Iterator[Finding]:
    if state.callbacks.permission is None:
        yield PERMISSION_MISSING.found("There is no permission callback: every call is refused.")
        return
    targets = [None, *examination.first_rows(state.hosts.contact)]
    for name, stranger in (("None", None), ("object()", object())):
        if all(_allows(stranger, permission, targets, examination) is True for permission in get_args(Permission)):
            yield LETS_EVERYBODY_IN.found(
                f"The permission callback lets everybody in: it answers True to view, update and manage for {name}."
            )
            return
    yield PERMISSION.found(f"There is a permission callback{_about_first_user(examination)}.")


def _refused_rows(examination: Examination) -> Iterator[Finding]:
    """Rows that exist for a user, and that the callback refuses to the same user."""
    if state.callbacks.permission is None:
        return
    users = [
        user
        for user in map(_as_reader, examination.first_rows(state.hosts.user, USERS_SAMPLED))
        if user is not None and _allows(user, "view", [None], examination) is True
    ]
    for host in filter(None, (state.hosts.contact, state.hosts.company)):
        answers = [answer for user in users for answer in _answers(user, host, examination)]
        refused, tried = answers.count(False), len(answers)
        if refused:
            yield REFUSES_VISIBLE_ROWS.found(
                f"The permission callback refuses {refused} of {tried} pairs of a user and a {host.model.__name__} "
                "that the user sees in lists."
            )


def _answers(user: Any, host: Host, examination: Examination) -> list[bool]:
    """Return whether the callback lets this user view each of the first rows, up to one that it raises for."""
    callback = state.callbacks.permission
    assert callback is not None  # noqa: S101 (the caller has looked)
    answers = []
    try:
        for row in examination.first_rows(host, ROWS_SAMPLED, user):
            answers.append(callback(user, "relationships:view", row) is True)
    except Exception:
        answers.append(False)
    finally:
        examination.undo()
    return answers


def _as_reader(row: Any) -> Any:
    """What the callbacks are called with for a row of the users, as calendars and digests call them."""
    callback = state.callbacks.reader
    try:
        return row if callback is None else callback(row)
    except Exception:
        return None


def _allows(user: Any, permission: str, targets: list[Any], examination: Examination) -> bool | Exception:
    """Whether the callback answers True for each of these targets, or what it raised."""
    callback = state.callbacks.permission
    assert callback is not None  # noqa: S101 (the caller has looked)
    try:
        return all(callback(user, f"relationships:{permission}", target) is True for target in targets)
    except Exception as error:  # which is a refusal
        return error
    finally:
        examination.undo()


def _about_first_user(examination: Examination) -> str:
    for user in examination.first_rows(state.hosts.user):
        model = type(user).__name__
        answers = {name: _allows(user, name, [None], examination) for name in get_args(Permission)}
        raised = next((answer for answer in answers.values() if isinstance(answer, Exception)), None)
        if raised is not None:
            other = ", and may be given something else" if state.callbacks.current_user is not None else ""
            return f"; given a row of {model} it raises {place_of(raised)}, which is a refusal{other}"
        granted = [name for name, answer in answers.items() if answer is True]
        return f"; given the first {model}, with nobody logged in, it grants {', '.join(granted) or 'nothing'}"
    return ""


def _current_user(examination: Examination) -> Iterator[Finding]:
    callback = state.callbacks.current_user
    if callback is None:
        if hasattr(current_app, "login_manager"):
            yield USER.found("Flask-Login says who is asking.")
        else:
            yield USER_MISSING.found(
                "There is neither a Flask-Login manager nor a current user callback: everybody is nobody."
            )
        return
    try:
        user = unwrap(callback())
        if user is not None and getattr(user, "is_authenticated", True) is True:
            yield SOMEBODY_ALWAYS.found("For an empty request the current user callback returns somebody.")
        else:
            yield USER.found("The current user callback says who is asking: nobody, for an empty request.")
    except Exception as error:
        yield USER.found(
            f"For an empty request the current user callback raises {place_of(error)}, which counts as nobody."
        )
    finally:
        examination.undo()


def _scope(examination: Examination) -> Iterator[Finding]:
    callback = state.callbacks.action_scope
    if callback is None:
        yield SCOPE.found("There is no action scope callback: everybody's lists show their own.")
        return
    for user in examination.first_rows(state.hosts.user):
        model = type(user).__name__
        try:
            scope: Any = callback(user)
        except Exception as error:
            # With Flask-Login a user is a row; a callback of the host's own may return what no row is like.
            kind = SCOPE_FAILS if state.callbacks.current_user is None else SCOPE_UNTRIED
            yield kind.found(f"With the first {model} for its user the action scope callback raises {place_of(error)}.")
            return
        finally:
            examination.undo()
        if not isinstance(scope, ActionScope):
            yield SCOPE_FAILS.found(f"For the first {model} the action scope callback returns {type(scope).__name__}.")
            return
        shown = f"the actions of {len(set(map(str, scope.members)))} users" if scope.kind == "users" else scope.kind
        yield SCOPE.found(f"There is an action scope callback; lists of the first {model} show {shown}.")
        return
    yield SCOPE.found("There is an action scope callback, and no user to try it with.")


def _unmatched(examination: Examination) -> Iterator[Finding]:
    callback, mapping = state.callbacks.unmatched, state.hosts.contact.mapping
    if callback is None:
        if mapping.visible is not None and mapping.tenant is None:
            yield UNMATCHED_MISSING.found(
                f"{type(mapping).__name__} has visible and no tenant, and there is no unmatched callback."
            )
        return
    if state.callbacks.current_user is not None:
        return  # a row of the users may not be what it is given
    for user in examination.first_rows(state.hosts.user):
        try:
            narrowed: Any = callback(sa.select(state.models.Message), user)
        except Exception as error:
            yield UNMATCHED_FAILS.found(f"For the first user the unmatched callback raises {place_of(error)}.")
        else:
            if not isinstance(narrowed, sa.Select):
                yield UNMATCHED_FAILS.found(
                    f"For the first user the unmatched callback returns {type(narrowed).__name__}."
                )
        finally:
            examination.undo()


def _tenant(examination: Examination) -> Iterator[Finding]:
    callback = state.callbacks.tenant
    if callback is None or state.callbacks.current_user is not None:
        return
    for user in examination.first_rows(state.hosts.user):
        try:
            callback(user)
        except Exception as error:
            yield TENANT_FAILS.found(f"For the first user the tenant callback raises {place_of(error)}.")
        finally:
            examination.undo()
