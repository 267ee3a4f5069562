"""Call a function for many rows without a statement for each: load for all rows what it loads lazily for one.

A callable of the host may follow relationships that are known only when it runs. Each lazy load is observed and
traced to a path from the row. That path is loaded for the whole batch, and for all later batches. If no path is found,
the load stays lazy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm.collections import collection_adapter

from ..db.private_names import find_refreshed_state

_T = TypeVar("_T")

Path = tuple[str, ...]

MAX_PATH_LENGTH = 6
"""Relationships in a path. Deeper loads, as of a tree, stay lazy."""


class Loads:
    """The paths that the callables of one mapping load lazily."""

    def __init__(self, model: type[Any]) -> None:
        self.model = model
        self.paths: frozenset[Path] = frozenset()

    def options(self) -> list[Any]:
        """Return the options that load all paths together with the rows."""
        return _options(self.model, self.paths)

    def read(
        self,
        rows: Sequence[Any],
        read: Callable[[int], _T],
        load: Callable[[Sequence[Any]], None],
    ) -> list[_T]:
        """Call ``read`` with the place of each row. ``load`` selects all rows with the options for new paths."""
        values: list[_T] = []
        if not rows:
            return values
        with _watched(rows[0]) as watch:
            for place, row in enumerate(rows):
                watch.row = row
                values.append(read(place))
                new = watch.noticed() - self.paths
                if new:
                    self.paths |= new
                    load(_options(self.model, new))
        return values


class _Watch:
    """A listener that records the lazy loads of one session while a row is read."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.relationships: set[Path] = set()
        self.columns: list[tuple[Path, Any, set[str]]] = []

    def __call__(self, execution: orm.ORMExecuteState) -> None:
        parent = execution.lazy_loaded_from
        if parent is not None and execution.is_relationship_load:
            self._relationship(parent.obj(), execution.loader_strategy_path)
        elif execution.is_column_load:
            state = find_refreshed_state(execution)
            if state is None or state.expired:
                return
            path = _path_to(self.row, state.obj())
            if path is not None:
                self.columns.append((path, state, set(state.unloaded)))

    def _relationship(self, parent: Any, loading: Any) -> None:
        ends = [part for part in getattr(loading, "path", ()) if isinstance(part, orm.RelationshipProperty)]
        path = _path_to(self.row, parent)
        if ends and path is not None:
            self.relationships.add((*path, ends[-1].key))

    def noticed(self) -> set[Path]:
        columns = {(*path, name) for path, state, before in self.columns for name in before - state.unloaded}
        return self.relationships | columns


@contextmanager
def _watched(row: Any) -> Iterator[_Watch]:
    session, watch = orm.object_session(row), _Watch(row)
    sa.event.listen(session, "do_orm_execute", watch)
    try:
        yield watch
    finally:
        sa.event.remove(session, "do_orm_execute", watch)


def _path_to(row: Any, wanted: Any) -> Path | None:
    """Return the shortest path from a row to an object along loaded relationships; None where there is none."""
    waiting: deque[tuple[Any, Path]] = deque([(row, ())])
    reached = {id(row)}
    while waiting:
        one, path = waiting.popleft()
        if one is wanted:
            return path
        if len(path) == MAX_PATH_LENGTH - 1:
            continue
        state = sa.inspect(one)
        for relationship in state.mapper.relationships:
            for other in _loaded(relationship, state.dict.get(relationship.key)):
                if id(other) not in reached:
                    reached.add(id(other))
                    waiting.append((other, (*path, relationship.key)))
    return None


def _loaded(relationship: Any, found: Any) -> Sequence[Any]:
    if found is None:
        return ()
    return list(collection_adapter(found)) if relationship.uselist else (found,)


def _options(model: type[Any], paths: frozenset[Path] | set[Path]) -> list[Any]:
    options = (_option(model, path) for path in sorted(paths))
    return [option for option in options if option is not None]


def _option(model: type[Any], path: Path) -> Any:
    """Return the option for a path; None for an attribute of a subclass, which a select of the model cannot load."""
    option: Any = orm
    for name in path:
        attribute = sa.inspect(model).attrs.get(name)
        if isinstance(attribute, orm.RelationshipProperty):
            option = option.selectinload(getattr(model, name))
            model = attribute.mapper.class_
        elif attribute is not None:
            option = option.undefer(getattr(model, name))
        else:
            return None
    return option
