"""Building the classes of our tables, once per MetaData and prefix.

They are made on a declarative base of our own that shares the host's MetaData but not its class registry: foreign
keys, ``create_all``, binds and Alembic see one schema, while the host's class names and base classes cannot touch
ours, nor ours them.
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
from ..errors import mistake
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
        """A mapper of ours: what binds every statement to the database our tables are in."""
        return cast("Mapper[Any]", sa.inspect(self.Profile))

    @property
    def tables(self) -> list[sa.Table]:
        classes = (getattr(self, name) for name in self._fields if name != "hosts")
        return [cast(sa.Table, sa.inspect(built).local_table) for built in classes if built is not None]


def build_models(hosts: HostTables, *, table_prefix: str) -> Models:
    """The classes for these host tables. The same hosts get the same classes, other ones a ConfigurationError."""
    metadata: sa.MetaData = hosts.contact.key.table.metadata
    built: dict[str, Models] = metadata.info.setdefault(BUILT, {})
    if table_prefix not in built:
        built[table_prefix] = _build(hosts, metadata, table_prefix)
        for table in built[table_prefix].tables:
            index_links(table)
    elif built[table_prefix].hosts != hosts:
        raise mistake(
            "tables_built_for_others",
            f"The tables {table_prefix}* were already built in this MetaData for other models or options.",
            "Use one Relationships object for one set of models, or give the second a table_prefix of its own.",
        )
    return built[table_prefix]


TABLES: tuple[type[Table], ...] = (
    *(ProfileTable, LifeEventTable, ActionTable, ActionChangeTable, ActionCentreItemTable),
    *(MessageTable, ConsentEntryTable),
    *(SuppressionTable, IdempotencyKeyTable, RunTable, MessageCountTable, PartnerTable, ClientProfileTable),
    *(CalendarFeedTable, SentDigestTable, ContactNumberTable, RefreshTable),
)


def _check_names(hosts: HostTables, metadata: sa.MetaData, table_prefix: str) -> None:
    schema = f"{hosts.contact.key.table.schema}." if hosts.contact.key.table.schema else ""
    taken = [
        name for table in TABLES if (name := f"{schema}{table_prefix}{table.__name_of_table__}") in metadata.tables
    ]
    if taken:
        raise mistake(
            "table_name_taken",
            f"The application has a table named {', '.join(taken)} already.",
            'Pass table_prefix="rel_" or another that none of your tables begins with.',
        )


def _build(hosts: HostTables, metadata: sa.MetaData, table_prefix: str) -> Models:
    _check_names(hosts, metadata, table_prefix)
    base = type("RelationshipsBase", (DeclarativeBase,), {"metadata": metadata, "__module__": __name__})

    def table(name: str, columns: type[Table]) -> Any:
        members = {
            "__module__": __name__,
            "__host__": hosts,
            "__prefix__": table_prefix,
            "__doc__": columns.__doc__,
        }
        built = type(name, (columns, base), members)
        watch_inserts(built)
        if issubclass(built, Revised):
            watch_flushes(built)
        return built

    companies = hosts.company is not None
    models = Models(
        hosts=hosts,
        Profile=table("Profile", ProfileTable),
        LifeEvent=table("LifeEvent", LifeEventTable),
        Action=table("Action", ActionTable),
        ActionChange=table("ActionChange", ActionChangeTable),
        ActionCentreItem=table("ActionCentreItem", ActionCentreItemTable),
        Message=table("Message", MessageTable),
        MessageCount=table("MessageCount", MessageCountTable),
        ConsentEntry=table("ConsentEntry", ConsentEntryTable),
        Suppression=table("Suppression", SuppressionTable),
        ContactNumber=table("ContactNumber", ContactNumberTable),
        IdempotencyKey=table("IdempotencyKey", IdempotencyKeyTable),
        CalendarFeed=table("CalendarFeed", CalendarFeedTable),
        SentDigest=table("SentDigest", SentDigestTable),
        Run=table("Run", RunTable),
        Refresh=table("Refresh", RefreshTable),
        Partner=table("Partner", PartnerTable) if companies else cast(Any, None),
        ClientProfile=table("ClientProfile", ClientProfileTable)
        if companies and hosts.own_client_profiles
        else cast(Any, None),
    )
    for built in models[1:]:
        if built is not None:
            built.__models__ = models
    return models


def models_of(row: Table) -> Models:
    """Return the classes that the class of a row was built with."""
    return cast(Models, row.__models__)
