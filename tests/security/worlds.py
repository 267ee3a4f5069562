"""Worlds of several tenants: whose rows there are, and what of ours leads from one to another, across tenants too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.security.tenants import Row, TenantsHost

NOW = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
SOON = NOW.date() + timedelta(days=30)

place = st.integers(0, 3)
"""Which row of a kind: counted round, whatever their number."""

maybe = st.none() | place


@dataclass(frozen=True)
class World:
    """Rows of the host as (tenant, gone, ...), and rows of ours as the places of what they lead to."""

    companies: list[tuple[int, bool]]
    users: list[tuple[int, bool]]
    contacts: list[tuple[int, bool, int | None, int | None]]
    events: list[tuple[int, int | None, int | None]]
    actions: list[tuple[int, int | None, int | None, int, int | None]]
    messages: list[tuple[int, int]]
    partners: list[tuple[int, int | None]]
    asks: int
    scope: list[int] | None
    """Whose actions the lists show: those of these users; of everyone where None, and one's own where empty."""


def worlds(tenants: int = 3) -> st.SearchStrategy[World]:
    tenant, gone = st.integers(0, tenants - 1), st.sampled_from([False, False, False, True])
    return st.builds(
        World,
        companies=st.lists(st.tuples(tenant, gone), min_size=1, max_size=3),
        users=st.lists(st.tuples(tenant, gone), min_size=2, max_size=4),
        contacts=st.lists(st.tuples(tenant, gone, maybe, maybe), min_size=1, max_size=4),
        events=st.lists(st.tuples(place, maybe, maybe), max_size=3),
        actions=st.lists(st.tuples(place, maybe, maybe, place, maybe), min_size=1, max_size=6),
        messages=st.lists(st.tuples(place, place), max_size=3),
        partners=st.lists(st.tuples(place, maybe), max_size=3),
        asks=place,
        scope=st.none() | st.lists(place, max_size=3),
    )


@dataclass(frozen=True)
class MadeAction:
    id: str
    contact: Row
    company: Row | None
    assigned: Row | None
    created: Row
    completed: Row | None


class Made:
    """A world in the database of a host."""

    def __init__(self, host: TenantsHost, world: World) -> None:
        self.host, self.world = host, world
        with host.app.app_context():
            host.clean()
            self._host_rows()
            host.db.session.flush()
            self._our_rows()
            host.db.session.commit()
        self.rows: list[Row] = [*self.companies, *self.users, *self.contacts]
        self.asks = self.users[world.asks % len(self.users)]

    def hidden(self) -> list[Row]:
        """The rows that whoever asks may not know of."""
        return [row for row in self.rows if not self.sees(row)]

    def sees(self, row: Row | None) -> bool:
        return row is not None and row.is_seen_from(self.asks.tenant)

    def shown(self, row: Row | None) -> str | None:
        """The id of a row as whoever asks is told of it."""
        return row.id if row is not None and self.sees(row) else None

    def scope(self) -> list[Row] | None:
        """The users whose actions the lists show, or None for everyone."""
        if self.world.scope is None:
            return None
        return [self.users[one % len(self.users)] for one in self.world.scope] or [self.asks]

    def _host_rows(self) -> None:
        host, world = self.host, self.world
        self.companies = [
            host.row("company", f"Qcompany{number}q", tenant, gone=gone)
            for number, (tenant, gone) in enumerate(world.companies)
        ]
        self.users = [
            host.row("user", f"Quser{number}q", tenant, gone=gone) for number, (tenant, gone) in enumerate(world.users)
        ]
        host.db.session.flush()
        self.contacts = [
            host.row(
                "contact",
                f"Qcontact{number}q",
                tenant,
                gone=gone,
                company=_at(self.companies, company),
                owner=_at(self.users, owner),
            )
            for number, (tenant, gone, company, owner) in enumerate(world.contacts)
        ]

    def _our_rows(self) -> None:
        models, session, dated = self.host.models, self.host.db.session, {"created_at": NOW, "updated_at": NOW}
        for number, contact in enumerate(self.contacts):
            profile = {"phone_e164": "+442079460018", "twilio_opt_in": True, "personal_notes": contact.mark}
            wanted = {
                "cadence_days": 1,
                "in_touch_due_day": 700_000,
                "last_contact_at": NOW,
                "last_contact_channel": "sms",
            }
            keys = {
                "cadence_set_by_user_id": _one(self.users, number).key,
                "last_contact_by_user_id": _one(self.users, number + 1).key,
            }
            kept = {"birthday_in_full": False, **profile, **wanted, **keys, **dated}
            session.add(models.Profile(contact_id=contact.key, **kept))
        self.events = []
        for one, company, user in self.world.events:
            contact = _one(self.contacts, one)
            event = models.LifeEvent(
                **_links(contact=contact, company=_at(self.companies, company), created_by_user=_at(self.users, user)),
                event_type="visit",
                title=f"{contact.mark} event",
                event_date=SOON,
                auto_action_days_before=7,
                **dated,
            )
            session.add(event)
            self.events.append((contact, event))
        self.actions = [self._action(*action, dated=dated) for action in self.world.actions]
        for one, user in self.world.messages:
            contact = _one(self.contacts, one)
            told = {"direction": "outbound", "channel": "sms", "body": f"{contact.mark} text", "status": "sent"}
            links = _links(contact=contact, sent_by_user=_one(self.users, user))
            session.add(models.Message(**links, **told, created_at=NOW))
        for company in self.companies:
            clients = self.host.Client(company_id=company.key)
            if models.ClientProfile is not None:
                clients = models.ClientProfile(company_id=company.key, created_at=NOW)
            session.add(clients)
        self.partners = []
        for one, person in self.world.partners:
            company = _one(self.companies, one)
            links = _links(company=company, contact=_at(self.contacts, person))
            partner = models.Partner(**links, partner_company_name=f"{company.mark} partner", **dated)
            session.add(partner)
            self.partners.append((company, partner))
        session.flush()
        self.event_ids = [(contact, str(event.id)) for contact, event in self.events]
        self.partner_ids = [(company, str(partner.id)) for company, partner in self.partners]

    def _action(
        self, one: int, company: int | None, assigned: int | None, created: int, completed: int | None, *, dated: Any
    ) -> MadeAction:
        models, session = self.host.models, self.host.db.session
        made = (
            _one(self.contacts, one),
            _at(self.companies, company),
            _at(self.users, assigned),
            _one(self.users, created),
            _at(self.users, completed),
        )
        names = ("contact", "company", "assigned_to_user", "created_by_user", "completed_by_user")
        told = {"title": f"{made[0].mark} action", "due": date(2999, 1, 1), **dated}
        status = "pending" if made[4] is None else "done"
        links = _links(**dict(zip(names, made, strict=True)))
        action = models.Action(**links, **told, action_type="call", occurrence_key="manual", status=status)
        session.add(action)
        session.flush()
        mirrored = {"assigned_to_user_id": links["assigned_to_user_id"], "action_id": action.id}
        session.add(models.ActionCentreItem(**mirrored, **told, status="open" if status == "pending" else status))
        return MadeAction(str(action.id), *made)


def _one(rows: list[Row], number: int) -> Row:
    return rows[number % len(rows)]


def _at(rows: list[Row], number: int | None) -> Row | None:
    return None if number is None else _one(rows, number)


def _links(**rows: Row | None) -> dict[str, Any]:
    return {f"{name}_id": None if row is None else row.key for name, row in rows.items()}
