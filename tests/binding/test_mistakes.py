"""Mistakes in a host's configuration: all of them at once, each with a code, what was found, and the fix."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_relationships import (
    CompanyMapping,
    ConfigurationError,
    ContactMapping,
    Relationships,
    RelationshipsWarning,
    UserMapping,
)
from flask_relationships.config import read_settings
from tests.binding.mistakes import TRAPS, Bench, Trap, commit
from tests.databases import Databases
from tests.documentation.codes import codes_given_to
from tests.hosts.made import Made, Models, yes

UNREACHABLE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


def mistakes(models: Models, config: dict[str, Any] | None = None, **options: Any) -> dict[str, str]:
    """What is wrong: each mistake's code with its message and fix. The database is out of reach."""
    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI=UNREACHABLE, **(config or {}))
    models.db.init_app(app)
    with pytest.raises(ConfigurationError) as raised:
        Relationships(db=models.db, permission=yes, **models.mappings() | options).init_app(app)
    assert all(mistake.message and mistake.fix for mistake in raised.value.mistakes)
    assert all(mistake.code in str(raised.value) for mistake in raised.value.mistakes)
    found: dict[str, str] = {}
    for mistake in raised.value.mistakes:
        found[mistake.code] = f"{found.get(mistake.code, '')}{mistake.message} {mistake.fix}\n"
    return found


@pytest.fixture
def models() -> Models:
    return Models()


def test_right_ones_need_no_database(models: Models) -> None:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = UNREACHABLE
    models.db.init_app(app)
    Relationships(db=models.db, permission=yes, **models.mappings()).init_app(app)


def test_all_at_once(models: Models) -> None:
    found = mistakes(
        models,
        config={"RELATIONSHIPS_UPCOMING_DAYS": "ninety", "RELATIONSHIPS_TIMEZONE": "Mars/Olympus"},
        contact=ContactMapping(models.Contact, email="mail", phone="fax"),
        company=CompanyMapping(models.Company, name="headline"),
        user=UserMapping(models.User, name="handle"),
    )
    told = "".join(found.values())
    for wrong in (
        "mail",
        "fax",
        "headline",
        "handle",
        "RELATIONSHIPS_UPCOMING_DAYS",
        "RELATIONSHIPS_TIMEZONE",
    ):
        assert wrong in told, f"{wrong} is not told of"


def test_a_missing_attribute_is_told_with_those_there_are_and_a_synonym() -> None:
    models = Models()
    attributes = {
        "__module__": __name__,
        "__tablename__": "human",
        "id": sa.Column(sa.Integer, primary_key=True),
        "given_name": sa.Column(sa.String(100)),
        "surname": sa.Column(sa.String(100)),
        "mobile": sa.Column(sa.String(50)),
    }
    human = type("Human", (models.db.Model,), attributes)
    found = mistakes(models, contact=ContactMapping(human, first_name="first_name", phone="phone", last_name="surname"))
    told = found["attribute_missing"]
    assert "given_name" in told
    assert "first_name='given_name'" in told
    assert "phone='mobile'" in told


def test_a_user_without_a_name(models: Models) -> None:
    nameless = type(
        "Nameless",
        (models.db.Model,),
        {"__module__": __name__, "__tablename__": "nameless", "id": sa.Column(sa.Integer, primary_key=True)},
    )
    assert "UserMapping" in mistakes(models, user=UserMapping(nameless))["attribute_missing"]


def _table(models: Models, **columns: Any) -> Any:
    attributes = {
        "__module__": __name__,
        "__tablename__": "odd",
        **columns,
        "name": sa.Column(sa.String(100)),
    }
    return type("Odd", (models.db.Model,), attributes)


@pytest.mark.parametrize("type", [sa.LargeBinary(16), sa.Date(), sa.Float(), sa.Numeric(10, 2), sa.JSON()])
def test_a_key_of_an_unknown_type(models: Models, type: Any) -> None:
    odd = _table(models, id=sa.Column(type, primary_key=True))
    assert "Odd" in mistakes(models, contact=ContactMapping(odd))["unsupported_key_type"]


