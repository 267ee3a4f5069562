"""STOP against send, with real threads; ``python -m tests.benchmarks.stop_races`` prints the figure of 200."""

from __future__ import annotations

from flask_relationships.testing import FakeTwilio
from tests.benchmarks.stop_races import race
from tests.hosts.host import Host
from tests.marks import one_host

pytestmark = one_host


def test_nobody_is_looked_up_and_called_after_their_stop_was_committed(host: Host, twilio: FakeTwilio) -> None:
    result = race(host, twilio, 20)
    assert (result.broken, result.unexpected) == (0, 0)
    assert result.refused + result.in_flight + result.before == 20
