"""Values of the host's rows beside rows of ours: joined where SQL can say them, else filled in from one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from .dumper import Rows
from .hosts import Host
from .paths import Viewer
from .tables.build import Models
from .tables.execute import execute
from .texts import as_text, is_plain


class HostValues:
    """What a statement over a table of ours shows of one host model.

    ``names`` maps the columns of the answer to the fields of the mapping; ``also`` are fields for use in SQL alone, and
    ``only`` conditions on the host's rows. Without a host all columns are NULL.
    """

    def __init__(
        self,
        host: Host | None,
        viewer: Viewer,
        names: Mapping[str, str],
        *also: str,
        only: Sequence[sa.ColumnElement[bool]] = (),
    ) -> None:
        self.host, self.viewer, self.names = host, viewer, dict(names)
        self.table = None
        if host is not None and host.joinable:
            self.table = host.table(viewer, dict.fromkeys((*self.names.values(), *also)), *only)
        self.on: Any = None

    def column(self, field: str) -> sa.ColumnElement[Any]:
        return sa.null() if self.table is None else self.table.c[field]

    @property
    def columns(self) -> list[sa.ColumnElement[Any]]:
        return [self.column(field).label(name) for name, field in self.names.items()]

    def join(self, statement: sa.Select[Any], on: Any, *, inner: bool = False) -> sa.Select[Any]:
        """Join by the key in ``on``. ``inner``: rows whose host row the viewer may not see are left out."""
        self.on = on
        if self.table is None:
            return statement
        return statement.join(self.table, self.table.c.key == on, isouter=not inner)

    @property
    def filled_later(self) -> list[str]:
        """The columns that the statement cannot tell."""
        if self.host is None or self.on is None:
            return []
        if self.table is None:
            return list(self.names)
        late = self.host.late(self.names.values())
        return [name for name, field in self.names.items() if field in late]

    @property
    def written_later(self) -> list[str]:
        """The columns of text that the database keeps in another type."""
        if self.table is None or self.host is None:
            return []
        fields = self.host.fields
        texts = [name for name, field in self.names.items() if field in fields and fields[field].text]
        told = [name for name in texts if name not in self.filled_later]
        return [name for name in told if not is_plain(self.table.c[self.names[name]].type)]


def read_rows(session: Session, models: Models, statement: sa.Select[Any], beside: Sequence[HostValues] = ()) -> Rows:
    """Run a statement over our tables, and fill in what the `HostValues` joined to it could not tell."""
    later = [values for values in beside if values.filled_later]
    for place, values in enumerate(later):
        statement = statement.add_columns(values.on.label(f"key_{place}"))
    result = execute(session, models.mapper, statement)
    names, rows = tuple(result.keys()), [tuple(row) for row in result]
    written = {names.index(name) for values in beside for name in values.written_later}
    if written:
        rows = [tuple(as_text(value) if at in written else value for at, value in enumerate(row)) for row in rows]
    if not later:
        return Rows(names, rows)
    width = len(names) - len(later)
    filled = [list(row) for row in rows]
    for place, values in enumerate(later):
        assert values.host is not None  # noqa: S101 (filled_later is empty without one)
        fields = [values.names[name] for name in values.filled_later]
        found = values.host.values(session, (row[width + place] for row in rows), fields, values.viewer)
        nothing = (None,) * len(fields)
        for row in filled:
            for name, value in zip(values.filled_later, found.get(row[width + place], nothing), strict=True):
                row[names.index(name)] = value
    return Rows(names[:width], [row[:width] for row in filled])
