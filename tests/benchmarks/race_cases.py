"""Who races with whom: the routes, webhooks and scheduled jobs that write one object, and the host's deletions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from flask_relationships.testing import FakeTwilio
from tests.benchmarks import race_rows as rows
from tests.benchmarks.race_rows import Trials
from tests.benchmarks.race_sides import Ids, Side
from tests.hosts.ordinary import Contact


@dataclass(frozen=True)
class Case:
    """One thing that may be done to the object, and the rows of the host's that it leans on."""

    name: str
    do: Callable[[Side, str, Ids], str]
    deletes: tuple[str, ...] = ("contact",)
    arm: Callable[[Side, Ids], None] | None = None
    """Makes the object due for a scheduled job, just before the race: the objects of the other trials are not."""
    refused: bool = False
    """Whether 403 is allowed: a number that has said STOP is not written to."""


@dataclass(frozen=True)
class Group:
    """What writes one object, and how that object is made."""

    name: str
    make: Callable[[Trials], None]
    cases: tuple[Case, ...]
    of_first: int | None = None
    """Only the pairs of so many first cases: the others are pairs of another group. None for all."""

    @property
    def reads(self) -> bool:
        return "calendar" in self.name

    def pairs(self) -> Iterator[tuple[Case, Case]]:
        """Every pair of cases, each with itself too, and each case with the deletions that concern it."""
        first = self.cases[: self.of_first]
        for one, other in itertools.combinations_with_replacement(self.cases, 2):
            if one in first:
                yield one, other
        yield from ((one, deletion(kind)) for one in first for kind in one.deletes)


def route(name: str, method: str, path: str, body: Any = None, deletes: tuple[str, ...] = ("contact",)) -> Case:
    def ask(side: Side, user: str, ids: Ids) -> str:
        filled = {
            name: value.format(**ids) if isinstance(value, str) else value for name, value in (body or {}).items()
        }
        if "ids" in filled:
            filled["ids"] = [ids["action"]]
        return side.ask(user, method, path.format(**ids), filled if body is not None else None)

    return Case(name, ask, deletes)


def inbound(name: str, text: str, deletes: tuple[str, ...] = ("contact",)) -> Case:
    """A message that comes in. Two with the same text are one message that Twilio posts twice."""

    def post(side: Side, user: str, ids: Ids) -> str:
        to = FakeTwilio.sms_from
        sid = ids["stop_sid" if text == "STOP" else "inbound_sid"]
        form = {"MessageSid": sid, "SmsSid": sid, "From": ids["phone"], "To": to, "Body": text, "NumMedia": "0"}
        return side.post("/inbound", form)

    return Case(name, post, deletes)


def report(status: str, message: str = "message", deletes: tuple[str, ...] = ("contact",)) -> Case:
    def post(side: Side, user: str, ids: Ids) -> str:
        form = {"MessageSid": ids["sid"], "SmsSid": ids["sid"], "MessageStatus": status, "To": ids["phone"]}
        form["From"] = FakeTwilio.sms_from
        if status in ("failed", "undelivered"):
            form["ErrorCode"] = "30003"
        return side.post(f"/status/{ids[message]}", form)

    return Case(f"status {status}", post, deletes)


def job(step: str, arm: Callable[[Side, Ids], sa.Executable], deletes: tuple[str, ...] = ("contact",)) -> Case:
    return Case(
        f"job {step}", lambda side, _, __: side.run(step), deletes, lambda side, ids: side.execute(arm(side, ids))
    )


def deletion(kind: str) -> Case:
    return Case(f"DELETE {kind}", lambda side, _, ids: side.delete(kind, ids[kind]), ())


def _set(table: str, key: str, **values: Any) -> Callable[[Side, Ids], sa.Executable]:
    def arm(side: Side, ids: Ids) -> sa.Executable:
        model = getattr(side.host.models, table)
        with side.host.app.app_context():
            found = {name: value(side) if callable(value) else value for name, value in values.items()}
        return sa.update(model).where(model.id == UUID(ids[key])).values(found)

    return arm


def _ago(**age: int) -> Callable[[Side], Any]:
    return lambda side: side.host.state.now() - timedelta(**age)


def _new_number(side: Side, ids: Ids) -> sa.Executable:
    """The host has given the contact the number of the unmatched message, and the daily pass is due."""
    side.execute(sa.delete(side.host.models.Refresh))
    return sa.update(Contact).where(Contact.id == int(ids["contact"])).values(phone=ids["new_phone"])


def _lost_contact(side: Side, ids: Ids) -> sa.Executable:
    """SQL has deleted the contact. Where the database enforces its keys, our rows went with it."""
    side.execute(sa.delete(side.host.models.Refresh))
    there = sa.table(Contact.__tablename__, sa.column("id"))
    return sa.delete(there).where(there.c.id == int(ids["contact"]))


