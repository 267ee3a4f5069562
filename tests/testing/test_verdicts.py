"""The contract suite finds what is wrong: one mistake of an application, and the tests that fail of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FAILING = {
    "TestNothingWrong": set(),
    "TestNamesSwapped": {
        "test_an_action_comes_with_the_names_of_contact_and_user",
        "test_a_summary_s_contacts_with_their_preferences",
    },
    "TestNoSoftDelete": {"test_a_deleted_contact_is_gone_from_everywhere"},
    "TestNoTenants": {"test_a_hidden_contact_is_gone_from_everywhere"},
    "TestEverybodyMay": {"test_each_permission_opens_its_routes"},
    "TestEverybodySeesAll": {
        "test_a_manager_sees_their_own_and_the_squad_s",
        "test_others_see_their_own",
    },
    "TestNobodyIsRedirected": {"test_an_anonymous_request_is_refused"},
    "TestQueriesForEachRow": {"test_the_number_of_statements_of_a_list_is_a_constant"},
}
"""What each mistake must not pass."""


def test_each_mistake_is_found_and_nothing_else() -> None:
    telling = " or ".join(sorted(set.union(*FAILING.values())))
    command = [sys.executable, "-m", "pytest", "tests/testing/broken.py", "-q", "-n", "0", "-m", ""]
    done = subprocess.run(  # noqa: S603
        [*command, "-p", "no:cacheprovider", "--tb=no", "-rf", "-k", telling],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found: dict[str, set[str]] = {name: set() for name in FAILING}
    for name, test in re.findall(r"^FAILED \S+::(\w+)::(\w+)", done.stdout, re.MULTILINE):
        found[name].add(test)
    assert found == FAILING
