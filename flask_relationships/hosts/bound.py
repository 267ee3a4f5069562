"""Read rows of the host in SQL, through the filters of their mappings, in a constant number of statements."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any, Final, NamedTuple, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapper, Session

from ..db.private_names import find_cache_key
from ..db.statements import execute
from ..errors import Forbidden, place_of
from .batches import Loads
from .keys import KeyType
from .mapping import ModelMapping
from .paths import Expression, Viewer
from .row_filters import Tenant
from .sources import Field, Link
from .texts import as_text

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


class _System:
    def __repr__(self) -> str:
        return "<the system>"


SYSTEM: Final = _System()
"""The viewer of jobs and webhooks: `present` and `deleted` hold for it, `tenant` and `visible` do not."""

BATCH = 500
"""Keys in one statement. SQLite's oldest limit is 999 parameters."""


def _by_row(selected: Any) -> int:
    """Return the identity of a selected row: its object. Values of custom types need not be hashable."""
    return id(selected[0])


_sources: dict[Any, list[str]] = {}
MAX_FORMS = 500
"""Cached forms of statements. Requests and hooks of the host may produce any number of them."""


def _names(statement: sa.Select[Any]) -> list[str]:
    """Return the names of a statement's FROM clauses.

    SQLAlchemy compiles the statement for this, which takes longer than the rest of a request. The result is cached by
    SQLAlchemy's own cache key.
    """
    form = find_cache_key(statement)
    known = None if form is None else _sources.get(form)
    if known is None:
        known = [str(source) for source in statement.get_final_froms()]
        if form is not None:
            if len(_sources) >= MAX_FORMS:
                _sources.clear()
            _sources[form] = known
    return known


class HostRow(NamedTuple):
    """One row of the host: the object, its key, its mapped values, and the viewer for whom it was read."""

    row: Any
    key: Any
    values: dict[str, Any]
    viewer: Viewer
    stored_number: str | None = None
    """The number of a contact in the table of numbers, if `Host.find` has read the row."""


