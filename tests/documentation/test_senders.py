"""What the page of webhooks says of senders."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from flask_relationships import Relationships
from tests.documentation.senders import SENDERS, decorate
from tests.hosts.made import Models


def test_the_callbacks_of_the_page_are_taken() -> None:
    models = Models()
    relationships = Relationships(db=models.db, **models.mappings())
    decorate(relationships)

    class Row:
        region, number = "north", "+442071838750"

    callbacks: Any = relationships._callbacks
    assert callbacks.sender(Row()) is SENDERS["north"]
    narrowed = callbacks.unmatched(sa.select(relationships.models.Message), Row())
    assert "to_number =" in str(narrowed)
