"""The subject of a life event: the contact itself, or another person whom the contact cares about."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .occurrences import month_day

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
"""Words for relatives in the title of a birthday, in English and German."""

OCCASION_WORDS = frozenset(
    _WORD.findall("birthday birthdays bday day party celebration dinner lunch geburtstag feier happy")
)
"""Words of a title that may begin with a capital letter and are no name."""

_POSSESSIVE = re.compile(r"['\u2019]s$", re.IGNORECASE)


class ContactFacts(NamedTuple):
    """The columns of a contact and its profile that the text of an auto-action depends on."""

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

    An event with ``about`` concerns another person. So does a birthday on another day than that of the profile.
    Without a birthday in the profile the title decides: ``Daughter Mia`` and ``Mia's birthday`` name another person.
    """
    if event.about:
        return False
    if kind_of(event.event_type) != BIRTHDAY or getattr(event, "profile_id", None) is not None:
        return True
    day = event.month_day
    if day is None and event.event_date is not None:
        day = month_day(event.event_date)
    if day is None or contact.birthday_month_day is None:
        return not _names_another(event.title, contact)
    return bool(day == contact.birthday_month_day)


def _names_another(title: str, contact: ContactFacts) -> bool:
    names = [name.lower() for name in (contact.first_name, contact.last_name, contact.preferred_name) if name]
    own = OCCASION_WORDS.union(*((name, *_WORD.findall(name), _POSSESSIVE.sub("", name)) for name in names))
    for place, word in enumerate(_WORD.findall(title)):
        name = _POSSESSIVE.sub("", word)
        is_name = name.lower() in RELATIVES or name != word or (place > 0 and name[0].isupper())
        if is_name and name.lower() not in own:
            return True
    return False
