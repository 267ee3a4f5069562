"""The default action centre: a table of the plugin's own, listed by ``GET /action-centre``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ...db.statements import changed, execute
from ..models import Models, models_of

if TYPE_CHECKING:
    from ..actions.models import ActionTable

ITEM_STATUS = {"pending": "open", "done": "done", "dismissed": "dismissed"}

COPIED_COLUMNS = ("title", "due_date", "due", "assigned_to_user_id", "updated_at", "revision")
"""The columns that an item copies from its action."""


class TableActionCentre:
    """Keeps one item for each action in a table of the plugin's own."""

    listed: ClassVar[bool] = True

    def mirror(self, session: Session, action: ActionTable) -> None:
        """Create the item of a new action."""
        copy_actions(session, models_of(action), [action.id])

    def sync(self, session: Session, action: ActionTable) -> None:
        """Update the item of a changed action."""
        self.sync_many(session, [action])

    def sync_many(self, session: Session, actions: Sequence[ActionTable]) -> None:
        """Update the items of these actions in one statement."""
        if actions:
            models = models_of(actions[0])
            changed(session, models.mapper, _update_statement(models), ids=[action.id for action in actions])


def copy_actions(session: Session, models: Models, ids: Sequence[UUID]) -> None:
    """Create the items of new actions in one statement: the database copies the rows, and the items have their ids."""
    execute(session, models.mapper, _copy_statement(models), ids=list(ids))


@lru_cache(maxsize=32)
def _copy_statement(models: Models) -> sa.Insert:
    """Build the statement once for an application: building it takes longer than running it."""
    items, table = sa.inspect(models.ActionCentreItem).local_table, models.Action
    same = {name: getattr(table, name) for name in (*COPIED_COLUMNS, "created_at")}
    columns = {**same, "id": table.id, "action_id": table.id, "status": sa.case(ITEM_STATUS, value=table.status)}
    copies = sa.select(*columns.values()).where(table.id.in_(_ids(table.id)))
    # Into the table: in an INSERT into a class the ORM takes the select for the columns of a row.
    return sa.insert(items).from_select(list(columns), copies, include_defaults=False)


@lru_cache(maxsize=32)
def _update_statement(models: Models) -> sa.Update:
    items, table = models.ActionCentreItem, models.Action
    same = table.id == items.action_id
    values = {name: sa.select(getattr(table, name)).where(same).scalar_subquery() for name in COPIED_COLUMNS}
    values["status"] = sa.select(sa.case(ITEM_STATUS, value=table.status)).where(same).scalar_subquery()
    return sa.update(items).where(items.action_id.in_(_ids(items.action_id))).values(values)


def _ids(column: Any) -> sa.BindParameter[Any]:
    return sa.bindparam("ids", type_=column.type, expanding=True)
