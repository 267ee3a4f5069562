"""The extension object: the mappings and callbacks of a host, bound to its applications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import click
from flask import Flask, current_app
from sqlalchemy.orm import Session

from .api.application import EXTENSION
from .api.identity import tenant_of
from .api.locale import locale_of_request
from .api.permissions import ActionScope
from .config import Settings, read_settings
from .context import Callbacks
from .db.base import BUILT, MAX_PREFIX_LENGTH
from .domain.action_centre.base import ActionCentre
from .domain.action_centre.table import TableActionCentre
from .domain.contacts.addresses import NumberReader
from .domain.contacts.numbers import stored_number
from .domain.life_events.templates import TEMPLATES, Template
from .domain.messages.senders import read_senders, sender_mistakes
from .domain.models import Models, build_models
from .errors import ConfigurationError, Mistake, mistake
from .hosts.bind import bind_hosts, bind_tables, can_configure
from .hosts.bound import Hosts
from .hosts.mapping import (
    ClientProfileMapping,
    CompanyMapping,
    ContactMapping,
    ModelMapping,
    UserMapping,
    mapping_mistake,
)
from .hosts.routing import register_converter
from .jobs.dispatch import Dispatcher, InlineDispatcher
from .providers.base import MessageTransport
from .providers.senders import Sender
from .providers.twilio.transport import TwilioTransport
from .setup.blueprint import make_blueprints
from .setup.completion import complete_setup, read_fields, read_models
from .setup.session_events import attach_to_application, attach_to_session, cascade_deletions
from .setup.sessions import session_finder, session_mistakes
from .setup.state import State
from .setup.transactions import end_with_context
from .setup.validation import (
    CALLBACKS,
    callback_mistakes,
    check_application,
    dispatch_mistakes,
    empty_decorator,
    name_mistakes,
    option_mistakes,
    routing_mistakes,
    tenant_mistakes,
    unknown_option,
)
from .translations import use_locale
from .ui import pages as ui

_PermissionCallback = TypeVar("_PermissionCallback", bound=Callable[[Any, str, Any], bool])
_ScopeCallback = TypeVar("_ScopeCallback", bound=Callable[[Any], ActionScope])
_UserCallback = TypeVar("_UserCallback", bound=Callable[[], Any])
_ReaderCallback = TypeVar("_ReaderCallback", bound=Callable[[Any], Any])
_TenantCallback = TypeVar("_TenantCallback", bound=Callable[[Any], Any])
_SenderCallback = TypeVar("_SenderCallback", bound=Callable[[Any], Sender | None])
_UnmatchedCallback = TypeVar("_UnmatchedCallback", bound=Callable[[Any, Any], Any])

_NOT_GIVEN: Any = None
"""What a decorator called with parentheses finds."""
MAPPINGS: dict[str, type[ModelMapping]] = {
    "contact": ContactMapping,
    "company": CompanyMapping,
    "user": UserMapping,
    "client_profile": ClientProfileMapping,
}


class CommandGroup(click.Group):
    """Imports its commands once one is asked for: a server needs none of them, and ``check`` alone has many modules."""

    def __init__(self, name: str) -> None:
        super().__init__(name, help="The relationships tool: check the set-up, make its tables, describe its API.")

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._import()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self._import()
        return super().get_command(ctx, cmd_name)

    def _import(self) -> None:
        from .cli import COMMANDS

        for command in COMMANDS:
            self.add_command(command)


class Relationships:
    """The relationships tool for Flask applications that have contacts, companies and users of their own.

    One object may serve several applications. Every keyword may be given here or to `init_app`. Give `db`, a
    Flask-SQLAlchemy object, or `session`, a callable that returns the session of the current request; without either
    the application's own Flask-SQLAlchemy is used. Where all models are given as classes the tables are built at
    once, so that migrations see them even where no application is made.

    Raises `ConfigurationError`, with every mistake found, here or in `init_app`.
    """

    def __init__(
        self,
        app: Flask | None = None,
        db: Any = None,
        *,
        session: Callable[[], Session] | None = None,
        contact: ContactMapping | None = None,
        company: CompanyMapping | None = None,
        user: UserMapping | None = None,
        client_profile: ClientProfileMapping | None = None,
        permission: Callable[[Any, str, Any], bool] | None = None,
        current_user: Callable[[], Any] | None = None,
        action_scope: Callable[[Any], ActionScope] | None = None,
        reader: Callable[[Any], Any] | None = None,
        tenant: Callable[[Any], Any] | None = None,
        sender: Callable[[Any], Sender | None] | None = None,
        unmatched: Callable[[Any, Any], Any] | None = None,
        senders: Mapping[Any, Sender] | None = None,
        transport: MessageTransport | None = None,
        action_centre: ActionCentre | None = None,
        phone_normaliser: Callable[[str], str | None] | None = None,
        templates: Mapping[str, Template] | None = None,
        business_day: Callable[[date], date] | None = None,
        table_prefix: str = "relationships_",
    ) -> None:
        self._options: dict[str, Any] = {
            "db": db,
            "session": session,
            "contact": contact,
            "company": company,
            "user": user,
            "client_profile": client_profile,
            "transport": transport,
            "action_centre": action_centre,
            "phone_normaliser": phone_normaliser,
            "templates": templates,
            "business_day": business_day,
            "senders": senders,
            "table_prefix": table_prefix,
        }
        self._callbacks = Callbacks(permission, action_scope, current_user, reader, tenant, sender, unmatched)
        self._models: Models | None = None
        self._frozen = False
        if contact is not None and user is not None and not self._named_as_text(self._options):
            self._models = _build(self._options)
        if app is not None:
            self._register(app, None, {}, decorated=False)

    @property
    def models(self) -> Models:
        """The classes of the plugin's tables: ``Profile``, ``LifeEvent``, ``Action``, ``Message``, ``Partner`` ..."""
        if self._models is None:
            raise mistake(
                "tables_not_built",
                "The tables are not built yet: models given as text are found by init_app.",
                "Call relationships.init_app(app) first, or give the classes themselves.",
            )
        return self._models

    def permission_callback(self, callback: _PermissionCallback = _NOT_GIVEN) -> _PermissionCallback:
        """Decorate the function that says who may: ``(user, permission, target) -> bool``.

        `permission` is ``relationships:view``, ``relationships:update`` or ``relationships:manage``; `target` a host
        row, a row of the plugin, or None for the tool as a whole. Only True lets anyone in.
        """
        self._set("permission", callback)
        return callback

    def action_scope_callback(self, callback: _ScopeCallback = _NOT_GIVEN) -> _ScopeCallback:
        """Decorate the function that says whose actions a user's lists show: ``(user) -> ActionScope``."""
        self._set("action_scope", callback)
        return callback

    def current_user_callback(self, callback: _UserCallback = _NOT_GIVEN) -> _UserCallback:
        """Decorate the function that says who is asking.

        It returns a row of the mapped users, an object or mapping with its key (by that name, or ``id``), the bare
        key, or None for nobody.
        """
        self._set("current_user", callback)
        return callback

    def reader_callback(self, callback: _ReaderCallback = _NOT_GIVEN) -> _ReaderCallback:
        """Decorate the function that makes of a row of the mapped users what your current-user callback would return.

        Calendar feeds and digests are read for somebody who is not logged in: the other callbacks and `visible` are
        then called with the row itself, or with what this ``(row) -> user`` returns; None lets them read nothing.
        """
        self._set("reader", callback)
        return callback

    def tenant_callback(self, callback: _TenantCallback = _NOT_GIVEN) -> _TenantCallback:
        """Decorate the function that returns the tenant of a user: ``(user) -> tenant``.

        It is called with what the current-user callback returned, once per request, and takes the place of
        ``UserMapping(tenant=...)``. None is a user without a tenant, who sees no row of a mapping with a tenant.
        """
        self._set("tenant", callback)
        return callback

    def sender_callback(self, callback: _SenderCallback = _NOT_GIVEN) -> _SenderCallback:
        """Decorate the function that returns which sender writes to a contact: ``(contact) -> Sender``.

        It is called with the row of the contact. None is the sender of the configuration. If it raises, the message is
        not sent.
        """
        self._set("sender", callback)
        return callback

    def unmatched_callback(self, callback: _UnmatchedCallback = _NOT_GIVEN) -> _UnmatchedCallback:
        """Decorate the function that narrows the unmatched messages to those a user may see: ``(select, user) ->
        select``.

        It is needed where the contact mapping has `visible` and no `tenant`: without it the unmatched messages are
        refused with 403 ``unmatched_callback_missing``. The select is one of ``relationships.models.Message``.
        """
        self._set("unmatched", callback)
        return callback

    def _set(self, name: str, callback: Any) -> None:
        """An application that has had a request keeps what it has: a factory that decorates the same function again
        does so for the next one. Another function would come too late."""
        if callback is _NOT_GIVEN:
            raise empty_decorator(name)
        wrong = list(callback_mistakes(name, callback))
        if wrong:
            raise ConfigurationError(wrong)
        if self._frozen and _name_of(getattr(self._callbacks, name)) != _name_of(callback):
            raise mistake(
                "callback_too_late",
                f"The {name} callback was set after the first request.",
                "Set it while the application is made.",
            )
        setattr(self._callbacks, name, callback)

    def init_app(self, app: Flask, db: Any = None, **options: Any) -> None:
        """Register the tool on an application. Takes any keyword of the constructor.

        Raises `ConfigurationError` with every mistake in mappings and configuration at once, and touches no database.
        """
        self._register(app, db, options, decorated=True)

    def _register(self, app: Flask, db: Any, options: dict[str, Any], *, decorated: bool) -> None:
        """Register the tool. ``decorated``: callbacks are there already, which they cannot be in the constructor."""
        check_application(app)
        given, callbacks = self._take(db, options)
        if EXTENSION in app.extensions:
            raise mistake(
                "registered_twice",
                "flask-relationships is already registered on this application.",
                "Call init_app once for each application.",
            )
        settings, mistakes = read_settings(app.config)
        for name in CALLBACKS:
            mistakes += callback_mistakes(name, getattr(callbacks.over(self._callbacks), name))
        if decorated:
            tenants = callbacks.over(self._callbacks).tenant
            mistakes += tenant_mistakes(_mappings(given).values(), tenants)
        mistakes += sender_mistakes(_mappings(given), given["senders"], settings)
        if settings is not None:
            mistakes += [*name_mistakes(app, settings), *dispatch_mistakes(settings)]
        mistakes += [*session_mistakes(given["db"], given["session"]), *routing_mistakes(app)]
        models, hosts = None, None
        try:
            models = _build(given)
            hosts = bind_hosts(_mappings(given), models.hosts)
            if all(can_configure(model) for model in read_models(hosts, given["action_centre"])):
                mistakes += read_fields(hosts, given["action_centre"])
        except ConfigurationError as error:
            mistakes += error.mistakes
        if mistakes or settings is None or models is None or hosts is None:
            raise ConfigurationError(mistakes)
        use_locale(locale_of_request)
        self._models = models
        app.extensions[EXTENSION] = _state(settings, models, hosts, given, callbacks, self._callbacks)
        attach_to_application(app)
        register_converter(app.url_map, hosts)
        for blueprint in make_blueprints(settings.blueprint_name, settings.url_prefix, self._before_request):
            app.register_blueprint(blueprint)
        if settings.ui_enabled:
            name = f"{settings.blueprint_name}_ui"
            ui.register(app, name, settings.ui_prefix, settings.template_name, self._before_request)
        app.cli.add_command(CommandGroup(settings.cli_name))

    def _take(self, db: Any, options: dict[str, Any]) -> tuple[dict[str, Any], Callbacks]:
        """The constructor's options with those of `init_app` over them, and the callbacks of this application alone."""
        given, callbacks = dict(self._options), Callbacks()
        if db is not None:
            given["db"] = db
        for name, value in options.items():
            if hasattr(callbacks, name):
                setattr(callbacks, name, value)
            elif name in given:
                given[name] = value
            else:
                raise ConfigurationError([unknown_option(name, [*given, *CALLBACKS])])
        return given, callbacks

    @staticmethod
    def _named_as_text(options: dict[str, Any]) -> bool:
        return any(isinstance(getattr(mapping, "model", None), str) for mapping in _mappings(options).values())

    def _before_request(self) -> None:
        """Before each request of ours: what had to wait until every model of the host is imported."""
        state, self._frozen = cast(State, current_app.extensions[EXTENSION]), True
        if state.settled is None:
            state.settled = state.callbacks
        complete_setup(state)
        end_with_context(current_app._get_current_object())  # type: ignore[attr-defined]