def test_the_same_models_again_are_no_mistake(models: Models) -> None:
    """The lambdas of a mapping may be fresh."""

    def build() -> Relationships:
        contact = ContactMapping(models.Contact, present=lambda select: select, phone=lambda contact: contact.phone)
        return Relationships(db=models.db, **models.mappings() | {"contact": contact})

    assert build().models.Profile is build().models.Profile


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("URL_PREFIX", "api/relationships"),
        ("TIMEZONE", "Nowhere/Town"),
        ("TIMEZONE", None),
        ("LEAP_DAY", "mar1"),
        ("AUTO_ACTION_DAYS_BEFORE", -1),
        ("AUTO_ACTION_DAYS_BEFORE", True),
        ("UPCOMING_DAYS", "90"),
        ("RECENT_MESSAGES", 0),
        ("DEFAULT_REGION", "Britain"),
        ("TWILIO_ENABLED", "false"),
        ("TWILIO_AUTH_TOKEN", [""]),
        ("TWILIO_TIMEOUT", 0),
        ("TWILIO_REGION", "ie1"),
        ("PUBLIC_URL", "crm.example.com"),
        ("PUBLIC_URL", "https://my_crm.example.com"),
        ("PUBLIC_URL", "https://crm.example.com?x=1"),
        ("PUBLIC_URL", "https://crm.example.com#top"),
        ("PUBLIC_URL", "https://crm.example.com/"),
        ("PUBLIC_URL", "https://me:secret@crm.example.com"),
        ("PUBLIC_URL", "https://crm.example.com:port"),
        ("PUBLIC_URL", "https://crm .example.com"),
        ("PUBLIC_URL", "https://-crm.example.com"),
        ("PUBLIC_URL", "https://"),
        ("TWILIO_SMS_FROM", "07400 999999"),
        ("TWILIO_SMS_FROM", "whatsapp:+14155238886"),
        ("TWILIO_SMS_FROM", "ThirteenChars"),
        ("TWILIO_SMS_FROM", "B.B. Shop!"),
        ("TWILIO_WHATSAPP_FROM", "Acme"),
        ("TWILIO_WHATSAPP_FROM", "0014155238886"),
        ("TWILIO_MESSAGING_SERVICE_SID", "SKfa"),
        ("TWILIO_MESSAGING_SERVICE_SID", "SM" + "0" * 32),
        ("TWILIO_ACCOUNT_SID", "my account"),
        ("TWILIO_API_KEY_SID", "AC" + "0" * 32),
        ("TWILIO_API_KEY_SECRET", " secret"),
        ("TWILIO_AUTH_TOKEN", "token\n"),
        ("DEFAULT_REGION", "UK"),
        ("DEFAULT_REGION", "GB, US"),
        ("DEFAULT_REGION", ""),
        ("DISPATCH", "carrier pigeon"),
        ("MAX_ROWS", 0),
        ("BIRTHDAY_EVENTS", 1),
    ],
)
def test_a_value_that_cannot_be(models: Models, key: str, value: Any) -> None:
    told = "".join(mistakes(models, config={f"RELATIONSHIPS_{key}": value}).values())
    assert f"RELATIONSHIPS_{key}" in told


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("PUBLIC_URL", "https://crm.example.com/below/here", "https://crm.example.com/below/here"),
        ("PUBLIC_URL", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("PUBLIC_URL", "http://[::1]:8000", "http://[::1]:8000"),
        ("PUBLIC_URL", "https://xn--crm-0ra.example", "https://xn--crm-0ra.example"),
        ("TWILIO_SMS_FROM", "+447400999999", "+447400999999"),
        ("TWILIO_SMS_FROM", "68849", "68849"),
        ("TWILIO_SMS_FROM", "B&B-Shop", "B&B-Shop"),
        ("TWILIO_SMS_FROM", "My_Brand", "My_Brand"),
        ("TWILIO_SMS_FROM", "Acme+", "Acme+"),
        ("TWILIO_WHATSAPP_FROM", "whatsapp:+14155238886", "+14155238886"),
        ("TWILIO_MESSAGING_SERVICE_SID", "MG" + "0A" * 16, "MG" + "0A" * 16),
        ("DEFAULT_REGION", "gb", "GB"),
    ],
)
def test_a_value_that_is_kept(key: str, value: str, kept: str) -> None:
    settings, found = read_settings({f"RELATIONSHIPS_{key}": value})
    assert found == []
    assert getattr(settings, key.lower()) == kept


