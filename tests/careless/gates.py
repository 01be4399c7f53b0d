# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gates in plays: tags, strategies, loops, ignored errors, and other ways to skip a task."""

from __future__ import annotations

from typing import Any

import yaml

from ansible_collections.talkover.voice.tests.careless.row import (
    ABSENT,
    DEPLOY,
    DEPLOYABLE,
    HEALTHY,
    OLD,
    SICK,
    Play,
    Row,
    ask,
    found,
    gate,
    holds,
    hosts,
    inventory,
    play,
    source,
    tasks,
)
from ansible_collections.talkover.voice.tests.integration.pages import ROOT

_DOCUMENTED: Play = yaml.safe_load((ROOT / "docs" / "examples" / "fleet" / "deploy.yml").read_text("utf-8"))[0]
"""The playbook of the guide."""
_HELD = holds("result.healthy")
_ASK = ask(trunk_id=SICK)
_DOWN = "http://127.0.0.1:9/api/v1"
_ALWAYS = {"tags": "always"}
_TAGGED = {**DEPLOY, "tags": "deploy"}
_IDS = {"vars": {"ids": [HEALTHY, SICK]}}
_LOOPED = holds("result.results | map(attribute='healthy') | select('equalto', true) | length == ids | length")


def _tagged(name: str, arguments: str, *steps: Play, has_control: bool = True) -> Row:
    files = {"deploy.yml": [play(*steps, _TAGGED)]}
    command = f"playbook -i inventory {arguments} deploy.yml"
    return tasks(name, files=files, commands=(command,), has_control=has_control)


_GATED = ({**_ASK, **_ALWAYS}, {**_HELD, **_ALWAYS})
_LOOKED = ({**gate(SICK), **_ALWAYS},)
TAGS = (
    _tagged("--tags deploy, the module", "--tags deploy", *_GATED),
    _tagged("--tags deploy, the lookup", "--tags deploy", *_LOOKED),
    _tagged("--tags deploy, a block", "--tags deploy", {"block": [_ASK, _HELD], **_ALWAYS}),
    _tagged("--tags deploy and --check", "--tags deploy --check", *_GATED),
    _tagged("--skip-tags of another", "--skip-tags gate", *_GATED),
    _tagged("--check", "--check", *_GATED),
    _tagged("--diff", "--diff --check", *_LOOKED),
    inventory(
        "--tags deploy, the inventory",
        {"deploy.yml": [play(_TAGGED, hosts="deployable")]},
        commands=("playbook -i inventory --tags deploy deploy.yml",),
        has_control=True,
    ),
    inventory(
        "--start-at-task, the inventory",
        {"deploy.yml": [play({**DEPLOY, "name": "Deploy"}, hosts="deployable")]},
        commands=("playbook -i inventory --start-at-task Deploy deploy.yml",),
        has_control=True,
    ),
)


_STRATEGIES = tuple(
    tasks(f"the strategy {name}, {how}", *steps, keywords={"strategy": name}, has_control=True)
    for name in ("free", "host_pinned", "linear")
    for how, steps in {"the module": (_ASK, _HELD), "the lookup": (gate(SICK),)}.items()
)

