"""One extension object, and the applications it serves."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker

from flask_relationships import ConfigurationError, ContactMapping, Relationships, UserMapping
from flask_relationships.testing import MemoryTransport
from flask_relationships.testing.contract.specification import ACTION, EVENT
from tests.hosts.host import PREFIX
from tests.hosts.made import Made, Models, first_user, yes


@pytest.fixture
def models() -> Models:
    return Models()


def url(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.sqlite"


@pytest.fixture
def relationships(models: Models) -> Relationships:
    return Relationships(
        db=models.db,
        **models.mappings(),
        permission=yes,
        current_user=first_user(models),
        transport=MemoryTransport(),
    )


def test_a_factory_may_be_called_many_times(models: Models, relationships: Relationships) -> None:
    for _ in range(3):
        made = Made(models, relationships=relationships).create_tables()
        contact, caller = made.contact(), made.caller()
        assert caller.get(f"/contacts/{contact}/relationship")["profile"]["contact_id"] == contact
        made.close()


def test_two_applications_in_one_process(models: Models, relationships: Relationships, tmp_path: Path) -> None:
    """Each has its own database and its own configuration."""
    first = Made(models, relationships=relationships, database_url=url(tmp_path, "first")).create_tables()
    second = Made(
        models,
        relationships=relationships,
        database_url=url(tmp_path, "second"),
        config={"RELATIONSHIPS_URL_PREFIX": "/other"},
    ).create_tables()
    contact = first.contact()
    first.caller().get(f"/contacts/{contact}/relationship")
    assert (first.count("Profile"), second.count("Profile")) == (1, 0)
    second.caller().get(f"/contacts/{contact}/relationship", 404)
    assert second.caller().prefix == "/other"
    first.close()
    second.close()


def test_two_prefixes_of_tables(models: Models) -> None:
    """Two extensions on the same models have their own rows."""
    for prefix in ("one_", "two_"):
        made = Made(models, table_prefix=prefix).create_tables()
        assert made.table("Profile").name == f"{prefix}profiles"
        contact = made.contact()
        made.caller().get(f"/contacts/{contact}/relationship")
        made.close()


def test_registering_twice_is_an_error(models: Models) -> None:
    made = Made(models)
    with pytest.raises(ConfigurationError, match="already"):
        made.relationships.init_app(made.app)
    with pytest.raises(ConfigurationError, match="already"):
        Relationships(db=models.db, **models.mappings()).init_app(made.app)
    made.close()


def test_the_constructor_may_take_the_application(models: Models) -> None:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    models.db.init_app(app)
    Relationships(app, models.db, **models.mappings(), permission=yes)
    assert app.test_client().get(f"{PREFIX}/action-centre").status_code == 401


@pytest.mark.parametrize("early", [True, False])
def test_before_or_after_the_database(models: Models, early: bool) -> None:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    relationships = Relationships(permission=yes, current_user=first_user(models))
    if early:
        relationships.init_app(app, models.db, **models.mappings())
        models.db.init_app(app)
    else:
        models.db.init_app(app)
        relationships.init_app(app, db=models.db, **models.mappings())
    with app.app_context():
        models.db.create_all()
        models.db.session.add(models.User(name="Grace Hopper"))
        models.db.session.commit()
        assert app.test_client().get(f"{PREFIX}/action-centre").get_json() == {"items": []}
        models.db.session.remove()
        models.db.engine.dispose()


def test_the_configuration_is_read_at_init_app(models: Models) -> None:
    made = Made(models, config={"RELATIONSHIPS_AUTO_ACTION_DAYS_BEFORE": 3}).create_tables()
    made.app.config["RELATIONSHIPS_AUTO_ACTION_DAYS_BEFORE"] = 5
    contact, caller = made.contact(), made.caller()
    caller.post(f"/contacts/{contact}/life-events", {**EVENT, "event_date": "2099-05-11"})
    (action,) = caller.get(f"/contacts/{contact}/relationship-actions")["actions"]
    assert action["due_date"] == "2099-05-08"
    made.close()


def test_the_tables_exist_as_soon_as_the_extension_does(models: Models) -> None:
    """So that Alembic sees them even where the plugin is switched off."""
    Relationships(db=models.db, **models.mappings())
    assert "relationships_profiles" in models.db.metadata.tables


def test_callbacks_may_be_registered_until_the_first_request(models: Models) -> None:
    made = Made(models, permission=None, current_user=None).create_tables()

    @made.relationships.current_user_callback
    def who() -> int:
        return 1

    @made.relationships.permission_callback
    def allowed(user: Any, permission: str, target: Any) -> bool:
        return True

    assert callable(who)
    assert callable(allowed)
    made.caller().get("/action-centre")
    made.relationships.permission_callback(allowed)  # a factory that decorates again does so for its next application
    with pytest.raises(ConfigurationError, match="first request"):
        made.relationships.permission_callback(lambda *_: False)
    made.close()


def test_callbacks_given_to_init_app_are_of_that_application(models: Models) -> None:
    """A factory gives them each time it is called, between two requests as well."""
    relationships = Relationships(db=models.db, **models.mappings())

    def create_app(name: str, *, allowed: bool) -> Flask:
        app = Flask(name)
        app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
        models.db.init_app(app)
        relationships.init_app(app, permission=lambda *_: allowed, current_user=first_user(models))
        with app.app_context():
            models.db.create_all()
            models.db.session.add(models.User(name="Grace Hopper"))
            models.db.session.commit()
        return app

    def status(app: Flask) -> int:
        return app.test_client().get(f"{PREFIX}/action-centre").status_code

    open_house = create_app("open", allowed=True)
    assert status(open_house) == 200
    closed_house = create_app("closed", allowed=False)
    assert (status(open_house), status(closed_house)) == (200, 403)
    for app in (open_house, closed_house):
        with app.app_context():
            models.db.engine.dispose()


def test_models_may_be_named_before_they_exist() -> None:
    from tests.binding.late import db, relationships

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    relationships.init_app(app)
    from tests.binding.late_models import Account, Firm, Person

    with app.app_context():
        db.create_all()
        db.session.add_all([Account(login="grace"), Firm(name="Engines"), Person(full_name="Ada King", firm_id=1)])
        db.session.commit()
        client = app.test_client()
        client.post(f"{PREFIX}/contacts/1/relationship-actions", json=ACTION)
        (action,) = client.get(f"{PREFIX}/relationship-actions").get_json()["actions"]
        expected = {"first_name": "Ada", "last_name": "King", "company_name": None, "assigned_to_name": "grace"}
        assert expected.items() <= action.items()
        db.session.remove()
        db.engine.dispose()


def test_a_host_without_flask_sqlalchemy(tmp_path: Path) -> None:
    """Plain SQLAlchemy: ``session=`` is a callable."""

    class Base(DeclarativeBase):
        pass

    class Person(Base):
        __tablename__ = "person"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    engine = sa.create_engine(url(tmp_path, "plain"))
    sessions = scoped_session(sessionmaker(engine))

    def session() -> Session:
        return sessions()

    app = Flask(__name__)
    relationships = Relationships(
        session=session,
        contact=ContactMapping(Person),
        user=UserMapping(User),
        permission=yes,
        current_user=lambda: 1,
    )
    relationships.init_app(app)
    app.teardown_appcontext(lambda _: sessions.remove())
    Base.metadata.create_all(engine)
    with Session(engine) as setting_up:
        setting_up.add_all([Person(name="Ada Lovelace"), User(name="Grace Hopper")])
        setting_up.commit()
    client = app.test_client()
    assert client.post(f"{PREFIX}/contacts/1/relationship-actions", json=ACTION).status_code == 201
    (action,) = client.get(f"{PREFIX}/relationship-actions").get_json()["actions"]
    assert (action["first_name"], action["last_name"]) == ("Ada", "Lovelace")
    sessions.remove()
    engine.dispose()


def test_flask_login_is_not_needed() -> None:
    program = """
        import sys
        sys.modules["flask_login"] = None
        from tests.hosts.made import Made
        made = Made().create_tables()
        contact = made.contact()
        made.caller().get(f"/contacts/{contact}/relationship")
        made.close()
        assert "twilio" not in sys.modules, "imported before a message is sent"
        print("well")
    """
    finished = subprocess.run(  # noqa: S603 (this interpreter, and the program above)
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert finished.stdout.strip() == "well", finished.stderr
