"""Run one request: read strict JSON and the rows of the path, call the view, commit, send signals, write JSON."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

from blinker import NamedSignal
from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from .. import signals
from ..context import Context, CurrentUser
from ..db.pagination import PAGE_PARAMETERS
from ..db.revisions import REVISION, require_revision
from ..db.statements import lost_row, retried
from ..domain.actions.service import pop_closed_on_the_way
from ..domain.messages import new_numbers
from ..errors import (
    BodyTooLarge,
    ChangedMeanwhile,
    CompaniesNotMapped,
    EmptyBody,
    HostSessionFailed,
    NotAuthenticated,
    NotFound,
    PreconditionFailed,
    Problem,
    UnsupportedContentType,
    place_of,
    unknown_reference,
)
from ..hosts.bound import Host, HostRow
from ..hosts.keys import is_uuid
from . import idempotency
from .application import announce, state, state_of
from .dumping import members_of
from .fields import Schema
from .loading import load
from .parameters import require_known_parameters
from .permissions import PERMISSIONS, Permission, current_user, permit
from .preconditions import Precondition, read_precondition, tag_of, written_tag
from .strict_json import encode, parse_object
from .unwritable import SentBack, read_change

if TYPE_CHECKING:
    from ..setup.state import State

MAX_BODY_BYTES = 256 * 1024

NONE: Mapping[Any, str] = MappingProxyType({})

MAX_ATTEMPTS = 4
"""How often a unit of work is run, with retries after deadlocks."""


@dataclass(slots=True)
class Call:
    """The argument of a view: the current user, the rows of the path, and the values of the body."""

    state: State
    user: CurrentUser
    values: dict[str, Any]
    contact: HostRow = cast(HostRow, None)
    company: HostRow = cast(HostRow, None)
    ids: dict[str, UUID] = field(default_factory=dict)
    announced: list[tuple[NamedSignal, Any]] = field(default_factory=list)
    lasting: bool = False
    """Whether work was committed that a repetition of the request must not do again."""
    begun: int = 0
    """How often the unit of work was run."""
    claim: UUID | None = None
    """The claim of the request's Idempotency-Key."""
    subject: Any = None
    """The key of the response's contact, if the path names none."""
    precondition: Precondition | None = None
    """The precondition in ``If-Match``."""
    sent_back: SentBack | None = None
    """The members of a PATCH that must be compared with the row."""
    is_compared: bool = False
    _context: Context | None = None

    @property
    def revisions(self) -> Collection[int] | None:
        """The revisions that the client expects of the object; None for any."""
        return None if self.precondition is None else self.precondition.revisions

    def require_match(self, row: Any) -> None:
        """Compare the request with the row that it writes; None if there is no row.

        Call it after the permission check. The UPDATE checks the revision again.

        :raises PreconditionFailed: if ``If-Match`` names another revision, or there is no row.
        :raises ValidationFailed: if the body changes a read-only member.
        """
        if self.sent_back is not None and row is not None:
            self.sent_back.require_present_values(row)
            self.is_compared = True
        if self.precondition is None:
            return
        if row is None:
            raise PreconditionFailed
        require_revision(row, self.precondition.revisions)

    @property
    def session(self) -> Session:
        return self.context.session

    @property
    def context(self) -> Context:
        """Return the context of the services for the current user."""
        if self._context is None:
            self._context = self.state.context(self.user.given, self.user.key)
        return self._context

    def today(self) -> date:
        """Return the present civil date of the current user."""
        return self.state.today(self.user.key)

    def remember_message(self, message_id: UUID, lease: timedelta) -> None:
        """Store under the Idempotency-Key the message of this request, and how long sending it may take."""
        if self.claim is not None:
            until = self.state.now() + lease
            idempotency.remember_message(self.session, self.state.models, self.claim, message_id, until)

    def announce(self, signal: NamedSignal, row: Any) -> None:
        """Send a signal after the commit."""
        self.announced.append((signal, row))

    def announce_now(self, signal: NamedSignal, row: Any) -> None:
        """Send a signal about a committed change."""
        announce(signal, row, user=self.user.given)

    def ask(self, signal: NamedSignal, row: Any) -> None:
        """Let receivers veto a change that is not committed yet.

        :raises MessageVetoed: if one of them raises.
        """
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        signals.ask(signal, app, row=row, user=self.user.given)


class Answer(NamedTuple):
    """The response of a view: JSON, or ``text`` if the operation produces another type."""

    body: dict[str, Any]
    status: int = 200
    headers: Mapping[str, str] = NONE
    text: str | None = None


