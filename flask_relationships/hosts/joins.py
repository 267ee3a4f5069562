"""Read values of host rows beside our rows: by a join where SQL can express them, else from one batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..db.base import WrittenUuid
from ..db.rows import Rows
from ..db.statements import execute, execute_columns
from .bound import Host, Hosts
from .paths import Viewer
from .texts import as_text, is_plain

if TYPE_CHECKING:
    from ..domain.models import Models


class HostValues:
    """The values of one host model that a statement over our tables selects.

    ``names`` maps the columns of the answer to the fields of the mapping. ``also`` are fields that are used only in
    SQL, and ``only`` are conditions on the host's rows. ``of_system`` are fields that are read as by scheduled jobs.
    Without a host all columns are NULL.
    """

    def __init__(
        self,
        host: Host | None,
        viewer: Viewer,
        names: Mapping[str, str],
        *also: str,
        only: Sequence[sa.ColumnElement[bool]] = (),
        of_system: Collection[str] = (),
    ) -> None:
        self.host, self.viewer, self.names = host, viewer, dict(names)
        self.table = None
        if host is not None and host.joinable:
            self.table = host.table(viewer, dict.fromkeys((*self.names.values(), *also)), *only, of_system=of_system)
        self.on: Any = None

    def column(self, field: str) -> sa.ColumnElement[Any]:
        return sa.null() if self.table is None else self.table.c[field]

    @property
    def columns(self) -> list[sa.ColumnElement[Any]]:
        return [self.column(field).label(name) for name, field in self.names.items()]

    def join(self, statement: sa.Select[Any], on: Any, *, inner: bool = False) -> sa.Select[Any]:
        """Join the host's rows by the key in ``on``.

        :param inner: whether to leave out rows whose host row the viewer may not see.
        """
        self.on = on
        if self.table is None:
            return statement
        return statement.join(self.table, self.table.c.key == on, isouter=not inner)

    @property
    def filled_later(self) -> list[str]:
        """Return the columns that need a loaded row."""
        if self.host is None or self.on is None:
            return []
        if self.table is None:
            return list(self.names)
        late = self.host.late(self.names.values())
        return [name for name, field in self.names.items() if field in late]

    def read(self, session: Session, selected: Sequence[Any], key: Any) -> dict[str, Any]:
        """Return the values of one row by name: those that were selected, and those that need a loaded row."""
        values = dict(zip(self.names, selected, strict=True))
        values |= {name: as_text(values[name]) for name in self.written_later}
        late = self.filled_later
        if late and self.host is not None:
            fields = [self.names[name] for name in late]
            found = self.host.values(session, [key], fields, self.viewer).get(key, (None,) * len(late))
            values |= dict(zip(late, found, strict=True))
        return values

    @property
    def written_later(self) -> list[str]:
        """Return the columns of text that the database stores in another type."""
        if self.table is None or self.host is None:
            return []
        fields = self.host.fields
        texts = [name for name, field in self.names.items() if field in fields and fields[field].text]
        selected = [name for name in texts if name not in self.filled_later]
        return [name for name in selected if not is_plain(self.table.c[self.names[name]].type)]


class ShownKeys:
    """The host keys in one of our tables as a viewer may see them: the key of a hidden row is NULL.

    This covers nullable references only. The query itself checks whether the viewer may see the owning contact.

    :param also: columns of a statement, not of the table, that refer to host rows.
    :raises Forbidden: if a hook fails.
    """

    def __init__(self, hosts: Hosts, viewer: Viewer, table: type[Any], also: Mapping[str, Host] | None = None) -> None:
        self.viewer, self.table = viewer, table
        self.hooked: dict[str, Host] = {}
        self._shown: dict[str, sa.ColumnElement[Any]] = {}
        for attribute in sa.inspect(table).column_attrs:
            about = attribute.columns[0].info
            host = hosts.named(about["host"]) if about.get("ondelete") == "SET NULL" else None
            if host is not None and host.hooked:
                self.hooked[attribute.key] = host
                self._shown[attribute.key] = host.shown_key(getattr(table, attribute.key), viewer)
        self.hooked.update({name: host for name, host in (also or {}).items() if host.hooked})

    def column(self, name: str) -> sa.ColumnElement[Any]:
        """Return a column of the table as it is shown, under its own name."""
        shown = self._shown.get(name)
        if shown is not None:
            return shown.label(name)
        column: sa.ColumnElement[Any] = getattr(self.table, name)
        ours = type(column.type) is sa.Uuid and "host" not in getattr(self.table, name).property.columns[0].info
        return sa.type_coerce(column, WrittenUuid).label(name) if ours else column

    def columns(self, names: Iterable[str]) -> list[sa.ColumnElement[Any]]:
        return [self.column(name) for name in names]

    @property
    def filled_later(self) -> dict[str, Host]:
        """Return the columns of hosts in other databases, which the statement cannot check."""
        return {name: host for name, host in self.hooked.items() if not host.joinable}

    def find(
        self, session: Session, *conditions: sa.ColumnElement[bool], beside: HostValues | None = None, on: Any = None
    ) -> tuple[Any, dict[str, Any]] | None:
        """Return the row that matches these conditions, and its keys and host values as the viewer may see them.

        :param beside: values of the host row whose key is in the column ``on``.
        """
        columns = [shown.label(f"shown_{name}") for name, shown in self._shown.items()]
        statement: Any = sa.select(self.table, *columns)
        if beside is not None:
            statement = beside.join(statement.add_columns(*beside.columns), on)
        found: Any = execute(session, sa.inspect(self.table), statement.where(*conditions)).first()
        if found is None:
            return None
        shown = dict(zip(self._shown, found[1:], strict=False))
        for name, host in self.filled_later.items():
            if shown[name] not in host.seen(session, [shown[name]], self.viewer):
                shown[name] = None
        if beside is not None:
            shown |= beside.read(session, found[1 + len(self._shown) :], getattr(found[0], on.key))
        return found[0], shown


@dataclass(slots=True)
class _Batch:
    """The places in selected rows that are filled in from one batch of a host's rows."""

    host: Host
    viewer: Viewer
    mentions: list[int] = field(default_factory=list)
    """Places of keys that become NULL if the viewer may not see the row."""
    joined: list[tuple[int, HostValues]] = field(default_factory=list)
    """Place of a key, and the values to read from its row."""


