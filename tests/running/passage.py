"""A way to a database server that can be shut and opened again, as a restart or a failing network does."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import sqlalchemy as sa


class Passage:
    """Listens on loopback, and passes on what comes to the server of a database's URL. ``url`` leads through it."""

    def __init__(self, url: str) -> None:
        self._given = sa.make_url(url)
        self._listening: socket.socket | None = None
        self._ends: list[socket.socket] = []
        self._port = 0
        self.open()

    @property
    def url(self) -> str:
        led = self._given.set(host="127.0.0.1", port=self._port)
        return led.difference_update_query(["host"]).render_as_string(hide_password=False)

    def open(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def shut(self) -> None:
        """Nobody gets through, and who was through is cut off."""
        if self._listening is not None:
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._listening, self._ends = None, []

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = self._server()
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass, args=(one, other), daemon=True).start()

    def _server(self) -> socket.socket:
        folder = self._given.query.get("host")
        if isinstance(folder, str):  # PostgreSQL on a socket of the file system
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{folder}/.s.PGSQL.{self._given.port or 5432}")
            return server
        return socket.create_connection((self._given.host or "127.0.0.1", self._given.port or 0))


def _pass(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)
