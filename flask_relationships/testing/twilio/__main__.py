"""Run a fake Twilio in a process of its own, for tests that kill other processes."""

from __future__ import annotations

import argparse
import signal
import threading

from .fake import FakeTwilio
from .faults import FAULTS, Fault

UNCLEAR: tuple[Fault, ...] = (
    "drop_before",
    "drop_after",
    "reset",
    "cut",
    "error_before",
    "error_after",
    "html",
    "empty",
)
"""The default faults: answers that do not say whether the message was accepted."""


def main(arguments: list[str] | None = None) -> None:
    """Run the server until an interrupt or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m flask_relationships.testing.twilio",
        description="A fake Twilio on 127.0.0.1. It prints its port, and ends with an interrupt or SIGTERM.",
    )
    parser.add_argument("--port", type=int, default=0, help="a free one, if left out")
    parser.add_argument("--log", metavar="FILE", help="file for accepted messages, one line of JSON each")
    parser.add_argument(
        "--list-lag", type=float, default=0, metavar="SECONDS", help="seconds until the list has a new message"
    )
    parser.add_argument(
        "--fault-share", type=float, default=0, metavar="SHARE", help="share of the requests that fail, 0 to 1"
    )
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=UNCLEAR, metavar="FAULT", help=", ".join(FAULTS))
    parser.add_argument("--seconds", type=float, default=30, help="how long a fault hangs")
    parser.add_argument("--callbacks", nargs="+", default=(), metavar="STATUS", help="statuses posted for each message")
    parser.add_argument("--webhooks-to", metavar="URL", help="http://127.0.0.1 and the port of the application")
    parser.add_argument("--seed", type=int, default=0, help="seed of the faults")
    given = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with FakeTwilio(
        port=given.port,
        log=given.log,
        list_lag=given.list_lag,
        callbacks=given.callbacks,
        webhooks_to=given.webhooks_to,
        seed=given.seed,
    ) as twilio:
        if given.fault_share:
            twilio.fail(*given.faults, share=given.fault_share, seconds=given.seconds)
        print(twilio.port, flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
