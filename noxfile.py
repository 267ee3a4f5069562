"""The checks of this project, one session each: ``nox -l`` lists them, ``nox -s lint`` runs one.

``nox --no-venv`` runs a session in the present environment, which must have what the session installs.
"""

from __future__ import annotations

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.reuse_existing_virtualenvs = True
nox.needs_version = ">=2024.10"

PROJECT = nox.project.load_toml("pyproject.toml")

OTHER_TIERS = "servers or hosts or browser or slow"

PARALLEL = ("-p", "no:cacheprovider")


def install(session: nox.Session, *packages: str, groups: tuple[str, ...] = ()) -> None:
    """Install into the session's own environment, and nothing into a present one."""
    if session.venv_backend != "none":
        session.install(*packages, *nox.project.dependency_groups(PROJECT, *groups))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format and the layers of the imports."""
    install(session, "-e", ".", groups=("lint",))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types."""
    install(session, "-e", ".[test]", groups=("types",))
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the first tier: no server, no browser. Arguments go to pytest."""
    install(session, "-e", ".[test]")
    session.run("pytest", "-q", *PARALLEL, *session.posargs)


@nox.session
def tests_servers(session: nox.Session) -> None:
    """Run the tests that need servers, other hosts or processes. RELATIONSHIPS_TEST_MARIADB names a server."""
    install(session, "-e", ".[test]", groups=("docs",))
    marks = "(servers or hosts or slow) and not browser"
    session.run("pytest", "-q", *PARALLEL, "-m", marks, *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """Run the tests of the interface in Chromium."""
    install(session, "-e", ".[test]")
    session.run("pytest", "-q", *PARALLEL, "-m", "browser", *session.posargs)


@nox.session(venv_backend="none")
def javascript(session: nox.Session) -> None:
    """Check the elements with TypeScript, eslint and prettier, and run their unit tests. Needs Node 18 or later."""
    session.run("npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", external=True)
    for script in ("types", "lint", "format:check", "test"):
        session.run("npm", "run", "--silent", script, external=True)


@nox.session
def tests_sqlalchemy20(session: nox.Session) -> None:
    """Run all tests but those of the browser and the benchmarks on SQLAlchemy 2.0 and marshmallow 3."""
    install(session, "-e", ".[test]", "sqlalchemy==2.0.*", "marshmallow==3.26.*", groups=("docs",))
    session.run("pytest", "-q", *PARALLEL, "-m", "not browser", "--ignore=tests/benchmarks", *session.posargs)


@nox.session(python="3.11")
def tests_min(session: nox.Session) -> None:
    """Run the contract on the oldest release of every library.

    Hosts with a declarative base of their own, and examples that need newer libraries, are skipped here.
    """
    install(session, "-e", ".[test]", "-c", ".ci/oldest.txt")
    session.run("pytest", "-q", *PARALLEL, "-m", "", "tests/test_floors.py", "tests/contract", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; warnings are errors."""
    install(session, "-e", ".", groups=("docs",))
    session.run("python", "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", "build/html")
