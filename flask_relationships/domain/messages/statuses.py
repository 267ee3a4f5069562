"""Rank the statuses of a message. The status of a message only ever rises.

The statuses are Twilio's and two of our own: ``sending`` is committed before the provider call, and ``unconfirmed``
means that the message may or may not have left. A message in our own queue is ``queued`` without a provider id.
"""

from __future__ import annotations

WAITING_RANK = -10
"""The rank of a message in our own queue."""

FIRST_ATTEMPT = 1
"""The attempt of a message that the request itself sends."""

NOT_SENT_RANK = 5
"""The rank of a message that failed before the provider took it. Every report of the provider has a higher rank."""

STATUS_RANKS = {
    "sending": 0,
    "unconfirmed": 5,
    "accepted": 10,
    "scheduled": 10,
    "queued": 20,
    "sent": 40,
    "partially_delivered": 45,
    "failed": 50,
    "undelivered": 50,
    "canceled": 50,
    "received": 60,
    "delivered": 60,
    "read": 70,
}

FAILED_STATUSES = ("failed", "undelivered", "canceled")

ARRIVED_STATUSES = ("delivered", "read")

UNRESOLVED_STATUSES = ("sending", "unconfirmed")
"""The message may have left: its call is not over, or the result of the call is unknown."""

OUTBOUND_RANKS = {status: rank for status, rank in STATUS_RANKS.items() if status != "received"}


def known_status(status: str) -> str:
    """Return the provider's status of a message that it has, ``accepted`` for one that is not known."""
    return status if status in STATUS_RANKS else "accepted"
