"""The application of a server that is measured: ``gunicorn tests.benchmarks.served:application``."""

from __future__ import annotations

import importlib
import os

from tests.benchmarks.peers.servers import set_up_all

set_up_all()
_module = importlib.import_module(f"tests.benchmarks.peers.{os.environ['MEASURED_PEER']}")
application = _module.make_app(os.environ["MEASURED_DATABASE"])
