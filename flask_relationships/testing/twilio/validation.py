"""Refuse the messages that Twilio refuses, with the codes of its error catalogue and of its magic test numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from .account import Account
from .faults import Answer, refusal

Form = Mapping[str, Sequence[str]]

MAGIC_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}

_E164 = re.compile(r"\+[1-9]\d{1,14}")
_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]")  # an underscore is refused


def first(form: Form, name: str) -> str:
    """Return the first value of a field; "" if it is missing."""
    return next(iter(form.get(name, ())), "")


def refused(form: Form, account: Account) -> Answer | None:
    """Return the answer to a refused message, else None. Its text has the number, as Twilio's may."""
    to, sender = first(form, "To"), first(form, "From")
    found = _recipient(to) or _sender(form, to, sender, account) or _content(form) or _callback(form)
    if found is None:
        return None
    code, what = found
    return refusal(code, f"{what} (to {to or 'no address'}, from {sender or 'no address'})")


Refusal = tuple[int, str] | None


def _recipient(to: str) -> Refusal:
    number = to.removeprefix("whatsapp:")
    if not to:
        return 21604, "A recipient is required."
    if not _E164.fullmatch(number):
        return 21211, "The recipient is no phone number."
    if number in MAGIC_TO:
        return MAGIC_TO[number], "The recipient is a magic number."
    return None


def _sender(form: Form, to: str, sender: str, account: Account) -> Refusal:
    service = first(form, "MessagingServiceSid")
    if service and service != account.messaging_service_sid:
        return 21705, "There is no such Messaging Service."
    if not sender:
        return None if service else (21603, "A sender is required.")
    if sender.startswith("whatsapp:") != to.startswith("whatsapp:"):
        return 21910, "Sender and recipient are not on one channel."
    if sender.removeprefix("whatsapp:") == to.removeprefix("whatsapp:"):
        return 21266, "Sender and recipient are the same."
    if sender in MAGIC_FROM:
        return MAGIC_FROM[sender], "The sender is a magic number."
    if not account.has_sender(sender):
        return (63007 if sender.startswith("whatsapp:") else 21606), "The sender is not of this account."
    return None


def _content(form: Form) -> Refusal:
    body, media, template = first(form, "Body"), form.get("MediaUrl", ()), first(form, "ContentSid")
    if not (body or media or template):
        return 21619, "A text, media or a template is required."
    if len(body) > 1600:
        return 21617, "The text has more than 1600 characters."
    if len(media) > 10:
        return 21623, "There are more than ten media files."
    if not all(_is_url(url) for url in media):
        return 21620, "A media file has no address that can be fetched."
    if template and not re.fullmatch("HX[0-9a-fA-F]{32}", template):
        return 21655, "There is no such template."
    if "ContentVariables" in form and not _is_object(first(form, "ContentVariables")):
        return 21656, "The variables of the template are not a JSON object."
    return None


def _callback(form: Form) -> Refusal:
    url = first(form, "StatusCallback")
    if "StatusCallback" in form and not (_is_url(url) and len(url) <= 4000):
        return 21609, "The status callback is no URL that can be called."
    return None


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and bool(_HOST.fullmatch(_host(parts.netloc)))
    except ValueError:  # a bracket that is not closed
        return False


def _host(netloc: str) -> str:
    return re.sub(r":\d+$", "", netloc.rpartition("@")[2])


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
