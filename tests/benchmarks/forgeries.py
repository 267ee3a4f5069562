"""Forged webhooks: ``python -m tests.benchmarks.forgeries [10000]`` prints how many were let in."""

from __future__ import annotations

import base64
import logging
import random
import sys
import tempfile
import time
from typing import Any
from urllib.parse import urlencode

from flask_relationships.testing import FakeTwilio

HEADER = "X-Twilio-Signature"


def forge(request: Any, drawn: random.Random) -> tuple[bytes, dict[str, str]]:
    """A signed request with something changed: the text, the sender, a field more or less, or the signature."""
    form, headers = dict(request.form), dict(request.headers)
    kind = drawn.randrange(5)
    if kind == 0:
        form["Body"] = f"{form['Body']}{drawn.random()}"
    elif kind == 1:
        form["From"] = f"+4420794{drawn.randrange(10**5):05}9"
    elif kind == 2:
        form[f"Extra{drawn.random()}"] = "1"
    elif kind == 3:
        del form[drawn.choice([name for name, value in form.items() if value])]
    else:
        headers[HEADER] = base64.b64encode(drawn.randbytes(20)).decode()
    return urlencode(form).encode(), headers


def main(count: int) -> None:
    from tests.hosts.ordinary import OrdinaryHost
    from tests.webhooks.conftest import INBOUND, PUBLIC_URL

    drawn = random.Random(1)
    logging.getLogger("flask_relationships").setLevel(logging.CRITICAL)  # each refusal is logged
    with FakeTwilio() as twilio, tempfile.TemporaryDirectory() as folder:
        host = OrdinaryHost(f"sqlite:///{folder}/forgeries.sqlite", **twilio.config(PUBLIC_URL=PUBLIC_URL))
        request = twilio.inbound(INBOUND, "+442079460018", twilio.sms_from, "Hello")
        client, path = host.app.test_client(), "/api/relationships/webhooks/twilio/inbound"
        began, let_in = time.perf_counter(), 0
        for _ in range(count):
            body, headers = forge(request, drawn)
            let_in += client.post(path, data=body, headers=headers).status_code != 403
        genuine = client.post(path, data=request.body, headers=dict(request.headers)).status_code
        seconds = time.perf_counter() - began
        print(f"{count} forgeries in {seconds:.1f} s: {let_in} let in; the genuine one: {genuine}")
        host.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