def make_number(trials: Trials) -> None:
    """A message of each contact's next number."""
    for ids in trials.ids:
        ids["new_phone"] = ids["phone"].replace("+4420794", "+4420795")
    rows.make_message(
        trials,
        "received",
        "inbound",
        direction="inbound",
        contact_id=None,
        from_number=lambda ids: ids["new_phone"],
        address_key=lambda ids: ids["new_phone"],
        to_number="+12025550100",
    )


ACTION = "/contacts/{contact}/relationship-actions/{action}"
EVENT = "/contacts/{contact}/life-events/{event}"
MESSAGES = "/contacts/{contact}/messages"
PROFILE = "/contacts/{contact}/relationship"
NEW_ACTION = {"title": "Call", "action_type": "call", "assigned_to_user_id": "{user}"}
NEW_EVENT = {"event_type": "visit", "title": "Visit", "company_id": "{company}"}
MESSAGE = {"channel": "sms", "body": "Hello"}
PARTNER = {"partner_company_name": "Analytical Engines", "contact_id": "{contact}"}
SETTLED = {"status": "sent"}
BOTH, ALL = ("contact", "user"), ("contact", "company", "user")


def change(deletes: tuple[str, ...] = ("contact",), **values: Any) -> Case:
    found = route("profiles.change", "PATCH", PROFILE, values, deletes)
    return replace(found, name="profiles.change " + ", ".join(f"{name}={value}" for name, value in values.items()))


def settle(message: str) -> Case:
    return route("messages.settle", "PATCH", f"{MESSAGES}/{{{message}}}", SETTLED)


def cancel(message: str) -> Case:
    return route("messages.cancel", "DELETE", f"{MESSAGES}/{{{message}}}")


SEND = route("messages.send", "POST", MESSAGES, MESSAGE)
COMPLETE = route("messages.send", "POST", MESSAGES, MESSAGE | {"auto_action_id": "{action}"}, BOTH)
CHANGE_EVENT = route("life_events.change", "PATCH", EVENT, {"title": "Jubilee", "event_date": "2032-06-01"}, BOTH)
REMOVE_EVENT = route("life_events.remove", "DELETE", EVENT, None, BOTH)
MATCH = route("unmatched.match", "PUT", f"{MESSAGES}/{{inbound}}")

EVENT_AND_ACTION = (
    CHANGE_EVENT,
    REMOVE_EVENT,
    route("actions.change", "PATCH", "/relationship-actions/{action}", {"status": "done"}, BOTH),
    route("actions.edit", "PATCH", ACTION, {"title": "Flowers", "assigned_to_user_id": "{user}"}, BOTH),
    route("actions.snooze", "POST", "/relationship-actions/{action}/snooze", {"days": 3}, BOTH),
    route("actions.reopen", "POST", "/relationship-actions/{action}/reopen", None, BOTH),
    route("actions.close_many", "PATCH", "/relationship-actions", {"ids": [], "status": "dismissed"}, BOTH),
)

COMPANY_FEED = "/companies/{company}/calendar-feed"

ROUTES = (
    Group(
        "profile",
        rows.make_nothing,
        (
            route("profiles.change", "PATCH", PROFILE, {"birthday": "1990-05-15"}),
            route("life_events.create", "POST", "/contacts/{contact}/life-events", NEW_EVENT, ("contact", "company")),
            route("actions.create", "POST", "/contacts/{contact}/relationship-actions", NEW_ACTION, BOTH),
            route("messages.preview", "POST", f"{MESSAGES}/preview", MESSAGE),
        ),
    ),
    Group("message to be sent", rows.make_willing, (SEND, change(cadence_days=30))),
    Group("event and action", rows.make_event_and_action, EVENT_AND_ACTION),
    Group("action that a message completes", rows.make_greeting, (COMPLETE, *EVENT_AND_ACTION), of_first=1),
    Group("message", rows.make_waiting_and_unmatched, (cancel("waiting"), MATCH, settle("waiting"))),
    Group(
        "partner and client",
        rows.make_partner,
        (
            route("partners.create", "POST", "/companies/{company}/partners", PARTNER, ("contact", "company")),
            route(
                "partners.change", "PATCH", "/companies/{company}/partners/{partner}", PARTNER, ("contact", "company")
            ),
            route("partners.remove", "DELETE", "/companies/{company}/partners/{partner}", None, ("contact", "company")),
            route("client_profiles.put", "PUT", "/companies/{company}/client-profile", None, ("company",)),
            route("client_profiles.remove", "DELETE", "/companies/{company}/client-profile", None, ("company",)),
        ),
    ),
    Group(
        "own calendar",
        rows.make_nothing,
        (
            route("feeds.subscribe", "PUT", "/calendar-feed", None, ("reader",)),
            route("feeds.revoke", "DELETE", "/calendar-feed", None, ("reader",)),
        ),
    ),
    Group(
        "calendar of a company",
        rows.make_nothing,
        (
            route("feeds.subscribe_to_company", "PUT", COMPANY_FEED, None, ("company", "reader")),
            route("feeds.revoke_of_company", "DELETE", COMPANY_FEED, None, ("company", "reader")),
        ),
    ),
)

