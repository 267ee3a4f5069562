"""The interface of an action centre: the place where the host's users already look for their work."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from ..actions.models import ActionTable


class ActionCentre(Protocol):
    """Shows actions to users. Both methods run in the transaction that changes the action, and only flush.

    An exception is logged, its changes are rolled back to a savepoint, and the action itself is kept.
    """

    listed: ClassVar[bool]
    """Whether ``GET /action-centre`` lists its items: only the plugin's own table."""

    def mirror(self, session: Session, action: ActionTable) -> None:
        """Show a new action."""
        ...

    def sync(self, session: Session, action: ActionTable) -> None:
        """Show an action that was closed, reopened, or changed."""
        ...
