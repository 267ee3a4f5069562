"""Answer the three operations of Twilio's message resource: create, list and fetch."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from .account import Account
from .faults import Answer, Faults, as_answer, refusal
from .messages import API_VERSION, FakeMessage, MessageLog, new_sid
from .validation import Form, first, refused

LONGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to create a message, accepted or not: the instant of its arrival, and its form."""

    at: datetime
    form: Form


class MessageAPI:
    """The API of an account.

    :param taken: receives each accepted message.
    """

    def __init__(self, account: Account, log: MessageLog, faults: Faults, taken: Callable[[FakeMessage], None]) -> None:
        self.account, self.log, self.faults, self.taken = account, log, faults, taken
        self.attempts: list[Attempt] = []
        self.list_lag = 0.0
        self.clock_skew = timedelta()
        self.listed: Callable[[dict[str, Any]], dict[str, Any]] = dict
        self.empty_pages = False

    def now(self) -> datetime:
        """Return the instant by the clock of this fake."""
        return datetime.now(UTC) + self.clock_skew

    def answer(self, method: str, target: str, authorization: str, form: Form) -> Answer:
        """Return the answer to a request."""
        url = urlsplit(target)
        if not self.account.admits(authorization):
            return refusal(20003, "The log-in is not one of this account.")
        messages = f"/{API_VERSION}/Accounts/{self.account.account_sid}/Messages"
        one = re.fullmatch(re.escape(messages) + r"/([A-Z]{2}[0-9a-f]{32})\.json", url.path)
        if not one and url.path != f"{messages}.json":
            return refusal(20404, f"There is nothing at {url.path}.")
        if one and method == "GET":
            return self.faults.answer("fetch", lambda: self._fetch(one[1]))
        if not one and method == "POST":
            self.attempts.append(Attempt(datetime.now(UTC), form))
            return self.faults.answer("create", lambda: self._create(form))
        if not one and method == "GET":
            query = parse_qs(url.query, keep_blank_values=True)
            return self.faults.answer("list", lambda: self._list(url.path, query))
        return refusal(20004, f"This fake has no {method} for {url.path}.")

    def _create(self, form: Form) -> Answer:
        no = refused(form, self.account)
        if no is not None:
            return no
        now = self.now()
        media = tuple(form.get("MediaUrl", ()))
        service = first(form, "MessagingServiceSid") or None
        scheduled = bool(service and first(form, "SendAt"))
        message = FakeMessage(
            sid=new_sid(media),
            to=first(form, "To"),
            from_=first(form, "From") or None,
            body=first(form, "Body"),
            media=media,
            content_sid=first(form, "ContentSid") or None,
            content_variables=first(form, "ContentVariables") or None,
            status_callback=first(form, "StatusCallback") or None,
            messaging_service_sid=service,
            received_at=now,
            updated_at=now,
            status="scheduled" if scheduled else "accepted" if service else "queued",
        )
        message = self.log.accept(message)
        self.taken(message)
        return as_answer(201, message.as_json(self.account.account_sid))

    def _fetch(self, sid: str) -> Answer:
        message = self.log.get(sid)
        if message is None:
            return refusal(20404, f"There is no message {sid}.")
        return as_answer(200, self.listed(message.as_json(self.account.account_sid)))

    def _list(self, path: str, query: Form) -> Answer:
        try:
            size, number = int(first(query, "PageSize") or 50), int(first(query, "Page") or 0)
        except ValueError:
            size, number = 0, 0
        if not 1 <= size <= LONGEST_PAGE or number < 0:
            return refusal(20001, f"A page has 1 to {LONGEST_PAGE} messages.")
        found = self._matching(query)
        token = first(query, "PageToken").removeprefix("PA")
        # A page continues after the last message of the previous page, even if newer messages have arrived since.
        begin = next((index + 1 for index, message in enumerate(found) if message.sid == token), number * size)
        page = found[begin : begin + size]

        def uri(number: int, token: str = "") -> str:
            place = {"Page": [str(number)], "PageSize": [str(size)]} | ({"PageToken": ["PA" + token]} if token else {})
            kept = {name: values for name, values in query.items() if name not in ("Page", "PageSize", "PageToken")}
            return f"{path}?{urlencode(kept | place, doseq=True)}"

        if self.empty_pages and not page:
            return as_answer(200, {"messages": [], "page": number, "page_size": size, "next_page_uri": uri(number + 1)})
        more = self.empty_pages or begin + size < len(found)
        before = found[begin - size - 1].sid if begin > size else ""
        content = {
            "end": begin + len(page) - 1 if page else 0,
            "first_page_uri": uri(0),
            "next_page_uri": uri(number + 1, page[-1].sid if page else "") if more else None,
            "page": number,
            "page_size": size,
            "previous_page_uri": uri(number - 1, before) if number else None,
            "start": begin if page else 0,
            "uri": uri(number, token),
            "messages": [self.listed(message.as_json(self.account.account_sid)) for message in page],
        }
        return as_answer(200, content)

    def _matching(self, query: Form) -> list[FakeMessage]:
        """Return the matching messages, newest first. As at Twilio, a filter by day leaves out unsent messages."""
        visible_before = self.now() - timedelta(seconds=self.list_lag)
        to, sender = first(query, "To"), first(query, "From")
        days = [(sign, first(query, "DateSent" + sign)[:10]) for sign in ("", "<", ">")]

        def matches(message: FakeMessage) -> bool:
            sent = message.sent_at.date().isoformat() if message.sent_at else None
            return (
                message.received_at <= visible_before
                and (not to or message.to == to)
                and (not sender or message.from_ == sender)
                and all(not day or (sent is not None and _holds(sign, sent, day)) for sign, day in days)
            )

        return [message for message in reversed(self.log.all()) if matches(message)]

    def receive(self, to: str, from_: str, body: str, media: tuple[str, ...], sid: str | None) -> FakeMessage:
        """Store an inbound message, which the list contains like any other."""
        now = self.now()
        message = FakeMessage(
            sid=sid or new_sid(media),
            to=to,
            from_=from_,
            body=body,
            media=media,
            received_at=now,
            updated_at=now,
            sent_at=now,
            status="received",
            direction="inbound",
        )
        self.log.add_inbound(message)
        return message

    def rise(self, sid: str, status: str, error_code: int | None) -> FakeMessage:
        """Set the status of a message, and the sender that its Messaging Service chooses.

        :raises KeyError: for the SID of no outbound message.
        """
        message = self.log.get(sid)
        if message is None or message.direction == "inbound":
            raise KeyError(f"This fake Twilio has sent no message {sid}.")
        now = self.now()
        if status not in ("accepted", "scheduled", "canceled"):
            account, whatsapp = self.account, message.to.startswith("whatsapp:")
            texts = account.rcs_from or account.sms_from
            chosen = f"whatsapp:{account.whatsapp_from}" if whatsapp else texts
            message = replace(message, from_=message.from_ or chosen)
        sent_at = message.sent_at or (now if status in ("sent", "delivered", "read") else None)
        return self.log.change(sid, status=status, error_code=error_code, from_=message.from_, sent_at=sent_at)


def _holds(sign: str, sent: str, day: str) -> bool:
    return sent <= day if sign == "<" else sent >= day if sign == ">" else sent == day
