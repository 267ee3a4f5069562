"""Servers on the loopback, one worker each, and `wrk` that drives them."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks.peers.servers import Answered, Request
from tests.servers import refused_port

GUNICORN = ("gunicorn", "--workers", "1", "--log-level", "error")

KINDS = {
    "sync": (*GUNICORN, "--worker-class", "sync"),
    "gthread": (*GUNICORN, "--worker-class", "gthread", "--threads", "4"),
    "uvicorn": ("uvicorn", "--workers", "1", "--log-level", "error", "--no-access-log"),
}

TICK = 1000 / os.sysconf("SC_CLK_TCK")
"""Milliseconds of the unit that the kernel counts a process's time in."""

REPORT = """
function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\\nreport %d %d %f %f %d\\n', summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), failed))
end
"""


class Loaded(NamedTuple):
    """What `wrk` has seen: requests, how many of them a second, and how many milliseconds half and nearly all took.

    ``worked`` is how many milliseconds of a request the server itself has worked, by the kernel's count.
    """

    requests: int
    a_second: float
    p50: float
    p99: float
    failed: int
    worked: float


class Server:
    """One that runs, and its process."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port, self.process = port, process

    def ask(self, request: Request, cookie: str = "") -> Answered:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = None if request.body is None else json.dumps(request.body)
        headers = {"Cookie": cookie, "Content-Type": "application/json"}
        connection.request(request.method, f"{request.path}?{request.query}", body, headers)
        answer = connection.getresponse()
        answered = Answered(answer.status, answer.getheaders(), answer.read())
        connection.close()
        return answered

    def log_in(self, user: int) -> str:
        """The cookie of a user."""
        return self.ask(Request("POST", f"/login/{user}")).cookies()

    def load(self, path: str, *, connections: int, seconds: int, cookie: str = "", script: str = "") -> Loaded:
        """Drive it. ``script``: what `wrk` does besides, in Lua."""
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
            file.write(script + REPORT)
            file.flush()
            options = [f"-c{connections}", "-t1", f"-d{seconds}s", "--timeout", "30s", "-s", file.name]
            command = [wrk(), *options, "-H", f"Cookie: {cookie}", f"http://127.0.0.1:{self.port}{path}"]
            before = self._worked()
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        told = next(line for line in done.stdout.splitlines() if line.startswith("report ")).split()[1:]
        requests, microseconds, p50, p99, failed = map(float, told)
        worked = (self._worked() - before) / max(1, requests)
        return Loaded(int(requests), requests / (microseconds / 1e6), p50 / 1000, p99 / 1000, int(failed), worked)

    def resident(self) -> float:
        """MiB of the one worker."""
        lines = Path(f"/proc/{self._processes()[-1]}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def _processes(self) -> list[str]:
        """The one that was started, and its worker where that is another."""
        started = str(self.process.pid)
        return [started, *Path(f"/proc/{started}/task/{started}/children").read_text().split()]

    def _worked(self) -> float:
        """Milliseconds, of all threads, those that have ended among them."""
        told = [Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split() for process in self._processes()]
        return sum(int(user) + int(system) for *_, user, system in (one[:13] for one in told)) * TICK


def wrk() -> str:
    """Where it is. Exits where anything that is needed is not installed."""
    if missing := [name for name in ("gunicorn", "uvicorn") if find_spec(name) is None]:
        sys.exit(f"{' and '.join(missing)} not installed: pip install flask-relationships[bench]")
    found = shutil.which("wrk")
    if found is None:
        sys.exit("wrk is not installed: it is a package of Debian, Ubuntu and Homebrew by that name")
    return found


@contextmanager
def serving(peer: str, url: str, kind: str) -> Iterator[Server]:
    """A peer's module behind one worker of a kind of server, until it answers and as long as it is wanted."""
    port, module = refused_port(), "tests.benchmarks.served:application"
    command: Sequence[str] = [sys.executable, "-m", *KINDS[kind]]
    place = ["--host", "127.0.0.1", "--port", str(port)] if kind == "uvicorn" else ["--bind", f"127.0.0.1:{port}"]
    told: dict[str, Any] = {**os.environ, "MEASURED_PEER": peer, "MEASURED_DATABASE": url}
    process = subprocess.Popen([*command, *place, module], env=told)  # noqa: S603
    try:
        server = Server(port, process)
        _await(server)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def _await(server: Server) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            server.ask(Request("GET", "/not-there"))
            return
        except OSError:
            if server.process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.1)
