"""The pages of the documentation: nothing of the package is missing in them, and what they show is true."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from blinker import NamedSignal

import flask_relationships
from docs.generated import fill
from docs.generated.data_model import tables
from docs.generated.log_messages import OF_THE_APPLICATION, every_message
from docs.generated.operations import every_operation
from docs.generated.problems import every_problem
from docs.generated.theme import ELEMENTS, MEANINGS, parts
from flask_relationships import (
    ClientProfileMapping,
    CompanyMapping,
    ContactMapping,
    TaskMapping,
    UserMapping,
    signals,
    testing,
)
from flask_relationships.checks.runner import all_kinds
from flask_relationships.cli import COMMANDS
from flask_relationships.config import KEYS, PREFIX
from flask_relationships.domain.messages.statuses import STATUS_RANKS
from flask_relationships.providers.base import TransportError
from flask_relationships.testing import contract
from flask_relationships.testing.contract.specification import ROUTES
from tests.documentation.codes import codes_given_to, words_of_fields
from tests.documentation.conftest import MakeHost

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


def page(name: str) -> str:
    """A page with its generated parts."""
    return fill((DOCS / f"{name}.md").read_text())


def codes_in_tables(text: str) -> set[str]:
    """What stands in code in the first cells of a page's tables."""
    return {code for line in text.splitlines() if line.startswith("|") for code in _codes(line.split("|")[1])}


def _codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def section(text: str, heading: str) -> str:
    """From one heading of the second level to the next."""
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


class TestCompleteness:
    def test_every_configuration_key(self) -> None:
        assert codes_in_tables(page("configuration")) == {PREFIX + key.name for key in KEYS}

    def test_every_problem(self) -> None:
        rows = re.findall(r"^\| (\d+) [^|]+ \| `(\w+)` \| (.+) \|$", page("errors"), re.MULTILINE)
        expected = {(str(problem.status), problem.code, problem.title) for problem in every_problem()}
        assert set(rows) == expected
        assert len(rows) == len(expected) > 20

    def test_every_code_of_a_member(self) -> None:
        found = codes_given_to("InvalidMember", place=1) | codes_given_to("Message", place=1) | words_of_fields()
        assert codes_in_tables(section(page("errors"), "Members")) == found

    def test_every_configuration_error(self) -> None:
        found = codes_given_to("Mistake", "configuration_error", "BadSourceError")
        assert codes_in_tables(section(page("errors"), "Configuration errors")) == found

    def test_every_check_result(self) -> None:
        told = section(page("command-line"), "check").split("there are these results:")[1]
        assert codes_in_tables(told) == {kind.code for kind in all_kinds()}

    def test_every_command(self) -> None:
        headings = set(re.findall(r"^## (.+)$", page("command-line"), re.MULTILINE))
        assert headings == {command.name for command in COMMANDS}

    def test_every_route_with_its_permission(self) -> None:
        found = re.findall(
            r"^### (\w+) `/api/relationships(/[^`]+)`\n\n.+ Needs `relationships:(\w+)`\.$", page("api"), re.MULTILINE
        )
        assert {(method, shape(path), permission) for method, path, permission in found} == {
            (route.method, shape(route.path), route.permission) for route in ROUTES
        }
        assert len(found) == len(ROUTES)

    @pytest.mark.parametrize(("path", "method", "operation"), list(every_operation()), ids=str)
    def test_every_problem_and_member_of_a_route(self, path: str, method: str, operation: dict[str, object]) -> None:
        text = page("api")
        told = text.split(f"### {method} `{path}`")[1].split("\n### ")[0] + text.split("\n## ")[0]
        for status, response in operation["responses"].items():  # type: ignore[attr-defined]
            codes = re.findall(r"`(\w+)`:", response["description"]) if int(status) >= 400 else []
            assert all(f"{status} `{code}`" in told for code in codes)
            assert codes or f"**{status} " in told

    def test_every_signal(self) -> None:
        listed = set(re.findall(r"^- `(\w+)`$", page("python"), re.MULTILINE))
        assert listed == {name for name in vars(signals) if isinstance(getattr(signals, name), NamedSignal)}

    def test_every_public_name(self) -> None:
        named = set(re.findall(r"auto(?:class|data|exception|module):: (?:[\w.]+\.)?(\w+)", page("python")))
        assert named == {*flask_relationships.__all__, *testing.__all__, *contract.__all__}

    @pytest.mark.parametrize(
        "mapping", [ContactMapping, CompanyMapping, UserMapping, ClientProfileMapping, TaskMapping]
    )
    def test_every_field_of_a_mapping(self, mapping: type) -> None:
        sources = {field.name for field in fields(mapping) if field.metadata.get("source")}
        text = section(page("mapping"), "Fields")
        told = next(part for part in text.split("### ") if mapping.__name__ in part.splitlines()[0])
        assert codes_in_tables(told) == sources
        whole = page("mapping")
        assert all(f"{field.name}=" in whole or f"`{field.name}(" in whole for field in fields(mapping)[1:6])

    def test_every_table_and_column(self) -> None:
        sections = page("data-model").split("\n### ")[1:]
        shown = {text.splitlines()[0]: codes_in_tables(text) for text in sections}
        assert shown == {table.name: {column.name for column in table.columns} for table in tables()}

    def test_every_extra(self) -> None:
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        assert codes_in_tables(section(page("installation"), "Extras")) == set(extras)

    def test_every_log_message_has_a_logger_of_ours_or_of_the_application(self) -> None:
        loggers = {name for name, _, _ in every_message()}
        assert len(loggers) > 20
        assert all(name == OF_THE_APPLICATION or name.startswith("flask_relationships.") for name in loggers)
        assert codes_in_tables(page("logging")) == loggers | {"ERROR", "WARNING", "INFO"}

    def test_every_property_and_part_of_the_elements(self) -> None:
        source = "".join(path.read_text() for path in ELEMENTS.glob("*.js"))
        assert (
            codes_in_tables(page("theming"))
            == set(re.findall(r"--rel-[\w-]+", source))
            == {f"--rel-{name}" for name in MEANINGS}
        )
        told = section(page("theming"), "Parts")
        named = set(re.findall(r'\bpart: "([\w -]+)"', source)) - {"button primary"}
        assert all(f"`{name}`" in told for name in [*parts(), *named])

    def test_every_status_of_a_message(self) -> None:
        told = page("messages").split("### Statuses")[1].split("\n## ")[0]
        assert codes_in_tables(told) == set(STATUS_RANKS)

    def test_every_error_of_a_transport(self) -> None:
        told = page("messages")
        assert all(error.__name__ in told for error in TransportError.__subclasses__())