def read_rows(
    session: Session,
    models: Models,
    statement: sa.Select[Any],
    beside: Sequence[HostValues] = (),
    keys: ShownKeys | None = None,
    values: Mapping[str, Any] | None = None,
) -> Rows:
    """Run a statement over our tables, and fill in the host values that SQL cannot express.

    One batch is read for each host: the rows whose `HostValues` are wanted, and those that the columns of ``keys``
    refer to.

    :param values: the values of the statement's named parameters.
    """
    later = [one for one in beside if one.filled_later]
    for place, one in enumerate(later):
        statement = statement.add_columns(one.on.label(f"key_{place}"))
    result = execute_columns(session, models.mapper, statement, **(values or {}))
    names = tuple(result.keys())
    rows = _convert_to_text(names, result.all(), beside)
    batches: dict[str, _Batch] = {}
    if keys is not None:
        for name, host in keys.filled_later.items():
            if name in names:
                batch = batches.setdefault(host.mapping.kind, _Batch(host, keys.viewer))
                batch.mentions.append(names.index(name))
    width = len(names) - len(later)
    for place, one in enumerate(later, start=width):
        host = cast(Host, one.host)  # without a host nothing is filled in later
        batch = batches.setdefault(host.mapping.kind, _Batch(host, one.viewer))
        batch.joined.append((place, one))
    if not batches:
        return Rows(names, rows)
    filled = [list(row) for row in rows]
    for batch in batches.values():
        _fill(session, batch, names, filled)
    return Rows(names[:width], [row[:width] for row in filled])


def _convert_to_text(
    names: Sequence[str], rows: Sequence[Sequence[Any]], beside: Sequence[HostValues]
) -> Sequence[Sequence[Any]]:
    """Return the rows with the values as text that the database stores in another type."""
    places = {names.index(name) for one in beside for name in one.written_later}
    if not places:
        return rows
    return [tuple(as_text(value) if place in places else value for place, value in enumerate(row)) for row in rows]


def _fill(session: Session, batch: _Batch, names: Sequence[str], rows: list[list[Any]]) -> None:
    """Write the values of one batch into the rows, and remove the keys of rows that are not in it."""
    targets: list[tuple[int, int, str]] = []  # places of the key and of the value, name of the field
    for key, values in batch.joined:
        targets += [(key, names.index(name), values.names[name]) for name in values.filled_later]
    fields = list(dict.fromkeys(name for _, _, name in targets))
    places = [*(key for key, _ in batch.joined), *batch.mentions]
    found = batch.host.values(session, (row[place] for row in rows for place in places), fields, batch.viewer)
    nothing = (None,) * len(fields)
    for row in rows:
        for key, place, name in targets:
            row[place] = found.get(row[key], nothing)[fields.index(name)]
        for place in batch.mentions:
            if row[place] not in found:
                row[place] = None
