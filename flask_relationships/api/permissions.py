"""What whoever is asking may do. The host decides; whatever its callbacks do wrong is a refusal."""

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
"""From the least to the most."""

SIGNED = frozenset({"webhooks.status", "webhooks.inbound"})
"""The routes that the provider's signature opens, and nobody's log-in."""

SECRET = frozenset({"calendars.show"})
"""Those that a secret in their address opens, and shows what its user may see."""


@dataclass(frozen=True, slots=True)
class ActionScope:
    """Whose actions the lists that cross contacts show. Use the constructors."""

    kind: Literal["everyone", "users", "own"]
    members: tuple[Any, ...] = ()

    @classmethod
    def everyone(cls) -> ActionScope:
        """All actions, those assigned to nobody included."""
        return cls("everyone")

    @classmethod
    def users(cls, users: Iterable[Any]) -> ActionScope:
        """The actions assigned to these users, given as keys or rows."""
        return cls("users", tuple(users))

    @classmethod
    def own(cls) -> ActionScope:
        """The actions assigned to whoever is asking."""
        return cls("own")

    @classmethod
    def from_levels(cls, user: Any, *, level: Any, squad: Iterable[Any] | Callable[[], Iterable[Any]]) -> ActionScope:
        """The usual rule: executive and head see everything, a manager their own and the squad's, others their own.

        `level` is a text or an enumeration's member, in any case; `squad` the members as keys or rows, or a function
        that finds them, called for a manager only.
        """
        name = str(getattr(level, "value", level)).lower()
        if name in ("executive", "head"):
            return cls.everyone()
        if name == "manager":
            return cls.users([user, *(squad() if callable(squad) else squad)])
        return cls.own()


def require_user() -> CurrentUser:
    """Remember who is asking for the rest of the request. Raises `NotAuthenticated`."""
    user = identify()
    if user is None:
        raise NotAuthenticated
    g.relationships_user = user
    forget_tenant()
    g.relationships_time_zones = {}  # read at most once in a request
    return user


def current_user() -> CurrentUser:
    """Who is asking, once the guard has let them in."""
    user: CurrentUser = g.relationships_user
    return user


def permit(permission: Permission, target: Any = None) -> None:
    """Ask the host whether the current user may. Raises `Forbidden`, or `PermissionCallbackMissing`."""
    callback = state.callbacks.permission
    if callback is None:
        logger.error("no permission callback: every call is refused; see relationships.permission_callback")
        raise PermissionCallbackMissing
    try:
        answer: Any = callback(current_user().given, f"relationships:{permission}", target)
    except Exception as error:  # a callback that raises has not said yes
        logger.error("the permission callback raised, which is a refusal: %s", place_of(error))
        raise Forbidden from None
    if answer is not True:
        if answer is not False and answer is not None:
            kind = type(answer).__name__
            logger.error("the permission callback returned a value of type %s, a refusal: return True or False", kind)
        raise Forbidden


def action_scope() -> ActionScope:
    """Whose actions the current user's lists show. Raises `Forbidden` where the host's callback cannot say."""
    callback = state.callbacks.action_scope
    if callback is None:
        return ActionScope.own()
    try:
        scope: Any = callback(current_user().given)
    except Exception as error:  # a callback that raises has not said what may be seen
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
    """The keys of the users whose actions a scope shows; None: everybody's, and nobody's too."""
    if scope.kind == "everyone":
        return None
    if scope.kind == "own":
        return [current_user().key]
    return sorted(keys_of_users(scope.members), key=str)


def in_scope(column: Any, scope: ActionScope) -> sa.ColumnElement[bool]:
    """The condition that an action assigned to ``column`` is in the scope."""
    users = members(scope)
    return sa.true() if users is None else column.in_(users)
