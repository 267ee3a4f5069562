"""Reading the host's rows: always through `present` and `visible`, in SQL, in a constant number of statements."""

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
"""How many keys one statement names at most: SQLite's oldest limit of parameters is 999."""


def _by_row(selected: Any) -> int:
    """What makes a selected row one: the object. Values of a host's own type need not be hashable."""
    return id(selected[0])


_sources: dict[Any, list[str]] = {}
MOST_FORMS = 500
"""How many forms of statements are remembered: requests, and hooks of the host's, may ask for ever new ones."""


def _names(statement: sa.Select[Any]) -> list[str]:
    """What a statement selects from.

    SQLAlchemy compiles it to tell, which takes longer than the rest of a request: the answer is remembered for the
    statement's form, which is what SQLAlchemy keeps its own compiled statements by.
    """
    form = find_cache_key(statement)
    known = None if form is None else _sources.get(form)
    if known is None:
        known = [str(source) for source in statement.get_final_froms()]
        if form is not None:
            if len(_sources) >= MOST_FORMS:
                _sources.clear()
            _sources[form] = known
    return known


class HostRow(NamedTuple):
    """One row of the host's: the object, its key, the mapped values of it, and who it was looked up for."""

    row: Any
    key: Any
    values: dict[str, Any]
    viewer: Viewer
    stored_number: str | None = None
    """The number of a contact in the table of numbers, where `Host.find` has read the row."""


