"""What had to wait until every model of the host is imported: done before the first request, and before a run."""

from __future__ import annotations

import logging

from .binding.bind import bind_fields
from .binding.hosts import Hosts
from .errors import ConfigurationError, Mistake
from .mistakes import check_mappers
from .sessions import check_session
from .state import State

logger = logging.getLogger(__name__)


def make_ready(state: State) -> None:
    """Look at the session and read the mappings, once. Raises `ConfigurationError`, and touches no database."""
    if not state.session_checked:
        check_session(state)
        state.session_checked = True
    if state.hosts.read:
        return
    mistakes = read_fields(state.hosts)
    if mistakes:
        raise ConfigurationError(mistakes)


def read_fields(hosts: Hosts) -> list[Mistake]:
    """Read the mappings' fields, say what is absent, and return what is wrong."""
    check_mappers(hosts)
    mistakes, absent = bind_fields(hosts)
    for line in absent:
        logger.warning("%s", line)
    hosts.read = not mistakes
    return mistakes
