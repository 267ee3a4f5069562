"""Relationship profiles, life events, follow-ups and messages for a Flask CRM that already exists."""

from . import signals
from .access import ActionScope
from .action_centre.base import ActionCentre
from .action_centre.host_task import HostTaskActionCentre
from .action_centre.table import TableActionCentre
from .binding.mapping import ClientProfileMapping, CompanyMapping, ContactMapping, TaskMapping, UserMapping
from .errors import ConfigurationError, MessageVetoed, Mistake, Problem, RelationshipsError, RelationshipsWarning
from .extension import Relationships
from .feeds.digests import Digest
from .life_events.templates import Template
from .transports.base import (
    Channel,
    MessageLookup,
    MessageSearch,
    MessageStatusLookup,
    MessageTransport,
    OutboundMessage,
    Receipt,
    Report,
    TransportDisabled,
    TransportError,
    TransportNotConfigured,
    TransportRefused,
    TransportUnavailable,
    TransportUnclear,
)
from .transports.console import ConsoleTransport
from .transports.senders import Sender
from .transports.twilio import TwilioTransport

__all__ = [
    "ActionCentre",
    "ActionScope",
    "Channel",
    "ClientProfileMapping",
    "CompanyMapping",
    "ConfigurationError",
    "ConsoleTransport",
    "ContactMapping",
    "Digest",
    "HostTaskActionCentre",
    "MessageLookup",
    "MessageSearch",
    "MessageStatusLookup",
    "MessageTransport",
    "MessageVetoed",
    "Mistake",
    "OutboundMessage",
    "Problem",
    "Receipt",
    "Relationships",
    "RelationshipsError",
    "RelationshipsWarning",
    "Report",
    "Sender",
    "TableActionCentre",
    "TaskMapping",
    "Template",
    "TransportDisabled",
    "TransportError",
    "TransportNotConfigured",
    "TransportRefused",
    "TransportUnavailable",
    "TransportUnclear",
    "TwilioTransport",
    "UserMapping",
    "signals",
]
