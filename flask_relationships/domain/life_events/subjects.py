"""Whose day a life event is: the contact's own, or somebody else's whom the contact cares about."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

BIRTHDAY = "birthday"

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")

RELATIVES = frozenset(
    _WORD.findall(
        "daughter son child children kid kids baby twins wife husband spouse partner fiance fiancee boyfriend "
        "girlfriend mother father mum mom dad parents sister brother niece nephew aunt uncle cousin grandmother "
        "grandfather grandma grandpa granddaughter grandson friend dog cat "
        "tochter sohn kind kinder frau mann ehefrau ehemann mutter vater "
        "eltern schwester bruder enkel enkelin oma opa freund freundin"
    )
)
"""Words that say that a birthday is somebody else's, in English and German."""

OCCASION = frozenset(_WORD.findall("birthday birthdays bday day party celebration dinner lunch geburtstag feier happy"))
"""Words of a title that may begin with a capital letter and name nobody."""

_POSSESSIVE = re.compile(r"['\u2019]s$", re.IGNORECASE)


class ContactFacts(NamedTuple):
    """What the auto-actions of a contact's events depend on."""

    first_name: str | None = None
    last_name: str | None = None
    preferred_name: str | None = None
    birthday_month_day: int | None = None


def kind_of(event_type: str) -> str:
    """Return the type of an event in one spelling: ``Work anniversary`` is ``work_anniversary``."""
    return re.sub(r"[\s-]+", "_", event_type.strip().lower())


def is_anniversary(event_type: str) -> bool:
    """Return whether an event of this type counts years from its date, so that the date itself is no occurrence."""
    return "anniversary" in kind_of(event_type).split("_")


def title_with_person(title: str, about: str | None) -> str:
    """Return a title that names the person an event is about."""
    return title if not about or about in title else f"{about}: {title}"


def is_of_contact(event: Any, contact: ContactFacts) -> bool:
    """Return whether an event concerns the contact itself.

    It does not where the event says ``about``. A birthday on another day than the profile's birthday is somebody
    else's. Without a birthday in the profile the title decides: one that names a relative or another person, such as
    ``Daughter Mia`` or ``Mia's birthday``, is somebody else's.
    """
    if event.about:
        return False
    if kind_of(event.event_type) != BIRTHDAY or getattr(event, "profile_id", None) is not None:
        return True
    day = event.month_day
    if day is None and event.event_date is not None:
        day = event.event_date.month * 100 + event.event_date.day
    if contact.birthday_month_day is not None and day is not None:
        return bool(day == contact.birthday_month_day)
    return not _names_another(event.title, contact)


def _names_another(title: str, contact: ContactFacts) -> bool:
    own = {
        word.lower() for name in contact[:3] if name for word in (name, *_WORD.findall(name), _POSSESSIVE.sub("", name))
    }
    words = _WORD.findall(title)
    for place, word in enumerate(words):
        name = _POSSESSIVE.sub("", word)
        if name.lower() in own or name.lower() in OCCASION:
            continue
        if name.lower() in RELATIVES or name != word or (place and name[0].isupper()):
            return True
    return False
