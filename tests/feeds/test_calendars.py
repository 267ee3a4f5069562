"""Calendars by a secret address: what is in them, for whom, and for how long."""

from __future__ import annotations

import logging
from calendar import isleap
from datetime import UTC, date, datetime
from typing import Any

import icalendar
import pytest
import recurring_ical_events

from flask_relationships.domain.feeds import dates
from flask_relationships.domain.feeds.calendar_file import build
from flask_relationships.domain.life_events.occurrences import in_year, month_day
from flask_relationships.testing.contract.specification import ACTION
from tests.hosts.host import Caller, Host
from tests.marks import databases, hosts, one_host, with_companies

EVENT = {"event_type": "birthday", "title": "Birthday", "event_date": "1990-05-15", "recurs_annually": True}


def fetch(host: Host, url: str) -> Any:
    """As a calendar program does: without any log-in."""
    return host.anonymous().client.get(url.removeprefix("http://localhost"))


def entries(host: Host, url: str) -> dict[str, Any]:
    """The entries of a calendar by their title."""
    answer = fetch(host, url)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    calendar = icalendar.Calendar.from_ical(answer.data)
    return {str(event["summary"]): event for event in calendar.walk("VEVENT")}


def subscribe(api: Caller, company: str | None = None, status: int = 201) -> str:
    path = "/calendar-feed" if company is None else f"/companies/{company}/calendar-feed"
    return str(api.put(path, status)["url"])


def test_a_program_reads_it_without_a_log_in(host: Host, api: Caller, contact: str) -> None:
    made = api.post(f"/contacts/{contact}/life-events", EVENT)["event"]
    answer = fetch(host, subscribe(api))
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/calendar", "no-store")
    found = entries(host, subscribe(api, status=200))
    birthday = found["Ada Lovelace: Birthday"]
    assert (birthday["dtstart"].dt, birthday["rrule"]["FREQ"]) == (date(1990, 5, 15), ["YEARLY"])
    assert str(birthday["uid"]) == made["id"]
    todo = found["Wish Ada a happy birthday, for 15 May"]
    assert todo["dtstart"].dt.isoformat() == api.get("/relationship-actions")["actions"][0]["due_date"]
    assert len(found) == 2


def test_its_entries_keep_their_ids(host: Host, api: Caller, contact: str) -> None:
    event = api.post(f"/contacts/{contact}/life-events", EVENT)["event"]["id"]
    url = subscribe(api)
    before = {str(one["uid"]) for one in entries(host, url).values()}
    api.patch(f"/contacts/{contact}/life-events/{event}", {"title": "Jubilee"})
    assert {str(one["uid"]) for one in entries(host, url).values()} == before
    assert "Ada Lovelace: Jubilee" in entries(host, url)


@one_host
def test_no_note_and_no_message_is_in_it(host: Host, api: Caller) -> None:
    contact, secret = host.contact(email="secret@example.com"), "secret"
    api.patch(f"/contacts/{contact}/relationship", {"personal_notes": secret, "communication_notes": secret})
    api.post(f"/contacts/{contact}/life-events", {**EVENT, "description": secret})
    due = {"due_date": host.today().isoformat()}
    api.post(
        f"/contacts/{contact}/relationship-actions", ACTION | due | {"description": secret, "message_body": secret}
    )
    answer = fetch(host, subscribe(api))
    assert answer.data.count(b"BEGIN:VEVENT") == 3
    assert secret.encode() not in answer.data


class TestSecret:
    def test_only_its_hash_is_kept(self, host: Host, api: Caller) -> None:
        secret = subscribe(api).rsplit("/", 1)[1].removesuffix(".ics")
        assert len(secret) >= 43
        (row,) = host.rows("CalendarFeed")
        assert secret not in str(row)
        assert secret not in str(api.get("/calendar-feeds"))

    def test_another_address_ends_the_one_before_it(self, host: Host, api: Caller) -> None:
        first, second = subscribe(api), subscribe(api, status=200)
        assert (fetch(host, first).status_code, fetch(host, second).status_code) == (404, 200)
        assert len(api.get("/calendar-feeds")["feeds"]) == 1

    def test_revoking_ends_it(self, host: Host, api: Caller) -> None:
        url = subscribe(api)
        assert api.delete("/calendar-feed") == {"ok": True}
        assert fetch(host, url).status_code == 404
        assert api.get("/calendar-feeds") == {"feeds": []}
        assert api.delete("/calendar-feed") == {"ok": True}

    @one_host
    def test_whatever_is_wrong_is_the_same_404(self, host: Host, api: Caller) -> None:
        revoked = subscribe(api)
        api.delete("/calendar-feed")
        answers = {
            (answer.status_code, answer.data, answer.headers["Cache-Control"])
            for answer in (
                fetch(host, revoked),
                fetch(host, revoked.replace(".ics", "x.ics")),
                fetch(host, f"{revoked[:-8]}.ics"),
            )
        }
        assert [status for status, _, _ in answers] == [404]

    @one_host
    def test_it_is_in_no_log(self, host: Host, api: Caller, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, "flask_relationships")
        url = subscribe(api)
        fetch(host, url)
        api.delete("/calendar-feed")
        fetch(host, url)
        assert url.rsplit("/", 1)[1][:20] not in caplog.text

    @one_host
    def test_its_address_is_the_public_one_where_there_is_one(self, make_host: Any) -> None:
        host = make_host(RELATIONSHIPS_PUBLIC_URL="https://crm.example.com")
        assert subscribe(host.person()).startswith("https://crm.example.com/api/relationships/calendars/")

    @one_host
    def test_when_it_was_read_is_told(self, host: Host, api: Caller) -> None:
        url = subscribe(api)
        assert api.get("/calendar-feeds")["feeds"][0]["last_read_at"] is None
        with host.clock_at(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)):
            fetch(host, url)
        assert api.get("/calendar-feeds")["feeds"][0]["last_read_at"] == "2026-03-02T09:00:00Z"


