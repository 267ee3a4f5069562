"""RELATIONSHIPS_CONSENT_PER_NUMBER: an opt-in is for the numbers it was given with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.hosts.host import Caller, Host

pytestmark = [pytest.mark.on_hosts("ordinary"), pytest.mark.on_databases("sqlite")]

OTHER = "+44 20 7946 0019"


@pytest.fixture
def host(make_host: Callable[..., Host]) -> Host:
    return make_host(RELATIONSHIPS_CONSENT_PER_NUMBER=True)


@pytest.fixture
def profile(api: Caller, contact: str) -> str:
    path = f"/contacts/{contact}/relationship"
    api.patch(path, {"twilio_opt_in": True})
    return path


@pytest.mark.parametrize("number", ["phone_number", "whatsapp_number"])
def test_a_changed_number_needs_a_new_opt_in(host: Host, api: Caller, profile: str, number: str) -> None:
    assert api.patch(profile, {number: OTHER})["profile"]["twilio_opt_in"] is False
    assert [(row["event"], row["source"]) for row in host.rows("ConsentEntry")] == [
        ("opt_in", "staff"),
        ("opt_out", "number_changed"),
    ]


def test_the_same_number_written_otherwise_changes_nothing(host: Host, api: Caller, profile: str) -> None:
    assert api.patch(profile, {"phone_number": "+442079460018"})["profile"]["twilio_opt_in"] is True
    assert len(host.rows("ConsentEntry")) == 1


def test_number_and_opt_in_may_come_together(api: Caller, profile: str) -> None:
    assert api.patch(profile, {"phone_number": OTHER, "twilio_opt_in": True})["profile"]["twilio_opt_in"] is True


def test_without_the_setting_the_flag_stays(make_host: Callable[..., Host]) -> None:
    host = make_host()
    api = host.person()
    path = f"/contacts/{host.contact()}/relationship"
    api.patch(path, {"twilio_opt_in": True})
    assert api.patch(path, {"phone_number": OTHER})["profile"]["twilio_opt_in"] is True
