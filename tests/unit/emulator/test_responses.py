# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the responses of the emulator, over real sockets."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.emulator.emulator import TOKEN
from ansible_collections.talkover.voice.tests.unit.emulator.client import ask, connect
from ansible_collections.talkover.voice.tests.unit.fields import RECORD, SUMMARY


def recent(stamp: str) -> bool:
    assert stamp.endswith("Z")
    age = datetime.now(timezone.utc) - datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return timedelta(0) <= age < timedelta(minutes=1)


def test_record_has_every_documented_field() -> None:
    with Emulator(trunks=[{"id": "a"}]) as service:
        record = ask(service, "/sip-trunks/a").data
    assert record.keys() == RECORD
    assert record["id"] == record["name"] == "a"
    assert (record["is_active"], record["is_verified"], record["health_status"]) == (True, True, "healthy")
    assert recent(record["last_health_check_at"])


def test_record_shows_what_the_scenario_says_and_nothing_beside_it() -> None:
    trunk: dict[str, Any] = {
        "id": "a",
        "transport": "tls",
        "password": "p",
        "port": None,
        "live": {},
        "dids": [],
        "changes": [],
    }
    with Emulator(trunks=[trunk]) as service:
        record = ask(service, "/sip-trunks/a").data
    assert record.keys() == RECORD | {"password"}
    assert record["port"] is None


@pytest.mark.parametrize(("transport", "port"), [("udp", 5060), ("tcp", 5060), ("tls", 5061)])
def test_port_follows_the_transport(transport: str, port: int) -> None:
    with Emulator(trunks=[{"id": "a", "transport": transport}]) as service:
        assert ask(service, "/sip-trunks/a").data["port"] == port


def test_list_has_summaries_in_order() -> None:
    with Emulator() as service:
        answer = ask(service, "/sip-trunks?page=2")
    assert [trunk["id"] for trunk in answer.data] == ["trunk-healthy", "trunk-sick", "trunk-recovering"]
    assert all(trunk.keys() == SUMMARY for trunk in answer.data)
    assert "meta" not in answer.json
    assert "Primary Carrier — US" in answer.raw.decode("utf-8")


def test_live_check_agrees_with_the_record() -> None:
    with Emulator(trunks=[{"id": "good"}, {"id": "bad", "health_status": "unhealthy"}]) as service:
        good = ask(service, "/sip-trunks/good/health").data
        bad = ask(service, "/sip-trunks/bad/health").data
    assert good.keys() == {"is_healthy", "response_time_ms", "checked_at"}
    assert bad.keys() == {"is_healthy", "response_time_ms", "checked_at", "error"}
    assert (good["is_healthy"], bad["is_healthy"]) == (True, False)
    assert recent(good["checked_at"])


def test_live_check_may_contradict_the_record() -> None:
    with Emulator(trunks=[{"id": "a", "live": {"is_healthy": False, "error": "503 from carrier"}}]) as service:
        live = ask(service, "/sip-trunks/a/health").data
    assert (live["is_healthy"], live["error"]) == (False, "503 from carrier")


def test_dids() -> None:
    with Emulator(trunks=[*built_in(), {"id": "bare"}]) as service:
        numbers = ask(service, "/sip-trunks/trunk-healthy/dids").data
        assert ask(service, "/sip-trunks/bare/dids").data == []
    assert all(number.keys() == {"id", "number", "country_code", "formatted_number"} for number in numbers)
    assert numbers[0]["number"] == "+551140028922"


def built_in() -> list[dict[str, Any]]:
    with Emulator() as service:
        return list(service.trunks.values())


def test_health_changes_with_each_question() -> None:
    with Emulator() as service:
        seen = [ask(service, "/sip-trunks/trunk-recovering").data["health_status"] for _time in range(4)]
        live = [ask(service, "/sip-trunks/trunk-recovering/health").data["is_healthy"] for _time in range(4)]
    assert seen == ["unhealthy", "unhealthy", "healthy", "healthy"]
    assert live == [False, False, True, True]


def test_list_shows_what_the_last_question_saw() -> None:
    changes = [{"is_active": False}, {"is_active": True}]
    with Emulator(trunks=[{"id": "a", "changes": changes}]) as service:
        seen = []
        for _time in range(2):
            seen += [ask(service, "/sip-trunks").data[0]["is_active"] for _time in range(2)]
            seen.append(ask(service, "/sip-trunks/a").data["is_active"])
        seen.append(ask(service, "/sip-trunks").data[0]["is_active"])
    assert seen == [False, False, False, False, False, True, True]


