"""Every mistake we could think of that an integrator makes, each on a small host of its own.

``python -m tests.binding.mistakes`` prints the list with the messages; the page of traps is made from it too.
A function commits its mistake on a `Bench`; its docstring says in words what was done.
"""

# ruff: noqa: ARG005  (the lambdas show what they are called with)

from __future__ import annotations

import inspect
import logging
import re
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import relationship, sessionmaker

from flask_relationships import (
    ClientProfileMapping,
    CompanyMapping,
    ConfigurationError,
    ContactMapping,
    Relationships,
    UserMapping,
)


class Bench:
    """A small host on which everything is right until a mistake is made."""

    raises = False
    """Whether a request lets exceptions out, as in a host that is being developed."""

    def __init__(self) -> None:
        self.db = db = SQLAlchemy()
        self.app = self.made = Flask("bench")
        self.app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        db.init_app(self.app)

        class Company(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(200))

        class User(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            name = sa.Column(sa.String(200))

        class Contact(db.Model):  # type: ignore[name-defined,misc]
            id = sa.Column(sa.Integer, primary_key=True)
            first_name = sa.Column(sa.String(100))
            last_name = sa.Column(sa.String(100))
            email = sa.Column(sa.String(200))
            mobile = sa.Column(sa.String(50))
            employer = sa.Column(sa.String(50))
            status = sa.Column(sa.String(50))
            organisation_id = sa.Column(sa.ForeignKey(Company.id))
            organisation = relationship(Company)

            def label(self, style: str) -> str:
                return style

        self.Company, self.User, self.Contact = Company, User, Contact

    def contact(self, **sources: Any) -> ContactMapping:
        return ContactMapping(self.Contact, **{"phone": "mobile", "company": "organisation_id", **sources})

    def bind(self, app: Any = None, **options: Any) -> Relationships:
        """Everything as it should be, but for the options."""
        right: dict[str, Any] = {
            "contact": self.contact(),
            "company": CompanyMapping(self.Company),
            "user": UserMapping(self.User),
            "permission": lambda user, permission, target: True,
            "current_user": lambda: {"id": 1},
        }
        given = {name: value for name, value in {**right, **options}.items() if value is not ...}
        tool = Relationships(**given)
        tool.init_app(app or self.app)
        return tool

    def make_tables(self) -> None:
        """The tables there are, and the user who asks."""
        with self.app.app_context():
            self.db.create_all()
            self.db.session.add_all([self.User(id=1, name="Ada"), self.Contact(id=1, first_name="Grace")])
            self.db.session.commit()

    def close(self) -> None:
        """Forget its models: some of them cannot be configured, which SQLAlchemy would tell every other host."""
        with self.made.app_context():
            self.db.session.remove()
            for engine in self.db.engines.values():
                engine.dispose()
        self.db.Model.registry.dispose(cascade=True)

    def ask(self, path: str = "/relationship-actions") -> None:
        self.app.config["PROPAGATE_EXCEPTIONS"] = self.raises
        self.app.test_client().get(f"/api/relationships{path}")


Commit = Callable[[Bench], Any]


@dataclass(frozen=True)
class Trap:
    """One mistake: `code` is None where only the log tells of it; `words` stand in what is told."""

    name: str
    code: str | None
    commit: Commit
    words: tuple[str, ...] = field(default=())

    @property
    def source(self) -> str:
        """The lines that commit it, as an integrator would write them."""
        lines = textwrap.dedent(inspect.getsource(self.commit)).splitlines()
        body = lines[next(place for place, line in enumerate(lines) if line.startswith("def ")) + 1 :]
        shown = textwrap.dedent("\n".join(body))
        for bench, integrator in _AS_WRITTEN:
            shown = re.sub(bench, integrator, shown)
        return shown.strip()


_AS_WRITTEN = (
    (r"\s+# type.*", ""),
    (r"bench\.make_tables\(\)\n", ""),
    (r"bench\.ask\(.*\)", "# and a request"),
    (r"bench\.bind\(\)", "Relationships(app)"),
    (r"bench\.bind\(", "Relationships(app, "),
    (r"bench\.contact\(", "ContactMapping(Contact, "),
    (r"bench\.|\b_ = ", ""),
)
"""What stands in the catalogue, and what an integrator would have written."""


TRAPS: list[Trap] = []


def trap(code: str | None, *words: str) -> Callable[[Commit], Commit]:
    """Add a mistake to the catalogue. ``words`` must stand in its message or its fix."""

    def add(commit: Commit) -> Commit:
        TRAPS.append(Trap(commit.__name__.replace("_", " "), code, commit, words))
        return commit

    return add


# --- the fields of a mapping


@trap("attribute_missing", "phone_number", "phone='mobile'")
def a_typing_error_in_an_attribute(bench: Bench) -> None:
    bench.bind(contact=bench.contact(phone="phone_number"))


@trap("attribute_missing", "CompanyMapping.name", "headline")
def an_attribute_that_a_company_does_not_have(bench: Bench) -> None:
    bench.bind(company=CompanyMapping(bench.Company, name="headline"))


@trap("mapping_field_unknown", "mobile", "phone=")
def a_field_that_no_mapping_has(bench: Bench) -> None:
    bench.bind(contact=ContactMapping(bench.Contact, mobile="mobile"))


@trap("attribute_of_other_model", "company", "relationship.attribute")
def an_attribute_of_another_model(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email=bench.Company.name))


