"""Complete the set-up before the first request, or a run of the jobs: every model of the host is imported then."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ..domain.action_centre.base import ActionCentre
from ..domain.action_centre.host_task import HostTaskActionCentre
from ..errors import ConfigurationError, Mistake
from ..hosts.bind import bind_fields
from ..hosts.bound import Hosts
from .sessions import check_session
from .validation import check_mappers, tenant_errors

if TYPE_CHECKING:
    from .state import State

logger = logging.getLogger(__name__)


def complete_setup(state: State) -> None:
    """Check the session and read the mappings, once and without using the database.

    :raises ConfigurationError: with all errors in them.
    """
    if not state.session_checked:
        check_session(state)
        state.session_checked = True
    if state.hosts.read:
        return
    mistakes = list(tenant_errors([host.mapping for host in state.hosts.all()], state.callbacks.tenant))
    mistakes += read_fields(state.hosts, state.action_centre)
    if mistakes:
        raise ConfigurationError(mistakes)


def read_models(hosts: Hosts, centre: ActionCentre | None) -> list[type[Any]]:
    """Return the models of the host whose attributes are read."""
    models = [host.model for host in hosts.all()]
    return [*models, centre.model] if isinstance(centre, HostTaskActionCentre) else models


def read_fields(hosts: Hosts, centre: ActionCentre | None) -> list[Mistake]:
    """Read the fields of the mappings, log the absent ones, and return the errors."""
    check_mappers(hosts)
    mistakes, absent = bind_fields(hosts)
    if isinstance(centre, HostTaskActionCentre):
        mistakes += centre.bind(hosts)
    for line in absent:
        logger.warning("%s", line)
    hosts.read = not mistakes
    differs = any(host.differs for host in hosts.all())
    for host in hosts.all():
        host.same_for_all = hosts.read and not differs
    return mistakes
