"""Calendar feeds and digests as functions of a context."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_relationships.db.pagination import Page
from flask_relationships.domain.actions import service as actions
from flask_relationships.domain.feeds import dates, digests
from flask_relationships.domain.feeds import queries as feeds_queries
from flask_relationships.domain.feeds import service as feeds
from flask_relationships.domain.life_events import service as life_events
from flask_relationships.errors import ChangedMeanwhile
from flask_relationships.hosts.joins import ShownKeys

from .office import HOSTS, MODELS, NOW, TODAY, Contact, Office, plain

HOUR = timedelta(hours=1)


def everything(_whose: Any) -> sa.ColumnElement[bool]:
    return sa.true()


def event(office: Office, contact: Contact, **values: Any) -> Any:
    given = {"event_type": "birthday", "title": "Birthday", "event_date": date(1988, 2, 29), "recurs_annually": True}
    given |= {"auto_action_days_before": 7, "auto_action_enabled": False}
    return life_events.create(office.ctx, office.row(contact), given | values, user=None)[0]


def test_a_feed_is_found_by_its_secret_alone(office: Office) -> None:
    ada = office.user()
    made = feeds.subscribe(office.ctx, ada.id, None, NOW)

    assert made.created
    assert feeds_queries.find(office.ctx, made.secret) is made.feed
    assert feeds_queries.find(office.ctx, "another secret") is None
    assert made.secret not in made.feed.token_hash


def test_subscribing_again_exchanges_the_secret(office: Office) -> None:
    ada = office.user()
    first = feeds.subscribe(office.ctx, ada.id, None, NOW)
    second = feeds.subscribe(office.ctx, ada.id, None, NOW + HOUR)

    assert (second.created, second.feed.id) == (False, first.feed.id)
    assert feeds_queries.find(office.ctx, first.secret) is None
    with pytest.raises(ChangedMeanwhile):
        feeds.subscribe(office.ctx, ada.id, None, NOW, [99])


def test_a_feed_is_revoked_once(office: Office) -> None:
    ada, company = office.user(), office.company()
    own = feeds.subscribe(office.ctx, ada.id, None, NOW)
    feeds.subscribe(office.ctx, ada.id, company.id, NOW)

    assert not feeds.revoke(office.ctx, ada.id, None, [99])
    assert feeds.revoke(office.ctx, ada.id, None)
    assert not feeds.revoke(office.ctx, ada.id, None)
    assert feeds_queries.find_of_user(office.ctx, ada.id, None) is None
    assert feeds_queries.find_of_user(office.ctx, ada.id, company.id) is not None
    assert feeds_queries.find(office.ctx, own.secret) is None


def test_a_user_has_their_own_feeds_by_pages(office: Office) -> None:
    ada, bob, company = office.user(), office.user("Bob"), office.company()
    feeds.subscribe(office.ctx, ada.id, company.id, NOW)
    feeds.subscribe(office.ctx, ada.id, None, NOW + HOUR)
    feeds.subscribe(office.ctx, bob.id, None, NOW)
    keys = ShownKeys(HOSTS, ada, MODELS.CalendarFeed)

    first, cursor = feeds_queries.read(office.seen_by(ada), keys, ada.id, Page(1))
    rest, end = feeds_queries.read(office.seen_by(ada), keys, ada.id, Page(1, cursor))
    assert [row["company_id"] for row in (*plain(first), *plain(rest))] == [company.id, None]
    assert end is None


def test_readings_are_noted_once_an_hour(office: Office) -> None:
    feed = feeds.subscribe(office.ctx, office.user().id, None, NOW).feed
    for moment in (NOW, NOW + HOUR, NOW + HOUR + timedelta(seconds=1)):
        feeds.note_reading(office.ctx, feed, moment)
    assert office.only(MODELS.CalendarFeed).last_read_at == NOW + HOUR + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("policy", "rule"),
    [
        ("feb28", {"FREQ": "YEARLY", "BYMONTH": 2, "BYMONTHDAY": -1}),
        ("mar01", {"FREQ": "YEARLY", "BYYEARDAY": 60}),
    ],
)
def test_a_calendar_has_29_february_every_year(office: Office, policy: str, rule: dict[str, Any]) -> None:
    event(office, office.contact())
    ctx = office.with_settings(RELATIONSHIPS_LEAP_DAY=policy)
    (entry,) = dates.read(ctx, None, everything, TODAY).entries
    assert (entry.title, entry.day, entry.rule) == ("Grace Hopper: Birthday", date(1988, 2, 29), rule)


def test_a_calendar_holds_what_its_reader_may_see(office: Office) -> None:
    ada, company = office.user(), office.company()
    ours, theirs = office.contact(company_id=company.id), office.contact(tenant_id=2)
    event(office, ours)
    event(office, theirs, title="Theirs")
    event(office, office.contact(is_active=False), title="Gone")
    event(office, ours, title="Long ago", recurs_annually=False, event_date=date(2024, 1, 1))
    values = {"title": "Call Grace", "action_type": "call", "status": "pending", "source": "manual"}
    actions.add(office.ctx, {"contact_id": ours.id, "due_date": TODAY, **values}, now=NOW)
    actions.add(office.ctx, {"contact_id": ours.id, **values}, now=NOW)
    ctx = office.seen_by(ada)

    found = dates.read(ctx, None, everything, TODAY)
    assert [entry.title for entry in found.entries] == ["Grace Hopper: Birthday", "Call Grace"]
    assert not found.cut
    assert len(dates.read(ctx, company.id, everything, TODAY).entries) == 2
    assert dates.read(ctx, office.company("Other").id, everything, TODAY).entries == []
    assert dates.read(ctx, None, lambda _whose: sa.false(), TODAY).entries == []


@pytest.mark.parametrize(
    ("event_date", "month_day", "anniversary", "expected"),
    [
        (date(2026, 7, 1), None, False, date(2026, 7, 1)),
        (None, 701, False, date(2026, 7, 1)),
        (date(1950, 7, 1), 701, False, date(1970, 7, 1)),
        (date(2020, 7, 1), 701, True, date(2021, 7, 1)),
    ],
)
def test_the_first_day_in_a_calendar(
    event_date: date | None, month_day: int | None, anniversary: bool, expected: date
) -> None:
    day, _ = dates.first_day(event_date, month_day, NOW, "feb28", anniversary)
    assert day == expected


def test_a_digest_is_handed_over_once_for_each_user_and_day(office: Office) -> None:
    ada, bob = office.user(), office.user("Bob")

    def digest(user: Any, day: date = TODAY) -> digests.Digest:
        return digests.Digest(str(user.id), user.name, day, [], [], [], [], more=False)

    office.ctx.commit()
    assert digests.claim(office.ctx, digest(ada))
    assert not digests.claim(office.ctx, digest(ada))
    assert digests.claim(office.ctx, digest(bob))
    assert digests.claim(office.ctx, digest(ada, TODAY + timedelta(days=1)))

    digests.release(office.ctx, digest(ada))
    assert digests.claim(office.ctx, digest(ada))
    assert len(office.rows(MODELS.SentDigest)) == 3
