"""The partners of client companies; one here and there is a contact of ours too."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ..relationships import relationships
from .clock import Clock
from .conversations import PARTNERS
from .names import PEOPLE
from .people import Firm, address_part, domain_of


def add_partners(session: Session, clock: Clock, firm: Firm) -> None:
    clients = [company for company in firm.companies if company.is_client]
    for position, client in enumerate(clients):
        count = 3 if position == 0 else clock.random.choice((0, 1, 2, 2, 3, 4))
        for title, kind in clock.random.sample(PARTNERS, count):
            given, family = (clock.random.choice(part.split()) for part in clock.random.choice(PEOPLE))
            linked = clock.random.choice(firm.contacts) if clock.chance(0.1) else None
            created = clock.ago(clock.random.uniform(10, 300))
            session.add(
                relationships.models.Partner(
                    id=clock.row_id(created),
                    company_id=client.id,
                    partner_company_name=title,
                    partner_contact_name=linked.full_name if linked else f"{given} {family}",
                    partner_contact_email=linked.email
                    if linked
                    else f"{address_part(given)}.{address_part(family)}@{domain_of(title)}",
                    relationship_type=kind,
                    estimated_deal_size=clock.random.randrange(2, 60) * 5000 if clock.chance(0.7) else None,
                    notes="Knows the board well." if clock.chance(0.25) else None,
                    contact_id=linked.id if linked else None,
                    created_at=created,
                    updated_at=created,
                )
            )
    session.flush()
