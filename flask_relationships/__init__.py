"""Relationship profiles, life events, follow-ups and messages for a Flask CRM that already exists."""

from . import signals
from .api.permissions import ActionScope
from .domain.action_centre.base import ActionCentre
from .domain.action_centre.host_task import HostTaskActionCentre
from .domain.action_centre.table import TableActionCentre
from .domain.feeds.digests import Digest
from .domain.life_events.templates import Template
from .errors import ConfigurationError, MessageVetoed, Mistake, Problem, RelationshipsError, RelationshipsWarning
from .extension import Relationships
from .hosts.mapping import (
    ClientProfileMapping,
    CompanyMapping,
    ContactMapping,
    TaskMapping,
    UserMapping,
)
from .providers.base import (
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
from .providers.console import ConsoleTransport
from .providers.senders import Sender
from .providers.twilio.transport import TwilioTransport

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
