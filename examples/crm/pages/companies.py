"""The list of companies, clients and prospects, and one company."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request
from flask_login import login_required
from sqlalchemy.orm import joinedload

from ..extensions import db
from ..models import ClientProfile, Contact, Organisation

blueprint = Blueprint("companies", __name__, url_prefix="/companies")

STAGES = ("clients", "prospects")


@blueprint.get("/")
@login_required  # type: ignore[untyped-decorator]  # flask-login has no types
def index() -> str:
    stage = request.args.get("stage", "")
    people = (
        sa.select(sa.func.count())
        .where(Contact.organisation_id == Organisation.id, Contact.archived_at.is_(None))
        .scalar_subquery()
    )
    rows = (
        sa.select(Organisation, people)
        .options(joinedload(Organisation.client_profile).joinedload(ClientProfile.account_lead))
        .order_by(Organisation.title)
    )
    if stage in STAGES:
        is_client = Organisation.client_profile.has()
        rows = rows.where(is_client if stage == "clients" else ~is_client)
    return render_template("companies.html", rows=db.session.execute(rows).all(), stage=stage, stages=STAGES)


@blueprint.get("/<int:organisation_id>")
@login_required  # type: ignore[untyped-decorator]
def page(organisation_id: int) -> str:
    company = db.session.get(
        Organisation,
        organisation_id,
        options=[joinedload(Organisation.client_profile).joinedload(ClientProfile.account_lead)],
    )
    if company is None:
        abort(404)
    contacts = db.session.scalars(
        Contact.current()
        .where(Contact.organisation_id == company.id)
        .options(joinedload(Contact.owner))
        .order_by(Contact.family_name, Contact.given_name)
    )
    return render_template("company.html", company=company, contacts=contacts.all())
