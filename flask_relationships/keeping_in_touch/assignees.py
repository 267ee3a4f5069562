"""Whose it is to be in touch with a contact."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..binding.host_values import HostValues
from ..binding.hosts import Hosts
from ..binding.paths import Viewer
from ..tables.build import Models


def assignee(models: Models, hosts: Hosts, contacts: HostValues, viewer: Viewer) -> sa.ColumnElement[Any]:
    """The contact's owner, else whoever set the cadence; ``contacts`` has ``owner`` joined where there is one."""
    setter = hosts.user.shown_key(models.Profile.cadence_set_by_user_id, viewer)
    owner = [contacts.column("owner")] if "owner" in hosts.contact.links else []
    return sa.func.coalesce(*owner, setter) if owner else setter
