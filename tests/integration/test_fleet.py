# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many hosts at once: where the task runs, how many requests it sends, and how it meets the rate limit."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner

MODULE = "talkover.voice.sip_trunk_info"
USES_MODULE = "Using module file"


def play(
    run: Runner, hosts: dict[str, Any], tasks: list[dict[str, Any]], *arguments: str, **options: Any
) -> tuple[int, str]:
    (run.home / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    page = [{"hosts": "all", "gather_facts": False, "tasks": tasks, **options}]
    (run.home / "play.json").write_text(json.dumps(page), encoding="utf-8")
    return run("playbook", "-i", "hosts.json", "play.json", *arguments)


def fleet(emulator: Emulator, hosts: int, trunks: int) -> dict[str, Any]:
    """Make trunks, and give hosts that use them in turn."""
    for number in range(trunks):
        emulator.trunks[f"t{number}"] = {**emulator.trunks["trunk-healthy"], "id": f"t{number}"}
    return {f"h{number}": {"tid": f"t{number % trunks}"} for number in range(hosts)}


def gate(emulator: Emulator, **options: Any) -> list[dict[str, Any]]:
    asked = {"trunk_id": "{{ tid }}", "api_url": emulator.url, **options}
    return [
        {MODULE: asked, "delegate_to": "localhost", "register": "result"},
        {"ansible.builtin.assert": {"that": ["result.healthy", "result.trunk.id == tid"]}},
    ]


def test_tasks_with_the_same_question_share_a_request(run: Runner) -> None:
    with Emulator(token=TOKEN, latency=0.5) as emulator:
        code, output = play(run, fleet(emulator, 12, 1), gate(emulator), "--forks", "12")
        assert code == 0, output
        assert len(emulator.requests) <= 4


def test_a_fleet_with_a_cache_ttl_asks_once_a_trunk(run: Runner, emulator: Emulator) -> None:
    hosts = fleet(emulator, 24, 4)
    code, output = play(run, hosts, gate(emulator, cache_ttl=300), "--forks", "6", "-vvv")
    assert code == 0, output
    assert len(emulator.requests) == 4
    assert USES_MODULE not in output


def test_a_fleet_meets_the_rate_limit_with_one_429_a_window_at_most(run: Runner) -> None:
    with Emulator(token=TOKEN, limit=12, window=2.0) as emulator:
        code, output = play(run, fleet(emulator, 40, 40), gate(emulator, retries=0), "--forks", "10")
        assert code == 0, output
        statuses = Counter(request.status for request in emulator.requests)
        windows = (emulator.requests[-1].time - emulator.requests[0].time) / 2.0 + 1
    assert statuses[200] == 40
    assert statuses[429] <= windows


def test_each_attempt_of_until_asks_anew(run: Runner, emulator: Emulator) -> None:
    emulator.trunks["t0"] = {**emulator.trunks["trunk-sick"], "id": "t0"}
    task = {**gate(emulator)[0], "until": "result.healthy", "retries": 2, "delay": 0}
    code, output = play(run, {"h": {"tid": "t0"}}, [task])
    assert (code, len(emulator.requests)) == (2, 3), output


@pytest.mark.parametrize(
    ("options", "host", "by_module"),
    [
        ({"delegate_to": "localhost"}, {}, False),
        ({"delegate_to": "localhost", "become": False, "async": 0, "environment": {}}, {}, False),
        ({}, {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}, False),
        ({"connection": "local"}, {"ansible_python_interpreter": sys.executable}, False),
        ({"connection": "local"}, {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}, False),
        ({"delegate_to": "localhost", "environment": {"NAME": "value"}}, {}, True),
        ({"delegate_to": "localhost", "async": 60, "poll": 1}, {}, True),
        ({"connection": "local"}, {"ansible_python_interpreter": "{python}"}, True),
    ],
)
def test_where_a_task_runs(
    run: Runner, emulator: Emulator, options: dict[str, Any], host: dict[str, Any], by_module: bool
) -> None:
    # The home of the tests is not that of the user, which is where Ansible looks for jobs otherwise.
    run.env["ANSIBLE_ASYNC_DIR"] = str(run.home / "jobs")
    python = Path(run.home, "another_python")
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    host = {name: value.replace("{python}", str(python)) for name, value in host.items()}
    task = {MODULE: {"trunk_id": "trunk-healthy", "api_url": emulator.url}, "register": "result", **options}
    tasks = [task, {"ansible.builtin.assert": {"that": "result.healthy"}}]
    code, output = play(run, {"h": host}, tasks, "-vvv")
    assert code == 0, output
    assert (USES_MODULE in output) is by_module


def test_a_task_with_become_runs_as_a_module(run: Runner, emulator: Emulator) -> None:
    task = {MODULE: {"trunk_id": "trunk-healthy", "api_url": emulator.url}, "delegate_to": "localhost", "become": True}
    _code, output = play(run, {"h": {"ansible_become_method": "ansible.builtin.su"}}, [task], "-vvv")
    assert USES_MODULE in output


def test_relative_paths_start_at_the_folder_of_the_play(run: Runner, emulator: Emulator) -> None:
    folder = run.home / "plays"
    folder.mkdir()
    (folder / "empty.pem").touch()
    task = {MODULE: {"trunk_id": "a", "api_url": "https://127.0.0.1:1/api/v1", "ca_path": "empty.pem", "retries": 0}}
    tasks: list[dict[str, Any]] = [
        {**task, "register": "here", "ignore_errors": True},
        {**task, "register": "module", "ignore_errors": True, "environment": {"NAME": "value"}},
        {"ansible.builtin.assert": {"that": ["here.msg == module.msg", "here.error == module.error"]}},
    ]
    path = folder / "play.json"
    path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    code, output = run("playbook", str(path))
    assert code == 0, output
    assert not emulator.requests


def test_a_task_timeout_ends_a_request(run: Runner) -> None:
    with Emulator(token=TOKEN, latency=30) as emulator:
        task = {MODULE: {"trunk_id": "trunk-healthy", "api_url": emulator.url}, "timeout": 2}
        code, output = play(run, {"h": {}}, [{**task, "delegate_to": "localhost"}])
    assert code == 2, output
    assert "2" in output.partition("FAILED")[2]


def test_text_of_the_api_is_never_evaluated(run: Runner, emulator: Emulator) -> None:
    evil = f"lookup('ansible.builtin.pipe', 'touch {run.home}/executed')"
    names = {"t0": evil, "t1": f"{{{{ {evil} }}}}", "t2": "tid"}
    for trunk_id, name in names.items():
        emulator.trunks[trunk_id] = {**emulator.trunks["trunk-healthy"], "id": trunk_id, "name": name, evil: evil}
    tasks: list[dict[str, Any]] = [
        gate(emulator)[0] | {"failed_when": "result.trunk.name"},
        {"ansible.builtin.debug": {"var": "result.trunk.name"}},
        {"ansible.builtin.debug": {"msg": "{{ result }}"}, "when": "{{ result.trunk.name }}"},
        {"ansible.builtin.debug": {"msg": "{{ item }}"}, "loop": "{{ result.trunk | list }}", "when": "{{ item }}"},
        {"ansible.builtin.assert": {"that": "{{ result.trunk.name }}"}},
        {"ansible.builtin.set_fact": {"copied": "{{ result.trunk.name }}"}},
        {"ansible.builtin.debug": {"msg": "{{ copied }}"}, "when": "{{ copied }}"},
    ]
    tasks = [{**task, "ignore_errors": True} for task in tasks]
    code, output = play(run, {f"h{number}": {"tid": f"t{number}"} for number in range(3)}, tasks)
    assert code in (0, 2), output
    assert len(emulator.requests) == 3
    assert not (run.home / "executed").exists()
