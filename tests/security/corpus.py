"""Input that is hardly input: bodies no parser should take, values no member wants, path segments nobody is called."""

from __future__ import annotations

from typing import Any

NOT_BOOLEAN: list[Any] = [
    0, 1, -1, 2, 1.0, 0.0, 0.5, 1e3, "true", "false", "True", "TRUE", "t", "T", "yes", "Yes", "y", "on", "1", "0", "no",
    "off", "", " ", "null", "None", [], [True], [False], {}, {"value": True}, {"true": True}, "✓", "ja", "oui", 10**15,
    -0.0, "opted in", [[True]], "0x1", "1.0",
]  # fmt: skip

UNREADABLE: list[bytes] = [
    b'{"a": "\\u0000"}',
    b'{"\\u0000": "a"}',
    b'{"a": "\\ud800"}',
    b'{"a": "\\udfff\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": -Infinity}',
    b'{"a": 1e999}',
    b'{"a": -1e999}',
    b'{"a": ' + b"9" * 5000 + b"}",
    b'{"a": ' + b"9" * 20 + b"}",
    b'{"a": -' + b"9" * 40 + b"}",
    b'{"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b"[" * 100_000,
    b'{"a": 1, "a": 2}',
    b'{"a": {"b": 1, "b": 2}}',
    '{"a": "b"}'.encode("utf-16"),
    '{"a": "b"}'.encode("utf-32"),
    b'\xef\xbb\xbf{"a": "b"}',
    b'{"a": "\xff\xfe"}',
    b'{"a": "\xed\xa0\x80"}',
    b'{"a": "\xc0\xaf"}',
    b'{"a": "b"} trailing',
    b'{"a": "b"}{"a": "b"}',
    b'{"a": "b"',
    b'{"a": "b\n"}',
    b"{'a': 'b'}",
    b"{a: 1}",
    b'{"a": 01}',
    b'{"a": +1}',
    b'{"a": .5}',
    b'{"a": 0x10}',
    b'{"a": undefined}',
    b'{"a": "\\x41"}',
    b'{"a": /* comment */ 1}',
    b"\x00",
    b"\x00" * 1000,
    b"a=b&c=d",
    b"<a/>",
    b"null",
    b"true",
    b"[]",
    b'[{"a": "b"}]',
    b'"a"',
    b"1",
    b"\x1f\x8b\x08\x00",
]
"""Each is answered with 400 ``unreadable_body``."""

HOSTILE_VALUES: list[Any] = [
    None, True, False, 0, -1, 7.5, 2**31, 2**53, -(2**53), 10**17, 1e308, -1e308, 5e-324, "", " ", "\t\n", "a" * 20_000,
    "\u202e\u200b\ufeff", "\ufffe\uffff", "e\u0301" * 50, "👩‍👩‍👧‍👦" * 20, "\x01\x1f\x7f", "%s%n%x", "' OR 1=1 --",
    "'; DROP TABLE contact; --", "{{7*7}}", "${7*7}", "<script>alert(1)</script>", "../../etc/passwd", "\\", '"', "0",
    "-1", "1e5", "٣", "0000-00-00", "9999-12-31", "10000-01-01", "2031-02-30", "02-29", "99-99",
    "2031-01-01T00:00:00+99:99", "00000000-0000-0000-0000-000000000000", "nan", [], [None], [[]], [{}], ["a"] * 60,
    [1e308], {}, {"$ne": None}, {"__proto__": {}}, {"id": 1},
]  # fmt: skip
"""Readable, and in some member perhaps even right. None is an error of the server."""

HOSTILE_SEGMENTS: list[str] = [
    "%00", "1%00", "%ED%A0%80", "%FF", "%C0%AF", "a" * 5000, "9" * 100, "-" + "9" * 100, "-1", "0", "1.0", "1e3", "%20",
    "%201", "1%20", "%0A", "1%0D%0A", "%D9%A3", "%EF%BC%91", "NaN", "null", "None", "undefined", "true", "..", "%2e%2e",
    "..%2f..%2f", "1;2", "1,2", "%27%20OR%201=1", "{}", "[]", "%7B%7D", "%25", "%E2%80%AE", "*",
    "00000000000000000000000000000000", "{00000000-0000-7000-8000-000000000000}",
    "urn:uuid:00000000-0000-7000-8000-000000000000", "2147483648", "9223372036854775808", "-9223372036854775809",
]  # fmt: skip
"""Segments of an address that name no row of any host."""