@trap("attribute_of_other_model", "User.id")
def a_link_that_belongs_to_another_model(bench: Bench) -> None:
    bench.bind(contact=bench.contact(owner=bench.User.id))


@trap("relationship_needs_column", "organisation")
def a_relationship_where_a_value_is_needed(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email="organisation"))


@trap("path_not_relationship", "employer", "organisation")
def a_path_that_leads_through_a_column(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email="employer.name"))


@trap("path_not_in_sql", "organisation.metadata")
def a_path_that_ends_in_no_column(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email="organisation.metadata"))


@trap("method_needs_arguments", "label")
def a_method_that_needs_arguments(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email="label"))


@trap("source_unknown", "int")
def a_field_that_is_a_number(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email=7))


@trap("source_unknown", "None")
def a_list_without_anything_in_it(bench: Bench) -> None:
    bench.bind(contact=bench.contact(phone=[]))


@trap("no_truth_value", "status == ")
def a_text_for_whether_a_contact_is_active(bench: Bench) -> None:
    bench.bind(contact=bench.contact(active="status"))


@trap("link_type_differs", "employer", "company_name='employer'")
def a_text_where_a_link_to_the_company_is_needed(bench: Bench) -> None:
    bench.bind(contact=bench.contact(company="employer"))


@trap("link_without_target", "CompanyMapping", "company=None")
def a_link_to_companies_that_nobody_mapped(bench: Bench) -> None:
    bench.bind(company=None)


@trap("link_elsewhere", "organisation_id", "User")
def an_owner_that_does_not_lead_to_the_users(bench: Bench) -> None:
    bench.bind(contact=bench.contact(owner="organisation_id"))


@trap("link_not_in_sql", "foreign key or a relationship")
def a_callable_for_a_link(bench: Bench) -> None:
    bench.bind(contact=bench.contact(company=lambda contact: contact.organisation_id))


@trap("attribute_missing", "Company has no attribute titel", "Company has: id, name")
def a_typing_error_at_the_end_of_a_path(bench: Bench) -> None:
    bench.bind(contact=bench.contact(email="organisation.titel"))


# --- the models


@trap("model_not_found", "crm.modles:Contact", "package.module:Class")
def a_module_that_cannot_be_imported(bench: Bench) -> None:
    bench.bind(contact=ContactMapping("crm.modles:Contact"))


