"""Every pair of writing routes on one object, and each against the host's DELETE, in two processes at once.

``python -m tests.benchmarks.races --database NAME --trials 200`` prints how often each pair was answered with which
statuses. ``NAME`` is one of `DATABASES`. It fails for a status that is none of 2xx, 404, 409, 412 and 503 with
``Retry-After`` (and 422, where the body names a row that was deleted), for rows whose contact, company or user is gone,
and for actions that disagree with their event or their mirror.

The routes come from the registry of operations: one that writes and has no case here fails the run.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from flask_relationships.openapi import routes
from flask_relationships.testing.contract.access import unconfirmed, unmatched, waiting
from tests.databases import Databases
from tests.hosts.host import Caller
from tests.hosts.ordinary import Company, Contact, OrdinaryHost, User

DATABASES = ("sqlite", "wal", "unenforced", "postgresql", "mariadb")
"""``unenforced`` is SQLite without ``PRAGMA foreign_keys``, as it is unless an application asks for it."""

FORK = multiprocessing.get_context("fork")

Ids = dict[str, str]
Request = tuple[str, str, Any]


@dataclass(frozen=True)
class Case:
    """One route: what it asks of the object, and whose rows it leans on."""

    endpoint: str
    ask: Callable[[Ids], Request]
    deletes: tuple[str, ...] = ("contact",)


@dataclass(frozen=True)
class Group:
    """The routes that write one object, and how that object is made."""

    name: str
    make: Callable[[OrdinaryHost, Caller, Ids], None]
    cases: tuple[Case, ...]
    of_first: bool = False
    """Whether only the pairs of the first route are new: the others are pairs of another group."""

    def pairs(self) -> Iterator[tuple[Case, Case | str]]:
        """Every pair of routes, each with itself too, and each route with the deletions that concern it."""
        if self.of_first:
            yield from ((self.cases[0], other) for other in self.cases)
        else:
            yield from itertools.combinations_with_replacement(self.cases, 2)
        for one in self.cases[:1] if self.of_first else self.cases:
            yield from ((one, kind) for kind in one.deletes)


def case(endpoint: str, method: str, path: str, body: Any = None, deletes: tuple[str, ...] = ("contact",)) -> Case:
    def ask(ids: Ids) -> Request:
        filled = {
            name: value.format(**ids) if isinstance(value, str) else value for name, value in (body or {}).items()
        }
        if "ids" in filled:
            filled["ids"] = [ids["action"]]
        return method, path.format(**ids), filled if body is not None else None

    return Case(endpoint, ask, deletes)


def make_profile(host: OrdinaryHost, api: Caller, ids: Ids) -> None:
    """Nothing: the profile is made by whoever is first."""


def make_willing(host: OrdinaryHost, api: Caller, ids: Ids) -> None:
    api.patch(f"/contacts/{ids['contact']}/relationship", {"twilio_opt_in": True})


def make_event(host: OrdinaryHost, api: Caller, ids: Ids) -> None:
    new = {"event_type": "visit", "title": "Visit", "event_date": "2031-05-01"}
    event = api.post(f"/contacts/{ids['contact']}/life-events", new)["event"]
    ids["event"], ids["action"] = event["id"], event["open_action_id"]
    models = host.models
    with host.app.app_context():
        for table, key in ((models.Action, "id"), (models.ActionCentreItem, "action_id")):
            mine = sa.update(table).where(getattr(table, key) == UUID(ids["action"]))
            host.db.session.execute(mine.values(assigned_to_user_id=int(ids["user"])))
        host.db.session.commit()


def make_greeting(host: OrdinaryHost, api: Caller, ids: Ids) -> None:
    """An action that a message to a willing contact completes."""
    make_willing(host, api, ids)
    make_event(host, api, ids)


def make_messages(host: OrdinaryHost, api: Caller, ids: Ids) -> None:
    ids["waiting"] = waiting(host, ids["contact"])
    ids["inbound"] = unmatched(host, ids["contact"])


def make_unconfirmed(host: OrdinaryHost, api: Caller, ids: Ids) -> None:
    ids["message"] = unconfirmed(host, ids["contact"])


def make_partner(host: OrdinaryHost, api: Caller, ids: Ids) -> None:
    api.put(f"/companies/{ids['company']}/client-profile", 201)
    new = {"partner_company_name": "Difference Engines", "contact_id": ids["contact"]}
    ids["partner"] = api.post(f"/companies/{ids['company']}/partners", new)["partner"]["id"]


def make_feeds(host: OrdinaryHost, api: Caller, ids: Ids) -> None:
    """Nothing: a feed is made by whoever is first."""


ACTION = "/contacts/{contact}/relationship-actions/{action}"
EVENT = "/contacts/{contact}/life-events/{event}"
NEW_ACTION = {"title": "Call", "action_type": "call", "assigned_to_user_id": "{user}"}
NEW_EVENT = {"event_type": "visit", "title": "Visit", "company_id": "{company}"}
MESSAGE = {"channel": "sms", "body": "Hello"}
PARTNER = {"partner_company_name": "Analytical Engines", "contact_id": "{contact}"}
BOTH, ALL = ("contact", "user"), ("contact", "company", "user")

EVENT_AND_ACTION = (
    case("life_events.change", "PATCH", EVENT, {"title": "Jubilee", "event_date": "2032-06-01"}, BOTH),
    case("life_events.remove", "DELETE", EVENT, None, BOTH),
    case("actions.change", "PATCH", "/relationship-actions/{action}", {"status": "done"}, BOTH),
    case("actions.edit", "PATCH", ACTION, {"title": "Flowers", "assigned_to_user_id": "{user}"}, BOTH),
    case("actions.snooze", "POST", "/relationship-actions/{action}/snooze", {"days": 3}, BOTH),
    case("actions.reopen", "POST", "/relationship-actions/{action}/reopen", None, BOTH),
    case("actions.close_many", "PATCH", "/relationship-actions", {"ids": [], "status": "dismissed"}, BOTH),
)
GREETING = MESSAGE | {"auto_action_id": "{action}"}
SETTLED = {"status": "sent"}

GROUPS = (
    Group(
        "profile",
        make_profile,
        (
            case("profiles.change", "PATCH", "/contacts/{contact}/relationship", {"birthday": "1990-05-15"}),
            case("life_events.create", "POST", "/contacts/{contact}/life-events", NEW_EVENT, ("contact", "company")),
            case("actions.create", "POST", "/contacts/{contact}/relationship-actions", NEW_ACTION, BOTH),
            case("messages.preview", "POST", "/contacts/{contact}/messages/preview", MESSAGE),
        ),
    ),
    Group(
        "message to be sent",
        make_willing,
        (
            case("messages.send", "POST", "/contacts/{contact}/messages", MESSAGE),
            case("profiles.change", "PATCH", "/contacts/{contact}/relationship", {"cadence_days": 30}),
        ),
    ),
    Group("event and action", make_event, EVENT_AND_ACTION),
    Group(
        "action that a message completes",
        make_greeting,
        (
            case(
                "messages.send", "POST", "/contacts/{contact}/messages", MESSAGE | {"auto_action_id": "{action}"}, BOTH
            ),
            *EVENT_AND_ACTION,
        ),
        of_first=True,
    ),
    Group(
        "message",
        make_messages,
        (
            case("messages.cancel", "DELETE", "/contacts/{contact}/messages/{waiting}"),
            case("unmatched.match", "PUT", "/contacts/{contact}/messages/{inbound}"),
            case("messages.settle", "PATCH", "/contacts/{contact}/messages/{waiting}", SETTLED),
        ),
    ),
    Group(
        "unconfirmed message",
        make_unconfirmed,
        (
            case("messages.settle", "PATCH", "/contacts/{contact}/messages/{message}", SETTLED),
            case("messages.cancel", "DELETE", "/contacts/{contact}/messages/{message}"),
        ),
    ),
    Group(
        "partner and client",
        make_partner,
        (
            case("partners.create", "POST", "/companies/{company}/partners", PARTNER, ("contact", "company")),
            case(
                "partners.change", "PATCH", "/companies/{company}/partners/{partner}", PARTNER, ("contact", "company")
            ),
            case("partners.remove", "DELETE", "/companies/{company}/partners/{partner}", None, ("contact", "company")),
            case("client_profiles.put", "PUT", "/companies/{company}/client-profile", None, ("company",)),
            case("client_profiles.remove", "DELETE", "/companies/{company}/client-profile", None, ("company",)),
        ),
    ),
    Group(
        "own calendar",
        make_feeds,
        (
            case("feeds.subscribe", "PUT", "/calendar-feed", None, ("reader",)),
            case("feeds.revoke", "DELETE", "/calendar-feed", None, ("reader",)),
        ),
    ),
    Group(
        "calendar of a company",
        make_feeds,
        (
            case(
                "feeds.subscribe_to_company", "PUT", "/companies/{company}/calendar-feed", None, ("company", "reader")
            ),
            case(
                "feeds.revoke_of_company", "DELETE", "/companies/{company}/calendar-feed", None, ("company", "reader")
            ),
        ),
    ),
)

NUMBERS = itertools.count()
MODELS: dict[str, Any] = {"contact": Contact, "company": Company, "user": User, "reader": User}


@dataclass
class Result:
    pairs: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Worker:
    """A process that stays alive: it waits for a request, meets its twin at a barrier, and answers with a status."""

    def __init__(self, host: OrdinaryHost, barrier: Any) -> None:
        self.pipe, theirs = FORK.Pipe()
        self._process = FORK.Process(target=self._run, args=(host, barrier, theirs), daemon=True)
        self._process.start()

    def stop(self) -> None:
        self.pipe.send(None)
        self._process.join(20)

    def _run(self, host: OrdinaryHost, barrier: Any, pipe: Any) -> None:
        logging.disable(logging.CRITICAL)
        host.app.config["PROPAGATE_EXCEPTIONS"] = False
        with host.app.app_context():
            host.db.engine.dispose(close=False)
        clients: dict[str, Any] = {}
        while (asked := pipe.recv()) is not None:
            user, request = asked
            if user is not None and user not in clients:
                clients[user] = host.app.test_client()
                clients[user].post("/login", data={"user": user})
            barrier.wait()
            pipe.send(delete(host, *request) if user is None else answer(clients[user], *request))


def answer(client: Any, method: str, path: str, body: Any) -> str:
    options = {} if body is None else {"json": body}
    headers = {"X-Requested-With": "XMLHttpRequest"}  # a POST without a body needs it
    response = client.open(f"/api/relationships{path}", method=method, headers=headers, **options)
    if response.status_code == 503 and "Retry-After" not in response.headers:
        return "503 without Retry-After"
    return str(response.status_code)


def delete(host: OrdinaryHost, kind: str, id: str) -> str:
    """Delete a row of the host's, as its own code does: again where the database was locked."""
    with host.app.app_context():
        for _ in range(20):
            try:
                row = host.db.session.get(MODELS[kind], int(id))
                if row is not None:
                    host.db.session.delete(row)
                host.db.session.commit()
                return "deleted"
            except OperationalError:
                host.db.session.rollback()
                time.sleep(0.02)
        return "locked"


