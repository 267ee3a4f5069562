"""Define the marshmallow fields of this API.

Each field refuses other JSON types (``1`` is no boolean, ``"7"`` no number) with a stable code, and never repeats the
value. `dumping` converts these fields, and no others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

import marshmallow as ma

from ..api.application import state
from ..db.base import MAX_NAME_LENGTH
from ..domain.life_events.reminders import MAX_LEAD_DAYS
from ..domain.profiles.birthday_texts import read_api_birthday
from ..domain.texts import CONTROL_CHARACTERS, CONTROL_CLASS
from .instants import DATE, is_timestamp, read_timestamp

if TYPE_CHECKING:
    _AnyField = ma.fields.Field[Any]
else:
    _AnyField = ma.fields.Field  # marshmallow 3 knows no type of its value


class Message(str):
    """The text of a validation error, with its stable code."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, words: str, code: str) -> Message:
        message = super().__new__(cls, words)
        message.code = code
        return message


class Schema(ma.Schema):
    """The schema of an object in a response, which has all members. `Received` is the base for requests."""

    received: ClassVar[bool] = False
    rules: ClassVar[Mapping[str, Any]] = {}
    """JSON Schema keywords of the whole object, for the OpenAPI document."""

    error_messages = {
        "unknown": Message("This member is not known here.", "unknown_field"),
        "type": Message("A JSON object is needed.", "invalid_type"),
    }

    class Meta:
        unknown = ma.RAISE


class Received(Schema):
    """The schema of a body or query. Unknown members are refused."""

    received = True


class Query(Received):
    """The filters of a list. An empty text is refused: as null it would disable the filter."""


class Field(_AnyField):
    """The base of our fields: errors have codes, and optional members may be null by default."""

    words: Mapping[str, str] = {}
    empty_is_null: ClassVar[bool] = False
    """Whether ``""`` means null in a body, as an empty input of a form sends it."""

    _words: Mapping[str, str] = {
        "required": "This is required.",
        "null": "This may not be null.",
        "invalid_type": "This has the wrong JSON type.",
    }

    def __init__(self, *, nullable: bool = True, description: str = "", **options: Any) -> None:
        required = bool(options.get("required"))
        metadata = {"description": description} if description else {}
        super().__init__(allow_none=nullable and not required, metadata=metadata, **options)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        if value == "" and self.empty_is_null and self.allow_none and not isinstance(self.parent, Query):
            value = None
        return super().deserialize(value, attr, data, **kwargs)

    def make_error(self, key: str, **values: Any) -> ma.ValidationError:
        words = {**self._words, **self.words}[key].format(**values)
        return ma.ValidationError([Message(words, key)])

    def openapi(self) -> dict[str, Any]:
        """Return the JSON Schema of one value, without null."""
        return {}


class Text(Field):
    """Text of a bounded length. ``blank=False``: at least one character that is not white space."""

    words = {
        "blank": "This text may not be empty.",
        "too_long": "This text may have at most {most} characters.",
    }

    def __init__(self, most: int = MAX_NAME_LENGTH, *, blank: bool = True, **options: Any) -> None:
        self.most, self.blank = most, blank
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid_type")
        if len(value) > self.most:
            raise self.make_error("too_long", most=self.most)
        if not self.blank and not value.strip():
            raise self.make_error("blank")
        return value

    def openapi(self) -> dict[str, Any]:
        shape: dict[str, Any] = {"type": "string", "maxLength": self.most}
        return shape if self.blank else {**shape, "minLength": 1, "pattern": r"\S"}


class NameText(Text):
    """The name of a person or company. White space around it is removed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value.strip() if isinstance(value, str) else value, attr, data, **kwargs)


_AROUND = r"[\s\u001c-\u001f\u0085]"
"""White space in a pattern of JSON Schema, as `str.strip` removes it."""


class Title(NameText):
    """A title: one line of text, without control characters. White space around it is removed."""

    words = {**Text.words, "control_character": "A title may not contain line breaks or other control characters."}

    def __init__(self, **options: Any) -> None:
        super().__init__(MAX_NAME_LENGTH, blank=False, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        title = super()._deserialize(value, attr, data, **kwargs)
        if CONTROL_CHARACTERS.search(title):
            raise self.make_error("control_character")
        return title

    def openapi(self) -> dict[str, Any]:
        """Return a shape whose pattern allows control characters only among the white space that is removed."""
        line = f"[^{CONTROL_CLASS}]*"
        pattern = rf"^{_AROUND}*{line}[^{CONTROL_CLASS}\s]{line}{_AROUND}*$"
        return {**super().openapi(), "pattern": pattern}


SPACES = r"\s\u0000-\u001f\u007f-\u009f\ufeff"
"""White space and control characters for a character class that Python and ECMA-262 read alike."""


class PhoneText(Text):
    """A phone number in any notation. It is stored unchanged."""

    empty_is_null = True


class Email(Text):
    """An e-mail address. Only its shape is checked."""

    empty_is_null = True
    words = {**Text.words, "invalid_email": "This does not look like an e-mail address."}
    _pattern = re.compile(rf"[^@{SPACES}]+@[^@{SPACES}]+\.[^@.{SPACES}]+")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not self._pattern.fullmatch(text):
            raise self.make_error("invalid_email")
        return text

    def openapi(self) -> dict[str, Any]:
        return {**super().openapi(), "pattern": rf"^{self._pattern.pattern}$"}


class Choice(Field):
    words = {"invalid_choice": "This must be one of: {choices}."}

    def __init__(self, choices: Sequence[str], **options: Any) -> None:
        self.choices = tuple(choices)
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid_type")
        if value not in self.choices:
            raise self.make_error("invalid_choice", choices=", ".join(self.choices))
        return value

    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.choices)}


class StrictBool(Field):
    """``true`` or ``false``. Other values are refused, so that a ``1`` opts no contact in."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid_type")
        return value

    def openapi(self) -> dict[str, Any]:
        return {"type": "boolean"}


