"""What a run costs depends on what is due, and not on how many events there are."""

from __future__ import annotations

import sqlalchemy as sa

from flask_relationships.domain.life_events.generation import _Run
from flask_relationships.hosts.bound import BATCH
from tests.benchmarks.event_rows import fill
from tests.reminders.office import Office
from tests.statements.counting import counted


def test_a_batch_takes_a_constant_number_of_statements(office: Office) -> None:
    taken = []
    for due in (3, BATCH - 1):
        with office.context() as (session, models):
            for table in (models.ActionCentreItem, models.Action, models.LifeEvent, office.Contact):
                session.execute(sa.delete(table))
            session.commit()
        fill(office, due, due)
        with counted(office.app) as seen:
            assert office.run().created == due
        taken.append(len(seen))
    few, many = taken
    # Events that are moved to the same day are moved by one statement: there are a few such days more.
    assert few <= many <= few + 3
    assert many < 15


def test_two_batches_take_twice_as_many(office: Office) -> None:
    fill(office, BATCH * 2, BATCH * 2)
    told: list[int] = []
    assert office.run(on_batch=lambda batch: told.append(batch.looked_at)).created == BATCH * 2
    assert told == [BATCH, BATCH]


def test_what_is_due_is_found_by_its_index(office: Office) -> None:
    fill(office, 3_000, 20)
    with office.context() as (session, models):
        run, table = _Run(office.state.context(), office.today, None), models.LifeEvent
        asked = sa.select(table.id).where(run.may_be_due).order_by(table.next_reminder, table.id).limit(BATCH)
        bind = session.get_bind(mapper=models.mapper)
        if bind.dialect.name == "postgresql":
            session.execute(sa.text(f"ANALYZE {table.__table__}"))
        text = str(asked.compile(bind, compile_kwargs={"literal_binds": True}))
        explain = "EXPLAIN QUERY PLAN" if bind.dialect.name == "sqlite" else "EXPLAIN"
        plan = " ".join(map(str, session.execute(sa.text(f"{explain} {text}")).all()))
    assert "ix_relationships_life_events_next_reminder" in plan