def shape(path: str) -> str:
    return re.sub(r"{\w+}", "*", path)


def test_a_part_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("<!-- generated: weather -->")


@pytest.mark.parametrize("path", [*PAGES, ROOT / "CHANGES.md"], ids=lambda path: path.stem)
class TestCode:
    def test_longer_code_is_included_from_tested_files(self, path: Path) -> None:
        for language, code in fences(path):
            if language == "python":
                ast.parse(code)
                assert len(code.splitlines()) <= 3, code
        for included in re.findall(r"```{literalinclude} (.+)", path.read_text()):
            relative = (path.parent / included).resolve().relative_to(ROOT)
            assert relative.parts[0] == "examples" or relative.parts[:2] == ("tests", "documentation")

    def test_the_package_is_installed_from_a_checkout_or_a_wheel(self, path: Path) -> None:
        """It is not on PyPI: a command that names it there would install nothing, or a package of somebody else."""
        current = path.read_text().split("\n## Version 0.1")[0]
        assert re.findall(r"pip install [^\n`]*(?<![/\w])flask-relationships", current) == []

    def test_the_commands_are_there(self, path: Path) -> None:
        commands = {command.name for command in COMMANDS}
        for language, code in fences(path):
            named = re.findall(r"flask .*?relationships ([\w-]+)", code) if language == "console" else []
            assert set(named) <= commands


def fences(path: Path) -> list[tuple[str, str]]:
    """The blocks of code that stand in a page itself, with their languages."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)


def test_the_refused_body_is_a_real_one(make_host: MakeHost) -> None:
    client = make_host().test_client()
    answer = client.post("/api/relationships/contacts/1/life-events", json={"title": "Party", "event_date": "15 May"})
    shown = json.loads((Path(__file__).parent / "validation_problem.json").read_text())
    assert answer.get_json() == shown
