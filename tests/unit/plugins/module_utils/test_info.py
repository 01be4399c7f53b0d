# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results that the module and its action plugin share."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._info import build_failure, build_result
from ansible_collections.talkover.voice.plugins.module_utils._trunks import TrunkReport
from ansible_collections.talkover.voice.tests.defaults import defaults

HEALTHY = {"id": "a", "is_active": True, "is_verified": True, "health_status": "healthy"}


def params(**options: Any) -> dict[str, Any]:
    return {**defaults(), "api_token": "talq_a", "cache_ttl": 0.0, "trunk_ids": ["a"], **options}


def test_build_result_has_the_verdict_of_the_report() -> None:
    result = build_result(params(), lambda _connection, _query: TrunkReport({"a": HEALTHY}))
    assert (result["healthy"], result["trunk"], result["trunks"]) == (True, HEALTHY, [HEALTHY])
    result = build_result(params(missing_ok=True), lambda _connection, _query: TrunkReport({"a": None}))
    assert (result["healthy"], result["missing"], "trunk" in result) == (False, ["a"], False)


@pytest.mark.parametrize("options", [{"cache_ttl": -1.0}, {"cache_ttl": float("nan")}, {"trunk_ids": []}])
def test_build_result_requests_nothing_with_wrong_options(options: dict[str, Any]) -> None:
    def fail(*_arguments: Any) -> TrunkReport:
        raise AssertionError

    result = build_result(params(**options), fail)
    assert (result["failed"], result["healthy"], result["error"]) == (True, False, {"kind": "config"})


def test_build_failure_is_not_healthy() -> None:
    result = build_failure(TalkoverError("server", "Broken.", status=500))
    assert (result["failed"], result["healthy"], result["error"]) == (True, False, {"kind": "server", "status": 500})
