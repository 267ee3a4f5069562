"""A receiver that objects to messages."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

# start: receiver
from typing import Any

from flask import Flask

from flask_relationships import MessageVetoed, signals


@signals.message_sending.connect
def no_links(app: Flask, row: Any, user: Any) -> None:
    if "http://" in row.body:
        raise MessageVetoed("Links in texts begin with https.")


# end: receiver
