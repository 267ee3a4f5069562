"""A tour of the relationships tool: every route of it, over real HTTP, as three people of different level."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from .. import create_app
from ..extensions import db
from .guide import Guide
from .stops import take_all_stops

__all__ = ["take_tour"]


def take_tour(say: Callable[[str], None], *, full: bool = False) -> bool:
    """Start the demo on a free port, visit every route and print what happens; True if all was as documented."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, demo_in(Path(folder)) as address:
        say(f"The demo runs at {address} with a database of its own.")
        guide = Guide(address, say, full=full)
        take_all_stops(guide)
        return guide.sum_up()


@contextmanager
def demo_in(folder: Path) -> Iterator[str]:
    """The demo on a free loopback port with its database in this folder; gives its address."""
    with served(create_app({"DATABASE": folder / "crm.sqlite", "SECRET_KEY": secrets.token_urlsafe(32)})) as address:
        yield address


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """An application of the demo on a free loopback port; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            db.engine.dispose()


class Silent(WSGIRequestHandler):
    """The guide prints every request itself."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass
