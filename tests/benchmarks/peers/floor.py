"""The least there can be: bare WSGI, the driver itself, rows into dictionaries, orjson.

Nobody is asked who they are: the cookie is the key of the user, and ``levels`` those of the users who are more than
members. Its statements are the fastest that are known for each database.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa

from . import domain
from .schemas import ActionSchema, EventSchema, MessageSchema, PartnerSchema, ProfileSchema
from .servers import set_up

SHOWN_OF_PROFILE = list(ProfileSchema().fields)
COMPUTED = ("birthday", "phone_number_problem", "whatsapp_number_problem")
COMPUTED += ("messaging_blocked", "in_touch_due", "last_contact")
PROFILE = [name for name in SHOWN_OF_PROFILE if name not in COMPUTED]
PROFILE += ["birthday_month_day", "birthday_in_full", "consent_changed_at", "in_touch_due_day"]
PROFILE += ["last_contact_at", "last_contact_channel", "last_contact_by_user_id"]
MESSAGE = list(MessageSchema().fields)
OF_MESSAGE = [name for name in MESSAGE if name != "sent_by_name"]
PARTNER = list(PartnerSchema().fields)
ACTION = list(ActionSchema().fields)
OF_ACTION = ACTION[: ACTION.index("first_name")]
OF_EVENT = [name for name in EventSchema().fields if name not in ("next_occurrence", "days_until", "open_action_id")]
HOST_KEYS = ("contact_id", "company_id", "assigned_to_user_id", "created_by_user_id", "completed_by_user_id")
HOST_KEYS += ("sent_by_user_id",)
OWN_KEYS = ("id", "life_event_id", "auto_action_id", "open_action_id")
LISTS = ("media", "candidates", "further_reminders")
BOOLEANS = ("recurs_annually", "auto_action_enabled", "twilio_opt_in", "outside_whatsapp_window")


def _of(alias: str, names: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


SHOWN = f"""
    SELECT {_of("a", OF_ACTION)}, c.first_name, c.last_name, c.email, coalesce(own.name, theirs.name), p.name
    FROM {{source}}
    JOIN contact c ON c.id = a.contact_id
    LEFT JOIN company own ON own.id = a.company_id
    LEFT JOIN company theirs ON theirs.id = c.company_id
    LEFT JOIN person p ON p.id = a.assigned_to_user_id
"""

MESSAGES = f"""
    SELECT {_of("m", OF_MESSAGE)}, p.name
    FROM {{source}}
    LEFT JOIN person p ON p.id = m.sent_by_user_id
