"""All that the CRM says to flask-relationships: which attribute is which, who may do what, and how texts leave."""

from __future__ import annotations

from flask_relationships import (
    ActionScope,
    ClientProfileMapping,
    CompanyMapping,
    ConsoleTransport,
    ContactMapping,
    Relationships,
    UserMapping,
)

from .extensions import db
from .models import ClientProfile, Contact, Organisation, User, kept

relationships = Relationships(
    db=db,
    contact=ContactMapping(
        Contact, first_name="given_name", last_name="family_name", phone="mobile", company="organisation", present=kept
    ),
    company=CompanyMapping(Organisation, name="title"),
    user=UserMapping(User, name="full_name"),
    client_profile=ClientProfileMapping(ClientProfile, company="organisation_id"),
    action_scope=lambda user: ActionScope.from_levels(user, level=user.level, squad=user.squad_member_ids),
    transport=ConsoleTransport(),
)


@relationships.permission_callback
def allowed(user: User, permission: str, target: object) -> bool:  # noqa: ARG001  (a stricter host looks at it)
    return user.may(permission.removeprefix("relationships:"))
