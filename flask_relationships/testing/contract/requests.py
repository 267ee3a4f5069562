"""How every request is read: empty texts, names and titles, query parameters, and objects that are sent back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ..caller import Caller
from ..host import ContractHost
from .access import exists_in, fill
from .specification import ACTION, EVENT, NO_ROW_OF_OURS, PARTNER, ROUTES

CONTROL_CHARACTERS = ("\n", "\r", "\t", "\x07", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066")


class RequestContract:
    def test_an_empty_text_is_null_for_what_is_no_text(self, api: Caller, contact: str) -> None:
        """Dates, numbers, e-mail addresses and phone numbers of a profile, as an empty input of a form sends them."""
        at, names = f"/contacts/{contact}/relationship", ["birthday", "birthday_year", "assistant_email"]
        names += ["phone_number", "whatsapp_number", "cadence_days"]
        filled = {"birthday": "1990-05-15", "assistant_email": "charles@example.com", "cadence_days": 30}
        api.patch(at, {**filled, "phone_number": "+44 20 7946 0018", "whatsapp_number": "+44 20 7946 0018"})
        profile = api.patch(at, dict.fromkeys(names, ""))["profile"]
        assert {name: profile[name] for name in names} == dict.fromkeys(names)

    def test_an_empty_text_is_null_in_events_and_actions(self, api: Caller, contact: str) -> None:
        event = {**EVENT, "event_date": "", "company_id": "", "auto_action_days_before": ""}
        found = api.post(f"/contacts/{contact}/life-events", event)["event"]
        assert (found["event_date"], found["company_id"]) == (None, None)
        at = f"/contacts/{contact}/relationship-actions"
        action = api.post(at, {**ACTION, "due_date": "", "assigned_to_user_id": "", "company_id": ""})["action"]
        assert (action["due_date"], action["assigned_to_user_id"], action["company_id"]) == (None, None, None)
        api.patch(f"{at}/{action['id']}", {"due_date": "2031-01-01", "assigned_to_user_id": api.id})
        action = api.patch(f"{at}/{action['id']}", {"due_date": "", "assigned_to_user_id": ""})["action"]
        assert (action["due_date"], action["assigned_to_user_id"]) == (None, None)
        later = api.post(f"/relationship-actions/{action['id']}/snooze", {"until": "", "days": 3}, 200)["action"]
        assert later["due_date"] is not None

    def test_an_empty_text_is_null_in_partners(self, api: Caller, company: str) -> None:
        empty = dict.fromkeys(["partner_contact_email", "estimated_deal_size", "contact_id"], "")
        partner = api.post(f"/companies/{company}/partners", {**PARTNER, **empty})["partner"]
        assert {name: partner[name] for name in empty} == dict.fromkeys(empty)

    def test_an_empty_text_is_null_wherever_the_document_has_no_text(self, api: Caller, host: ContractHost) -> None:
        """In every optional date, id and number of every body, whatever the rest of the body is."""
        schemas = schemas_of_bodies(api)
        for route in ROUTES:
            if route.body is None or not exists_in(host, route):
                continue
            schema = schemas[route.method, without_names(route.path)]
            ids = fill(host, api)
            for name, shape in schema["properties"].items():
                if name in schema.get("required", ()) or shape.get("readOnly") or not is_no_text(name, shape):
                    continue
                answer = api.ask(route.method, route.path.format(**ids), {**route.body, name: ""}).get_json()
                pointers = [error["pointer"] for error in answer.get("errors", ())]
                assert f"#/{name}" not in pointers, (str(route), name)

    def test_an_id_of_a_body_that_names_nothing_is_answered_alike(self, api: Caller, host: ContractHost) -> None:
        """Whatever the id looks like, in every body of the document."""
        schemas, ids = schemas_of_bodies(api), fill(host, api)
        for route in ROUTES:
            if route.body is None or not exists_in(host, route):
                continue
            members = schemas[route.method, without_names(route.path)]["properties"]
            for name in (name for name, shape in members.items() if name.endswith("_id") and not shape.get("readOnly")):
                answers = {
                    (response.status_code, response.get_data())
                    for value in (host.absent_id(), NO_ROW_OF_OURS, "nonsense", "0", "-1", "é", "a/b", " ", "x" * 5000)
                    for response in [api.ask(route.method, route.path.format(**ids), {**route.body, name: value})]
                }
                ((status, body),) = answers
                (error,) = json.loads(body)["errors"]
                assert (status, error["pointer"], error["code"]) == (422, f"#/{name}", "unknown_reference"), str(route)

    def test_an_empty_text_stays_in_what_is_text(self, api: Caller, contact: str) -> None:
        empty = dict.fromkeys(["preferred_name", "home_address", "personal_notes", "dietary_requirements"], "")
        profile = api.patch(f"/contacts/{contact}/relationship", empty)["profile"]
        assert {name: profile[name] for name in empty} == empty

    def test_an_empty_filter_does_not_widen_a_list(self, api: Caller) -> None:
        for name in ("due_before", "due_after"):
            api.get("/relationship-actions", 422, **{name: ""})
        assert api.get("/relationship-actions", contact_id="")["actions"] == []

    def test_names_and_titles_are_trimmed(self, api: Caller, contact: str) -> None:
        profile = api.patch(f"/contacts/{contact}/relationship", {"preferred_name": "  Ada\u00a0"})["profile"]
        assert profile["preferred_name"] == "Ada"
        event = api.post(f"/contacts/{contact}/life-events", {**EVENT, "title": " Jubilee\n"})["event"]
        assert event["title"] == "Jubilee"
        action = api.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "title": "\tCall "})["action"]
        assert action["title"] == "Call"
        titles = [one["title"] for one in api.get(f"/contacts/{contact}/relationship-actions")["actions"]]
        assert titles == [title.strip() for title in titles]

    def test_the_names_of_partners_are_trimmed(self, api: Caller, company: str) -> None:
        names = {"partner_company_name": " Looms ", "partner_contact_name": " Luigi "}
        partner = api.post(f"/companies/{company}/partners", names)["partner"]
        assert (partner["partner_company_name"], partner["partner_contact_name"]) == ("Looms", "Luigi")

    @pytest.mark.parametrize("character", CONTROL_CHARACTERS)
    def test_control_characters_in_titles_are_refused(self, api: Caller, contact: str, character: str) -> None:
        title = f"Send{character}a card"
        for path, body in (
            (f"/contacts/{contact}/life-events", EVENT),
            (f"/contacts/{contact}/relationship-actions", ACTION),
        ):
            (error,) = api.post(path, {**body, "title": title}, 422)["errors"]
            assert (error["pointer"], error["code"]) == ("#/title", "control_character")

    def test_a_title_may_be_written_in_any_script(self, api: Caller, contact: str) -> None:
        """The marks of right-to-left text and the joiners of emoji are no control characters."""
        for title in ("יום הולדת\u200f!", "\u200eعيد ميلاد", "👩\u200d🚀 Zoë", "日本語"):
            assert (
                api.post(f"/contacts/{contact}/relationship-actions", {**ACTION, "title": title})["action"]["title"]
                == title
            )

    def test_a_query_parameter_that_is_not_declared_is_refused(self, api: Caller, host: ContractHost) -> None:
        ids = fill(host, api)
        for route in ROUTES:
            if exists_in(host, route) and not route.path.endswith("/vcard"):
                response = api.ask(route.method, f"{route.path.format(**ids)}?stauts=done", route.body)
                assert response.status_code == 422, str(route)
                (error,) = response.get_json()["errors"]
                assert (error["pointer"], error["code"]) == ("?stauts", "unknown_parameter")

    def test_some_query_parameters_are_ignored(self, api: Caller, contact: str) -> None:
        for name in host_parameters(api):
            api.get(f"/contacts/{contact}/life-events", **{name: "1"})

    def test_a_query_parameter_is_given_once(self, api: Caller) -> None:
        problem = api.ask("GET", "/relationship-actions?status=done&status=pending").get_json()
        assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("?status", "repeated_parameter")]

    def test_options_names_the_methods_of_each_path(self, api: Caller, host: ContractHost) -> None:
        """And needs no log-in: browsers send it without cookies and tokens."""
        ids = fill(host, api)
        for path in {route.path for route in ROUTES}:
            place = without_names(path)
            methods = {route.method for route in ROUTES if without_names(route.path) == place}
            methods |= {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
            for caller in (api, host.anonymous()):
                response = caller.ask("OPTIONS", path.format(**ids))
                assert response.status_code == 200, path
                assert set(response.headers["Allow"].split(", ")) == methods, path

    @pytest.mark.parametrize("method", ["TRACE", "QUERY"])
    def test_methods_that_no_route_has_are_answered_with_those_there_are(self, api: Caller, method: str) -> None:
        response = api.ask(method, "/relationship-actions")
        assert (response.status_code, response.get_json()["code"]) == (405, "method_not_allowed")
        assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PATCH"}

    def test_a_post_without_a_body_is_one_of_a_program(self, api: Caller, host: ContractHost, contact: str) -> None:
        """A form of another site can send neither JSON nor any of these headers."""
        if "csrf" in host.app.extensions:
            pytest.skip(f"{host.name} checks CSRF tokens")
        action = api.post(f"/contacts/{contact}/relationship-actions", ACTION)["action"]["id"]
        path = f"{host.prefix}/relationship-actions/{action}/reopen"
        for options in (
            {"content_type": "application/json"},
            {"headers": {"X-Requested-With": "XMLHttpRequest"}},
            {"headers": {"X-CSRFToken": "a token"}, "content_type": "text/plain"},
        ):
            assert api.client.post(path, **options).status_code == 200, options
        if "HTTP_AUTHORIZATION" in api.client.environ_base:
            return
        for content_type in (None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            response = api.client.post(path, content_type=content_type)
            assert (response.status_code, response.get_json()["code"]) == (415, "unsupported_content_type")

    @pytest.mark.parametrize("unknown", [0, 10, 3000])
    def test_a_refusal_is_not_longer_than_its_request(self, api: Caller, host: ContractHost, unknown: int) -> None:
        """Or than 1 KiB, which a small request may need: every member of every body is wrong."""
        members, ids = members_of_bodies(api), fill(host, api)
        for route in ROUTES:
            if route.body is None or not exists_in(host, route):
                continue
            wrong = {name: {"no": "value"} for name in members[route.method, without_names(route.path)]}
            body = {f"no member {number}": 1 for number in range(unknown)} | wrong
            response = api.ask(route.method, route.path.format(**ids), body)
            assert response.status_code == 422, route
            assert len(response.data) <= max(response.request.content_length or 0, 1024), route
            problem = response.get_json()
            pointers = {error["pointer"] for error in problem["errors"]}
            assert pointers & {f"#/{name}" for name in wrong}, route
            are_all_named = {f"#/{name}" for name in body if name not in wrong} <= pointers
            assert are_all_named or "more errors are not listed" in problem["detail"], route

    def test_a_refusal_names_missing_members_before_unknown_ones(self, api: Caller, contact: str) -> None:
        body = {f"no member {number}": 1 for number in range(5000)}
        problem = api.post(f"/contacts/{contact}/life-events", body, 422)
        assert [error["pointer"] for error in problem["errors"]][:2] == ["#/event_type", "#/title"]

    def test_a_refused_query_is_not_answered_at_greater_length(self, api: Caller) -> None:
        for number in (1, 20, 100, 1000):
            query = "&".join(f"{name}=" for name in range(number))
            response = api.ask("GET", f"/relationship-actions?{query}")
            assert response.status_code == 422
            assert len(response.data) <= max(len(query), 1024)

    def test_an_object_can_be_sent_back_as_it_was_given(self, api: Caller, host: ContractHost) -> None:
        for path, sent in objects(host, api).items():
            answer = api.patch(path, sent)
            (found,) = (part for part in answer.values() if isinstance(part, dict))
            assert unchanging(found) == unchanging(sent), path

    def test_members_that_never_change_keep_their_value(self, api: Caller, host: ContractHost) -> None:
        for path, sent in objects(host, api).items():
            for name in ("id", "created_at", *(() if "/partners/" in path else ("contact_id",))):
                for other in ("2001-01-01T00:00:00Z", "no such value", None, 5):
                    problem = api.patch(path, {**sent, name: other}, 422)
                    errors = [(error["pointer"], error["code"]) for error in problem["errors"]]
                    assert errors == [(f"#/{name}", "read_only")], path

    def test_times_and_ids_may_be_written_as_programs_write_them(self, api: Caller, host: ContractHost) -> None:
        for path, sent in objects(host, api).items():
            for zone in ("+00:00", ".000Z"):
                created_at = sent["created_at"].replace("Z", zone)
                api.patch(path, {**sent, "id": sent["id"].upper(), "created_at": created_at})

    def test_other_members_that_cannot_be_written_are_ignored(self, api: Caller, host: ContractHost) -> None:
        for path, sent in objects(host, api).items():
            api.patch(path, {**sent, "updated_at": "2001-01-01T00:00:00Z", "revision": 1})
            problem = api.patch(path, {**sent, "no_such_member": 1}, 422)
            errors = [(error["pointer"], error["code"]) for error in problem["errors"]]
            assert ("#/no_such_member", "unknown_field") in errors

    def test_a_closed_action_can_be_sent_back(self, api: Caller, contact: str) -> None:
        at = f"/contacts/{contact}/relationship-actions"
        action = api.post(at, ACTION)["action"]
        done = api.patch(f"/relationship-actions/{action['id']}", {"status": "done"})["action"]
        assert api.patch(f"/relationship-actions/{action['id']}", done)["action"] == done
        assert api.patch(f"{at}/{action['id']}", done)["action"] == done
        assert api.patch(f"/relationship-actions/{action['id']}", action, 422)["code"] == "validation_failed"

    def test_a_title_that_could_not_be_set_any_more_can_be_sent_back(
        self, api: Caller, host: ContractHost, contact: str
    ) -> None:
        """Version 0.1 took line breaks."""
        at = f"/contacts/{contact}/relationship-actions"
        action = api.post(at, ACTION)["action"]
        host.change(host.models.Action, action["id"], title="Send\na card")
        shown = api.get(f"/relationship-actions/{action['id']}")["action"]
        edited = api.patch(f"{at}/{action['id']}", {**shown, "description": "By post."})["action"]
        assert (edited["title"], edited["description"]) == (shown["title"], "By post.")
        api.patch(f"{at}/{action['id']}", {**shown, "title": "Send\na letter"}, 422)


def objects(host: ContractHost, api: Caller) -> dict[str, dict[str, Any]]:
    """Return every object that has a PATCH, as its GET gives it, by the path of the PATCH."""
    ids = fill(host, api)
    contact, company = f"/contacts/{ids['contact']}", f"/companies/{ids['company']}"
    (event,) = api.get(f"{contact}/life-events")["events"]
    action = api.get(f"/relationship-actions/{ids['action']}")["action"]
    found = {
        f"{contact}/relationship": api.get(f"{contact}/relationship")["profile"],
        f"{contact}/life-events/{event['id']}": event,
        f"/relationship-actions/{action['id']}": action,
        f"{contact}/relationship-actions/{action['id']}": action,
    }
    if host.has_companies:
        (partner,) = api.get(f"{company}/partners")["partners"]
        found[f"{company}/partners/{partner['id']}"] = partner
    return found


def unchanging(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("updated_at", "revision")}


def host_parameters(api: Caller) -> tuple[str, ...]:
    """Return the parameters that the application lets every route ignore."""
    found: tuple[str, ...] = api.client.application.extensions["relationships"].settings.allowed_parameters
    return found


def schemas_of_bodies(api: Caller) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the schema of each route's body, from the document."""
    document = api.get("/openapi.json")
    schemas = document["components"]["schemas"]
    found = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if "requestBody" in described:
                name = described["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
                found[method.upper(), without_names(path.removeprefix(api.prefix))] = schemas[name]
    return found


def members_of_bodies(api: Caller) -> dict[tuple[str, str], list[str]]:
    """Return the names of the members that each route's body may have, from the document."""
    return {
        route: [name for name, shape in schema["properties"].items() if not shape.get("readOnly")]
        for route, schema in schemas_of_bodies(api).items()
    }


def is_no_text(name: str, shape: dict[str, Any]) -> bool:
    """Return whether a member is a date, an id or a number."""
    kinds = shape.get("type", ())
    is_number = bool({"integer", "number"} & {*([kinds] if isinstance(kinds, str) else kinds)})
    return is_number or shape.get("format") in ("date", "uuid") or name.endswith(("_id", "_sid", "birthday"))


def without_names(path: str) -> str:
    """Return the path of a route without the names of its parameters."""
    return re.sub(r"\{\w+\}", "{}", path)
