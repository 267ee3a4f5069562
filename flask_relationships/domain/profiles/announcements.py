"""The signals of a profile that a request has created or updated."""

from __future__ import annotations

from ... import signals
from ...api.view import Call
from .service import Announce, Found


def announcing(call: Call) -> Announce:
    """Return a function that sends the signals of a profile, after its commit and before the request continues."""

    def announce(found: Found) -> None:
        if found.created:
            call.announce_now(signals.profile_created, found.profile)
        if found.entry is not None:
            call.announce_now(signals.consent_changed, found.entry)

    return announce
