"""Use SQLAlchemy's private names, here and in no other module.

Each function says which private name it uses and why no public one serves. `tests/statements/test_private_names.py`
tests each of them. `sqlalchemy<2.2` in pyproject.toml excludes every release on which these tests have not run.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.sql.util import ClauseAdapter
from sqlalchemy.util import immutabledict


def find_cache_key(statement: sa.Select[Any]) -> Hashable | None:
    """Return the key under which SQLAlchemy caches the compiled statement; None where it caches none.

    Uses ``_generate_cache_key``. SQLAlchemy offers no public key; comparing texts would compile the statement.
    """
    key = statement._generate_cache_key()
    return None if key is None else key.key


def find_written_values(statement: sa.Update) -> Mapping[Any, Any]:
    """Return the values of an UPDATE by column.

    Uses ``_values``. Without it, every caller would have to pass the values a second time.
    """
    return statement._values or {}


def copy_as_core_select(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Return a copy of a select of columns that the Core executes.

    Uses ``_clone`` and ``_propagate_attrs``, the mark that attributes of mapped classes leave on a select of the ORM.
    A public way would have to build each statement twice. Removes ``_is_clone_of``, which would keep the original.
    """
    copy = statement._clone()
    copy._propagate_attrs = immutabledict()
    copy.__dict__.pop("_is_clone_of", None)
    return copy


def find_execute_listeners(session: orm.Session) -> Iterable[Callable[..., Any]]:
    """Return the listeners to ``do_orm_execute`` of a session and of its class.

    Uses ``dispatch``. `sqlalchemy.event.contains` answers only for one known listener.
    """
    listeners: Iterable[Callable[..., Any]] = session.dispatch.do_orm_execute
    return listeners


def find_refreshed_state(execution: orm.ORMExecuteState) -> Any:
    """Return the instance state whose deferred or expired columns a statement loads; None for any other statement.

    Uses ``_refresh_state``. `ORMExecuteState` says that columns are loaded, but not for which object.
    """
    return getattr(execution.load_options, "_refresh_state", None)


def replace_table(expression: Any, selectable: Any) -> Any:
    """Return an expression with the columns of a table replaced by those of an alias of it.

    Uses ``sqlalchemy.sql.util.ClauseAdapter``. ``order_by`` and conditions of a relationship are declared for the
    table, and no public function adapts them to an alias.
    """
    return ClauseAdapter(selectable).traverse(expression)


def find_declared_relationship(attribute: Any) -> orm.RelationshipProperty[Any] | None:
    """Return the relationship that a class attribute declares, without configuring any mapper.

    Uses ``comparator.prop``. The public ``property`` configures all mappers, and fails where a model is not imported
    yet.
    """
    declared = getattr(getattr(attribute, "comparator", None), "prop", None)
    return declared if isinstance(declared, orm.RelationshipProperty) else None
