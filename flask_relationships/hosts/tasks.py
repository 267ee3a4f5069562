"""Read a `TaskMapping`: the attributes of the host's tasks that are written, and the values of their status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any, Literal, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, RelationshipDirection

from ..errors import Mistake
from .bind import read_key, resolve_model
from .bound import Host, Hosts
from .hooks import HOOKS, hook_mistake, takes
from .keys import KeyType
from .mapping import LEFT_OUT, SYNONYMS, TaskMapping
from .paths import BadSourceError, get_attribute, is_relationship
from .row_filters import read_deleted

Status = Literal["open", "done", "dismissed"]

REQUIRED = ("title", "status")

TEXTS = ("title", "description")

KEYS = {"assignee": "user", "contact": "contact", "company": "company"}

Write = Callable[[Any], Any]


class Written(NamedTuple):
    """One attribute of a task, and how the value of an action is converted for it."""

    attribute: str
    write: Write

    def set(self, task: Any, value: Any) -> None:
        setattr(task, self.attribute, self.write(value))


class TaskStatus(NamedTuple):
    """The status attribute of a task. Without values it is a time that is NULL while the task is open."""

    attribute: str
    values: dict[Status, tuple[Any, ...]]
    aware: bool = False

    def written(self, status: Status, at: datetime) -> Any:
        """Return the value of a status.

        :param at: when the action got this status, naive UTC.
        """
        if self.values:
            return self.values[status][0]
        return None if status == "open" else at.replace(tzinfo=UTC) if self.aware else at

    def read(self, value: Any, known: Status) -> Status:
        """Return the status of a value. An unmapped value is open.

        :param known: the status before, which is kept if the value allows it.
        """
        if not self.values:
            is_open = value is None
            return known if is_open == (known == "open") else "open" if is_open else "done"
        found: list[Status] = [status for status in self.values if value in self.values[status]]
        return known if known in found else found[0] if found else "open"


@dataclass(slots=True)
class Tasks:
    """The bound model of the host's tasks."""

    host: Host
    status: TaskStatus
    fields: dict[str, Written] = field(default_factory=dict)

    @property
    def mapping(self) -> TaskMapping:
        return cast(TaskMapping, self.host.mapping)

    def status_column(self) -> InstrumentedAttribute[Any]:
        return cast("InstrumentedAttribute[Any]", getattr(self.host.model, self.status.attribute))


def bind_tasks(mapping: TaskMapping, hosts: Hosts) -> tuple[Tasks | None, list[Mistake]]:
    """Return the bound tasks of a mapping, or None and the configuration errors.

    :raises ConfigurationError: if the model does not exist.
    """
    reader = _Reader(mapping, hosts)
    tasks = reader.read()
    return (None, reader.mistakes) if reader.mistakes else (tasks, [])


