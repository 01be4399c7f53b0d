# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test single requests: errors, retries and the rate limit; against the emulator, over real sockets."""

from __future__ import annotations

import http
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.unit.plugins.module_utils.queries import TRUNKS, ask, refused


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "rejected"),
        (401, "auth"),
        (402, "rejected"),
        (403, "forbidden"),
        (422, "rejected"),
        (429, "rate_limited"),
        (500, "server"),
        (599, "server"),
    ],
)
def test_each_status_has_its_kind(emulator: Emulator, status: int, kind: str) -> None:
    emulator.fail_next("/trunk-healthy", status=status, body={"message": "No, because.", "code": "NO"})
    error = refused(emulator, trunk_ids=["trunk-healthy"], max_wait=0)
    assert error.as_dict() == {
        "kind": kind,
        "status": status,
        "code": "NO",
        "trunk_id": "trunk-healthy",
        "url": f"{emulator.url}/sip-trunks/trunk-healthy",
    }
    phrase = f" {http.HTTPStatus(status).phrase}" if status != 599 else ""
    assert str(error).startswith(f"The API returned {status}{phrase} (NO): \"No, because\" (trunk 'trunk-healthy', ")


@pytest.mark.parametrize("shape", [1, 2, 3, 4])
def test_the_words_of_an_error_are_read_from_all_shapes(shape: int) -> None:
    with Emulator(error_shape=shape) as service:
        error = refused(service, api_token="talq_other", trunk_ids=["trunk-healthy"])
        assert error.kind == "auth"
        assert '"The API key is not valid"' in str(error)


@pytest.mark.parametrize("success", [False, None, "true", 1])
def test_no_success_is_no_answer_even_under_200(emulator: Emulator, success: Any) -> None:
    body = {"success": success, "data": {"id": "trunk-healthy"}, "message": "Not now"}
    emulator.fail_next("/trunk-healthy", status=200, body=body)
    assert refused(emulator, trunk_ids=["trunk-healthy"]).kind == ("rejected" if success is False else "bad_response")


def test_a_page_in_place_of_json_is_quoted(emulator: Emulator) -> None:
    emulator.fail_next("/trunk-healthy", status=200, body=b"<html><title>Login</title>Please sign in.</html>")
    assert 'is not JSON (Expecting value at character 0): "Login Please sign in."' in str(
        refused(emulator, trunk_ids=["trunk-healthy"])
    )


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(status: int) -> None:
    with Emulator(window=0.5) as service:
        service.fail_next("/trunk-healthy", status=status)
        assert ask(service, trunk_ids=["trunk-healthy"], retries=1).healthy
        assert [request.status for request in service.requests] == [status, 200]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 501, 505])
def test_what_will_not_pass_is_asked_once(emulator: Emulator, status: int) -> None:
    emulator.fail_next("/trunk-healthy", status=status, times=2)
    refused(emulator, trunk_ids=["trunk-healthy"], retries=3)
    assert len(emulator.requests) == 1


def test_the_message_says_how_often_it_was_asked(emulator: Emulator) -> None:
    emulator.fail_next("/trunk-healthy", status=503, times=2)
    assert "Gave up after 2 attempts." in str(refused(emulator, trunk_ids=["trunk-healthy"], retries=1))


@pytest.mark.parametrize(
    ("headers", "body"),
    [({"Retry-After": "3600"}, None), ({}, {"error": {"message": "Slow down", "details": {"retry_after": 3600}}})],
)
def test_a_wait_of_an_hour_fails_at_once_and_says_so(emulator: Emulator, headers: dict[str, str], body: Any) -> None:
    emulator.fail_next("/trunk-healthy", status=429, headers=headers, body=body, times=5)
    error = refused(emulator, trunk_ids=["trunk-healthy"], retries=3)
    assert error.kind == "rate_limited"
    assert "asks to wait 3600 s" in str(error)
    assert len(emulator.requests) == 1


@pytest.mark.parametrize("reset", ["seconds", "epoch"])
def test_a_job_larger_than_the_limit_finishes(reset: str) -> None:
    trunks = [{"id": f"trunk-{number}"} for number in range(25)]
    with Emulator(trunks=trunks, limit=10, window=1.0, reset=reset) as service:
        answer = ask(service, trunk_ids=[trunk["id"] for trunk in trunks], max_connections=8)
        assert answer.healthy
        assert Counter(request.status for request in service.requests) == {200: 25}
        assert service.peak <= 8


def test_a_window_that_others_used_up_costs_one_429() -> None:
    with Emulator(trunks=TRUNKS, limit=5, window=1.0) as service:
        ask(service, trunk_ids=[trunk["id"] for trunk in TRUNKS])
        assert ask(service, trunk_ids=[trunk["id"] for trunk in TRUNKS], retries=1).healthy
        assert Counter(request.status for request in service.requests) == {200: 10, 429: 1}


def test_a_429_with_a_known_reset_uses_up_no_retry() -> None:
    trunks = [{"id": f"trunk-{number}"} for number in range(20)]
    with Emulator(trunks=trunks, limit=5, window=1.0) as service, ThreadPoolExecutor(20) as pool:
        # Each is a fetch of its own, as each host of a play makes one.
        answers = pool.map(lambda trunk: ask(service, trunk_ids=[trunk["id"]], retries=0), trunks)
        assert all(answer.healthy for answer in answers)
        assert Counter(request.status for request in service.requests)[429] > 5


def test_max_wait_ends_a_fetch_that_would_wait_too_long_and_says_what_for() -> None:
    with Emulator(trunks=TRUNKS, limit=2, window=3.0) as service:
        started = time.monotonic()
        error = refused(service, trunk_ids=[trunk["id"] for trunk in TRUNKS], max_wait=4, retries=3, max_connections=5)
        assert 2 < time.monotonic() - started < 4.5
    assert error.kind == "rate_limited"
    assert "the next request is possible in 3 s" in str(error)
    assert "Waited 3 s for the rate limit" in str(error)


def test_without_time_to_wait_a_429_fails_at_once_in_the_words_of_the_service(emulator: Emulator) -> None:
    emulator.fail_next("/trunk-healthy", status=429, headers={"Retry-After": "7"}, body={"message": "Slow down."})
    started = time.monotonic()
    error = refused(emulator, trunk_ids=["trunk-healthy"], max_wait=0, retries=3)
    assert time.monotonic() - started < 2
    assert (error.kind, error.status, error.attempts) == ("rate_limited", 429, 1)
    assert 'The API returned 429 Too Many Requests: "Slow down"' in str(error)
    assert "the next request is possible in 7 s" in str(error)
    assert len(emulator.requests) == 1


def test_a_service_that_asks_for_no_wait_again_and_again_is_left(emulator: Emulator) -> None:
    emulator.fail_next("/trunk-healthy", status=429, headers={"Retry-After": "0", "X-RateLimit-Reset": "0"}, times=99)
    assert refused(emulator, trunk_ids=["trunk-healthy"], retries=2).attempts == 3
