"""Whatever rows there are and whoever asks: no answer holds a value of a row that the host hides from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hosts.host import Caller, Host

pytestmark = [pytest.mark.hosts("peculiar")]

SHOWN, HIDDEN, DELETED = "shown", "hidden", "deleted"
HIDDEN_MARK = "Unspeakable"
"""Part of every name, title and text of a row that is hidden or deleted."""

fates = st.sampled_from([SHOWN, SHOWN, HIDDEN, DELETED])


@dataclass(frozen=True)
class World:
    """What there is: the fates of companies, users and contacts, whose contacts they are, and who does what."""

    companies: list[str]
    users: list[str]
    contacts: list[tuple[str, int]]
    actions: list[tuple[int, int, int]]


worlds = st.builds(
    World,
    companies=st.lists(fates, min_size=1, max_size=3),
    users=st.lists(st.sampled_from([SHOWN, HIDDEN]), min_size=1, max_size=3),
    contacts=st.lists(st.tuples(fates, st.integers(0, 2)), min_size=1, max_size=5),
    actions=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 2)), max_size=8),
)


def named(fate: str, name: str) -> str:
    return name if fate == SHOWN else f"{HIDDEN_MARK}{name}"


def at(things: list[str], place: int) -> str:
    return things[place % len(things)]


class Made:
    """A world in the database: the ids of its rows."""

    def __init__(self, host: Host, world: World, *, hide: bool = True) -> None:
        self.host = host
        maker = host.person(name="Maker")
        self.companies = [host.company(named(fate, "Company")) for fate in world.companies]
        self.users = [host.person(name=named(fate, "User")).id for fate in world.users]
        self.contacts = [
            host.contact(named(fate, "First"), named(fate, "Last"), company=at(self.companies, company))
            for fate, company in world.contacts
        ]
        for contact, (fate, _) in zip(self.contacts, world.contacts, strict=True):
            self._fill(maker, contact, named(fate, "Text"))
        for contact, user, company in world.actions:
            place = contact % len(self.contacts)
            new = {
                "title": named(world.contacts[place][0], "Act"),
                "action_type": "call",
                "assigned_to_user_id": at(self.users, user),
                "company_id": at(self.companies, company),
            }
            maker.post(f"/contacts/{self.contacts[place]}/relationship-actions", new)
        if hide:
            self._hide(world)

    def _fill(self, maker: Caller, contact: str, text: str) -> None:
        maker.patch(f"/contacts/{contact}/relationship", {"personal_notes": text, "twilio_opt_in": True})
        event = {"event_type": "birthday", "title": text, "event_date": "2020-05-05", "recurs_annually": True}
        maker.post(f"/contacts/{contact}/life-events", event)
        maker.post(f"/contacts/{contact}/messages", {"channel": "sms", "body": text})

    def _hide(self, world: World) -> None:
        for id, fate in zip(self.companies, world.companies, strict=True):
            self.host.make_client(id)
            _apply(fate, id, self.host.hide_company, self.host.delete_company)
        for id, (fate, _) in zip(self.contacts, world.contacts, strict=True):
            _apply(fate, id, self.host.hide_contact, self.host.delete_contact)
        for id, fate in zip(self.users, world.users, strict=True):
            _apply(fate, id, self.host.hide_user, self.host.hide_user)

    def addresses(self) -> list[str]:
        found = ["/relationship-actions", "/relationship-actions?sort=-created_at&limit=3", "/action-centre"]
        for id in self.contacts:
            kinds = ("relationship", "life-events", "relationship-actions", "messages")
            found += [f"/contacts/{id}/{kind}" for kind in kinds]
        for id in self.companies:
            found += [f"/companies/{id}/partners", f"/clients/{id}/relationship-summary"]
        return found


def _apply(fate: str, id: str, hide: Any, delete: Any) -> None:
    if fate == HIDDEN:
        hide(id)
    elif fate == DELETED:
        delete(id)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds, level=st.sampled_from(["executive", "manager", "member"]))
def test_no_answer_holds_a_value_of_a_hidden_row(host: Host, world: World, level: Any) -> None:
    host.clean()
    made = Made(host, world)
    caller = host.person("manage", level=level, squad="everybody")
    answers = {address: caller.ask("GET", address) for address in made.addresses()}
    leaks = [address for address, answer in answers.items() if HIDDEN_MARK in answer.get_data(as_text=True)]
    assert leaks == []
    hidden = [id for id, (fate, _) in zip(made.contacts, world.contacts, strict=True) if fate != SHOWN]
    assert [id for id in hidden if answers[f"/contacts/{id}/messages"].status_code != 404] == []


def test_the_mark_is_found_where_nothing_is_hidden(host: Host) -> None:
    """The property could fail: the same rows, hidden from nobody, are in the answers."""
    world = World([HIDDEN], [HIDDEN], [(HIDDEN, 0)], [(0, 0, 0)])
    Made(host, world, hide=False)
    seen = host.person().ask("GET", "/relationship-actions").get_data(as_text=True)
    assert HIDDEN_MARK in seen
