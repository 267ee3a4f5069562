"""The accepted messages of a fake Twilio: in memory, as Twilio's JSON, and on disk for other processes."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from ...domain.messages.segments import segments

API_VERSION = "2010-04-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeMessage:
    """One message at one moment. Times are aware, in UTC.

    :param times: the number of accepted messages with the same recipient, text, media and callback; 2 is a duplicate.
    """

    sid: str
    to: str
    from_: str | None
    body: str = ""
    media: tuple[str, ...] = ()
    content_sid: str | None = None
    content_variables: str | None = None
    status_callback: str | None = None
    messaging_service_sid: str | None = None
    received_at: datetime
    times: int = 1
    status: str = "queued"
    error_code: int | None = None
    sent_at: datetime | None = None
    updated_at: datetime
    direction: str = "outbound-api"

    def as_json(self, account_sid: str) -> dict[str, Any]:
        """Return the members of Twilio's published schema ``api.v2010.account.message``."""
        uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{self.sid}"
        # A Messaging Service counts only once it has chosen a sender.
        count = segments(self.body).count if self.from_ else 0
        return {
            "account_sid": account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": _rfc2822(self.received_at),
            "date_sent": _rfc2822(self.sent_at),
            "date_updated": _rfc2822(self.updated_at),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": f"Made up for error {self.error_code}." if self.error_code else None,
            "from": self.from_,
            "messaging_service_sid": self.messaging_service_sid,
            "num_media": str(len(self.media)),
            "num_segments": str(count),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }

    @property
    def _same(self) -> tuple[Any, ...]:
        return self.to, self.body, self.media, self.content_sid, self.content_variables, self.status_callback


def new_sid(media: object) -> str:
    """Return a new SID, of an MMS if there are files."""
    return ("MM" if media else "SM") + uuid4().hex


class MessageLog:
    """All messages, oldest first. Safe for threads.

    :param path: file to which each accepted message is written as a line of JSON, before the answer. Later statuses
        are not written. An existing file is read and continued.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._lock = threading.Lock()
        self._messages: dict[str, FakeMessage] = {}
        self._seen: Counter[tuple[Any, ...]] = Counter()
        self._file = None
        if path is not None:
            self._file = Path(path).open("a+b", buffering=0)  # noqa: SIM115 - closed by `close`
            self._file.truncate(_whole_lines(Path(path).read_bytes()))
            for message in read_log(path):
                self._remember(message)

    def accept(self, message: FakeMessage) -> FakeMessage:
        """Store an outbound message."""
        with self._lock:
            message = replace(message, times=self._seen[message._same] + 1)
            if self._file is not None:
                self._file.write(json.dumps(asdict(message), default=str).encode() + b"\n")
                os.fsync(self._file.fileno())
            self._remember(message)
        return message

    def _remember(self, message: FakeMessage) -> None:
        self._messages[message.sid] = message
        self._seen[message._same] += 1

    def add_inbound(self, message: FakeMessage) -> None:
        """Store an inbound message."""
        with self._lock:
            self._messages.setdefault(message.sid, message)

    def change(self, sid: str, **values: Any) -> FakeMessage:
        """Change a message.

        :raises KeyError: for an unknown SID.
        """
        with self._lock:
            changed = replace(self._messages[sid], updated_at=datetime.now(UTC), **values)
            self._messages[sid] = changed
        return changed

    def get(self, sid: str) -> FakeMessage | None:
        """Return a message; None for an unknown SID."""
        with self._lock:
            return self._messages.get(sid)

    def all(self) -> list[FakeMessage]:
        """Return all messages, oldest first."""
        with self._lock:
            return list(self._messages.values())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def read_log(path: str | os.PathLike[str]) -> list[FakeMessage]:
    """Return the messages of a log, oldest first. An incomplete last line, of a killed process, is left out."""
    content = Path(path).read_bytes()
    return [_from_line(line) for line in content[: _whole_lines(content)].splitlines()]


def _whole_lines(content: bytes) -> int:
    return content.rfind(b"\n") + 1


def _from_line(line: bytes) -> FakeMessage:
    values = json.loads(line)
    for field in fields(FakeMessage):
        if field.name.endswith("_at") and values[field.name]:
            values[field.name] = datetime.fromisoformat(values[field.name])
    return FakeMessage(**values | {"media": tuple(values["media"])})


def _rfc2822(moment: datetime | None) -> str | None:
    return None if moment is None else format_datetime(moment.replace(microsecond=0))
