# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that each gate of the documentation opens only for a healthy trunk and the exceptions that it names."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.careless.warm import Launcher
from ansible_collections.talkover.voice.tests.integration.commands import COLLECTIONS, Runner
from ansible_collections.talkover.voice.tests.integration.documented_gates import (
    GROUP,
    answered_by_hosts,
    gates,
    sources,
)
from ansible_collections.talkover.voice.tests.integration.gate_api import KINDS, scenarios, serving

# The examples that continue after an error, and the documented kinds for this.
ACCEPTED = {"Deploy if the trunk is healthy or the API is down": {"server", "timeout"}}
# Every task of a gate must run with these tags, so a run without them would be the same.
OPTIONS = ("--tags", "deploy", "--check")

# Run the module's code in the process of the task, because a process for each module run would take minutes.
ASK = """
import contextlib, io, json
from ansible.module_utils import basic
from ansible.plugins.action import ActionBase
from ansible_collections.talkover.voice.plugins.modules import sip_trunk_info

class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        options = {**self._task.args, "_ansible_check_mode": self._task.check_mode}
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
        basic._ANSIBLE_PROFILE = "legacy"
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
            sip_trunk_info.main()
        return json.loads(output.getvalue())
"""


class Lab:
    """Run plays against the scenarios, and return the hosts with a deploy."""

    def __init__(self, run: Runner, launcher: Launcher, port: int) -> None:
        self.run = run
        self.launcher = launcher
        self.scenarios = scenarios(port)
        self._commands: dict[str, list[str]] = {}

    def write(self, name: str, content: Any) -> str:
        path = self.run.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    def plan(self, name: str, *arguments: str) -> None:
        self._commands[name] = list(arguments)

    def deployed(self) -> dict[str, set[str]]:
        """Run all planned plays, and return the hosts that each deployed to."""
        outputs = {}
        for name, arguments in self._commands.items():
            command = ["playbook", *arguments]
            outputs[name] = self.launcher.start(command, self.run.home, self.run.env, self.run.home / name).output
        for name, output in outputs.items():
            assert "PLAY [" in output, f"{name}: {output}"
            assert not self.run.leaking(output)
        return {name: set(re.findall(r"DEPLOYED (\w[\w-]*)", output)) for name, output in outputs.items()}


@pytest.fixture(scope="module")
def launcher(tmp_path_factory: pytest.TempPathFactory, tree: Path) -> Iterator[Launcher]:
    """Return a process that has imported Ansible, with an action that runs the module's code."""
    folder = tmp_path_factory.mktemp("gates")
    (folder / "ask.py").write_text(ASK, encoding="utf-8")
    settings = {"ANSIBLE_ACTION_PLUGINS": str(folder), "ANSIBLE_FORKS": "20"}
    found = Launcher(folder, COLLECTIONS or str(tree), settings)
    yield found
    found.close()


@pytest.fixture
def lab(run: Runner, launcher: Launcher) -> Iterator[Lab]:
    """Return a lab to run gates."""
    with serving() as port:
        yield Lab(run, launcher, port)


def hosts(variables: dict[str, Any], group: str = GROUP) -> dict[str, Any]:
    """Return an inventory of hosts with variables."""
    return {"all": {"children": {group: {"hosts": variables}}}}


def test_no_managed_host_answers_its_own_gate() -> None:
    assert answered_by_hosts() == []


@pytest.mark.parametrize("kinds", [pytest.param(False, id="trunks"), pytest.param(True, id="errors")])
def test_every_gate_of_a_task_is_closed_in_doubt(lab: Lab, kinds: bool) -> None:
    tested = {
        str(number): gate for number, gate in enumerate(gates()) if not gate.uses_inventory and not gate.is_shared
    }
    assert len(tested) > 5
    chosen = {name: asked for name, asked in lab.scenarios.items() if name == "healthy" or (name in KINDS) == kinds}
    inventory = lab.write("hosts.json", hosts(chosen))
    for number, gate in tested.items():
        lab.plan(number, "-i", inventory, lab.write(f"{number}.yml", gate.playbook("ask")), *OPTIONS)
    wrong = {}
    for number, names in lab.deployed().items():
        expected = {"healthy", *ACCEPTED.get(tested[number].play.get("name", ""), set())} & chosen.keys()
        if names != expected:
            wrong[tested[number].name] = names ^ expected
    assert not wrong


