"""The page "REST by example", made from requests to a running application.

``python -m tests.documentation.rest_examples`` writes the page again, after an answer has changed. The tests make it in
three ways, with Flask's test client, with curl and with node, and compare each with the page.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import sqlalchemy as sa
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.serving import make_server

from flask_relationships import CompanyMapping, ContactMapping, Relationships, UserMapping
from flask_relationships.testing import MemoryTransport

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rest-by-example.md"
PREFIX = "/api/relationships"
TOKEN = "a-token-of-your-application"
NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)

UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
SIDS = re.compile(r'"SM[0-9a-f]{32}"')
CURSORS = re.compile(r'"next_cursor": "[^"]+"')


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Company(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Contact(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    company_id: Mapped[int] = mapped_column(sa.ForeignKey(Company.id))


class User(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


relationships = Relationships(
    db=db, contact=ContactMapping(Contact), company=CompanyMapping(Company), user=UserMapping(User)
)


@relationships.permission_callback
def allowed(user: object, permission: str, target: object) -> bool:
    return True


@relationships.current_user_callback
def current_user() -> int | None:
    return 1 if request.headers.get("Authorization") == f"Bearer {TOKEN}" else None


@contextmanager
def application() -> Iterator[Flask]:
    """An application with one user, one client company and one contact of it, on 1 May 2026."""
    with tempfile.TemporaryDirectory() as folder:
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder}/crm.sqlite"
        db.init_app(app)
        relationships.init_app(app, transport=MemoryTransport())
        app.extensions["relationships"].clock = lambda: NOW
        with app.app_context():
            db.create_all()
            db.session.add_all([User(id=1, name="Grace Hopper"), Company(id=3, name="Orchard Ltd")])
            db.session.flush()
            ada = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@orchard.example"}
            db.session.add(Contact(id=7, **ada, phone="+44 20 7946 0018", company_id=3))
            db.session.commit()
        app.test_client().put(f"{PREFIX}/companies/3/client-profile", headers=HEADERS)
        yield app
        with app.app_context():
            db.engine.dispose()


HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


@dataclass(frozen=True)
class Step:
    """One request. ``path`` may hold ids of earlier answers in braces; ``keep`` names the id of this answer."""

    heading: str
    permission: str
    method: str
    path: str
    result: str
    body: dict[str, Any] | None = None
    status: int = 200
    keep: str = ""
    text: str = ""


PROFILE = {"preferred_name": "Ada", "interests": ["mathematics", "horses"], "birthday": "12-10", "twilio_opt_in": True}
EVENT = {
    "event_type": "anniversary",
    "title": "Wedding anniversary",
    "event_date": "2015-07-08",
    "recurs_annually": True,
}
ACTION = {"title": "Send flowers", "action_type": "gift", "due_date": "2026-05-20"}
MESSAGE = {"channel": "sms", "body": "Dear Ada, see you on Monday."}
PARTNER = {
    "partner_company_name": "Difference Engines",
    "partner_contact_name": "Charles",
    "estimated_deal_size": 25000,
}

STEPS = (
    Step(
        "Get a profile",
        "view",
        "GET",
        "/contacts/7/relationship",
        "{ profile, twilio_connected }",
        text="The first request creates the profile and fills in the phone number of the contact.",
    ),
    Step("Change a profile", "update", "PATCH", "/contacts/7/relationship", "{ profile }", PROFILE),
    Step(
        "Create a life event",
        "update",
        "POST",
        "/contacts/7/life-events",
        "{ event }",
        EVENT,
        201,
        "event",
        "The auto-action of the next occurrence is created with it; `open_action_id` is its id.",
    ),
    Step("List life events", "view", "GET", "/contacts/7/life-events", "{ events }"),
    Step(
        "Change a life event",
        "update",
        "PATCH",
        "/contacts/7/life-events/{event}",
        "{ event }",
        {"auto_action_days_before": 14},
    ),
    Step(
        "Create an action",
        "update",
        "POST",
        "/contacts/7/relationship-actions",
        "{ action }",
        ACTION,
        201,
        "action",
    ),
    Step("List the actions of a contact", "view", "GET", "/contacts/7/relationship-actions", "{ actions }"),
    Step(
        "List all actions",
        "view",
        "GET",
        "/relationship-actions?status=pending&limit=1",
        "{ actions, next_cursor }",
        text="The list holds the actions in the caller's [action scope](permissions.md#action-scope). "
        "`limit` and `next_cursor` are described under [Pagination](actions.md#pagination).",
    ),
    Step(
        "Close an action",
        "update",
        "PATCH",
        "/relationship-actions/{action}",
        "{ action }",
        {"status": "done"},
    ),
    Step(
        "Send a message",
        "update",
        "POST",
        "/contacts/7/messages",
        "{ message }",
        MESSAGE,
        201,
        "message",
        "The contact has opted in with the second request. "
        "[Messages](messages.md#order-of-checks) lists what is checked, and the error of each check.",
    ),
    Step("List messages", "view", "GET", "/contacts/7/messages", "{ messages }"),
    Step(
        "Add a partner",
        "update",
        "POST",
        "/companies/3/partners",
        "{ partner }",
        PARTNER,
        201,
        "partner",
        "The company must be a client: `PUT /companies/3/client-profile` makes it one.",
    ),
    Step("List partners", "view", "GET", "/companies/3/partners", "{ partners }"),
    Step(
        "Change a partner",
        "update",
        "PATCH",
        "/companies/3/partners/{partner}",
        "{ partner }",
        {"contact_id": "7", "notes": "Met in Turin"},
    ),
    Step("Delete a partner", "manage", "DELETE", "/companies/3/partners/{partner}", "{ ok }"),
    Step(
        "Get the summary of a client",
        "view",
        "GET",
        "/clients/3/relationship-summary",
        "{ contacts, events, actions, partners, messages }",
    ),
    Step(
        "Delete a life event",
        "manage",
        "DELETE",
        "/contacts/7/life-events/{event}",
        "{ ok }",
        text="The open auto-action of the event is dismissed.",
    ),
)

Ask = Callable[[Step, str], tuple[int, Any]]
"""Send the request of a step to a path, and return the status and the answer."""

HELPER = """const API = "http://127.0.0.1:5000/api/relationships";
const TOKEN = "a-token-of-your-application";

