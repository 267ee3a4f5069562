"""The problem to answer with for an error of a message transport."""

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
)
from ...providers.base import (
    TransportDisabled,
    TransportError,
    TransportNotConfigured,
    TransportRefused,
    TransportUnavailable,
)
from .statuses import NOT_SENT

REFUSALS: dict[str, type[Problem]] = {
    problem.code: problem
    for problem in (
        *(NotOptedIn, OptedOutByRecipient, BlockedByRecipient, ContactGone, InvalidPhoneNumber),
        *(TwilioNotConfigured, TwilioDisabled, ProviderUnavailable),
    )
}
"""What a transport's refusal may be answered with instead of 502."""


def problem_of(error: TransportError) -> Problem:
    """What a caller is told of a transport's error."""
    if isinstance(error, TransportNotConfigured):
        return TwilioNotConfigured()
    if isinstance(error, TransportDisabled):
        return TwilioDisabled()
    if isinstance(error, TransportUnavailable):
        later = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        return ProviderUnavailable(error.detail, headers=later)
    if isinstance(error, TransportRefused):
        problem = REFUSALS.get(error.code, ProviderRefused)(error.detail)
        if error.provider_code is not None:
            problem.extra["provider_code"] = error.provider_code
        return problem
    return ProviderRefused()


def refusal_of(message: Any) -> Problem | None:
    """Return what a repeated request is answered with whose message never left; None where it did, or may have."""
    if message.status != "failed" or message.status_rank != NOT_SENT:
        return None
    code = message.error_code or ""
    problem = MessageNotSent() if code == "not_sent" else REFUSALS.get(code, ProviderRefused)(message.error_message)
    if code.isdecimal():
        problem.extra["provider_code"] = int(code)
    problem.extra["message_id"] = str(message.id)
    return problem
