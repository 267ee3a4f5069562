"""Identify the current user, and find the key of their row.

The host's log-in may return a row, an object, a mapping or a bare key. Anything else is treated as an anonymous user.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask import current_app, g
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolUsedUp
from sqlalchemy.orm import InstanceState
from werkzeug.local import LocalProxy

from ..api.application import state
from ..context import CurrentUser
from ..db.statements import execute
from ..errors import Forbidden, place_of
from ..hosts.bound import Host

logger = logging.getLogger(__name__)

NOT_THERE: Final = object()

BARE = (str, int, UUID)
"""The types of bare keys."""


def identify() -> CurrentUser | None:
    """Return the current user; None for an anonymous user, or one that is not authenticated or has no row.

    The row is looked up without the hooks, and only if it is not loaded. Errors of an unavailable database are raised,
    so that they do not log a user out.
    """
    host = state.hosts.user
    try:
        user = _ask_who()
        if user is None or not _is_authenticated(user):
            return None
        key = key_of_user(user)
    except (OperationalError, PoolUsedUp):
        raise
    except Exception as error:  # the host's log-in may raise anything
        logger.warning("the current user cannot be read, and is treated as anonymous: %s", place_of(error))
        return None
    if key is None:
        model, kind = host.model.__name__, type(user).__name__
        logger.warning(
            "the current user is of type %s and holds no key of %s: return its row, its key, or None", kind, model
        )
        return None
    loaded = isinstance(user, host.model) and sa.inspect(user).persistent
    if loaded or host.exists(state.session, key):
        return CurrentUser(user, key)
    logger.warning("no row of %s has the key of the current user, who is treated as anonymous", host.model.__name__)
    return None


def _ask_who() -> Any:
    callback = state.callbacks.current_user
    if callback is not None:
        return unwrap(callback())
    if not hasattr(current_app, "login_manager"):
        logger.error(
            "no user loader found: install Flask-Login or set relationships.current_user_callback; "
            "until then every request is anonymous"
        )
        return None
    from flask_login import current_user as logged_in

    return unwrap(logged_in)


def unwrap(user: Any) -> Any:
    """Return the object behind a proxy such as ``flask_login.current_user``."""
    while isinstance(user, LocalProxy):
        user = user._get_current_object()
    return user


def _is_authenticated(user: Any) -> bool:
    """Return whether ``is_authenticated`` is absent or exactly True."""
    answer = _member(user, "is_authenticated")
    if callable(answer):
        logger.warning(
            "%s.is_authenticated is a method: make it a property; until then the user is anonymous", type(user).__name__
        )
    return answer is NOT_THERE or answer is True


def has_access(user: Any) -> bool:
    """Return whether the host's user class says that this user is authenticated and active.

    A class may lack ``is_authenticated`` or ``is_active``. Flask-Login defines both.
    """
    active = _member(user, "is_active")
    if callable(active):  # Flask-Login before 0.3 defined methods
        active = active()
    return _is_authenticated(user) and (active is NOT_THERE or bool(active))


def key_of_user(user: Any) -> Any | None:
    """Return the key of a user, given as a row, object, mapping or bare key; None if it holds no key.

    The database is not queried: the row may not exist.
    """
    user, host = unwrap(user), state.hosts.user
    if isinstance(user, sa.Row) and len(user) == 1:
        return key_of_user(user[0])
    if isinstance(user, host.model):
        loaded = sa.inspect(user).identity
        if loaded is not None:
            return loaded[0]
    text = _spelled(_key_in(user, host), host)
    return None if text is None else host.parse(state.session, text)


def tenant_of(viewer: Any) -> Any | None:
    """Return the tenant of a viewer, found once per request; None where they have none.

    :param viewer: what the current-user callback returned.
    :raises Forbidden: the host's callback raised.
    """
    known = g.get("relationships_tenant")
    if known is None or known[0] is not viewer:
        known = g.relationships_tenant = (viewer, _tenant_of(viewer))
    return known[1]


def forget_tenant() -> None:
    """Discard the tenant of the previous request: several requests may share an application context, as in tests."""
    g.pop("relationships_tenant", None)


def _tenant_of(viewer: Any) -> Any | None:
    callback = state.callbacks.tenant
    if callback is None:
        return _mapped_tenant(viewer)
    try:
        return callback(viewer)
    except (OperationalError, PoolUsedUp):
        raise
    except Exception as error:  # an error names no tenant
        logger.error("the tenant callback raised, which is a refusal: %s", place_of(error))
        raise Forbidden from None


def _mapped_tenant(viewer: Any) -> Any | None:
    """Return the tenant in the row of a user, read without the hooks."""
    host = state.hosts.user
    if host.tenant is None:
        return None
    viewer = unwrap(viewer)
    if host.tenant.attribute is not None and isinstance(viewer, host.model) and sa.inspect(viewer).persistent:
        return getattr(viewer, host.tenant.attribute)
    key = key_of_user(viewer)
    if key is None:
        return None
    statement = sa.select(host.tenant.expression(viewer)).select_from(host.model).where(host.key == key)
    return execute(state.session, host.mapper, statement).scalar()


def keys_of_users(users: Iterable[Any]) -> set[Any]:
    """Return the keys of these users, with a fast path for keys: a scope may have hundreds of users."""
    kind = state.hosts.user.key_type.python_type
    found = set()
    for user in users:
        plain = type(user) is kind and (kind is UUID or (kind is int and 0 <= user < 2**31))
        key = user if plain else key_of_user(user)
        if key is not None:
            found.add(key)
    return found


def _key_in(user: Any, host: Host) -> Any:
    """Return the key of an object or mapping: by the name of the attribute or column, as ``id``, else by ``get_id``.

    The first name that exists decides, even if its value is None.
    """
    if isinstance(user, BARE):
        return user
    if _is_row_of_another(user, host):
        kind, model = type(user).__name__, host.model.__name__
        logger.warning("the current user is treated as anonymous: %s is not %s, nor a row of its table", kind, model)
        return None
    column = host.mapper.primary_key[0]
    for name in (host.key.key, column.key, column.name, "id"):
        held = _member(user, str(name))
        if held is not NOT_THERE:
            return held
    get_id = getattr(user, "get_id", None)
    return get_id() if callable(get_id) else user


def _member(user: Any, name: str) -> Any:
    if isinstance(user, BARE):
        return NOT_THERE
    if isinstance(user, Mapping) or (hasattr(type(user), "keys") and hasattr(type(user), "__getitem__")):
        return user[name] if name in user.keys() else NOT_THERE  # noqa: SIM118 (a row of sqlite3 is no mapping)
    return getattr(user, name, NOT_THERE)


def _is_row_of_another(user: Any, host: Host) -> bool:
    """Return whether the user is a row of another model, whose key may also be that of a user by chance."""
    found = sa.inspect(user, raiseerr=False)
    if not isinstance(found, InstanceState):
        return False
    theirs, ours = found.mapper, host.mapper
    same_table = getattr(theirs.local_table, "fullname", None) == getattr(ours.local_table, "fullname", "")
    return theirs.base_mapper is not ours.base_mapper and not same_table


def _spelled(value: Any, host: Host) -> str | None:
    """Return a key as text; None for other types than text, integers and UUIDs if keys are text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return str.__str__(value)  # of an enumeration's member its value
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, UUID) or host.key_type.python_type is not str:
        return str(value)
    return None
