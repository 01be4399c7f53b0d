# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test what the platform guide says about AWX: credential types, and inventories built from other inventories.

AWX stores what ansible-inventory prints, hands it to jobs and to constructed inventories as a script, and runs both
with ansible-runner.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration import pages
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner

EXAMPLES = pages.ROOT / "docs" / "examples" / "awx"
HOSTS = {
    "pbx": {
        "hosts": {
            "pbx-1": {"talkover_trunk_id": "trunk-healthy"},
            "pbx-2": {"talkover_trunk_id": "trunk-sick"},
        }
    }
}
SOURCE = {"plugin": "talkover.voice.sip_trunks", "strict": True}
CONSTRUCTED = {"plugin": "ansible.builtin.constructed", "strict": True, "groups": {"deployable": "talkover_healthy"}}
GATE = [
    {
        "hosts": "deployable",
        "gather_facts": False,
        "tasks": [
            {
                "talkover.voice.sip_trunk_info": {"trunk_id": "{{ talkover_trunk_id }}"},
                "delegate_to": "localhost",
                "register": "result",
            },
            {"ansible.builtin.assert": {"that": "result.healthy", "fail_msg": "{{ result.msg }}"}},
        ],
    }
]


def read(name: str) -> dict[str, Any]:
    """Return one of the files for AWX."""
    content: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return content


def save_script(path: Path, listed: str) -> None:
    """Write a script that prints an inventory, as AWX does for jobs."""
    path.write_text(f"#!{sys.executable}\nprint({listed!r})\n", encoding="utf-8")
    path.chmod(0o700)


@pytest.fixture
def inventory(run: Runner, emulator: Emulator) -> Path:
    """Update an inventory with trunks, and return the directory of a constructed inventory on top of it."""
    (run.home / "10-hosts.yml").write_text(yaml.safe_dump(HOSTS), encoding="utf-8")
    (run.home / "99-talkover.yml").write_text(yaml.safe_dump(SOURCE), encoding="utf-8")
    update = ["-i", "10-hosts.yml", "-i", "99-talkover.yml", "--list", "--export", "--output", "listed.json"]
    code, output = run("inventory", *update, TALKOVER_API_URL=emulator.url)
    assert code == 0, output
    folder = run.home / "private data" / "inventory"
    folder.mkdir(parents=True)
    save_script(folder / "10-input", (run.home / "listed.json").read_text(encoding="utf-8"))
    (folder / "99-constructed.yml").write_text(yaml.safe_dump(CONSTRUCTED), encoding="utf-8")
    return folder


def test_the_files_are_the_credential_type_of_the_guide() -> None:
    found = {block.kind: yaml.safe_load(block.text) for block in pages.blocks("guide_platform.rst")}
    assert read("credential_type_inputs") == found["inputs"]
    assert read("credential_type_injectors") == found["injectors"]


def test_the_credential_type_is_valid_for_awx() -> None:
    inputs, injectors = read("credential_type_inputs"), read("credential_type_injectors")
    assert inputs.keys() == {"fields", "required"}
    fields = {field["id"]: field for field in inputs["fields"]}
    for field in fields.values():
        assert field.keys() <= {"id", "type", "label", "help_text", "secret", "default"}
        assert field["type"] == "string"
    assert set(inputs["required"]) == fields.keys()
    assert [name for name, field in fields.items() if field.get("secret")] == ["token"]
    assert injectors.keys() == {"env"}
    assert sorted(injectors["env"].values()) == sorted(f"{{{{ {name} }}}}" for name in fields)


@pytest.mark.parametrize("kind", ["lookup", "inventory", "module"])
def test_the_plugins_read_what_the_credential_sets(run: Runner, kind: str) -> None:
    name = "talkover.voice." + {"lookup": "sip_trunk", "inventory": "sip_trunks", "module": "sip_trunk_info"}[kind]
    code, output = run("doc", "--json", "-t", kind, name)
    assert code == 0, output
    options = json.loads(output)[name]["doc"]["options"]
    for variable, option in (("TALKOVER_TOKEN", "api_token"), ("TALKOVER_API_URL", "api_url")):
        assert variable in read("credential_type_injectors")["env"]
        assert f"E({variable})" in str(options[option]["description"])
        if kind != "module":
            assert variable in [entry["name"] for entry in options[option]["env"]]


def test_a_constructed_inventory_has_the_verdicts_of_its_input(run: Runner, inventory: Path) -> None:
    code, output = run("inventory", "-i", str(inventory), "--list", "--limit", "deployable")
    assert code == 0, output
    listed = json.loads(output[output.index("{") :])
    assert listed["deployable"]["hosts"] == ["pbx-1"]
    assert list(listed["_meta"]["hostvars"]) == ["pbx-1"]


def test_the_gate_of_the_execution_environment_runs(run: Runner) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    # In an execution environment, the emulator of the installed collection is started.
    extra = json.dumps({"emulator": str(pages.ROOT / "tests/emulator"), "emulator_port": port})
    code, output = run("playbook", str(pages.ROOT / "tests/ee/gate.yml"), "--extra-vars", extra)
    assert code == 0, output


@pytest.mark.parametrize(("status", "code"), [("healthy", 0), ("unhealthy", 2)])
def test_a_gate_stops_a_job_on_an_inventory_that_was_not_updated(
    run: Runner, emulator: Emulator, inventory: Path, status: str, code: int
) -> None:
    # The trunk changes after the update. Neither smart nor constructed inventories update their input at a launch.
    emulator.trunks["trunk-healthy"]["health_status"] = status
    folder = inventory.parent
    for name in ("env", "project"):
        (folder / name).mkdir()
    values = {"{{ token }}": TOKEN, "{{ api_url }}": emulator.url}
    injected = {name: values[text] for name, text in read("credential_type_injectors")["env"].items()}
    (folder / "env/envvars").write_text(json.dumps(injected), encoding="utf-8")
    (folder / "env/extravars").write_text(json.dumps({"ansible_python_interpreter": sys.executable}), encoding="utf-8")
    (folder / "project/gate.yml").write_text(yaml.safe_dump(GATE), encoding="utf-8")
    del run.env["TALKOVER_TOKEN"]
    path = os.pathsep.join([str(Path(sys.executable).parent), run.env["PATH"]])
    arguments = ["-m", "ansible_runner", "run", "--playbook", "gate.yml", "--ident", "job", str(folder)]
    outcome = run.start(*arguments, PATH=path, ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")
    assert outcome.code == code, outcome.output
    assert "pbx-1" in outcome.output
    assert "pbx-2" not in outcome.output
    assert ("unhealthy" in outcome.output) == (status == "unhealthy")
