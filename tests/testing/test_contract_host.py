"""What the suite refuses to run on."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.documentation.agency_contract import AgencyHost
from tests.documentation.host_from_the_docs import Person, create_app, db


def test_an_application_on_another_database(tmp_path: Path) -> None:
    """One that is made at import, or reads its address elsewhere, would have its own rows deleted."""
    own = f"sqlite:///{tmp_path / 'own.sqlite'}"

    class Stubborn(AgencyHost):
        def create_app(self, database_url: str) -> Flask:
            return create_app(own)

    with pytest.raises(RuntimeError, match="Use the address that create_app is given"):
        Stubborn(f"sqlite:///{tmp_path / 'tests.sqlite'}")


def test_a_database_with_people_in_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crm.sqlite'}"
    app = create_app(url)
    with app.app_context():
        db.create_all()
        db.session.add(Person(agency="north", called="Sam Okafor"))
        db.session.commit()
        db.engine.dispose()
    with pytest.raises(RuntimeError, match="holds rows of Person already"):
        AgencyHost(url)
    with app.app_context():
        assert db.session.query(Person).count() == 1
        db.engine.dispose()
