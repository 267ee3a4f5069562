"""A receiver of digests."""

# ruff: noqa: ERA001  (the documentation includes by markers)

from __future__ import annotations

# start: mail
from email.message import EmailMessage
from typing import Any

from flask import Flask

from flask_relationships import Digest, signals


@signals.digest_due.connect
def mail_digest(app: Flask, row: Digest, user: Any) -> None:
    mail = EmailMessage()
    mail["To"], mail["Subject"] = user.email, row.subject
    mail.set_content(row.text)
    mail.add_alternative(row.html, subtype="html")
    app.extensions["mailer"].send_message(mail)  # an smtplib.SMTP


# end: mail