async function api(method, path, body) {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(API + path, { method, headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.status} ${answer.code}: ${answer.detail}`);
  return answer;
}
"""
"""The function of the JavaScript examples, with the value of `TOKEN`."""


def curl_of(step: Step, path: str) -> str:
    """The command of a step, as the page shows it."""
    method = "" if step.method == "GET" else f"-X {step.method} "
    lines = [f'curl {method}"$API{path}" -H "Authorization: Bearer $TOKEN"']
    if step.body is not None:
        lines += ['  -H "Content-Type: application/json"', f"  -d '{json.dumps(step.body)}'"]
    return " \\\n".join(lines)


def javascript_of(step: Step, path: str) -> str:
    """The statement of a step, as the page shows it."""
    arguments = [json.dumps(step.method), json.dumps(path)]
    if step.body is not None:
        members = ", ".join(f"{name}: {json.dumps(value)}" for name, value in step.body.items())
        arguments.append(f"{{ {members} }}")
    call = f"const {step.result} = await api({', '.join(arguments)});"
    return call if len(call) <= 100 else call.replace(", { ", ", {\n  ").replace(" });", ",\n});")


def by_client(app: Flask) -> Ask:
    def ask(step: Step, path: str) -> tuple[int, Any]:
        response = app.test_client().open(PREFIX + path, method=step.method, json=step.body, headers=HEADERS)
        return response.status_code, response.get_json()

    return ask


def by_curl(address: str) -> Ask:
    def ask(step: Step, path: str) -> tuple[int, Any]:
        script = f"API={address}{PREFIX} TOKEN={TOKEN}\n{curl_of(step, path)} -s -w '\\n%{{http_code}}'"
        answer, status = _output(["bash", "-c", script]).rsplit("\n", 1)
        return int(status), json.loads(answer)

    return ask


def by_node(address: str) -> Ask:
    def ask(step: Step, path: str) -> tuple[int, Any]:
        helper = HELPER.replace("http://127.0.0.1:5000", address)
        statement = javascript_of(step, path)
        script = f"{helper}{statement}\nconsole.log(JSON.stringify({step.result}));"
        return step.status, json.loads(_output(["node", "--input-type=module", "-e", script]))

    return ask


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout  # noqa: S603


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application on a free port. Yields its address."""
    server = make_server("127.0.0.1", 0, app)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


def sections(ask: Ask) -> str:
    """Ask everything in order, and return the sections of the page with ids that are the same each time."""
    kept: dict[str, str] = {}
    parts = []
    for step in STEPS:
        path = step.path.format(**kept)
        status, answer = ask(step, path)
        assert status == step.status, (step, answer)
        if step.keep:
            kept[step.keep] = answer[step.keep]["id"]
        parts.append(_section(step, path, answer))
    ids: dict[str, str] = {}
    text = UUIDS.sub(
        lambda found: ids.setdefault(found[0], f"0199b1c4-7a00-7000-8000-{len(ids):012x}"), "\n".join(parts)
    )
    text = SIDS.sub('"SM00000000000000000000000000000001"', text)
    return CURSORS.sub('"next_cursor": "..."', text)


def route_of(step: Step) -> str:
    """The path of a step as the API reference writes it."""
    path = re.sub(r"{(\w+)}", r"{\1_id}", step.path.partition("?")[0])
    for name, noun in (("contacts", "contact"), ("companies", "company"), ("clients", "company")):
        path = re.sub(rf"^/{name}/\d+", f"/{name}/{{{noun}_id}}", path)
    return path


def _section(step: Step, path: str, answer: Any) -> str:
    intro = f"`{step.method} {route_of(step)}`, permission `relationships:{step.permission}`."
    return f"""## {step.heading}

{intro}{" " + step.text if step.text else ""}

```bash
{curl_of(step, path)}
```

```js
{javascript_of(step, path)}
```

Answer {step.status}:

```json
{json.dumps(answer, indent=2, ensure_ascii=False)}
```
"""


INTRODUCTION = f"""# REST by example

One request for each of the seventeen core routes, with curl and with JavaScript, and the answer of each.
The [API reference](api.md) lists all routes, parameters and problems.

The requests follow one another. Contact `7` belongs to the client company `3`, and today is 1 May 2026.
The application accepts a token in a header; replace the header with the log-in of your application.
Your application gives new rows other ids.

```bash
API=http://127.0.0.1:5000/api/relationships
TOKEN={TOKEN}
```

The JavaScript examples use this function. It works in browsers and in Node 18 or later.

```js
{HELPER}```

If your application uses a cookie for its log-in, send the CSRF token instead of `Authorization`:
`"X-CSRFToken": token`.
The module of the [user interface](interface.md#your-own-javascript) exports a client that finds the token.

An error is an object with `status`, `code` and `detail`: see [Errors](errors.md).

"""


def page(ask: Ask) -> str:
    """Return the whole page."""
    return INTRODUCTION + sections(ask)


def write() -> None:
    """Write the page."""
    with application() as app:
        PAGE.write_text(page(by_client(app)))


if __name__ == "__main__":
    write()