@trap("model_not_found", "no colon", "package.module:Class")
def a_text_without_a_colon(bench: Bench) -> None:
    bench.bind(contact=ContactMapping("tests.binding.Contact"))


@trap("model_not_mapped", "list", "maps to a table")
def a_text_that_names_no_class(bench: Bench) -> None:
    bench.bind(contact=ContactMapping("tests.binding.mistakes:TRAPS"))


@trap("model_not_mapped", "Base")
def an_abstract_class(bench: Bench) -> None:
    class Base(bench.db.Model):  # type: ignore[name-defined,misc]
        __abstract__ = True

    bench.bind(contact=ContactMapping(Base))


@trap("composite_primary_key", "one, two")
def a_model_with_two_primary_keys(bench: Bench) -> None:
    class Pair(bench.db.Model):  # type: ignore[name-defined,misc]
        one = sa.Column(sa.Integer, primary_key=True)
        two = sa.Column(sa.Integer, primary_key=True)

    bench.bind(contact=ContactMapping(Pair))


@trap("unsupported_key_type", "Day.id", "integers, UUIDs and text")
def a_key_of_a_type_that_is_no_name(bench: Bench) -> None:
    class Day(bench.db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Date, primary_key=True)

    bench.bind(contact=ContactMapping(Day))


@trap("foreign_metadata", "Elsewhere", "foreign_key=False")
def users_in_another_database(bench: Bench) -> None:
    bench.app.config["SQLALCHEMY_BINDS"] = {"logins": "sqlite://"}

    class Elsewhere(bench.db.Model):  # type: ignore[name-defined,misc]
        __bind_key__ = "logins"
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(200))

    bench.bind(user=UserMapping(Elsewhere))


@trap("mappers_failed", "Persn", "Import every module")
def a_model_that_was_never_imported(bench: Bench) -> None:
    class Note(bench.db.Model):  # type: ignore[name-defined,misc]
        id = sa.Column(sa.Integer, primary_key=True)
        person = relationship("Persn")

    bench.bind()
    bench.ask()


# --- which mappings there are


@trap("mapping_missing", "contact=ContactMapping(")
def no_contact_mapping(bench: Bench) -> None:
    bench.bind(contact=None)


@trap("mapping_missing", "user=UserMapping(")
def no_user_mapping(bench: Bench) -> None:
    bench.bind(user=None)


@trap("mapping_of_other_kind", "UserMapping", "contact=ContactMapping(")
def mappings_that_are_swapped(bench: Bench) -> None:
    bench.bind(contact=UserMapping(bench.User), user=bench.contact())


@trap("mapping_of_other_kind", "the class Contact", "contact=ContactMapping(")
def a_model_where_a_mapping_is_needed(bench: Bench) -> None:
    bench.bind(contact=bench.Contact)


@trap("client_profile_without_company", "company=CompanyMapping(")
def client_profiles_without_companies(bench: Bench) -> None:
    bench.bind(company=None, client_profile=ClientProfileMapping(bench.Company, company="id"))


@trap("attribute_missing", "company_id")
def a_client_profile_that_leads_to_no_company(bench: Bench) -> None:
    bench.bind(client_profile=ClientProfileMapping(bench.User))


@trap("tables_built_for_others", "table_prefix")
def a_second_set_of_models_in_the_same_tables(bench: Bench) -> None:
    bench.bind()
    Relationships(contact=bench.contact(), user=UserMapping(bench.Company))


@trap("tables_not_built", "init_app")
def the_tables_before_init_app_found_the_models(bench: Bench) -> None:
    _ = Relationships(contact=ContactMapping("crm.models:Contact"), user=UserMapping(bench.User)).models


# --- names that are taken


@trap("table_name_taken", "relationships_profiles", "table_prefix=")
def a_table_of_the_same_name(bench: Bench) -> None:
    sa.Table("relationships_profiles", bench.db.metadata, sa.Column("id", sa.Integer, primary_key=True))
    bench.bind()


