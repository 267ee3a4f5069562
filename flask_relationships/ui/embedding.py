"""The helpers that templates call as ``relationships``. Each writes an element, and once per request the modules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from ..api.application import state
from ..api.locale import locale_of_request
from ..api.permissions import PERMISSIONS, Permission, action_scope, current_user, permit, require_user
from ..errors import Problem
from ..hosts.bound import Host, HostRow
from . import fallback
from .assets import ENTRY, OTHER_ELEMENTS, PAGE_STYLES, graph, version
from .attributes import check_keywords, require_key
from .people import people


class Embedding:
    """Every method takes the key of a row and returns its element; nothing for a user who may not see the row.

    The content of a ``{% call %}`` block around a helper is placed in the element, for its slots. All helpers take
    further keywords, which become attributes of the element with ``-`` for ``_``: those of every element, such as
    ``lang`` and ``name``, and global attributes of HTML. True writes an attribute without a value, a list or mapping
    writes JSON, and False leaves an attribute out.

    :raises TypeError: for a row instead of its key, and for an unknown keyword.
    :raises ValueError: for a value that the element cannot use.
    """

    def __init__(self, blueprint_name: str) -> None:
        self._blueprint = blueprint_name

    @pass_context
    def contact_panel(self, context: Context, contact_id: Any, **attributes: Any) -> Markup:
        """Return the profile, life events, actions and messages of a contact in one element.

        :param contact_id: primary key of the contact.
        """
        return self._of_contact(context, "contact_panel", "contact-panel", contact_id, attributes)

    @pass_context
    def profile(self, context: Context, contact_id: Any, **attributes: Any) -> Markup:
        """Return the profile of a contact.

        :param contact_id: primary key of the contact.
        """
        return self._of_contact(context, "profile", "profile", contact_id, attributes)

    @pass_context
    def timeline(self, context: Context, contact_id: Any, **attributes: Any) -> Markup:
        """Return the life events of a contact.

        :param contact_id: primary key of the contact.
        """
        return self._of_contact(context, "timeline", "timeline", contact_id, attributes)

    @pass_context
    def contact_actions(self, context: Context, contact_id: Any, **attributes: Any) -> Markup:
        """Return the actions of a contact.

        :param contact_id: primary key of the contact.
        """
        return self._of_contact(context, "contact_actions", "contact-actions", contact_id, attributes)

    @pass_context
    def thread(self, context: Context, contact_id: Any, **attributes: Any) -> Markup:
        """Return the messages of a contact.

        :param contact_id: primary key of the contact.
        """
        return self._of_contact(context, "thread", "thread", contact_id, attributes)

    @pass_context
    def action_board(
        self,
        context: Context,
        *,
        contact_url: str | bool | None = None,
        people: Sequence[Mapping[str, Any]] | bool | None = None,
        scope: str | bool | None = None,
        whose: str | bool | None = None,
        **attributes: Any,
    ) -> Markup:
        """Return the actions in the scope of the current user.

        :param contact_url: address of a contact's page, with ``{id}`` for the id. The default is our own page.
        :param people: users to whom an action can be assigned, each as ``{"id": ..., "name": ...}``. The default is
            every user whom the current user may see.
        :param scope: kind of the user's action scope. The default is the one of the action scope callback.
        :param whose: ``"all"`` shows the actions of the whole scope first, ``"own"`` those of the user.
        """
        own = {"contact_url": contact_url, "people": people, "scope": scope, "whose": whose}
        keywords = {**_given(own), **attributes}
        check_keywords("action_board", "actions", keywords)
        return self._element(context, "actions", None, None, {}, keywords)

    @pass_context
    def client_summary(
        self,
        context: Context,
        company_id: Any,
        *,
        contact_url: str | bool | None = None,
        currency: str | bool | None = None,
        without: str | bool | None = None,
        **attributes: Any,
    ) -> Markup:
        """Return the summary of a client.

        :param company_id: primary key of the company.
        :param contact_url: address of a contact's page, with ``{id}`` for the id. The default is our own page.
        :param currency: ISO 4217 code in which the values of deals are shown, such as ``"GBP"``.
        :param without: names of the sections to leave out, separated by spaces.
        """
        own = {"contact_url": contact_url, "currency": currency, "without": without}
        keywords = {**_given(own), **attributes}
        return self._of_company(context, "client_summary", "summary", company_id, keywords)

    @pass_context
    def partners(
        self,
        context: Context,
        company_id: Any,
        *,
        contact_url: str | bool | None = None,
        contacts: Sequence[Mapping[str, Any]] | bool | None = None,
        currency: str | bool | None = None,
        own_clients: bool | None = None,
        **attributes: Any,
    ) -> Markup:
        """Return the partners of a client.

        :param company_id: primary key of the company.
        :param contact_url: address of a contact's page, with ``{id}`` for the id. The default is our own page.
        :param contacts: contacts to whom a partner can be linked, each as ``{"id": ..., "name": ...}``.
        :param currency: ISO 4217 code in which the values of deals are shown, such as ``"GBP"``.
        :param own_clients: whether a company can be made a client. The default is whether our own table says which
            companies are clients.
        """
        own = {"contact_url": contact_url, "contacts": contacts, "currency": currency, "own_clients": own_clients}
        keywords = {**_given(own), **attributes}
        return self._of_company(context, "partners", "partners", company_id, keywords)

    @pass_context
    def module(self, context: Context) -> Markup:
        """Return the script tag and the preloads of its imports, for pages that write the elements themselves."""
        return self._scripts(context, ENTRY)

    @pass_context
    def page_styles(self, context: Context) -> Markup:
        """Return the link to the style sheet of the plugin's own base template."""
        return Markup('<link rel="stylesheet" href="{}"{}>').format(self._address(PAGE_STYLES), nonce(context))

    def _of_contact(self, context: Context, helper: str, name: str, key: Any, keywords: dict[str, Any]) -> Markup:
        require_key(helper, state.hosts.contact, key)
        check_keywords(helper, name, keywords)
        return self._element(context, name, state.hosts.contact, key, {"contact-id": str(key)}, keywords)

    def _of_company(self, context: Context, helper: str, name: str, key: Any, keywords: dict[str, Any]) -> Markup:
        if state.hosts.company is None:
            return Markup("")
        require_key(helper, state.hosts.company, key)
        check_keywords(helper, name, keywords)
        return self._element(context, name, state.hosts.company, key, {"company-id": str(key)}, keywords)

    def _element(
        self, context: Context, name: str, host: Host | None, key: Any, own: dict[str, Any], keywords: dict[str, Any]
    ) -> Markup:
        """Return the element and, once per request, the modules; nothing for a user who may not see the row."""
        state.complete_setup()
        caller = keywords.pop("caller", None)
        row, permissions = _find(host, key)
        if "view" not in permissions:
            return Markup("")
        user = current_user()
        attributes = {
            **own,
            **self._defaults(name),
            "api": _api(state.settings.blueprint_name),
            "permissions": " ".join(permissions),
            "viewer": user.key,
            "time-zone": state.viewer_context().viewer_time_zone().key,
            "leap-day": state.settings.leap_day,
            "lang": locale_of_request(),
            "csrf-token": called(context, "csrf_token"),
            "name": None if row is None else fallback.name_of(row),
            **{keyword.rstrip("_").replace("_", "-"): value for keyword, value in keywords.items()},
        }
        written = Markup("").join(_attribute(attribute, value) for attribute, value in attributes.items())
        content = fallback.of(name, row, user.given)
        if caller is not None:
            content += caller()
        tag = f"rel-{name}"
        node = Markup("<{0}{1}>{2}</{0}>").format(tag, written, content)
        return self._scripts(context, f"{name}.js", OTHER_ELEMENTS) + node

    def _defaults(self, name: str) -> dict[str, Any]:
        """Return the attributes of the elements that are not about one contact."""
        if name in fallback.OF_CONTACTS:
            return {}
        pages = url_for(f"{self._blueprint}.contact", contact_id="ID").removesuffix("ID")
        attributes: dict[str, Any] = {"contact-url": pages + "{id}"}
        if name == "actions":
            attributes |= {"scope": action_scope().kind, "people": people(state.session, state.hosts.user)}
        if name == "partners":
            attributes["own-clients"] = state.hosts.client_profile is None
        return attributes

    def _scripts(self, context: Context, *modules: str) -> Markup:
        """Write the script tags of modules and the preloads of their imports, each once per request.

        Without the preloads a browser would ask for the modules level by level, as it reads the imports of each.
        """
        written: set[str] = g.setdefault("relationships_modules", set())
        script, preload = '<script type="module" src="{}"{}></script>\n', '<link rel="modulepreload" href="{}"{}>\n'
        tags = Markup("")
        for module in modules:
            for name in (module, *graph(module)):
                if name not in written:
                    tags += self._tag(context, script if name == module else preload, name)
                written.add(name)
        return tags

    def _tag(self, context: Context, tag: str, name: str) -> Markup:
        return Markup(tag).format(self._address(name), nonce(context))  # noqa: S704

    def _address(self, name: str) -> str:
        return url_for(f"{self._blueprint}.asset", requested=version(), name=name)


