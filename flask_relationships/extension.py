"""The extension object: it registers the tool, with the mappings and callbacks of a host, on applications."""

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
from .api.locale import language_of_request
from .api.permissions import ActionScope
from .config import Settings, read_settings
from .context import Callbacks
from .db.base import BUILT
from .domain.action_centre.base import ActionCentre
from .domain.action_centre.table import TableActionCentre
from .domain.contacts.addresses import NumberReader
from .domain.contacts.numbers import stored_number
from .domain.life_events.templates import TEMPLATES, Template
from .domain.messages.senders import read_senders, sender_errors
from .domain.models import Models, build_models
from .errors import ConfigurationError, Mistake, configuration_error
from .hosts.bind import bind_hosts, bind_tables, can_configure
from .hosts.bound import Hosts
from .hosts.mapping import ClientProfileMapping, CompanyMapping, ContactMapping, UserMapping
from .hosts.routing import register_converter
from .jobs.dispatch import Dispatcher, InlineDispatcher
from .providers.base import MessageTransport
from .providers.senders import Sender
from .providers.twilio.transport import TwilioTransport
from .setup.blueprint import make_blueprints
from .setup.completion import complete_setup, read_fields, read_models
from .setup.options import Options
from .setup.session_events import attach_to_application, attach_to_session, cascade_deletions
from .setup.sessions import session_errors, session_finder
from .setup.state import State
from .setup.transactions import end_with_context
from .setup.validation import (
    CALLBACKS,
    application_errors,
    callback_errors,
    check_application,
    empty_decorator,
    option_errors,
    routing_errors,
    tenant_errors,
)
from .translations import use_language
from .ui import pages as ui

_PermissionCallback = TypeVar("_PermissionCallback", bound=Callable[[Any, str, Any], bool])
_ScopeCallback = TypeVar("_ScopeCallback", bound=Callable[[Any], ActionScope])
_UserCallback = TypeVar("_UserCallback", bound=Callable[[], Any])
_ReaderCallback = TypeVar("_ReaderCallback", bound=Callable[[Any], Any])
_TenantCallback = TypeVar("_TenantCallback", bound=Callable[[Any], Any])
_SenderCallback = TypeVar("_SenderCallback", bound=Callable[[Any], Sender | None])
_UnmatchedCallback = TypeVar("_UnmatchedCallback", bound=Callable[[Any, Any], Any])

_MISSING: Any = None
"""The callback of a decorator that is called with parentheses."""


class CommandGroup(click.Group):
    """Imports its commands when one is used: a server needs none of them, and ``check`` has many modules."""

    def __init__(self, name: str) -> None:
        super().__init__(name, help="The relationships tool: check the set-up, create tables, describe the API.")

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        self._import()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        self._import()
        return super().get_command(ctx, cmd_name)

    def _import(self) -> None:
        from .cli import COMMANDS

        for command in COMMANDS:
            self.add_command(command)


