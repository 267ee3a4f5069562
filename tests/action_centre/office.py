"""A small host with tasks of its own, in several styles, and what people do to them there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa

from flask_relationships import HostTaskActionCentre, TaskMapping
from flask_relationships.domain.actions.sweep import sweep
from tests.databases import Cleaner
from tests.hosts.host import Caller, Row
from tests.hosts.made import IN_MEMORY, KEYS, Made, Models


@dataclass(frozen=True, eq=False)
class Style:
    """How a host keeps the state of its tasks: the column, the values of the mapping, and those that people set."""

    column: sa.types.TypeEngine[Any]
    mapping: dict[str, Any]
    open: Any
    done: Any
    key: str = "int"


WORDS = {"open": ["open", "doing"], "done": ["done", "filed"], "dismissed": "dropped"}
TODO = sa.Enum("todo", "over", native_enum=False)

STYLES = {
    "text": Style(sa.String(20), WORDS, "open", "filed"),
    "truth": Style(sa.Boolean(), {"open": False, "done": True}, False, True, "uuid"),
    "time": Style(sa.DateTime(), {}, None, sa.func.current_timestamp(), "string"),
    "enumeration": Style(TODO, {"open": "todo", "done": "over"}, "todo", "over", "bigint"),
}


def nothing(_task: Any, _action: Any) -> None:
    pass


@cache
def tables_of(style: Style) -> tuple[Models, Any]:
    """The models of a style's hosts, which they share, and the class of their tasks."""
    models = Models(KEYS[style.key])
    attributes: dict[str, Any] = {
        "__module__": __name__,
        "__tablename__": "task",
        "id": sa.Column(models.keys.type, primary_key=True, default=models.keys.make),
        "headline": sa.Column(sa.String(40), nullable=False),
        "due_on": sa.Column(sa.Date),
        "state": sa.Column(style.column),
        "owner_id": sa.Column(sa.ForeignKey(models.User.__table__.c.id, ondelete="SET NULL")),
        "kind": sa.Column(sa.String(20), nullable=False),
        "gone": sa.Column(sa.Boolean, nullable=False, default=False),
    }
    return models, type("Task", (models.db.Model,), attributes)


@dataclass
class Office:
    """The host's application. `changes` are what its own listener was told of."""

    style: Style = field(default_factory=lambda: STYLES["text"])
    database_url: str = IN_MEMORY
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        models, self.Task = tables_of(self.style)
        self.db = models.db
        self.prepare: Callable[[Any, Any], None] = nothing
        mapping = TaskMapping(
            self.Task,
            title="headline",
            due="due_on",
            status="state",
            assignee="owner_id",
            prepare=self._prepare,
            present=lambda select: select.where(self.Task.gone.is_(False)),
            **self.style.mapping,
        )
        centre = self.options.pop("action_centre", None) or HostTaskActionCentre(mapping)
        self.host = Made(models, database_url=self.database_url, action_centre=centre, **self.options).create_tables()
        self.api: Caller = self.host.caller()
        self.contact = self.host.contact()

    def _prepare(self, task: Any, action: Any) -> None:
        task.kind = f"relationship {action.action_type}"
        self.prepare(task, action)

    def add(self, **values: Any) -> Row:
        body = {"title": "Call", "action_type": "call", **values}
        action: Row = self.api.post(f"/contacts/{self.contact}/relationship-actions", body)["action"]
        return action

    def action(self, id: str) -> Row:
        action: Row = self.api.get(f"/relationship-actions/{id}")["action"]
        return action

    def history(self, id: str) -> list[tuple[str, str]]:
        return [
            (entry["kind"], entry["by"]) for entry in self.api.get(f"/relationship-actions/{id}/history")["history"]
        ]

    def tasks(self) -> list[dict[str, Any]]:
        with self.host.app.app_context():
            rows = self.db.session.execute(sa.select(self.Task.__table__).order_by(self.Task.headline)).mappings()
            return [dict(row) for row in rows]

    def task(self) -> dict[str, Any]:
        (found,) = self.tasks()
        return found

    def change_task(self, **values: Any) -> None:
        """Somebody saves the one task in the host's own pages."""
        with self.host.app.app_context():
            task = self.db.session.scalars(sa.select(self.Task)).one()
            for name, value in values.items():
                setattr(task, name, value)
            self.db.session.commit()

    def delete_task(self) -> None:
        with self.host.app.app_context():
            self.db.session.delete(self.db.session.scalars(sa.select(self.Task)).one())
            self.db.session.commit()

    def execute(self, statement: Any) -> None:
        """Somebody changes tasks past the session: in plain SQL."""
        with self.host.app.app_context(), self.db.engine.begin() as connection:
            connection.execute(statement)

    @property
    def table(self) -> sa.Table:
        found: sa.Table = self.Task.__table__
        return found

    def sweep(self) -> int:
        with self.host.app.app_context():
            return sweep(self.host.app.extensions["relationships"].context())

    def close(self) -> None:
        with self.host.app.app_context():
            self.db.session.remove()
        self.host.close()
        Cleaner(self.database_url, self.db.metadata).clean()
