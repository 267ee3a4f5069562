"""The host's own tasks as the action centre: each open action is a task, and what becomes of one becomes of the other.

The tasks are written through the host's session, as rows of its own model, so that its listeners and hooks see them.
The mirrored item remembers what a task was last told: only what has changed since is written, so that nobody's words in
the task are undone. The way back, from a task to its action, is `actions.host_tasks`.
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
from ...hosts.mapping import TaskMapping, mapping_mistake
from ...hosts.tasks import Status, Tasks, bind_tasks
from ..models import models_of
from .table import STATUS, TableActionCentre

if TYPE_CHECKING:
    from ..actions.models import ActionTable

FOLLOWED = {"title": "title", "due_date": "due", "assigned_to_user_id": "assignee"}
"""The columns of an action that its task follows, and what the mapping calls them."""

ONCE = {"description": "description", "contact_id": "contact", "company_id": "company"}
"""Those that a new task is given, and that are the host's from then on."""

_writing: ContextVar[bool] = ContextVar("writing", default=False)


def is_writing() -> bool:
    """Whether the tasks being saved were changed here, and by nobody else."""
    return _writing.get()


@contextmanager
def _ours() -> Iterator[None]:
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
            raise ConfigurationError([mapping_mistake("HostTaskActionCentre", mapping, TaskMapping)])
        self.mapping = mapping
        self._tasks: Tasks | None = None

    @property
    def model(self) -> type[Any]:
        """The host's class. Raises `ConfigurationError` where there is none of that name."""
        return resolve_model(self.mapping)

    def bind(self, hosts: Hosts) -> list[Mistake]:
        """Read the mapping's fields, once every model can be configured. Returns what is wrong with them."""
        self._tasks, mistakes = bind_tasks(self.mapping, hosts)
        return mistakes

    @property
    def tasks(self) -> Tasks:
        """The mapping as it was read. Raises `RuntimeError` before `bind`."""
        if self._tasks is None:
            raise RuntimeError("The mapping of the tasks was not read yet: call bind(hosts) first.")
        return self._tasks

    @property
    def is_bound(self) -> bool:
        """Whether the mapping has been read."""
        return self._tasks is not None

    def mirror(self, session: Session, action: ActionTable) -> None:
        self.sync_many(session, [action])

    def sync(self, session: Session, action: ActionTable) -> None:
        self.sync_many(session, [action])

    def sync_many(self, session: Session, actions: Sequence[ActionTable]) -> None:
        """Bring the tasks of these actions in line, in a constant number of statements. An open action whose task is
        gone has a new one; a closed one needs none."""
        if not actions:
            return
        session.flush()  # what the host has changed of its tasks is told before it is read
        items = self._items(session, actions)
        found = self._found(session, [item.task_key for item in items.values()])
        new: dict[UUID, Any] = {}
        with _ours():
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
        if STATUS[action.status] != item.status:
            setattr(task, status.attribute, status.written(cast(Status, STATUS[action.status]), action.updated_at))

    def _make(self, action: ActionTable) -> Any:
        tasks, task = self.tasks, self.tasks.host.model()
        for column, name in {**FOLLOWED, **ONCE}.items():
            if name in tasks.fields:
                tasks.fields[name].set(task, getattr(action, column))
        setattr(task, tasks.status.attribute, tasks.status.written("open", action.updated_at))
        if self.mapping.prepare is not None:
            self.mapping.prepare(task, action)
        return task

    def _remember(
        self, session: Session, actions: Sequence[ActionTable], items: dict[UUID, Any], keys: dict[UUID, str]
    ) -> None:
        """What the tasks were told; ``keys`` are those of new tasks, by action."""
        models = models_of(actions[0])
        model = models.ActionCentreItem
        copied = ("title", "due_date", "due", "assigned_to_user_id", "created_at", "updated_at")
        absent = [
            {name: getattr(action, name) for name in copied}
            | {
                "id": action.id,
                "action_id": action.id,
                "status": STATUS[action.status],
                "task_key": keys.get(action.id),
            }
            for action in actions
            if action.id not in items
        ]
        insert_rows(session, model, absent)
        there = [action for action in actions if action.id in items]
        if there:
            TableActionCentre().sync_many(session, there)
        again = [{"of": action_id, "key": key} for action_id, key in keys.items() if action_id in items]
        if again:
            table = cast(sa.Table, sa.inspect(model).local_table)
            linking = sa.update(table).where(table.c.action_id == sa.bindparam("of"))
            session.execute(
                linking.values(task_key=sa.bindparam("key")), again, bind_arguments={"mapper": models.mapper}
            )
