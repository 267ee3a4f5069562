"""What template helpers accept: the key of a row, and the keywords that become attributes of an element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from jinja2 import Undefined, UndefinedError

from ..hosts.bound import Host

OF_ALL = ("api", "permissions", "viewer", "time_zone", "leap_day", "lang", "csrf_token", "name", "templates")
"""The attributes of every element, documented in "Elements without the helpers"."""

OF_HTML = ("id", "class_", "dir", "hidden", "part", "role", "slot", "style", "tabindex", "title")
PREFIXES = ("aria_", "data_", "hx_", "x_", "v_")
"""Global attributes of HTML, and those that frameworks read."""

OF_ELEMENTS: dict[str, tuple[str, ...]] = {
    "actions": ("contact_url", "people", "scope", "whose"),
    "summary": ("contact_url", "currency", "without"),
    "partners": ("contact_url", "contacts", "currency", "own_clients"),
}
SECTIONS = ("contacts", "events", "actions", "channels", "messages", "partners")


def require_key(helper: str, host: Host, key: Any) -> None:
    """Raise a `TypeError` for what is no key, such as a row, which would otherwise draw nothing.

    :raises UndefinedError: for a variable that the template does not have.
    """
    if isinstance(key, Undefined):
        raise UndefinedError(
            f"relationships.{helper}() was given an undefined variable for the {host.mapping.kind}'s id"
        )
    if key is None or isinstance(key, (str, int, UUID)):
        return
    is_row = sa.inspect(key, raiseerr=False) is not None or isinstance(key, (sa.Row, Mapping))
    kind = f"a row of {type(key).__name__}" if is_row else f"something of type {type(key).__name__}"
    raise TypeError(
        f"relationships.{helper}() takes the id of a {host.model.__name__} and was given {kind}. "
        f"Write relationships.{helper}({host.mapping.kind}.{host.key.key})."
    )


def check_keywords(helper: str, element: str, given: Mapping[str, Any]) -> None:
    """Raise a `TypeError` for an unknown keyword and a `ValueError` for a value that the element cannot use."""
    known = (*OF_ELEMENTS.get(element, ()), *OF_ALL)
    for name in given:
        # A {% call %} block passes its content as caller.
        if name not in (*known, "caller") and name not in OF_HTML and not name.startswith(PREFIXES):
            raise TypeError(
                f"relationships.{helper}() has no keyword {name}. It takes {', '.join(known)}, attributes of HTML "
                f"({', '.join(OF_HTML)}) and names that begin with {', '.join(PREFIXES)}."
            )
    _check_url(helper, given.get("contact_url"))
    _check_sections(helper, given.get("without"))
    whose = given.get("whose")
    if whose not in (None, False, "all", "own"):
        raise ValueError(f"relationships.{helper}(whose=...) must be 'all' or 'own'.")
    for name in ("people", "contacts"):
        _check_people(helper, name, given.get(name))


def _check_url(helper: str, url: Any) -> None:
    if url is not None and "{id}" not in str(url):
        raise ValueError(
            f"relationships.{helper}(contact_url=...) must hold {{id}} where the contact's id stands, "
            'such as "/contacts/{id}".'
        )


def _check_sections(helper: str, without: Any) -> None:
    unknown = sorted(set(str(without or "").split()) - set(SECTIONS))
    if unknown:
        raise ValueError(
            f"relationships.{helper}(without=...) names no section {', '.join(unknown)}. "
            f"The sections are {', '.join(SECTIONS)}."
        )


def _check_people(helper: str, name: str, people: Any) -> None:
    if people is None:
        return
    fit = isinstance(people, (list, tuple)) and all(
        isinstance(one, Mapping) and {"id", "name"} <= one.keys() for one in people
    )
    if not fit:
        raise ValueError(f'relationships.{helper}({name}=...) must be a list of {{"id": ..., "name": ...}}.')