@dataclass(slots=True)
class Host:
    """One bound mapping: a model of the host's and how its fields are read."""

    mapping: ModelMapping
    model: type[Any]
    key: InstrumentedAttribute[Any]
    key_type: KeyType
    joinable: bool
    fields: dict[str, Field] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    loads: Loads = field(init=False)
    same_for_all: bool = False
    """Whether no mapping narrows by viewer or by a hook, so that a statement for one viewer is right for any other."""
    not_deleted: sa.ColumnElement[bool] | None = None
    """The condition of the mapping's `deleted`, once it is read."""
    tenant: Tenant | None = None
    """How the mapping's `tenant` is read, once it is."""
    tenant_of: Callable[[Viewer], Any] | None = None
    """Returns the tenant of a viewer, None where they have none. Raises `Forbidden` where that cannot be told."""
    stored_number: sa.ColumnElement[Any] | None = None
    """What `find` reads as the row's `HostRow.stored_number`; None reads nothing."""
    _finding: sa.Select[Any] | None = None

    def __post_init__(self) -> None:
        self.loads = Loads(self.model)

    @property
    def mapper(self) -> Mapper[Any]:
        return sa.inspect(self.model)  # type: ignore[no-any-return]

    @property
    def hooked(self) -> bool:
        """Whether a key may lead to a row that is none of this model's here: by the mapping's filters, or as one of a
        class that shares its table."""
        return self.mapping.deleted is not None or self.differs

    @property
    def differs(self) -> bool:
        """Whether a statement of this model may differ from one request to the next.

        `deleted` alone is the same condition for every viewer.
        """
        mapping = self.mapping
        shared = self.mapper.inherits is not None and not self.mapper.concrete
        return shared or any(part is not None for part in (mapping.present, mapping.visible, mapping.tenant))

    def rows(self, viewer: Viewer) -> sa.Select[Any]:
        """Return a bare select of the model, narrowed by `present`, `deleted`, `tenant` and `visible`, in this order.

        :raises Forbidden: a hook failed, or the mapping is not read yet.
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
        # A hook that joins may find a row several times; as a condition it finds it once.
        return bare.where(self.key.in_(statement.with_only_columns(self.key)))

    def rows_of_hook(self, hook: str, *given: Any) -> sa.Select[Any]:
        """Call a hook of the mapping with a select. Raises `Forbidden` where it fails."""
        try:
            narrowed: Any = getattr(self.mapping, hook)(*given)
        except Exception as error:  # a hook that raises has not said what may be seen
            logger.error("the %s mapping's %s raised, which is a refusal: %s", self.mapping.kind, hook, place_of(error))
            raise Forbidden from None
        if not isinstance(narrowed, sa.Select):
            logger.error("the %s mapping's %s returned no select, which is a refusal", self.mapping.kind, hook)
            raise Forbidden
        return narrowed

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
        """Return the tenant that a loaded row belongs to, None without one. A tenant by a path costs one statement."""
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
        """The key of ours in a column of any table, or NULL where the hooks hide the row it leads to.

        Where the model is in another database only `seen` can tell.
        """
        if not self.hooked or not self.joinable:
            return cast("sa.ColumnElement[Any]", column)
        return sa.case((column.in_(self.keys(viewer)), column), else_=sa.null())

    def is_seen(self, column: Any, viewer: Viewer) -> sa.ColumnElement[bool]:
        """The condition that a column of any table leads to a row that the viewer may see, asked row by row."""
        mine = self.keys(viewer).where(self.key == column)
        return mine.correlate(sa.inspect(column.class_).local_table).exists()

    def shown(self, session: Session, text: str, viewer: Viewer) -> Any | None:
        """The key of this text; None where it is none, or where only `seen` can tell that its row is hidden."""
        key = self.parse(session, text)
        there = key is not None and (self.joinable or not self.hooked or self.seen(session, [key], viewer))
        return key if there else None

    def shown_as(self, session: Session, column: Any, text: str, viewer: Viewer) -> sa.ColumnElement[bool]:
        """The condition that a column leads to the row of this key; false where the viewer may not see it."""
        key = self.shown(session, text, viewer)
        if key is None:
            return sa.false()
        return sa.and_(column == key, self.shown_key(column, viewer) == key)  # the first is what an index finds

    def rows_of(self, session: Session, keys: Iterable[Any], viewer: Viewer) -> dict[Any, Any]:
        """The rows of these keys that the viewer may see, by key: at most `BATCH` of them."""
        wanted = list(keys)
        if not wanted:
            return {}
        statement = self.rows(viewer).where(self.key.in_(wanted))
        found = execute(session, self.mapper, statement).scalars().unique(id).all()
        return {self.key_of(row): row for row in found}

    def seen(self, session: Session, keys: Iterable[Any], viewer: Viewer) -> set[Any]:
        """Those of these keys whose rows the viewer may see."""
        return set(self.values(session, keys, (), viewer))

    def expression(self, name: str, viewer: Viewer) -> sa.ColumnElement[Any]:
        """A field, or the key a link holds, in SQL; NULL where there is no such thing or it is not said in SQL."""
        if name in self.links:
            return self.links[name].key(viewer)
        found = self.fields.get(name)
        return sa.null() if found is None or found.expression is None else found.expression(viewer)

    def late(self, names: Iterable[str]) -> list[str]:
        """Those of the fields that only a loaded row can tell."""
        return [name for name in names if (found := self.fields.get(name)) is not None and found.value is not None]

    def table(
        self,
        viewer: Viewer,
        names: Iterable[str],
        *conditions: sa.ColumnElement[bool],
        of_system: Collection[str] = (),
    ) -> sa.Subquery:
        """Return the rows that exist for a viewer, to be joined: ``key`` and the fields. Late fields are NULL in it.

        :param of_system: the fields that are read as the scheduled jobs read them, whatever the viewer may see.
        """
        viewers = [(name, SYSTEM if name in of_system else viewer) for name in names]
        columns = [self.expression(name, reader).label(name) for name, reader in viewers]
        narrowed = self.rows(viewer).with_only_columns(self.key.label("key"), *columns).where(*conditions)
        return narrowed.subquery(f"host_{self.mapping.kind}")

    def parse(self, session: Session, text: str) -> Any | None:
        return self.key_type.parse(text, session.get_bind(mapper=self.mapper).dialect)

    def key_of(self, row: Any) -> Any:
        return self.mapper.primary_key_from_instance(row)[0]

    def find(self, session: Session, text: str, viewer: Viewer) -> HostRow | None:
        """The visible row of this key, with all mapped fields, in one statement."""
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
        told = iter(columns)
        canonical = self.key_of(row)
        if not self._spells(text, canonical):
            return None
        return HostRow(row, canonical, {name: self._read(name, row, told) for name in names}, viewer, stored_number)

    def _spells(self, text: str, canonical: Any) -> bool:
        """Whether a text is this very key: a database may find a row by other spellings too."""
        exact = self.key_type.python_type is str
        return str(canonical) == text if exact else str(canonical).lower() == text.lower()

    def _columns(self, names: Iterable[str], viewer: Viewer) -> list[sa.ColumnElement[Any]]:
        """What a select must hold beside the row for `_read` to tell these fields, in this order."""
        expressions: list[Expression] = []
        for name in names:
            expressions += self.fields[name].columns if name in self.fields else [self._link_or_null(name)]
        return [expression(viewer).label(f"mapped_{place}") for place, expression in enumerate(expressions)]

    def _link_or_null(self, name: str) -> Expression:
        return self.links[name].key if name in self.links else lambda _viewer: sa.null()

    def _read(self, name: str, row: Any, told: Iterator[Any]) -> Any:
        found = self.fields.get(name)
        if found is None:
            return next(told)
        value = found.read(row, told)
        return as_text(value) if found.text else value

    def values(
        self, session: Session, keys: Iterable[Any], names: Sequence[str], viewer: Viewer
    ) -> dict[Any, tuple[Any, ...]]:
        """The fields of these rows by key, in one batch. A row that the viewer may not see is not there."""
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

    def _tuple(self, names: Sequence[str], row: Any, told: Iterable[Any]) -> tuple[Any, ...]:
        rest = iter(told)
        return tuple([self._read(name, row, rest) for name in names])

    def _late_values(
        self, session: Session, loaded: Sequence[Any], names: Sequence[str], again: sa.Select[Any]
    ) -> dict[Any, tuple[Any, ...]]:
        """The fields of loaded rows. ``again`` selects all of them, where a callable turns out to need more of each."""

        def load(options: Sequence[Any]) -> None:
            execute(session, self.mapper, again.options(*options)).unique().all()

        rows = [row for row, *_ in loaded]
        values = self.loads.read(rows, lambda place: self._tuple(names, rows[place], loaded[place][1:]), load)
        return {self.key_of(row): value for row, value in zip(rows, values, strict=True)}

    def exists(self, session: Session, key: Any) -> bool:
        """Whether a row has this very key, whatever the hooks say: for the user who is logged in."""
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
    """The application's, in which a day of a task begins."""
    _made: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def same_for_all(self) -> bool:
        return self.contact.same_for_all

    def once(self, form: Hashable, make: Callable[[Viewer], _T], viewer: Viewer) -> _T:
        """What is made of statements for a viewer: once for each form, where all viewers see the same.

        The form is all that it depends on but values, which have names in it. None is made anew each time.
        """
        if form is None or not self.same_for_all:
            return make(viewer)
        if form not in self._made:
            if len(self._made) >= MOST_FORMS:
                self._made.clear()
            self._made[form] = make(SYSTEM)  # whom nothing would be hidden from: no viewer is kept
        return cast("_T", self._made[form])

    def all(self) -> list[Host]:
        found = (self.contact, self.company, self.user, self.client_profile)
        return [host for host in found if host is not None]

    def time_zone_names(self, session: Session, users: Iterable[Any]) -> dict[Any, Any]:
        """Return what the mapping of users says of these users' time zones, by key."""
        found = self.user.values(session, users, ("time_zone",), SYSTEM)
        return {key: name for key, (name,) in found.items()}

    def named(self, kind: str | None) -> Host | None:
        """The mapping of contacts, companies or users."""
        return next((host for host in self.all() if host.mapping.kind == kind), None)

    def of(self, model: type[Any]) -> Host | None:
        """The mapping of a model that a path leads through, so that its hooks hold there too."""
        return next((host for host in self.all() if issubclass(model, host.model)), None)
