# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is documented is run: the examples of the plugin, and the files of the guide."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner
from ansible_collections.talkover.voice.tests.integration.pages import use_emulator_ids
from ansible_collections.talkover.voice.tests.integration.sip_trunks.inventory import (
    Inventory,
    asked,
    members,
    variables,
)


def documented(run: Runner) -> list[dict[str, Any]]:
    """Return the sources among the examples of the plugin; all but the first are comments in one file."""
    code, output = run("doc", "--json", "-t", "inventory", "talkover.voice.sip_trunks")
    assert code == 0, output
    page = json.loads(output)["talkover.voice.sip_trunks"]
    assert page["doc"]["short_description"]
    bare = (re.sub("^# ?", "", part, flags=re.MULTILINE) for part in page["examples"].split("\n\n"))
    return [yaml.safe_load(part[part.index("plugin: ") :]) for part in bare if "plugin: " in part]


def test_the_examples_of_the_plugin_run(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts(
        {
            "pbx1": {"talkover_trunk_id": "trunk-healthy", "voice": {"trunks": ["trunk-healthy"]}},
            "pbx2": {"talkover_trunk_id": "trunk-sick", "voice": {"trunks": ["trunk-sick", "trunk-healthy"]}},
        }
    )
    first, second, third = documented(inventory.run)
    inventory.write("99-talkover.yml", first)
    assert members(inventory.show(), "deployable") == ["pbx1"]
    inventory.write("99-talkover.yml", second)
    listed = inventory.show()
    assert members(listed, "deployable") == ["pbx1"]
    assert members(listed, "carrier_primary_carrier") == ["pbx1", "pbx2"]
    assert variables(listed, "pbx2")["carrier"] == "backup-carrier, primary-carrier"
    inventory.write("99-talkover.yml", third)
    assert len(members(inventory.show(), "talkover_trunks")) == 3
    emulator.requests.clear()
    assert len(members(inventory.show(), "talkover_trunks")) == 3
    assert not emulator.requests


@pytest.fixture
def examples(inventory: Inventory, tree: Path) -> Path:
    """Return a copy of the examples, as a user would make."""
    inventory.folder.rmdir()
    shutil.copytree(tree / "ansible_collections/talkover/voice/docs/examples/fleet", inventory.folder)
    return inventory.folder


def test_the_deploy_goes_to_the_deployable_hosts(inventory: Inventory, emulator: Emulator, examples: Path) -> None:
    emulator.trunks["trunk-recovering"] |= {"changes": [], "live": []}
    env = {"ANSIBLE_CONFIG": str(examples / "ansible.cfg")}
    deploy = str(examples / "deploy.yml")
    outcome = inventory.run("playbook", deploy, **env)
    assert outcome.code == 0, outcome.output
    deployed = sorted(re.findall(r"Deploying to (\S+),", outcome.output))
    assert deployed == ["pbx-houston-1", "pbx-houston-2", "pbx-recife-1"]
    assert "Primary Carrier" in outcome.output

    emulator.trunks["trunk-healthy"]["live"] = {"is_healthy": False}
    emulator.trunks["trunk-recovering"]["is_active"] = False
    none = inventory.run("playbook", deploy, **env)
    assert none.code == 0, none.output
    assert "no hosts matched" in none.output

    emulator.fail_next("/health", status=403)
    unknown = inventory.run("playbook", deploy, **env)
    assert unknown.code != 0
    assert "Deploying to" not in none.output + unknown.output


def test_the_other_sources_of_the_guide(inventory: Inventory, emulator: Emulator, examples: Path) -> None:
    def listed(source: str, *arguments: str, **env: str) -> dict[str, Any]:
        hosts = str(examples / "hosts.yml")
        return inventory.show("-i", hosts, "-i", str(examples / source), *arguments, **env)

    for _twice in range(2):
        assert members(listed("cached.talkover.yml"), "deployable") == ["pbx-houston-1", "pbx-houston-2"]
    assert asked(emulator) == {"/trunk-healthy": 1, "/trunk-sick": 1, "/trunk-recovering": 1}

    trunks = listed("trunks.talkover.yml")
    assert set(members(trunks, "sick")) >= {"trunk-sick", "pbx-sao-paulo-1"}
    assert "trunk-healthy" in members(trunks, "carrier_primary_carrier")

    run = inventory.run
    password = run.home / "password"
    password.write_text("correct horse", encoding="utf-8")
    vault = ("--vault-password-file", str(password))
    code, secret = run("vault", "encrypt_string", *vault, TOKEN)
    assert code == 0, secret
    lines = textwrap.dedent(secret.partition("!vault |\n")[2]).strip().splitlines()
    (run.home / "talkover.token").write_text(
        "\n".join(line for line in lines if re.fullmatch(r"\$ANSIBLE_VAULT.*|[0-9a-f]+", line)) + "\n", encoding="utf-8"
    )
    assert "pbx-houston-1" in members(listed("vault.talkover.yml", *vault, TALKOVER_TOKEN=""), "deployable")


def test_the_guide_shows_the_examples_as_they_are(tree: Path) -> None:
    docs = tree / "ansible_collections/talkover/voice/docs"
    guide = (docs / "docsite/rst/guide_inventory.rst").read_text(encoding="utf-8")
    blocks = re.findall(
        r"^\.\. code-block:: (?:yaml|ini)\n(?: +:caption: .*\n)?\n((?: {4}.*\n|\n)+)", guide, re.MULTILINE
    )
    shown = {use_emulator_ids(textwrap.dedent(block).strip()) for block in blocks}
    files = {
        path.name: path.read_text(encoding="utf-8").partition("\n\n")[2].removeprefix("---\n").strip()
        for path in (docs / "examples/fleet").iterdir()
    }
    assert shown == set(files.values())
