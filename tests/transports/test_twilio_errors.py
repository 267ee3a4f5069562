"""The table of Twilio's error codes."""

from __future__ import annotations

import pytest

from flask_relationships.errors import (
    BlockedByRecipient,
    InvalidPhoneNumber,
    OptedOutByRecipient,
    Problem,
    ProviderRefused,
    ProviderUnavailable,
    TwilioNotConfigured,
)
from flask_relationships.providers.base import (
    TransportError,
    TransportNotConfigured,
    TransportRefused,
    TransportUnavailable,
)
from flask_relationships.providers.twilio import errors as twilio_errors
from flask_relationships.providers.twilio.errors import (
    MEANINGS,
    UNKNOWN,
    Meaning,
    TooManyRequests,
    refusal,
)


@pytest.mark.parametrize("code", [21610, 30630])
def test_unsubscribed_recipients_are_suppressed(code: int) -> None:
    error = refusal(400, code)
    assert isinstance(error, TransportRefused)
    assert (error.status, error.code, error.effect) == (403, "opted_out_by_recipient", "suppress")


def test_only_an_opt_out_suppresses() -> None:
    assert {code for code, meaning in MEANINGS.items() if meaning.effect == "suppress"} == {21610, 30630}


@pytest.mark.parametrize("code", [30004, 63014, 63033])
def test_a_recipient_who_blocks_the_sender_has_not_opted_out(code: int) -> None:
    error = refusal(400, code)
    assert isinstance(error, TransportRefused)
    assert (error.status, error.code, error.effect) == (403, "blocked_by_recipient", None)


@pytest.mark.parametrize("code", [21211, 21265, 21614, 21604, 21266, 21635, 30005, 30006])
def test_a_bad_number_is_the_callers_to_correct(code: int) -> None:
    error = refusal(400, code)
    assert isinstance(error, TransportRefused)
    assert (error.status, error.code, error.provider_code) == (400, "invalid_phone_number", code)


@pytest.mark.parametrize(("status", "code"), [(401, 20003), (403, 20003), (404, 20404), (403, 20005), (401, None)])
def test_a_bad_account_is_not_configured(status: int, code: int | None) -> None:
    error = refusal(status, code)
    assert isinstance(error, TransportNotConfigured)
    assert str(code or status) in str(error)


@pytest.mark.parametrize(
    ("status", "code", "again"),
    [
        (429, 20429, True),
        (429, None, True),
        (429, 12345, False),
        (429, 21611, False),
        (400, 21611, False),
        (400, 14107, False),
        (429, 63038, False),
    ],
)
def test_too_busy_is_unavailable_and_only_20429_may_be_tried_again(status: int, code: int | None, again: bool) -> None:
    error = refusal(status, code, 7)
    assert isinstance(error, TransportUnavailable)
    assert isinstance(error, TooManyRequests) == again
    assert error.retry_after == 7


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (21608, "trial"),
        (63015, "trial"),
        (21408, "country"),
        (21612, "country"),
        (21703, "country"),
        (21617, "1600"),
        (21620, "media"),
        (63019, "media"),
        (21606, "administrator"),
        (63007, "administrator"),
        (21910, "administrator"),
        (21609, "delivery reports"),
        (63016, "template"),
        (63027, "template"),
        (63042, "template"),
        (63024, "channel"),
        (30007, "filter"),
        (30034, "registered"),
        (30003, "reached"),
        (30036, "expired"),
    ],
)
def test_the_words_tell_the_user_what_is_wrong(code: int, word: str) -> None:
    error = refusal(400, code)
    assert isinstance(error, TransportRefused)
    assert (error.status, error.code, error.provider_code) == (502, "provider_refused", code)
    assert word in error.detail


def test_an_unknown_code_is_an_ordinary_refusal() -> None:
    error = refusal(400, 99999)
    assert isinstance(error, TransportRefused)
    assert (error.status, error.code, error.detail) == (502, "provider_refused", UNKNOWN.detail)


def test_no_code_stands_twice() -> None:
    listed = [code for _, codes in twilio_errors._GROUPS for code in codes]
    assert sorted(listed) == sorted(MEANINGS)
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("meaning", dict.fromkeys([*MEANINGS.values(), UNKNOWN]), ids=lambda meaning: meaning.detail)
def test_every_meaning_is_a_sentence_with_a_status_of_its_code(meaning: Meaning) -> None:
    problems: list[type[Problem]] = [
        BlockedByRecipient,
        InvalidPhoneNumber,
        OptedOutByRecipient,
        ProviderRefused,
        ProviderUnavailable,
        TwilioNotConfigured,
    ]
    assert {problem.code: problem.status for problem in problems}[meaning.code] == meaning.status
    assert meaning.detail[0].isupper()
    assert meaning.detail.endswith(".")
    assert "Twilio" not in meaning.detail


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_every_code_becomes_the_error_of_its_status(code: int) -> None:
    meaning = MEANINGS[code]
    kinds: dict[int, type[TransportError]] = {500: TransportNotConfigured, 503: TransportUnavailable}
    assert type(refusal(400, code)) is kinds.get(meaning.status, TransportRefused)
