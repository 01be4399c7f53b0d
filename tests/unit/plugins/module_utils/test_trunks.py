# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test which data is fetched and how records are combined; against the emulator, over real sockets."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils import _clock
from ansible_collections.talkover.voice.plugins.module_utils._trunks import MISSING
from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.unit.fields import SUMMARY
from ansible_collections.talkover.voice.tests.unit.plugins.module_utils.queries import TRUNKS, ask, refused


def paths(service: Emulator) -> Counter[str]:
    return Counter(request.path.removeprefix("/api/v1") for request in service.requests)


def test_records_come_in_the_order_asked_for_and_each_is_fetched_once(emulator: Emulator) -> None:
    answer = ask(emulator, trunk_ids=["trunk-sick", "trunk-healthy", "trunk-sick"])
    assert [record["id"] for record in answer.trunks] == ["trunk-sick", "trunk-healthy"]
    assert paths(emulator) == {"/sip-trunks/trunk-sick": 1, "/sip-trunks/trunk-healthy": 1}
    assert list(answer.problems) == ["trunk-sick"]
    assert not answer.healthy


def test_a_healthy_trunk_makes_a_healthy_answer(emulator: Emulator) -> None:
    answer = ask(emulator, trunk_ids=["trunk-healthy"], max_health_age=600)
    assert (answer.healthy, answer.missing, answer.problems) == (True, [], {})


def test_what_is_included_is_added_to_each_record(emulator: Emulator) -> None:
    answer = ask(emulator, trunk_ids=["trunk-healthy", "trunk-sick"], include=["dids", "live_health"])
    healthy, sick = answer.trunks
    assert healthy["live_health"]["is_healthy"] is True
    assert [did["number"] for did in healthy["dids"]] == ["+551140028922", "+5521987654321"]
    assert "live_health.is_healthy is false" in " ".join(answer.problems["trunk-sick"])
    assert sick["live_health"]["error"]
    assert len(emulator.requests) == 6


def test_summaries_take_one_request_for_any_number_of_ids() -> None:
    with Emulator(trunks=TRUNKS) as service:
        answer = ask(service, trunk_ids=["trunk-3", "trunk-1"], details=False)
        assert [record["id"] for record in answer.trunks] == ["trunk-3", "trunk-1"]
        assert all(set(record) == SUMMARY for record in answer.trunks)
        assert answer.healthy
        assert paths(service) == {"/sip-trunks": 1}


def test_all_trunks_are_listed_and_then_fetched() -> None:
    with Emulator(trunks=TRUNKS) as service:
        answer = ask(service, all_trunks=True)
        assert [record["id"] for record in answer.trunks] == [trunk["id"] for trunk in TRUNKS]
        assert all("port" in record for record in answer.trunks)
        assert len(service.requests) == 6


def test_an_environment_without_trunks_is_not_healthy() -> None:
    with Emulator(trunks=[]) as service:
        answer = ask(service, all_trunks=True)
        assert (answer.trunks, answer.missing, answer.problems, answer.healthy) == ([], [], {}, False)


@pytest.mark.parametrize("details", [True, False])
def test_a_missing_trunk_is_an_error_unless_it_may_be(emulator: Emulator, details: bool) -> None:
    ids = ["trunk-healthy", "no/such?#% é"]
    error = refused(emulator, trunk_ids=ids, details=details)
    assert (error.kind, error.trunk_id) == ("not_found", ids[1])
    answer = ask(emulator, trunk_ids=ids, details=details, include=["live_health"], missing_ok=True)
    assert (len(answer.trunks), answer.missing, answer.problems) == (1, ids[1:], {ids[1]: [MISSING]})
    assert not answer.healthy


def test_a_wrong_address_is_no_missing_trunk(emulator: Emulator) -> None:
    wrong = emulator.url.replace("/api/v1", "/api/v2")
    assert refused(emulator, api_url=wrong, all_trunks=True, missing_ok=True).kind == "not_found"


@pytest.mark.parametrize(
    "trunk_id", ["a/b", "a?b", "a#b", "a%2Fb", "%2e%2e", "a b", "São Paulo ☎", "...", "a;b", "a+b", "a\\b"]
)
def test_an_id_is_one_percent_encoded_segment(trunk_id: str) -> None:
    with Emulator(trunks=[{"id": trunk_id}]) as service:
        assert ask(service, trunk_ids=[trunk_id], include=["live_health", "dids"]).trunks[0]["id"] == trunk_id


@pytest.mark.parametrize("other", ["trunk-sick", "", None, 1, ["trunk-healthy"], "TRUNK-HEALTHY", "trunk-healthy "])
def test_the_record_of_another_trunk_is_refused(emulator: Emulator, other: Any) -> None:
    record = {"id": other, "is_active": True, "is_verified": True, "health_status": "healthy"}
    emulator.fail_next("/trunk-healthy", status=200, body={"success": True, "data": record})
    error = refused(emulator, trunk_ids=["trunk-healthy"])
    assert error.kind == "bad_response"
    assert "another trunk" in str(error)


