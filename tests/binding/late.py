"""An extension that is made before the models it names: hosts' modules often import in circles."""

from __future__ import annotations

from flask_sqlalchemy import SQLAlchemy

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping

db = SQLAlchemy()
relationships = Relationships(
    db=db,
    contact=ContactMapping("tests.binding.late_models:Person", name="full_name", email="mail"),
    company=CompanyMapping("tests.binding.late_models:Firm"),
    user=UserMapping("tests.binding.late_models:Account", name="login"),
    permission=lambda *_: True,
    current_user=lambda: 1,
)
