"""What one application knows. `api.application` finds it; only this module makes a `Context` of it."""

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
    """What auto-actions say, by the type of their event."""
    business_day: Callable[[date], date] | None = None
    """Moves the day that an auto-action is due, as the host says."""
    session_sources: tuple[Any, ...] = ()
    """What the host gave as ``session=`` and ``db=``: its session factory may be there."""
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    session_checked: bool = False
    """Whether the first request has found the session fit for use."""
    keys_forgotten_at: datetime | None = None
    """When this process last deleted the idempotency keys that are no longer remembered; naive UTC."""
    settled: Callbacks | None = None
    """The callbacks once the first request has settled them."""
    webhooks_refused: bool = False
    """Whether it was logged that webhooks cannot be checked, and are refused."""

    @property
    def callbacks(self) -> Callbacks:
        """Those given to ``init_app`` for this application, else those of the extension object."""
        return self.settled or self.own_callbacks.over(self.shared_callbacks)

    @property
    def session(self) -> Session:
        """The host's session, looked up at each use: tests and teardown exchange it."""
        return self.find_session()

    def context(self, viewer: Any = SYSTEM, user: Any = None, session: Session | None = None) -> Context:
        """Return the context of a viewer; without one, of the system.

        :param viewer: what the current-user callback returned.
        :param user: primary key of the viewer's row.
        :param session: the session that is flushed at this moment, where it is not the one of the request.
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
        """Return the context of the user whose request this is; of the system, where there is none."""
        user = g.get("relationships_user")
        return self.context() if user is None else self.context(user.given, user.key)

    def session_holders(self, app: Flask) -> tuple[Any, ...]:
        """Return where the host's session factories may be: what it gave us, and its own Flask-SQLAlchemy."""
        return (*self.session_sources, app.extensions.get("sqlalchemy"))

    def complete_setup(self) -> None:
        """Read the mappings, once every model of the host is imported, see `completion.complete_setup`."""
        complete_setup(self)

    def now(self) -> datetime:
        """Return the present instant as the tables store it, see `Context.now`."""
        return present_instant(self.clock)

    def today(self, user: Any = None) -> date:
        """Return the present civil date of a user, or of the application, see `Context.today`."""
        if user is None:
            return self.clock().astimezone(ZoneInfo(self.settings.timezone)).date()
        return self.context().today(user)
