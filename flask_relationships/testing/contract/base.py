"""The fixtures that every test of the contract may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from ..caller import Caller
from ..host import ContractHost
from .specification import EVENT

UNRESTRICTED: dict[str, Any] = {
    "consent_per_number": False,
    "messages_per_user": None,
    "messages_per_contact": None,
    "messages_per_application": None,
    "countries": None,
    "quiet_hours": None,
    "whatsapp_window": "advise",
}
"""The settings that make the API refuse or delay what it allows by default, with the values that switch them off."""


class ContractFixtures:
    """One application for all tests of a class, and no rows but those that a test makes."""

    host_class: ClassVar[type[ContractHost]]
    """The application to be tested."""

    @pytest.fixture(scope="class")
    @classmethod
    def database_url(cls, tmp_path_factory: pytest.TempPathFactory) -> str:
        """An empty SQLite file. Override it to name a database of another kind that may be written to."""
        return f"sqlite:///{tmp_path_factory.mktemp('contract') / 'contract.sqlite'}"

    @pytest.fixture(scope="class")
    @classmethod
    def built_host(cls, database_url: str) -> Iterator[ContractHost]:
        host = cls.host_class(database_url)
        yield host
        host.close()

    @pytest.fixture
    def host(self, built_host: ContractHost) -> Iterator[ContractHost]:
        yield built_host
        built_host.clean()

    @pytest.fixture(autouse=True)
    def _unrestricted(self, host: ContractHost, monkeypatch: pytest.MonkeyPatch) -> None:
        """Lift the restrictions that an application may configure: the contract is about the API without them."""
        monkeypatch.setattr(host.state, "settings", host.state.settings._replace(**UNRESTRICTED))

    @pytest.fixture
    def api(self, host: ContractHost) -> Caller:
        """Somebody who may do everything."""
        return host.person("manage")

    @pytest.fixture
    def contact(self, host: ContractHost, api: Caller) -> str:
        return host.contact()

    @pytest.fixture
    def willing(self, api: Caller, contact: str) -> str:
        """A contact who has opted in, with a number."""
        given = {"twilio_opt_in": True, "phone_number": "+44 20 7946 0018"}
        api.patch(f"/contacts/{contact}/relationship", given)
        return contact

    @pytest.fixture
    def action(self, api: Caller, willing: str) -> str:
        """A pending auto-action of the `willing` contact."""
        event = api.post(f"/contacts/{willing}/life-events", EVENT)["event"]
        return str(event["open_action_id"])

    @pytest.fixture
    def company(self, host: ContractHost, api: Caller) -> str:
        """A company that is a client."""
        return host.client()
