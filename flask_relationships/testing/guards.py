"""Refuse to run the contract suite on a database that is in use: its tests write rows and delete them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..hosts.bound import Host


def refuse_another_database(found: sa.URL, given: str) -> None:
    """Raise `RuntimeError` if an application uses another database than the one it was given."""
    wanted = sa.make_url(given)
    if _place(found) != _place(wanted):
        raise RuntimeError(
            f"create_app was given {wanted.render_as_string()}, and made an application on {found.render_as_string()}. "
            "Use the address that create_app is given: an application that is created at import has read its own "
            "before, for example from the environment."
        )


def refuse_people(session: Session, contact: Host) -> None:
    """Raise `RuntimeError` if the database has contacts: they may be real ones."""
    if session.execute(sa.select(contact.key).limit(1)).first() is not None:
        raise RuntimeError(
            f"The database of the contract suite holds rows of {contact.model.__name__} already. "
            "Use a separate database: the suite deletes the rows that its tests add, and expects no others."
        )
    session.rollback()


def _place(url: sa.URL) -> tuple[Any, ...]:
    return url.get_backend_name(), url.host, url.port, url.database