"""

ORDERS = {"-created_at": "created_at DESC, id DESC", "due_date": "due, id"}


def hyphenated(digits: str | None) -> str | None:
    if digits is None:
        return None
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class Floor:
    """One connection, and a function for each path."""

    def __init__(self, url: str, levels: Mapping[int, str]) -> None:
        self.levels = levels
        address = sa.make_url(url)
        self.kind = address.get_backend_name()
        if self.kind == "sqlite":
            self.connection: Any = sqlite3.connect(address.database or "", isolation_level=None)
            set_up(self.connection)
        elif self.kind == "postgresql":
            import psycopg

            plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
            self.connection = psycopg.connect(plain, autocommit=True, prepare_threshold=2)
        else:
            import pymysql

            self.connection = pymysql.connect(
                host=address.host or "localhost",
                port=address.port or 3306,
                user=address.username or "root",
                password=address.password or "",
                database=address.database,
                charset="utf8mb4",
                autocommit=True,
            )
        self.cursor = self.connection.cursor()
        self.messages = self._dumper([*OF_MESSAGE, "sent_by_name"], MESSAGE)
        self.actions = self._dumper(ACTION, ACTION)
        self.partners = self._dumper(PARTNER, PARTNER)
        self.routes: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = [
            ("GET", re.compile(r"/contacts/(\d+)/relationship"), self.profile),
            ("GET", re.compile(r"/contacts/(\d+)/messages"), self.messages_of),
            ("GET", re.compile(r"/relationship-actions"), self.actions_of),
            ("GET", re.compile(r"/clients/(\d+)/relationship-summary"), self.summary),
            ("POST", re.compile(r"/contacts/(\d+)/life-events"), self.add_event),
        ]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        for method, pattern, answer in self.routes:
            found = pattern.fullmatch(environ["PATH_INFO"])
            if found and method == environ["REQUEST_METHOD"]:
                body = orjson.dumps(answer(environ, *map(int, found.groups())))
                start_response("200 OK", [("Content-Type", "application/json")])
                return [body]
        raise LookupError(environ["PATH_INFO"])

    def rows(self, statement: str, *values: Any) -> Sequence[Any]:
        cursor = self.cursor
        cursor.execute(statement if self.kind == "sqlite" else statement.replace("?", "%s"), values)
        return cursor.fetchall()  # type: ignore[no-any-return]

    def _dumper(self, names: Sequence[str], shown: Sequence[str]) -> Callable[[Iterable[Any]], list[dict[str, Any]]]:
        members = ", ".join(f"{name!r}: {self._member(name, f'row[{names.index(name)}]')}" for name in shown)
        scope: dict[str, Any] = {"hyphenated": hyphenated, "loads": orjson.loads}
        exec(f"def dump(rows): return [{{{members}}} for row in rows]", scope)  # noqa: S102
        return scope["dump"]  # type: ignore[no-any-return]

    def _member(self, name: str, value: str) -> str:
        if name in HOST_KEYS:
            return f"(None if {value} is None else str({value}))"
        if name in OWN_KEYS and self.kind == "sqlite":
            return f"hyphenated({value})"
        if name in BOOLEANS and self.kind != "postgresql":
            return f"(None if {value} is None else bool({value}))"
        if name in LISTS:
            return f"({self._read_json(value)} if {value} else [])"
        if name == "location":
            return f"({self._read_json(value)} if {value} else None)"
        return value

    def _read_json(self, value: str) -> str:
        return value if self.kind == "postgresql" else f"loads({value})"

    # --- the answers ----------------------------------------------------------------------------------------------

    def profile(self, environ: Any, contact: int) -> Any:
        live = "(SELECT created_at FROM relationships_suppressions s WHERE s.number = p.{} AND s.lifted_at IS NULL)"
        suppressed = ", ".join(live.format(name) for name in ("phone_e164", "whatsapp_e164"))
        found = self.rows(
            f"SELECT {_of('p', PROFILE)}, {suppressed} FROM relationships_profiles p"
            " JOIN contact c ON c.id = p.contact_id WHERE p.contact_id = ?",
            contact,
        )
        row = SimpleNamespace(**dict(zip(PROFILE, found[0], strict=False)))
        numbers = dict(zip((row.phone_e164, row.whatsapp_e164), found[0][-2:], strict=True))
        if isinstance(row.interests, str):
            row.interests = orjson.loads(row.interests)
        computed = {
            "birthday": domain.birthday(row),
            "birthday_source": domain.birthday_source(row),
            "phone_number_source": domain.phone_number_source(row),
            "phone_number_problem": domain.phone_number_problem(row),
            "whatsapp_number_problem": domain.whatsapp_number_problem(row),
            "in_touch_due": domain.in_touch_due(row),
            "last_contact": domain.last_contact(row),
            "messaging_blocked": domain.messaging_blocked(row, {key: at for key, at in numbers.items() if at}),
            "id": hyphenated(row.id) if self.kind == "sqlite" else row.id,
            "contact_id": str(row.contact_id),
            "twilio_opt_in": bool(row.twilio_opt_in),
        }
        shown = {name: computed[name] if name in computed else getattr(row, name) for name in SHOWN_OF_PROFILE}
        return {"profile": shown, "twilio_connected": False}

    def messages_of(self, environ: Any, contact: int) -> Any:
        limit = int(parse_qs(environ["QUERY_STRING"])["limit"][0])
        rows = self.rows(
            f"{MESSAGES.format(source='relationships_messages m')} WHERE m.contact_id = ?"
            f" ORDER BY m.created_at DESC, m.id DESC LIMIT {limit + 1}",
            contact,
        )
        return {"messages": self.messages(rows[:limit]), "next_cursor": "there is" if len(rows) > limit else None}

    def actions_of(self, environ: Any) -> Any:
        query = parse_qs(environ["QUERY_STRING"])
        most = int(query["limit"][0]) if "limit" in query else domain.MOST
        order = ORDERS[query.get("sort", ["due_date"])[0]]
        conditions, values = [], []
        if "status" in query:
            conditions.append("a.status = ?")
            values.append(query["status"][0])
        user = int(environ["HTTP_COOKIE"])
        level = self.levels.get(user)
        if level == "manager":
            keys = [user, *(key for (key,) in self.rows("SELECT id FROM person WHERE manager_id = ?", user))]
            rows = self._of_squad(keys, order, conditions, values, most + 1)
        else:
            if level != "executive":
                conditions.insert(0, "a.assigned_to_user_id = ?")
                values.insert(0, user)
            where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
            ordered = ", ".join(f"a.{part}" for part in order.split(", "))
            last = f"ORDER BY {ordered} LIMIT {most + 1}"
            statement = SHOWN.format(source="relationships_actions a") + where
            if self.kind not in ("sqlite", "postgresql"):  # which joins everything first
                page = f"(SELECT a.id FROM relationships_actions a{where} {last}) page"
                statement = SHOWN.format(source=f"{page} JOIN relationships_actions a ON a.id = page.id")
            rows = self.rows(f"{statement} {last}", *values)
        return {"actions": self.actions(rows[:most]), "next_cursor": "there is" if len(rows) > most else None}

    def _of_squad(self, keys: list[int], order: str, conditions: list[str], values: list[Any], most: int) -> Any:
        """The pages of each, merged before anything else is read of them."""
        sort = order.split(",")[0].removesuffix(" DESC")
        narrowed = " AND ".join(["", *conditions])
        if self.kind == "sqlite":
            arm = f"SELECT a.{sort}, a.id FROM relationships_actions a WHERE a.assigned_to_user_id = ?{narrowed}"
            arms = " UNION ALL ".join([arm] * len(keys))
            merged = (
                f"(SELECT {sort}, id FROM ({arms}) ORDER BY {order} LIMIT {most})"  # all it sorts by, or it sorts all
            )
            given = [value for key in keys for value in (key, *values)]
        elif self.kind == "postgresql":
            merged = (
                f"(SELECT k.id FROM unnest(?::int[]) u(key) JOIN LATERAL (SELECT a.{sort}, a.id"
                f" FROM relationships_actions a WHERE a.assigned_to_user_id = u.key{narrowed}"
                f" ORDER BY {order} LIMIT {most}) k ON true ORDER BY {order} LIMIT {most})"
            )
            given = [keys, *values]
        else:
            arm = (
                f"(SELECT a.{sort}, a.id FROM relationships_actions a WHERE a.assigned_to_user_id = ?{narrowed}"
                f" ORDER BY {order} LIMIT {most})"
            )
            arms = " UNION ALL ".join([arm] * len(keys))
            merged = f"(SELECT id FROM ({arms}) k ORDER BY {order} LIMIT {most})"
            given = [value for key in keys for value in (key, *values)]
        ordered = ", ".join(f"a.{part}" for part in order.split(", "))
        source = f"{merged} page JOIN relationships_actions a ON a.id = page.id"
        return self.rows(f"{SHOWN.format(source=source)} ORDER BY {ordered}", *given)

    def summary(self, environ: Any, company: int) -> Any:
        theirs = "SELECT id FROM contact WHERE company_id = ?"
        told = ("communication_preference", "communication_notes", "preferred_name", "twilio_opt_in")
        last = ("last_contact_at", "last_contact_channel", "last_contact_by_user_id")
        contacts = self.rows(
            f"SELECT c.id, c.first_name, c.last_name, c.email, {_of('p', (*told, *last))} FROM contact c"
            " LEFT JOIN relationships_profiles p ON p.contact_id = c.id WHERE c.company_id = ?"
            " ORDER BY c.last_name, c.first_name, c.id",
            company,
        )
        events = self._events(company, theirs)
        first: dict[str, Any] = {}
        for event in events:
            if event["next_occurrence"] is not None:
                first.setdefault(event["contact_id"], event)
        pending = SHOWN.format(source="relationships_actions a")
        actions = self.rows(
            f"{pending} WHERE a.status = 'pending' AND {self._concerning('actions', 'a', theirs)} ORDER BY a.due, a.id",
            company,
            company,
        )
        partners = self.rows(
            f"SELECT {_of('p', PARTNER)} FROM relationships_partners p WHERE p.company_id = ?"
            " ORDER BY p.partner_company_name, p.id",
            company,
        )
        newest = (
            f"(SELECT m.id FROM relationships_messages m WHERE m.contact_id IN ({theirs})"
            f" ORDER BY m.created_at DESC, m.id DESC LIMIT {domain.RECENT}) page"
        )
        source = f"{newest} JOIN relationships_messages m ON m.id = page.id"
        messages = self.rows(f"{MESSAGES.format(source=source)} ORDER BY m.created_at DESC, m.id DESC", company)
        return {
            "contacts": [self._contact(row, first.get(str(row[0]))) for row in contacts],
            "events": events,
            "actions": self.actions(actions),
            "partners": self.partners(partners),
            "messages": self.messages(messages),
        }

    def _concerning(self, table: str, name: str, theirs: str) -> str:
        if self.kind in ("sqlite", "postgresql"):
            return f"({name}.company_id = ? OR {name}.contact_id IN ({theirs}))"
        halves = f"company_id = ? UNION SELECT id FROM relationships_{table} WHERE contact_id IN ({theirs})"
        return f"{name}.id IN (SELECT id FROM (SELECT id FROM relationships_{table} WHERE {halves}) concerned)"

    def _contact(self, row: Any, event: dict[str, Any] | None) -> dict[str, Any]:
        at, channel, by = row[8:]
        shown = ("id", "event_type", "title", "next_occurrence", "days_until")
        return {
            "id": str(row[0]),
            "first_name": row[1],
            "last_name": row[2],
            "email": row[3],
            "communication_preference": row[4],
            "communication_notes": row[5],
            "preferred_name": row[6],
            "twilio_opt_in": None if row[7] is None else bool(row[7]),
            "next_event": event and {name: event[name] for name in shown},
            "last_contact": at and {"at": at, "by": None if by is None else str(by), "channel": channel},
        }

    def _events(self, company: int, theirs: str) -> list[dict[str, Any]]:
        today = domain.today()
        last = today + domain.UPCOMING
        dates = (today.isoformat(), last.isoformat()) if self.kind == "sqlite" else (today, last)
        rows = self.rows(
            f"SELECT {_of('e', OF_EVENT)}, c.first_name, c.last_name, e.month_day,"
            " (SELECT a.id FROM relationships_actions a WHERE a.life_event_id = e.id AND a.status = 'pending'"
            " ORDER BY a.due, a.id LIMIT 1) FROM relationships_life_events e JOIN contact c ON c.id = e.contact_id"
            f" WHERE {self._concerning('life_events', 'e', theirs)}"
            " AND (e.recurs_annually OR e.event_date BETWEEN ? AND ?)",
            company,
            company,
            *dates,
        )
        names = [*OF_EVENT, "first_name", "last_name", "month_day", "open_action_id"]
        found = self._dumper(names, names)(rows)
        for event in found:
            self._date(event, today)
        return sorted(found, key=lambda event: (event["next_occurrence"] or date.max, event["id"]))

    def _date(self, event: dict[str, Any], today: date) -> None:
        day, month_day = event["event_date"], event.pop("month_day")
        if isinstance(day, str):
            day = date.fromisoformat(day)
        coming = domain.occurrence(event["event_type"], day, month_day, today)
        event["next_occurrence"] = coming
        event["days_until"] = None if coming is None else (coming - today).days

    def add_event(self, environ: Any, contact: int) -> Any:
        given, now, user = orjson.loads(environ["wsgi.input"].read()), domain.now(), int(environ["HTTP_COOKIE"])
        first_name = self.rows("SELECT first_name FROM contact WHERE id = ?", contact)[0][0]
        event = {
            "id": uuid4(),
            "revision": 1,
            "contact_id": contact,
            "company_id": None,
            "event_type": given["event_type"],
            "title": given["title"],
            "event_date": date.fromisoformat(given["event_date"]),
            "recurs_annually": given["recurs_annually"],
            "description": None,
            "about": None,
            "auto_action_enabled": True,
            "auto_action_days_before": domain.LEAD,
            "further_reminders": None,
            "created_by_user_id": user,
            "created_at": now,
            "updated_at": now,
        }
        dated = (event["event_type"], event["event_date"], event["recurs_annually"])
        event |= domain.event_columns(*dated, domain.LEAD)
        read = SimpleNamespace(**event)
        who = {"assigned_to_user_id": user, "created_by_user_id": user}
        dated = {"created_at": now, "updated_at": now}
        action = domain.action_columns(read, first_name) | who | dated
        action |= {"id": uuid4(), "contact_id": contact, "life_event_id": read.id}
        same = {name: action[name] for name in ("title", "due_date", "due", "assigned_to_user_id")}
        item = {"id": uuid4(), "action_id": action["id"], "status": "open", **same, **dated}
        self.cursor.execute("BEGIN")
        for table, values in (("life_events", event), ("actions", action), ("action_centre_items", item)):
            self._insert(f"relationships_{table}", values)
        self.cursor.execute("COMMIT")
        coming = domain.coming(read)
        shown = {name: value for name, value in event.items() if name not in ("month_day", "next_reminder")}
        shown |= {"contact_id": str(contact), "created_by_user_id": str(user), "further_reminders": []}
        until = None if coming is None else (coming - domain.today()).days
        return {"event": shown | {"next_occurrence": coming, "days_until": until, "open_action_id": str(action["id"])}}

    def _insert(self, table: str, values: dict[str, Any]) -> None:
        written = [self._written(value) for value in values.values()]
        places = ", ".join(["?"] * len(values))
        statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"
        self.cursor.execute(statement if self.kind == "sqlite" else statement.replace("?", "%s"), written)

    def _written(self, value: Any) -> Any:
        if isinstance(value, UUID) and self.kind != "postgresql":
            return value.hex if self.kind == "sqlite" else str(value)
        if isinstance(value, datetime) and self.kind == "sqlite":
            return value.isoformat(" ", "microseconds")
        if isinstance(value, date) and self.kind == "sqlite":
            return value.isoformat()
        return value