def _name_of(callback: Any) -> tuple[Any, Any]:
    return getattr(callback, "__module__", None), getattr(callback, "__qualname__", None)


def _mappings(options: dict[str, Any]) -> dict[str, ModelMapping]:
    return {kind: options[kind] for kind in MAPPINGS if options[kind] is not None}


def _build(options: dict[str, Any]) -> Models:
    """The tables of these mappings, built or remembered. Raises `ConfigurationError`."""
    mappings = _mappings(options)
    mistakes = [
        mapping_mistake(kind, mapping, MAPPINGS[kind])
        for kind, mapping in mappings.items()
        if not isinstance(mapping, MAPPINGS[kind])
    ]
    mistakes += option_mistakes(options)
    prefix = options["table_prefix"]
    if not isinstance(prefix, str) or not prefix or len(prefix) > MAX_PREFIX_LENGTH:
        words = f"table_prefix must be text of 1 to {MAX_PREFIX_LENGTH} characters."
        mistakes.append(Mistake("table_prefix", words, 'Leave it out, or give a short one such as "rel_".'))
    if "client_profile" in mappings and "company" not in mappings:
        words = "A client_profile mapping was given without a company mapping."
        mistakes.append(Mistake("client_profile_without_company", words, "Pass company=CompanyMapping(...) too."))
    if mistakes:
        raise ConfigurationError(mistakes)
    tables = bind_tables(mappings)
    known = tables.contact.key.table.metadata.info.get(BUILT, {}).get(prefix)
    models = build_models(tables, table_prefix=prefix)
    if known is None:
        cascade_deletions(models)
    return models


