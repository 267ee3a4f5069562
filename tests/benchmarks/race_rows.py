"""The rows that a race is about, inserted for many trials in one transaction."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from flask_relationships.domain.life_events.reminders import NEVER
from flask_relationships.domain.messages.statuses import STATUS_RANKS, WAITING_RANK
from tests.benchmarks.race_sides import Ids
from tests.hosts.host import Caller
from tests.hosts.ordinary import Company, Contact, OrdinaryHost, User

TEMPLATE = "2079499999"
"""The number of the contact whose profile is copied for the contacts of the trials."""

NUMBERS = itertools.count()


class Trials:
    """The trials of one race. ``ids`` are those of their rows, a mapping for each trial."""

    def __init__(self, host: OrdinaryHost, api: Caller, number: int, *, reads: bool) -> None:
        self.host, self.api = host, api
        self.models: Any = host.models
        with host.app.app_context():
            self.now: datetime = host.state.now()
            self.today: date = host.state.today()
        self.ids = self._people(number, reads)

    def _people(self, number: int, reads: bool) -> list[Ids]:
        phones = [f"+4420794{next(NUMBERS) % 99_999:05}" for _ in range(number)]
        rows: dict[str, list[Any]] = {
            "contact": [Contact(first_name="Ada", last_name="Lovelace", phone=phone) for phone in phones],
            "company": [Company(name="Analytical Engines") for _ in phones],
            "user": [User(name="Mary Somerville", access="manage", level="executive") for _ in phones],
        }
        if reads:
            rows["reader"] = [User(name="Emmy Noether", access="manage", level="executive") for _ in phones]
        with self.host.app.app_context():
            session = self.host.db.session
            session.add_all([row for some in rows.values() for row in some])
            session.flush()
            ids = [
                {"reader": "", "phone": phone, **{kind: str(some[place].id) for kind, some in rows.items()}}
                for place, phone in enumerate(phones)
            ]
            session.commit()
        return ids

    def insert(self, name: str, values: Callable[[Ids], dict[str, Any]], known_as: str | None = None) -> None:
        """Insert a row of ours for each trial. ``known_as`` is the name of its id."""
        model = getattr(self.models, name)
        rows: list[dict[str, Any]] = []
        for ids in self.ids:
            row = {"id": uuid7(), **values(ids)}
            if known_as is not None:
                ids[known_as] = str(row["id"])
            rows.append(row)
        with self.host.app.app_context():
            self.host.db.session.execute(sa.insert(model), rows)
            self.host.db.session.commit()


def make_nothing(trials: Trials) -> None:
    """The row is made by whoever is first."""


def make_profile(trials: Trials, change: dict[str, Any], **columns: Any) -> None:
    """Copy the profile of a contact that was changed through the API. Callables in ``columns`` take the ids."""
    contact = trials.host.contact(phone=f"+44{TEMPLATE}")
    trials.api.patch(f"/contacts/{contact}/relationship", change)
    table = sa.inspect(trials.models.Profile).local_table
    with trials.host.app.app_context():
        found = trials.host.db.session.execute(sa.select(table).where(table.c.contact_id == int(contact)))
        template = dict(found.mappings().one())
    trials.host.delete_contact(contact)
    del template["id"]

    def copy(ids: Ids) -> dict[str, Any]:
        own = ids["phone"].removeprefix("+44")
        row = {
            name: value.replace(TEMPLATE, own) if isinstance(value, str) else value for name, value in template.items()
        }
        given = {name: value(ids) if callable(value) else value for name, value in columns.items()}
        return {**row, "contact_id": int(ids["contact"]), **given}

    trials.insert("Profile", copy, "profile")


def make_willing(trials: Trials) -> None:
    make_profile(trials, {"twilio_opt_in": True})


def make_event(trials: Trials, day: date = date(2031, 5, 1), **columns: Any) -> None:
    now = trials.now

    def event(ids: Ids) -> dict[str, Any]:
        row = {"event_type": "visit", "title": "Visit", "event_date": day, "auto_action_days_before": 7}
        row |= {"next_reminder": day - timedelta(days=7), "contact_id": int(ids["contact"])}
        return {**row, "created_at": now, "updated_at": now, **columns}

    trials.insert("LifeEvent", event, "event")


def make_action(trials: Trials, day: date = date(2031, 5, 1), **columns: Any) -> None:
    """The auto-action of the event, and its mirror."""
    due, now = day - timedelta(days=7), trials.now
    same = {"title": "Visit", "due_date": due, "due": due, "created_at": now, "updated_at": now}
    status = columns.get("status", "pending")

    def action(ids: Ids) -> dict[str, Any]:
        row = {**same, "action_type": "call", "source": "auto", "status": "pending", "reminder_slot": 0}
        row |= {"days_before": 7, "occurrence_date": day, "occurrence_key": day.isoformat()}
        row |= {"life_event_id": UUID(ids["event"]), "contact_id": int(ids["contact"])}
        return {**row, "assigned_to_user_id": int(ids["user"]), **columns}

    def item(ids: Ids) -> dict[str, Any]:
        status_here = "open" if status == "pending" else status
        row = {**same, "action_id": UUID(ids["action"]), "status": status_here}
        return {**row, "assigned_to_user_id": int(ids["user"])}

    trials.insert("Action", action, "action")
    trials.insert("ActionCentreItem", item)


def make_event_and_action(trials: Trials) -> None:
    make_event(trials)
    make_action(trials)


def make_greeting(trials: Trials) -> None:
    """An action that a message to a willing contact completes."""
    make_willing(trials)
    make_event_and_action(trials)


def make_due_event(trials: Trials) -> None:
    """An event without an action, that is due once ``next_reminder`` is set."""
    make_event(trials, trials.today + timedelta(days=3), next_reminder=NEVER)


def make_dismissed(trials: Trials) -> None:
    """A due event whose action the plugin has dismissed."""
    make_due_event(trials)
    closed = {"status": "dismissed", "closed_by": "plugin", "completed_at": trials.now}
    make_action(trials, trials.today + timedelta(days=3), **closed)


def make_message(trials: Trials, status: str, known_as: str = "message", **columns: Any) -> None:
    """A message to the contact. Callables in ``columns`` take the ids."""

    def message(ids: Ids) -> dict[str, Any]:
        row: dict[str, Any] = {"direction": "outbound", "channel": "sms", "body": "Hello", "status": status}
        row |= {"status_rank": STATUS_RANKS[status], "attempt": 1, "created_at": trials.now, "attempted_at": trials.now}
        row |= {"to_number": ids["phone"], "address_key": ids["phone"], "contact_id": int(ids["contact"])}
        return {**row, **{name: value(ids) if callable(value) else value for name, value in columns.items()}}

    for ids in trials.ids:
        ids |= {name: f"SM{uuid7().hex}" for name in ("sid", "inbound_sid", "stop_sid")}
    trials.insert("Message", message, known_as)


def make_waiting(trials: Trials, **columns: Any) -> None:
    given = {"status_rank": WAITING_RANK, "attempt": 0, "attempted_at": None, **columns}
    make_message(trials, "queued", "waiting", **given)


def make_postponed(trials: Trials) -> None:
    """A message to a willing contact that waits until ``not_before`` is taken away."""
    make_willing(trials)
    make_waiting(trials, not_before=trials.now + timedelta(days=300))


def make_waiting_and_unmatched(trials: Trials) -> None:
    make_waiting(trials)

    def unmatched(ids: Ids) -> dict[str, Any]:
        row = {"direction": "inbound", "channel": "sms", "body": "Who is this?", "status": "received"}
        return {**row, "from_number": "+442079460777", "address_key": "+442079460777", "created_at": trials.now}

    trials.insert("Message", unmatched, "inbound")


def make_sent(trials: Trials, **columns: Any) -> None:
    make_message(trials, "queued", provider_sid=lambda ids: ids["sid"], sent_at=trials.now, **columns)


def make_conversation(trials: Trials) -> None:
    """A willing contact who was written to."""
    make_willing(trials)
    make_sent(trials)


def make_completed(trials: Trials) -> None:
    """A message that has completed an action, and may yet fail."""
    make_event(trials)
    make_action(trials, status="done", closed_by="message", completed_at=trials.now)
    make_sent(trials, auto_action_id=lambda ids: UUID(ids["action"]))


def make_partner(trials: Trials, **columns: Any) -> None:
    now = trials.now

    def client(ids: Ids) -> dict[str, Any]:
        return {"company_id": int(ids["company"]), "created_at": now}

    def partner(ids: Ids) -> dict[str, Any]:
        row = {"partner_company_name": "Difference Engines", "company_id": int(ids["company"]), "linked_at": now}
        return {**row, "contact_id": int(ids["contact"]), "created_at": now, "updated_at": now, **columns}

    trials.insert("ClientProfile", client)
    trials.insert("Partner", partner, "partner")


def make_forgotten_partner(trials: Trials) -> None:
    make_partner(trials, contact_id=None, linked_at=None, partner_contact_name="Ada Lovelace")


def make_contact_in_touch(trials: Trials) -> None:
    """A contact of whom the scheduled job reminds once ``in_touch_remind_day`` is set."""
    late = trials.today.toordinal() - 5
    columns = {"cadence_since_day": late - 30, "in_touch_due_day": late, "in_touch_remind_day": None}
    make_profile(trials, {"cadence_days": 30}, **columns, cadence_set_by_user_id=lambda ids: int(ids["user"]))


def make_birthday(trials: Trials) -> None:
    """A profile with a birthday that is owed its event once ``birthday_owed`` is set."""
    make_profile(trials, {}, birthday_month_day=515, birthday_in_full=False, birthday_owed=False)


def make_all(trials: Trials) -> None:
    """A contact with a profile, an event with its action, a message, and a partner who names it."""
    make_greeting(trials)
    make_sent(trials)
    make_partner(trials)
