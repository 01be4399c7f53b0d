# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the collection as Automation Platform uses it: execution environments, documentation as JSON, ansible-runner."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner

ENVIRONMENT = {
    "version": 3,
    "images": {"base_image": {"name": "localhost/base:latest"}},
    "dependencies": {"galaxy": {"collections": ["talkover.voice"]}},
}

PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Ask for the trunk
      talkover.voice.sip_trunk_info:
        trunk_id: trunk-sick
        api_token: "{{ talkover_api_token | default(omit) }}"
      register: result
    - name: Stop unless it can carry calls
      ansible.builtin.assert:
        that: lookup('talkover.voice.sip_trunk', 'trunk-sick') is talkover.voice.healthy
        fail_msg: "{{ result.problems.values() | flatten }}"
"""


def test_an_execution_environment_gets_the_requirements(run: Runner) -> None:
    (run.home / "execution-environment.yml").write_text(yaml.safe_dump(ENVIRONMENT), encoding="utf-8")
    outcome = run.start("-m", "ansible_builder", "create", "--context", "context")
    assert outcome.code == 0, outcome.output
    # The image runs this copy of the introspection on the collections in it, and installs what it finds.
    script = run.home / "context/_build/scripts/introspect.py"
    collections = run.env["ANSIBLE_COLLECTIONS_PATH"]
    outcome = run.start(str(script), "introspect", collections, "--write-pip", "pip.txt")
    assert outcome.code == 0, outcome.output
    assert (run.home / "pip.txt").read_text(encoding="utf-8").split("#")[0].strip() == "requests>=2.25.1"
    assert yaml.safe_load(outcome.output.partition("---")[2])["system"] == []


def described(options: Mapping[str, Any], inner: str, path: str) -> Iterator[str]:
    """Return what has no description among options or return values, and what is inside of them."""
    for name, option in options.items():
        if not (option["description"] and all(option["description"])):
            yield f"{path} {name}"
        yield from described(option.get(inner) or {}, inner, f"{path} {name}")


def test_the_documentation_of_all_plugins_is_json_without_gaps(run: Runner, tree: Path) -> None:
    code, output = run("doc", "--metadata-dump", "talkover.voice")
    assert code == 0, output
    # The output starts with messages of ansible-core, and lists playbook keywords among the plugins.
    pages = {kind: found for kind, found in json.loads(output[output.index("{") :])["all"].items() if found}
    pages.pop("keyword", None)
    # A role has options for each entry point, in another form.
    (role,) = pages.pop("role").values()
    assert list(described(role["entry_points"]["main"]["options"], "options", "gate")) == []
    folder = tree / "ansible_collections/talkover/voice/plugins"
    # The folders of all plugins that users name; module_utils, plugin_utils and doc_fragments have underscores.
    files = {(path.parent.name.replace("modules", "module"), path.stem) for path in folder.glob("[!_]*/*.py")}
    public = {(kind, f"talkover.voice.{name}") for kind, name in files if "_" not in kind and kind != "action"}
    assert {(kind, name) for kind, found in pages.items() for name in found} == public
    for kind, found in pages.items():
        for name, page in found.items():
            assert page["doc"]["collection"] == "talkover.voice"
            assert list(described(page["doc"]["options"], "suboptions", name)) == []
            assert list(described(page["return"] or {}, "contains", name)) == []
            assert page["examples"], (kind, name)
            asks_the_service = kind not in ("filter", "test")
            assert page["doc"]["requirements"] == ["python >= 3.9", *["requests >= 2.25.1"] * asks_the_service]


def test_the_pages_are_there_as_text(run: Runner) -> None:
    for kind, name, words in (
        ("module", "sip_trunk_info", "Windows hosts cannot run it. Delegate the task to `localhost'"),
        ("inventory", "sip_trunks", "reads sources in the order of the command line"),
    ):
        code, text = run("doc", "-t", kind, f"talkover.voice.{name}")
        assert code == 0, text
        assert words in " ".join(text.split())


@pytest.mark.parametrize(("source", "with_token"), [("extra variable", []), ("environment", ["command"])])
def test_ansible_runner_keeps_what_happened_without_the_token(
    run: Runner, emulator: Emulator, source: str, with_token: list[str]
) -> None:
    folder = run.home / "private data"
    (folder / "project").mkdir(parents=True)
    (folder / "project/gate.yml").write_text(PLAY, encoding="utf-8")
    # Left to itself it takes that of ansible-playbook, and no interpreter of a task may have a space in its path.
    (folder / "inventory").mkdir()
    host = f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}"
    (folder / "inventory/hosts").write_text(f"{host}\n", encoding="utf-8")
    (folder / "env").mkdir()
    if source == "extra variable":
        del run.env["TALKOVER_TOKEN"]
        extra = folder / "env/extravars"
        extra.write_text(json.dumps({"talkover_api_token": TOKEN}), encoding="utf-8")
    # It starts ansible-playbook by its name.
    path = os.pathsep.join([str(Path(sys.executable).parent), run.env["PATH"]])
    arguments = ["-m", "ansible_runner", "run", "--playbook", "gate.yml", "--ident", "job", "-vvvv", str(folder)]
    outcome = run.start(*arguments, PATH=path, TALKOVER_API_URL=emulator.url)
    assert outcome.code == 2, outcome.output
    assert not run.leaking(outcome.output)
    artifacts = folder / "artifacts/job"
    assert (artifacts / "status").read_text(encoding="utf-8") == "failed"
    events = [json.loads(file.read_text(encoding="utf-8")) for file in (artifacts / "job_events").glob("*.json")]
    (failed,) = (event["event_data"]["res"] for event in events if event["event"] == "runner_on_failed")
    assert 'health_status is "unhealthy", but must be "healthy".' in failed["msg"]
    # Runner itself writes down the whole environment that it was given, for the eyes of its owner alone.
    kept = [file for file in run.with_token() if artifacts in file.parents]
    assert [str(file.relative_to(artifacts)) for file in kept] == with_token
    assert {file.stat().st_mode & 0o077 for file in kept} <= {0}