WEBHOOKS = (
    Group(
        "conversation",
        rows.make_conversation,
        (
            inbound("inbound", "Thank you", BOTH),
            inbound("STOP", "STOP", BOTH),
            replace(SEND, refused=True),
            change(twilio_opt_in=True),
            change(phone_number="+44 7911 123456"),
        ),
        of_first=2,
    ),
    Group(
        "sent message",
        rows.make_sent,
        (
            report("delivered"),
            report("undelivered"),
            job("missing_reports", _set("Message", "message", attempted_at=_ago(minutes=20))),
            cancel("message"),
            settle("message"),
        ),
    ),
    Group(
        "message that fails after it completed an action",
        rows.make_completed,
        (report("undelivered", deletes=BOTH), *EVENT_AND_ACTION),
        of_first=1,
    ),
)

JOBS = (
    Group(
        "unconfirmed message",
        lambda trials: rows.make_message(trials, "unconfirmed", created_at=trials.now - timedelta(days=30)),
        (
            settle("message"),
            cancel("message"),
            report("delivered"),
            job("unclear_messages", _set("Message", "message", created_at=_ago(hours=2), attempted_at=_ago(hours=2))),
        ),
    ),
    Group(
        "abandoned message",
        lambda trials: rows.make_message(trials, "sending"),
        (
            job("abandoned_messages", _set("Message", "message", attempted_at=_ago(days=1))),
            report("delivered"),
            settle("message"),
            cancel("message"),
        ),
        of_first=1,
    ),
    Group(
        "waiting message",
        rows.make_postponed,
        (
            job("waiting_messages", _set("Message", "waiting", not_before=None)),
            cancel("waiting"),
            settle("waiting"),
            inbound("STOP", "STOP"),
            report("delivered", "waiting"),
        ),
        of_first=1,
    ),
    Group(
        "due event",
        rows.make_due_event,
        (
            job("auto_actions", _set("LifeEvent", "event", next_reminder=_ago(days=4)), ALL),
            CHANGE_EVENT,
            REMOVE_EVENT,
        ),
        of_first=1,
    ),
    Group(
        "due event whose action the plugin dismissed",
        rows.make_dismissed,
        (job("auto_actions", _set("LifeEvent", "event", next_reminder=_ago(days=4)), BOTH), *EVENT_AND_ACTION),
        of_first=1,
    ),
    Group(
        "contact to be reminded of",
        rows.make_contact_in_touch,
        (
            job(
                "keeping_in_touch",
                _set("Profile", "profile", in_touch_remind_day=lambda side: side.host.state.today().toordinal()),
                BOTH,
            ),
            change(cadence_days=None),
            change(cadence_days=90),
            route("actions.create", "POST", "/contacts/{contact}/relationship-actions", NEW_ACTION),
        ),
        of_first=1,
    ),
    Group(
        "birthday",
        rows.make_birthday,
        (
            job("birthdays", _set("Profile", "profile", birthday_owed=True)),
            change(birthday="1990-06-16"),
            change(birthday=None),
        ),
    ),
    Group(
        "number of a contact",
        make_number,
        (job("contact_numbers", _new_number), MATCH, change(phone_number="+44 7911 123456")),
        of_first=1,
    ),
    Group(
        "rows of a deleted contact",
        rows.make_all,
        (
            job("deleted_rows", _lost_contact, BOTH),
            CHANGE_EVENT,
            route("actions.edit", "PATCH", ACTION, {"title": "Flowers", "assigned_to_user_id": "{user}"}),
            route("life_events.create", "POST", "/contacts/{contact}/life-events", NEW_EVENT),
            inbound("inbound", "Thank you"),
        ),
        of_first=1,
    ),
    Group(
        "partner of a deleted contact",
        rows.make_forgotten_partner,
        (
            job("partner_links", _set("Partner", "partner", linked_at=sa.text("updated_at")), ("company",)),
            route("partners.change", "PATCH", "/companies/{company}/partners/{partner}", PARTNER, ()),
            route("partners.remove", "DELETE", "/companies/{company}/partners/{partner}", None, ()),
        ),
        of_first=1,
    ),
)

GROUPS = (*ROUTES, *WEBHOOKS, *JOBS)


def races() -> Iterator[tuple[Group, Case, Case]]:
    for group in GROUPS:
        yield from ((group, *pair) for pair in group.pairs())
