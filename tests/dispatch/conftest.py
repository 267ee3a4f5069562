"""A host whose messages are sent by Celery, and Celery applications that end with their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery, _state

from tests.documentation.with_celery import make_celery
from tests.hosts.host import Caller, Host

MakeCelery = Callable[..., Celery]


@pytest.fixture
def host(make_host: Callable[..., Host]) -> Iterator[Host]:
    host = make_host(RELATIONSHIPS_DISPATCH="celery")
    host.state.dispatcher = type(host.state.dispatcher)()  # what failed in another test is forgotten
    yield host
    host.app.extensions.pop("celery", None)


@pytest.fixture
def connect(host: Host) -> Iterator[MakeCelery]:
    """Make the host's Celery application as documented: ``connect("memory://", task_always_eager=True)``."""
    before = _state.default_app, _state._tls.current_app
    made: list[Celery] = []

    def connect(broker: str, **conf: Any) -> Celery:
        host.app.config["CELERY_BROKER_URL"] = broker
        made.append(make_celery(host.app))
        made[-1].conf.update(conf)
        made[-1].set_current()
        return made[-1]

    yield connect
    for celery_app in made:
        celery_app.close()
    _state.default_app, _state._tls.current_app = before


@pytest.fixture
def willing(host: Host, api: Caller) -> str:
    contact = host.contact(phone="+44 20 7946 0018")
    api.patch(f"/contacts/{contact}/relationship", {"twilio_opt_in": True})
    return contact