def test_trunks_are_live() -> None:
    given = {"id": "a"}
    with Emulator(trunks=[given]) as service:
        service.trunks["a"]["health_status"] = "degraded"
        service.trunks["b"] = {"id": "b"}
        assert ask(service, "/sip-trunks/a").data["health_status"] == "degraded"
        assert ask(service, "/sip-trunks/b").status == 200
        del service.trunks["b"]
        assert ask(service, "/sip-trunks/b").status == 404
    assert given == {"id": "a"}


def test_id_is_one_percent_encoded_segment() -> None:
    with Emulator(trunks=[{"id": "a/b ?#%é"}]) as service:
        assert ask(service, "/sip-trunks/a%2Fb%20%3F%23%25%C3%A9").data["id"] == "a/b ?#%é"
        assert ask(service, "/sip-trunks/a%2Fb%20%3F%23%25%C3%A9/health").status == 200
        assert service.requests[0].path == "/api/v1/sip-trunks/a%2Fb%20%3F%23%25%C3%A9"
        assert ask(service, "/sip-trunks/a/b").status == 404


@pytest.mark.parametrize(
    "path",
    ["", "/", "/sip-trunk", "/sip-trunks/", "/sip-trunks/a/", "/sip-trunks/a/b", "/sip-trunks/a/health/x", "/%ff"],
)
def test_everything_else_is_not_found(path: str) -> None:
    with Emulator(trunks=[{"id": "a"}]) as service:
        assert ask(service, path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD"])
def test_nothing_but_get_is_allowed(method: str) -> None:
    with Emulator(trunks=[{"id": "a"}]) as service, connect(service) as connection:
        answer = ask(service, "/sip-trunks/a", method=method, connection=connection)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET")
        assert ask(service, "/sip-trunks/a", connection=connection).status == 200


def test_bearer() -> None:
    with Emulator(token="acme_secret") as service:
        missing = ask(service, "/sip-trunks", token=None)
        wrong = ask(service, "/sip-trunks", token="acme_wrong")
        right = ask(service, "/sip-trunks", token="acme_secret")
        assert "acme" not in repr(service.requests)
    assert (missing.status, missing.json) == (401, {"message": "Missing Bearer Token"})
    assert (wrong.status, wrong.json["error"]["code"]) == (401, "INVALID_API_KEY")
    assert right.status == 200


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (1, {"success": False, "error": {"code": "NOT_FOUND", "message": "SIP trunk not found."}}),
        (2, {"error": {"code": "NOT_FOUND", "message": "SIP trunk not found."}}),
        (3, {"success": False, "message": "SIP trunk not found.", "code": "NOT_FOUND"}),
        (4, {"message": "SIP trunk not found."}),
    ],
)
def test_error_shapes(shape: int, body: object) -> None:
    with Emulator(error_shape=shape) as service:
        assert ask(service, "/sip-trunks/none").json == body


def test_shape_three_names_the_fields() -> None:
    with Emulator(error_shape=3, page_size=2) as service:
        answer = ask(service, "/sip-trunks?page=0")
    assert answer.status == 422
    assert answer.json["errors"].keys() == {"page"}


def test_paging() -> None:
    trunks = [{"id": str(number)} for number in range(5)]
    with Emulator(trunks=trunks, page_size=2) as service:
        first = ask(service, "/sip-trunks")
        last = ask(service, "/sip-trunks?page=3")
        beyond = ask(service, "/sip-trunks?page=4")
        wide = ask(service, "/sip-trunks?page=2&per_page=4")
    assert first.json["meta"] == {"current_page": 1, "per_page": 2, "total": 5, "last_page": 3}
    assert [trunk["id"] for trunk in first.data] == ["0", "1"]
    assert [trunk["id"] for trunk in last.data] == ["4"]
    assert beyond.data == []
    assert [trunk["id"] for trunk in wide.data] == ["4"]
    assert wide.json["meta"] == {"current_page": 2, "per_page": 4, "total": 5, "last_page": 2}


def test_an_empty_list_has_one_page() -> None:
    with Emulator(trunks=[], page_size=2) as service:
        answer = ask(service, "/sip-trunks")
    assert (answer.data, answer.json["meta"]["last_page"]) == ([], 1)


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=", "page=1.5", "page=٣", "per_page=101", "per_page=-1"])
def test_impossible_pages_are_refused(query: str) -> None:
    with Emulator(page_size=2) as service:
        parts = urlsplit(service.url)
        with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as client:
            # By hand: http.client refuses to send what is not ASCII.
            client.sendall(f"GET /api/v1/sip-trunks?{query} HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
            assert client.recv(65536).startswith(b"HTTP/1.1 422 ")
