"""Check permissions of the current user with the host's callbacks. An error in a callback is a refusal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa
from flask import g

from ..api.application import state
from ..context import CurrentUser
from ..errors import Forbidden, NotAuthenticated, PermissionCallbackMissing, place_of
from .identity import forget_tenant, identify, keys_of_users

logger = logging.getLogger(__name__)

Permission = Literal["view", "update", "manage"]

PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
"""All permissions, from the lowest to the highest."""

SIGNED = frozenset({"webhooks.status", "webhooks.inbound"})
"""Routes that need the provider's signature instead of a log-in."""

SECRET = frozenset({"calendars.show"})
"""Routes that need the secret in their address instead of a log-in."""


@dataclass(frozen=True, slots=True)
class ActionScope:
    """The assignees whose actions a list across contacts shows. Use the constructors."""

    kind: Literal["everyone", "users", "own"]
    members: tuple[Any, ...] = ()

    @classmethod
    def everyone(cls) -> ActionScope:
        """Return a scope of all actions, unassigned ones included."""
        return cls("everyone")

    @classmethod
    def users(cls, users: Iterable[Any]) -> ActionScope:
        """Return a scope of the actions assigned to these users.

        :param users: keys or rows.
        """
        return cls("users", tuple(users))

    @classmethod
    def own(cls) -> ActionScope:
        """Return a scope of the actions assigned to the current user."""
        return cls("own")

    @classmethod
    def from_levels(cls, user: Any, *, level: Any, squad: Iterable[Any] | Callable[[], Iterable[Any]]) -> ActionScope:
        """Return the usual scope: executives and heads see all actions, a manager those of the squad, others their own.

        :param level: a text or a member of an enumeration, in upper or lower case.
        :param squad: the members of the squad as keys or rows, or a function that returns them. It is called for a
            manager only.
        """
        name = str(getattr(level, "value", level)).lower()
        if name in ("executive", "head"):
            return cls.everyone()
        if name == "manager":
            return cls.users([user, *(squad() if callable(squad) else squad)])
        return cls.own()


def require_user() -> CurrentUser:
    """Identify the current user for the rest of the request.

    :raises NotAuthenticated: for an anonymous user.
    """
    user = identify()
    if user is None:
        raise NotAuthenticated
    g.relationships_user = user
    forget_tenant()
    g.relationships_time_zones = {}  # read at most once in a request
    return user


def current_user() -> CurrentUser:
    """Return the current user, after `require_user`."""
    user: CurrentUser = g.relationships_user
    return user


def permit(permission: Permission, target: Any = None) -> None:
    """Call the host's permission callback for the current user.

    :raises Forbidden: if it returns anything but True, or raises.
    :raises PermissionCallbackMissing: if there is none.
    """
    callback = state.callbacks.permission
    if callback is None:
        logger.error("no permission callback: every call is refused; see relationships.permission_callback")
        raise PermissionCallbackMissing
    try:
        answer: Any = callback(current_user().given, f"relationships:{permission}", target)
    except Exception as error:  # an error is a refusal
        logger.error("the permission callback raised, which is a refusal: %s", place_of(error))
        raise Forbidden from None
    if answer is not True:
        if answer is not False and answer is not None:
            kind = type(answer).__name__
            logger.error("the permission callback returned a value of type %s, a refusal: return True or False", kind)
        raise Forbidden


def action_scope() -> ActionScope:
    """Return the scope of the current user's lists.

    :raises Forbidden: if the host's callback raises or returns no `ActionScope`.
    """
    callback = state.callbacks.action_scope
    if callback is None:
        return ActionScope.own()
    try:
        scope: Any = callback(current_user().given)
    except Exception as error:  # an error is a refusal
        logger.error("the action scope callback raised, which is a refusal: %s", place_of(error))
        raise Forbidden from None
    if not isinstance(scope, ActionScope):
        kind = type(scope).__name__
        logger.error(
            "the action scope callback returned type %s, a refusal: return ActionScope.own(), .users() or .everyone()",
            kind,
        )
        raise Forbidden
    return scope


def members(scope: ActionScope) -> list[Any] | None:
    """Return the keys of the users whose actions a scope shows; None for all actions, unassigned ones included."""
    if scope.kind == "everyone":
        return None
    if scope.kind == "own":
        return [current_user().key]
    return sorted(keys_of_users(scope.members), key=str)


def in_scope(column: Any, scope: ActionScope) -> sa.ColumnElement[bool]:
    """Return the condition that an action assigned to ``column`` is in the scope."""
    users = members(scope)
    return sa.true() if users is None else column.in_(users)
