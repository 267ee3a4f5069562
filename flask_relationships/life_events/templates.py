"""What an auto-action says, by the type of its event."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """``{title}`` is the event's title, ``{first_name}`` the contact's; without a name, `nameless` is the title."""

    action_type: str
    title: str
    nameless: str = "{title}"
    message: str | None = None


TEMPLATES = {
    "birthday": Template(
        "card",
        "Wish {first_name} a happy birthday",
        "Send birthday wishes: {title}",
        "Happy birthday, {first_name}! I hope you have a wonderful day.",
    ),
    "anniversary": Template(
        "card",
        "Congratulate {first_name}: {title}",
        "Congratulate: {title}",
        "Congratulations on your anniversary, {first_name}!",
    ),
    "work_anniversary": Template("linkedin", "Congratulate {first_name}: {title}", "Congratulate: {title}"),
    "new_job": Template("linkedin", "Congratulate {first_name} on the new job", "Congratulate: {title}"),
    "promotion": Template("linkedin", "Congratulate {first_name} on the promotion", "Congratulate: {title}"),
    "wedding": Template("gift", "A wedding present for {first_name}", "A wedding present: {title}"),
    "birth": Template("gift", "A present for the newborn of {first_name}", "A present for the newborn: {title}"),
}

ANY_OTHER = Template("call", "{title}")


def fill(event_type: str, title: str, first_name: str | None, longest: int) -> dict[str, str | None]:
    """The type, title and drafted message of the auto-action of an event."""
    template = TEMPLATES.get(event_type.strip().lower().replace(" ", "_"), ANY_OTHER)
    words = template.title if first_name else template.nameless
    message = template.message if first_name else None
    # Not str.format: a title is the user's text, and may hold braces.
    filled = words.replace("{first_name}", first_name or "").replace("{title}", title)
    return {
        "action_type": template.action_type,
        "title": filled[:longest],
        "message_body": message.replace("{first_name}", first_name or "") if message else None,
    }
