"""The fields of a message that is made from a template."""

from __future__ import annotations

import re
from typing import Any

from ...api.fields import Field, Text

MOST_VARIABLES, LONGEST_NAME, LONGEST_VALUE = 100, 100, 1600


class ContentSid(Text):
    """The id of an approved template at Twilio."""

    empty_is_null = True

    words = {**Text.words, "invalid_content_sid": "This is no id of a template: HX and 32 hexadecimal digits."}
    _pattern = re.compile(r"HX[0-9a-fA-F]{32}", re.ASCII)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not self._pattern.fullmatch(text):
            raise self.make_error("invalid_content_sid")
        return text

    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self._pattern.pattern}$"}


class TextByName(Field):
    """A JSON object of text to text."""

    words = {
        "too_many": "This may have at most {most} members.",
        "blank": "A name in this may not be empty.",
        "too_long": "A name in this may have at most {name} characters, a text at most {value}.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            raise self.make_error("invalid_type")
        if len(value) > MOST_VARIABLES:
            raise self.make_error("too_many", most=MOST_VARIABLES)
        if not all(name.strip() for name in value):
            raise self.make_error("blank")
        if any(len(name) > LONGEST_NAME or len(text) > LONGEST_VALUE for name, text in value.items()):
            raise self.make_error("too_long", name=LONGEST_NAME, value=LONGEST_VALUE)
        return value

    def openapi(self) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": {"type": "string", "maxLength": LONGEST_VALUE},
            "propertyNames": {"pattern": r"\S", "maxLength": LONGEST_NAME},
            "maxProperties": MOST_VARIABLES,
        }
