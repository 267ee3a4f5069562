"""Models that hold the same text in every way a host may hold it, and the mappings of each way.

Every person, firm and agent has the columns of `WORDS` itself, on a card, on the card's sheet, and in entries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import column_property, deferred, relationship

from flask_relationships import CompanyMapping, ContactMapping, UserMapping

WORDS = ("given", "family", "mail", "number", "employer", "title")

db = SQLAlchemy()


def _words(**keys: Any) -> dict[str, Any]:
    columns = {word: sa.Column(sa.String(100)) for word in WORDS}
    return {"__module__": __name__, "id": sa.Column(sa.Integer, primary_key=True), **columns, **keys}


def _model(name: str, **keys: Any) -> Any:
    return type(name, (db.Model,), {"__tablename__": f"forms_{name.lower()}", **_words(**keys)})


def _key(name: str) -> Any:
    return sa.Column(sa.ForeignKey(f"forms_{name}.id"))


Sheet = _model("Sheet")
Card = _model("Card", sheet_id=_key("sheet"), firm_id=_key("firm"), agent_id=_key("agent"), sheet=relationship("Sheet"))
Entry = _model(
    "Entry", position=sa.Column(sa.Integer), person_id=_key("person"), firm_id=_key("firm"), agent_id=_key("agent")
)


def _told(name: str, **keys: Any) -> Any:
    """A model whose words are told in every way."""
    made = _model(
        name,
        unset=sa.Column(sa.String(100)),
        blank=sa.Column(sa.String(100), default="  "),
        card_id=sa.Column(sa.ForeignKey("forms_card.id", use_alter=True, name=f"fk_{name}_card")),
        card=relationship("Card", foreign_keys=f"{name}.card_id"),
        entries=relationship("Entry", order_by="Entry.position.desc()"),
        **keys,
    )
    for word in WORDS:
        column = getattr(made, word)
        setattr(made, f"{word}_kept", column_property(column + ""))
        setattr(made, f"{word}_put_off", deferred(sa.Column(sa.String(100))))
        setattr(made, f"{word}_hybrid", hybrid_property(lambda self, word=word: getattr(self, word)))
        setattr(made, f"{word}_property", property(lambda self, word=word: getattr(self, word)))
        setattr(made, f"{word}_method", lambda self, word=word: getattr(self, word))
        setattr(made, f"{word}_proxy", association_proxy("card", word))
    return made


memberships = sa.Table(
    "forms_memberships",
    db.metadata,
    sa.Column("person_id", sa.ForeignKey("forms_person.id"), primary_key=True),
    sa.Column("firm_id", sa.ForeignKey("forms_firm.id"), primary_key=True),
    sa.Column("since", sa.Integer),
)

Firm = _told("Firm")
Agent = _told("Agent")
Person = _told(
    "Person",
    firm_id=_key("firm"),
    agent_id=_key("agent"),
    born=sa.Column(sa.Date),
    born_at=sa.Column(sa.DateTime),
    born_text=sa.Column(sa.String(40)),
    gone=sa.Column(sa.Boolean, default=False),
    firm=relationship("Firm", foreign_keys="Person.firm_id"),
    agent=relationship("Agent", foreign_keys="Person.agent_id"),
    firm_of_the_living=relationship(
        "Firm", primaryjoin="and_(Person.firm_id == Firm.id, Person.gone == false())", viewonly=True
    ),
    firms=relationship("Firm", secondary=memberships, order_by=memberships.c.since),
)

Form = Callable[[Any, str], Any]

FORMS: dict[str, Form] = {
    "the name of an attribute": lambda _, word: word,
    "an attribute": lambda model, word: getattr(model, word),
    "an SQL expression": lambda model, word: getattr(model, word) + "",
    "an SQL function of no known type": lambda model, word: sa.func.ltrim(getattr(model, word)),
    "a subquery": lambda model, word: (
        sa.select(getattr(Card, word)).where(Card.id == model.card_id).correlate(model).scalar_subquery()
    ),
    "a hybrid": lambda _, word: f"{word}_hybrid",
    "a column property": lambda _, word: f"{word}_kept",
    "a deferred column": lambda _, word: f"{word}_put_off",
    "a path": lambda _, word: f"card.{word}",
    "a path of two hops": lambda _, word: f"card.sheet.{word}",
    "a path to many": lambda _, word: f"entries.{word}",
    "fall-backs": lambda _, word: ["unset", "blank", f"entries.{word}"],
    "fall-backs of every kind": lambda model, word: [
        "unset",
        model.blank,
        model.unset + "x",
        lambda row: row.unset,
        f"entries.{word}",
    ],
    "a property": lambda _, word: f"{word}_property",
    "a method": lambda _, word: f"{word}_method",
    "an association proxy": lambda _, word: f"{word}_proxy",
    "a callable": lambda _, word: lambda row: getattr(row, word),
    "a callable that walks": lambda _, word: lambda row: getattr(row.card, word),
    "a callable that walks two hops": lambda _, word: lambda row: getattr(row.card.sheet, word),
    "a callable that walks to many": lambda _, word: lambda row: [getattr(one, word) for one in row.entries],
    "a callable of a deferred column": lambda _, word: lambda row: getattr(row, f"{word}_put_off"),
    "a callable that walks where it must": lambda _, word: (
        lambda row: getattr(row.card.sheet if row.id > 2 and row.id % 2 else row.card, word)
    ),
    "a callable that walks further on later rows": lambda _, word: (
        lambda row: getattr(row.card if row.id % 3 else row.card.sheet, word)
    ),
}

CONTACT = {"first_name": "given", "last_name": "family", "email": "mail", "phone": "number"}


def mappings(form: Form | None) -> dict[str, Any]:
    """Every field that is a text, in one form; None: they are absent."""
    read: Form = form or (lambda _model, _word: None)
    return {
        "contact": ContactMapping(
            Person, company="firm_id", owner="agent_id", **{name: read(Person, word) for name, word in CONTACT.items()}
        ),
        "company": CompanyMapping(Firm, name=read(Firm, "title")),
        "user": UserMapping(Agent, name=read(Agent, "title")),
    }


def words_of(kind: str, number: int) -> dict[str, str]:
    """What a row says of itself."""
    return {
        "given": f"Ada{number}",
        "family": f"Lovelace{number}",
        "mail": f"ada{number}@example.com",
        "number": f"+44 7911 {123000 + number}",
        "employer": f"Employer {number}",
        "title": f"{kind} {number}",
    }


def told(model: Any, number: int, **keys: Any) -> Any:
    """A row that says it in every way. Its first entry by key is another's, the first in order is blank."""
    words = words_of(model.__name__, number)
    other = dict.fromkeys(WORDS, "Somebody else")
    card = Card(**words, sheet=Sheet(**words))
    put_off = {f"{word}_put_off": text for word, text in words.items()}
    row = model(**words, **put_off, card=card, **keys)
    for position, entry in enumerate((other, words, dict.fromkeys(WORDS, " "))):
        db.session.add(row)
        row.entries.append(Entry(position=position, **entry))
        db.session.flush()
    return row