class Relationships:
    """The relationships tool for Flask applications that have contacts, companies and users of their own.

    One object may serve several applications. Every option can be passed here or to `init_app`. If all models are
    passed as classes, the tables are built at once, so that migrations see them even without an application.

    :param app: the application. Without it, call `init_app` later.
    :param db: the Flask-SQLAlchemy object. The default is the one of the application.
    :param session: function that returns the session of the current request, used instead of `db`.
    :param contact: mapping of the contacts. Required.
    :param company: mapping of the companies. Without it, the routes of companies answer 404.
    :param user: mapping of the users. Required.
    :param client_profile: mapping of the model that says which companies are clients. The default is our own table.
    :param permission: see `permission_callback`.
    :param current_user: see `current_user_callback`.
    :param action_scope: see `action_scope_callback`.
    :param reader: see `reader_callback`.
    :param tenant: see `tenant_callback`.
    :param sender: see `sender_callback`.
    :param unmatched: see `unmatched_callback`.
    :param senders: the sender of each tenant.
    :param transport: sends the messages. The default is `TwilioTransport` with the application's configuration.
    :param action_centre: receives a copy of each open action. The default is `TableActionCentre`.
    :param phone_normaliser: function ``(text) -> E.164 text or None`` for phones of your own format.
    :param templates: kind and title of the auto-actions by event type, instead of the default ones.
    :param business_day: function ``(date) -> date`` that moves the due date of an auto-action to a working day.
    :param table_prefix: prefix of the names of our tables, of 1 to 20 characters.
    :raises ConfigurationError: with all configuration errors, here or in `init_app`.
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
        self._options = Options(
            db=db,
            session=session,
            contact=contact,
            company=company,
            user=user,
            client_profile=client_profile,
            senders=senders,
            transport=transport,
            action_centre=action_centre,
            phone_normaliser=phone_normaliser,
            templates=templates,
            business_day=business_day,
            table_prefix=table_prefix,
        )
        self._callbacks = Callbacks(permission, action_scope, current_user, reader, tenant, sender, unmatched)
        self._models: Models | None = None
        self._frozen = False
        if contact is not None and user is not None and not self._options.names_models_as_text:
            self._models = _build(self._options)
        if app is not None:
            self._register(app, self._options, Callbacks())

    @property
    def models(self) -> Models:
        """The classes of the plugin's tables: ``Profile``, ``LifeEvent``, ``Action``, ``Message``, ``Partner`` ...

        :raises ConfigurationError: if a mapping names its model as text, and `init_app` was not called.
        """
        if self._models is None:
            raise configuration_error(
                "tables_not_built",
                "The tables are not built yet, because a mapping names its model as text.",
                "Call relationships.init_app(app) first, or pass the classes themselves.",
            )
        return self._models

    def permission_callback(self, callback: _PermissionCallback = _MISSING) -> _PermissionCallback:
        """Decorate the function that grants permissions: ``(user, permission, target) -> bool``.

        `permission` is ``relationships:view``, ``relationships:update`` or ``relationships:manage``. `target` is a row
        of the host or of the plugin, or None for the tool as a whole. Return True to allow. Any other value is denied.

        :param callback: the function.
        :raises ConfigurationError: if it cannot be called so, or is set after the first request.
        """
        self._set("permission", callback)
        return callback

    def action_scope_callback(self, callback: _ScopeCallback = _MISSING) -> _ScopeCallback:
        """Decorate the function that returns which actions the lists of a user show: ``(user) -> ActionScope``.

        :param callback: the function.
        :raises ConfigurationError: if it cannot be called so, or is set after the first request.
        """
        self._set("action_scope", callback)
        return callback

    def current_user_callback(self, callback: _UserCallback = _MISSING) -> _UserCallback:
        """Decorate the function that returns the current user: ``() -> user``.

        It returns a row of the mapped users, an object or mapping with its key (by that name, or ``id``), the key
        itself, or None for an anonymous user.

        :param callback: the function.
        :raises ConfigurationError: if it cannot be called so, or is set after the first request.
        """
        self._set("current_user", callback)
        return callback

    def reader_callback(self, callback: _ReaderCallback = _MISSING) -> _ReaderCallback:
        """Decorate the function that returns the user of a row of the mapped users: ``(row) -> user``.

        Calendar feeds and digests are read without a log-in. The other callbacks and `visible` are then called with
        what this function returns, or with the row if there is none. None lets the user read nothing.

        :param callback: the function.
        :raises ConfigurationError: if it cannot be called so, or is set after the first request.
        """
        self._set("reader", callback)
        return callback

    def tenant_callback(self, callback: _TenantCallback = _MISSING) -> _TenantCallback:
        """Decorate the function that returns the tenant of a user: ``(user) -> tenant``.

        It is called once per request with what the current-user callback returned, and replaces
        ``UserMapping(tenant=...)``. A user whose tenant is None sees no row of a mapping with a tenant.

        :param callback: the function.
        :raises ConfigurationError: if it cannot be called so, or is set after the first request.
        """
        self._set("tenant", callback)
        return callback

    def sender_callback(self, callback: _SenderCallback = _MISSING) -> _SenderCallback:
        """Decorate the function that returns the sender for a contact: ``(contact) -> Sender``.

        It is called with the row of the contact. None means the sender of the configuration. If it raises, the message
        is not sent.

        :param callback: the function.
        :raises ConfigurationError: if it cannot be called so, or is set after the first request.
        """
        self._set("sender", callback)
        return callback

    def unmatched_callback(self, callback: _UnmatchedCallback = _MISSING) -> _UnmatchedCallback:
        """Decorate the function that filters unmatched messages for a user: ``(select, user) -> select``.

        It is required if the contact mapping has `visible` and no `tenant`. Without it, unmatched messages are refused
        with 403 ``unmatched_callback_missing``. The select is one of ``relationships.models.Message``.

        :param callback: the function.
        :raises ConfigurationError: if it cannot be called so, or is set after the first request.
        """
        self._set("unmatched", callback)
        return callback

    def _set(self, name: str, callback: Any) -> None:
        """Set a callback. A factory may decorate the same function again for its next application.

        After the first request another function is refused.
        """
        if callback is _MISSING:
            raise empty_decorator(name)
        mistakes = list(callback_errors(name, callback))
        if mistakes:
            raise ConfigurationError(mistakes)
        if self._frozen and _name_of(getattr(self._callbacks, name)) != _name_of(callback):
            raise configuration_error(
                "callback_too_late",
                f"The {name} callback was set after the first request.",
                "Set it where the application is created.",
            )
        setattr(self._callbacks, name, callback)

    def init_app(
        self,
        app: Flask,
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
        table_prefix: str | None = None,
    ) -> None:
        """Register the tool on an application, without using the database.

        An option that is None has the value that was passed to the constructor.

        :param app: the application.
        :param db: the Flask-SQLAlchemy object. The default is the one of the application.
        :param session: function that returns the session of the current request, used instead of `db`.
        :param contact: mapping of the contacts. Required.
        :param company: mapping of the companies. Without it, the routes of companies answer 404.
        :param user: mapping of the users. Required.
        :param client_profile: mapping of the model that says which companies are clients. The default is our own table.
        :param permission: see `permission_callback`.
        :param current_user: see `current_user_callback`.
        :param action_scope: see `action_scope_callback`.
        :param reader: see `reader_callback`.
        :param tenant: see `tenant_callback`.
        :param sender: see `sender_callback`.
        :param unmatched: see `unmatched_callback`.
        :param senders: the sender of each tenant.
        :param transport: sends the messages. The default is `TwilioTransport` with the application's configuration.
        :param action_centre: receives a copy of each open action. The default is `TableActionCentre`.
        :param phone_normaliser: function ``(text) -> E.164 text or None`` for phones of your own format.
        :param templates: kind and title of the auto-actions by event type, instead of the default ones.
        :param business_day: function ``(date) -> date`` that moves the due date of an auto-action to a working day.
        :param table_prefix: prefix of the names of our tables, of 1 to 20 characters.
        :raises ConfigurationError: with all errors in mappings and configuration.
        """
        options = Options(
            db=db,
            session=session,
            contact=contact,
            company=company,
            user=user,
            client_profile=client_profile,
            senders=senders,
            transport=transport,
            action_centre=action_centre,
            phone_normaliser=phone_normaliser,
            templates=templates,
            business_day=business_day,
            table_prefix=table_prefix,
        )
        own_callbacks = Callbacks(permission, action_scope, current_user, reader, tenant, sender, unmatched)
        self._register(app, options.over(self._options), own_callbacks, tenants_known=True)

    def _register(self, app: Flask, options: Options, own_callbacks: Callbacks, *, tenants_known: bool = False) -> None:
        """Validate everything, then register the tool on an application.

        :param own_callbacks: the callbacks of this application alone.
        :param tenants_known: whether callbacks may have been decorated already, which the constructor is too early for.
        """
        check_application(app)
        callbacks = own_callbacks.over(self._callbacks)
        settings, mistakes = read_settings(app.config)
        for name in CALLBACKS:
            mistakes += callback_errors(name, getattr(callbacks, name))
        if tenants_known:
            mistakes += tenant_errors(options.mappings.values(), callbacks.tenant)
        mistakes += sender_errors(options.mappings, options.senders, settings)
        if settings is not None:
            mistakes += application_errors(app, settings)
        mistakes += [*session_errors(options.db, options.session), *routing_errors(app)]
        bound = _bind(options, mistakes)
        if mistakes or settings is None or bound is None:
            raise ConfigurationError(mistakes)
        use_language(language_of_request)
        self._models, hosts = bound
        app.extensions[EXTENSION] = _state(settings, self._models, hosts, options, own_callbacks, self._callbacks)
        attach_to_application(app)
        register_converter(app.url_map, hosts)
        for blueprint in make_blueprints(settings.blueprint_name, settings.url_prefix, self._before_request):
            app.register_blueprint(blueprint)
        if settings.ui_enabled:
            name = f"{settings.blueprint_name}_ui"
            ui.register(app, name, settings.ui_prefix, settings.template_name, self._before_request)
        app.cli.add_command(CommandGroup(settings.cli_name))

    def _before_request(self) -> None:
        """Complete the set-up before a request of ours: every model of the host is imported by then."""
        state, self._frozen = cast(State, current_app.extensions[EXTENSION]), True
        if state.settled is None:
            state.settled = state.callbacks
        complete_setup(state)
        end_with_context(current_app._get_current_object())  # type: ignore[attr-defined]


def _name_of(callback: Any) -> tuple[Any, Any]:
    return getattr(callback, "__module__", None), getattr(callback, "__qualname__", None)


def _build(options: Options) -> Models:
    """Return the classes of our tables for these mappings, which are built once for each MetaData and prefix.

    :raises ConfigurationError: if an option is wrong.
    """
    mistakes = list(option_errors(options))
    if mistakes:
        raise ConfigurationError(mistakes)
    tables = bind_tables(options.mappings)
    prefix = str(options.table_prefix)
    is_built = prefix in tables.contact.key.table.metadata.info.get(BUILT, {})
    models = build_models(tables, table_prefix=prefix)
    if not is_built:
        cascade_deletions(models)
    return models


def _bind(options: Options, mistakes: list[Mistake]) -> tuple[Models, Hosts] | None:
    """Build the tables and bind the mappings. Add the errors in them to `mistakes`.

    The fields are read now if every model is imported, otherwise before the first request.
    """
    try:
        models = _build(options)
        hosts = bind_hosts(options.mappings, models.hosts)
        if all(map(can_configure, read_models(hosts, options.action_centre))):
            mistakes += read_fields(hosts, options.action_centre)
    except ConfigurationError as error:
        mistakes += error.mistakes
        return None
    return models, hosts


def _dispatcher(settings: Settings) -> Dispatcher:
    if settings.dispatch == "celery":
        from .celery import CeleryDispatcher  # requires the extra

        return CeleryDispatcher()
    return InlineDispatcher()


def _state(
    settings: Settings, models: Models, hosts: Hosts, options: Options, own: Callbacks, shared: Callbacks
) -> State:
    """Return the state of an application.

    :param own: the callbacks of this application.
    :param shared: those of the extension object, which may still change.
    """
    find_session = session_finder(options.db, options.session)
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
        transport=options.transport or TwilioTransport.from_settings(settings),
        action_centre=options.action_centre or TableActionCentre(),
        dispatcher=_dispatcher(settings),
        numbers=NumberReader(settings.default_region, options.phone_normaliser),
        find_session=lambda: attach_to_session(find_session()),
        session_sources=(options.session, options.db),
        senders=read_senders(settings, options.senders),
        templates={**TEMPLATES, **(options.templates or {})},
        business_day=options.business_day,
    )
