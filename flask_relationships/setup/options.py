"""The keywords of `Relationships` and `init_app`, except callbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from ..domain.action_centre.base import ActionCentre
from ..domain.life_events.templates import Template
from ..hosts.mapping import ClientProfileMapping, CompanyMapping, ContactMapping, ModelMapping, UserMapping
from ..providers.base import MessageTransport
from ..providers.senders import Sender

MAPPINGS: dict[str, type[ModelMapping]] = {
    "contact": ContactMapping,
    "company": CompanyMapping,
    "user": UserMapping,
    "client_profile": ClientProfileMapping,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one application. None is the default of each, except of `table_prefix`."""

    db: Any = None
    session: Callable[[], Session] | None = None
    contact: ContactMapping | None = None
    company: CompanyMapping | None = None
    user: UserMapping | None = None
    client_profile: ClientProfileMapping | None = None
    senders: Mapping[Any, Sender] | None = None
    transport: MessageTransport | None = None
    action_centre: ActionCentre | None = None
    phone_normaliser: Callable[[str], str | None] | None = None
    templates: Mapping[str, Template] | None = None
    business_day: Callable[[date], date] | None = None
    table_prefix: str | None = None

    def over(self, others: Options) -> Options:
        """Return these options, and the other ones where an option is None."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(others, **{name: value for name, value in own.items() if value is not None})

    @property
    def mappings(self) -> dict[str, ModelMapping]:
        """The mappings by their kind, without those that are None."""
        found = {kind: getattr(self, kind) for kind in MAPPINGS}
        return {kind: mapping for kind, mapping in found.items() if mapping is not None}

    @property
    def names_models_as_text(self) -> bool:
        """Whether a mapping names its model as text, so that it is imported by `init_app`."""
        return any(isinstance(getattr(mapping, "model", None), str) for mapping in self.mappings.values())
