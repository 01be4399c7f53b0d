# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test options of a wrong type or out of range, through the argument specification of the module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.faults import module, runner
from ansible_collections.talkover.voice.tests.faults.fault import TOKEN
from ansible_collections.talkover.voice.tests.faults.server import Server

# Null counts as not given, and ansible-core takes numbers and lists for texts.
WRONG: dict[str, list[Any]] = {
    "api_token": ["", " ", ["a", "b"], {"a": 1}, None],
    "api_url": ["", 5, True, ["https://127.0.0.1"], {"a": 1}],
    "validate_certs": ["maybe", "", 2, 0.5, [True], {"a": True}],
    "ca_path": ["/no/such/file", 5, ["/"], {"a": 1}],
    "client_cert": ["/no/such/file", 5, ["/"], {"a": 1}],
    "client_key": ["/no/such/file", 5, ["/"], {"a": 1}],
    "timeout": ["soon", "", "10 s", "0x10", 0, -1, "nan", "inf", "-inf", 1e308, "1e999", [1], {"a": 1}],
    "retries": ["many", "", "1.5", 1.5, -1, 10**9, [1], {"a": 1}],
    "max_connections": ["many", "", "1.5", 0, -1, 10**9, [1], {"a": 1}],
    "trunk_ids": ["", [], [""], {"a": 1}, ["a\nb"]],
    "all_trunks": ["maybe", [True], True],
    "details": ["maybe", "", 5, [True]],
    "include": ["everything", ["live_health", "all"], {"a": 1}],
    "max_health_age": ["old", "", 1.5, -1, [1], {"a": 1}],
    "missing_ok": ["maybe", "", [True]],
    "retires": [3],
}


def test_each_wrong_value_is_of_kind_config_and_nothing_is_asked(tree: Path) -> None:
    pytest.importorskip("ansible", reason="the argument specification was not tried: ansible-core is not installed")
    cases = [(name, value) for name, values in WRONG.items() for value in values]
    with Server(lambda peer: peer.reset()) as server:
        # Files of TLS are only looked at where they are used.
        urls = dict.fromkeys(("ca_path", "client_cert", "client_key"), f"https://127.0.0.1:{server.port}/api/v1")
        plain = {
            "api_url": f"http://127.0.0.1:{server.port}/api/v1",
            "api_token": TOKEN,
            "trunk_ids": ["a"],
            "retries": 0,
        }
        given = [{**plain, "api_url": urls.get(name, plain["api_url"]), name: value} for name, value in cases]
        results, errors = module.results(module.start(tree, *given))
    assert errors == ""
    for case, result in zip(cases, results):
        assert result.get("failed") is True, case
        assert result["error"] == {"kind": "config"}, (case, result)
        assert result["healthy"] is False, case
        assert result["msg"], case
        # With it, modules of ansible-core 2.22 tell the controller what to hide.
        result.pop("_ansible_new_secrets", None)
        assert not runner.leaks(json.dumps(result)), case
    assert len(results) == len(cases)
    assert server.accepted == 0
