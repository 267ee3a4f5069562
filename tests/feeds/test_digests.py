"""The digest of an assignee: what it says, how it looks to a parser, and that it is handed over once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import request
from flask_babel import Babel, force_locale

from flask_relationships import Digest, signals
from flask_relationships.domain.feeds import digests
from flask_relationships.testing.contract.specification import ACTION
from tests.hosts.host import Caller, Host
from tests.marks import databases, hosts, one_host

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def act(api: Caller, contact: str, title: str, days: int | None) -> None:
    due = None if days is None else (MORNING + timedelta(days=days)).date().isoformat()
    api.post(f"/contacts/{contact}/relationship-actions", ACTION | {"title": title, "due_date": due})


def each(host: Host) -> list[Digest]:
    with host.clock_at(MORNING), host.app.app_context():
        return [found.digest for found in digests.each(host.state.context(), host.today())]


def run(host: Host, *options: str) -> Any:
    with host.clock_at(MORNING):
        return host.app.test_cli_runner().invoke(args=["relationships", "digest", *options])


class Words(HTMLParser):
    """What a reader sees, and the elements it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags = "", []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def test_it_tells_what_is_late_what_is_due_and_what_comes(host: Host, api: Caller, contact: str) -> None:
    for title, days in (("Late", -3), ("Now", 0), ("Soon", 7), ("Later", 8), ("Some day", None)):
        act(api, contact, title, days)
    (digest,) = each(host)
    assert (digest.user_id, digest.name, digest.subject) == (api.id, api.name, "2 March: 1 due today, 1 overdue")
    told = {name: [one["title"] for one in getattr(digest, name)] for name in ("overdue", "today", "coming")}
    assert told == {"overdue": ["Late"], "today": ["Now"], "coming": ["Soon"]}
    assert digest.text == (
        "2 March: 1 due today, 1 overdue\n\n"
        "Overdue\n- Late (Ada Lovelace), Fri 27 Feb\n\n"
        "Today\n- Now (Ada Lovelace)\n\n"
        "In the next seven days\n- Soon (Ada Lovelace), Mon 9 Mar\n"
    )
    words = Words(digest.html).text
    assert all(word in words for word in ("Late", "Now", "Soon", "Ada Lovelace", "Fri 27 Feb"))
    assert "Later" not in words


def test_it_tells_whom_they_have_not_been_in_touch_with(host: Host, api: Caller) -> None:
    contact = host.contact("Ada", "Neglected")
    with host.clock_at(MORNING - timedelta(days=40)):
        api.patch(f"/contacts/{contact}/relationship", {"cadence_days": 30})
    act(api, contact, "Card", 0)
    (digest,) = each(host)
    assert [one["days_overdue"] for one in digest.neglected] == [10]
    assert "- Ada Neglected, 10 days overdue; never in touch" in digest.text
    assert "never in touch" in Words(digest.html).text


def test_each_has_their_own_and_nobody_an_empty_one(host: Host, api: Caller, contact: str) -> None:
    other, _idle = host.person(name="Other"), host.person(name="Idle")
    act(api, contact, "Mine", 0)
    act(other, contact, "Theirs", 0)
    assert {digest.user_id: [one["title"] for one in digest.today] for digest in each(host)} == {
        api.id: ["Mine"],
        other.id: ["Theirs"],
    }


def test_a_contact_that_is_gone_is_not_in_it(host: Host, api: Caller, contact: str) -> None:
    act(api, contact, "Mine", 0)
    host.delete_contact(contact)
    assert each(host) == []


@hosts("peculiar")
@databases("sqlite", "postgresql")
def test_a_contact_that_is_hidden_is_not_in_it(host: Host, api: Caller, contact: str) -> None:
    act(api, contact, "Mine", 0)
    host.hide_contact(contact)
    assert each(host) == []


@one_host
def test_whoever_may_not_use_the_tool_any_more_has_none(host: Host, contact: str) -> None:
    from tests.hosts.ordinary import User

    caller = host.person("update")
    act(caller, contact, "Mine", 0)
    host.change(User, caller.id, access="none")
    assert each(host) == []


@one_host
def test_what_people_wrote_is_text_in_it(host: Host, api: Caller) -> None:
    nasty = '<script>alert("1")</script> & {{ 7 * 7 }} <b>bold</b>'
    contact = host.contact("<i>Ada", "O'Hara & Sons")
    act(api, contact, nasty, 0)
    (digest,) = each(host)
    html = Words(digest.html)
    assert nasty in html.text
    assert "<i>Ada O'Hara & Sons" in html.text
    assert not {"script", "b", "i"} & set(html.tags)
    assert nasty in digest.text


