"""The context itself: what it tells of time, and whom it reads for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from .office import NOW, TODAY, Office


def test_now_is_naive_utc_in_whole_seconds(office: Office) -> None:
    assert office.ctx.now() == NOW
    assert office.at(datetime(2026, 6, 15, 12, 0, 0, 999, tzinfo=UTC)).now() == NOW


def test_today_is_the_date_of_the_users_time_zone(office: Office) -> None:
    tokyo = office.user(zone="Asia/Tokyo")
    nowhere = office.user(zone="Mars/Olympus")
    late = office.at(datetime(2026, 6, 15, 20, 0, tzinfo=UTC))

    assert office.ctx.today() == TODAY
    assert late.today(tokyo.id) == date(2026, 6, 16)
    assert late.today(nowhere.id) == date(2026, 6, 15)
    assert late.time_zones([tokyo.id]) == {tokyo.id: ZoneInfo("Asia/Tokyo")}


def test_the_same_viewer_has_the_same_context(office: Office) -> None:
    ada = office.user()
    seen = office.ctx.seen_by(ada)

    assert seen.viewer is ada
    assert seen.seen_by(ada) is seen
    assert seen.session is office.ctx.session


def test_a_row_of_another_tenant_is_not_found(office: Office) -> None:
    ada, eve = office.user(), office.user("Eve", tenant_id=2)
    grace = office.contact()
    contacts = office.ctx.hosts.contact

    assert contacts.find(office.session, str(grace.id), ada) is not None
    assert contacts.find(office.session, str(grace.id), eve) is None
