"""All that the address book says to flask-relationships."""

from __future__ import annotations

from flask import session

from flask_relationships import (
    ClientProfileMapping,
    CompanyMapping,
    ConsoleTransport,
    ContactMapping,
    Relationships,
    UserMapping,
)

from .models import Client, Company, Contact, User, db, known_to, open_only

relationships = Relationships(
    db=db,
    contact=ContactMapping(
        Contact, email=["work_email", "home_email"], phone="phones.number", company="companies", visible=known_to
    ),
    company=CompanyMapping(Company, present=open_only),
    user=UserMapping(User, name=lambda user: f"{user.given_name} {user.family_name}"),
    client_profile=ClientProfileMapping(Client),
    current_user=lambda: session.get("user_id"),
    reader=lambda user: user.id,
    transport=ConsoleTransport(),
)


@relationships.permission_callback
def allowed(user_id: int, permission: str, target: object) -> bool:
    return permission != "relationships:manage" or not isinstance(target, Contact) or target.owner_id == user_id