@one_host
def test_a_mail_program_needs_nothing_from_elsewhere(host: Host, api: Caller, contact: str) -> None:
    act(api, contact, "Card", 0)
    (digest,) = each(host)
    assert not {"script", "link", "img", "style", "form"} & set(Words(digest.html).tags)
    assert "http" not in digest.html
    assert max(map(len, digest.html.splitlines())) < 998, "the longest line that a mail may have"


@one_host
def test_its_repr_tells_nobody_what_is_in_it(host: Host, api: Caller, contact: str) -> None:
    act(api, contact, "Confidential", 0)
    (digest,) = each(host)
    assert "Confidential" not in repr(digest)
    assert api.name not in repr(digest)


@one_host
def test_it_takes_as_many_statements_for_few_as_for_many(host: Host, api: Caller, contact: str) -> None:
    from tests.statements.counting import counted

    counts = []
    for number in (1, 1, 8):
        for _ in range(number):
            act(api, contact, "Card", 0)
        with counted(host.app) as statements:
            each(host)
        counts.append(len(statements))
    assert counts[1] == counts[2]


class TestCommand:
    def test_it_prints_them(self, host: Host, api: Caller, contact: str) -> None:
        act(api, contact, "Card", 0)
        done = run(host)
        assert (done.exit_code, "- Card (Ada Lovelace)" in done.output) == (0, True)
        assert "Card" not in run(host, "--on", "2026-01-01").output

    def test_it_hands_each_over_once_a_day(self, host: Host, api: Caller, contact: str) -> None:
        act(api, contact, "Card", 0)
        got: list[str] = []

        def mail(_app: Any, row: Digest, **_: Any) -> None:
            got.append(row.user_id)

        with signals.digest_due.connected_to(mail):
            first, second, third = run(host, "--send"), run(host, "--send"), run(host, "--send", "--again")
        assert [done.output for done in (first, second, third)] == [
            f"Digests sent: {number}.\n" for number in (1, 0, 1)
        ]
        assert got == [api.id, api.id]

    @one_host
    def test_a_receiver_is_given_whom_it_is_for(self, host: Host, api: Caller, contact: str) -> None:
        act(api, contact, "Card", 0)
        got = []

        def mail(_app: Any, user: Any, **_: Any) -> None:
            got.append(user.name)

        with signals.digest_due.connected_to(mail):
            run(host, "--send")
        assert got == [api.name]

    @one_host
    def test_what_a_receiver_fails_at_is_handed_over_again(
        self, host: Host, api: Caller, contact: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        act(api, contact, "Card", 0)

        def fail(_app: Any, **_: Any) -> None:
            raise OSError("the mail server is away")

        with signals.digest_due.connected_to(fail):
            done = run(host, "--send")
        assert (done.exit_code, "Digests whose receiver failed: 1." in done.output) == (1, True)
        assert host.rows("SentDigest") == []
        with signals.digest_due.connected_to(lambda _app, **_: None):
            assert run(host, "--send").output == "Digests sent: 1.\n"

    @one_host
    def test_it_says_when_nobody_listens(self, host: Host) -> None:
        done = run(host, "--send")
        assert done.exit_code == 1
        assert "digest_due has no receiver" in done.output


@pytest.fixture
def german_by_request(host: Host) -> Iterator[None]:
    """An application with Flask-Babel, whose selector asks the request as its documentation has it."""
    Babel(host.app, locale_selector=lambda: request.accept_languages.best_match(["de", "en"]))
    yield
    del host.app.extensions["babel"]


@pytest.mark.usefixtures("german_by_request")
def test_it_speaks_the_language_that_the_application_gives_its_receiver(host: Host, api: Caller, contact: str) -> None:
    act(api, contact, "Anruf", -1)
    (digest,) = each(host)
    with host.app.app_context():
        assert digest.subject == "2 March: 0 due today, 1 overdue", "a command has no request to ask"
        with force_locale("de"):
            assert digest.subject == "2. März: 0 heute fällig, 1 überfällig"
            assert digest.text == (
                "2. März: 0 heute fällig, 1 überfällig\n\nÜberfällig\n- Anruf (Ada Lovelace), So., 1. März\n"
            )
            assert '<html lang="de">' in digest.html
            assert "2. März 2026" in Words(digest.html).text
        with force_locale("fr"):  # no texts are known in it: no French date among English ones
            assert digest.text.endswith("Overdue\n- Anruf (Ada Lovelace), Sun 1 Mar\n")
