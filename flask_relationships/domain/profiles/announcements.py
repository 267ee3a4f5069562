"""The signals of a profile that a request has created or brought up to date."""

from __future__ import annotations

from ... import signals
from ...api.view import Call
from .service import Announce, Found


def announcing(call: Call) -> Announce:
    """Return what sends the signals of a profile, once it is committed and before the request goes on."""

    def announce(found: Found) -> None:
        if found.created:
            call.announce_now(signals.profile_created, found.profile)
        if found.entry is not None:
            call.announce_now(signals.consent_changed, found.entry)

    return announce
