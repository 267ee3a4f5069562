"""Who is asking: from whatever the host's log-in knows of them to the key of their row.

A row, an object, a mapping or a bare key will do. What is none of these, or cannot be read, is nobody.
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
"""The types that are a key by themselves, without any member to look for."""


def identify() -> CurrentUser | None:
    """Who is asking, or None for nobody: no user, one that is not authenticated, or one without a row.

    Their row is looked for without the host's hooks, and only where it is not a loaded one already. Raises what a
    database raises that does not answer: whoever is logged in is not logged out by that.
    """
    host = state.hosts.user
    try:
        user = _ask_who()
        if user is None or not _is_authenticated(user):
            return None
        key = key_of_user(user)
    except (OperationalError, PoolUsedUp):
        raise
    except Exception as error:  # whatever else the host's log-in raises, nobody is logged in
        logger.warning("the current user could not be told: %s", place_of(error))
        return None
    if key is None:
        model, kind = host.model.__name__, type(user).__name__
        logger.warning(
            "who is asking is of type %s and holds no key of %s: return its row, its key, or None", kind, model
        )
        return None
    loaded = isinstance(user, host.model) and sa.inspect(user).persistent
    if loaded or host.exists(state.session, key):
        return CurrentUser(user, key)
    logger.warning("who is asking holds a key of %s that no row has: nobody", host.model.__name__)
    return None


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


def unwrap(user: Any) -> Any:
    """What a proxy such as ``flask_login.current_user`` stands for."""
    while isinstance(user, LocalProxy):
        user = user._get_current_object()
    return user


def _is_authenticated(user: Any) -> bool:
    """Whether an object that can say so says so: by nothing but True itself."""
    answer = _member(user, "is_authenticated")
    if callable(answer):
        logger.warning("%s.is_authenticated is a method, which is nobody: make it a property", type(user).__name__)
    return answer is NOT_THERE or answer is True


def has_access(user: Any) -> bool:
    """Return whether the host's own user class would let this user in: authenticated, and not deactivated.

    A class without ``is_authenticated`` or ``is_active`` does not object by it. Flask-Login defines both.
    """
    active = _member(user, "is_active")
    if callable(active):  # Flask-Login before 0.3 defined methods
        active = active()
    return _is_authenticated(user) and (active is NOT_THERE or bool(active))


def key_of_user(user: Any) -> Any | None:
    """The key of the user row that this row, object, mapping or bare key stands for; None where there is none.

    Nothing is looked up: a key may be one of nobody.
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
    """Forget the tenant of the request before: an application context may hold several requests, as in tests."""
    g.pop("relationships_tenant", None)


def _tenant_of(viewer: Any) -> Any | None:
    callback = state.callbacks.tenant
    if callback is None:
        return _mapped_tenant(viewer)
    try:
        return callback(viewer)
    except (OperationalError, PoolUsedUp):
        raise
    except Exception as error:  # a callback that raises has named no tenant
        logger.error("the tenant callback raised, which is a refusal: %s", place_of(error))
        raise Forbidden from None


def _mapped_tenant(viewer: Any) -> Any | None:
    """The tenant in the row of a user, read without the hooks, as the row of who is logged in is."""
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
    """The keys of these users, as `key_of_user` finds each: of the hundreds in a scope, most are keys already."""
    kind = state.hosts.user.key_type.python_type
    found = set()
    for user in users:
        plain = type(user) is kind and (kind is UUID or (kind is int and 0 <= user < 2**31))
        key = user if plain else key_of_user(user)
        if key is not None:
            found.add(key)
    return found


def _key_in(user: Any, host: Host) -> Any:
    """The key that an object or mapping holds: by the name of the attribute or column, as ``id``, else by ``get_id``.

    The first that is there decides, whatever it holds: 0 is a key, and None is nobody.
    """
    if isinstance(user, BARE):
        return user
    if _is_row_of_another(user, host):
        logger.warning("%s is not %s, nor of its table: nobody", type(user).__name__, host.model.__name__)
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
    """A row of some other model: its key says nothing of our users, though it may well be the key of one."""
    found = sa.inspect(user, raiseerr=False)
    if not isinstance(found, InstanceState):
        return False
    theirs, ours = found.mapper, host.mapper
    same_table = getattr(theirs.local_table, "fullname", None) == getattr(ours.local_table, "fullname", "")
    return theirs.base_mapper is not ours.base_mapper and not same_table


def _spelled(value: Any, host: Host) -> str | None:
    """A key as text. Only text, integers and UUIDs are taken for a text key: anything has some text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return str.__str__(value)  # of an enumeration's member its value
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, UUID) or host.key_type.python_type is not str:
        return str(value)
    return None
