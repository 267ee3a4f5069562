"""The extensions. They know nothing of the models, which import this module."""

from __future__ import annotations

from flask_jwt_extended import JWTManager, get_jwt, get_jwt_identity, verify_jwt_in_request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from flask_relationships import ConsoleTransport, ContactMapping, Relationships, UserMapping


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
jwt = JWTManager()

PERSON, ACCOUNT = "examples.jwt_tenants.models:Person", "examples.jwt_tenants.models:Account"

relationships = Relationships(
    db=db,
    contact=ContactMapping(PERSON, company_name="works_at", deleted="deleted_at", tenant="tenant"),
    user=UserMapping(ACCOUNT, name="display_name", tenant="tenant"),
    transport=ConsoleTransport(),
)


@relationships.current_user_callback
def identity() -> object:
    verify_jwt_in_request(optional=True)
    return get_jwt_identity()


@relationships.permission_callback
def allowed(_identity: str, permission: str, _target: object) -> bool:
    return permission in get_jwt()["may"]
