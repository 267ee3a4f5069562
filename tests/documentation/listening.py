"""A receiver of a signal."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

# start: receiver
from typing import Any

from flask import Flask

from flask_relationships import signals


@signals.message_sent.connect
def count_message(app: Flask, row: Any, user: Any) -> None:
    counted = app.extensions.setdefault("messages_by_channel", {})
    counted[row.channel] = counted.get(row.channel, 0) + 1


# end: receiver
