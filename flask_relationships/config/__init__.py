"""Every ``RELATIONSHIPS_*`` key: its name, type, default and meaning. `KEYS` is the source of the documentation."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ..errors import Mistake, RelationshipsWarning, name_suggestion
from . import values
from .values import QuietHours, Rate, ValueType

PREFIX = "RELATIONSHIPS_"

SYNONYMS = {
    "ACCOUNT_SID": "TWILIO_ACCOUNT_SID",
    "AUTH_TOKEN": "TWILIO_AUTH_TOKEN",
    "BASE_URL": "PUBLIC_URL",
    "COUNTRY": "DEFAULT_REGION",
    "PAGE_SIZE": "MAX_ROWS",
    "PREFIX": "URL_PREFIX",
    "REGION": "DEFAULT_REGION",
    "TEMPLATE": "BASE_TEMPLATE",
    "TIME_ZONE": "TIMEZONE",
    "TWILIO_FROM": "TWILIO_SMS_FROM",
    "TWILIO_SID": "TWILIO_ACCOUNT_SID",
    "TWILIO_TOKEN": "TWILIO_AUTH_TOKEN",
    "TZ": "TIMEZONE",
    "URL": "PUBLIC_URL",
}
"""Names that other applications use, and ours for the same thing."""


class Key(NamedTuple):
    """One configuration key. ``kind`` is its type for the documentation, ``type`` validates and parses a value."""

    name: str
    default: Any
    kind: str
    meaning: str
    type: ValueType


KEYS: tuple[Key, ...] = (
    Key("URL_PREFIX", "/api/relationships", "path", "Path at which the API is registered.", values.PATH),
    Key(
        "BLUEPRINT_NAME",
        "relationships",
        "text",
        "Name of the blueprint. Change it if the application has another blueprint of that name.",
        values.TEXT,
    ),
    Key("CLI_NAME", "relationships", "text", "Name of the command group of the `flask` command.", values.TEXT),
    Key(
        "TIMEZONE",
        "UTC",
        "time zone",
        'Time zone of the application, which decides the date of "today".',
        values.TIME_ZONE,
    ),
    Key(
        "LEAP_DAY",
        "feb28",
        "`feb28` or `mar01`",
        "Date of an annual event of 29 February in other years.",
        values.choice("feb28", "mar01"),
    ),
    Key(
        "AUTO_ACTION_DAYS_BEFORE",
        7,
        "days",
        "Lead days of an auto-action if its event has none of its own.",
        values.whole_number(0, 366),
    ),
    Key(
        "IN_TOUCH_PER_DAY",
        10,
        "actions",
        "Maximum number of actions to keep in touch that a user gets per day. The most overdue contacts come first.",
        values.whole_number(1, 500),
    ),
    Key(
        "BIRTHDAY_TITLE",
        None,
        "text",
        "Title of the life event of a birthday. The default is `Birthday` in the application's language.",
        values.TEXT,
    ),
    Key(
        "CALENDAR_NAME",
        None,
        "text",
        "Name of a user's own calendar. The default is `Relationships` in the application's language.",
        values.TEXT,
    ),
    Key(
        "UPCOMING_DAYS",
        90,
        "days",
        "How many days ahead the summary of a client shows events.",
        values.whole_number(1, 366),
    ),
    Key(
        "RECENT_MESSAGES",
        10,
        "messages",
        "How many messages the summary of a client shows.",
        values.whole_number(1, 500),
    ),
    Key(
        "DEFAULT_REGION",
        None,
        "country",
        "Default country (ISO 3166 code, for example `GB`) for phone numbers without a country code.",
        values.COUNTRY,
    ),
    Key(
        "TWILIO_ENABLED",
        True,
        "boolean",
        "Whether messages are sent. If False, sending is answered with 503.",
        values.BOOLEAN,
    ),
    Key(
        "TWILIO_ACCOUNT_SID",
        None,
        "text",
        "SID of the Twilio account. The process environment is never read.",
        values.ACCOUNT_SID,
    ),
    Key(
        "TWILIO_AUTH_TOKEN",
        None,
        "text or list",
        "Auth token of the account, or several while you rotate it.",
        values.TOKENS,
    ),
    Key(
        "TWILIO_API_KEY_SID",
        None,
        "text",
        "SID of an API key that sends instead of the auth token.",
        values.API_KEY_SID,
    ),
    Key("TWILIO_API_KEY_SECRET", None, "text", "Secret of the API key.", values.SECRET),
    Key("TWILIO_SMS_FROM", None, "text", "Sender of SMS and MMS.", values.SMS_SENDER),
    Key("TWILIO_WHATSAPP_FROM", None, "text", "Sender of WhatsApp messages.", values.WHATSAPP_SENDER),
    Key(
        "TWILIO_MESSAGING_SERVICE_SID",
        None,
        "text",
        "SID of a Messaging Service that sends instead of a number.",
        values.MESSAGING_SERVICE_SID,
    ),
    Key("TWILIO_REGION", None, "text", "Twilio's region. Set it together with the edge.", values.TEXT),
    Key("TWILIO_EDGE", None, "text", "Twilio's edge. Set it together with the region.", values.TEXT),
    Key("TWILIO_TIMEOUT", (3.0, 10.0), "seconds", "Timeouts to connect, and to wait for the response.", values.TIMEOUT),
    Key(
        "PUBLIC_URL",
        None,
        "URL",
        "Public address of the application, which the provider calls. Without it no delivery reports are requested.",
        values.PUBLIC_URL,
    ),
    Key(
        "DISPATCH",
        "inline",
        "`inline` or `celery`",
        "Where messages are sent: in the request, or by Celery workers.",
        values.choice("inline", "celery"),
    ),
    Key(
        "RUN_LATE_AFTER",
        60,
        "minutes",
        "Minutes without a complete run of the scheduled jobs before `check` and `GET /health` report `late`.",
        values.whole_number(1, 10_080),
    ),
    Key(
        "NUMBERS_REFRESH_HOURS",
        24,
        "hours",
        "How often the scheduled jobs read the phones of all contacts, so that contacts without a profile are found.",
        values.whole_number(1, 24),
    ),
    Key(
        "MAX_ROWS",
        10_000,
        "rows",
        "Maximum rows of a list if the client sends no `limit`. `next_cursor` leads to the rest.",
        values.whole_number(1, 1_000_000),
    ),
    Key(
        "BIRTHDAY_EVENTS",
        False,
        "boolean",
        "Whether the birthday of a profile has a linked annual life event.",
        values.BOOLEAN,
    ),
    Key(
        "BIRTHDAY_ORDER",
        None,
        "`dmy` or `mdy`",
        "Order of day and month in birthdays of your contacts, such as `15.05.1990` (`dmy`) or `5/15/1990` (`mdy`).",
        values.choice("dmy", "mdy"),
    ),
    Key(
        "CONSENT_PER_NUMBER",
        False,
        "boolean",
        "Whether an opt-in is valid only for the numbers it was given with. A changed number then needs a new opt-in.",
        values.BOOLEAN,
    ),
    Key(
        "WHATSAPP_WINDOW",
        "advise",
        "`advise` or `enforce`",
        "Whether free WhatsApp text a day after the contact's last message is marked, or refused with 409.",
        values.choice("advise", "enforce"),
    ),
    Key(
        "MESSAGES_PER_USER",
        None,
        "such as `100 per day`",
        "Maximum number of messages that one user may send.",
        values.RATE,
    ),
    Key(
        "MESSAGES_PER_CONTACT",
        None,
        "such as `5 per day`",
        "Maximum number of messages that one contact may receive.",
        values.RATE,
    ),
    Key(
        "MESSAGES_PER_APPLICATION",
        None,
        "such as `1000 per hour`",
        "Maximum number of messages of all users together.",
        values.RATE,
    ),
    Key("COUNTRIES", None, "such as `GB, US`", "Countries whose numbers may receive messages.", values.COUNTRIES),
    Key(
        "QUIET_HOURS",
        None,
        "such as `21:00-08:00`",
        "When messages are queued, by the clock of the contact's number, else of `RELATIONSHIPS_TIMEZONE`.",
        values.QUIET_HOURS,
    ),
    Key(
        "CHECK_IGNORE",
        (),
        "list of codes",
        "Results of `flask relationships check` that you have acknowledged. They no longer fail the command.",
        values.CODES,
    ),
    Key(
        "ALLOWED_PARAMETERS",
        ("_", "lang", "locale"),
        "list of names",
        "Query parameters that every API route ignores. Other unknown ones are refused with 422.",
        values.NAMES,
    ),
    Key(
        "FRAME_ANCESTORS",
        "none",
        "`none`, `self`, `any` or list of origins",
        "Sites that may show the pages in a frame.",
        values.FRAME_ANCESTORS,
    ),
    Key(
        "UI_ENABLED",
        True,
        "boolean",
        "Whether the pages and elements are registered. If False, there is only the API.",
        values.BOOLEAN,
    ),
    Key(
        "UI_PREFIX",
        "/relationships",
        "path",
        "Path at which the pages and the modules of the elements are registered.",
        values.PATH,
    ),
    Key(
        "BASE_TEMPLATE",
        "relationships/base.html",
        "template",
        "Template that the pages extend. Yours needs the block `title` and the one of `BASE_BLOCK`.",
        values.TEXT,
    ),
    Key("BASE_BLOCK", "content", "block", "Block of the base template that the pages fill.", values.IDENTIFIER),
    Key(
        "TEMPLATE_NAME",
        "relationships",
        "name",
        "Name of the helpers in your templates. Change it if you use `relationships` for something else.",
        values.IDENTIFIER,
    ),
    Key(
        "TRANSLATIONS",
        None,
        "folder",
        "Folder with your own texts, as compiled gettext catalogues of the domain `flask_relationships`.",
        values.TRANSLATIONS,
    ),
)


class Settings(NamedTuple):
    """The configuration of one application, one attribute per key, in lower case."""

    url_prefix: str
    blueprint_name: str
    cli_name: str
    timezone: str
    leap_day: Literal["feb28", "mar01"]
    auto_action_days_before: int
    in_touch_per_day: int
    upcoming_days: int
    birthday_title: str | None
    calendar_name: str | None
    recent_messages: int
    default_region: str | None
    twilio_enabled: bool
    twilio_account_sid: str | None
    twilio_auth_token: tuple[str, ...] | None
    twilio_api_key_sid: str | None
    twilio_api_key_secret: str | None
    twilio_sms_from: str | None
    twilio_whatsapp_from: str | None
    twilio_messaging_service_sid: str | None
    twilio_region: str | None
    twilio_edge: str | None
    twilio_timeout: tuple[float, float]
    public_url: str | None
    dispatch: Literal["inline", "celery"]
    run_late_after: int
    numbers_refresh_hours: int
    max_rows: int
    birthday_events: bool
    birthday_order: Literal["dmy", "mdy"] | None
    consent_per_number: bool
    whatsapp_window: Literal["advise", "enforce"]
    messages_per_user: Rate | None
    messages_per_contact: Rate | None
    messages_per_application: Rate | None
    countries: frozenset[str] | None
    quiet_hours: QuietHours | None
    check_ignore: frozenset[str]
    allowed_parameters: tuple[str, ...]
    frame_ancestors: str
    ui_enabled: bool
    ui_prefix: str
    base_template: str
    base_block: str
    template_name: str
    translations: str | None

    def __repr__(self) -> str:
        hidden = ("token", "secret")
        shown = {name: getattr(self, name) for name in self._fields if not name.endswith(hidden)}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def read_settings(config: Mapping[str, Any]) -> tuple[Settings | None, list[Mistake]]:
    """Read the settings from a Flask configuration. An unknown key causes a warning.

    :returns: the settings, or None if there are configuration errors, and all these errors.
    """
    mistakes: list[Mistake] = []
    settings: dict[str, Any] = {}
    for key in KEYS:
        value = config.get(PREFIX + key.name, key.default)
        parsed = None if value is None else key.type.parse(value)
        if parsed is None and not (value is None and key.default is None):
            mistakes.append(_value_error(key))
        settings[key.name.lower()] = parsed
    if (settings["twilio_region"] is None) != (settings["twilio_edge"] is None):
        mistakes.append(
            Mistake(
                "config_region_edge",
                f"Only one of {PREFIX}TWILIO_REGION and {PREFIX}TWILIO_EDGE is set.",
                "Set both (ie1 with dublin, au1 with sydney, jp1 with tokyo) or neither.",
            )
        )
    _warn_of_unknown_keys(config)
    return (None if mistakes else Settings(**settings)), mistakes


def _value_error(key: Key) -> Mistake:
    name, default = f"{PREFIX}{key.name}", "" if key.default is None else f" to use {key.default!r}"
    words = f"{name} must be {key.type.expected}."
    return Mistake("config_value", words, f"Set {name} to {key.type.expected}, or remove it{default}.")


def _warn_of_unknown_keys(config: Mapping[str, Any]) -> None:
    known = {key.name for key in KEYS}
    names = {str(name).removeprefix(PREFIX) for name in config if str(name).startswith(PREFIX)}
    for name in sorted(names - known):
        warnings.warn(
            f"Unknown configuration key {PREFIX}{name}. {name_suggestion(name, known, SYNONYMS, PREFIX)}",
            RelationshipsWarning,
            stacklevel=4,
        )
