"""Every ``RELATIONSHIPS_*`` key: its name, type, default and meaning. The documentation's table is made from `KEYS`."""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ..errors import Mistake, RelationshipsWarning
from .values import QuietHours, Rate, countries, is_number, is_sender, quiet_hours, rate

PREFIX = "RELATIONSHIPS_"


class Key(NamedTuple):
    """One configuration key. ``accept`` returns the value as it is kept; its ValueError says what it must be."""

    name: str
    default: Any
    kind: str
    meaning: str
    accept: Callable[[Any], Any]


def _text(value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    raise ValueError("must be text that is not empty")


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("must be True or False")


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def accept(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise ValueError(f"must be a whole number from {low} to {high}")

    return accept


def _choice(*choices: str) -> Callable[[Any], str]:
    def accept(value: Any) -> str:
        if value in choices:
            return str(value)
        raise ValueError(f"must be one of {', '.join(choices)}")

    return accept


def _path(value: Any) -> str:
    if isinstance(value, str) and value.startswith("/") and not value.endswith("/"):
        return value
    raise ValueError("must begin with a slash and not end with one")


def _timezone(value: Any) -> str:
    try:
        return ZoneInfo(_text(value)).key
    except Exception:  # ZoneInfo raises half a dozen kinds for a bad name
        raise ValueError("must be a time zone's IANA name such as Europe/London") from None


def _names(value: Any) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else value
    if isinstance(given, (list, tuple, set, frozenset)) and all(isinstance(name, str) and name for name in given):
        return tuple(given)
    raise ValueError("must be a list of names")


def _frame_ancestors(value: Any) -> str:
    if value in ("none", "self", "any"):
        return str(value)
    origins = value.split() if isinstance(value, str) else value
    if isinstance(origins, (list, tuple)) and origins and all(map(_is_origin, origins)):
        return " ".join(origins)
    raise ValueError("must be 'none', 'self', 'any' or a list of origins such as https://intranet.example.com")


def _is_origin(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"https?://[^\s/;,'\"]+", value) is not None


def _region(value: Any) -> str:
    text = value.strip().upper() if isinstance(value, str) else ""
    try:
        (region,) = countries(text)
    except ValueError:
        raise ValueError("must be one country by its two ISO letters such as GB; the United Kingdom is GB") from None
    return region


_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*", re.ASCII)
"""RFC 1123. Twilio refuses a callback address of any other host: error 21609."""


def _public_url(value: Any) -> str:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    named = _HOST_NAME.fullmatch(host) or (parts.netloc.startswith("[") and ":" in host)
    plain = not (parts.query or parts.fragment or parts.username or parts.password) and str(value)[-1:] not in "/?#"
    if parts.scheme in ("https", "http") and named and plain and not re.search(r"[^\x21-\x7e]", value):
        return str(value)
    raise ValueError(
        "must be the application's public address such as https://crm.example.com: a host name of letters, digits and "
        "hyphens, without user, query, fragment or a final slash"
    )


def _sid(prefix: str) -> Callable[[Any], str]:
    def accept(value: Any) -> str:
        if isinstance(value, str) and re.fullmatch(prefix + "[0-9a-fA-F]{32}", value, re.ASCII):
            return value
        raise ValueError(f"must be a SID of Twilio: {prefix} and 32 hexadecimal digits")

    return accept


def _sms_sender(value: Any) -> str:
    if is_sender(value):
        return str(value)
    raise ValueError(
        "must be a number in E.164 such as +442071838750, a short code, or a name of at most 11 letters, digits and "
        "the characters space + - _ &"
    )


def _whatsapp_sender(value: Any) -> str:
    if is_number(value):
        return str(value).removeprefix("whatsapp:")
    raise ValueError("must be a number in E.164 such as +442071838750")


def _secret(value: Any) -> str:
    if isinstance(value, str) and value and value.isprintable() and value == value.strip():
        return value
    raise ValueError("must be text without line breaks or white space around it")


def _tokens(value: Any) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, (list, tuple)) else ()
    try:
        tokens = tuple(map(_secret, given))
    except ValueError:
        tokens = ()
    if tokens:
        return tokens
    raise ValueError(
        "must be a token, or a list of tokens while one is being exchanged, without line breaks or white space around"
    )


def _timeout(value: Any) -> tuple[float, float]:
    given = tuple(value) if isinstance(value, (list, tuple)) else (value, value)
    if len(given) == 2 and all(
        isinstance(part, (int, float)) and not isinstance(part, bool) and 0 < part <= 120 for part in given
    ):
        return float(given[0]), float(given[1])
    raise ValueError("must be (seconds to connect, seconds to wait for the answer), each above 0 and at most 120")


def _identifier(value: Any) -> str:
    if isinstance(value, str) and value.isidentifier():
        return value
    raise ValueError("must be a name that a template can use, such as relationships_tool")


def _codes(value: Any) -> frozenset[str]:
    given = value.split(",") if isinstance(value, str) else value
    if isinstance(given, (list, tuple, set, frozenset)) and all(isinstance(code, str) for code in given):
        return frozenset(code.strip() for code in given if code.strip())
    raise ValueError("must be a list of the codes of check results")


KEYS: tuple[Key, ...] = (
    Key("URL_PREFIX", "/api/relationships", "path", "Where the routes are registered.", _path),
    Key(
        "BLUEPRINT_NAME",
        "relationships",
        "text",
        "The blueprint's name, if the host has one of that name.",
        _text,
    ),
    Key("CLI_NAME", "relationships", "text", "The name of the command group of the `flask` command.", _text),
    Key("TIMEZONE", "UTC", "time zone", 'Whose date "today" is.', _timezone),
    Key(
        "LEAP_DAY",
        "feb28",
        "`feb28` or `mar01`",
        "When an annual event of 29 February falls in other years.",
        _choice("feb28", "mar01"),
    ),
    Key(
        "AUTO_ACTION_DAYS_BEFORE",
        7,
        "days",
        "How long before its event an auto-action is due, where the event does not say.",
        _whole(0, 366),
    ),
    Key(
        "IN_TOUCH_PER_DAY",
        10,
        "actions",
        "How many actions to keep in touch somebody gets on one day at most; the most overdue contacts come first.",
        _whole(1, 500),
    ),
    Key(
        "BIRTHDAY_TITLE",
        None,
        "text",
        "The title of the life event of a profile's birthday; without it `Birthday` in the application's language.",
        _text,
    ),
    Key(
        "CALENDAR_NAME",
        None,
        "text",
        "The name of a user's own calendar; without it `Relationships` in the application's language.",
        _text,
    ),
    Key("UPCOMING_DAYS", 90, "days", "How far ahead the summary of a client looks for events.", _whole(1, 366)),
    Key("RECENT_MESSAGES", 10, "messages", "How many messages the summary of a client shows.", _whole(1, 500)),
    Key(
        "DEFAULT_REGION",
        None,
        "country",
        "Whose phone numbers those without a country code are taken for.",
        _region,
    ),
    Key("TWILIO_ENABLED", True, "boolean", "False: sending is answered with 503.", _boolean),
    Key(
        "TWILIO_ACCOUNT_SID",
        None,
        "text",
        "The Twilio account. Never read from the process environment.",
        _sid("AC"),
    ),
    Key(
        "TWILIO_AUTH_TOKEN",
        None,
        "text or list",
        "Its token, or several while one is being exchanged.",
        _tokens,
    ),
    Key("TWILIO_API_KEY_SID", None, "text", "An API key to send with instead of the token.", _sid("SK")),
    Key("TWILIO_API_KEY_SECRET", None, "text", "The API key's secret.", _secret),
    Key("TWILIO_SMS_FROM", None, "text", "The number SMS and MMS are sent from.", _sms_sender),
    Key("TWILIO_WHATSAPP_FROM", None, "text", "The number WhatsApp messages are sent from.", _whatsapp_sender),
    Key("TWILIO_MESSAGING_SERVICE_SID", None, "text", "A Messaging Service to send through instead.", _sid("MG")),
    Key("TWILIO_REGION", None, "text", "Twilio's region, together with the edge or not at all.", _text),
    Key("TWILIO_EDGE", None, "text", "Twilio's edge, together with the region or not at all.", _text),
    Key("TWILIO_TIMEOUT", (3.0, 10.0), "seconds", "To connect, and to wait for the answer.", _timeout),
    Key(
        "PUBLIC_URL",
        None,
        "URL",
        "The application's public address, which the provider calls; without it no report is asked for.",
        _public_url,
    ),
    Key(
        "DISPATCH",
        "inline",
        "`inline` or `celery`",
        "Where messages are sent: in the request, or by Celery's workers.",
        _choice("inline", "celery"),
    ),
    Key(
        "RUN_LATE_AFTER",
        60,
        "minutes",
        "How long ago what is due may have been run, before `check` and `GET /health` call it late.",
        _whole(1, 10_080),
    ),
    Key(
        "NUMBERS_REFRESH_HOURS",
        24,
        "hours",
        "How often the scheduled jobs read the phones of all contacts, so that contacts without a profile are found.",
        _whole(1, 24),
    ),
    Key(
        "MAX_ROWS",
        10_000,
        "rows",
        "Most rows of a list in one answer without `limit`; `next_cursor` leads to the rest.",
        _whole(1, 1_000_000),
    ),
    Key(
        "BIRTHDAY_EVENTS",
        False,
        "boolean",
        "True: a profile's birthday keeps one linked annual life event.",
        _boolean,
    ),
    Key(
        "BIRTHDAY_ORDER",
        None,
        "`dmy` or `mdy`",
        "How birthdays such as `15.05.1990` (`dmy`) or `5/15/1990` (`mdy`) in your contacts are read.",
        _choice("dmy", "mdy"),
    ),
    Key(
        "CONSENT_PER_NUMBER",
        False,
        "boolean",
        "True: an opt-in is for the numbers it was given with; a changed one needs a new opt-in.",
        _boolean,
    ),
    Key(
        "WHATSAPP_WINDOW",
        "advise",
        "`advise` or `enforce`",
        "Free text by WhatsApp a day after the contact's last one: marked as such, or refused with 409.",
        _choice("advise", "enforce"),
    ),
    Key("MESSAGES_PER_USER", None, "such as `100 per day`", "Most messages that one user may send.", rate),
    Key("MESSAGES_PER_CONTACT", None, "such as `5 per day`", "Most messages that one contact may be sent.", rate),
    Key("MESSAGES_PER_APPLICATION", None, "such as `1000 per hour`", "Most messages of all users together.", rate),
    Key("COUNTRIES", None, "such as `GB, US`", "The countries whose numbers may be written to.", countries),
    Key(
        "QUIET_HOURS",
        None,
        "such as `21:00-08:00`",
        "When messages wait, by the clock of the contact's number, else of `RELATIONSHIPS_TIMEZONE`.",
        quiet_hours,
    ),
    Key(
        "CHECK_IGNORE",
        (),
        "list of codes",
        "Results of `flask relationships check` that you have acknowledged: they no longer fail the command.",
        _codes,
    ),
    Key(
        "ALLOWED_PARAMETERS",
        ("_", "lang", "locale"),
        "list of names",
        "Query parameters that every API route ignores. Other unknown ones are refused with 422.",
        _names,
    ),
    Key(
        "FRAME_ANCESTORS",
        "none",
        "`none`, `self`, `any` or list of origins",
        "Which sites may show the ready pages in a frame.",
        _frame_ancestors,
    ),
    Key("UI_ENABLED", True, "boolean", "False: neither pages nor elements, only the API.", _boolean),
    Key("UI_PREFIX", "/relationships", "path", "Where the pages and the modules of the elements are.", _path),
    Key(
        "BASE_TEMPLATE",
        "relationships/base.html",
        "template",
        "What the pages extend: a template of yours with the block `title` and that of `BASE_BLOCK`.",
        _text,
    ),
    Key("BASE_BLOCK", "content", "block", "The block of the base template in which ready pages stand.", _identifier),
    Key(
        "TEMPLATE_NAME",
        "relationships",
        "name",
        "The name of the helpers in your templates, if you use `relationships` for something else.",
        _identifier,
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

    def __repr__(self) -> str:
        hidden = ("token", "secret")
        shown = {name: getattr(self, name) for name in self._fields if not name.endswith(hidden)}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def read_settings(config: Mapping[str, Any]) -> tuple[Settings | None, list[Mistake]]:
    """The settings of a Flask configuration, or None and every mistake in it. Unknown keys are warned about."""
    mistakes: list[Mistake] = []
    values: dict[str, Any] = {}
    for key in KEYS:
        given = config.get(PREFIX + key.name, key.default)
        if given is None and key.default is None:
            values[key.name.lower()] = None
            continue
        try:
            values[key.name.lower()] = key.accept(given)
        except ValueError as error:
            mistakes.append(
                Mistake("config_value", f"{PREFIX}{key.name} {error}.", f"Set {PREFIX}{key.name}: {key.meaning}")
            )
    if (values.get("twilio_region") is None) != (values.get("twilio_edge") is None):
        mistakes.append(
            Mistake(
                "config_region_edge",
                f"Only one of {PREFIX}TWILIO_REGION and {PREFIX}TWILIO_EDGE is set.",
                "Set both (ie1 with dublin, au1 with sydney, jp1 with tokyo) or neither.",
            )
        )
    _warn_of_unknown_keys(config)
    return (None if mistakes else Settings(**values)), mistakes


def _warn_of_unknown_keys(config: Mapping[str, Any]) -> None:
    known = {PREFIX + key.name for key in KEYS}
    for name in sorted(set(filter(lambda name: str(name).startswith(PREFIX), config)) - known):
        near = difflib.get_close_matches(name, known, n=1, cutoff=0)
        warnings.warn(
            f"flask-relationships has no configuration key {name}. Did you mean {near[0]}?",
            RelationshipsWarning,
            stacklevel=4,
        )