class JSONNumber(Field):
    """A JSON number within bounds, both included."""

    empty_is_null = True
    words = {"out_of_range": "This number must be from {least} to {most}."}
    shape = "number"

    def __init__(self, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float | int:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.make_error("invalid_type")
        if not self.least <= value <= self.most:
            raise self.make_error("out_of_range", least=self.least, most=self.most)
        return value

    def openapi(self) -> dict[str, Any]:
        return {"type": self.shape, "minimum": self.least, "maximum": self.most}


class JSONInt(JSONNumber):
    """A whole number. JSON has one number type, so ``7.0`` is accepted as 7."""

    shape = "integer"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = super()._deserialize(value, attr, data, **kwargs)
        if number != int(number):
            raise self.make_error("invalid_type")
        return int(number)


class Revision(JSONInt):
    """The revision of an object, only in responses. A request names it in ``If-Match``."""

    def __init__(self) -> None:
        words = "Rises when a member that clients can write changes; If-Match names it"
        super().__init__(1, 2**31 - 1, nullable=False, description=words)


class CivilDate(Field):
    """``YYYY-MM-DD`` or a timestamp, which `instants` converts to a date."""

    empty_is_null = True
    words = {"invalid_date": "This must be a date such as 2026-05-15."}
    _date = re.compile(DATE, re.ASCII)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str):
            raise self.make_error("invalid_type")
        try:
            if not self._date.fullmatch(value):
                value = read_timestamp(value, state.viewer_context().viewer_time_zone)
            return date.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid_date") from None

    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "format": "date", "examples": ["2026-05-15"]}


DAY_OF_ANY_YEAR = (
    "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9])"
)
"""A regular expression for the ``MM-DD`` that exist in some year."""


class Birthday(Field):
    """``MM-DD`` or ``YYYY-MM-DD``, one of vCard's spellings, or a timestamp as `CivilDate` reads it.

    Loaded as year or None, month and day.
    """

    empty_is_null = True
    words = {"invalid_date": "This must be a birthday such as 05-15 or 1990-05-15."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[int | None, int, int]:
        if not isinstance(value, str):
            raise self.make_error("invalid_type")
        with suppress(ValueError):
            value = read_timestamp(value, state.viewer_context().viewer_time_zone) if is_timestamp(value) else value
        found = read_api_birthday(value)
        if found is None:
            raise self.make_error("invalid_date")
        return found

    def openapi(self) -> dict[str, Any]:
        return {
            "type": "string",
            "anyOf": [{"pattern": f"^(?:{DAY_OF_ANY_YEAR})$"}, {"format": "date"}],
            "examples": ["05-15", "1990-05-15"],
        }


class TextList(Field):
    words = {
        "too_many": "This list may have at most {most} items.",
        "blank": "An item of this list may not be empty.",
        "too_long": "An item of this list may have at most {most} characters.",
    }

    def __init__(self, *, most: int = 50, **options: Any) -> None:
        self.most = most
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.make_error("invalid_type")
        if len(value) > self.most:
            raise self.make_error("too_many", most=self.most)
        if any(len(item) > MAX_NAME_LENGTH for item in value):
            raise self.make_error("too_long", most=MAX_NAME_LENGTH)
        if not all(item.strip() for item in value):
            raise self.make_error("blank")
        return value

    def openapi(self) -> dict[str, Any]:
        item = {"type": "string", "minLength": 1, "maxLength": MAX_NAME_LENGTH}
        return {"type": "array", "items": item, "maxItems": self.most}


class DayList(Field):
    """Lead days: distinct whole numbers, the largest first."""

    words = {
        "too_many": "This list may have at most {most} items.",
        "out_of_range": "An item of this list must be from 0 to {longest}.",
    }
    most: ClassVar[int] = 10

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[int]:
        if not isinstance(value, list):
            raise self.make_error("invalid_type")
        if len(value) > self.most:
            raise self.make_error("too_many", most=self.most)
        return sorted({self._days(item) for item in value}, reverse=True)

    def _days(self, item: Any) -> int:
        if isinstance(item, bool) or not isinstance(item, (int, float)):
            raise self.make_error("invalid_type")
        if not 0 <= item <= MAX_LEAD_DAYS:
            raise self.make_error("out_of_range", longest=MAX_LEAD_DAYS)
        if item != int(item):
            raise self.make_error("invalid_type")
        return int(item)

    def openapi(self) -> dict[str, Any]:
        item = {"type": "integer", "minimum": 0, "maximum": MAX_LEAD_DAYS}
        return {"type": "array", "items": item, "maxItems": self.most}


class Id(Field):
    """An id of ours or of the host, always a string in JSON."""

    empty_is_null = True

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid_type")
        return value

    def openapi(self) -> dict[str, Any]:
        return {"type": "string"}


class OwnId(Id):
    """The id of one of our rows, a UUID."""

    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


class Timestamp(Field):
    """An instant, stored as naive UTC and written ``YYYY-MM-DDTHH:MM:SSZ``, only in responses."""

    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


class Part(Field):
    """A nested JSON object with the members of ``schema``, only in responses."""

    def __init__(self, schema: type[Schema], **options: Any) -> None:
        self.schema = schema
        super().__init__(**options)


class Parts(Field):
    """A list of nested JSON objects, only in responses."""

    def __init__(self, schema: type[Schema], **options: Any) -> None:
        self.schema = schema
        super().__init__(**options)
