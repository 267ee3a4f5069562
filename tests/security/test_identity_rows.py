"""Who is asking, told by a row of the database: of columns, an entity, from a cache, by hand, or of another model."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships import ActionScope, UserMapping
from tests.hosts.made import Made, Models
from tests.security.asking import ACTIONS, Make, creator

KEY = uuid.UUID("11111111-1111-4111-8111-111111111111")


@dataclass
class Keyed:
    """An object that holds the key by the name of the attribute of the row."""

    ident: Any
    id: Any = "an id of something else"


class TestRows:
    """Rows as the database gives them, and rows that are not quite there."""

    def row(self, made: Made, entity: bool = False) -> Any:
        user = made.models.User
        return made.models.db.session.execute(sa.select(user) if entity else sa.select(user.id, user.name)).first()

    @pytest.mark.parametrize(
        "shape",
        [lambda row: row, lambda row: row._mapping, lambda row: dict(row._mapping)],
        ids=["Row", "RowMapping", "dict"],
    )
    @pytest.mark.parametrize("kind", ["int", "uuid"])
    def test_of_columns(self, make: Make, kind: str, shape: Any) -> None:
        made = make(kind, {"int": 7, "uuid": KEY}[kind], lambda: shape(self.row(made)))
        assert creator(made) == {"int": "7", "uuid": str(KEY)}[kind]

    def test_of_an_entity(self, make: Make) -> None:
        made = make("int", 7, lambda: self.row(made, entity=True))
        assert creator(made) == "7"

    def test_a_row_costs_no_statement_more(self, make: Make) -> None:
        made = make("int", 7, lambda: made.models.db.session.get(made.models.User, 7))
        caller, executed = made.caller(), []
        with made.app.app_context():
            engine = made.models.db.engine
        sa.event.listen(engine, "before_cursor_execute", lambda *given: executed.append(given[2]))
        caller.get("/openapi.json")
        assert len(executed) == 1

    def test_a_row_from_the_cache_is_looked_up(self, make: Make) -> None:
        cached: list[Any] = []
        made = make("int", 7, lambda: cached[0])
        with made.app.app_context():
            cached.append(made.models.db.session.get(made.models.User, 7))
            made.models.db.session.expunge_all()
        assert creator(made) == "7"
        with made.app.app_context():
            made.models.db.session.execute(sa.update(made.table("Action")).values(created_by_user_id=None))
            made.models.db.session.execute(sa.delete(made.models.User))
            made.models.db.session.commit()
        assert made.app.test_client().get(f"/api/relationships{ACTIONS}").status_code == 401

    @pytest.mark.parametrize(("key", "status"), [(7, 200), ("7", 200), (8, 401)])
    def test_a_row_made_by_hand_is_looked_up(self, make: Make, key: Any, status: int) -> None:
        made = make("int", 7, lambda: made.models.User(id=key))
        assert made.caller().ask("GET", ACTIONS).status_code == status

    def test_a_row_of_another_model_is_nobody(self, make: Make, caplog: pytest.LogCaptureFixture) -> None:
        """A customer who is logged in has a key too, and it may be that of one of our users."""
        made = make("int", 7, lambda: made.models.db.session.get(made.models.Company, 7))
        made.add(made.models.Company, id=7)
        assert creator(made) is None
        assert "Company is not User" in caplog.text

    def test_nor_are_such_rows_in_a_scope(self, make: Make) -> None:
        def scope(_user: Any) -> ActionScope:
            return ActionScope.users([made.models.db.session.get(made.models.Company, 7)])

        made = make("int", 7, lambda: 7, action_scope=scope)
        made.add(made.models.Company, id=7)
        contact, caller = made.contact(), made.caller()
        caller.post(f"/contacts/{contact}{ACTIONS}", {"title": "Call", "action_type": "call"})
        assert caller.get(ACTIONS)["actions"] == []


class TestOtherNames:
    """A host whose key is the attribute `ident` in the column `user_pk`."""

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            (lambda: {"ident": 7, "id": "an id of something else"}, 200),
            (lambda: {"user_pk": 7}, 200),
            (lambda: {"id": 7}, 200),
            (lambda: Keyed(7), 200),
            (lambda: Keyed(None, 7), 401),
            (lambda: {"ident": None, "id": 7}, 401),
            (lambda: {"user_id": 7}, 401),
        ],
    )
    def test_by_which_name(self, who: Any, status: int) -> None:
        models = Models()

        class Staff(models.db.Model):  # type: ignore[name-defined,misc]
            ident = sa.Column("user_pk", sa.Integer, primary_key=True)
            name = sa.Column(sa.String(50))

        made = Made(models, user=UserMapping(Staff), current_user=who).create_tables()
        with made.app.app_context():
            models.db.session.add(Staff(ident=7, name="Grace Hopper"))
            models.db.session.commit()
        assert made.app.test_client().get(f"/api/relationships{ACTIONS}").status_code == status
        made.close()