def test_a_mistake_does_not_repeat_a_secret(models: Models) -> None:
    told = mistakes(models, config={"RELATIONSHIPS_TWILIO_AUTH_TOKEN": {"canary": "canary"}})
    assert "canary" not in "".join(told.values())


@pytest.mark.parametrize(
    ("key", "nearest"),
    [("TIME_ZONE", "TIMEZONE"), ("TWILIO_SMS_FORM", "TWILIO_SMS_FROM"), ("URLPREFIX", "URL_PREFIX")],
)
def test_an_unknown_key_is_warned_about_with_the_nearest_one(models: Models, key: str, nearest: str) -> None:
    app = Flask(__name__)
    app.config.update({"SQLALCHEMY_DATABASE_URI": UNREACHABLE, f"RELATIONSHIPS_{key}": "x"})
    models.db.init_app(app)
    with pytest.warns(RelationshipsWarning, match=f"RELATIONSHIPS_{key}.*RELATIONSHIPS_{nearest}"):
        Relationships(db=models.db, permission=yes, **models.mappings()).init_app(app)


def test_absent_fields_are_told_at_start_up(models: Models, caplog: pytest.LogCaptureFixture) -> None:
    """first_name, last_name, email, phone and company are absent where there is none, and the start-up says so."""
    bare = type(
        "Bare",
        (models.db.Model,),
        {
            "__module__": __name__,
            "__tablename__": "bare",
            "id": sa.Column(sa.Integer, primary_key=True),
            "name": sa.Column(sa.String(100)),
        },
    )
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = UNREACHABLE
    models.db.init_app(app)
    with caplog.at_level("INFO"):
        Relationships(db=models.db, permission=yes, **models.mappings() | {"contact": ContactMapping(bare)}).init_app(
            app
        )
    told = caplog.text
    assert all(name in told for name in ("email", "phone", "company"))
    assert "first_name" not in told


@pytest.mark.parametrize("mistake", TRAPS, ids=lambda trap: trap.name)
def test_every_mistake_of_the_catalogue_is_told_with_its_fix(mistake: Trap) -> None:
    told = commit(mistake)
    assert told.other is None, told.message
    assert told.code == mistake.code, told
    assert mistake.code is None or told.fix
    missing = [word for word in mistake.words if word not in f"{told.message} {told.fix}"]
    assert not missing, told


def test_the_bench_on_which_they_are_made_is_right() -> None:
    bench = Bench()
    bench.bind()
    bench.make_tables()
    answer = bench.app.test_client().get("/api/relationships/relationship-actions")
    assert (answer.status_code, answer.get_json()) == (200, {"actions": []})


NOT_IN_THE_CATALOGUE: set[str] = set()


def test_the_catalogue_has_every_code_there_is() -> None:
    codes = codes_given_to("Mistake", "mistake", "BadSourceError")
    assert codes - {trap.code for trap in TRAPS} == NOT_IN_THE_CATALOGUE


def test_tables_that_are_not_there_are_told_to_the_client_by_a_code_and_to_the_log_by_name(
    database: str, databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    host = Made(database_url=databases.url(database, "unmade"))
    with host.app.app_context():
        host.models.db.metadata.create_all(
            host.models.db.engine,
            tables=[host.models.User.__table__, host.models.Contact.__table__, host.models.Company.__table__],
        )
    answer = host.caller().ask("GET", "/relationship-actions")
    assert (answer.status_code, answer.get_json()["code"]) == (500, "misconfigured")
    assert "relationships_actions" in caplog.text
    assert "flask relationships init-db" in caplog.text
    with host.app.app_context():
        host.models.db.session.remove()
        host.models.db.drop_all()
    host.close()
