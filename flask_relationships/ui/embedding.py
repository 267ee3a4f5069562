"""What templates call as ``relationships``: each method writes an element, and once per request the modules."""

from __future__ import annotations

import json
from typing import Any

from flask import g, url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from ..api.application import state
from ..api.locale import locale_of_request
from ..api.permissions import PERMISSIONS, action_scope, permit, require_user
from ..errors import Problem
from ..hosts.bound import Host, HostRow
from . import fallback
from .assets import ENTRY, OTHER_ELEMENTS, PAGE_STYLES, graph, version
from .attributes import check_keywords, require_key
from .people import people


class Embedding:
    """Every method takes the key of a row and returns its element, or nothing for a user who may not see it.

    A row in place of its key, an unknown keyword, and a value that the element cannot use raise an error.

    What a ``{% call %}`` block around it holds stands in the element, for its slots. ``attributes`` become attributes
    of the element, ``_`` written as ``-``: True one without a value, a list or mapping JSON; None and False leave it
    out.
    """

    def __init__(self, blueprint_name: str) -> None:
        self._blueprint = blueprint_name

    @pass_context
    def contact_panel(self, context: Context, contact_id: Any, **attributes: Any) -> Markup:
        """Profile, life events, actions and messages of a contact, together."""
        return self._of_contact(context, "contact_panel", "contact-panel", contact_id, attributes)

    @pass_context
    def profile(self, context: Context, contact_id: Any, **attributes: Any) -> Markup:
        return self._of_contact(context, "profile", "profile", contact_id, attributes)

    @pass_context
    def timeline(self, context: Context, contact_id: Any, **attributes: Any) -> Markup:
        """The life events of a contact."""
        return self._of_contact(context, "timeline", "timeline", contact_id, attributes)

    @pass_context
    def contact_actions(self, context: Context, contact_id: Any, **attributes: Any) -> Markup:
        return self._of_contact(context, "contact_actions", "contact-actions", contact_id, attributes)

    @pass_context
    def thread(self, context: Context, contact_id: Any, **attributes: Any) -> Markup:
        """The messages of a contact."""
        return self._of_contact(context, "thread", "thread", contact_id, attributes)

    @pass_context
    def action_board(self, context: Context, **attributes: Any) -> Markup:
        """The actions in the scope of whoever is asking.

        ``people``, a list of ``{"id": ..., "name": ...}``, are those who may be given one: everybody whom the user
        may see, where it is left out. ``contact_url`` says where the page of a contact is, with ``{id}`` in it: the
        plugin's own, where it is left out. ``whose="all"`` shows those of the whole scope at first.
        """
        check_keywords("action_board", "actions", attributes)
        return self._element(context, "actions", None, None, {}, attributes)

    @pass_context
    def client_summary(self, context: Context, company_id: Any, **attributes: Any) -> Markup:
        """A company at a glance. ``without="partners"`` leaves sections out, by name; ``contact_url`` as above."""
        return self._of_company(context, "client_summary", "summary", company_id, attributes)

    @pass_context
    def partners(self, context: Context, company_id: Any, **attributes: Any) -> Markup:
        """The partners of a client. ``currency``, such as ``"GBP"``, is what their deals are told in."""
        return self._of_company(context, "partners", "partners", company_id, attributes)

    @pass_context
    def module(self, context: Context) -> Markup:
        """The script tag and the preloads of its imports, for pages that write the elements themselves."""
        return self._scripts(context, ENTRY)

    @pass_context
    def page_styles(self, context: Context) -> Markup:
        """The style sheet of the plugin's own base template."""
        return Markup('<link rel="stylesheet" href="{}"{}>').format(self._address(PAGE_STYLES), nonce(context))

    def _of_contact(self, context: Context, helper: str, name: str, key: Any, given: dict[str, Any]) -> Markup:
        require_key(helper, state.hosts.contact, key)
        check_keywords(helper, name, given)
        return self._element(context, name, state.hosts.contact, key, {"contact-id": str(key)}, given)

    def _of_company(self, context: Context, helper: str, name: str, key: Any, given: dict[str, Any]) -> Markup:
        if state.hosts.company is None:
            return Markup("")
        require_key(helper, state.hosts.company, key)
        check_keywords(helper, name, given)
        return self._element(context, name, state.hosts.company, key, {"company-id": str(key)}, given)

    def _element(
        self, context: Context, name: str, host: Host | None, key: Any, own: dict[str, Any], given: dict[str, Any]
    ) -> Markup:
        state.complete_setup()
        caller = given.pop("caller", None)
        try:
            user = require_user()
            permit("view")
            row = None if host is None else host.find(state.session, str(key), user.given)
            if host is not None and row is None:
                return Markup("")
            permissions = [level for level in PERMISSIONS if _may(level, row)]
        except Problem:
            return Markup("")
        if "view" not in permissions:
            return Markup("")
        attributes = {
            **own,
            **self._more(name),
            "api": _api(state.settings.blueprint_name),
            "permissions": " ".join(permissions),
            "viewer": user.key,
            "time-zone": state.viewer_context().viewer_time_zone().key,
            "leap-day": state.settings.leap_day,
            "lang": locale_of_request(),
            "csrf-token": called(context, "csrf_token"),
            "name": None if row is None else fallback.name_of(row),
            **{name.rstrip("_").replace("_", "-"): value for name, value in given.items()},
        }
        written = Markup("").join(_attribute(name, value) for name, value in attributes.items())
        inside = fallback.of(name, row, user.given)
        if caller is not None:
            inside += caller()
        tag = f"rel-{name}"
        node = Markup("<{0}{1}>{2}</{0}>").format(tag, written, inside)
        return self._scripts(context, f"{name}.js", OTHER_ELEMENTS) + node

    def _more(self, name: str) -> dict[str, Any]:
        """What only elements that cross contacts are told: whose actions they show, and where contacts are found."""
        if name in fallback.OF_CONTACTS:
            return {}
        pages = url_for(f"{self._blueprint}.contact", contact_id="ID").removesuffix("ID")
        told: dict[str, Any] = {"contact-url": pages + "{id}"}
        if name == "actions":
            told |= {"scope": action_scope().kind, "people": people(state.session, state.hosts.user)}
        if name == "partners":
            told["own-clients"] = state.hosts.client_profile is None
        return told

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
        return url_for(f"{self._blueprint}.asset", asked=version(), name=name)


def nonce(context: Context) -> Markup:
    """The attribute of a script or style sheet, where the host's templates know a ``csp_nonce``."""
    value = called(context, "csp_nonce")
    return Markup(' nonce="{}"').format(value) if value else Markup("")


def _may(level: Any, row: HostRow | None) -> bool:
    try:
        permit(level)
        if row is not None:
            permit(level, row.row)
    except Problem:
        return False
    return True


def _api(blueprint: str) -> str:
    """Where the API answers as this page's browser sees it, below whatever the application is mounted under."""
    return url_for(f"{blueprint}.unrouted", rest="").rstrip("/")


def called(context: Context, name: str) -> str | None:
    """What the host's templates have by this name: a text, or a function that returns one."""
    found = context.resolve_or_missing(name) if name in context else None
    found = found() if callable(found) else found
    return str(found) if found else None


def _attribute(name: str, value: Any) -> Markup:
    if value is None or value is False:
        return Markup("")
    if value is True:
        return Markup(" {}").format(name)
    told = json.dumps(value) if isinstance(value, (list, dict)) else value
    return Markup(' {}="{}"').format(name, escape(told))
