# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation is there, and its examples do what they say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import Runner

PLUGINS = [
    ("module", "sip_trunk_info"),
    ("test", "healthy"),
    ("filter", "health_problems"),
    ("lookup", "sip_trunk"),
]


def documented(run: Runner, kind: str, name: str) -> dict[str, Any]:
    code, output = run("doc", "--json", "-t", kind, f"talkover.voice.{name}")
    assert code == 0, output
    page: dict[str, Any] = json.loads(output)[f"talkover.voice.{name}"]
    return page


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_a_plugin_is_documented_as_text_and_as_json(run: Runner, kind: str, name: str) -> None:
    page = documented(run, kind, name)
    assert page["doc"]["short_description"]
    assert page["return"]
    code, text = run("doc", "-t", kind, f"talkover.voice.{name}")
    assert code == 0, text
    assert page["doc"]["author"][0].split("(")[0] in text


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_the_examples_of_a_plugin_run(run: Runner, emulator: Emulator, kind: str, name: str) -> None:
    tasks = yaml.safe_load(documented(run, kind, name)["examples"])
    extra = json.dumps({"talkover_api_url": emulator.url})
    code, output = run.play(tasks, "-e", extra, TALKOVER_API_URL=emulator.url)
    assert code == 0, output
    assert emulator.requests


def examples_of_the_readme(tree: Path) -> list[str]:
    text = (tree / "ansible_collections/talkover/voice/tests").resolve().with_name("README.md").read_text("utf-8")
    return re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_examples_of_the_readme_run(run: Runner, emulator: Emulator, tree: Path) -> None:
    examples = examples_of_the_readme(tree)
    assert len(examples) == 4
    for number, example in enumerate(examples):
        path = run.home / f"{number}.talkover.yml"
        path.write_text(example, encoding="utf-8")
        if example.startswith("plugin:"):
            hosts = run.home / "0-hosts.ini"
            hosts.write_text(
                "web1 talkover_trunk_id=trunk-healthy\nweb2 talkover_trunk_id=trunk-sick\n", encoding="utf-8"
            )
            arguments = ["-i", str(hosts), "-i", str(path), "--list"]
            code, output = run("inventory", *arguments, TALKOVER_API_URL=emulator.url)
            assert json.loads(output)["deployable"] == {"hosts": ["web1"]}
        else:
            code, output = run("playbook", str(path), "-e", "trunk_id=trunk-healthy", TALKOVER_API_URL=emulator.url)
        assert code == 0, output


def test_the_action_group_has_the_module(run: Runner, emulator: Emulator) -> None:
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/talkover.voice.talkover": {"api_url": emulator.url, "trunk_id": "trunk-healthy"}},
        "tasks": [{"talkover.voice.sip_trunk_info": {}}],
    }
    path = Path(run.home, "defaults.yml")
    path.write_text(yaml.safe_dump([play]), encoding="utf-8")
    code, output = run("playbook", str(path))
    assert code == 0, output
    assert len(emulator.requests) == 1
