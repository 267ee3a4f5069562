"""What the contract suite refuses to run on: its tests write to the database and delete what they wrote."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..hosts.bound import Host


def refuse_another_database(found: sa.URL, given: str) -> None:
    """Raises `RuntimeError` where an application is not on the database that it was given."""
    wanted = sa.make_url(given)
    if _place(found) != _place(wanted):
        raise RuntimeError(
            f"create_app was given {wanted.render_as_string()}, and made an application on {found.render_as_string()}. "
            "Let it use the address it is given: an application that is made when its module is imported has read its "
            "own before, from the environment say."
        )


def refuse_people(session: Session, contact: Host) -> None:
    """Raises `RuntimeError` where there are contacts: they are somebody's."""
    if session.execute(sa.select(contact.key).limit(1)).first() is not None:
        raise RuntimeError(
            f"The database of the contract suite holds rows of {contact.model.__name__} already. "
            "Give it one of its own: it deletes what its tests add, and expects to be alone."
        )
    session.rollback()


def _place(url: sa.URL) -> tuple[Any, ...]:
    return url.get_backend_name(), url.host, url.port, url.database
