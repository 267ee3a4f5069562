"""The contract suite on every host application: our own, and the five of the examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flask_relationships.testing import ContractHost
from flask_relationships.testing.contract import RelationshipsContract
from tests.hosts.registry import EXAMPLES, OWN, VARIANTS


class OnOurHosts(RelationshipsContract):
    @pytest.fixture
    def host(self, make_host: Callable[..., ContractHost]) -> ContractHost:
        return make_host()


@pytest.mark.on_hosts(*EXAMPLES)
class TestExamples(OnOurHosts):
    """On every database."""


@pytest.mark.on_hosts(*OWN)
@pytest.mark.on_databases("sqlite")
class TestOwn(OnOurHosts):
    """On one: the other tests of this folder are of these hosts and go deeper."""


@pytest.mark.on_hosts(*VARIANTS)
class TestVariants(OnOurHosts):
    """On every database: the same models, mapped another way."""


def test_no_test_of_the_contract_hides_another() -> None:
    """One class holds them all, so two of one name would be one."""
    parts = RelationshipsContract.__mro__[1:]
    names = [name for part in parts for name in vars(part) if name.startswith("test_")]
    assert len(names) == len(set(names)) > 60
