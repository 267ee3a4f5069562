"""The troubleshooting page names codes, keys and members that exist."""

from __future__ import annotations

import re
from pathlib import Path

from docs.generated.operations import openapi
from docs.generated.problems import every_problem
from flask_relationships.checks.runner import all_kinds
from flask_relationships.config import KEYS, PREFIX
from flask_relationships.domain.messages.statuses import STATUS_RANKS
from tests.documentation.codes import codes_given_to, names_of_fields

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "troubleshooting.md").read_text()

WORDS = {
    "provider_sid",
    "http_400",  # of Flask's own errors
    "no_country_code",  # a reason of no_phone_number
    "csp_nonce",  # a name in the templates of the application
    "table_prefix",
    "before_request",
    "sessionmaker",
    "scoped_session",
    "init_app",
}


def test_every_code_that_it_names_exists() -> None:
    named = set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", PAGE))
    problems = {problem.code for problem in every_problem()}
    results = {kind.code for kind in all_kinds()}
    errors = codes_given_to("Mistake", "configuration_error", "BadSourceError")
    assert named & problems
    assert named & results
    assert named & errors
    assert named - problems - results - errors - set(STATUS_RANKS) - WORDS - names_of_fields(openapi()) == set()


def test_every_key_that_it_names_exists() -> None:
    named = set(re.findall(rf"`{PREFIX}([A-Z_]+)`", PAGE))
    assert named
    assert named <= {key.name for key in KEYS}
