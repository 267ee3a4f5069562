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

from .models import Client, Company, Contact, User, db, known_to, looks_after, open_only

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
    permission=lambda user_id, permission, row: permission != "relationships:manage" or looks_after(user_id, row),
    unmatched=lambda messages, _user_id: messages,  # one number serves all: who manages sorts what strangers write
    transport=ConsoleTransport(),
)
