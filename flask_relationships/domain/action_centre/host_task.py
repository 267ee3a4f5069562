"""The host's own tasks as the action centre: each open action is a task, and changes go both ways.

The tasks are written through the host's session, as rows of its own model, so that its listeners and hooks see them.
The mirrored item has the values that were last written to a task. Only later changes are written, so that edits of the
task stay. The way back, from a task to its action, is `actions.host_tasks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ...db.statements import execute, insert_rows
from ...errors import ConfigurationError, Mistake
from ...hosts.bind import resolve_model
from ...hosts.bound import SYSTEM, Hosts
from ...hosts.mapping import TaskMapping, mapping_error
from ...hosts.tasks import Status, Tasks, bind_tasks
from ..models import models_of
from .table import ITEM_STATUS, TableActionCentre

if TYPE_CHECKING:
    from ..actions.models import ActionTable

FOLLOWED = {"title": "title", "due_date": "due", "assigned_to_user_id": "assignee"}
"""The columns of an action that its task follows, and their fields in the mapping."""

INITIAL = {"description": "description", "contact_id": "contact", "company_id": "company"}
"""The columns that only a new task takes from its action."""

_writing: ContextVar[bool] = ContextVar("writing", default=False)


def is_writing() -> bool:
    """Return whether the plugin itself is saving tasks."""
    return _writing.get()


@contextmanager
def _mark_writing() -> Iterator[None]:
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


class HostTaskActionCentre:
    """Shows actions as the host's own tasks. Takes a `TaskMapping`; raises `ConfigurationError` for anything else."""

    listed: ClassVar[bool] = False

    def __init__(self, mapping: TaskMapping) -> None:
        if not isinstance(mapping, TaskMapping):
            raise ConfigurationError([mapping_error("HostTaskActionCentre", mapping, TaskMapping)])
        self.mapping = mapping
        self._tasks: Tasks | None = None

    @property
    def model(self) -> type[Any]:
        """The host's class.

        :raises ConfigurationError: if there is no class of that name.
        """
        return resolve_model(self.mapping)

    def bind(self, hosts: Hosts) -> list[Mistake]:
        """Read the mapping's fields, once every model can be configured. Returns configuration errors."""
        self._tasks, mistakes = bind_tasks(self.mapping, hosts)
        return mistakes

    @property
    def tasks(self) -> Tasks:
        """The mapping as it was read.

        :raises RuntimeError: before `bind`.
        """
        if self._tasks is None:
            raise RuntimeError("The mapping of the tasks was not read yet: call bind(hosts) first.")
        return self._tasks

    @property
    def is_bound(self) -> bool:
        """Whether the mapping has been read."""
        return self._tasks is not None

    def mirror(self, session: Session, action: ActionTable) -> None:
        """Create the task of a new action."""
        self.sync_many(session, [action])

    def sync(self, session: Session, action: ActionTable) -> None:
        """Update the task of a changed action."""
        self.sync_many(session, [action])

    def sync_many(self, session: Session, actions: Sequence[ActionTable]) -> None:
        """Create and update the tasks of these actions, in a constant number of statements.

        An open action whose task was deleted gets a new one.
        """
        if not actions:
            return
        session.flush()  # so that changes of the host's tasks are handled before they are read
        items = self._items(session, actions)
        found = self._found(session, [item.task_key for item in items.values()])
        new: dict[UUID, Any] = {}
        with _mark_writing():
            for action in actions:
                item = items.get(action.id)
                task = None if item is None else found.get(item.task_key)
                if task is not None:
                    self._update(task, action, item)
                elif action.status == "pending":
                    new[action.id] = self._make(action)
            session.add_all(new.values())
            session.flush()
        self._remember(session, actions, items, {id_: str(self.tasks.host.key_of(task)) for id_, task in new.items()})

    def _items(self, session: Session, actions: Sequence[ActionTable]) -> dict[UUID, Any]:
        models = models_of(actions[0])
        table = models.ActionCentreItem
        columns = (table.action_id, table.task_key, table.status, *(getattr(table, name) for name in FOLLOWED))
        mine = sa.select(*columns).where(table.action_id.in_([action.id for action in actions]))
        return {row.action_id: row for row in execute(session, models.mapper, mine)}

    def _found(self, session: Session, texts: Sequence[str | None]) -> dict[str, Any]:
        host = self.tasks.host
        keys = [host.parse(session, text) for text in texts if text is not None]
        if not keys:
            return {}
        statement = host.rows(SYSTEM).where(host.key.in_(keys)).execution_options(populate_existing=True)
        rows = execute(session, host.mapper, statement).scalars().unique(id)
        return {str(host.key_of(row)): row for row in rows}

    def _update(self, task: Any, action: ActionTable, item: Any) -> None:
        fields, status = self.tasks.fields, self.tasks.status
        for column, name in FOLLOWED.items():
            if name in fields and getattr(action, column) != getattr(item, column):
                fields[name].set(task, getattr(action, column))
        if ITEM_STATUS[action.status] != item.status:
            setattr(task, status.attribute, status.written(cast(Status, ITEM_STATUS[action.status]), action.updated_at))

    def _make(self, action: ActionTable) -> Any:
        tasks, task = self.tasks, self.tasks.host.model()
        for column, name in {**FOLLOWED, **INITIAL}.items():
            if name in tasks.fields:
                tasks.fields[name].set(task, getattr(action, column))
        setattr(task, tasks.status.attribute, tasks.status.written("open", action.updated_at))
        if self.mapping.prepare is not None:
            self.mapping.prepare(task, action)
        return task

    def _remember(
        self, session: Session, actions: Sequence[ActionTable], items: dict[UUID, Any], keys: dict[UUID, str]
    ) -> None:
        """Store the values that were written to tasks, and the keys of new tasks by action."""
        models = models_of(actions[0])
        item = models.ActionCentreItem
        copied = ("title", "due_date", "due", "assigned_to_user_id", "created_at", "updated_at")
        absent: list[dict[str, Any]] = []
        existing: list[ActionTable] = []
        for action in actions:
            if action.id in items:
                existing.append(action)
                continue
            row = {name: getattr(action, name) for name in copied}
            row |= {"status": ITEM_STATUS[action.status], "task_key": keys.get(action.id)}
            absent.append({"id": action.id, "action_id": action.id, **row})
        insert_rows(session, item, absent)
        TableActionCentre().sync_many(session, existing)
        relinked = [{"of": action_id, "key": key} for action_id, key in keys.items() if action_id in items]
        if relinked:
            table = cast(sa.Table, sa.inspect(item).local_table)
            linking = sa.update(table).where(table.c.action_id == sa.bindparam("of"))
            bind = {"mapper": models.mapper}
            session.execute(linking.values(task_key=sa.bindparam("key")), relinked, bind_arguments=bind)