def _dispatcher(settings: Settings) -> Dispatcher:
    if settings.dispatch == "celery":
        from .celery import CeleryDispatcher  # of an extra that few have installed

        return CeleryDispatcher()
    return InlineDispatcher()


def _state(
    settings: Settings,
    models: Models,
    hosts: Hosts,
    options: dict[str, Any],
    own: Callbacks,
    shared: Callbacks,
) -> State:
    find_session = session_finder(options["db"], options["session"])
    for host in hosts.all():
        host.tenant_of = tenant_of
    hosts.contact.stored_number = stored_number(models, hosts.contact.key)
    hosts.time_zone = ZoneInfo(settings.timezone)
    return State(
        settings=settings,
        models=models,
        hosts=hosts,
        own_callbacks=own,
        shared_callbacks=shared,
        transport=options["transport"] or TwilioTransport.from_settings(settings),
        action_centre=options["action_centre"] or TableActionCentre(),
        dispatcher=_dispatcher(settings),
        numbers=NumberReader(settings.default_region, options["phone_normaliser"]),
        find_session=lambda: attach_to_session(find_session()),
        session_sources=(options["session"], options["db"]),
        senders=read_senders(settings, options["senders"]),
        templates={**TEMPLATES, **(options["templates"] or {})},
        business_day=options["business_day"],
    )