@dataclass(slots=True)
class Host:
    """One bound mapping: a model of the host, and how its fields are read."""

    mapping: ModelMapping
    model: type[Any]
    key: InstrumentedAttribute[Any]
    key_type: KeyType
    joinable: bool
    fields: dict[str, Field] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    loads: Loads = field(init=False)
    same_for_all: bool = False
    """Whether no mapping filters by viewer or by a hook, so that all viewers share one statement."""
    not_deleted: sa.ColumnElement[bool] | None = None
    """The condition of the mapping's `deleted`; None until it is read."""
    tenant: Tenant | None = None
    """How the mapping's `tenant` is read; None until then."""
    tenant_of: Callable[[Viewer], Any] | None = None
    """Returns the tenant of a viewer, or None. Raises `Forbidden` if the callback fails."""
    stored_number: sa.ColumnElement[Any] | None = None
    """The expression that `find` reads as `HostRow.stored_number`."""
    _finding: sa.Select[Any] | None = None

    def __post_init__(self) -> None:
        self.loads = Loads(self.model)

    @property
    def mapper(self) -> Mapper[Any]:
        return sa.inspect(self.model)  # type: ignore[no-any-return]

    @property
    def hooked(self) -> bool:
        """Return whether filters of the mapping, or a class that shares the table, may hide the row of a key."""
        return self.mapping.deleted is not None or self.differs

    @property
    def differs(self) -> bool:
        """Return whether a statement of this model may differ between requests.

        `deleted` alone is the same condition for every viewer.
        """
        mapping = self.mapping
        shared = self.mapper.inherits is not None and not self.mapper.concrete
        return shared or any(part is not None for part in (mapping.present, mapping.visible, mapping.tenant))

    def rows(self, viewer: Viewer) -> sa.Select[Any]:
        """Return a select of the model, filtered by `present`, `deleted`, `tenant` and `visible`, in this order.

        :raises Forbidden: if a hook fails, or the mapping is not read yet.
        """
        bare = statement = sa.select(self.model)
        if self.mapping.present is not None:
            statement = self.rows_of_hook("present", statement)
        if self.mapping.deleted is not None:
            statement = self._without_deleted(statement)
        if self.mapping.tenant is not None and viewer is not SYSTEM:
            statement = self._of_tenant(statement, viewer)
        if self.mapping.visible is not None and viewer is not SYSTEM:
            statement = self.rows_of_hook("visible", statement, viewer)
        if statement is bare or _names(statement) == _names(bare):
            return statement
        # A hook that joins may return a row several times; a condition returns it once.
        return bare.where(self.key.in_(statement.with_only_columns(self.key)))

    def rows_of_hook(self, hook: str, *given: Any) -> sa.Select[Any]:
        """Call a hook of the mapping with a select.

        :raises Forbidden: if it fails.
        """
        try:
            select: Any = getattr(self.mapping, hook)(*given)
        except Exception as error:  # an error shows no rows
            logger.error("the %s mapping's %s raised, which is a refusal: %s", self.mapping.kind, hook, place_of(error))
            raise Forbidden from None
        if not isinstance(select, sa.Select):
            logger.error("the %s mapping's %s returned no select, which is a refusal", self.mapping.kind, hook)
            raise Forbidden
        return select

    def _without_deleted(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        if self.not_deleted is None:
            logger.error("the %s mapping's deleted is not read yet, which is a refusal", self.mapping.kind)
            raise Forbidden
        return statement.where(self.not_deleted)

    def _of_tenant(self, statement: sa.Select[Any], viewer: Viewer) -> sa.Select[Any]:
        if self.tenant is None or self.tenant_of is None:
            logger.error("the %s mapping's tenant is not read yet, which is a refusal", self.mapping.kind)
            raise Forbidden
        return statement.where(self.in_tenant(self.tenant_of(viewer)))

    def in_tenant(self, value: Any) -> sa.ColumnElement[bool]:
        """Return the condition that a row belongs to this tenant. No row belongs to the tenant None."""
        if self.tenant is None:
            return sa.true()
        found = self.tenant.value_of(value)
        return sa.false() if found is None else self.tenant.holds(found, SYSTEM)

    def tenant_of_row(self, session: Session, row: Any, key: Any) -> Any | None:
        """Return the tenant of a loaded row, or None. A tenant by a path costs one statement."""
        if self.tenant is None:
            return None
        if self.tenant.attribute is not None:
            return getattr(row, self.tenant.attribute)
        statement = sa.select(self.tenant.expression(SYSTEM)).select_from(self.model).where(self.key == key)
        return execute(session, self.mapper, statement).scalar()

    def seen_in_tenant(self, session: Session, keys: Iterable[Any], tenant: Any) -> set[Any]:
        """Return those of these keys whose rows exist and belong to the tenant; None is any tenant."""
        wanted = list(keys)
        if tenant is None or self.tenant is None:
            return self.seen(session, wanted, SYSTEM)
        found: set[Any] = set()
        for start in range(0, len(wanted), BATCH):
            statement = self.keys(SYSTEM).where(self.key.in_(wanted[start : start + BATCH]), self.in_tenant(tenant))
            found |= set(execute(session, self.mapper, statement).scalars())
        return found

    def keys(self, viewer: Viewer) -> sa.Select[Any]:
        return self.rows(viewer).with_only_columns(self.key)

    def shown_key(self, column: Any, viewer: Viewer) -> sa.ColumnElement[Any]:
        """Return the key in a column of any table in SQL; NULL where the hooks hide its row.

        If the model is in another database, use `seen` instead.
        """
        if not self.hooked or not self.joinable:
            return cast("sa.ColumnElement[Any]", column)
        return sa.case((column.in_(self.keys(viewer)), column), else_=sa.null())

    def is_seen(self, column: Any, viewer: Viewer) -> sa.ColumnElement[bool]:
        """Return the condition that the viewer may see the row to which a column refers, as a correlated EXISTS."""
        mine = self.keys(viewer).where(self.key == column)
        return mine.correlate(sa.inspect(column.class_).local_table).exists()

    def shown(self, session: Session, text: str, viewer: Viewer) -> Any | None:
        """Return the key of this text; None if it is no key, or if its row is in another database and hidden."""
        key = self.parse(session, text)
        there = key is not None and (self.joinable or not self.hooked or self.seen(session, [key], viewer))
        return key if there else None

    def shown_as(self, session: Session, column: Any, text: str, viewer: Viewer) -> sa.ColumnElement[bool]:
        """Return the condition that a column refers to the row of this key; false if the viewer may not see it."""
        key = self.shown(session, text, viewer)
        if key is None:
            return sa.false()
        return sa.and_(column == key, self.shown_key(column, viewer) == key)  # an index serves the first

    def rows_of(self, session: Session, keys: Iterable[Any], viewer: Viewer) -> dict[Any, Any]:
        """Return the rows of at most `BATCH` keys that the viewer may see, by key."""
        wanted = list(keys)
        if not wanted:
            return {}
        statement = self.rows(viewer).where(self.key.in_(wanted))
        found = execute(session, self.mapper, statement).scalars().unique(id).all()
        return {self.key_of(row): row for row in found}

    def seen(self, session: Session, keys: Iterable[Any], viewer: Viewer) -> set[Any]:
        """Return those of these keys whose rows the viewer may see."""
        return set(self.values(session, keys, (), viewer))

    def expression(self, name: str, viewer: Viewer) -> sa.ColumnElement[Any]:
        """Return a field, or the key of a link, in SQL; NULL if it is not mapped or needs a loaded row."""
        if name in self.links:
            return self.links[name].key(viewer)
        found = self.fields.get(name)
        return sa.null() if found is None or found.expression is None else found.expression(viewer)

    def late(self, names: Iterable[str]) -> list[str]:
        """Return those of the fields that need a loaded row."""
        return [name for name in names if (found := self.fields.get(name)) is not None and found.value is not None]

    def table(
        self,
        viewer: Viewer,
        names: Iterable[str],
        *conditions: sa.ColumnElement[bool],
        of_system: Collection[str] = (),
    ) -> sa.Subquery:
        """Return a subquery of the rows that a viewer may see: ``key`` and the fields. Late fields are NULL.

        :param of_system: the fields that are read as by scheduled jobs, whatever the viewer may see.
        """
        viewers = [(name, SYSTEM if name in of_system else viewer) for name in names]
        columns = [self.expression(name, reader).label(name) for name, reader in viewers]
        filtered = self.rows(viewer).with_only_columns(self.key.label("key"), *columns).where(*conditions)
        return filtered.subquery(f"host_{self.mapping.kind}")

    def parse(self, session: Session, text: str) -> Any | None:
        return self.key_type.parse(text, session.get_bind(mapper=self.mapper).dialect)

    def key_of(self, row: Any) -> Any:
        return self.mapper.primary_key_from_instance(row)[0]

    def find(self, session: Session, text: str, viewer: Viewer) -> HostRow | None:
        """Return the visible row of this key with all mapped fields, read with one statement."""
        key = self.parse(session, text)
        if key is None:
            return None
        names = [*self.fields, *self.links]
        statement = self._finding
        if statement is None:
            of_this_key = self.key == sa.bindparam("key_of_host")
            stored = sa.null() if self.stored_number is None else self.stored_number
            statement = self.rows(viewer).add_columns(stored.label("stored_number"), *self._columns(names, viewer))
            statement = statement.where(of_this_key)
            self._finding = statement if self.same_for_all else None
        found = execute(session, self.mapper, statement, key_of_host=key).unique(_by_row).first()
        if found is None:
            return None
        row, stored_number, *columns = tuple[Any, ...](found)
        selected = iter(columns)
        canonical = self.key_of(row)
        if not self._spells(text, canonical):
            return None
        return HostRow(row, canonical, {name: self._read(name, row, selected) for name in names}, viewer, stored_number)

    def _spells(self, text: str, canonical: Any) -> bool:
        """Return whether a text is exactly this key. Databases may find a row by other spellings too."""
        exact = self.key_type.python_type is str
        return str(canonical) == text if exact else str(canonical).lower() == text.lower()

    def _columns(self, names: Iterable[str], viewer: Viewer) -> list[sa.ColumnElement[Any]]:
        """Return the columns that `_read` needs beside the row for these fields, in this order."""
        expressions: list[Expression] = []
        for name in names:
            expressions += self.fields[name].columns if name in self.fields else [self._link_or_null(name)]
        return [expression(viewer).label(f"mapped_{place}") for place, expression in enumerate(expressions)]

    def _link_or_null(self, name: str) -> Expression:
        return self.links[name].key if name in self.links else lambda _viewer: sa.null()

    def _read(self, name: str, row: Any, selected: Iterator[Any]) -> Any:
        found = self.fields.get(name)
        if found is None:
            return next(selected)
        value = found.read(row, selected)
        return as_text(value) if found.text else value

    def values(
        self, session: Session, keys: Iterable[Any], names: Sequence[str], viewer: Viewer
    ) -> dict[Any, tuple[Any, ...]]:
        """Return the fields of these rows by key, read in batches. Rows that the viewer may not see are absent."""
        wanted = list({key for key in keys if key is not None})
        late, columns = bool(self.late(names)), self._columns(names, viewer)
        found: dict[Any, tuple[Any, ...]] = {}
        for start in range(0, len(wanted), BATCH):
            batch = self.key.in_(wanted[start : start + BATCH])
            statement = self.rows(viewer).where(batch)
            if not late:
                for row in execute(session, self.mapper, statement.with_only_columns(self.key, *columns)):
                    found[row[0]] = self._tuple(names, None, row[1:])
                continue
            loaded = execute(
                session, self.mapper, statement.add_columns(*columns).options(*self.loads.options())
            ).unique(_by_row)
            found.update(self._late_values(session, loaded.all(), names, sa.select(self.model).where(batch)))
        return found

    def _tuple(self, names: Sequence[str], row: Any, selected: Iterable[Any]) -> tuple[Any, ...]:
        rest = iter(selected)
        return tuple([self._read(name, row, rest) for name in names])

    def _late_values(
        self, session: Session, loaded: Sequence[Any], names: Sequence[str], again: sa.Select[Any]
    ) -> dict[Any, tuple[Any, ...]]:
        """Return the fields of loaded rows. ``again`` selects all of them, to load more attributes for a callable."""

        def load(options: Sequence[Any]) -> None:
            execute(session, self.mapper, again.options(*options)).unique().all()

        rows = [row for row, *_ in loaded]
        values = self.loads.read(rows, lambda place: self._tuple(names, rows[place], loaded[place][1:]), load)
        return {self.key_of(row): value for row, value in zip(rows, values, strict=True)}

    def exists(self, session: Session, key: Any) -> bool:
        """Return whether a row has exactly this key, without the hooks: for the user who is logged in."""
        found = execute(session, self.mapper, sa.select(self.key).where(self.key == key)).first()
        return found is not None and self._spells(str(key), found[0])


@dataclass(slots=True)
class Hosts:
    """The bound mappings of one application. `company` and `client_profile` may be missing."""

    contact: Host
    user: Host
    company: Host | None = None
    client_profile: Host | None = None
    read: bool = False
    """Whether the fields have been read: see `bind.bind_fields`."""
    time_zone: tzinfo = UTC
    """The application's time zone, in which a day of a task begins."""
    _made: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def same_for_all(self) -> bool:
        return self.contact.same_for_all

    def once(self, form: Hashable, make: Callable[[Viewer], _T], viewer: Viewer) -> _T:
        """Return the result of ``make``, cached for each form if all viewers see the same rows.

        :param form: everything that the result depends on, except values of named parameters. None: do not cache.
        """
        if form is None or not self.same_for_all:
            return make(viewer)
        if form not in self._made:
            if len(self._made) >= MAX_FORMS:
                self._made.clear()
            self._made[form] = make(SYSTEM)  # so that no viewer stays in memory
        return cast("_T", self._made[form])

    def all(self) -> list[Host]:
        found = (self.contact, self.company, self.user, self.client_profile)
        return [host for host in found if host is not None]

    def time_zone_names(self, session: Session, users: Iterable[Any]) -> dict[Any, Any]:
        """Return the names of these users' time zones by key, as mapped."""
        found = self.user.values(session, users, ("time_zone",), SYSTEM)
        return {key: name for key, (name,) in found.items()}

    def named(self, kind: str | None) -> Host | None:
        """Return the host of a kind: contact, company, user or client_profile."""
        return next((host for host in self.all() if host.mapping.kind == kind), None)

    def of(self, model: type[Any]) -> Host | None:
        """Return the host of a model, so that its hooks apply where a path leads through it."""
        return next((host for host in self.all() if issubclass(model, host.model)), None)