def races() -> Iterator[tuple[Group, Case, Case | str]]:
    for group in GROUPS:
        yield from ((group, *pair) for pair in group.pairs())


def uncovered(host: OrdinaryHost) -> list[str]:
    """The writing routes of the application that have no case."""
    known = {one.endpoint for group in GROUPS for one in group.cases}
    with host.app.app_context():
        writing = [
            (rule, endpoint)
            for rule, endpoint, _ in routes(host.app)
            if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        ]
    return sorted({endpoint for _, endpoint in writing} - known)


def run(host: OrdinaryHost, trials: int, result: Result) -> None:
    api, barrier = host.person("manage", level="executive"), FORK.Barrier(2)
    workers = [Worker(host, barrier) for _ in range(2)]
    try:
        for group, first, second in races():
            other = second if isinstance(second, str) else second.endpoint
            name = f"{group.name}: {first.endpoint} | {'DELETE ' if isinstance(second, str) else ''}{other}"
            seen = result.pairs.setdefault(name, Counter())
            for _ in range(trials):
                _race(host, api, workers, group, first, second, seen)
            refused = [told for told in seen if not _is_allowed(told, reader=other == "reader")]
            result.wrong += [f"{name}: {told} ({seen[told]} times)" for told in refused]
            result.wrong += [f"{name}: {words}" for words in inconsistencies(host)]
            forget(host)
    finally:
        for worker in workers:
            worker.stop()


