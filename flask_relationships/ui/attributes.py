"""Check the arguments of template helpers: the key of a row, and the keywords that become attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from jinja2 import Undefined, UndefinedError

from ..errors import name_suggestion
from ..hosts.bound import Host

COMMON_KEYWORDS = ("api", "permissions", "viewer", "time_zone", "leap_day", "lang", "csrf_token", "name", "templates")
"""The attributes of every element, documented in "Elements without the helpers"."""

HTML_ATTRIBUTES = ("id", "class_", "dir", "hidden", "part", "role", "slot", "style", "tabindex", "title")
HTML_PREFIXES = ("aria_", "data_", "hx_", "x_", "v_")
"""Prefixes of global attributes of HTML, and of those that frameworks read."""

ELEMENT_KEYWORDS: dict[str, tuple[str, ...]] = {
    "actions": ("contact_url", "people", "scope", "whose"),
    "summary": ("contact_url", "currency", "without"),
    "partners": ("contact_url", "contacts", "currency", "own_clients"),
}
SYNONYMS = {
    "contact_link": "contact_url",
    "exclude": "without",
    "hide": "without",
    "link": "contact_url",
    "locale": "lang",
    "timezone": "time_zone",
    "users": "people",
}
"""Keywords that other helpers use, and ours for the same thing."""

SECTIONS = ("contacts", "events", "actions", "channels", "messages", "partners")


def require_key(helper: str, host: Host, key: Any) -> None:
    """Check that a key is not a row, for which the helper would write nothing.

    :raises TypeError: for a row, or for a value of another type.
    :raises UndefinedError: for a variable that the template does not have.
    """
    if isinstance(key, Undefined):
        raise UndefinedError(
            f"relationships.{helper}() was called with an undefined variable for the {host.mapping.kind}'s id"
        )
    if key is None or isinstance(key, (str, int, UUID)):
        return
    is_row = sa.inspect(key, raiseerr=False) is not None or isinstance(key, (sa.Row, Mapping))
    kind = f"a row of {type(key).__name__}" if is_row else f"a {type(key).__name__}"
    raise TypeError(
        f"relationships.{helper}() takes the id of a {host.model.__name__}, not {kind}. "
        f"Write relationships.{helper}({host.mapping.kind}.{host.key.key})."
    )


def check_keywords(helper: str, element: str, keywords: Mapping[str, Any]) -> None:
    """Check the keywords of a helper.

    :raises TypeError: for an unknown keyword.
    :raises ValueError: for a value that the element cannot use.
    """
    known = (*ELEMENT_KEYWORDS.get(element, ()), *COMMON_KEYWORDS)
    for name in keywords:
        # A {% call %} block passes its content as caller.
        if name not in (*known, "caller") and name not in HTML_ATTRIBUTES and not name.startswith(HTML_PREFIXES):
            raise TypeError(
                f"relationships.{helper}() has no keyword {name}. {name_suggestion(name, known, SYNONYMS)} "
                f"It also takes attributes of HTML ({', '.join(HTML_ATTRIBUTES)}) and names that begin with "
                f"{', '.join(HTML_PREFIXES)}."
            )
    _check_url(helper, keywords.get("contact_url"))
    _check_sections(helper, keywords.get("without"))
    whose = keywords.get("whose")
    if whose not in (None, False, "all", "own"):
        raise ValueError(f"relationships.{helper}(whose=...) must be 'all' or 'own'.")
    for name in ("people", "contacts"):
        _check_people(helper, name, keywords.get(name))


def _check_url(helper: str, url: Any) -> None:
    if url is not None and "{id}" not in str(url):
        raise ValueError(
            f"relationships.{helper}(contact_url=...) must contain {{id}} for the contact's id, "
            'such as "/contacts/{id}".'
        )


def _check_sections(helper: str, without: Any) -> None:
    unknown = sorted(set(str(without or "").split()) - set(SECTIONS))
    if unknown:
        raise ValueError(
            f"relationships.{helper}(without=...) has the unknown section {', '.join(unknown)}. "
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
