"""The command as a whole: a host that is well, what it prints, its exit codes, and that it changes nothing."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import request

from tests.check.conftest import MakeSmall
from tests.check.small import Small

KEYS = [sa.Integer, sa.Uuid, sa.String(20)]


@pytest.mark.parametrize("key", KEYS, ids=["int", "uuid", "text"])
def test_an_ordinary_host_has_nothing_to_put_right(make_there: MakeSmall, key: Any) -> None:
    small = make_there(key=key).create_tables().with_rows()
    wrong = [finding for finding in small.check() if finding["level"] != "ok"]
    assert wrong == []
    assert small.run().exit_code == small.run("--strict").exit_code == 0
    assert small.run().output.splitlines()[-1] == "0 errors, 0 warnings"


def test_a_host_without_rows_has_nothing_to_put_right(make_there: MakeSmall) -> None:
    assert make_there().create_tables().wrong() == set()


def test_warnings_are_counted_and_strict_minds_them(make: MakeSmall) -> None:
    small = make(enforce=False).create_tables().with_rows()
    assert small.run().exit_code == 0
    assert small.run().output.splitlines()[-1] == "0 errors, 1 warning"
    assert small.run("--strict").exit_code == 1


def test_an_error_is_told_with_its_fix_and_page(make: MakeSmall) -> None:
    result = make(permission=None).create_tables().with_rows().run()
    assert result.exit_code == 1
    told = result.output.split("Access\n")[1].splitlines()[:3]
    assert told == [
        "  error   There is no permission callback. Every request is refused.",
        "          Fix:  Decorate a function with @relationships.permission_callback.",
        "          Page: Permissions and scopes, section Permission callback  [permission_callback_missing]",
    ]
    assert result.output.splitlines()[-1] == "1 error, 0 warnings"


def test_every_finding_has_a_page_and_what_is_wrong_a_fix(make: MakeSmall) -> None:
    small = make(permission=None, log_in=False, enforce=False, config={"RELATIONSHIPS_TWILIO_AUTH_TOKEN": None})
    found = small.check()
    assert all(finding["page"] for finding in found)
    wrong = [finding for finding in found if finding["level"] != "ok"]
    assert len(wrong) > 5
    assert all(finding["fix"] for finding in wrong)


def test_a_database_that_does_not_answer_leaves_the_rest_to_be_looked_at(make: MakeSmall) -> None:
    small = make(url="sqlite:////nowhere/at/all.sqlite", config={"RELATIONSHIPS_PUBLIC_URL": "http://localhost"})
    assert small.wrong() == {"database_unreachable", "public_url_local"}
    assert "company" in small.found("database_unreachable")["message"].lower()
    assert small.run().exit_code == 1


def test_a_host_without_a_session_is_told_so(make: MakeSmall) -> None:
    small = make(session=lambda: None / 0)  # type: ignore[operator]
    assert small.wrong() == {"session_missing"}


def every_row(small: Small) -> dict[str, list[Any]]:
    with small.app.app_context(), small.db.engine.connect() as connection:
        tables = small.db.metadata.sorted_tables
        return {table.name: list(connection.execute(sa.select(table))) for table in tables}


@pytest.mark.parametrize("commits", [True, False])
def test_nothing_is_changed_whatever_the_callbacks_write(make_there: MakeSmall, commits: bool) -> None:
    def writing(*given: Any) -> Any:
        small.db.session.add(small.User(id=99 + len(written), name="Somebody new"))
        small.db.session.execute(sa.update(small.Contact).values(first_name="Somebody else"))
        small.db.session.flush()
        with small.db.session.begin_nested():
            small.db.session.add(small.User(id=199 + len(written), name="Somebody in a savepoint"))
        written.append(given)
        if commits:
            small.db.session.commit()
        return True

    written: list[Any] = []
    small = make_there(permission=writing, current_user=writing, action_scope=writing).create_tables().with_rows()
    before = every_row(small)
    small.check()
    assert len(written) > 5
    assert every_row(small) == before
    with small.app.app_context():  # a commit is refused while check runs, and no longer
        small.db.session.add(small.User(id=77, name="Later"))
        small.db.session.commit()


def test_the_callbacks_are_called_inside_a_request(make: MakeSmall) -> None:
    seen: list[str] = []

    def allowed(user: Any, permission: str, target: Any) -> bool:
        seen.append(request.path)
        return False

    make(permission=allowed).create_tables().with_rows().check()
    assert set(seen) == {"/"}


VALUES = ("Ada", "Lovelace", "ada@example.com", "7946", "Analytical", "Grace", "Katherine", "Leaks")


def failing(row: Any) -> str:
    raise ValueError(f"Leaks {row.first_name}")


def test_no_value_of_a_row_is_told_or_logged_unless_a_sample_is_asked_for(
    make: MakeSmall, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    small = make(contact={"email": failing, "visible": lambda select, user: select[user.name]})
    small.create_tables().with_rows().add(small.ada(2, phone="ask for Leaks on 7946"))
    for options in ((), ("--no-sample",), ("--json",), ("--json", "--no-sample")):
        told = small.run(*options).output + caplog.text
        assert [value for value in VALUES if value in told] == [], options
    for options in (("--sample",), ("--json", "--sample")):
        told = small.run(*options).output
        assert "Ada" in told
        assert "Leaks" not in told + caplog.text


def test_the_number_of_statements_does_not_grow_with_the_rows(make: MakeSmall) -> None:
    small = make().create_tables().with_rows()
    counted: list[int] = []
    statements: list[str] = []
    with small.app.app_context():
        sa.event.listen(
            small.db.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: statements.append(statement)
        )
    for rows in (range(2, 4), range(4, 400)):
        small.add(*(small.ada(number) for number in rows))
        statements.clear()
        small.check()
        counted.append(len(statements))
    assert counted[0] == counted[1]


def test_a_read_only_file_is_told(make: MakeSmall, tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    make(url=f"sqlite:///{path}").create_tables().with_rows().close()
    assert make(url=f"sqlite:///file:{path}?mode=ro&uri=true").wrong() == {"tables_read_only"}
