"""What a list is narrowed to, said so that its statement can be made once.

Making a statement of a dozen columns and three joins takes longer than the database needs to answer it. What differs
from one request to the next is mostly values: those have names, and the rest is a form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa


@dataclass(slots=True)
class Narrowing:
    """The conditions of a list. They only ever narrow.

    With a ``form``, which is all that they depend on but the values, which have names in them, the list's statement is
    made once for each form. Without one it is made anew each time.
    """

    conditions: list[sa.ColumnElement[bool]]
    values: dict[str, Any] = field(default_factory=dict)
    form: tuple[str, ...] | None = None

    def add(self, form: str, condition: sa.ColumnElement[bool]) -> None:
        self.conditions.append(condition)
        self.form = (*(self.form or ()), form)

    def named(self, name: str, column: Any, value: Any) -> Any:
        """A value of the statement, which the next request has another of."""
        self.values[name] = value
        return sa.bindparam(name, value, column.type)

    def equal(self, name: str, column: Any, value: Any) -> None:
        self.add(name, column == self.named(name, column, value))

    def within(self, name: str, column: Any, values: Sequence[Any]) -> None:
        self.values[name] = list(values)
        self.add(name, column.in_(sa.bindparam(name, list(values), column.type, expanding=True)))
