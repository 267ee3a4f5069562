"""The wheel: every module, the marker of its types, the licence, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("pyproject.toml", "setup.cfg", "README.md", "LICENSE", "flask_relationships")
NEWEST_METADATA = 77
"""The first version of setuptools that reads a licence as pyproject.toml gives it."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built from a copy, so that nothing is left behind in the checkout."""
    copy, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    try:
        isolated = int(version("setuptools").partition(".")[0]) < NEWEST_METADATA
    except ModuleNotFoundError:
        isolated = True
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--quiet",
        "--wheel-dir",
        str(built),
        str(copy),
    ]
    subprocess.run(  # noqa: S603 (this interpreter's own pip)
        command if isolated else [*command, "--no-build-isolation"], check=True
    )
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


def test_it_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    package = ROOT / "flask_relationships"
    # Types of JavaScript are for this project's own tools.
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.endswith(".d.ts")
    }
    found = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert found == expected
    assert "flask_relationships/py.typed" in found


def test_it_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    (metadata,) = [name for name in wheel.namelist() if name.endswith("/METADATA")]
    told = wheel.read(metadata).decode()
    assert "License-Expression: MIT" in told
    assert "Name: flask-relationships" in told
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.namelist())