WAYS = (
    *(
        inventory(
            f"the assertion of the guide in a play for other hosts, {how}",
            {"deploy.yml": [{**_DOCUMENTED, "hosts": "pbx", "tasks": [DEPLOY]}], **files},
            options=options,
            message="The trunks that the inventory checked",
            has_control=how == "a sick trunk",
        )
        for how, files, options in (
            ("a sick trunk", {}, {}),
            (
                "max_health_age",
                {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": OLD})},
                {"max_health_age": 60},
            ),
            (
                "two sources that differ",
                {
                    "inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": HEALTHY}),
                    "inventory/50-talkover.yml": source(),
                },
                {"max_health_age": 0},
            ),
        )
    ),
    tasks("ignore_errors on the question", {**_ASK, "ignore_errors": True}, _HELD, has_control=True),
    tasks("ignore_errors, and no service", {**ask(trunk_id=HEALTHY, api_url=_DOWN), "ignore_errors": True}, _HELD),
    tasks("failed_when: false, and no service", {**ask(trunk_id=HEALTHY, api_url=_DOWN), "failed_when": False}, _HELD),
    tasks("failed_when: false, and an absent trunk", {**ask(trunk_id=ABSENT), "failed_when": False}, _HELD),
    tasks("failed_when: false, and a wrong option", {**ask(trunk_id=[HEALTHY]), "failed_when": False}, _HELD),
    tasks("failed_when with the verdict", {**_ASK, "failed_when": "not result.healthy"}, has_control=True),
    tasks("ignore_unreachable", {**_ASK, "ignore_unreachable": True}, _HELD, has_control=True),
    tasks(
        "async with poll",
        {**_ASK, "async": 30, "poll": 1},
        _HELD,
        files={"ansible.cfg": "[defaults]\nremote_tmp = @HOME@/remote\nasync_dir = @HOME@/async\n"},
        has_control=True,
    ),
    tasks("until, without success", {**_ASK, "until": "result.healthy", "retries": 1, "delay": 0}, has_control=True),
    tasks(
        "until, and ignored errors",
        {**_ASK, "until": "result.healthy", "retries": 1, "delay": 0, "ignore_errors": True},
        _HELD,
        has_control=True,
    ),
    tasks(
        "a loop, and the gate of the guide",
        {**ask(trunk_id="{{ item }}"), "loop": "{{ ids }}"},
        _LOOPED,
        keywords=_IDS,
        has_control=True,
    ),
    tasks(
        "a loop, and the verdict at its top", {**ask(trunk_id="{{ item }}"), "loop": "{{ ids }}"}, _HELD, keywords=_IDS
    ),
    tasks("a loop over nothing", {**ask(trunk_id="{{ item }}"), "loop": []}, _HELD),
    tasks("a skipped question", {**_ASK, "when": False}, _HELD),
    tasks("a question of another host", {**_ASK, "delegate_to": "localhost"}, _HELD, has_control=True),
    tasks(
        "run_once",
        {**_ASK, "run_once": True},
        _HELD,
        files={"inventory": "h1\nh2\n"},
        keywords={"hosts": "all"},
        has_control=True,
    ),
    tasks(
        "serial", _ASK, _HELD, files={"inventory": "h1\nh2\n"}, keywords={"hosts": "all", "serial": 1}, has_control=True
    ),
    tasks("throttle", {**_ASK, "throttle": 1}, _HELD, has_control=True),
    tasks("any_errors_fatal: false", _ASK, _HELD, keywords={"any_errors_fatal": False}, has_control=True),
    tasks("max_fail_percentage", _ASK, _HELD, keywords={"max_fail_percentage": 100}, has_control=True),
    tasks(
        "a handler that asks",
        {"ansible.builtin.debug": {"msg": "x"}, "changed_when": True, "notify": "ask"},
        {"ansible.builtin.meta": "flush_handlers"},
        _HELD,
        keywords={"handlers": [{"name": "ask", **_ASK}]},
        has_control=True,
    ),
    tasks(
        "rescue that asserts",
        {"block": [_ASK, _HELD], "rescue": [{"ansible.builtin.fail": {"msg": "stop"}}]},
        has_control=True,
    ),
    tasks(
        "always, after a failure",
        {"block": [_ASK, _HELD], "always": [{"ansible.builtin.debug": {"msg": "x"}}]},
        has_control=True,
    ),
    tasks(
        "clear_host_errors",
        {**_ASK, "ignore_errors": True},
        {"ansible.builtin.meta": "clear_host_errors"},
        _HELD,
        has_control=True,
    ),
    tasks("no_log", {**_ASK, "no_log": True}, _HELD, has_control=True),
    tasks("a task timeout", {**_ASK, "timeout": 20}, _HELD, has_control=True),
    tasks("diff and -vvvv", _ASK, _HELD, commands=("playbook -i inventory -vvvv --diff deploy.yml",), has_control=True),
    tasks(
        "environment with another address",
        {**_ASK, "environment": {"TALKOVER_API_URL": "@URL@"}},
        _HELD,
        has_control=True,
    ),
    tasks(
        "the verdict as a text",
        _ASK,
        {"ansible.builtin.set_fact": {"verdict": "{{ result.healthy }}"}},
        holds("verdict | bool"),
        has_control=True,
    ),
    tasks(
        "selectattr of none",
        holds(f"query('talkover.voice.sip_trunk', '{SICK}') | select('talkover.voice.healthy') | list | length == 1"),
        has_control=True,
    ),
    tasks("the test on an empty list", holds("[] is talkover.voice.healthy")),
    tasks(
        "the test on a failed result",
        {**ask(trunk_id=HEALTHY, api_url=_DOWN), "ignore_errors": True},
        holds("result is talkover.voice.healthy"),
    ),
    tasks("the test on something undefined", holds("nothing_here is talkover.voice.healthy")),
    tasks("the filter on a text", holds("'t-ok' | talkover.voice.health_problems == []")),
    tasks("not unhealthy of an error", holds(f"not ({found('t-none')} is not talkover.voice.healthy)")),
    tasks("a lookup with errors='ignore'", holds(f"{found(ABSENT, errors=repr('ignore'))} is talkover.voice.healthy")),
    tasks(
        "a lookup with errors='warn'",
        holds(f"query('talkover.voice.sip_trunk', '{ABSENT}', errors='warn') is talkover.voice.healthy"),
    ),
    tasks("a lookup with a default", holds(f"({found(ABSENT)} | default([])) is talkover.voice.healthy")),
    tasks(
        "vars_files with the ID",
        gate(SICK),
        files={"vars.yml": {"trunk": SICK}},
        keywords={"vars_files": ["vars.yml"]},
        has_control=True,
    ),
    tasks(
        "include_vars with a connection variable of the user",
        {"ansible.builtin.include_vars": "vars.yml"},
        gate(SICK),
        files={"vars.yml": {"talkover_api_url": "@URL@"}},
        has_control=True,
    ),
    tasks(
        "jinja2_native",
        {**ask(trunk_ids="{{ ids }}")},
        _HELD,
        env={"ANSIBLE_JINJA2_NATIVE": "1"},
        keywords=_IDS,
        has_control=True,
    ),
)

