"""What an integrator may give that cannot work, found before the first request wherever that is possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from ..domain.life_events.templates import PLACEHOLDERS, Template, unknown_placeholders
from ..errors import ConfigurationError, Mistake, described, mistake
from ..hosts.hooks import takes

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
"""The callbacks, and what each is called with."""

PARTS = {
    "transport": ("connected", "require_ready", "send"),
    "action_centre": ("listed", "mirror", "sync"),
}
"""The exchangeable parts, and the members of each protocol of version 0.1. Later members are optional."""


def callback_mistakes(name: str, callback: Any) -> Iterator[Mistake]:
    """What is wrong with a callback, before anybody calls it."""
    if callback is None:
        return
    called = f"({', '.join(CALLBACKS[name])})"
    own = getattr(callback, "__name__", "")
    if not callable(callback):
        yield Mistake(
            "callback_not_callable",
            f"The {name} callback is of type {type(callback).__name__}, not a function.",
            f"Give a function of {called}.",
        )
    elif not takes(callback, CALLBACKS[name]):
        yield Mistake(
            "callback_signature",
            f"The {name} callback {own} cannot be called with {called}.",
            f"Give it these parameters: def {own if own.isidentifier() else name}{called}.",
        )


def empty_decorator(name: str) -> ConfigurationError:
    words = f"@relationships.{name}_callback was called without a function."
    return mistake("callback_not_callable", words, "Write it without parentheses, above the function.")


def tenant_mistakes(mappings: Iterable[ModelMapping], callback: Callable[[Any], Any] | None) -> Iterator[Mistake]:
    """Report mappings that have a tenant where nothing says which tenant a user belongs to."""
    mapped = [mapping for mapping in mappings if mapping.tenant is not None]
    if callback is not None or any(mapping.kind == "user" for mapping in mapped):
        return
    for mapping in mapped:
        words = f"{type(mapping).__name__}.tenant is mapped, and nothing says which tenant a user belongs to."
        fix = (
            'Map UserMapping(..., tenant="organization_id"), or decorate a function (user) -> tenant with '
            "@relationships.tenant_callback before init_app."
        )
        yield Mistake("tenant_of_user_missing", words, fix)


def unknown_option(name: str, known: list[str]) -> Mistake:
    near = get_close_matches(name, known, n=1, cutoff=0)
    return Mistake(
        "option_unknown", f"init_app knows no {name}; it knows {', '.join(known)}.", f"Did you mean {near[0]}=?"
    )


def option_mistakes(options: Mapping[str, Any]) -> Iterator[Mistake]:
    """What is wrong with the options that are no mapping."""
    for name, members in PARTS.items():
        given = options[name]
        missing = [member for member in members if given is not None and not hasattr(given, member)]
        if missing or isinstance(given, type):
            lacks = f" without {', '.join(missing)}" if missing else ""
            words = f"{name}= was given {described(given)}{lacks}."
            yield Mistake("option_unfit", words, f"Give an object with {', '.join(members)}.")
    if options["phone_normaliser"] is not None and not takes(options["phone_normaliser"], ("text",)):
        words = "phone_normaliser= cannot be called with a text."
        yield Mistake("option_unfit", words, "Give a function (text) -> E.164 text or None.")
    if options["business_day"] is not None and not takes(options["business_day"], ("day",)):
        words = "business_day= cannot be called with a date."
        yield Mistake("option_unfit", words, "Give a function (date) -> date, the day on which somebody works.")
    yield from _template_mistakes(options["templates"])


def _template_mistakes(given: Any) -> Iterator[Mistake]:
    fix = 'Give templates={"birthday": Template("card", "Wish {first_name} a happy birthday")}.'
    if given is not None and not isinstance(given, Mapping):
        yield Mistake("option_unfit", f"templates= was given {described(given)}.", fix)
        return
    for event_type, template in (given or {}).items():
        if not isinstance(template, Template):
            yield Mistake("option_unfit", f"templates= has {described(template)} for {event_type}.", fix)
        elif unknown := unknown_placeholders(template):
            words = f"The template of {event_type} has {{{unknown[0]}}} in it, which is filled with nothing."
            yield Mistake(
                "template_placeholder", words, f"A template knows {', '.join(map('{{{}}}'.format, PLACEHOLDERS))}."
            )


def check_application(app: Any) -> None:
    """Raises `ConfigurationError` for what is no application, or one that has answered a request."""
    if not isinstance(app, Flask):
        words = f"init_app was given {described(app)}, not a Flask application."
        raise mistake("not_an_application", words, "Call relationships.init_app(app), or init_app(app, db).")
    if getattr(app, "_got_first_request", False):
        words = "init_app was called after the application's first request."
        raise mistake("registered_too_late", words, "Call it while the application is made.")


def dispatch_mistakes(settings: Settings) -> Iterator[Mistake]:
    """What the configured way of sending lacks."""
    if settings.dispatch == "celery" and find_spec("celery") is None:
        words = "RELATIONSHIPS_DISPATCH is celery, and Celery is not installed."
        fix = "pip install 'flask-relationships[celery]', or leave the key out: messages are then sent in the request."
        yield Mistake("celery_missing", words, fix)


def name_mistakes(app: Flask, settings: Settings) -> Iterator[Mistake]:
    """Names of ours that the application has given to something else."""
    if settings.blueprint_name in app.blueprints:
        yield Mistake(
            "blueprint_name_taken",
            f"The application has a blueprint named {settings.blueprint_name} already.",
            'Set RELATIONSHIPS_BLUEPRINT_NAME to another name, such as "relationships_tool".',
        )
    if settings.cli_name in app.cli.commands:
        yield Mistake(
            "cli_name_taken",
            f"The application has a command named {settings.cli_name} already.",
            'Set RELATIONSHIPS_CLI_NAME to another name, such as "relationships-tool".',
        )


def routing_mistakes(app: Flask) -> Iterator[Mistake]:
    if app.url_map.host_matching:
        yield Mistake(
            "host_matching",
            "The application matches hosts, where a rule that names none, as ours do, answers on none.",
            "Use subdomain_matching, or an application for each host behind one dispatcher.",
        )


def check_mappers(hosts: Hosts) -> None:
    """Configure the mappers of the host's models. Raises `ConfigurationError` where SQLAlchemy cannot."""
    try:
        for host in hosts.all():
            host.mapper.registry.configure(cascade=True)
    except SQLAlchemyError as error:
        raise mistake(
            "mappers_failed",
            f"SQLAlchemy cannot configure your models: {str(error).splitlines()[0]}",
            "Import every module with models before the first request; check the class names in relationship().",
        ) from error