Resume = Callable[["Call", UUID], "Answer | None"]

Current = Callable[["Call"], dict[str, Any] | None]


class Operation(NamedTuple):
    """The declaration of a route, for the OpenAPI document and for the wrapper that runs it."""

    summary: str
    permission: Permission
    """The permission for each row of the path, and for the tool as a whole."""
    answers: Mapping[str, Any]
    body: type[Schema] | None = None
    status: int = 200
    also: Mapping[int, str] = NONE
    query: type[Schema] | None = None
    paged: bool = False
    problems: tuple[type[Problem], ...] = ()
    produces: str = "application/json"
    resume: Resume | None = None
    """Returns the response to a repeated request from the present state of its message; None without a message."""
    current: Current | None = None
    """Returns the present state of the object that the route writes. Such routes accept ``If-Match``."""

    follows_numbers: bool = True
    """Whether a number that the host has changed is copied to the profile before the view is called."""

    @property
    def parameters(self) -> frozenset[str]:
        """Return the names of the query parameters."""
        filters = () if self.query is None else members_of(self.query)
        return frozenset((*filters, *(PAGE_PARAMETERS if self.paged else ())))

    @property
    def shown(self) -> type[Schema] | None:
        """Return the schema of the object in the response; None for several or no objects."""
        schemas = [answer for answer in self.answers.values() if isinstance(answer, type)]
        return schemas[0] if len(schemas) == 1 else None


View = Callable[[Call], Answer]


_bodies: dict[type[Schema], list[type[Schema]]] = {}
"""The request schemas of the routes that write an object, by its response schema."""


def operation(summary: str, *, permission: Permission, **details: Any) -> Callable[[View], Callable[..., Response]]:
    """Make a view of a function that takes a `Call`.

    :param permission: the permission that a caller needs.
    :param details: the other members of `Operation`.
    :raises ValueError: at import, for a permission that does not exist.
    """
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission!r} is no permission. Use one of {', '.join(PERMISSIONS)}.")
    described = Operation(summary, permission, **details)
    if described.body is not None and described.shown is not None:
        _bodies.setdefault(described.shown, []).append(described.body)

    def decorate(view: View) -> Callable[..., Response]:
        @functools.wraps(view)
        def run(**path: str) -> Response:
            return _run(view, described, path)

        run.operation = described  # type: ignore[attr-defined]
        run.provide_automatic_options = False  # type: ignore[attr-defined]  # Flask's would list all methods
        return run

    return decorate


class OperationBlueprint(Blueprint):
    """A blueprint whose views are all operations. Other views raise an error at import."""

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Add a route, see `flask.Blueprint.add_url_rule`.

        :raises TypeError: if the view declares no permission.
        """
        if not isinstance(getattr(view_func, "operation", None), Operation):
            raise TypeError(f"The view of {rule} declares no permission. Decorate it with @operation(permission=...).")
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)


def required_permission() -> Permission:
    """Return the permission that the current route declares."""
    view: Any = current_app.view_functions[request.endpoint or ""]
    permission: Permission = view.operation.permission
    return permission


def _run(view: View, described: Operation, path: dict[str, str]) -> Response:
    app_state = state_of(current_app)
    if described.produces == "application/json":
        require_known_parameters(described.parameters, app_state.settings.allowed_parameters)
    if described.body is None and request.method == "POST":
        _require_protected_header()
    values, sent_back = _read_body(described)
    precondition = _precondition(described)
    call = Call(app_state, current_user(), values, precondition=precondition, sent_back=sent_back)
    # A retry would lose the pending changes of the host.
    attempts = 1 if _flush_pending(call.session) else MAX_ATTEMPTS
    session = call.session
    try:
        return retried(session, lambda: _attempt(call, view, path, described), attempts, unless=lambda: call.lasting)
    except PreconditionFailed as problem:
        raise _with_current(call, problem, described) from None
    except (IntegrityError, StaleDataError) as error:
        if not lost_row(error):
            raise
        # The missing row is most likely that of the caller.
        raise (ChangedMeanwhile() if _is_there(call) else NotAuthenticated()) from None


def _is_there(call: Call) -> bool:
    return call.state.hosts.user.exists(call.session, call.user.key)


def _read_body(described: Operation) -> tuple[dict[str, Any], SentBack | None]:
    if described.body is None:
        return {}, None
    shown = described.shown
    if request.method == "PATCH" and shown is not None:
        written = {name for body in _bodies[shown] for name in members_of(body)}
        return read_change(described.body, members_of(shown), written, read_json())
    return load(described.body, read_json()), None


def _precondition(described: Operation) -> Precondition | None:
    """Return ``If-Match`` of a request that writes.

    :raises PreconditionFailed: if the route does not write one object.
    """
    if request.method in ("GET", "HEAD"):
        return None
    found = read_precondition(request.headers.get("If-Match"))
    if found is not None and found.revisions is not None and described.current is None:
        raise PreconditionFailed("If-Match is not supported here: this request does not change one object.")
    return found


def _with_current(call: Call, problem: PreconditionFailed, described: Operation) -> PreconditionFailed:
    """Return the problem with the present state of the object, if the object exists."""
    current = None if described.current is None else described.current(call)
    if current is not None:
        problem.extra["current"] = current
        problem.headers.update(written_tag(current[REVISION]))
    return problem


def _attempt(call: Call, view: View, path: dict[str, str], described: Operation) -> Response:
    """Run the request's one unit of work: read the rows of the path, call the view, commit."""
    call.announced.clear()
    call.claim = None
    call.begun += 1
    if call.begun > 1 and not _is_there(call):  # the caller may have been deleted meanwhile
        raise NotAuthenticated
    pop_closed_on_the_way(call.session)  # of an attempt that was rolled back, or of the host's own calls
    _find_rows(call, path, described)
    try:
        known = _claim_key(call, described)
        if known is not None:
            return _replayed(known, described)
        answer = view(call)
        body = _finish(call, answer)
    except Problem as problem:
        if request.method != "GET":
            call.session.rollback()
        _settle(call, problem)
        raise
    except BaseException:
        call.session.rollback()
        _settle(call, None)
        raise
    for signal, row in call.announced:
        call.announce_now(signal, row)
    headers = {**tag_of(described.answers, answer.body), **answer.headers}
    return Response(body, answer.status, headers, mimetype=described.produces)


