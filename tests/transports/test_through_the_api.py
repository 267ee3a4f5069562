"""From a POST of the API to Twilio's own address and back, with nothing of ours replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import StaticPool

from flask_relationships import ContactMapping, Relationships, UserMapping
from tests.hosts.host import PREFIX, Caller

ACCOUNT = "AC" + "0" * 32
ADDRESS = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CONFIGURED = {
    "RELATIONSHIPS_TWILIO_ACCOUNT_SID": ACCOUNT,
    "RELATIONSHIPS_TWILIO_AUTH_TOKEN": "token",
    "RELATIONSHIPS_TWILIO_SMS_FROM": "+12025550100",
    "RELATIONSHIPS_TWILIO_WHATSAPP_FROM": "+12025550101",
}
SENT = {"sid": "SM" + "1" * 32, "status": "queued", "from": "+12025550100"}
BODY = {"channel": "sms", "body": "Many happy returns"}


@pytest.fixture
def make() -> Callable[..., Caller]:
    """Somebody at a host with one contact who has opted in, and this configuration."""

    def made(config: dict[str, Any]) -> Caller:
        class Base(DeclarativeBase):
            pass

        db = SQLAlchemy(model_class=Base)

        class User(db.Model):  # type: ignore[name-defined,misc]
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str]

        class Contact(db.Model):  # type: ignore[name-defined,misc]
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str]
            phone: Mapped[str]

        app = Flask(__name__)
        app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", SQLALCHEMY_ENGINE_OPTIONS={"poolclass": StaticPool})
        app.config.update(config)
        db.init_app(app)
        Relationships(
            app,
            db,
            contact=ContactMapping(Contact, email=None, company=None),
            user=UserMapping(User),
            permission=lambda *_: True,
            current_user=lambda: 1,
        )
        with app.app_context():
            db.create_all()
            db.session.add_all([User(id=1, name="Grace"), Contact(id=1, name="Ada", phone="+44 20 7946 0018")])
            db.session.commit()
        caller = Caller(app.test_client(), prefix=PREFIX)
        caller.patch("/contacts/1/relationship", {"twilio_opt_in": True})
        return caller

    return made


@responses.activate
def test_a_text_reaches_twilio_and_its_receipt_comes_back(make: Callable[..., Caller]) -> None:
    responses.post(ADDRESS, json=SENT, status=201)
    caller = make(CONFIGURED)
    assert caller.get("/contacts/1/relationship")["twilio_connected"] is True
    message = caller.post("/contacts/1/messages", BODY)["message"]
    assert (message["status"], message["provider_sid"]) == ("queued", SENT["sid"])
    assert (message["from_number"], message["to_number"]) == (SENT["from"], "+442079460018")
    (call,) = responses.calls
    form = parse_qs(str(call.request.body))
    assert form == {"To": ["+442079460018"], "From": ["+12025550100"], "Body": [BODY["body"]]}


@responses.activate
def test_whatsapp_has_its_prefix_on_both_sides(make: Callable[..., Caller]) -> None:
    responses.post(ADDRESS, json=SENT, status=201)
    make(CONFIGURED).post("/contacts/1/messages", {**BODY, "channel": "whatsapp"})
    form = parse_qs(str(responses.calls[0].request.body))
    assert (form["To"], form["From"]) == (["whatsapp:+442079460018"], ["whatsapp:+12025550101"])


@responses.activate
def test_who_said_stop_is_suppressed_and_asked_no_second_time(make: Callable[..., Caller]) -> None:
    responses.post(ADDRESS, json={"code": 21610, "message": "unsubscribed", "status": 400}, status=400)
    caller = make(CONFIGURED)
    for _ in range(2):
        assert caller.post("/contacts/1/messages", BODY, 403)["code"] == "opted_out_by_recipient"
    assert len(responses.calls) == 1
    blocked = caller.get("/contacts/1/relationship")["profile"]["messaging_blocked"]
    assert (blocked["channel"], blocked["reason"]) == ("all", "opted_out_by_recipient")


@pytest.mark.parametrize(
    "answer", [{"status": 500, "body": "oops"}, {"body": requests.ReadTimeout()}, {"status": 201, "body": "<html>"}]
)
@responses.activate
def test_what_is_unclear_is_unconfirmed_and_sent_once(make: Callable[..., Caller], answer: dict[str, Any]) -> None:
    responses.post(ADDRESS, **answer)
    caller = make(CONFIGURED)
    assert caller.post("/contacts/1/messages", BODY, 202)["message"]["status"] == "unconfirmed"
    assert len(responses.calls) == 1


@responses.activate
def test_a_refusal_is_told_with_twilios_number(make: Callable[..., Caller]) -> None:
    responses.post(ADDRESS, json={"code": 21408, "message": "no permission", "status": 400}, status=400)
    caller = make(CONFIGURED)
    answer = caller.post("/contacts/1/messages", BODY, 502)
    assert (answer["code"], answer["provider_code"]) == ("provider_refused", 21408)
    (message,) = caller.get("/contacts/1/messages")["messages"]
    assert (message["status"], message["error_code"], message["id"]) == ("failed", "21408", answer["message_id"])


@pytest.mark.parametrize(
    ("config", "status", "code"),
    [
        ({}, 500, "twilio_not_configured"),
        ({"RELATIONSHIPS_TWILIO_ENABLED": False}, 500, "twilio_not_configured"),
        ({**CONFIGURED, "RELATIONSHIPS_TWILIO_ENABLED": False}, 503, "twilio_disabled"),
    ],
)
@responses.activate
def test_twilio_that_is_not_there(make: Callable[..., Caller], config: dict[str, Any], status: int, code: str) -> None:
    caller = make(config)
    assert caller.get("/contacts/1/relationship")["twilio_connected"] is False
    assert caller.post("/contacts/1/messages", BODY, status)["code"] == code
    assert caller.get("/contacts/1/messages") == {"messages": []}
    assert len(responses.calls) == 0
