"""Build the classes of our tables, once for each MetaData and prefix.

Their declarative base shares the host's MetaData, but not its class registry. Foreign keys, ``create_all``, binds and
Alembic see one schema, while class names and base classes of the host and ours do not collide.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapper

from ..db.base import BUILT, HostTables, Table
from ..db.idempotency_keys import IdempotencyKeyTable
from ..db.indexes import index_links
from ..db.references import watch_inserts
from ..db.revisions import Revised, watch_flushes
from ..errors import configuration_error
from .action_centre.models import ActionCentreItemTable
from .actions.models import ActionChangeTable, ActionTable
from .consent.models import ConsentEntryTable, SuppressionTable
from .contacts.models import ContactNumberTable
from .feeds.models import CalendarFeedTable, SentDigestTable
from .life_events.models import LifeEventTable
from .messages.models import MessageCountTable, MessageTable
from .partners.models import ClientProfileTable, PartnerTable
from .profiles.models import ProfileTable
from .runs.models import RefreshTable, RunTable


class Models(NamedTuple):
    """The classes of our tables for one host. `Partner` and `ClientProfile` need a mapped company."""

    hosts: HostTables
    Profile: type[ProfileTable]
    LifeEvent: type[LifeEventTable]
    Action: type[ActionTable]
    ActionChange: type[ActionChangeTable]
    ActionCentreItem: type[ActionCentreItemTable]
    Message: type[MessageTable]
    MessageCount: type[MessageCountTable]
    ConsentEntry: type[ConsentEntryTable]
    Suppression: type[SuppressionTable]
    ContactNumber: type[ContactNumberTable]
    IdempotencyKey: type[IdempotencyKeyTable]
    CalendarFeed: type[CalendarFeedTable]
    SentDigest: type[SentDigestTable]
    Run: type[RunTable]
    Refresh: type[RefreshTable]
    Partner: type[PartnerTable]
    ClientProfile: type[ClientProfileTable]

    @property
    def mapper(self) -> Mapper[Any]:
        """A mapper of ours, which binds statements to the database of our tables."""
        return cast("Mapper[Any]", sa.inspect(self.Profile))

    @property
    def tables(self) -> list[sa.Table]:
        classes = (getattr(self, name) for name in self._fields if name != "hosts")
        return [cast(sa.Table, sa.inspect(built).local_table) for built in classes if built is not None]


def build_models(hosts: HostTables, *, table_prefix: str) -> Models:
    """Return the classes for these host tables: the same ones for the same hosts.

    :raises ConfigurationError: if the MetaData has tables of this prefix for other hosts.
    """
    metadata: sa.MetaData = hosts.contact.key.table.metadata
    built: dict[str, Models] = metadata.info.setdefault(BUILT, {})
    if table_prefix not in built:
        built[table_prefix] = _build(hosts, metadata, table_prefix)
        for table in built[table_prefix].tables:
            index_links(table)
    elif built[table_prefix].hosts != hosts:
        raise configuration_error(
            "tables_built_for_others",
            f"The tables {table_prefix}* were already built in this MetaData for other models or options.",
            "Use one Relationships object for one set of models, or give the second a table_prefix of its own.",
        )
    return built[table_prefix]


TABLES: dict[str, type[Table]] = {
    "Profile": ProfileTable,
    "LifeEvent": LifeEventTable,
    "Action": ActionTable,
    "ActionChange": ActionChangeTable,
    "ActionCentreItem": ActionCentreItemTable,
    "Message": MessageTable,
    "MessageCount": MessageCountTable,
    "ConsentEntry": ConsentEntryTable,
    "Suppression": SuppressionTable,
    "ContactNumber": ContactNumberTable,
    "IdempotencyKey": IdempotencyKeyTable,
    "CalendarFeed": CalendarFeedTable,
    "SentDigest": SentDigestTable,
    "Run": RunTable,
    "Refresh": RefreshTable,
    "Partner": PartnerTable,
    "ClientProfile": ClientProfileTable,
}
"""The columns of our tables, by the name of their class."""


def _check_names(hosts: HostTables, metadata: sa.MetaData, table_prefix: str) -> None:
    schema = f"{hosts.contact.key.table.schema}." if hosts.contact.key.table.schema else ""
    names = [f"{schema}{table_prefix}{table.__name_of_table__}" for table in TABLES.values()]
    taken = [name for name in names if name in metadata.tables]
    if taken:
        raise configuration_error(
            "table_name_taken",
            f"The application has a table named {', '.join(taken)} already.",
            'Pass table_prefix="rel_" or another that none of your tables begins with.',
        )


def _build(hosts: HostTables, metadata: sa.MetaData, table_prefix: str) -> Models:
    _check_names(hosts, metadata, table_prefix)
    base = type("RelationshipsBase", (DeclarativeBase,), {"metadata": metadata, "__module__": __name__})
    shared = {"__module__": __name__, "__host__": hosts, "__prefix__": table_prefix}
    without_company = [] if hosts.company is not None else ["Partner", "ClientProfile"]
    left_out = without_company if hosts.own_client_profiles else [*without_company, "ClientProfile"]
    classes: dict[str, Any] = dict.fromkeys(TABLES)
    for name, columns in TABLES.items():
        if name in left_out:
            continue
        built = classes[name] = type(name, (columns, base), {**shared, "__doc__": columns.__doc__})
        watch_inserts(built)
        if issubclass(built, Revised):
            watch_flushes(built)
    models = Models(hosts=hosts, **classes)
    for built in filter(None, classes.values()):
        built.__models__ = models
    return models


def models_of(row: Table) -> Models:
    """Return the classes of the application that a row belongs to."""
    return cast(Models, row.__models__)
