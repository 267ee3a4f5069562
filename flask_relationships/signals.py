"""Define the blinker signals. The sender is the application; ``row`` and ``user`` are keyword arguments.

Signals are sent after the commit. ``row`` is the plugin's own row, and ``user`` the value that the host's current-user
callback returned. An error of a receiver is logged and ignored. A deleted row is detached from the session.

``row`` of ``digest_due`` is a `Digest`, and ``user`` its recipient, as your callbacks return users.

``message_sending`` is sent before the commit. If a receiver raises `MessageVetoed` or any other error, the message is
neither sent nor stored.
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
"""The key in ``Session.info`` of the signals that wait for the session's commit."""

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
    """Send a signal to every receiver, even if one of them raises. Return whether none did."""
    heard = True
    for receiver in signal.receivers_for(app):
        try:
            receiver(app, row=row, user=user)
        except Exception as error:  # the change is committed already
            logger.error("a receiver of %s raised: %s", signal.name, place_of(error))
            heard = False
    return heard


def ask(signal: NamedSignal, app: Any, *, row: Any, user: Any) -> None:
    """Let receivers veto a change that is not committed yet.

    :raises MessageVetoed: if a receiver raises any error.
    """
    for receiver in signal.receivers_for(app):
        try:
            receiver(app, row=row, user=user)
        except MessageVetoed:
            raise
        except Exception as error:  # an error is not an approval
            logger.error("a receiver of %s raised, which is a veto: %s", signal.name, place_of(error))
            raise MessageVetoed from None


def wait_for_commit(session: Session, signal: NamedSignal, app: Any, row: Any, user: Any) -> None:
    """Send a signal after the next commit of the session. A rollback discards it.

    Receivers get a copy of the row, because a session that is committing cannot load attributes.
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
    """Discard the signals that waited for the commit. A listener of ``after_rollback``."""
    if not session.in_nested_transaction():
        session.info.pop(WAITING, None)
