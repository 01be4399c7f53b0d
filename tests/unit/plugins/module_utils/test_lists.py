# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that a list is fetched whole, or rejected; against the emulator, over real sockets."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.unit.plugins.module_utils.queries import TRUNKS, ask, refused


def test_all_pages_of_a_list_are_read() -> None:
    with Emulator(trunks=TRUNKS, page_size=2) as service:
        answer = ask(service, all_trunks=True, details=False)
        assert [record["id"] for record in answer.trunks] == [trunk["id"] for trunk in TRUNKS]
        assert sorted(request.query for request in service.requests) == ["", "page=2&per_page=2", "page=3&per_page=2"]


@pytest.mark.parametrize(
    "meta",
    [
        {"current_page": 1, "last_page": 1, "total": 3},
        {"current_page": 2, "last_page": 2},
        {"current_page": 1, "last_page": "2"},
        {"current_page": 1, "last_page": -1},
        {"current_page": 1, "last_page": True},
        {"current_page": 1, "last_page": 10**9},
        {"total": "1"},
    ],
)
def test_a_list_that_is_not_whole_is_refused(meta: dict[str, Any]) -> None:
    with Emulator(trunks=TRUNKS[:1]) as service:
        body = {"success": True, "data": [{"id": "trunk-0"}], "meta": meta}
        service.fail_next("/sip-trunks", status=200, body=body)
        assert refused(service, all_trunks=True, details=False).kind == "bad_response"


@pytest.mark.parametrize(
    "data", [{}, None, "x", [1], [{}], [{"id": 1}], [{"id": " "}], [{"id": "trunk-0"}, {"id": "trunk-0"}]]
)
def test_a_list_of_anything_but_trunks_is_refused(emulator: Emulator, data: Any) -> None:
    emulator.fail_next("/sip-trunks", status=200, body={"success": True, "data": data})
    assert refused(emulator, all_trunks=True, details=False).kind == "bad_response"


def test_a_page_that_repeats_a_trunk_is_refused() -> None:
    with Emulator(trunks=TRUNKS, page_size=2) as service:
        repeated = {"success": True, "data": [{"id": "trunk-0"}], "meta": {"current_page": 1, "last_page": 1}}
        service.fail_next("/sip-trunks", status=200, body={**repeated, "meta": {"current_page": 1, "last_page": 2}})
        service.fail_next("/sip-trunks", status=200, body=repeated)
        assert refused(service, all_trunks=True, details=False).kind == "bad_response"
