"""The state of one application. `api.application` finds it, and only this module creates a `Context` from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from ..context import Callbacks, Context, present_instant
from ..hosts.bound import SYSTEM
from .completion import complete_setup

if TYPE_CHECKING:
    from ..config import Settings
    from ..domain.action_centre.base import ActionCentre
    from ..domain.contacts.addresses import NumberReader
    from ..domain.life_events.templates import Template
    from ..domain.messages.senders import Senders
    from ..domain.models import Models
    from ..hosts.bound import Hosts
    from ..jobs.dispatch import Dispatcher
    from ..providers.base import MessageTransport


@dataclass(slots=True)
class State:
    """The settings, classes and parts of one application."""

    settings: Settings
    models: Models
    hosts: Hosts
    own_callbacks: Callbacks
    shared_callbacks: Callbacks
    transport: MessageTransport
    action_centre: ActionCentre
    dispatcher: Dispatcher
    numbers: NumberReader
    find_session: Callable[[], Session]
    senders: Senders
    templates: Mapping[str, Template]
    """The kind and title of auto-actions, by the type of their event."""
    business_day: Callable[[date], date] | None = None
    """Moves the due date of an auto-action to a working day."""
    session_sources: tuple[Any, ...] = ()
    """The options ``session=`` and ``db=``, which may contain the session factory."""
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    session_checked: bool = False
    """Whether the first request has checked the session."""
    keys_forgotten_at: datetime | None = None
    """When this process last deleted old idempotency keys; naive UTC."""
    settled: Callbacks | None = None
    """The callbacks, fixed by the first request."""
    webhooks_refused: bool = False
    """Whether the process has logged that webhooks are refused because they cannot be checked."""

    @property
    def callbacks(self) -> Callbacks:
        """The callbacks of ``init_app``, else those of the extension object."""
        return self.settled or self.own_callbacks.over(self.shared_callbacks)

    @property
    def session(self) -> Session:
        """The host's session. It is looked up at each use, because tests and teardown replace it."""
        return self.find_session()

    def context(self, viewer: Any = SYSTEM, user: Any = None, session: Session | None = None) -> Context:
        """Return the context of a viewer, or of the system.

        :param viewer: what the current-user callback returned.
        :param user: primary key of the viewer's row.
        :param session: the session that is being flushed, if it is not the one of the request.
        """
        known: dict[Any, ZoneInfo] | None = g.get("relationships_time_zones")
        return Context(
            session=session or self.session,
            models=self.models,
            hosts=self.hosts,
            settings=self.settings,
            transport=self.transport,
            action_centre=self.action_centre,
            dispatcher=self.dispatcher,
            numbers=self.numbers,
            senders=self.senders,
            templates=self.templates,
            callbacks=self.callbacks,
            business_day=self.business_day,
            viewer=viewer,
            user=user,
            clock=self.clock,
            known_time_zones={} if known is None else known,
            sender=current_app._get_current_object(),  # type: ignore[attr-defined]
        )

    def viewer_context(self) -> Context:
        """Return the context of the current user, or of the system if there is none."""
        user = g.get("relationships_user")
        return self.context() if user is None else self.context(user.given, user.key)

    def session_holders(self, app: Flask) -> tuple[Any, ...]:
        """Return the objects that may contain session factories: the options, and Flask-SQLAlchemy."""
        return (*self.session_sources, app.extensions.get("sqlalchemy"))

    def complete_setup(self) -> None:
        """Read the mappings, see `completion.complete_setup`."""
        complete_setup(self)

    def now(self) -> datetime:
        """Return the present instant as the tables store it, see `Context.now`."""
        return present_instant(self.clock)

    def today(self, user: Any = None) -> date:
        """Return the present civil date of a user, or of the application, see `Context.today`."""
        if user is None:
            return self.clock().astimezone(ZoneInfo(self.settings.timezone)).date()
        return self.context().today(user)