@pytest.mark.parametrize("part", ["/trunk-healthy", "/health"])
@pytest.mark.parametrize("data", [None, [], "x", True, 1])
def test_a_record_or_a_live_check_that_is_no_object_is_refused(emulator: Emulator, part: str, data: Any) -> None:
    emulator.fail_next(part, status=200, body={"success": True, "data": data})
    assert refused(emulator, trunk_ids=["trunk-healthy"], include=["live_health"]).kind == "bad_response"


def test_a_password_is_removed_at_any_depth(emulator: Emulator) -> None:
    hidden = {"password": "hunter2", "deep": [{"password": {"a": "hunter2"}, "kept": 1}]}
    emulator.trunks["trunk-healthy"].update(hidden)
    record = ask(emulator, trunk_ids=["trunk-healthy"]).trunks[0]
    assert "hunter2" not in str(record)
    assert record["deep"] == [{"kept": 1}]


def test_a_token_that_the_service_echoes_is_hidden_in_the_record(emulator: Emulator) -> None:
    emulator.trunks["trunk-healthy"]["name"] = f"of {emulator.token}"
    assert ask(emulator, trunk_ids=["trunk-healthy"]).trunks[0]["name"] == "of ********"


def test_a_live_check_that_nobody_asked_for_does_not_count(emulator: Emulator) -> None:
    emulator.trunks["trunk-sick"].update(is_verified=True, live_health={"is_healthy": True})
    answer = ask(emulator, trunk_ids=["trunk-sick"])
    assert "live_health" not in answer.trunks[0]
    assert not answer.healthy


def test_the_first_error_ends_the_fetch() -> None:
    trunks = [{"id": f"trunk-{number}"} for number in range(50)]
    with Emulator(trunks=trunks, limit=100, latency=0.02) as service:
        service.fail_next("/trunk-3", status=403)
        assert refused(service, trunk_ids=[trunk["id"] for trunk in trunks], max_connections=2).kind == "forbidden"
        assert len(service.requests) < 50


def test_a_record_is_as_old_as_its_oldest_part(monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals = numbered_arrivals(monkeypatch)
    with Emulator(trunks=TRUNKS[:2], page_size=1) as service:
        answer = ask(service, all_trunks=True, include=["live_health", "dids"], max_connections=1)
    # Two pages of the list, and then the three parts of each trunk, in turn.
    assert len(arrivals) == 8
    assert answer.arrived == {"trunk-0": arrivals[2], "trunk-1": arrivals[5]}
    assert answer.listed == arrivals[0]


def test_a_summary_arrives_with_its_own_page(monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals = numbered_arrivals(monkeypatch)
    with Emulator(trunks=TRUNKS, page_size=2) as service:
        answer = ask(service, all_trunks=True, details=False, max_connections=1)
        assert list(answer.arrived.values()) == [arrivals[0]] * 2 + [arrivals[1]] * 2 + [arrivals[2]]
        arrivals.clear()
        # The summary came first, so the live check makes it no younger.
        answer = ask(service, trunk_ids=["trunk-4"], details=False, include=["live_health"], max_connections=1)
        assert answer.arrived["trunk-4"] == arrivals[2]


def test_the_age_counts_from_the_arrival_and_not_from_the_last_page() -> None:
    with Emulator(trunks=TRUNKS[:2], page_size=1, limit=1, window=1.0) as service:
        answer = ask(service, all_trunks=True, details=False)
        ended = _clock.now()
    assert ended - answer.arrived["trunk-0"] > 0.8
    assert ended - answer.arrived["trunk-1"] < 0.8


def numbered_arrivals(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Make each response arrive a second after the one before."""
    arrivals: list[float] = []

    def now() -> float:
        arrivals.append(1000.0 + len(arrivals))
        return arrivals[-1]

    monkeypatch.setattr(_clock, "now", now)
    return arrivals


def test_an_id_that_contains_the_token_is_not_sent() -> None:
    with Emulator(trunks=TRUNKS[:1]) as service:
        error = refused(service, trunk_ids=[f"x{service.token}"])
        assert (error.kind, service.token in str(error), list(service.requests)) == ("config", False, [])


@pytest.mark.parametrize("trunk_id", ["_ansible_no_log", "__ansible_type"])
def test_an_id_that_ansible_reserves_is_not_listed(trunk_id: str) -> None:
    with Emulator(trunks=[{"id": trunk_id}]) as service:
        assert refused(service, all_trunks=True).kind == "bad_response"
