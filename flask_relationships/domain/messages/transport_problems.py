"""Convert the errors of a message transport to problems of the API."""

from __future__ import annotations

from typing import Any

from ...errors import (
    BlockedByRecipient,
    ContactGone,
    InvalidPhoneNumber,
    MessageNotSent,
    NotOptedIn,
    OptedOutByRecipient,
    Problem,
    ProviderRefused,
    ProviderUnavailable,
    TwilioDisabled,
    TwilioNotConfigured,
    place_of,
)
from ...providers.base import (
    TransportDisabled,
    TransportError,
    TransportNotConfigured,
    TransportRefused,
    TransportUnavailable,
)
from .statuses import NOT_SENT_RANK

PROBLEMS_BY_CODE: dict[str, type[Problem]] = {
    problem.code: problem
    for problem in (
        *(NotOptedIn, OptedOutByRecipient, BlockedByRecipient, ContactGone, InvalidPhoneNumber),
        *(TwilioNotConfigured, TwilioDisabled, ProviderUnavailable),
    )
}
"""The problems that a refusal may name. Every other refusal is 502 `ProviderRefused`."""


def problem_of(error: TransportError) -> Problem:
    """Return the problem for a transport's error."""
    if isinstance(error, TransportNotConfigured):
        return TwilioNotConfigured()
    if isinstance(error, TransportDisabled):
        return TwilioDisabled()
    if isinstance(error, TransportUnavailable):
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        return ProviderUnavailable(error.detail, headers=headers)
    if isinstance(error, TransportRefused):
        return _refusal(error.code, error.detail, error.provider_code)
    return ProviderRefused()


def refusal_of(message: Any) -> Problem | None:
    """Return the problem for a repeated request whose message was not sent; None if it was, or may have been."""
    if (message.status, message.status_rank) != ("failed", NOT_SENT_RANK):
        return None
    code = message.error_code or ""
    if code == "not_sent":
        problem: Problem = MessageNotSent()
    else:
        problem = _refusal(code, message.error_message, int(code) if code.isdecimal() else None)
    problem.extra["message_id"] = str(message.id)
    return problem


def _refusal(code: str, detail: str | None, provider_code: int | None) -> Problem:
    problem = PROBLEMS_BY_CODE.get(code, ProviderRefused)(detail)
    if provider_code is not None:
        problem.extra["provider_code"] = provider_code
    return problem


def loggable(error: Exception) -> str:
    """Return the text of a transport's error for the log; only the place of any other, which may hold personal data."""
    return str(error) if isinstance(error, TransportError) else place_of(error)
