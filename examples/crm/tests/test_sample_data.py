from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from examples.crm.database import create_unless_there
from examples.crm.extensions import db
from examples.crm.models import ClientProfile, Contact, Organisation, Squad, User
from examples.crm.relationships import relationships
from examples.crm.sample_data import fill

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)

models = relationships.models


def filled(now: datetime) -> dict[str, list[Any]]:
    """Every row of every table, as made at this moment."""
    engine = sa.create_engine("sqlite://")
    with Session(engine) as session:
        fill(session, now)
        rows = {
            table.name: [
                tuple(value for name, value in row._mapping.items() if name != "password_hash")
                for row in session.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in db.metadata.sorted_tables
        }
    engine.dispose()
    return rows


@pytest.fixture(scope="module")
def rows() -> dict[str, list[Any]]:
    return filled(NOW)


def test_the_same_moment_makes_the_same_rows(rows: dict[str, list[Any]]) -> None:
    assert filled(NOW) == rows


@pytest.mark.parametrize("now", [datetime(2028, 2, 29, 23, 59, tzinfo=UTC), datetime(2027, 12, 31, 0, 1, tzinfo=UTC)])
def test_they_can_be_made_on_any_day(now: datetime, rows: dict[str, list[Any]]) -> None:
    assert {name: len(found) > 0 for name, found in filled(now).items()} == {
        name: len(found) > 0 for name, found in rows.items()
    }


def test_there_are_as_many_as_promised(app: Flask) -> None:
    with app.app_context():
        counts = {
            model: db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
            for model in (
                Contact,
                Organisation,
                User,
                Squad,
                models.Profile,
                models.LifeEvent,
                models.Action,
                models.Message,
                models.ConsentEntry,
                models.Suppression,
                models.Partner,
                ClientProfile,
            )
        }
    assert counts[Contact] == 200
    assert counts[Organisation] == 40
    assert counts[User] == 12
    assert counts[Squad] == 3
    assert 20 <= counts[ClientProfile] < 40
    assert counts[models.Profile] >= 150
    assert counts[models.LifeEvent] >= 250
    assert counts[models.Action] >= 250
    assert counts[models.Message] >= 500
    assert counts[models.ConsentEntry] >= 80
    assert counts[models.Suppression] >= 2
    assert counts[models.Partner] >= 30


def test_there_is_something_of_every_kind_to_see(app: Flask) -> None:
    today, a_year_ago = datetime.now(UTC).date(), datetime.now(UTC).replace(tzinfo=None) - timedelta(days=366)
    action, message, event = models.Action, models.Message, models.LifeEvent
    kinds: dict[str, tuple[Any, ...]] = {
        "overdue": (action, action.status == "pending", action.due < today),
        "due later": (action, action.status == "pending", action.due > today),
        "done": (action, action.status == "done"),
        "dismissed": (action, action.status == "dismissed"),
        "inbound": (message, message.direction == "inbound"),
        "read": (message, message.status == "read"),
        "failed": (message, message.status == "undelivered", message.error_code.is_not(None)),
        "upcoming": (event, event.recurs_annually.is_(False), event.event_date > today),
        "birthdays": (event, event.profile_id.is_not(None)),
        "birthdays without a year": (event, event.profile_id.is_not(None), event.event_date.is_(None)),
    }
    with app.app_context():
        for kind, (model, *conditions) in kinds.items():
            assert db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)), kind
        first, last = db.session.execute(
            sa.select(sa.func.min(message.created_at), sa.func.max(message.created_at))
        ).one()
    assert a_year_ago < first < a_year_ago + timedelta(days=120)
    assert last <= datetime.now(UTC).replace(tzinfo=None)


def test_every_action_is_in_the_action_centre_with_its_status(app: Flask) -> None:
    action, item = models.Action, models.ActionCentreItem
    with app.app_context():
        pairs = db.session.execute(
            sa.select(action.status, item.status).select_from(action).outerjoin(item, item.action_id == action.id)
        ).all()
    assert {tuple(pair) for pair in pairs} == {
        ("pending", "open"),
        ("done", "done"),
        ("dismissed", "dismissed"),
    }


def test_every_number_is_one_that_could_be_sent_to(app: Flask) -> None:
    with app.app_context():
        numbers = db.session.scalars(sa.select(models.Profile.phone_e164).where(models.Profile.phone_e164.is_not(None)))
        parsed = [phonenumbers.parse(str(number)) for number in numbers]
    assert len({number.country_code for number in parsed}) >= 4
    assert all(phonenumbers.is_valid_number(number) for number in parsed)


def test_addresses_are_in_domains_that_nobody_can_own(app: Flask) -> None:
    with app.app_context():
        addresses = [
            *db.session.scalars(sa.select(Contact.email)),
            *db.session.scalars(sa.select(User.email)),
        ]
        addresses += db.session.scalars(sa.select(models.Partner.partner_contact_email))
    assert len(set(addresses)) > 230
    assert all(address.endswith(".example") and address.isascii() for address in addresses)


def test_processes_that_start_at_once_find_one_complete_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "crm.sqlite"
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(create_unless_there, [path] * 3))
    assert [entry.name for entry in path.parent.iterdir()] == ["crm.sqlite"]
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("SELECT count(*) FROM contacts").scalar() == 200
    engine.dispose()


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "crm.sqlite"
    path.write_bytes(b"somebody's own")
    create_unless_there(path)
    assert path.read_bytes() == b"somebody's own"
