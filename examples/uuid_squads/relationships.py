"""All that the CRM says to flask-relationships."""

from __future__ import annotations

from flask_relationships import (
    ActionScope,
    CompanyMapping,
    ConsoleTransport,
    ContactMapping,
    Relationships,
    UserMapping,
)

from .models import Company, Contact, Role, User, db, known_to

relationships = Relationships(
    db=db,
    contact=ContactMapping(Contact, phone="mobile", owner="consultant_id", visible=known_to),
    company=CompanyMapping(Company),
    user=UserMapping(User, name="full_name"),
    unmatched=lambda messages, _user: messages,  # one number serves all squads: who manages sorts its strangers
    transport=ConsoleTransport(),
)


@relationships.permission_callback
def allowed(user: User, permission: str, target: object) -> bool:  # noqa: ARG001  (a stricter host looks at it)
    return user.role is not Role.CONSULTANT or permission != "relationships:manage"


@relationships.action_scope_callback
def scope(user: User) -> ActionScope:
    return ActionScope.from_levels(user, level=user.role, squad=user.squad_members)
