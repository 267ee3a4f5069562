"""Blinker signals, sent after the commit, with the application as sender and ``row`` and ``user`` beside it.

``row`` is the plugin's own row, ``user`` what the host's current-user callback returned. A receiver that raises is
logged and harms nobody. For a deleted row, ``row`` is detached from the session.
"""

from __future__ import annotations

import logging
from typing import Any

from blinker import NamedSignal, Namespace
from flask import Flask

from .errors import place_of

logger = logging.getLogger(__name__)

_signals = Namespace()

profile_created = _signals.signal("profile-created")
profile_updated = _signals.signal("profile-updated")
consent_changed = _signals.signal("consent-changed")
life_event_created = _signals.signal("life-event-created")
life_event_updated = _signals.signal("life-event-updated")
life_event_deleted = _signals.signal("life-event-deleted")
action_created = _signals.signal("action-created")
action_closed = _signals.signal("action-closed")
message_sent = _signals.signal("message-sent")
message_failed = _signals.signal("message-failed")
message_status_changed = _signals.signal("message-status-changed")
message_received = _signals.signal("message-received")
partner_created = _signals.signal("partner-created")
partner_updated = _signals.signal("partner-updated")
partner_deleted = _signals.signal("partner-deleted")


def send(signal: NamedSignal, app: Flask, *, row: Any, user: Any) -> None:
    """Tell every receiver, even if one of them raises."""
    for receiver in signal.receivers_for(app):
        try:
            receiver(app, row=row, user=user)
        except Exception as error:  # the work is done and committed; a receiver's failure is its own
            logger.error("a receiver of %s raised: %s", signal.name, place_of(error))