@trap("table_prefix", "1 to 20")
def a_prefix_that_is_too_long(bench: Bench) -> None:
    bench.bind(table_prefix="our_customer_relationships_")


@trap("blueprint_name_taken", "RELATIONSHIPS_BLUEPRINT_NAME")
def a_blueprint_of_the_same_name(bench: Bench) -> None:
    bench.app.register_blueprint(Blueprint("relationships", __name__))
    bench.bind()


@trap("cli_name_taken", "RELATIONSHIPS_CLI_NAME")
def a_command_of_the_same_name(bench: Bench) -> None:
    bench.app.cli.command("relationships")(lambda: None)
    bench.bind()


# --- the order of things


@trap("registered_twice", "once for each")
def init_app_twice(bench: Bench) -> None:
    bench.bind().init_app(bench.app)


@trap("not_an_application", "SQLAlchemy", "init_app(app, db)")
def the_database_where_the_application_is_needed(bench: Bench) -> None:
    bench.bind(bench.db)


@trap("registered_too_late", "first request")
def init_app_after_a_request(bench: Bench) -> None:
    bench.app.test_client().get("/")
    bench.bind()


@trap("callback_too_late", "permission")
def another_callback_after_a_request(bench: Bench) -> None:
    tool = bench.bind()
    bench.make_tables()
    bench.ask()
    tool.permission_callback(lambda user, permission, target: False)


@trap("option_unknown", "contacts", "contact=")
def an_option_that_init_app_does_not_know(bench: Bench) -> None:
    Relationships(user=UserMapping(bench.User)).init_app(bench.app, contacts=bench.contact())


# --- the session


@trap("session_unavailable", "db.init_app(app)")
def a_database_that_was_never_initialised(bench: Bench) -> None:
    bench.app = Flask("another")
    bench.bind(db=bench.db)
    bench.ask()


@trap("session_missing", "session=callable")
def no_session_at_all(bench: Bench) -> None:
    bench.app = Flask("another")
    bench.bind()
    bench.ask()


@trap("session_always_new", "scoped_session")
def a_sessionmaker_for_a_session(bench: Bench) -> None:
    bench.bind(session=sessionmaker(sa.create_engine("sqlite://")))


@trap("session_unfit", "AsyncSession")
def an_asynchronous_session(bench: Bench) -> None:
    bench.bind(session=lambda: AsyncSession())
    bench.ask()


@trap("option_unfit", "db=", "session=")
def something_else_for_the_database(bench: Bench) -> None:
    bench.bind(db=sa.create_engine("sqlite://"))


# --- callbacks and hooks


@trap("callback_not_callable", "without parentheses")
def a_decorator_with_parentheses(bench: Bench) -> None:
    bench.bind().permission_callback()(lambda user, permission, target: True)


@trap("callback_signature", "(user, permission, target)")
def a_permission_callback_of_one_parameter(bench: Bench) -> None:
    bench.bind(permission=lambda user: True)


@trap("hook_signature", "ContactMapping.visible", "select, user")
def a_visible_hook_of_one_parameter(bench: Bench) -> None:
    bench.bind(contact=bench.contact(visible=lambda select: select))


@trap("hook_signature", "ContactMapping.present", "not a function")
def a_condition_for_a_hook(bench: Bench) -> None:
    bench.bind(contact=bench.contact(present=bench.Contact.status != "gone"))


@trap("hook_failed", "must return the select")
def a_hook_that_returns_nothing(bench: Bench) -> None:
    bench.bind(contact=bench.contact(present=lambda select: None))


@trap("option_unfit", "transport=", "send and connected")
def a_transport_that_is_a_text(bench: Bench) -> None:
    bench.bind(transport="twilio")


@trap(None, "permission_callback")
def no_permission_callback(bench: Bench) -> None:
    bench.bind(permission=None)
    bench.make_tables()
    bench.ask()


