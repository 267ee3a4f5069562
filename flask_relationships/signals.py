"""Blinker signals, sent after the commit, with the application as sender and ``row`` and ``user`` beside it.

``row`` is the plugin's own row, ``user`` what the host's current-user callback returned. A receiver that raises is
logged and harms nobody. For a deleted row, ``row`` is detached from the session.

``row`` of ``digest_due`` is no row but a `Digest`, and ``user`` whom it is for, as your callbacks know them.

``message_sending`` alone is sent before the commit, and asks: a receiver that raises `MessageVetoed`, or anything
else, has the message not sent and not kept.
"""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa
from blinker import NamedSignal, Namespace
from sqlalchemy.orm import Session

from .errors import MessageVetoed, place_of

logger = logging.getLogger(__name__)

WAITING = "flask_relationships_announced"
"""The key in ``Session.info`` of the signals that are sent once the session has committed."""

_signals = Namespace()

profile_created = _signals.signal("profile-created")
profile_updated = _signals.signal("profile-updated")
consent_changed = _signals.signal("consent-changed")
life_event_created = _signals.signal("life-event-created")
life_event_updated = _signals.signal("life-event-updated")
life_event_deleted = _signals.signal("life-event-deleted")
action_created = _signals.signal("action-created")
action_updated = _signals.signal("action-updated")
action_closed = _signals.signal("action-closed")
action_reopened = _signals.signal("action-reopened")
message_sending = _signals.signal("message-sending")
message_sent = _signals.signal("message-sent")
message_failed = _signals.signal("message-failed")
message_status_changed = _signals.signal("message-status-changed")
message_received = _signals.signal("message-received")
message_matched = _signals.signal("message-matched")
digest_due = _signals.signal("digest-due")
partner_created = _signals.signal("partner-created")
partner_updated = _signals.signal("partner-updated")
partner_deleted = _signals.signal("partner-deleted")


def send(signal: NamedSignal, app: Any, *, row: Any, user: Any) -> bool:
    """Tell every receiver, even if one of them raises. Returns whether none did."""
    heard = True
    for receiver in signal.receivers_for(app):
        try:
            receiver(app, row=row, user=user)
        except Exception as error:  # the work is done and committed; a receiver's failure is its own
            logger.error("a receiver of %s raised: %s", signal.name, place_of(error))
            heard = False
    return heard


def ask(signal: NamedSignal, app: Any, *, row: Any, user: Any) -> None:
    """Ask every receiver whether it objects. Raises `MessageVetoed` for whatever one of them raises."""
    for receiver in signal.receivers_for(app):
        try:
            receiver(app, row=row, user=user)
        except MessageVetoed:
            raise
        except Exception as error:  # a receiver that cannot say whether it objects has not agreed
            logger.error("a receiver of %s raised, which is a veto: %s", signal.name, place_of(error))
            raise MessageVetoed from None


def wait_for_commit(session: Session, signal: NamedSignal, app: Any, row: Any, user: Any) -> None:
    """Send a signal when a session has committed that somebody else commits; a rollback drops it.

    The receivers get a copy of the row: in the midst of a commit a session reads nothing.
    """
    columns = sa.inspect(type(row)).column_attrs
    copy = type(row)(**{column.key: getattr(row, column.key) for column in columns})
    session.info.setdefault(WAITING, []).append((signal, app, copy, user))


def send_waiting(session: Session) -> None:
    """Send the signals that waited for the commit. A listener of ``after_commit``."""
    if not session.in_nested_transaction():
        for signal, app, row, user in session.info.pop(WAITING, ()):
            send(signal, app, row=row, user=user)


def drop_waiting(session: Session) -> None:
    """Drop the signals that waited for the commit. A listener of ``after_rollback``."""
    if not session.in_nested_transaction():
        session.info.pop(WAITING, None)
