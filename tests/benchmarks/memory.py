"""The memory of a worker that answers 100,000 requests of many kinds: it stops growing once everything was asked.

`wrk` asks a sync worker of gunicorn for profiles, messages, lists of all lengths, a client and the API's description,
changes profiles, and asks for what is not there or not valid. ``MiB`` is what the worker takes then, ``more`` by how
much that has grown since the first tenth of the requests, which the bar of ``--most-mib`` is for.

``python -m tests.benchmarks.memory [--database URL] [--actions 10000] [--requests 100000] [--most-mib 4]``
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from typing import Any

from tests.benchmarks.command import print_table
from tests.benchmarks.compare import prepare
from tests.benchmarks.load import Server, serving, wrk
from tests.benchmarks.peers.everyone import EXECUTIVE, MANAGER, MEMBER
from tests.benchmarks.peers.servers import set_up_all

PARTS = (0.01, 0.1, 0.25, 0.5, 0.75, 1)

MIXED = """
local cookies = {%s}
local base, count = '/api/relationships', 0
math.randomseed(%d)
local function contact() return base .. '/contacts/' .. math.random(1, 1000) end
local kinds = {
  function() return 'GET', contact() .. '/relationship' end,
  function() return 'GET', contact() .. '/messages?limit=' .. math.random(1, 100) end,
  function() return 'GET', contact() .. '/life-events' end,
  function() return 'GET', base .. '/relationship-actions?limit=' .. math.random(1, 100) end,
  function() return 'GET', base .. '/relationship-actions?status=pending&limit=' .. math.random(1, 100) end,
  function() return 'PATCH', contact() .. '/relationship', '{"dietary_requirements": "' .. math.random() .. '"}' end,
  function() return 'PATCH', contact() .. '/relationship', '{"there_is_no_' .. math.random() .. '": 1}' end,
  function() return 'GET', base .. '/contacts/' .. math.random(100000, 999999) .. '/relationship' end,
  function() return 'GET', base .. '/relationship-actions?cursor=' .. math.random() end,
  function() return 'GET', base .. '/clients/' .. math.random(1, 5) .. '/relationship-summary' end,
}
function request()
  count = count + 1
  local cookie = cookies[math.random(#cookies)]
  local headers = {['Cookie'] = cookie, ['Content-Type'] = 'application/json'}
  if count %% 500 == 0 then return wrk.format('GET', base .. '/openapi.json', headers) end
  local method, path, body = kinds[math.random(#kinds)]()
  return wrk.format(method, path, headers, body)
end
"""


def measure(server: Server, requests: int) -> list[dict[str, Any]]:
    cookies = ", ".join(f"'{server.log_in(user)}'" for user in (EXECUTIVE, MANAGER, MEMBER))
    answered, lines = 0, list[dict[str, Any]]()
    for part in PARTS:
        while answered < requests * part:
            seconds = 1 if answered < requests / 100 else 5
            answered += server.load("/", connections=4, seconds=seconds, script=MIXED % (cookies, answered)).requests
        lines.append({"requests": answered, "MiB": round(server.resident(), 1)})
    return [{**line, "more": round(max(0, line["MiB"] - lines[1]["MiB"]), 1)} for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="the URL of one; SQLite in a temporary folder, if left out")
    parser.add_argument("--actions", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--most-mib", type=float, default=4)
    asked = parser.parse_args()
    wrk()
    set_up_all()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/measured.sqlite"
        prepare(url, asked.actions)
        with serving("ours", url, "sync") as server:
            lines = measure(server, asked.requests)
    print_table(lines)
    sys.exit(0 if lines[-1]["more"] <= asked.most_mib else 1)


if __name__ == "__main__":
    main()
