from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from flask import Flask

from examples.crm import create_app
from examples.crm.tour.guide import ROUTES, Guide, shortened

ROOT = Path(__file__).parents[3]


def test_the_tour_ends_well_on_a_database_of_its_own(tmp_path: Path) -> None:
    app = create_app({"DATABASE": tmp_path / "crm.sqlite", "SECRET_KEY": "for tests"})
    result = app.test_cli_runner().invoke(args=["tour"])
    assert result.exit_code == 0, result.output
    assert result.output.rstrip().endswith("17 of 17 routes answered as documented")
    assert "NOT AS DOCUMENTED" not in result.output
    for status in ("403 FORBIDDEN", "401 UNAUTHORIZED", "404 NOT FOUND", "422 UNPROCESSABLE"):
        assert f"-> {status}" in result.output
    for method, route, _ in ROUTES:
        assert re.search(f"{method} /api/relationships{re.sub(r':[a-zA-Z]+', '[^/]+', route)}", result.output)
    assert not app.config["DATABASE"].exists()


def test_a_tour_with_a_wrong_answer_ends_with_1(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("examples.crm.tour.take_all_stops", lambda guide: guide.check(False, "nothing works"))
    assert app.test_cli_runner().invoke(args=["tour"]).exit_code == 1


def test_a_tour_that_missed_something_fails() -> None:
    said: list[str] = []
    guide = Guide("http://127.0.0.1:9", said.append, full=False)
    assert guide.sum_up() is False
    assert said[-1] == "0 of 17 routes answered as documented"
    guide.check(False, "the moon is made of cheese")
    assert "NOT AS DOCUMENTED" in said[-1]


def test_long_answers_are_shortened_and_say_so() -> None:
    assert shortened({"events": [1, 2, 3, 4]}) == {"events": [1, 2, "… and 2 more"]}


@pytest.mark.parametrize("options", [[], ["--debug"]])
def test_run_makes_the_database_and_says_where_to_click_and_whom_to_log_in_as(
    tmp_path: Path, options: list[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-u",
        "-m",
        "flask",
        "--app",
        "examples.crm",
        "run",
        "--port",
        str(port),
        *options,
    ]
    database = tmp_path / "crm.sqlite"
    environment = {**os.environ, "CRM_DATABASE": str(database), "CRM_SECRET_KEY": "for tests"}
    server = subprocess.Popen(  # noqa: S603  (our own command)
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert server.stdout is not None
    try:
        said = []
        for line in server.stdout:
            said.append(line)
            if "Debugger PIN" in line or (not options and "Running on" in line):
                break
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=20).read().decode()
    finally:
        os.killpg(server.pid, 15)
        server.wait(20)
        server.stdout.close()
    banner = "".join(said)
    assert banner.count(f"Open       http://127.0.0.1:{port}/") == 1
    assert "margaret.osei-lindholm@larkfield.example" in banner
    assert "Demo accounts" in page
    assert database.exists()


def test_reset_makes_the_sample_data_anew(app: Flask) -> None:
    before = app.config["DATABASE"].stat().st_ino
    result = app.test_cli_runner().invoke(args=["reset"])
    assert result.exit_code == 0, result.output
    assert app.config["DATABASE"].stat().st_ino != before


def test_the_tools_own_check_is_content(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["relationships", "check"])
    assert result.exit_code == 0, result.output
