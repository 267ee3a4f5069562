"""Which name an error message suggests: a synonym, then a similar name, otherwise all valid names."""

from __future__ import annotations

import pytest

from flask_relationships.config import KEYS, SYNONYMS, read_settings
from flask_relationships.errors import RelationshipsWarning, name_suggestion


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("mobile", "Did you mean phone?"),
        ("transprt", "Did you mean transport?"),
        ("foo", "Valid names: birthday, phone, transport."),
        ("date", "Valid names: birthday, phone, transport."),
    ],
)
def test_a_synonym_then_a_similar_name_then_all_names(name: str, suggestion: str) -> None:
    assert name_suggestion(name, ["transport", "phone", "birthday"], {"mobile": "phone"}) == suggestion


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("RELATIONSHIPS_TIME_ZONE", "Did you mean RELATIONSHIPS_TIMEZONE?"),
        ("RELATIONSHIPS_PAGE_SIZE", "Did you mean RELATIONSHIPS_MAX_ROWS?"),
        ("RELATIONSHIPS_TWILIO_SID", "Did you mean RELATIONSHIPS_TWILIO_ACCOUNT_SID?"),
        ("RELATIONSHIPS_FOO", "Valid names: RELATIONSHIPS_ALLOWED_PARAMETERS, "),
    ],
)
def test_an_unknown_configuration_key(key: str, words: str) -> None:
    with pytest.warns(RelationshipsWarning, match=f"Unknown configuration key {key}") as caught:
        read_settings({key: "x"})
    assert words in str(caught[0].message)


def test_every_synonym_means_a_key() -> None:
    names = {key.name for key in KEYS}
    assert set(SYNONYMS.values()) <= names
    assert not names & SYNONYMS.keys()


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_the_fix_of_a_wrong_value_is_an_instruction(key: object) -> None:
    name = f"RELATIONSHIPS_{key.name}"  # type: ignore[attr-defined]
    settings, errors = read_settings({name: object()})
    error = next(error for error in errors if error.code == "config_value")
    assert settings is None
    assert error.message.startswith(f"{name} must be ")
    assert error.fix.startswith(f"Set {name} to ")
    assert key.meaning not in error.fix  # type: ignore[attr-defined]