class TestWhoReads:
    def test_it_shows_what_is_in_the_scope_of_its_user(self, host: Host) -> None:
        member, other = host.person("update", level="member"), host.person("update", level="member", name="Other")
        for caller, last_name in ((member, "Mine"), (other, "Theirs")):
            caller.post(f"/contacts/{host.contact('Ada', last_name)}/life-events", EVENT)
        assert sorted(entries(host, subscribe(member))) == [
            "Ada Mine: Birthday",
            "Wish Ada a happy birthday, for 15 May",
        ]
        executive = host.person("view", level="executive")
        assert len(entries(host, subscribe(executive))) == 3  # both actions have one title

    def test_a_contact_that_is_gone_is_gone_from_it(self, host: Host, api: Caller, contact: str) -> None:
        api.post(f"/contacts/{contact}/life-events", EVENT)
        url = subscribe(api)
        assert len(entries(host, url)) == 2
        host.delete_contact(contact)
        assert entries(host, url) == {}

    @hosts("peculiar")
    @databases("sqlite", "postgresql")
    def test_a_contact_that_is_hidden_later_is_gone_from_it(self, host: Host, api: Caller, contact: str) -> None:
        api.post(f"/contacts/{contact}/life-events", EVENT)
        url = subscribe(api)
        host.hide_contact(contact)
        assert entries(host, url) == {}

    @one_host
    def test_it_ends_with_the_permission(self, host: Host, contact: str) -> None:
        from tests.hosts.ordinary import User

        caller = host.person("view")
        url = subscribe(caller)
        host.change(User, caller.id, access="none")
        assert fetch(host, url).status_code == 404
        host.change(User, caller.id, access="view")
        assert fetch(host, url).status_code == 200

    @hosts("ordinary", "textual")
    def test_it_ends_with_the_user(self, host: Host) -> None:
        from tests.hosts import ordinary, textual

        caller = host.person("view")
        url = subscribe(caller)
        host.delete(ordinary.User if host.name == "ordinary" else textual.Account, caller.id)
        assert fetch(host, url).status_code == 404
        assert host.rows("CalendarFeed") == []


@with_companies
class TestOfACompany:
    def test_it_shows_the_dates_of_its_contacts_and_no_others(self, host: Host, api: Caller) -> None:
        company = host.company("Analytical Engines")
        inside, outside = host.contact("Ada", "Inside", company=company), host.contact("Ada", "Outside")
        for contact in (inside, outside):
            api.post(f"/contacts/{contact}/life-events", {**EVENT, "auto_action_enabled": False})
        url = subscribe(api, company)
        assert list(entries(host, url)) == ["Ada Inside: Birthday"]
        assert b"Analytical Engines" in fetch(host, url).data
        assert [feed["company_id"] for feed in api.get("/calendar-feeds")["feeds"]] == [company]

    def test_each_has_an_address_of_its_own(self, host: Host, api: Caller) -> None:
        company = host.company()
        mine, of_company = subscribe(api), subscribe(api, company)
        api.delete(f"/companies/{company}/calendar-feed")
        assert (fetch(host, mine).status_code, fetch(host, of_company).status_code) == (200, 404)

    @hosts("peculiar")
    @databases("sqlite", "postgresql")
    def test_it_ends_where_the_company_is_hidden(self, host: Host, api: Caller) -> None:
        company = host.company()
        url = subscribe(api, company)
        host.hide_company(company)
        assert fetch(host, url).status_code == 404


