"""The team: who is in which squad, and the follow-ups that the reader may see."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, render_template
from flask_login import login_required

from ..extensions import db
from ..models import Contact, Squad, Task, User

blueprint = Blueprint("team", __name__, url_prefix="/team")


@blueprint.get("/")
@login_required  # type: ignore[untyped-decorator]  # flask-login has no types
def page() -> str:
    leaders = db.session.scalars(sa.select(User).where(User.squad_id.is_(None)).order_by(User.id)).all()
    squads = db.session.scalars(sa.select(Squad).order_by(Squad.name)).all()
    contacts = sa.select(Contact.owner_id, sa.func.count()).where(Contact.archived_at.is_(None))
    tasks = sa.select(Task.assignee_id, sa.func.count()).where(Task.done_at.is_(None))
    return render_template(
        "team.html",
        leaders=leaders,
        squads=squads,
        contact_counts=dict(db.session.execute(contacts.group_by(Contact.owner_id)).all()),
        task_counts=dict(db.session.execute(tasks.group_by(Task.assignee_id)).all()),
    )
