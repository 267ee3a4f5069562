"""Rows that a test puts into the demo's database before it looks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from examples.crm.clock import today
from examples.crm.extensions import db
from examples.crm.models import User
from examples.crm.relationships import relationships

NO_DATE = date(9999, 12, 31)


def add_actions(crm: Any, count: int, *, level: str = "manager", **columns: Any) -> None:
    """Pending actions of the first user of a level, on contacts 1 to 9, due from ten days ago onwards."""
    now = datetime.now(UTC).replace(tzinfo=None)
    with crm.app.app_context():
        user = db.session.scalars(sa.select(User).filter_by(level=level).order_by(User.id)).first()
        assert user is not None
        for place in range(count):
            day = today() + timedelta(days=place % 60 - 10) if place % 12 else None
            values = {"title": f"Number {place}", "action_type": "call", "contact_id": place % 9 + 1, "due_date": day}
            values |= {"assigned_to_user_id": user.id, "status": "pending", "source": "manual", **columns}
            due, id_ = values["due_date"] or NO_DATE, uuid7()
            own = {"id": id_, "due": due, "occurrence_key": str(id_), "created_at": now, "updated_at": now}
            db.session.add(relationships.models.Action(**own, **values))
        db.session.commit()


def close_everything(crm: Any) -> None:
    """No action is pending any more."""
    table = relationships.models.Action
    with crm.app.app_context():
        db.session.execute(sa.delete(table))
        db.session.commit()


def set_partners(crm: Any) -> None:
    """Three partners of the first company, and no others."""
    table = relationships.models.Partner
    now = datetime.now(UTC).replace(tzinfo=None)
    with crm.app.app_context():
        db.session.execute(sa.delete(table).where(table.company_id == 1))
        for name, kind, deal in [
            ("Rook & Rowan", "Recruiter", 185_000),
            ("Fjordlight Design", "Design agency", 295_000),
            ("Greenacre Pensions", None, 210_000),
        ]:
            told = {"partner_company_name": name, "relationship_type": kind, "estimated_deal_size": deal}
            db.session.add(table(id=uuid7(), company_id=1, created_at=now, updated_at=now, **told))
        db.session.commit()