def test_every_gate_for_all_hosts_is_closed_in_doubt(lab: Lab) -> None:
    tested = [gate for gate in gates() if gate.is_shared]
    assert len(tested) > 1
    for number, gate in enumerate(tested):
        playbook = lab.write(f"gate-{number}.yml", gate.playbook("ask"))
        for scenario, variables in lab.scenarios.items():
            # With run_once, the first host speaks for all. In batches, the first one is before the others.
            order = [scenario, "other"] if "serial" in gate.play else ["other", scenario]
            asking = {"talkover_api_url": variables["talkover_api_url"]}
            known = {"other": {**lab.scenarios["healthy"], **asking}, scenario: variables}
            inventory = lab.write(f"{number}-{scenario}.json", hosts({name: known[name] for name in order}))
            lab.plan(f"{number} {scenario}", "-i", inventory, playbook, *OPTIONS)
    found = lab.deployed()
    assert {name: names for name, names in found.items() if names} == {
        f"{number} healthy": {"healthy", "other"} for number in range(len(tested))
    }


def test_a_null_age_closes_the_gate_of_the_guide(lab: Lab) -> None:
    (gate,) = [gate for gate in gates() if "oldest_check" in gate.text]
    text = gate.playbook("ask")
    changed = text.replace('"oldest_check": 900', '"oldest_check": null')
    assert changed != text
    inventory = lab.write("hosts.json", hosts(lab.scenarios))
    lab.plan("null", "-i", inventory, lab.write("null.yml", changed))
    lab.plan("number", "-i", inventory, lab.write("number.yml", text))
    assert lab.deployed() == {"null": set(), "number": {"healthy"}}


def test_every_gate_of_an_inventory_is_closed_in_doubt(lab: Lab) -> None:
    tested = [gate for gate in gates() if gate.uses_inventory]
    assert tested
    for number, (gate, source) in enumerate(itertools.product(tested, sources())):
        playbook = lab.write(f"{number}/deploy.yml", gate.playbook("ask"))
        for scenario, variables in lab.scenarios.items():
            known = lab.write(f"{number}/{scenario}/hosts.json", hosts({scenario: variables}))
            quick = {"api_url": variables["talkover_api_url"], "retries": 0, "timeout": 0.5}
            judged = lab.write(f"{number}/{scenario}/9.talkover.yml", {**source, **quick})
            lab.plan(f"{number} {scenario}", "-i", known, "-i", judged, playbook, *OPTIONS)
    found = lab.deployed()
    assert {name for name, names in found.items() if names} == {name for name in found if name.endswith(" healthy")}


@pytest.mark.parametrize("inventory_ids", ["well", ["other", "well", "other"], ["a", "B", "A", "b"]])
def test_an_id_that_changes_after_the_inventory_closes_the_gate(lab: Lab, inventory_ids: Any) -> None:
    """Variables beside the playbook, of the play and of the command line come after the inventory."""
    source = {"plugin": "talkover.voice.sip_trunks", "groups": {"deployable": "talkover_healthy"}}
    api_url = lab.scenarios["healthy"]["talkover_api_url"]
    host = {"talkover_trunk_id": inventory_ids, "ansible_connection": "local"}
    inventory = ["-i", lab.write("hosts.json", hosts({"pbx": host}))]
    inventory += ["-i", lab.write("9.talkover.yml", {**source, "api_url": api_url})]
    ids = [inventory_ids] if isinstance(inventory_ids, str) else inventory_ids
    changes = {"same": ids, "reversed": ids[::-1], "less": ids[1:], "more": [*ids, "new"], "sick": "sick", "null": None}
    changes["case"] = [*ids, ids[0].swapcase() if ids[0] != "a" else "c"]
    tested = [gate for gate in gates() if gate.uses_inventory]
    assert tested
    for number, gate in enumerate(tested):
        (play,) = json.loads(gate.playbook("ask"))
        for place, (change, value) in enumerate(changes.items()):
            folder, variables = f"{number}/{change}", {"talkover_trunk_id": value}
            if place % 2:
                lab.write(f"{folder}/host_vars/pbx.yml", variables)
            in_play = {} if place % 2 else {"vars": variables}
            playbook = lab.write(f"{folder}/deploy.yml", [{**play, **in_play}])
            lab.plan(f"{change} {number}", *inventory, playbook, "--tags", "deploy")
    opened = {name.split()[0] for name, names in lab.deployed().items() if names}
    assert opened == {"same", "reversed", *({"less"} if set(ids[1:]) == set(ids) else ())}
