"""What an action centre is: wherever the host's users already look for their work."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from ..actions.models import ActionTable


class ActionCentre(Protocol):
    """Shows actions where people look. Both methods run in the transaction that changes the action, and only flush.

    Whatever they raise is logged, what they wrote is undone, and the action itself is kept.
    """

    listed: ClassVar[bool]
    """Whether ``GET /action-centre`` lists its items: only the plugin's own table."""

    def mirror(self, session: Session, action: ActionTable) -> None:
        """An action was added."""
        ...

    def sync(self, session: Session, action: ActionTable) -> None:
        """An action was closed, opened again, or changed."""
        ...
