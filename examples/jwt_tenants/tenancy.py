"""Limit the rows of the application's own routes to the tenant in the token of the request."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_jwt_extended import get_jwt


def of_the_tenant(rows: sa.Select[Any]) -> sa.Select[Any]:
    """Narrow a select of any model to the rows of the tenant that the token names."""
    return rows.filter_by(tenant=get_jwt()["tenant"])


def not_deleted(people: sa.Select[Any]) -> sa.Select[Any]:
    return people.filter_by(deleted_at=None)
