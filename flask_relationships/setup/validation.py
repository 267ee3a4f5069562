"""Validate the options, the callbacks and the application, before the first request wherever that is possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from ..api.application import EXTENSION
from ..db.base import MAX_PREFIX_LENGTH
from ..domain.life_events.templates import PLACEHOLDERS, Template, unknown_placeholders
from ..errors import ConfigurationError, Mistake, configuration_error, described
from ..hosts.hooks import takes
from ..hosts.mapping import mapping_error
from .options import MAPPINGS, Options

if TYPE_CHECKING:
    from ..config import Settings
    from ..hosts.bound import Hosts
    from ..hosts.mapping import ModelMapping

CALLBACKS = {
    "permission": ("user", "permission", "target"),
    "action_scope": ("user",),
    "current_user": (),
    "reader": ("row",),
    "tenant": ("user",),
    "sender": ("contact",),
    "unmatched": ("select", "user"),
}
"""The callbacks, and the parameters of each."""

PARTS = {
    "transport": ("connected", "require_ready", "send"),
    "action_centre": ("listed", "mirror", "sync"),
}
"""The exchangeable parts, and the members of each protocol in version 0.1. Later members are optional."""

FUNCTIONS = {
    "phone_normaliser": ("text", "Pass a function (text) -> E.164 text or None."),
    "business_day": ("date", "Pass a function (date) -> date that returns a working day."),
}
"""The options that are functions, the argument of each, and the fix."""

TEMPLATES_FIX = 'Pass templates={"birthday": Template("card", "Wish {first_name} a happy birthday")}.'


def callback_errors(name: str, callback: Any) -> Iterator[Mistake]:
    """Report a callback that is not a function of the right parameters."""
    if callback is None:
        return
    parameters = f"({', '.join(CALLBACKS[name])})"
    own = getattr(callback, "__name__", "")
    if not callable(callback):
        yield Mistake(
            "callback_not_callable",
            f"The {name} callback is of type {type(callback).__name__}, not a function.",
            f"Pass a function with the parameters {parameters}.",
        )
    elif not takes(callback, CALLBACKS[name]):
        yield Mistake(
            "callback_signature",
            f"The {name} callback {own} cannot be called with {parameters}.",
            f"Declare these parameters: def {own if own.isidentifier() else name}{parameters}.",
        )


def empty_decorator(name: str) -> ConfigurationError:
    """Return the error of a decorator that is called without a function."""
    words = f"@relationships.{name}_callback was called without a function."
    return configuration_error("callback_not_callable", words, "Write it without parentheses, above the function.")


def tenant_errors(mappings: Iterable[ModelMapping], callback: Callable[[Any], Any] | None) -> Iterator[Mistake]:
    """Report mappings that have a tenant if neither a callback nor a mapping returns the tenant of a user."""
    mapped = [mapping for mapping in mappings if mapping.tenant is not None]
    if callback is not None or any(mapping.kind == "user" for mapping in mapped):
        return
    for mapping in mapped:
        words = f"{type(mapping).__name__}.tenant is mapped, but the tenant of a user is unknown."
        fix = (
            'Map UserMapping(..., tenant="organization_id"), or decorate a function (user) -> tenant with '
            "@relationships.tenant_callback before init_app."
        )
        yield Mistake("tenant_of_user_missing", words, fix)


def option_errors(options: Options) -> Iterator[Mistake]:
    """Report options that cannot work, all but `db` and `session`."""
    yield from _mapping_errors(options.mappings)
    prefix = options.table_prefix
    if not isinstance(prefix, str) or not 0 < len(prefix) <= MAX_PREFIX_LENGTH:
        words = f"table_prefix must be text of 1 to {MAX_PREFIX_LENGTH} characters."
        yield Mistake("table_prefix", words, 'Leave it out, or pass a short one such as "rel_".')
    for name, members in PARTS.items():
        yield from _part_errors(name, getattr(options, name), members)
    for name, (argument, fix) in FUNCTIONS.items():
        function = getattr(options, name)
        if function is not None and not takes(function, (argument,)):
            yield Mistake("option_unfit", f"{name}= cannot be called with a {argument}.", fix)
    yield from _template_errors(options.templates)


def _mapping_errors(mappings: Mapping[str, ModelMapping]) -> Iterator[Mistake]:
    """Report mappings of another class, and clients without companies."""
    for kind, mapping in mappings.items():
        if not isinstance(mapping, MAPPINGS[kind]):
            yield mapping_error(kind, mapping, MAPPINGS[kind])
    if "client_profile" in mappings and "company" not in mappings:
        words = "There is a client_profile mapping, but no company mapping."
        yield Mistake("client_profile_without_company", words, "Pass company=CompanyMapping(...) too.")


def _part_errors(name: str, part: Any, members: tuple[str, ...]) -> Iterator[Mistake]:
    """Report a part that is a class, or lacks members of its protocol."""
    missing = [member for member in members if not hasattr(part, member)]
    if part is not None and (missing or isinstance(part, type)):
        lacks = f" without {', '.join(missing)}" if missing else ""
        words = f"{name}= is {described(part)}{lacks}."
        yield Mistake("option_unfit", words, f"Pass an object with {', '.join(members)}.")


def _template_errors(templates: Any) -> Iterator[Mistake]:
    """Report templates of another type, and placeholders that are not filled."""
    if templates is not None and not isinstance(templates, Mapping):
        yield Mistake("option_unfit", f"templates= is {described(templates)}.", TEMPLATES_FIX)
        return
    for event_type, template in (templates or {}).items():
        if not isinstance(template, Template):
            yield Mistake("option_unfit", f"templates= has {described(template)} for {event_type}.", TEMPLATES_FIX)
        elif unknown := unknown_placeholders(template):
            words = f"The template of {event_type} has the unknown placeholder {{{unknown[0]}}}."
            fix = f"Use one of {', '.join(map('{{{}}}'.format, PLACEHOLDERS))}."
            yield Mistake("template_placeholder", words, fix)


def check_application(app: Any) -> None:
    """Raise an error for an object that is not an application, or one on which it is too late to register.

    :raises ConfigurationError: if the extension cannot be registered on it.
    """
    if not isinstance(app, Flask):
        words = f"init_app was called with {described(app)}, not a Flask application."
        raise configuration_error(
            "not_an_application", words, "Call relationships.init_app(app), or init_app(app, db)."
        )
    if getattr(app, "_got_first_request", False):
        words = "init_app was called after the application's first request."
        raise configuration_error("registered_too_late", words, "Call it where the application is created.")
    if EXTENSION in app.extensions:
        words = "flask-relationships is already registered on this application."
        raise configuration_error("registered_twice", words, "Call init_app once for each application.")


def application_errors(app: Flask, settings: Settings) -> Iterator[Mistake]:
    """Report names that the application uses for something else, and what the settings need but the process lacks."""
    if settings.blueprint_name in app.blueprints:
        yield Mistake(
            "blueprint_name_taken",
            f"The application already has a blueprint named {settings.blueprint_name}.",
            'Set RELATIONSHIPS_BLUEPRINT_NAME to another name, such as "relationships_tool".',
        )
    if settings.cli_name in app.cli.commands:
        yield Mistake(
            "cli_name_taken",
            f"The application already has a command named {settings.cli_name}.",
            'Set RELATIONSHIPS_CLI_NAME to another name, such as "relationships-tool".',
        )
    if settings.dispatch == "celery" and find_spec("celery") is None:
        words = "RELATIONSHIPS_DISPATCH is celery, but Celery is not installed."
        fix = "Install flask-relationships[celery], or remove the key to send messages in the request."
        yield Mistake("celery_missing", words, fix)


def routing_errors(app: Flask) -> Iterator[Mistake]:
    """Report an application that matches hosts."""
    if app.url_map.host_matching:
        yield Mistake(
            "host_matching",
            "The application uses host_matching. Our routes have no host, so they match none.",
            "Use subdomain_matching, or an application for each host behind one dispatcher.",
        )


def check_mappers(hosts: Hosts) -> None:
    """Configure the mappers of the host's models.

    :raises ConfigurationError: if SQLAlchemy cannot configure them.
    """
    try:
        for host in hosts.all():
            host.mapper.registry.configure(cascade=True)
    except SQLAlchemyError as error:
        raise configuration_error(
            "mappers_failed",
            f"SQLAlchemy cannot configure your models: {str(error).splitlines()[0]}",
            "Import every module with models before the first request. Check the class names in relationship().",
        ) from error