def nonce(context: Context) -> Markup:
    """Return the nonce attribute of a script or style sheet, if the host's templates have a ``csp_nonce``."""
    value = called(context, "csp_nonce")
    return Markup(' nonce="{}"').format(value) if value else Markup("")


def _given(keywords: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords that are not None."""
    return {name: value for name, value in keywords.items() if value is not None}


def _find(host: Host | None, key: Any) -> tuple[HostRow | None, list[Permission]]:
    """Return a row, and what the current user may do with it; no permission if the user may not see it."""
    try:
        user = require_user()
        permit("view")
        row = None if host is None else host.find(state.session, str(key), user.given)
    except Problem:
        return None, []
    if host is not None and row is None:
        return None, []
    return row, [level for level in PERMISSIONS if _may(level, row)]


def _may(level: Permission, row: HostRow | None) -> bool:
    try:
        permit(level)
        if row is not None:
            permit(level, row.row)
    except Problem:
        return False
    return True


def _api(blueprint: str) -> str:
    """Return the path of the API as the browser sees it, with the prefix that the application is mounted at."""
    return url_for(f"{blueprint}.unrouted", rest="").rstrip("/")


def called(context: Context, name: str) -> str | None:
    """Return a text of the host's templates by its name, or the return value of a function of that name."""
    found = context.resolve_or_missing(name) if name in context else None
    found = found() if callable(found) else found
    return str(found) if found else None


def _attribute(name: str, value: Any) -> Markup:
    if value is None or value is False:
        return Markup("")
    if value is True:
        return Markup(" {}").format(name)
    text = json.dumps(value) if isinstance(value, (list, dict)) else value
    return Markup(' {}="{}"').format(name, escape(text))