def _race(
    host: OrdinaryHost, api: Caller, workers: list[Worker], group: Group, first: Case, second: Case | str, seen: Any
) -> None:
    ids = people(host, reads="calendar" in group.name)
    reader = ids["reader"]
    group.make(host, api, ids)
    who = reader or api.id
    workers[0].pipe.send((who, first.ask(ids)))
    workers[1].pipe.send((None, (second, ids[second])) if isinstance(second, str) else (who, second.ask(ids)))
    for worker in workers:
        if not worker.pipe.poll(60):
            raise TimeoutError("a worker has not answered within a minute")
    seen[" and ".join(worker.pipe.recv() for worker in workers)] += 1


def people(host: OrdinaryHost, *, reads: bool) -> Ids:
    """Insert the rows of the host's for one trial, in one transaction."""
    number = next(NUMBERS)
    rows = {
        "contact": Contact(first_name="Ada", last_name="Lovelace", phone=f"+4420794{number:05}"),
        "company": Company(name="Analytical Engines"),
        "user": User(name="Mary Somerville", access="manage", level="executive"),
    }
    if reads:
        rows["reader"] = User(name="Emmy Noether", access="manage", level="executive")
    with host.app.app_context():
        host.db.session.add_all(rows.values())
        host.db.session.flush()
        ids = {kind: str(row.id) for kind, row in rows.items()}
        host.db.session.commit()
    return {"reader": "", **ids}


