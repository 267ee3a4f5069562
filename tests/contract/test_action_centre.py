"""GET /action-centre: the plugin's own list of what is to be done."""

from __future__ import annotations

from flask_relationships.testing.contract.specification import ACTION
from tests.hosts.host import Caller, Host


def test_open_first_and_the_soonest_of_them(api: Caller, contact: str) -> None:
    for title, due, status in [
        ("done", "1999-01-01", "done"),
        ("undated", None, None),
        ("late", "2031-01-01", None),
        ("early", "2030-01-01", None),
        ("dismissed", "1999-01-01", "dismissed"),
    ]:
        body = {**ACTION, "title": title, "due_date": due}
        action = api.post(f"/contacts/{contact}/relationship-actions", body)["action"]
        if status:
            api.patch(f"/relationship-actions/{action['id']}", {"status": status})
    items = api.get("/action-centre")["items"]
    assert [item["title"] for item in items][:3] == ["early", "late", "undated"]
    assert {item["title"]: item["status"] for item in items} == {
        "early": "open", "late": "open", "undated": "open", "done": "done", "dismissed": "dismissed",
    }  # fmt: skip


def test_nothing_is_mirrored_twice(api: Caller, host: Host, contact: str) -> None:
    action = api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]
    for status in ("done", "dismissed", "done", "done"):
        api.patch(f"/relationship-actions/{action['id']}", {"status": status})
    assert [row["action_id"] for row in host.rows("ActionCentreItem")] == [action["id"]]