@one_host
def test_a_calendar_takes_as_many_statements_for_few_as_for_many(host: Host, api: Caller) -> None:
    from tests.statements.counting import counted

    url = subscribe(api)
    counts = []
    for number in (1, 1, 8):
        for _ in range(number):
            api.post(f"/contacts/{host.contact()}/life-events", EVENT)
        with counted(host.app) as statements:
            fetch(host, url)
        counts.append(len(statements))
    assert counts[1] == counts[2] <= 8


YEARS = range(2024, 2034)


def days_in_calendar(event_date: date | None, month_and_day: int, leap_day: Any) -> list[date]:
    """The days of an annual event as a program finds them that knows nothing but the calendar."""
    created = datetime(2023, 7, 1)  # noqa: DTZ001 (as the tables keep it)
    first, rule = dates.first_day(event_date, month_and_day, created, leap_day)
    calendar = icalendar.Calendar.from_ical(build("Dates", [dates.Dated(_id(), "Birthday", first, rule, created)]))
    found = recurring_ical_events.of(calendar).between(date(YEARS[0], 1, 1), date(YEARS[-1] + 1, 1, 1))
    return sorted(event["dtstart"].dt for event in found)


def _id() -> Any:
    from uuid_utils.compat import uuid7

    return uuid7()


@pytest.mark.parametrize("leap_day", ["feb28", "mar01"])
@pytest.mark.parametrize(
    "born",
    [date(2000, 2, 29), date(1904, 2, 29), date(2028, 2, 29), date(1990, 2, 28), date(1990, 3, 1), date(1, 12, 31)],
)
def test_an_annual_date_is_every_year_where_the_policy_has_it(born: date, leap_day: Any) -> None:
    wanted = [in_year(year, month_day(born), leap_day) for year in YEARS if year >= born.year]
    assert days_in_calendar(born, month_day(born), leap_day) == wanted


@pytest.mark.parametrize("leap_day", ["feb28", "mar01"])
@pytest.mark.parametrize("day", [229, 228, 301, 101, 1231])
def test_a_birthday_without_a_year_is_in_every_year_too(day: int, leap_day: Any) -> None:
    assert days_in_calendar(None, day, leap_day) == [in_year(year, day, leap_day) for year in YEARS]


def test_a_plain_yearly_rule_would_not_do() -> None:
    """Why 29 February has rules of its own."""
    plain = dates.Dated(_id(), "Birthday", date(2000, 2, 29), {"FREQ": "YEARLY"}, datetime(2023, 7, 1))  # noqa: DTZ001
    calendar = icalendar.Calendar.from_ical(build("Dates", [plain]))
    found = recurring_ical_events.of(calendar).between(date(2024, 1, 1), date(2034, 1, 1))
    assert [event["dtstart"].dt.year for event in found] == [2024, 2028, 2032]


@one_host
@databases("sqlite")
def test_the_policy_is_that_of_the_application(make_host: Any) -> None:
    for leap_day, (month, day) in (("feb28", (2, 28)), ("mar01", (3, 1))):
        host = make_host(RELATIONSHIPS_LEAP_DAY=leap_day, RELATIONSHIPS_BIRTHDAY_EVENTS=True)
        api, contact, year = host.person(), host.contact(), host.today().year + 1
        year += isleap(year)
        api.patch(f"/contacts/{contact}/relationship", {"birthday": "02-29"})
        calendar = icalendar.Calendar.from_ical(fetch(host, subscribe(api)).data)
        found = recurring_ical_events.of(calendar).between(date(year, 1, 1), date(year + 1, 1, 1))
        assert [one["dtstart"].dt for one in found if "Birthday" in one["summary"]] == [date(year, month, day)]
        host.clean()


def test_titles_of_any_length_and_script_come_back_in_one_line() -> None:
    title = "Ünïcode; comma, back\\slash \r\n BEGIN:VEVENT\x00\x0b\x85\u2028 " + "🎂" * 60
    entry = dates.Dated(_id(), title, date(2026, 5, 15), None, datetime(2023, 7, 1))  # noqa: DTZ001
    written = build(f"{title}'s", [entry])
    assert max(len(line) for line in written.split(b"\r\n")) <= 75
    (event,) = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert str(event["summary"]) == "Ünïcode; comma, back\\slash BEGIN:VEVENT " + "🎂" * 60


@one_host
@databases("sqlite")
def test_without_the_extra_it_says_how_to_have_them(host: Host, api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("domain.feeds.views", "api.openapi"):
        monkeypatch.setattr(f"flask_relationships.{module}.find_spec", lambda _name: None)
    monkeypatch.delitem(host.app.extensions, "relationships_test_documents", raising=False)
    assert "put" not in api.get("/openapi.json")["paths"][f"{host.prefix}/calendar-feed"]
    assert api.put("/calendar-feed", 404)["code"] == "calendars_not_installed"
