"""The context of services: one object with all that they need of an application. It imports no Flask."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from blinker import NamedSignal
from sqlalchemy.orm import Session

from .db.statements import changed, execute, execute_columns, insert_if_absent
from .domain.contacts.addresses import NumberReader
from .hosts.bound import SYSTEM, Hosts
from .hosts.paths import Viewer
from .signals import wait_for_commit

if TYPE_CHECKING:
    from .api.permissions import ActionScope
    from .config import Settings
    from .domain.action_centre.base import ActionCentre
    from .domain.life_events.templates import Template
    from .domain.messages.senders import Senders
    from .domain.models import Models
    from .jobs.dispatch import Dispatcher
    from .providers.base import MessageTransport


class CurrentUser(NamedTuple):
    """The current user: the value that the host's callback returned, and the primary key of the user's row."""

    given: Any
    key: Any


@dataclass(slots=True)
class Callbacks:
    """The host's own functions. Each may be set until the first request."""

    permission: Callable[[Any, str, Any], bool] | None = None
    action_scope: Callable[[Any], ActionScope] | None = None
    current_user: Callable[[], Any] | None = None
    reader: Callable[[Any], Any] | None = None
    tenant: Callable[[Any], Any] | None = None
    sender: Callable[[Any], Any] | None = None
    unmatched: Callable[[Any, Any], Any] | None = None

    def over(self, others: Callbacks) -> Callbacks:
        """These, and the others where there is none here."""
        return Callbacks(
            self.permission or others.permission,
            self.action_scope or others.action_scope,
            self.current_user or others.current_user,
            self.reader or others.reader,
            self.tenant or others.tenant,
            self.sender or others.sender,
            self.unmatched or others.unmatched,
        )


@dataclass(slots=True, kw_only=True)
class Context:
    """The first argument of every service.

    :param session: the host's session.
    :param models: the classes of this package's tables.
    :param hosts: the bound host models.
    :param viewer: the user for whom host rows are read, as the current-user callback returned it, or ``SYSTEM``.
    :param user: primary key of that user's row; None for the system.
    :param clock: returns the present instant, with an offset.
    :param sender: the application, as the sender of signals.
    :param known_time_zones: time zones of users by key, read at most once in a request.
    """

    session: Session
    models: Models
    hosts: Hosts
    settings: Settings
    transport: MessageTransport
    action_centre: ActionCentre
    dispatcher: Dispatcher
    numbers: NumberReader
    senders: Senders
    templates: Mapping[str, Template]
    callbacks: Callbacks
    business_day: Callable[[date], date] | None = None
    viewer: Viewer = SYSTEM
    user: Any = None
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    known_time_zones: dict[Any, ZoneInfo] = field(default_factory=dict)
    sender: Any = None

    def seen_by(self, viewer: Viewer) -> Context:
        """Return the same context for another viewer."""
        if viewer is self.viewer:
            return self
        other = copy.copy(self)
        other.viewer = viewer
        return other

    def execute(self, statement: sa.Executable, **parameters: Any) -> sa.Result[Any]:
        """Run a statement in the database of this package's tables."""
        return execute(self.session, self.models.mapper, statement, **parameters)

    def execute_columns(self, statement: sa.Select[Any], **parameters: Any) -> sa.Result[Any]:
        """Run a select of columns, see `db.statements.execute_columns`."""
        return execute_columns(self.session, self.models.mapper, statement, **parameters)

    def update_where(self, statement: sa.Update | sa.Delete, **parameters: Any) -> int:
        """Run a conditional UPDATE or DELETE, and return the number of rows that matched."""
        return changed(self.session, self.models.mapper, statement, **parameters)

    def insert_if_absent(self, model: type[Any], *rows: Mapping[str, Any]) -> None:
        """Insert rows, except those whose unique key exists, see `db.statements.insert_if_absent`."""
        insert_if_absent(self.session, model, *rows)

    def commit(self) -> None:
        """Commit the session's transaction."""
        self.session.commit()

    def after_commit(self, signal: NamedSignal, row: Any, user: CurrentUser | None = None) -> None:
        """Send a signal about a row once the session has committed, see `signals.wait_for_commit`."""
        wait_for_commit(self.session, signal, self.sender, row, user.given if user else None)

    def now(self) -> datetime:
        """Return the present instant as the tables store it, see `present_instant`."""
        return present_instant(self.clock)

    def today(self, user: Any = None) -> date:
        """Return the present civil date of a user, or of the application.

        Every rule that depends on "today" calls this function.

        :param user: primary key of the user's row. None: the date in ``RELATIONSHIPS_TIMEZONE``.
        :returns: the date in the user's time zone where `UserMapping` maps one that exists.
        """
        return self.clock().astimezone(self.time_zone(user)).date()

    def time_zone(self, user: Any = None) -> ZoneInfo:
        """Return the time zone of a user, or of the application.

        :param user: primary key of the user's row. None: ``RELATIONSHIPS_TIMEZONE``.
        """
        if user is None or not self.has_time_zones:
            return ZoneInfo(self.settings.timezone)
        if user not in self.known_time_zones:
            self.known_time_zones |= self.time_zones([user])
        return self.known_time_zones[user]

    def viewer_time_zone(self) -> ZoneInfo:
        """Return the time zone of the viewer, or of the application."""
        return self.time_zone(self.user)

    def time_zones(self, users: Iterable[Any]) -> dict[Any, ZoneInfo]:
        """Return the time zones of these users by key, read in one batch."""
        keys, default = list(users), ZoneInfo(self.settings.timezone)
        names = self.hosts.time_zone_names(self.session, keys) if self.has_time_zones else {}
        return {key: _zone(names.get(key)) or default for key in keys}

    @property
    def has_time_zones(self) -> bool:
        """Return whether the mapping of users has a time zone."""
        return "time_zone" in self.hosts.user.fields


def present_instant(clock: Callable[[], datetime]) -> datetime:
    """Return the instant of a clock as naive UTC in whole seconds, the finest that all databases share."""
    return clock().astimezone(UTC).replace(microsecond=0, tzinfo=None)


def _zone(name: Any) -> ZoneInfo | None:
    """Return the time zone of a name; None if it does not exist."""
    try:
        return ZoneInfo(name) if isinstance(name, str) else None
    except (ValueError, OSError, LookupError):  # all that ZoneInfo raises for a bad name
        return None
