"""The default action centre: a table of the plugin's own, listed by ``GET /action-centre``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..state import state
from ..tables.execute import changed, insert_if_absent

if TYPE_CHECKING:
    from ..actions.tables import ActionTable

STATUS = {"pending": "open", "done": "done", "dismissed": "dismissed"}


class TableActionCentre:
    """Keeps one item for each action in a table of the plugin's own."""

    listed: ClassVar[bool] = True

    def mirror(self, session: Session, action: ActionTable) -> None:
        item = state.models.ActionCentreItem(
            action_id=action.id,
            title=action.title,
            due_date=action.due_date,
            due=action.due,
            assigned_to_user_id=action.assigned_to_user_id,
            status=STATUS[action.status],
            created_at=action.created_at,
            updated_at=action.updated_at,
        )
        session.add(item)
        session.flush()

    def mirror_rows(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Many actions were added, given by their columns."""
        same = ("title", "due_date", "due", "assigned_to_user_id", "created_at", "updated_at")
        items = [
            {"action_id": row["id"], "status": STATUS[row["status"]], **{name: row[name] for name in same}}
            for row in rows
        ]
        if items:
            insert_if_absent(session, state.models.ActionCentreItem, *items)

    def sync(self, session: Session, action: ActionTable) -> None:
        self.sync_many(session, [action])

    def sync_many(self, session: Session, actions: Sequence[ActionTable]) -> None:
        """One statement for all of them: their items say what the rows of the actions say."""
        items, table = state.models.ActionCentreItem, state.models.Action
        same = table.id == items.action_id
        copied = ("title", "due_date", "due", "assigned_to_user_id", "updated_at")
        values = {name: sa.select(getattr(table, name)).where(same).scalar_subquery() for name in copied}
        values["status"] = sa.select(sa.case(STATUS, value=table.status)).where(same).scalar_subquery()
        ids = [action.id for action in actions]
        changed(session, state.models.mapper, sa.update(items).where(items.action_id.in_(ids)).values(values))
