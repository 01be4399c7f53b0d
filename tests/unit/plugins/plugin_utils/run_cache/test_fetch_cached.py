# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the run-wide store returns, and what it requests."""

from __future__ import annotations

import fcntl
import time
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils import _clock
from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._options import TrunkQuery
from ansible_collections.talkover.voice.plugins.module_utils._trunks import TrunkReport
from ansible_collections.talkover.voice.plugins.plugin_utils import _run_cache
from ansible_collections.talkover.voice.tests.unit.plugins.plugin_utils.run_cache.service import (
    Service,
    connection,
    question,
)


def test_a_young_record_is_not_asked_for_again() -> None:
    service = Service()
    first = _run_cache.fetch_cached(connection(), question("a", "b"), 60, service)
    assert _run_cache.fetch_cached(connection(), question("b", "a"), 60, service) == {"b": first["b"], "a": first["a"]}
    assert list(_run_cache.fetch_cached(connection(), question("c", "a"), 60, service)) == ["c", "a"]
    assert service.asked == [("a", "b"), ("c",)]


def test_an_old_record_is_asked_for_again() -> None:
    service = Service()
    _run_cache.fetch_cached(connection(), question("a"), 60, service)
    _run_cache.fetch_cached(connection(), question("a"), 0.000001, service)
    assert len(service.asked) == 2


def test_an_entry_from_the_future_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()
    now = _clock.now()
    with monkeypatch.context() as patch:
        patch.setattr(_clock, "now", lambda: now + 10**6)
        _run_cache.fetch_cached(connection(), question("a"), 60, service)
    monkeypatch.setattr(_clock, "now", lambda: now + 2 * 10**6)
    _run_cache.fetch_cached(connection(), question("a"), 60, service)
    assert len(service.asked) == 2


def test_a_ttl_of_zero_uses_no_record_that_arrived_before() -> None:
    service = Service()
    for _time in range(3):
        _run_cache.fetch_cached(connection(), question("a"), 0, service)
    assert len(service.asked) == 3
    _run_cache.fetch_cached(connection(), question("a"), 60, service)
    assert len(service.asked) == 3


@pytest.mark.parametrize("ttl", [-1, float("nan"), float("inf")])
def test_a_ttl_that_is_no_time_is_an_error(ttl: float) -> None:
    with pytest.raises(TalkoverError, match="cache_ttl must be"):
        _run_cache.fetch_cached(connection(), question("a"), ttl, Service())


def test_all_trunks_fill_the_entries_of_the_single_ones() -> None:
    service = Service("a", "b")
    assert list(_run_cache.fetch_cached(connection(), question(), 60, service)) == ["a", "b"]
    assert list(_run_cache.fetch_cached(connection(), question(), 60, service)) == ["a", "b"]
    assert list(_run_cache.fetch_cached(connection(), question("b"), 60, service)) == ["b"]
    assert service.asked == [()]


@pytest.mark.parametrize(
    ("reach", "options"),
    [
        ({"api_token": "talq_b"}, {}),
        ({"api_url": "https://voice.acme.com/api/v1"}, {}),
        ({"validate_certs": False}, {}),
        ({"ca_path": "/ca.pem"}, {}),
        ({"client_cert": "/client.pem"}, {}),
        ({}, {"include": ["dids"]}),
        ({}, {"include": ["live_health"]}),
        ({}, {"details": False}),
    ],
)
def test_another_question_has_another_answer(reach: dict[str, Any], options: dict[str, Any]) -> None:
    service = Service()
    _run_cache.fetch_cached(connection(), question("a"), 60, service)
    _run_cache.fetch_cached(connection(**reach), question("a", **options), 60, service)
    assert len(service.asked) == 2


def test_neither_errors_nor_missing_trunks_are_kept() -> None:
    def fail(_question: TrunkQuery) -> TrunkReport:
        raise TalkoverError("server", "No.")

    asked = []

    def miss(question: TrunkQuery) -> TrunkReport:
        asked.append(question.trunk_ids)
        return TrunkReport({"a": None})

    for _time in range(2):
        with pytest.raises(TalkoverError):
            _run_cache.fetch_cached(connection(), question("a"), 60, fail)
        assert _run_cache.fetch_cached(connection(), question("a", missing_ok=True), 60, miss) == {"a": None}
    assert len(asked) == 2


def test_record_that_grows_too_old_during_a_request_is_fetched_again() -> None:
    service = Service()

    def slow(wanted: TrunkQuery) -> TrunkReport:
        time.sleep(0.3)
        return service(wanted)

    _run_cache.fetch_cached(connection(), question("a"), 60, service)
    found = _run_cache.fetch_cached(connection(), question("a", "b"), 0.25, slow)
    assert service.asked == [("a",), ("b",), ("a",)]
    assert found == {"a": {"id": "a", "n": 3}, "b": {"id": "b", "n": 2}}


def test_age_counts_from_the_arrival_of_each_record() -> None:
    def paged(wanted: TrunkQuery) -> TrunkReport:
        now = _clock.now()
        return TrunkReport({"a": {"id": "a"}, "b": {"id": "b"}}, None, {"a": now - 100, "b": now})

    service = Service()
    _run_cache.fetch_cached(connection(), question("a", "b"), 60, paged)
    _run_cache.fetch_cached(connection(), question("a", "b"), 60, service)
    assert service.asked == [("a",)]


def test_list_of_all_trunks_is_as_old_as_its_request() -> None:
    service = Service("a")

    def slow(wanted: TrunkQuery) -> TrunkReport:
        time.sleep(0.2)
        return service(wanted)

    _run_cache.fetch_cached(connection(), question(), 0.15, slow)
    _run_cache.fetch_cached(connection(), question(), 0.15, service)
    assert len(service.asked) == 2


def test_trunk_that_is_gone_is_not_in_the_next_list() -> None:
    _run_cache.fetch_cached(connection(), question(), 60, Service("a", "b"))
    assert list(_run_cache.fetch_cached(connection(), question(), 0.000001, Service("a"))) == ["a"]
    assert list(_run_cache.fetch_cached(connection(), question(), 60, Service("c"))) == ["a"]


def test_environment_without_trunks_is_asked_once() -> None:
    service = Service()
    assert _run_cache.fetch_cached(connection(), question(), 60, service) == {}
    assert len(service.asked) == 1


def test_number_of_locks_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel takes quadratic time for the locks of a file."""
    offsets: list[int] = []
    monkeypatch.setattr(fcntl, "lockf", lambda _file, _kind, _length, offset: offsets.append(offset))
    ids = [f"trunk-{number}" for number in range(6000)]
    monkeypatch.setattr(_run_cache._RunCache, "_write", lambda *_arguments: None)
    _run_cache.fetch_cached(connection(), question(*ids), 60, Service())
    assert 2000 < len(offsets) <= 4096
    assert offsets == sorted(set(offsets))


def test_list_that_grows_too_old_while_it_is_read_is_fetched_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    _run_cache.fetch_cached(connection(), question(), 60, Service("a", "b"))
    read, start = _run_cache._RunCache.get_many, _clock.now()

    def slow(*arguments: Any) -> Any:
        found = read(*arguments)
        monkeypatch.setattr(_clock, "now", lambda: start + 100)
        return found

    monkeypatch.setattr(_run_cache._RunCache, "get_many", slow)
    assert list(_run_cache.fetch_cached(connection(), question(), 60, Service("a"))) == ["a"]