def _finish(call: Call, answer: Answer) -> bytes:
    """Check what the view has done, store its answer under the Idempotency-Key, commit, and return the body."""
    if call.sent_back is not None and not call.is_compared:
        raise RuntimeError("The view of a PATCH must call require_match() with the row.")
    for action in pop_closed_on_the_way(call.session):
        permit("update", action)
    body = encode(answer.body) if answer.text is None else answer.text.encode()
    if call.claim is not None:
        models, about = call.state.models, call.subject
        idempotency.finish(call.session, models, call.claim, answer.status, body.decode(), about)
    if request.method != "GET":
        call.session.commit()
    return body


def _flush_pending(session: Session) -> bool:
    """Flush pending changes of the host, whose errors are not ours. Return whether there were any."""
    if not (session.new or session.dirty or session.deleted):
        return False
    names = sorted({type(row).__name__ for row in (*session.new, *session.dirty, *session.deleted)})
    try:
        session.flush()
    except SQLAlchemyError as error:
        session.rollback()
        current_app.logger.error(
            "the host's own pending changes (%s) could not be saved: %s", ", ".join(names), place_of(error)
        )
        raise HostSessionFailed from None
    return True


def _find_rows(call: Call, path: dict[str, str], described: Operation) -> None:
    for name, text in path.items():
        if name == "contact_id":
            call.contact = find_row(state.hosts.contact, text)
            permit(required_permission(), call.contact.row)
            if described.follows_numbers:
                is_reading = request.method == "GET"
                new_numbers.follow(call.context, call.contact, call.announce_now, is_reading=is_reading)
        elif name == "company_id":
            if state.hosts.company is None:
                raise CompaniesNotMapped
            call.company = find_row(state.hosts.company, text)
            permit(required_permission(), call.company.row)
        else:
            call.ids[name] = own_id(text)


def find_row(host: Host, text: str) -> HostRow:
    """Return the host row of a key.

    :raises NotFound: if it does not exist, or the current user may not see it.
    """
    found = host.find(state.session, text, current_user().given)
    if found is None:
        raise NotFound
    return found


def referred(host: Host | None, values: dict[str, Any], name: str) -> Any:
    """Return the key of the host row that a member of the body names; None if the member is null.

    The same hooks and permission apply as for a row of the path. The error is the same for rows that do not exist, that
    are hidden, or whose model is not mapped.

    :raises ValidationFailed: with `unknown_reference`, if there is no such row.
    :raises Forbidden: if the permission callback refuses the row.
    """
    text = values.get(name)
    if text is None:
        return None
    found = None if host is None else host.find(state.session, text, current_user().given)
    if found is None:
        raise unknown_reference(name)
    permit(required_permission(), found.row)
    return found.key


