"""The rank of each status: a message's status only ever rises.

From Twilio's own statuses, plus ours: ``sending`` is committed before the call, ``unconfirmed`` means that it may or
may not have left. A message that waits to be sent is ``queued`` too, without an id at the provider.
"""

from __future__ import annotations

WAITING = -10
"""The rank of a message that nobody has begun to send."""

FIRST = 1
"""The attempt of a message that is sent as soon as it is written."""

NOT_SENT = 5
"""The rank of one that failed before the provider took it: whatever the provider says of it afterwards counts more."""

RANKS = {
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

FAILED = ("failed", "undelivered", "canceled")

ARRIVED = ("delivered", "read")
