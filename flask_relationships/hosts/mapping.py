"""Define the mappings: which models and attributes of the host are contacts, companies and users.

A field is the name of an attribute, the attribute itself or any SQL expression of the model, a dotted path
through relationships, a list of those (the first that is not empty), a callable on the loaded row, or None where the
host has no such value. The default of a field is the attribute of its name, if the model has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, ClassVar, Final, Self

from ..errors import ConfigurationError, Mistake, described, name_suggestion


class LeftOut(Enum):
    """The default of a mapping field."""

    MARK = "left out"

    def __repr__(self) -> str:
        return "<left out>"


LEFT_OUT: Final = LeftOut.MARK

Source = Any
"""``str | InstrumentedAttribute | SQL expression | Callable[[row], Any] | Sequence[Source] | None``"""

Present = Callable[[Any], Any]
"""``(select) -> select``: adds the condition that a row exists (soft delete)."""

Visible = Callable[[Any, Any], Any]
"""``(select, user) -> select``: adds the condition that this user may see a row (tenancy, ownership)."""


@dataclass(frozen=True, slots=True)
class ModelMapping:
    """The base of all mappings.

    `model` is a mapped class, or ``"package.module:Class"``. ``foreign_key=False`` is for a table in another database.

    `deleted` says which rows are deleted: the name of a timestamp or boolean attribute, or ``(name, value, ...)``.
    `tenant` names the attribute, relationship or dotted path that holds the tenant of a row; a user sees the rows of
    their own tenant. `present` and `visible` are functions for everything else. The order is `present`, `deleted`,
    `tenant`, `visible`; scheduled jobs and webhooks apply the first two only.
    """

    kind: ClassVar[str]

    model: type[Any] | str
    present: Present | None = field(default=None, kw_only=True)
    visible: Visible | None = field(default=None, kw_only=True)
    deleted: Source = field(default=None, kw_only=True)
    tenant: Source = field(default=None, kw_only=True)
    foreign_key: bool = field(default=True, kw_only=True)

    def __new__(cls, *_model: Any, **options: Any) -> Self:
        """Refuse unknown fields.

        :raises ConfigurationError: with the names of the known fields.
        """
        known = [f.name for f in fields(cls)] if hasattr(cls, "kind") else list(options)
        unknown = [name for name in options if name not in known]
        if unknown:
            raise ConfigurationError([_unknown_field(cls.__name__, name, known) for name in unknown])
        return object.__new__(cls)

    def sources(self) -> dict[str, Source]:
        """Return the sources of the fields by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.metadata.get("source")}


def _unknown_field(kind: str, name: str, known: list[str]) -> Mistake:
    fields_by_synonym = {synonym: field for field in reversed(known) for synonym in SYNONYMS.get(field, ())}
    fix = name_suggestion(name, known, fields_by_synonym)
    return Mistake("mapping_field_unknown", f"{kind} has no field {name}. It has {', '.join(known)}.", fix)


def _source(default: Source = LEFT_OUT) -> Any:
    return field(default=default, metadata={"source": True}, kw_only=True)


@dataclass(frozen=True, slots=True)
class ContactMapping(ModelMapping):
    """The host's contacts. Give ``first_name`` and ``last_name``, or ``name`` where one column holds both.

    `company` is a foreign key to the company, a relationship to it, or one to many of them; `company_name` a text,
    where there is no company table. `owner` is the user that auto-actions are assigned to. `birthday` pre-fills the
    profile, and is off unless mapped. `active` is a truth value: a contact that is not active gets no reminders.
    """

    kind: ClassVar[str] = "contact"

    first_name: Source = _source()
    last_name: Source = _source()
    name: Source = _source()
    email: Source = _source()
    phone: Source = _source()
    company: Source = _source()
    company_name: Source = _source()
    owner: Source = _source()
    birthday: Source = _source(None)
    active: Source = _source()


@dataclass(frozen=True, slots=True)
class CompanyMapping(ModelMapping):
    """The host's companies."""

    kind: ClassVar[str] = "company"

    name: Source = _source()


