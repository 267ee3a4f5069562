"""``opt_in_source`` and ``opt_in_evidence``: how somebody said so, and what shows it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.consent.conftest import history, say
from tests.contract.problems import members
from tests.hosts.host import Caller, Host
from tests.marks import databases, one_host

pytestmark = one_host

FORM = {"opt_in_source": "Signed form", "opt_in_evidence": "Scanned as form-1815.pdf\non 10 December"}


def lines(api: Caller, contact: str) -> list[tuple[Any, ...]]:
    entries = history(api, contact)["entries"]
    return [(line["event"], line["source"], line["evidence"]) for line in entries]


def test_they_are_kept_in_the_ledger_and_not_in_the_profile(host: Host, api: Caller, contact: str) -> None:
    profile = say(api, contact, True, **FORM)
    assert not {"opt_in_source", "opt_in_evidence"} & profile.keys()
    assert lines(api, contact) == [("opt_in", *FORM.values())]


def test_evidence_that_comes_later_is_a_line_of_its_own(host: Host, api: Caller, contact: str) -> None:
    say(api, contact, True)
    since = host.row("Profile", contact_id=contact)["consent_changed_at"]
    say(api, contact, True)
    say(api, contact, True, **FORM)
    assert sorted(lines(api, contact), key=str) == sorted(
        [("opt_in", *FORM.values()), ("opt_in", "staff", None)], key=str
    )
    assert host.row("Profile", contact_id=contact)["consent_changed_at"] == since


@databases("sqlite")
def test_an_opt_out_may_have_them(api: Caller, contact: str) -> None:
    say(api, contact, True)
    say(api, contact, False, opt_in_source="They rang")
    assert ("opt_out", "They rang", None) in lines(api, contact)


@databases("sqlite")
@pytest.mark.parametrize("name", FORM)
def test_they_are_told_beside_an_opt_in_only(api: Caller, contact: str, name: str) -> None:
    problem = api.patch(f"/contacts/{contact}/relationship", {name: FORM[name]}, 422)
    assert members(problem) == {f"#/{name}": "without_opt_in"}
    assert lines(api, contact) == []
    api.patch(f"/contacts/{contact}/relationship", {name: None})


@databases("sqlite")
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"opt_in_source": " "}, {"#/opt_in_source": "blank"}),
        ({"opt_in_source": "x" * 201}, {"#/opt_in_source": "too_long"}),
        ({"opt_in_evidence": "x" * 2001}, {"#/opt_in_evidence": "too_long"}),
        ({"opt_in_evidence": 1}, {"#/opt_in_evidence": "invalid_type"}),
    ],
)
def test_they_are_texts_of_a_bounded_length(
    api: Caller, contact: str, values: dict[str, Any], expected: dict[str, str]
) -> None:
    assert members(say(api, contact, True, 422, **values)) == expected