def refer(call: Call, host: Host | None, values: dict[str, Any], name: str, row: Any) -> None:
    """Replace the id in a member of the body by the key of its row, for a PATCH of ``row``.

    If the whole object is sent back, an unchanged id is removed from the values: it may be null because a hook hides
    the row. Raises the errors of `referred`.
    """
    if call.sent_back is not None and call.sent_back.is_object:
        shown = _shown_key(call, host, getattr(row, name))
        if values[name] == (None if shown is None else str(shown)):
            del values[name]
            return
    values[name] = referred(host, values, name)


def _shown_key(call: Call, host: Host | None, key: Any) -> Any:
    if key is None or host is None:
        return None
    return key if not host.hooked or host.seen(call.session, [key], call.user.given) else None


def referred_id(values: dict[str, Any], name: str) -> UUID | None:
    """Return one of our ids from a member of the body.

    :raises ValidationFailed: if the text is no UUID.
    """
    text = values.get(name)
    found = None if text is None else is_uuid(text)
    if text is not None and found is None:
        raise unknown_reference(name)
    return found


def own_id(text: str) -> UUID:
    """Return one of our ids from an address.

    :raises NotFound: if the text is no UUID.
    """
    found = is_uuid(text)
    if found is None:
        raise NotFound
    return found


def _claim_key(call: Call, described: Operation) -> idempotency.Answer | None:
    """Claim the Idempotency-Key of a POST for this request. Return the answer to the request that had it before."""
    if request.method != "POST" or "Idempotency-Key" not in request.headers:
        return None
    key, session, models = request.headers["Idempotency-Key"], call.session, call.state.models
    scope, now = idempotency.scope_of(call.user.key, request.method, request.path, key), call.state.now()
    contact = None if call.contact is None else call.contact.key
    begun = idempotency.begin(session, models, scope, request.get_data(cache=True), now, contact)
    if isinstance(begun, idempotency.Answer):
        return begun
    if isinstance(begun, UUID):
        call.claim = begun
        return None
    try:
        resumed = None if described.resume is None else described.resume(call, begun.message_id)
    except Problem as problem:
        problem.headers["Idempotent-Replayed"] = "true"
        raise
    if resumed is None:  # the message is gone: the request runs again
        call.claim = idempotency.claim_again(session, models, begun.claim, now)
        return None
    return idempotency.Answer(resumed.status, encode(resumed.body).decode())


def _settle(call: Call, problem: Problem | None) -> None:
    """Store an error under the key where work was committed before it. Otherwise the key may be used again."""
    if call.claim is None or (call.lasting and problem is None):
        return
    if call.lasting and problem is not None:
        body = encode(problem.as_json()).decode()
        idempotency.finish(call.session, call.state.models, call.claim, problem.status, body)
    else:
        idempotency.forget(call.session, call.state.models, call.claim)
    call.session.commit()


def _replayed(answer: idempotency.Answer, described: Operation) -> Response:
    headers = {"Idempotent-Replayed": "true"}
    if answer.status >= 400:
        return Response(answer.body, answer.status, headers, content_type="application/problem+json")
    headers |= tag_of(described.answers, json.loads(answer.body))
    return Response(answer.body, answer.status, headers, content_type="application/json")


CORS_PROTECTED_HEADERS = ("Authorization", "X-CSRFToken", "X-Requested-With")
"""Headers that a page of another site cannot send unless CORS allows it."""


def _require_protected_header() -> None:
    """Refuse a POST without a body that a form of another site could send.

    :raises UnsupportedContentType: for such a request.
    """
    named = request.mimetype == "application/json"
    if not named and not any(request.headers.get(name) for name in CORS_PROTECTED_HEADERS):
        raise UnsupportedContentType(f"Send application/json, or one of {', '.join(CORS_PROTECTED_HEADERS)}.")


def read_json() -> dict[str, Any]:
    """Return the body as a JSON object. Raises 400, 413 and 415 problems."""
    if request.mimetype != "application/json":
        raise UnsupportedContentType
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise BodyTooLarge
    with contextlib.suppress(AttributeError):  # Flask 3.0 has one limit for all requests
        request.max_content_length = min(request.max_content_length or MAX_BODY_BYTES, MAX_BODY_BYTES)
    raw = request.get_data(cache=True)
    if len(raw) > MAX_BODY_BYTES:
        raise BodyTooLarge
    if not raw.strip():
        raise EmptyBody
    return parse_object(raw)