@dataclass(frozen=True, slots=True)
class UserMapping(ModelMapping):
    """The host's users: those who log in, and to whom actions are assigned.

    `time_zone` is the IANA name of a user's own time zone, by which auto-actions assigned to them fall due; off unless
    mapped. A name that there is not counts as none.
    """

    kind: ClassVar[str] = "user"

    name: Source = _source()
    time_zone: Source = _source(None)


@dataclass(frozen=True, slots=True)
class ClientProfileMapping(ModelMapping):
    """The host's own record that a company is a client: `company` is its foreign key to the company."""

    kind: ClassVar[str] = "client_profile"

    company: Source = _source()


@dataclass(frozen=True, slots=True)
class TaskMapping(ModelMapping):
    """The host's tasks, where it shows actions: the fields are attributes that are written, as names or attributes.

    `assignee`, `contact` and `company` are foreign keys or relationships. `status` has the values `open`, `done` and
    `dismissed` (that of `done` where it is left out); of several values of one the first is written, and any is read. A
    status that is a time is empty while the task is open, and has no values. ``prepare(task, action)`` fills in what
    else a new task needs.
    """

    kind: ClassVar[str] = "task"

    title: Source = _source()
    status: Source = _source()
    due: Source = _source()
    assignee: Source = _source()
    description: Source = _source(None)
    contact: Source = _source(None)
    company: Source = _source(None)
    open: Any = field(default=LEFT_OUT, kw_only=True)
    done: Any = field(default=LEFT_OUT, kw_only=True)
    dismissed: Any = field(default=LEFT_OUT, kw_only=True)
    prepare: Callable[[Any, Any], None] | None = field(default=None, kw_only=True)


SYNONYMS: dict[str, tuple[str, ...]] = {
    "first_name": ("given_name", "forename", "firstname", "fname", "vorname", "first"),
    "last_name": ("family_name", "surname", "lastname", "lname", "nachname", "last"),
    "name": (
        "full_name",
        "fullname",
        "display_name",
        "title",
        "label",
        "username",
        "company_name",
        "legal_name",
    ),
    "email": ("email_address", "mail", "e_mail", "primary_email"),
    "phone": ("mobile", "phone_number", "mobile_phone", "cell", "cellphone", "telephone", "tel", "phone1"),
    "company": (
        *("company_id", "organisation", "organization", "organisation_id", "organization_id"),
        *("account", "account_id", "customer", "customer_id", "client_id", "firm_id", "employer_id"),
    ),
    "company_name": ("organisation", "organization", "company", "employer", "firm"),
    "owner": ("owner_id", "assigned_to", "assigned_to_id", "user_id", "account_manager_id", "created_by_id"),
    "birthday": ("birth_date", "date_of_birth", "dob", "birthdate"),
    "active": ("is_active", "enabled"),
    "deleted": ("deleted_at", "is_deleted", "deleted_on", "date_deleted", "archived_at", "is_archived", "removed_at"),
    "tenant": (
        *("tenant_id", "workspace_id", "agency_id", "realm_id", "org_unit_id"),
        *("organisation_id", "organization_id", "org_id", "account_id"),
    ),
    "title": ("name", "subject", "summary", "text", "label", "headline"),
    "status": ("state", "is_done", "done", "completed", "is_completed", "completed_at", "done_at", "closed_at"),
    "due": ("due_date", "due_on", "due_at", "deadline"),
    "assignee": ("assignee_id", "assigned_to", "assigned_to_id", "owner", "owner_id", "user", "user_id"),
}
"""Names that other applications use for these fields. The fixes of configuration errors suggest them."""


def mapping_error(kind: str, value: Any, wanted: type[Any]) -> Mistake:
    """Return the configuration error for a mapping of the wrong class."""
    words = f"{kind}= is {described(value)}, not a {wanted.__name__}."
    return Mistake("mapping_of_other_kind", words, f"Pass {kind}={wanted.__name__}(YourModel, ...).")