_LATER: dict[str, Any] = {"ansible.builtin.add_host": {"name": "h9", "groups": "x", "talkover_healthy": True}}
INVENTORY = (
    inventory("add_host of another host", {"deploy.yml": [play(_LATER, hosts="all"), *DEPLOYABLE]}),
    inventory(
        "meta: refresh_inventory",
        {"deploy.yml": [play({"ansible.builtin.meta": "refresh_inventory"}, hosts="all"), *DEPLOYABLE]},
        has_control=True,
    ),
    inventory(
        "group_by the verdict",
        {
            "deploy.yml": [
                play({"ansible.builtin.group_by": {"key": "ready_{{ talkover_healthy }}"}}, hosts="all"),
                play(DEPLOY, hosts="ready_True"),
            ]
        },
        has_control=True,
    ),
    inventory(
        "when: talkover_healthy",
        {"deploy.yml": [play({**DEPLOY, "when": "talkover_healthy"}, hosts="all")]},
        has_control=True,
    ),
    inventory(
        "when: talkover_healthy | bool, and the service is down",
        {"deploy.yml": [play({**DEPLOY, "when": "talkover_healthy | bool"}, hosts="all")]},
        options={"api_url": _DOWN},
    ),
    inventory(
        "the test on talkover_trunks",
        {"deploy.yml": [play(holds("talkover_trunks is talkover.voice.healthy"), DEPLOY, hosts="all")]},
        has_control=True,
    ),
    inventory(
        "the assertion on the IDs, and play variables",
        {
            "deploy.yml": [
                play(
                    holds(
                        "talkover_trunks | default([]) | map(attribute='id') | list == [talkover_trunk_id] | flatten"
                    ),
                    DEPLOY,
                    hosts="all",
                    vars={"talkover_trunk_id": HEALTHY},
                )
            ]
        },
    ),
    inventory(
        "the assertion on the IDs, and group_vars beside the playbook",
        {
            "inventory/01-hosts.yml": "all: {children: {pbx: {hosts: {h1: {}}}}}",
            "inventory/group_vars/pbx.yml": {"talkover_trunk_id": HEALTHY},
            "group_vars/pbx.yml": {"talkover_trunk_id": SICK},
            "deploy.yml": [
                play(
                    holds(
                        "talkover_trunks | default([]) | map(attribute='id') | list == [talkover_trunk_id] | flatten"
                    ),
                    DEPLOY,
                    hosts="deployable",
                )
            ],
        },
    ),
    inventory(
        "set_fact of the verdict on a host that is not deployable",
        {"deploy.yml": [play({"ansible.builtin.set_fact": {"talkover_healthy": True}}, hosts="all"), *DEPLOYABLE]},
    ),
)
# The gates of the role and the playbook get rows of their own with them.
ROWS: tuple[Row, ...] = (*TAGS, *_STRATEGIES, *WAYS, *INVENTORY)
