"""The quickstart: its blocks, pasted in their order, give an application whose page has the interface."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import build_opener

import pytest

from tests.servers import refused_port

DOCS = Path(__file__).resolve().parents[2] / "docs"
STEPS = (DOCS / "quickstart.md").read_text().split("\n## Next steps\n")[0]

BLOCK = re.compile(
    r"^```(?:console\n(?P<commands>.*?)|{literalinclude} (?P<file>\S+)\n(?P<options>.*?))^```$", re.M | re.S
)


def blocks() -> Iterator[tuple[str, str]]:
    """The blocks of the steps in their order: ``console`` or ``python``, and the text that a reader copies."""
    for block in BLOCK.finditer(STEPS):
        if block["commands"] is not None:
            yield "console", block["commands"]
        else:
            start, end = re.findall(r'"(# \w+: \w+)"', block["options"])
            text = (DOCS / block["file"]).read_text()
            yield "python", text.split(f"{start}\n")[1].split(end)[0].strip("\n")


def test_it_has_three_files_parts_and_two_sets_of_commands() -> None:
    assert [language for language, _ in blocks()] == ["console", "python", "python", "python", "console"]


@pytest.mark.slow
def test_its_blocks_run_when_they_are_pasted_in_order(tmp_path: Path) -> None:
    """The commands that install the package are left out: the environment of the tests has it."""
    (install, run), code = ([text for kind, text in blocks() if kind == wanted] for wanted in ("console", "python"))
    assert install.splitlines() == ["python3 -m venv .venv", ". .venv/bin/activate", "pip install ."]
    (tmp_path / "crm.py").write_text("\n\n\n".join(code) + "\n")
    check, serve = map(shlex.split, run.splitlines())
    checked = subprocess.run(_here(check), cwd=tmp_path, env=_env(), capture_output=True, text=True, check=False)  # noqa: S603
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 errors" in checked.stdout
    port = refused_port()
    server = subprocess.Popen([*_here(serve), "--port", str(port)], cwd=tmp_path, env=_env(), stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        assert '<rel-contact-panel contact-id="1"' in _read(f"http://127.0.0.1:{port}", "/")
        assert "<rel-contact-panel" in _read(f"http://127.0.0.1:{port}", "/", "/relationships/contacts/1")
        assert "<rel-actions" in _read(f"http://127.0.0.1:{port}", "/", "/relationships/")
    finally:
        server.terminate()
        server.wait(timeout=30)


def _here(command: list[str]) -> list[str]:
    """The command with the interpreter of the tests."""
    assert command[0] == "flask"
    return [sys.executable, "-m", *command]


def _env() -> dict[str, str]:
    """The environment of a reader, who has the package on the path and no warnings as errors."""
    return {**os.environ, "PYTHONPATH": str(DOCS.parent), "PYTHONWARNINGS": "default"}


def _read(address: str, *paths: str) -> str:
    """The last of these pages, for a browser that opens them one after the other."""
    from http.cookiejar import CookieJar
    from urllib.request import HTTPCookieProcessor

    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    until = time.monotonic() + 60
    text = ""
    for path in paths:
        while True:
            try:
                text = browser.open(address + path, timeout=30).read().decode()
                break
            except URLError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
    return text
