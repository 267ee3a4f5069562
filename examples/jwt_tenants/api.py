"""The application's own routes: a token for a password, the people of the tenant, and deleting one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, request
from flask_jwt_extended import create_access_token, jwt_required
from werkzeug.security import check_password_hash

from .extensions import db
from .models import RIGHTS, Account, Person
from .tenancy import not_deleted, of_the_tenant

blueprint = Blueprint("ledger", __name__)


@blueprint.post("/login")
def log_in() -> dict[str, str]:
    given = request.get_json()
    account = db.session.scalar(sa.select(Account).where(Account.email == given["email"]))
    if account is None or not check_password_hash(account.password_hash, given["password"]):
        abort(401)
    claims = {"tenant": account.tenant, "may": RIGHTS[account.role]}
    return {"access_token": create_access_token(str(account.id), additional_claims=claims)}


@blueprint.get("/people")
@jwt_required()  # type: ignore[untyped-decorator]
def people() -> list[dict[str, Any]]:
    found = db.session.scalars(of_the_tenant(not_deleted(sa.select(Person))).order_by(Person.name))
    return [{"id": person.id, "name": person.name, "works_at": person.works_at} for person in found]


@blueprint.delete("/people/<int:id>")
@jwt_required()  # type: ignore[untyped-decorator]
def delete(id: int) -> dict[str, bool]:
    person = db.session.scalar(of_the_tenant(not_deleted(sa.select(Person))).where(Person.id == id))
    if person is None:
        abort(404)
    person.deleted_at = datetime.now(UTC).replace(tzinfo=None)
    db.session.commit()
    return {"ok": True}
