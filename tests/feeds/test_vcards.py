"""A contact as a vCard, read back by a parser."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
import vobject  # type: ignore[import-untyped]

from flask_relationships.domain.feeds.vcard_file import Card, build
from tests.hosts.host import Caller, Host
from tests.marks import with_companies

NOW = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 (naive UTC, as the tables keep it)


def read(text: str) -> Any:
    return vobject.readOne(text)


def card(api: Caller, contact: str) -> Any:
    answer = api.ask("GET", f"/contacts/{contact}/vcard")
    assert (answer.status_code, answer.mimetype) == (200, "text/vcard")
    return read(answer.get_data(as_text=True))


def test_it_has_the_name_and_how_to_reach_them(host: Host, api: Caller) -> None:
    found = card(api, host.contact("Ada", "Lovelace", "ada@example.com", "+44 20 7946 0018"))
    assert (found.version.value, found.fn.value) == ("4.0", "Ada Lovelace")
    assert (found.n.value.family, found.n.value.given) == ("Lovelace", "Ada")
    assert found.email.value == "ada@example.com"
    assert found.tel.value == "+44 20 7946 0018"
    assert "bday" not in found.contents


@pytest.mark.parametrize(
    ("given", "written"),
    [("02-29", "--0229"), ("05-15", "--0515"), ("1990-05-15", "19900515"), ("2000-02-29", "20000229")],
)
def test_it_has_the_birthday_with_its_year_or_without(api: Caller, contact: str, given: str, written: str) -> None:
    api.patch(f"/contacts/{contact}/relationship", {"birthday": given})
    assert card(api, contact).bday.value == written


def test_it_has_the_other_dates(api: Caller, contact: str) -> None:
    for event_type, title, day, annual in (
        ("wedding_anniversary", "Wedding", "2009-08-08", True),
        ("work_anniversary", "Ten years; and more", "2015-01-01", True),
        ("birthday", "Birthday", "1990-05-15", True),
        ("new_job", "New job", "2026-01-01", False),
    ):
        event = {"event_type": event_type, "title": title, "event_date": day, "recurs_annually": annual}
        api.post(f"/contacts/{contact}/life-events", event)
    found = card(api, contact)
    assert (found.anniversary.value, found.bday.value) == ("20090808", "19900515")
    assert [one.value for one in found.contents["x-abdate"]] == ["20150101"]
    assert [one.value for one in found.contents["x-ablabel"]] == ["Ten years; and more"]


def test_it_has_no_notes(api: Caller, contact: str) -> None:
    secret = "Plays the cello"
    notes = ("personal_notes", "communication_notes", "home_address", "dietary_requirements")
    api.patch(f"/contacts/{contact}/relationship", dict.fromkeys(notes, secret) | {"preferred_name": "Countess"})
    found = card(api, contact)
    assert secret not in found.serialize(validate=False)
    assert found.nickname.value == "Countess"


@with_companies
def test_it_has_the_company(host: Host, api: Caller) -> None:
    company = host.company("Analytical Engines; London")
    assert "".join(card(api, host.contact(company=company)).org.value) == "Analytical Engines; London"


def test_reading_it_makes_no_profile(host: Host, api: Caller, contact: str) -> None:
    card(api, contact)
    assert host.rows("Profile") == []


def test_whatever_a_name_holds_stays_in_its_line() -> None:
    nasty = "O'Hara, Ünïcode; \\ \r\nBDAY:19000101\x00\x0b " + "🎂漢" * 40
    written = build(Card("1", NOW, nasty, "Böhm", dates=[(date(2020, 1, 2), nasty)]))
    lines = written.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()  # no character is cut in two
    found = read(written)
    clean = nasty.replace("\r\n", "\n").replace("\x00", "").replace("\x0b", "")
    assert (found.n.value.given, found.n.value.family) == (clean, "Böhm")
    assert "bday" not in found.contents
    assert found.x_ablabel.value == clean


def test_nobody_is_without_a_name() -> None:
    assert read(build(Card("1", NOW, "", "", company="Engines"))).fn.value == "Engines"
