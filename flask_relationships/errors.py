"""The exceptions of this package, each with its HTTP status and stable code, and their JSON representation.

Every error response of the API is a `Problem` in the format of RFC 9457: ``type``, ``title``, ``status``, ``detail``,
and our ``code``. If members of a body are wrong, ``errors`` lists them as ``{"pointer", "code", "detail"}``. The codes
never change. Values that a client sent are never repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, NamedTuple

from .documentation import reference


class RelationshipsError(Exception):
    """The base class of every exception that this package raises."""


class RelationshipsWarning(UserWarning):
    """Warns about a configuration that works, but probably not as intended."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One configuration error.

    :param code: stable code, for example ``mapping_missing``.
    :param message: what is wrong.
    :param fix: how to fix it.
    """

    code: str
    message: str
    fix: str

    @property
    def page(self) -> str:
        """The section of the documentation about this code: its address, or its titles."""
        return reference(f"configuration-errors.md#{self.code}")

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}\n    Fix: {self.fix}"


class ConfigurationError(RelationshipsError):
    """Raised if the configuration cannot work.

    :param mistakes: all configuration errors, not only the first.
    """

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        count = len(self.mistakes)
        heading = f"flask-relationships: {count} configuration error{'s' if count != 1 else ''}"
        super().__init__("\n".join([heading, *(f"  {error}" for error in self.mistakes)]))


class InvalidMember(NamedTuple):
    """One wrong member of a body or query.

    :param pointer: RFC 6901 fragment such as ``#/birthday``.
    :param code: stable code, for example ``required``.
    :param detail: what is wrong.
    """

    pointer: str
    code: str
    detail: str


def described(value: Any) -> str:
    """Return the class of a value in words, for an error message."""
    return f"the class {value.__name__}" if isinstance(value, type) else f"an object of type {type(value).__name__}"


def configuration_error(code: str, message: str, fix: str) -> ConfigurationError:
    """Return the exception of one configuration error."""
    return ConfigurationError([Mistake(code, message, fix)])


MIN_SIMILARITY = 0.75
"""How similar a name must be to be suggested, from 0 to 1."""


def name_suggestion(name: str, known: Iterable[str], synonyms: Mapping[str, str], prefix: str = "") -> str:
    """Return a question with the name that was probably meant, or the list of valid names if none is close.

    :param synonyms: names that are known to mean a valid one. They are used before similarity.
    :param prefix: what all names begin with in the message. It is not compared, because it makes names similar.
    """
    valid = sorted(known)
    similar = get_close_matches(name, valid, n=1, cutoff=MIN_SIMILARITY)
    if name in synonyms or similar:
        return f"Did you mean {prefix}{synonyms.get(name) or similar[0]}?"
    return f"Valid names: {', '.join(prefix + known_name for known_name in valid)}."


class Problem(RelationshipsError):
    """An error response. Subclasses define its status, code and title.

    :param detail: explains this occurrence. The default is the title.
    :param errors: the wrong members of the body or query.
    :param headers: headers of the response.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Document a problem by its status, code and title, unless it has a docstring."""
        if cls.__doc__ is None and hasattr(cls, "code"):
            cls.__doc__ = f"{cls.status} ``{cls.code}``. {cls.title}"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[InvalidMember] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.detail = detail or self.title
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra: dict[str, Any] = {}
        super().__init__(f"{self.status} {self.code}: {self.detail}")

    def as_json(self) -> dict[str, Any]:
        """Return the members of the response."""
        body: dict[str, Any] = {
            "type": f"urn:flask-relationships:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.extra,
        }
        if self.errors:
            body["errors"] = [
                {"pointer": error.pointer, "code": error.code, "detail": error.detail} for error in self.errors
            ]
        return body


class UnreadableBody(Problem):
    status, code, title = 400, "unreadable_body", "The body is not valid JSON."


class EmptyBody(Problem):
    status, code, title = 400, "empty_body", "The request needs a JSON body."


class InvalidIdempotencyKey(Problem):
    status, code = 400, "invalid_idempotency_key"
    title = "An Idempotency-Key is 1 to 255 visible ASCII characters."


class NoPhoneNumber(Problem):
    status, code = 400, "no_phone_number"
    title = "The contact has no phone number for this channel."


class InvalidPhoneNumber(Problem):
    status, code, title = 400, "invalid_phone_number", "The number on record cannot receive such messages."


class BlockedByRecipient(Problem):
    status, code = 403, "blocked_by_recipient"
    title = "The recipient or their network blocks messages from this sender."


class NotAuthenticated(Problem):
    status, code, title = 401, "not_authenticated", "Log in first."


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "You may not do this."


class UnmatchedCallbackMissing(Problem):
    status, code = 403, "unmatched_callback_missing"
    title = "The application has not configured who may see unmatched messages."


class NotOptedIn(Problem):
    status, code, title = 403, "not_opted_in", "The contact has not opted in to messages."


class OptedOutByRecipient(Problem):
    status, code = 403, "opted_out_by_recipient"
    title = "The recipient has asked for no more messages to this number."


class FeedUnreadable(Problem):
    status, code = 403, "feed_unreadable"
    title = (
        "Calendars are read without a log-in, and your user is refused there. "
        "The application's developers can set a reader_callback."
    )


class CountryNotAllowed(Problem):
    status, code = 403, "country_not_allowed"
    title = "Messages to the country of this number are not allowed here."


class MessageVetoed(Problem):
    """Raise it in a receiver of ``message_sending`` to stop a message. The detail is shown to the user."""

    status, code, title = 403, "message_vetoed", "The application does not want this message to be sent."


class NotFound(Problem):
    status, code, title = 404, "not_found", "Not found."


class CompaniesNotMapped(Problem):
    status, code, title = 404, "companies_not_mapped", "This application has no companies."


class NotAClient(Problem):
    status, code, title = 404, "not_a_client", "This company is not a client."


class ClientProfilesElsewhere(Problem):
    status, code = 404, "client_profiles_elsewhere"
    title = "This application stores elsewhere which companies are clients."


class ActionCentreElsewhere(Problem):
    status, code = 404, "action_centre_elsewhere"
    title = "This application keeps its action centre elsewhere."


class CalendarsNotInstalled(Problem):
    status, code = 404, "calendars_not_installed"
    title = "Calendars are not installed. They need the extra flask-relationships[calendar]."


class MethodNotAllowed(Problem):
    status, code, title = 405, "method_not_allowed", "This address does not support the method."


class ActionNotPending(Problem):
    status, code = 409, "action_not_pending"
    title = "The linked action is not pending, or another message for it is being sent."


class ActionClosed(Problem):
    status, code, title = 409, "action_closed", "The action is closed. Reopen it to change it."


class LifeEventDeleted(Problem):
    status, code = 409, "life_event_deleted"
    title = "The life event of this action was deleted. Add a new action instead."


class ChangedMeanwhile(Problem):
    status, code, title = 409, "changed_meanwhile", "Another request is changing this. Try again."


class PreconditionFailed(Problem):
    """The object has another revision than ``If-Match``. ``current`` of the problem is the present object."""

    status, code = 412, "precondition_failed"
    title = "The object was changed since you read it, or If-Match contains none of its revisions."


class ContactGone(Problem):
    """The failure of a queued message. No request is answered with it."""

    status, code, title = 404, "contact_gone", "The contact was deleted before the message was sent."


class MessageNotWaiting(Problem):
    status, code = 409, "message_not_waiting"
    title = "The message does not wait any more: it has left, or nobody sends it."


class MessageSettled(Problem):
    status, code = 409, "message_settled"
    title = "The message is not unconfirmed. Its status is known."


class MessageMatched(Problem):
    status, code = 409, "message_matched"
    title = "The message already belongs to a contact."


class MessageNotSent(Problem):
    """The response to a repeated request whose message was not sent."""

    status, code = 409, "message_not_sent"
    title = "The message of this Idempotency-Key was not sent. Send it with a new key."


class RequestInFlight(Problem):
    status, code = 409, "request_in_flight"
    title = "A request with this Idempotency-Key is still being processed."


class OutsideWhatsappWindow(Problem):
    status, code = 409, "outside_whatsapp_window"
    title = "The contact has sent no WhatsApp message in the last 24 hours. Send an approved template."


class BodyTooLarge(Problem):
    status, code, title = 413, "body_too_large", "The body is larger than 256 KiB."


class UnsupportedContentType(Problem):
    status, code, title = 415, "unsupported_content_type", "Send the body as application/json."


class ValidationFailed(Problem):
    status, code, title = 422, "validation_failed", "Validation failed."


def unknown_reference(name: str) -> ValidationFailed:
    """Return the error of a member that names a row which does not exist or is hidden from the caller."""
    words = "No row with this id was found, or you don't have access to it."
    return ValidationFailed(errors=[InvalidMember(f"#/{name}", "unknown_reference", words)])


class IdempotencyKeyReused(Problem):
    status, code = 422, "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request."


class TooManyRequests(Problem):
    status, code, title = 429, "too_many_requests", "Too many requests. Try again later."


class TooManyMessages(Problem):
    status, code, title = 429, "too_many_messages", "As many messages as are allowed have been sent; try again later."


class PermissionCallbackMissing(Problem):
    status, code = 500, "permission_callback_missing"
    title = "The application has no permission callback."


class HostSessionFailed(Problem):
    status, code = 500, "host_session_failed"
    title = "The application could not save its own pending changes."


class TwilioNotConfigured(Problem):
    status, code, title = 500, "twilio_not_configured", "Sending messages is not configured."


class Misconfigured(Problem):
    status, code = 500, "misconfigured"
    title = "The relationships tool is not set up completely. See the server log for what is missing."


class InternalError(Problem):
    status, code, title = 500, "internal_error", "Internal error. It has been logged."


class ProviderRefused(Problem):
    status, code, title = 502, "provider_refused", "The message provider refused the message."


class TwilioDisabled(Problem):
    status, code, title = 503, "twilio_disabled", "Sending messages is switched off."


class ProviderUnavailable(Problem):
    status, code = 503, "provider_unavailable"
    title = "The message provider is unreachable or overloaded. The message was not sent."


class DatabaseUnavailable(Problem):
    status, code, title = 503, "database_unavailable", "The database did not answer. Try again."


class OtherProblem(Problem):
    """An HTTP error that the host or one of its extensions raised inside our routes."""

    def __init__(
        self, status: int, title: str, detail: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status, self.code, self.title = status, f"http_{status}", title  # type: ignore[misc]
        super().__init__(detail, headers=headers)


def place_of(error: BaseException) -> str:
    """Return the class of an exception and where it was raised. Its text may contain personal data."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return type(error).__name__
    code = frame.tb_frame.f_code
    return f"{type(error).__name__} at {code.co_filename}:{frame.tb_lineno} in {code.co_name}"
