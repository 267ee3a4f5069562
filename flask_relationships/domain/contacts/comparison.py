"""Conditions that compare addresses in SQL: by key, and by all spellings where a row of version 0.1 has no key yet."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from .addresses import address_key, address_spellings


def has_address(key_column: Any, number_column: Any, address: str, key: str | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that the address in two columns, its key and the number as received, is this one.

    :param key: the key of the address, where it differs from `address_key` of it.
    """
    key = address_key(address) if key is None else key
    spellings = dict.fromkeys((*address_spellings(address), *address_spellings(key)))
    return sa.or_(key_column == key, number_column.in_(list(spellings)))


def same_address(one_key: Any, one_number: Any, other_key: Any, other_number: Any) -> sa.ColumnElement[bool]:
    """Return the condition that the addresses of two rows are one. Each key may be NULL, as in rows of version 0.1.

    An index of ``one_key`` and one of ``one_number`` find the first row.
    """
    by_key = one_key == sa.func.coalesce(other_key, other_number)
    return sa.or_(by_key, one_number.in_([other_number, _other_spelling(other_number)]))


def _other_spelling(number: Any) -> sa.ColumnElement[Any]:
    """Return the second spelling of the number in a column, or the number: the rules of `addresses`, in SQL."""

    def digit(place: int, low: str, high: str) -> sa.ColumnElement[bool]:
        return sa.func.substr(number, place, 1).between(low, high)

    def joined(prefix: str, place: int) -> sa.ColumnElement[Any]:
        return sa.literal(prefix, sa.String).concat(sa.func.substr(number, place))

    area = sa.func.substr(number, 1, 5, type_=sa.String)
    rest = sa.func.substr(number, 6, type_=sa.String)
    return sa.case(
        (sa.and_(number.like("+521" + "_" * 10), digit(5, "2", "9")), joined("+52", 5)),
        (sa.and_(number.like("+52" + "_" * 10), digit(4, "2", "9")), joined("+521", 4)),
        (sa.and_(number.like("+549" + "_" * 10), digit(5, "1", "3")), joined("+54", 5)),
        (sa.and_(number.like("+54" + "_" * 10), digit(4, "1", "3")), joined("+549", 4)),
        (sa.and_(number.like("+55__9" + "_" * 8), digit(7, "6", "9")), area.concat(sa.func.substr(number, 7))),
        (sa.and_(number.like("+55" + "_" * 10), digit(6, "6", "9")), area.concat("9").concat(rest)),
        else_=number,
    )
