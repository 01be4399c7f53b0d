# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the rate limit with many threads at the end of a window, and with two processes that share a token."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator, scenario
from ansible_collections.talkover.voice.tests.faults import module, runner

LIMIT = 10
WINDOW = 1.0


def windows(service: Emulator) -> int:
    """Count the windows that a service went through."""
    count, began = 0, float("-inf")
    for moment in sorted(request.time for request in service.requests):
        if moment - began >= WINDOW:
            count, began = count + 1, moment
    return count


def test_many_threads_meet_the_end_of_a_window_at_once() -> None:
    trunks = scenario.generated(3 * LIMIT)
    # The latency has all of them on their way when the first answer tells how many may be.
    with Emulator(trunks=trunks, limit=LIMIT, window=WINDOW, latency=0.05) as service:
        ids = [trunk["id"] for trunk in trunks]
        given = runner.options(service.url, api_token=service.token, trunk_ids=ids, max_connections=64, retries=0)
        outcome = runner.fetch_outcome(given)
        assert outcome.kind == "healthy", outcome.text
        assert Counter(request.status for request in service.requests) == {200: 3 * LIMIT}


def test_two_processes_share_the_limit_of_one_token(tree: Path) -> None:
    pytest.importorskip("ansible", reason="two processes were not tried: ansible-core is not installed")
    connections, trunks = 4, scenario.generated(3 * LIMIT)
    ids = [trunk["id"] for trunk in trunks]
    halves = ids[::2], ids[1::2]
    with Emulator(trunks=trunks, limit=LIMIT, window=WINDOW) as service:
        given = {"api_url": service.url, "api_token": service.token, "max_connections": connections}
        processes = [module.start(tree, {**given, "trunk_ids": half}) for half in halves]
        for process in processes:
            (result,), errors = module.results(process)
            assert result.get("healthy") is True, result
            assert errors == ""
        refused = [request.path.rpartition("/")[2] for request in service.requests if request.status == 429]
    # Neither knows of the other before it is refused, and by then all of its connections may have asked.
    for half in halves:
        assert len([trunk_id for trunk_id in refused if trunk_id in half]) <= connections * windows(service)