def _is_allowed(told: str, *, reader: bool) -> bool:
    """422 is a body that names a row that was deleted. Whoever is deleted themselves is answered 401 or 403."""
    allowed = {"404", "409", "412", "422", "503", "deleted", *(("401", "403") if reader else ())}
    return all(part in allowed or (part.isdecimal() and part[0] == "2") for part in told.split(" and "))


def inconsistencies(host: OrdinaryHost) -> list[str]:
    """What the tables say that cannot be."""
    found: list[str] = []
    models = host.models
    with host.app.app_context():
        session = host.db.session
        for model in models[1:]:
            table = sa.inspect(model).local_table
            for column in table.c:
                kind = column.info.get("host")
                if kind is None:
                    continue
                key = MODELS[kind].__table__.c.id
                lost = (
                    sa.select(sa.func.count())
                    .select_from(table)
                    .where(column.is_not(None), column.not_in(sa.select(key)))
                )
                if count := session.scalar(lost):
                    found.append(f"{count} rows of {table.name} point at a {kind} that is gone by {column.name}")
        action, item = models.Action, models.ActionCentreItem
        status = sa.case((action.status == "pending", "open"), else_=action.status)
        differ = sa.or_(
            item.id.is_(None),
            item.status != status,
            item.title != action.title,
            item.due != action.due,
            item.assigned_to_user_id.is_distinct_from(action.assigned_to_user_id),
            item.revision != action.revision,
        )
        mirrored = sa.select(sa.func.count()).select_from(action).outerjoin(item, item.action_id == action.id)
        if count := session.scalar(mirrored.where(differ)):
            found.append(f"{count} actions differ from their mirror")
        left = sa.select(sa.func.count()).where(
            action.source == "auto",
            action.status == "pending",
            action.life_event_id.is_(None),
            action.profile_id.is_(None),
        )
        if count := session.scalar(left):
            found.append(f"{count} open actions of events that were deleted")
        twins = sa.select(action.life_event_id).where(action.status == "pending", action.life_event_id.is_not(None))
        if rows := session.execute(twins.group_by(action.life_event_id).having(sa.func.count() > 1)).all():
            found.append(f"{len(rows)} events with several open actions")
    return found


def forget(host: OrdinaryHost) -> None:
    """Delete the rows of a pair, so that the next one is not slower."""
    with host.app.app_context():
        for contact in host.db.session.scalars(sa.select(Contact)):
            host.db.session.delete(contact)
        host.db.session.flush()
        for model in (host.models.Partner, host.models.ClientProfile, host.models.Message, host.models.CalendarFeed):
            host.db.session.execute(sa.delete(model))
        host.db.session.commit()


def url_of(databases: Databases, kind: str) -> str:
    url = databases.url("sqlite" if kind in ("wal", "unenforced") else kind, f"races_{kind}")
    if kind == "wal":
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        engine.dispose()
    return url


def stop_enforcing(host: OrdinaryHost) -> None:
    """Let SQLite ignore foreign keys on every connection from now on."""
    with host.app.app_context():
        engine = host.db.engine
        sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=OFF"))
        engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--trials", type=int, default=200, help="for each pair")
    asked = parser.parse_args()
    result, began = Result(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        try:
            host = OrdinaryHost(url_of(databases, asked.database))
            if asked.database == "unenforced":
                stop_enforcing(host)
            result.wrong += [f"{endpoint} writes and has no case" for endpoint in uncovered(host)]
            run(host, asked.trials, result)
            host.close()
        finally:
            databases.stop()
    for name, seen in result.pairs.items():
        print(f"{name:75} {', '.join(f'{told}: {count}' for told, count in seen.most_common())}")
    print(f"{asked.database}: {len(result.pairs)} pairs, {asked.trials} trials each, {time.monotonic() - began:.0f} s")
    if result.wrong:
        print("\n".join(result.wrong), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