class _Reader:
    def __init__(self, mapping: TaskMapping, hosts: Hosts) -> None:
        self.mapping, self.hosts = mapping, hosts
        self.model = resolve_model(mapping)
        self.mistakes: list[Mistake] = []

    def read(self) -> Tasks | None:
        column = read_key(self.model)
        key = getattr(self.model, sa.inspect(self.model).get_property_by_column(column).key)
        host = Host(self.mapping, self.model, key, KeyType(column.type), joinable=False)
        self._hooks()
        self._filters(host)
        fields: dict[str, Written] = {}
        status = None
        for name, source in self.mapping.sources().items():
            try:
                attribute = self._attribute(name, source)
                if attribute is None:
                    continue
                if name == "status":
                    status = self._status(attribute)
                else:
                    fields[name] = Written(*self._written(name, attribute))
            except BadSourceError as error:
                self._mistaken(name, error)
        if self.mistakes or status is None:
            return None
        self._unfilled({written.attribute for written in fields.values()} | {status.attribute})
        return Tasks(host, status, fields)

    def _hooks(self) -> None:
        wrong = [hook_mistake("TaskMapping", name, getattr(self.mapping, name)) for name in HOOKS]
        self.mistakes += [found for found in wrong if found is not None]
        prepare = self.mapping.prepare
        if prepare is not None and not takes(prepare, ("task", "action")):
            words = "TaskMapping.prepare cannot be called with (task, action)."
            fix = "TaskMapping(..., prepare=lambda task, action: ...) fills in what a new task needs."
            self.mistakes.append(Mistake("hook_signature", words, fix))

    def _filters(self, host: Host) -> None:
        """Read `deleted`, and refuse `tenant`: the system, which reads and writes tasks, has none."""
        if self.mapping.tenant is not None:
            words = "TaskMapping.tenant has no effect: no user reads tasks through it."
            self.mistakes.append(Mistake("task_tenant", words, "Leave tenant out; map it on contacts and users."))
        if self.mapping.deleted is not None:
            try:
                host.not_deleted = read_deleted(self.model, self.mapping.deleted)
            except BadSourceError as error:
                self._mistaken("deleted", error)

    def _attribute(self, name: str, source: Any) -> InstrumentedAttribute[Any] | None:
        if source is None and name not in REQUIRED:
            return None
        if source is LEFT_OUT:
            if name not in dir(self.model) and name not in REQUIRED:
                return None
            source = name
        named = source if isinstance(source, str) else getattr(source, "key", None)
        if not isinstance(named, str):
            raise BadSourceError("task_field_unwritable", f"{type(source).__name__} names no attribute to be written")
        if not isinstance(source, str) and not issubclass(self.model, getattr(source, "class_", object)):
            raise BadSourceError("attribute_of_other_model", f"{source} is no attribute of {self.model.__name__}")
        found = get_attribute(self.model, named)
        if not isinstance(found, InstrumentedAttribute):
            raise BadSourceError("task_field_unwritable", f"{self.model.__name__}.{named} is no column")
        return found

    def _written(self, name: str, attribute: InstrumentedAttribute[Any]) -> tuple[str, Write]:
        if name in KEYS:
            return self._key(name, attribute)
        if is_relationship(attribute):
            raise BadSourceError("task_field_unwritable", f"{attribute} is a relationship, not a column")
        kind = attribute.type
        if name in TEXTS:
            if not isinstance(kind, sa.String) or isinstance(kind, sa.Enum):
                raise BadSourceError("task_type_differs", f"{attribute} is no text")
            longest = kind.length
            return attribute.key, lambda text: text if text is None or longest is None else text[:longest]
        if isinstance(kind, sa.DateTime):
            aware = kind.timezone
            return attribute.key, lambda day: None if day is None else self._midnight(day, aware)
        if not isinstance(kind, sa.Date):
            raise BadSourceError("task_type_differs", f"{attribute} is no date")
        return attribute.key, lambda day: day

    def _midnight(self, day: date, aware: bool) -> datetime:
        return datetime.combine(day, time.min, self.hosts.time_zone if aware else None)

    def _key(self, name: str, attribute: InstrumentedAttribute[Any]) -> tuple[str, Write]:
        target = self.hosts.named(KEYS[name])
        if target is None:
            raise BadSourceError("link_without_target", f"{name} leads to a {KEYS[name]}, but none is mapped")
        if is_relationship(attribute):
            relationship = attribute.property
            to_one = relationship.direction is RelationshipDirection.MANYTOONE
            if not to_one or not issubclass(relationship.mapper.class_, target.model):
                raise BadSourceError("link_elsewhere", f"{attribute} does not lead to one {target.model.__name__}")
            (column,) = relationship.local_columns
            attribute = getattr(self.model, relationship.parent.get_property_by_column(column).key)
        columns = attribute.property.columns
        tables = {key.column.table for column in columns for key in column.foreign_keys}
        if tables and tables.isdisjoint(target.mapper.tables):
            raise BadSourceError("link_elsewhere", f"{attribute} does not lead to {target.model.__name__}")
        if KeyType(attribute.type).python_type is not target.key_type.python_type:
            raise BadSourceError("link_type_differs", f"{attribute} cannot hold a key of {target.model.__name__}")
        return attribute.key, lambda key: key

    def _status(self, attribute: InstrumentedAttribute[Any]) -> TaskStatus:
        if is_relationship(attribute):
            raise BadSourceError("task_field_unwritable", f"{attribute} is a relationship, not a column")
        sources = {name: getattr(self.mapping, name) for name in ("open", "done", "dismissed")}
        mapped = {name: source for name, source in sources.items() if source is not LEFT_OUT}
        if isinstance(attribute.type, sa.DateTime):
            if mapped:
                raise BadSourceError("task_status_values", f"{attribute} is a time: omit open, done and dismissed")
            return TaskStatus(attribute.key, {}, attribute.type.timezone)
        for name in ("open", "done"):
            if name not in mapped:
                raise BadSourceError("task_status_values", f"no value of {attribute} is mapped to {name}")
        values = {name: self._values(attribute, source) for name, source in mapped.items()}
        values.setdefault("dismissed", values["done"])
        closed = {*values["done"], *values["dismissed"]}
        if not values["open"] or not values["done"] or closed.intersection(values["open"]):
            raise BadSourceError("task_status_values", f"open and done of {attribute} need different values")
        return TaskStatus(attribute.key, cast("dict[Status, tuple[Any, ...]]", values))

    @staticmethod
    def _values(attribute: InstrumentedAttribute[Any], source: Any) -> tuple[Any, ...]:
        """Return the values of a status as the column holds them."""
        kind = attribute.type
        values = tuple(source) if isinstance(source, (list, tuple)) else (source,)
        if isinstance(kind, sa.Boolean) and not all(isinstance(value, bool) for value in values):
            raise BadSourceError("task_status_values", f"{attribute} holds only True and False")
        if not isinstance(kind, sa.Enum):
            return values
        members: list[Any] = list(kind.enum_class or ())
        found = [next((one for one in members if value in (one, one.name, one.value)), value) for value in values]
        allowed = members or kind.enums
        if not all(value in allowed for value in found):
            names = ", ".join(str(one.value if isinstance(one, Enum) else one) for one in allowed)
            raise BadSourceError("task_status_values", f"{attribute} holds only {names}")
        return tuple(found)

    def _unfilled(self, filled: set[str]) -> None:
        """Report required columns that no field of the mapping fills."""
        if self.mapping.prepare is not None:
            return
        mapper = sa.inspect(self.model)
        missing = [
            key
            for column in mapper.local_table.c
            if not (column.nullable or column.primary_key)
            and column.default is column.server_default is column.computed is None
            and (key := mapper.get_property_by_column(column).key) not in filled
            and column is not mapper.polymorphic_on
        ]
        if missing:
            names = ", ".join(f"{self.model.__name__}.{name}" for name in missing)
            words = f"{names} must have a value, and TaskMapping maps nothing to it."
            fix = f"Map it, or fill it with TaskMapping({self.model.__name__}, ..., prepare=lambda task, action: ...)."
            self.mistakes.append(Mistake("task_column_unfilled", words, fix))

    def _mistaken(self, name: str, error: BadSourceError) -> None:
        model = self.model.__name__
        attributes = sa.inspect(self.model).all_orm_descriptors.keys()
        names = sorted(key for key in attributes if not key.startswith("_"))
        near = [synonym for synonym in (name, *SYNONYMS.get(name, ())) if synonym in names]
        fixes = {
            "task_status_values": f'Write TaskMapping({model}, status=..., open="open", done="done") with the '
            "values of the column.",
            "task_type_differs": f"Name a column of the right type, or {name}=None where there is none.",
            "link_without_target": f"Leave {name} out.",
            "deleted_needs_value": f'TaskMapping({model}, deleted=("status", "deleted")) names the value of a deleted '
            "row.",
            "deleted_value": f'TaskMapping({model}, deleted=("status", "deleted")) names an attribute and its value.',
        }
        otherwise = (
            f"TaskMapping({model}, {name}={near[0]!r})" if near else "Name a column of the model by its attribute."
        )
        what = f"TaskMapping.{name}: {error.code.replace('_', ' ')}: {error}. {model} has: {', '.join(names)}."
        self.mistakes.append(Mistake(error.code, what, fixes.get(error.code, otherwise)))
