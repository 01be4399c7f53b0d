# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the run-wide store answers, and what it asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils.errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils.options import Question
from ansible_collections.talkover.voice.plugins.module_utils.trunks import Answer
from ansible_collections.talkover.voice.plugins.plugin_utils import store
from ansible_collections.talkover.voice.tests.unit.plugin_utils.store.service import Service, connection, question


def test_a_young_record_is_not_asked_for_again() -> None:
    service = Service()
    first = store.recall(connection(), question("a", "b"), 60, service)
    assert store.recall(connection(), question("b", "a"), 60, service) == {"b": first["b"], "a": first["a"]}
    assert list(store.recall(connection(), question("c", "a"), 60, service)) == ["c", "a"]
    assert service.asked == [("a", "b"), ("c",)]


def test_an_old_record_is_asked_for_again() -> None:
    service = Service()
    store.recall(connection(), question("a"), 60, service)
    store.recall(connection(), question("a"), 0.000001, service)
    assert len(service.asked) == 2


def test_an_entry_from_the_future_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()
    now = store._now()
    with monkeypatch.context() as patch:
        patch.setattr(store, "_now", lambda: now + 10**6)
        store.recall(connection(), question("a"), 60, service)
    monkeypatch.setattr(store, "_now", lambda: now + 2 * 10**6)
    store.recall(connection(), question("a"), 60, service)
    assert len(service.asked) == 2


def test_a_ttl_of_zero_leaves_the_store_alone(folder: Path) -> None:
    service = Service()
    store.recall(connection(), question("a"), 0, service)
    assert not folder.exists()
    store.recall(connection(), question("a"), 60, service)
    before = sorted(path.read_bytes() for path in folder.iterdir())
    store.recall(connection(), question("a"), 0, service)
    assert sorted(path.read_bytes() for path in folder.iterdir()) == before
    assert len(service.asked) == 3


@pytest.mark.parametrize("ttl", [-1, float("nan"), float("inf")])
def test_a_ttl_that_is_no_time_is_an_error(ttl: float) -> None:
    with pytest.raises(TalkoverError, match="cache_ttl must be"):
        store.recall(connection(), question("a"), ttl, Service())


def test_all_trunks_fill_the_entries_of_the_single_ones() -> None:
    service = Service("a", "b")
    assert list(store.recall(connection(), question(), 60, service)) == ["a", "b"]
    assert list(store.recall(connection(), question(), 60, service)) == ["a", "b"]
    assert list(store.recall(connection(), question("b"), 60, service)) == ["b"]
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
    store.recall(connection(), question("a"), 60, service)
    store.recall(connection(**reach), question("a", **options), 60, service)
    assert len(service.asked) == 2


def test_neither_errors_nor_missing_trunks_are_kept() -> None:
    def fail(_question: Question) -> Answer:
        raise TalkoverError("server", "No.")

    asked = []

    def miss(question: Question) -> Answer:
        asked.append(question.trunk_ids)
        return Answer({"a": None})

    for _time in range(2):
        with pytest.raises(TalkoverError):
            store.recall(connection(), question("a"), 60, fail)
        assert store.recall(connection(), question("a", missing_ok=True), 60, miss) == {"a": None}
    assert len(asked) == 2
