"""The receiver of digests that the documentation shows."""

from __future__ import annotations

from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace

from flask import Flask

from flask_relationships import Digest, signals

ACTION = {
    "title": "Call Ada",
    "first_name": "Ada",
    "last_name": "Byron",
    "company_name": None,
    "due_date": "2026-05-15",
}


def test_a_digest_becomes_a_mail_of_both_kinds() -> None:
    from tests.documentation.mailing import mail_digest  # it listens to every application from now on

    app, sent = Flask(__name__), []

    class Mailer:
        def send_message(self, mail: EmailMessage) -> None:
            sent.append(mail.as_bytes(policy=policy.SMTP))

    app.extensions["mailer"] = Mailer()
    digest = Digest("1", "Grace", date(2026, 5, 15), overdue=[], today=[ACTION], coming=[], neglected=[], more=False)
    try:
        signals.send(signals.digest_due, app, row=digest, user=SimpleNamespace(email="grace@example.com"))
    finally:
        signals.digest_due.disconnect(mail_digest)
    mail = message_from_bytes(sent[0], policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("grace@example.com", "15 May: 1 due today, 0 overdue")
    assert isinstance(mail, EmailMessage)
    plain, html = mail.get_body(["plain"]), mail.get_body(["html"])
    assert plain is not None
    assert html is not None
    assert "Call Ada (Ada Byron)" in plain.get_content()
    assert "Call Ada" in html.get_content()
