"""Rows that a statement returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple


class Rows(NamedTuple):
    """Rows of a query, and the names of their columns."""

    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    def extended(self, names: Iterable[str], compute: Callable[..., tuple[Any, ...]]) -> Rows:
        """Return the same rows with computed columns appended."""
        return Rows((*self.names, *names), [(*row, *compute(row)) for row in self.rows])
