"""An HTTP server on 127.0.0.1, which breaks connections if a fault says so."""

from __future__ import annotations

import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from .api import MessageAPI
from .faults import Answer


class LoopbackServer(ThreadingHTTPServer):
    """A server that listens at once, and answers in `serve_forever`. ``connections`` counts accepted connections."""

    daemon_threads = True  # a client that keeps its connection must not keep the process
    block_on_close = False
    request_queue_size = 128

    def __init__(self, api: MessageAPI, port: int) -> None:
        self.api, self.connections, self.stopping = api, 0, threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count the connection, and answer it in a thread."""
        self.connections += 1
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that have closed the connection."""

    def stop(self) -> None:
        """End requests that hang, and connections that clients keep open."""
        self.stopping.set()
        self.shutdown()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it is closed already


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # each answer would take 40 ms
    server: LoopbackServer

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = parse_qs(content, keep_blank_values=True)
        self._give(self.server.api.answer(self.command, self.path, self.headers.get("Authorization", ""), form))

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the names that http.server looks for

    def _give(self, answer: Answer) -> None:
        if answer.wait and self.server.stopping.wait(answer.wait):
            answer = Answer(0, "", ending="close")
        self.close_connection = self.close_connection or answer.ending != "whole"
        if answer.ending == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        if answer.ending in ("reset", "close"):
            return
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if answer.ending == "cut" else body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the ``Date`` header, by the clock of the fake."""
        return super().date_time_string(self.server.api.now().timestamp() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: addresses contain phone numbers."""
