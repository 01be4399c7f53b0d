# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the module as a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator

MODULE = "ansible_collections.talkover.voice.plugins.modules.sip_trunk_info"
# ansible-core 2.19 and newer have the wrapper of a module say how its result is to be written.
RUN = f"""
import json, runpy, sys
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = sys.stdin.buffer.read()
basic._ANSIBLE_PROFILE = "legacy"
runpy.run_module({MODULE!r}, run_name="__main__")
"""


def run(
    tree: Path, service: Emulator | None, env: Mapping[str, str] = MappingProxyType({}), **options: Any
) -> dict[str, Any]:
    given = {"api_url": service.url, "api_token": service.token, "retries": 0, **options} if service else options
    process = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": given}),
        env={**os.environ, "PYTHONPATH": str(tree), **env},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert process.stderr == ""
    result: dict[str, Any] = json.loads(process.stdout)
    assert (process.returncode != 0) is bool(result.get("failed"))
    return result


def test_one_trunk_that_was_found_is_also_returned_alone(tree: Path, emulator: Emulator) -> None:
    result = run(tree, emulator, trunk_id="trunk-healthy")
    assert result["trunk"] == result["trunks"][0]
    assert (result["changed"], result["healthy"], result["missing"], result["problems"]) == (False, True, [], {})


@pytest.mark.parametrize("options", [{"trunk_ids": ["trunk-healthy", "trunk-sick"]}, {"all_trunks": True}])
def test_several_trunks_have_no_one_trunk(tree: Path, emulator: Emulator, options: dict[str, Any]) -> None:
    result = run(tree, emulator, **options)
    assert "trunk" not in result
    assert next(iter(result["problems"])) == "trunk-sick"
    assert result["healthy"] is False


def test_a_trunk_that_may_be_missing_is_not_healthy(tree: Path, emulator: Emulator) -> None:
    result = run(tree, emulator, trunk_id="trunk-9", missing_ok=True)
    assert "trunk" not in result
    assert (result["healthy"], result["missing"], list(result["problems"])) == (False, ["trunk-9"], ["trunk-9"])


def test_check_mode_asks_all_the_same(tree: Path, emulator: Emulator) -> None:
    assert run(tree, emulator, trunk_id="trunk-healthy", _ansible_check_mode=True)["healthy"] is True


def test_a_failure_tells_its_kind(tree: Path, emulator: Emulator) -> None:
    result = run(tree, emulator, trunk_id="trunk-9")
    assert result["error"] == {
        "kind": "not_found",
        "status": 404,
        "code": "NOT_FOUND",
        "trunk_id": "trunk-9",
        "url": f"{emulator.url}/sip-trunks/trunk-9",
    }


@pytest.mark.parametrize(
    "options",
    [
        {"trunk_id": ""},
        {"trunk_ids": []},
        {"trunk_id": "a", "all_trunks": True},
        {"trunk_id": "trunk-healthy", "trunk_ids": ["trunk-sick"]},
        {"trunk_id": ["trunk-healthy"]},
        {"trunk_id": None, "all_trunks": True},
        {"trunk_ids": ["trunk-healthy", None]},
        {"trunk_id": "trunk-healthy", "max_health_age": None},
        {"trunk_id": "trunk-healthy", "api_token": None},
        {"trunk_id": "trunk-healthy", "api_token": ["talq_secret"]},
        {},
        {"trunk_id": "a", "timeout": "soon"},
        {"trunk_id": "a", "timeout": "nan"},
        {"trunk_id": "a", "retries": -1},
        {"trunk_id": "a", "include": "everything"},
        {"trunk_id": "a", "max_health_age": "old"},
        {"trunk_id": "a", "api_token": ""},
        {"trunk_id": "a", "api_token": "talq_\nx"},
        {"trunk_id": "a", "no_such_option": 1},
        {"trunk_id": "a", "ca_path": "/nowhere/ca.pem", "api_url": "https://127.0.0.1:1/api/v1"},
        {"trunk_id": "a", "client_cert": "/nowhere/cert.pem", "api_url": "https://127.0.0.1:1/api/v1"},
    ],
)
def test_every_wrong_option_is_of_kind_config(tree: Path, emulator: Emulator, options: dict[str, Any]) -> None:
    result = run(tree, emulator, **options)
    assert result["error"]["kind"] == "config"
    assert result["msg"]
    assert emulator.requests == []


def test_the_environment_serves_where_an_option_is_not_set(tree: Path, emulator: Emulator) -> None:
    env = {"TALKOVER_TOKEN": f" {emulator.token}\n", "TALKOVER_API_URL": emulator.url}
    assert run(tree, None, env, trunk_id="trunk-healthy")["healthy"] is True
    assert "No token: set TALKOVER_TOKEN" in run(tree, None, trunk_id="trunk-healthy")["msg"]


def test_the_token_of_the_environment_is_no_parameter(tree: Path, emulator: Emulator) -> None:
    # ansible-core 2.22 returns the values of no_log parameters in the raw result.
    env = {"TALKOVER_TOKEN": emulator.token, "TALKOVER_API_URL": emulator.url}
    for trunk_id in ("trunk-healthy", "trunk-9"):
        result = run(tree, None, env, trunk_id=trunk_id, _ansible_inject_invocation=True)
        assert result["invocation"]["module_args"]["api_token"] is None
        assert emulator.token not in json.dumps(result)


def test_a_comma_is_part_of_an_id(tree: Path, emulator: Emulator) -> None:
    emulator.trunks["a,b"] = {**emulator.trunks["trunk-healthy"], "id": "a,b"}
    assert run(tree, emulator, trunk_id="a,b")["trunk"]["id"] == "a,b"


def test_the_token_is_in_no_result(tree: Path, emulator: Emulator) -> None:
    emulator.trunks["trunk-healthy"]["name"] = emulator.token
    for trunk_id in ("trunk-healthy", emulator.token, f"{emulator.token}\n"):
        result = run(tree, emulator, trunk_id=trunk_id)
        # ansible-core 2.22 returns the secret arguments to the controller, which removes them.
        result.pop("_ansible_new_secrets", None)
        assert emulator.token not in json.dumps(result)


def test_the_message_has_a_line_for_each_trunk_with_problems(tree: Path, emulator: Emulator) -> None:
    emulator.trunks["trunk-sick"]["name"] = ""
    result = run(tree, emulator, trunk_ids=["trunk-healthy", "trunk-sick", "trunk-9"], missing_ok=True)
    assert result["msg"].splitlines() == [
        f"{trunk_id}: {' '.join(result['problems'][trunk_id])}" for trunk_id in ("trunk-sick", "trunk-9")
    ]
    assert run(tree, emulator, trunk_id="trunk-healthy")["msg"] == "All trunks are healthy."
    emulator.trunks.clear()
    assert run(tree, emulator, all_trunks=True)["msg"] == "There is no trunk in the list."
