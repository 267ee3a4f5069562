"""A small server on 127.0.0.1 that stands in for Twilio where real sockets matter."""

from __future__ import annotations

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qs

Fault = Literal["reset", "close", "hang", "cut"]


class LoopbackTwilio:
    """Counts ``connections`` and keeps the ``forms`` posted. ``fault``: what goes wrong once a form is read.

    ``reset`` and ``close`` end the connection without an answer, ``hang`` never answers, ``cut`` ends the
    answer in the middle of its body.
    """

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self.connections = 0
        self.forms: list[dict[str, list[str]]] = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> LoopbackTwilio:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, twilio: LoopbackTwilio) -> None:
        self.twilio = twilio
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone away is what some of these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # each answer would take 40 ms
    server: _Server

    def setup(self) -> None:
        super().setup()
        with self.server.twilio.lock:
            self.server.twilio.connections += 1

    def do_POST(self) -> None:
        twilio = self.server.twilio
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        with twilio.lock:
            twilio.forms.append(form)
            number = len(twilio.forms)
        if twilio.fault is None:
            self._answer(json.dumps({"sid": f"SM{number:032x}", "status": "queued", "from": form["From"][0]}))
        elif twilio.fault == "cut":
            self._answer('{"sid": "SM', missing=50)
        elif twilio.fault == "hang":
            twilio.stopping.wait(5)
        elif twilio.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = twilio.fault is not None

    def _answer(self, body: str, missing: int = 0) -> None:
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) + missing))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
