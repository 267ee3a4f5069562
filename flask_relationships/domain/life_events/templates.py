"""The texts of auto-actions, by the type of their event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...translations import marked, text
from ..texts import one_line
from .subjects import kind_of, title_with_person

PLACEHOLDERS = ("title", "first_name", "preferred_name", "age")
"""The placeholders of a wording. Only the event's title is always known."""

_PLACE = re.compile(r"\{(\w*)\}")

Wording = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """The type, title and drafted message of the auto-actions of one type of event.

    `title` and `message` are texts, or tuples of texts: the first one is used whose placeholders are all known.
    Placeholders: ``{title}`` of the event; ``{first_name}`` of the contact; ``{preferred_name}`` of the profile, else
    the first name; and ``{age}``, the years since the event on the day it occurs. If none fits, the action has the
    title of the event, and no message.
    """

    action_type: str
    title: Wording = "{title}"
    message: Wording = ()

    @property
    def wordings(self) -> tuple[str, ...]:
        return (*_several(self.title), *_several(self.message))


TEMPLATES: Mapping[str, Template] = {
    "birthday": Template(
        "card",
        (marked("Wish {first_name} a happy birthday"), marked("Send birthday wishes: {title}")),
        marked("Happy birthday, {preferred_name}! I hope you have a wonderful day."),
    ),
    "anniversary": Template(
        "card",
        (marked("Congratulate {first_name}: {title}"), marked("Congratulate: {title}")),
        marked("Congratulations on your anniversary, {preferred_name}!"),
    ),
    "work_anniversary": Template(
        "linkedin", (marked("Congratulate {first_name}: {title}"), marked("Congratulate: {title}"))
    ),
    "new_job": Template(
        "linkedin", (marked("Congratulate {first_name} on the new job"), marked("Congratulate: {title}"))
    ),
    "promotion": Template(
        "linkedin", (marked("Congratulate {first_name} on the promotion"), marked("Congratulate: {title}"))
    ),
    "wedding": Template("gift", (marked("A wedding present for {first_name}"), marked("A wedding present: {title}"))),
    "birth": Template(
        "gift", (marked("A present for the newborn of {first_name}"), marked("A present for the newborn: {title}"))
    ),
    "keep_in_touch": Template("call", (marked("Get in touch with {first_name}"), marked("Get in touch"))),
}
"""The default templates. ``keep_in_touch`` has no event: it words the reminders of contacts with a cadence."""

KEEP_IN_TOUCH = "keep_in_touch"

OTHER = "other"
"""The key of the template for types that have none."""

ANY_OTHER = Template("call")


def template_of(event_type: str, templates: Mapping[str, Template]) -> Template:
    """Return the template of a type of event. ``Work anniversary`` counts as ``work_anniversary``."""
    return templates.get(kind_of(event_type)) or templates.get(OTHER, ANY_OTHER)


def names_preferred(template: Template) -> bool:
    """Return whether a text of the template needs the profile."""
    return any("{preferred_name}" in words for words in template.wordings)


def unknown_placeholders(template: Template) -> list[str]:
    """Return the placeholders of a template that do not exist, each once."""
    found = (place for words in template.wordings for place in _PLACE.findall(words))
    return [place for place in dict.fromkeys(found) if place not in PLACEHOLDERS]


def fill(
    template: Template,
    longest: int,
    *,
    title: str,
    first_name: str | None,
    preferred_name: str | None,
    age: int | None,
    about: str | None = None,
    of_contact: bool = True,
) -> dict[str, str | None]:
    """Return the type, title and drafted message of an auto-action.

    :param longest: characters of the title at most.
    :param about: the person that the event is about, where that is not the contact.
    :param of_contact: whether the event concerns the contact. Otherwise there is no message, because it would be
        addressed to the contact.
    """
    if not of_contact and not about:
        return {"action_type": template.action_type, "title": one_line(title)[:longest], "message_body": None}
    first_name = one_line(about or first_name or "")
    known = {
        "title": title,
        "first_name": first_name,
        "preferred_name": one_line(about or preferred_name or "") or first_name,
        "age": "" if age is None else str(age),
    }
    wording = title_with_person(_first_known(_several(template.title), known) or title, about)
    return {
        "action_type": template.action_type,
        "title": one_line(wording)[:longest],
        "message_body": None if about else _first_known(_several(template.message), known),
    }


def _several(wording: Wording) -> tuple[str, ...]:
    return (wording,) if isinstance(wording, str) else tuple(wording)


def _first_known(wordings: Iterable[str], known: Mapping[str, str]) -> str | None:
    for words in wordings:
        if all(known[place] for place in _PLACE.findall(words)):
            # Not str.format: a title is the user's text, and may hold braces.
            return _PLACE.sub(lambda place: known[place[1]], text(words))
    return None
