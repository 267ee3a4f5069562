"""What an application must say to flask-relationships is short, in every style of host."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
INTEGRATIONS = {
    "crm": "relationships.py",
    "uuid_squads": "relationships.py",
    "jwt_tenants": "extensions.py",
    "many_companies": "relationships.py",
    "appbuilder": "relationships.py",
}
"""Where each of the hosts speaks to flask-relationships."""

MOST = 15


@pytest.mark.parametrize(("host", "module"), INTEGRATIONS.items(), ids=list(INTEGRATIONS))
def test_an_integration_takes_at_most_fifteen_lines(host: str, module: str) -> None:
    """From the object to the end of the module, without blank lines, and the line in the factory."""
    path = FOLDER / host / module
    source = path.read_text()
    lines = source[source.index("relationships = Relationships(") :].splitlines()
    factory = (FOLDER / host / "__init__.py").read_text()
    assert factory.count("relationships.init_app(app)") == 1
    assert sum(bool(line.strip()) for line in lines) + 1 <= MOST


def test_every_host_is_among_them() -> None:
    hosts = {path.parent.name for path in FOLDER.glob("*/contract.py")}
    assert hosts == set(INTEGRATIONS)
    for host in hosts:
        assert ast.get_docstring(ast.parse((FOLDER / host / "__init__.py").read_text())), f"{host} says what it is"
