"""Who is asking, and what they may do. The host decides; whatever its callbacks do wrong is a refusal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from flask import current_app, g
from werkzeug.local import LocalProxy

from .errors import Forbidden, NotAuthenticated, PermissionCallbackMissing, place_of
from .state import state

logger = logging.getLogger(__name__)

Permission = Literal["view", "update", "manage"]

PERMISSIONS: dict[str, Permission] = {
    "profiles.show": "view",
    "profiles.change": "update",
    "life_events.index": "view",
    "life_events.create": "update",
    "life_events.change": "update",
    "life_events.remove": "manage",
    "actions.index": "view",
    "actions.of_contact": "view",
    "actions.create": "update",
    "actions.change": "update",
    "messages.index": "view",
    "messages.send": "update",
    "partners.index": "view",
    "partners.create": "update",
    "partners.change": "update",
    "partners.remove": "manage",
    "summary.show": "view",
    "client_profiles.put": "manage",
    "client_profiles.remove": "manage",
    "action_centre.index": "view",
    "openapi.show": "view",
}
"""The permission each route needs, by endpoint. The guard, the OpenAPI document and the tests all read this table."""


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """Who is asking: what the host's callback returned, and the key of their row."""

    given: Any
    key: Any


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


def unwrap(user: Any) -> Any:
    """What a proxy such as ``flask_login.current_user`` stands for."""
    return user._get_current_object() if isinstance(user, LocalProxy) else user


def _ask_who() -> Any:
    callback = state.callbacks.current_user
    if callback is not None:
        return unwrap(callback())
    if not hasattr(current_app, "login_manager"):
        logger.error(
            "there is neither a Flask-Login manager nor a current user callback, so that everybody is nobody: "
            "see relationships.current_user_callback"
        )
        return None
    from flask_login import current_user as logged_in

    return unwrap(logged_in)


def key_of_user(user: Any) -> Any | None:
    """The key of the user row that this row, object, mapping or bare key stands for; None where there is none."""
    host = state.hosts.user
    if isinstance(user, host.model):
        return host.key_of(user)
    value = user
    if isinstance(user, Mapping):
        value = user.get(host.key.key, user.get("id"))
    elif hasattr(user, host.key.key) or hasattr(user, "id"):
        value = getattr(user, host.key.key, None) or getattr(user, "id", None)
    if value is None or isinstance(value, bool):
        return None
    return host.parse(state.session, str(value))


def identify() -> CurrentUser | None:
    """Who is asking, or None for nobody: no user, one that is not authenticated, or one without a row."""
    try:
        user = _ask_who()
    except Exception as error:  # whatever the host's log-in raises, nobody is logged in
        logger.warning("the current user could not be told: %s", place_of(error))
        return None
    if user is None or getattr(user, "is_authenticated", True) is not True:
        return None
    key = key_of_user(user)
    if key is None:
        model, kind = state.hosts.user.model.__name__, type(user).__name__
        logger.warning(
            "who is asking is of type %s and holds no key of %s: return its row, its key, or None", kind, model
        )
        return None
    if not isinstance(user, state.hosts.user.model) and not state.hosts.user.exists(state.session, key):
        return None
    return CurrentUser(user, key)


def require_user() -> CurrentUser:
    """Remember who is asking for the rest of the request. Raises `NotAuthenticated`."""
    user = identify()
    if user is None:
        raise NotAuthenticated
    g.relationships_user = user
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
            "the action scope callback returned type %s, a refusal: return ActionScope.users(...)",
            kind,
        )
        raise Forbidden
    return scope


def in_scope(column: Any, scope: ActionScope) -> sa.ColumnElement[bool]:
    """The condition that an action assigned to ``column`` is in the scope."""
    if scope.kind == "everyone":
        return sa.true()
    if scope.kind == "own":
        return sa.and_(column == current_user().key)
    keys = {key for member in scope.members if (key := key_of_user(member)) is not None}
    return sa.and_(column.in_(sorted(keys, key=str)))
