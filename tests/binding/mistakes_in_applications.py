"""Mistakes in names, order, sessions, callbacks, hooks, configuration and tables."""

# ruff: noqa: ARG005  (the lambdas show what they are called with)

from __future__ import annotations

from types import SimpleNamespace

import sqlalchemy as sa
from flask import Blueprint, Flask
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import sessionmaker

from flask_relationships import (
    Template,
)
from tests.binding.bench import Bench, trap

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


@trap("session_asynchronous", "AsyncSession")
def an_asynchronous_session(bench: Bench) -> None:
    bench.bind(session=lambda: AsyncSession())
    bench.ask()


@trap("session_unfit", "Connection", "session=")
def a_connection_for_a_session(bench: Bench) -> None:
    bench.bind(session=lambda: sa.create_engine("sqlite://").connect())
    bench.ask()


@trap("session_not_callable", "session=", "share")
def one_session_for_all_requests(bench: Bench) -> None:
    bench.bind(session=sa.orm.Session())


@trap("host_matching", "subdomain_matching")
def rules_that_each_name_a_host(bench: Bench) -> None:
    bench.app = Flask("hosts", host_matching=True, static_host="crm.example")
    bench.bind()


@trap("db_without_session", "db=", "session=")
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


@trap("hook_failed", "must return the filtered select")
def a_hook_that_returns_nothing(bench: Bench) -> None:
    bench.bind(contact=bench.contact(present=lambda select: None))


@trap("option_unfit", "transport=", "connected, require_ready, send")
def a_transport_that_is_a_text(bench: Bench) -> None:
    bench.bind(transport="twilio")


@trap("option_unfit", "transport=", "without require_ready.")
def a_transport_that_lacks_a_method(bench: Bench) -> None:
    bench.bind(transport=SimpleNamespace(connected=True, send=lambda message: None))


@trap("option_unfit", "action_centre=", "without listed.")
def an_action_centre_that_lacks_an_attribute(bench: Bench) -> None:
    bench.bind(action_centre=SimpleNamespace(mirror=lambda session, action: None, sync=lambda session, action: None))


@trap("template_placeholder", "birthday", "first_name")
def a_template_that_names_what_it_does_not_know(bench: Bench) -> None:
    bench.bind(templates={"birthday": Template("card", "Dear {firstname}")})


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


@trap(None, "list", "ActionScope.own")
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


@trap(None, "ZeroDivisionError", "mistakes_in_applications.py")
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


@trap("celery_missing", "flask-relationships[celery]")
def celery_without_its_package(bench: Bench) -> None:
    bench.without_celery()
    bench.app.config["RELATIONSHIPS_DISPATCH"] = "celery"
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