@trap(None, "int", "return True or False")
def a_permission_callback_that_returns_a_one(bench: Bench) -> None:
    bench.bind(permission=lambda user, permission, target: 1)
    bench.make_tables()
    bench.ask()


@trap(None, "list", "ActionScope.users")
def an_action_scope_that_is_a_list(bench: Bench) -> None:
    bench.bind(action_scope=lambda user: [user])
    bench.make_tables()
    bench.ask()


@trap(None, "Flask-Login", "current_user_callback")
def nobody_says_who_is_asking(bench: Bench) -> None:
    bench.bind(current_user=None)
    bench.make_tables()
    bench.ask()


@trap(None, "tuple", "its key")
def a_current_user_that_is_a_tuple(bench: Bench) -> None:
    bench.bind(current_user=lambda: (1, "Ada"))
    bench.make_tables()
    bench.ask()


@trap(None, "ZeroDivisionError", "mistakes.py")
def a_callable_that_fails_on_a_row(bench: Bench) -> None:
    bench.bind(contact=bench.contact(phone=lambda contact: 1 / 0))
    bench.make_tables()
    bench.ask("/contacts/1/relationship")


# --- configuration and tables


@trap("config_value", "RELATIONSHIPS_URL_PREFIX", "slash")
def an_address_without_its_slash(bench: Bench) -> None:
    bench.app.config["RELATIONSHIPS_URL_PREFIX"] = "api/relationships"
    bench.bind()


@trap("config_value", "RELATIONSHIPS_TIMEZONE", "Europe/London")
def a_time_zone_there_is_not(bench: Bench) -> None:
    bench.app.config["RELATIONSHIPS_TIMEZONE"] = "London"
    bench.bind()


@trap("config_region_edge", "TWILIO_EDGE")
def a_region_without_its_edge(bench: Bench) -> None:
    bench.app.config["RELATIONSHIPS_TWILIO_REGION"] = "ie1"
    bench.bind()


@trap(None, "RELATIONSHIPS_TIME_ZONE", "RELATIONSHIPS_TIMEZONE")
def a_key_there_is_not(bench: Bench) -> None:
    bench.app.config["RELATIONSHIPS_TIME_ZONE"] = "Europe/London"
    bench.bind()


@trap(None, "relationships_actions", "init-db")
def tables_that_were_never_made(bench: Bench) -> None:
    bench.make_tables()
    bench.bind()
    bench.ask()


@dataclass(frozen=True)
class Told:
    """What came of a mistake: its code where it has one, what was said, and the fix where that stands by itself."""

    code: str | None
    message: str
    fix: str
    other: BaseException | None = None


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info is None:
            self.lines.append(record.getMessage())


def commit(mistake: Trap) -> Told:
    """Commit a mistake on a bench of its own, and say what the integrator is told. Raises nothing."""
    bench = Bench()
    bench.raises = mistake.code is not None
    kept, loggers = _Kept(), [logging.getLogger("flask_relationships"), bench.app.logger]
    for logger in loggers:
        logger.addHandler(kept)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            mistake.commit(bench)
    except ConfigurationError as error:
        found = [one for one in error.mistakes if one.code == mistake.code] or list(error.mistakes)
        return Told(found[0].code, found[0].message, found[0].fix)
    except Exception as error:
        return Told(None, f"{type(error).__name__}: {error}", "", error)
    finally:
        for logger in loggers:
            logger.removeHandler(kept)
        bench.close()
    lines = [*(str(one.message) for one in warned), *(line for line in kept.lines if " has no " not in line)]
    return Told(None, lines[0] if lines else "", "")


def main() -> None:
    """Print the catalogue."""
    logging.lastResort = None
    logging.getLogger().addHandler(logging.NullHandler())
    for mistake in TRAPS:
        told = commit(mistake)
        print(f"{mistake.name} [{told.code or 'log'}]\n    {told.message}")
        if told.fix:
            print(f"    Fix: {told.fix}")


if __name__ == "__main__":
    main()
