"""Filters of a list, built so that its statement can be cached.

Building a statement of a dozen columns and three joins takes longer than the database needs to run it. Requests differ
mostly in values: those become named parameters, and the rest is the form, the key of the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa


@dataclass(slots=True)
class ListFilter:
    """The conditions of a list.

    ``form`` names everything that the conditions depend on, except the named values. The list's statement is built once
    for each form; without a form it is built for each request.
    """

    conditions: list[sa.ColumnElement[bool]]
    values: dict[str, Any] = field(default_factory=dict)
    form: tuple[str, ...] | None = None

    def add(self, form: str, condition: sa.ColumnElement[bool]) -> None:
        self.conditions.append(condition)
        self.form = (*(self.form or ()), form)

    def named(self, name: str, column: Any, value: Any) -> Any:
        """Return a named parameter of the statement with this value."""
        self.values[name] = value
        return sa.bindparam(name, value, column.type)

    def equal(self, name: str, column: Any, value: Any) -> None:
        self.add(name, column == self.named(name, column, value))

    def within(self, name: str, column: Any, values: Sequence[Any]) -> None:
        self.values[name] = list(values)
        self.add(name, column.in_(sa.bindparam(name, list(values), column.type, expanding=True)))
