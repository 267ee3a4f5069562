"""The digest of an assignee: what is overdue, what is due, what comes, and whom they have not been in touch with.

It holds what this user may see at this moment. Who mails it, and to which address, is the application's business.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from uuid_utils.compat import uuid7

from ..actions import lists as actions
from ..actions.schemas import Action
from ..binding.hosts import SYSTEM
from ..dumper import Rows, dump_rows
from ..errors import Forbidden, PermissionCallbackMissing
from ..fields import Schema
from ..identity import CurrentUser
from ..keeping_in_touch import service as keeping_in_touch
from ..keeping_in_touch.last_contact import day_of
from ..keeping_in_touch.schemas import Neglected
from ..narrowing import Narrowing
from ..paging import Page
from ..state import state
from ..strict_json import encode
from ..tables.execute import changed, execute, insert_if_absent
from ..translations import language, plural_text, text
from .readers import reading_as

logger = logging.getLogger(__name__)

AHEAD = timedelta(days=7)

MOST_ACTIONS = 100
MOST_NEGLECTED = 10
"""How many a digest shows; of more it says so."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What one user has to do on a day.

    The lists hold the members of an action, and of a neglected contact, as the API tells them. ``more`` says that there
    is more than is shown. Its repr shows nothing of what is in it. Its texts are in the language that Flask-Babel has
    at the moment they are asked for, where the application uses it.
    """

    user_id: str
    name: str | None = field(repr=False)
    day: date
    overdue: list[dict[str, Any]] = field(repr=False)
    today: list[dict[str, Any]] = field(repr=False)
    coming: list[dict[str, Any]] = field(repr=False)
    neglected: list[dict[str, Any]] = field(repr=False)
    more: bool

    @property
    def subject(self) -> str:
        """One line, without anybody's name: subjects are shown on locked telephones."""
        return f"{_written(self.day, 'MMMMd')}: {self.counted}"

    @property
    def counted(self) -> str:
        return text("{today} due today, {late} overdue", today=len(self.today), late=len(self.overdue))

    @property
    def text(self) -> str:
        return _environment().get_template("digest.txt").render(digest=self).strip() + "\n"

    @property
    def html(self) -> str:
        """A whole document; every style stands in its element, since mail programs drop what stands elsewhere."""
        return _environment().get_template("digest.html").render(digest=self).strip() + "\n"


class Found(NamedTuple):
    digest: Digest
    user: Any
    """Whom it is for, as the application's callbacks know them."""


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("flask_relationships.feeds"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["day"] = lambda written: _written(date.fromisoformat(written))
    made.filters["civil_day"] = lambda written: _written(date.fromordinal(day_of(datetime.fromisoformat(written[:-1]))))
    made.filters["long_day"] = lambda day: _written(day, "yMMMMd")
    made.globals |= {"text": text, "plural_text": plural_text, "language": language}
    return made


ENGLISH = {"MMMEd": "{0:%a} {0.day} {0:%b}", "MMMMd": "{0.day} {0:%B}", "yMMMMd": "{0.day} {0:%B %Y}"}
"""Of days, by the name that the Unicode locale data has for a form."""


def _written(day: date, form: str = "MMMEd") -> str:
    locale = language()
    if locale == "en":
        return ENGLISH[form].format(day)
    from babel.dates import format_skeleton  # there where Flask-Babel has chosen a language

    return str(format_skeleton(form, day, locale=locale.replace("-", "_")))


def each(day: date) -> Iterator[Found]:
    """The digests of everybody who has something in theirs, in an application context. Somebody who may not use the
    tool any more has none."""
    users = state.hosts.user
    assignees = _assignees(day)
    names = users.values(state.session, assignees, ["name"], SYSTEM)
    for key in assignees:
        if key not in names:
            continue
        try:
            with reading_as(key) as user:
                digest = _read(user, names[key][0], day)
        except (Forbidden, PermissionCallbackMissing):
            logger.warning("somebody has actions and may not use the tool: no digest for them")
            continue
        if digest.overdue or digest.today or digest.coming or digest.neglected:
            yield Found(digest, user.given)
    state.session.commit()


def claim(digest: Digest) -> bool:
    """Whether it is ours to hand over: the first who asks has it, once for each user and day. Commits."""
    session, table = state.session, state.models.SentDigest
    user, mine = state.hosts.user.parse(session, digest.user_id), uuid7()
    insert_if_absent(session, table, {"id": mine, "user_id": user, "day": digest.day, "created_at": state.now()})
    session.commit()
    return execute(session, state.models.mapper, sa.select(table.id).where(table.id == mine)).first() is not None


def give_back(digest: Digest) -> None:
    """It was not handed over after all: whoever asks next may. Commits."""
    session, table = state.session, state.models.SentDigest
    user = state.hosts.user.parse(session, digest.user_id)
    mine = sa.delete(table).where(table.user_id == user, table.day == digest.day)
    changed(session, state.models.mapper, mine)
    session.commit()


def _assignees(day: date) -> list[Any]:
    table = state.models.Action
    whose = sa.select(table.assigned_to_user_id).distinct()
    pending = (table.status == "pending", table.assigned_to_user_id.is_not(None), table.due <= day + AHEAD)
    found = set(execute(state.session, state.models.mapper, whose.where(*pending)).scalars())
    return sorted(found | keeping_in_touch.neglectful(state.session, state.models, state.hosts, day), key=str)


def _as_answered(schema: type[Schema], rows: Rows) -> list[dict[str, Any]]:
    """As the API writes them: a receiver of the signal may hand them on as JSON."""
    found: list[dict[str, Any]] = json.loads(encode(dump_rows(schema, rows)))
    return found


def _read(user: CurrentUser, name: str | None, day: date) -> Digest:
    session, models, hosts = state.session, state.models, state.hosts
    table = models.Action
    mine = sa.and_(table.status == "pending", table.assigned_to_user_id == user.key, table.due <= day + AHEAD)
    rows, more = actions.read(session, models, hosts, user.given, Narrowing([mine]), page=Page(MOST_ACTIONS))
    found = _as_answered(Action, rows)
    neglected, _ = keeping_in_touch.read(
        session, models, hosts, user.given, lambda column: column == user.key, day, Page(MOST_NEGLECTED)
    )
    written = day.isoformat()
    return Digest(
        user_id=str(user.key),
        name=name,
        day=day,
        overdue=[one for one in found if one["due_date"] < written],
        today=[one for one in found if one["due_date"] == written],
        coming=[one for one in found if one["due_date"] > written],
        neglected=_as_answered(Neglected, neglected),
        more=more is not None,
    )
