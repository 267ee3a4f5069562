"""All that the application says to flask-relationships."""

from __future__ import annotations

from flask import current_app
from flask_appbuilder.security.sqla.models import User

from flask_relationships import (
    ActionScope,
    CompanyMapping,
    ConsoleTransport,
    ContactMapping,
    HostTaskActionCentre,
    Relationships,
    TaskMapping,
    UserMapping,
)

from .models import Company, Contact, Task, db, not_retired

relationships = Relationships(
    db=db,
    contact=ContactMapping(Contact, phone="telephone", owner="created_by", present=not_retired),
    company=CompanyMapping(Company),
    user=UserMapping(User, name=User.first_name + " " + User.last_name),
    action_centre=HostTaskActionCentre(TaskMapping(Task, status="state", open="open", done="done", contact="contact")),
    action_scope=lambda user: ActionScope.everyone() if "Admin" in map(str, user.roles) else ActionScope.own(),
    transport=ConsoleTransport(),
)


@relationships.permission_callback
def allowed(_user: User, permission: str, _target: object) -> bool:
    right = permission.replace("relationships:", "can_")
    return bool(current_app.extensions["appbuilder"].sm.has_access(right, "Relationships"))
