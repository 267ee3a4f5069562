"""Whoever writes to whom, and whatever numbers are entered: no tenant reads what was written to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flask_relationships import Sender
from flask_relationships.testing import FakeTwilio
from tests.webhooks.agency import NORTH, PERSON, SOUTH, Agency, bodies, unmatched

OTHER = "+442079460019"
TENANTS, NUMBERS = ("north", "south"), {"north": NORTH, "south": SOUTH}
CONTACTS = 2

tenant = st.sampled_from(TENANTS)
contact = st.integers(0, CONTACTS - 1)
person = st.sampled_from([PERSON, OTHER])

steps = st.one_of(
    st.tuples(st.just("write"), tenant, contact),
    st.tuples(st.just("number"), tenant, contact, st.none() | person),
    st.tuples(st.just("reply"), tenant, person),
)

HELD = settings(
    deadline=None,
    max_examples=25,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def agency(twilio: FakeTwilio) -> Iterator[Agency]:
    made = Agency(twilio, "sqlite://", senders={name: Sender(number=number) for name, number in NUMBERS.items()})
    yield made
    made.close()


@HELD
@given(todo=st.lists(steps, max_size=12))
def test_a_reply_is_read_in_the_tenant_it_was_written_to_alone(agency: Agency, todo: list[Any]) -> None:
    """The oracle: of the contacts of that tenant who were written to at that number, the one written to last; else the
    only one who has it; else nobody, until exactly one contact of that tenant gets the number."""
    agency.clean()
    members = {name: agency.member(name) for name in TENANTS}
    contacts = {(name, one): agency.person(members[name], name, None) for name in TENANTS for one in range(CONTACTS)}
    held: dict[tuple[str, int], str | None] = dict.fromkeys(contacts)
    last: dict[tuple[str, str], tuple[str, int]] = {}
    wanted: dict[tuple[str, int], list[str]] = {key: [] for key in contacts}
    waiting: dict[tuple[str, str], list[str]] = {}
    for place, step in enumerate(todo):
        kind, name = step[0], step[1]
        if kind == "number":
            key = (name, step[2])
            members[name].patch(f"/contacts/{contacts[key]}/relationship", {"phone_number": step[3]})
            held[key], before = step[3], held[key]
            if held[key] != before and holders(held, name, step[3]) == [key]:
                wanted[key] += waiting.pop((name, step[3]), [])
                wanted[key].sort(key=number_of, reverse=True)
        elif kind == "write" and (number := held[name, step[2]]) is not None:
            agency.write(members[name], contacts[name, step[2]])
            last[name, number] = (name, step[2])
        elif kind == "reply":
            body, number = f"SECRET {place}", step[2]
            agency.reply(NUMBERS[name], body, number)
            having = holders(held, name, number)
            chosen = last.get((name, number), having[0] if len(having) == 1 else None)
            if chosen is None:
                waiting.setdefault((name, number), []).append(body)
            else:
                wanted[chosen].insert(0, body)
    found = {key: bodies(members[key[0]], contacts[key]) for key in contacts}
    assert found == wanted
    left = {name: sum(len(some) for (whose, _), some in waiting.items() if whose == name) for name in TENANTS}
    assert {name: len(unmatched(members[name])) for name in TENANTS} == left


def holders(held: dict[tuple[str, int], str | None], name: str, number: str | None) -> list[tuple[str, int]]:
    """The contacts of a tenant that have this number."""
    return [key for key, value in held.items() if key[0] == name and value == number]


def number_of(body: str) -> int:
    """The place of the step that sent a text."""
    return int(body.partition(" ")[2])
