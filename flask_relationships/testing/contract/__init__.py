"""The contract: what an application's relationships tool must do, as tests that are run on the application itself.

Write a `ContractHost` of the application, and a class of tests from `RelationshipsContract` that names it::

    class TestRelationships(RelationshipsContract):
        host_class = OurHost
"""

try:
    import pytest
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "flask_relationships.testing.contract needs pytest. Install it: pip install pytest", name="pytest"
    ) from None

for _name in (
    "access",
    "actions",
    "companies",
    "life_events",
    "messages",
    "profiles",
    "requests",
    "revisions",
    "statements",
):
    pytest.register_assert_rewrite(f"{__name__}.{_name}")

from .access import HiddenRowContract, PermissionContract  # noqa: E402  (asserts are rewritten first)
from .actions import ActionContract, ActionScopeContract  # noqa: E402
from .base import ContractFixtures  # noqa: E402
from .companies import PartnerContract, SummaryContract  # noqa: E402
from .life_events import LifeEventContract  # noqa: E402
from .messages import MessageContract  # noqa: E402
from .profiles import ProfileContract  # noqa: E402
from .requests import RequestContract  # noqa: E402
from .revisions import RevisionContract  # noqa: E402
from .statements import StatementContract  # noqa: E402

__all__ = ["RelationshipsContract"]


class RelationshipsContract(
    ProfileContract,
    LifeEventContract,
    ActionContract,
    ActionScopeContract,
    MessageContract,
    PartnerContract,
    SummaryContract,
    PermissionContract,
    HiddenRowContract,
    RequestContract,
    RevisionContract,
    StatementContract,
    ContractFixtures,
):
    """Every test of the contract. Name the application in ``host_class``."""
