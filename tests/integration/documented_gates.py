# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collect the gates of the documentation, and prepare them to run against trunks and failures of every kind.

A gate is an example that stops a play: it has an assertion, a C(fail) or an C(until). What it guards is replaced by a
task that prints C(DEPLOYED) and the name of the host.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ansible_collections.talkover.voice.tests.integration import pages

GROUP = "gated"
_STOPS = ("ansible.builtin.assert", "ansible.builtin.fail", '"until"')
# The bad example in the guide for users of ansible.builtin.uri.
_BAD = "ansible.builtin.uri"
_EXAMPLES = pages.ROOT / "docs" / "examples"
_MARK = {
    "name": "Mark that the deploy ran",
    "ansible.builtin.debug": {"msg": "DEPLOYED {{ inventory_hostname }}"},
    "tags": "deploy",
}
# The IDs in the examples, and their replacements in a run.
_LITERALS = (
    (r'"trunk-(healthy|sick|recovering|unknown)"', '"{{ trunk_id }}"'),
    (r"'trunk-(healthy|sick|recovering|unknown)'", "trunk_id"),
    (r'"(delay|seconds_between)": \d+', r'"\1": 0'),
    # Without further attempts, Ansible does not mark a task as failed whose "until" is not met.
    (r'"(retries|tries)": \d+', r'"\1": 0'),
    (r"(lookup\('talkover\.voice\.sip_trunk', [^)]*)\)", r"\1, retries=0, timeout=0.5)"),
)


class Gate(NamedTuple):
    """Hold an example that stops a play."""

    name: str
    play: dict[str, Any]

    @property
    def text(self) -> str:
        """Return the example in a form to search."""
        return json.dumps(self.play)

    @property
    def is_shared(self) -> bool:
        """Return whether one host decides for all hosts of the play."""
        return "run_once" in self.text or "any_errors_fatal" in self.text

    @property
    def uses_inventory(self) -> bool:
        """Return whether the inventory plugin decides which hosts are in the play."""
        return bool(self.play["hosts"] == "deployable")

    def playbook(self, module: str) -> str:
        """Return the playbook to run: with quick attempts, and with a mark in place of the deploy.

        :param module: the module to run instead of sip_trunk_info.
        """
        text = self.text
        for pattern, replacement in _LITERALS:
            text = re.sub(pattern, replacement, text)
        play = json.loads(text)
        tasks = play["tasks"]
        if tasks and "ansible.builtin.debug" in tasks[-1]:
            tasks.pop()
        tasks.append(_MARK)
        for part in ("pre_tasks", "tasks"):
            _ask_quickly(play.get(part, []), module)
        if not self.uses_inventory:
            play["hosts"] = GROUP
        return json.dumps([play])


def _ask_quickly(tasks: list[dict[str, Any]], module: str) -> None:
    for task in list(_all_tasks(tasks)):
        options = task.pop("talkover.voice.sip_trunk_info", None)
        if options is not None:
            task[module] = {**options, "api_url": "{{ talkover_api_url }}", "retries": 0, "timeout": 0.5}


def gates() -> list[Gate]:
    """Collect every gate of the README, the guides, the plugins and the example files.

    Gates that differ in nothing but names are one, with the places of all.
    """
    found: dict[str, Gate] = {}
    for gate in _plays():
        if any(word in gate.text for word in _STOPS) and _BAD not in gate.text:
            same = re.sub(r'"(name|fail_msg|register)": "[^"]*"(, )?|resultado|result', "", gate.playbook("ask"))
            found[same] = Gate(f"{found[same].name}; {gate.name}" if same in found else gate.name, gate.play)
    return list(found.values())


def answered_by_hosts() -> list[str]:
    """Collect the places of gates that run on managed hosts, which could answer them as they like."""
    return [
        gate.name
        for gate in _plays()
        if any(word in gate.text for word in _STOPS) and gate.play["hosts"] != "localhost"
        for task in _all_tasks(gate.play["tasks"] + gate.play.get("pre_tasks", []))
        if "talkover.voice.sip_trunk_info" in task and task.get("delegate_to") != "localhost"
    ]


def _all_tasks(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for task in tasks:
        yield task
        for part in ("block", "rescue", "always"):
            yield from _all_tasks(task.get(part, []))


def sources() -> list[dict[str, Any]]:
    """Collect the inventory sources that the documentation shows before a play for C(hosts: deployable)."""
    found = [
        block.text
        for page in pages.names()
        for block in pages.blocks(page)
        if block.name and block.name.endswith("talkover.yml")
    ]
    found.append((_EXAMPLES / "fleet" / "talkover.yml").read_text("utf-8"))
    return [json.loads(text) for text in sorted({json.dumps(yaml.safe_load(text)) for text in found})]


def _plays() -> Iterator[Gate]:
    for page in pages.names():
        for block in pages.blocks(page):
            if block.language in ("yaml", "yaml+jinja"):
                yield from _of_block(block.place, block.text, apart=page == pages.PLUGINS)
    for path in sorted(_EXAMPLES.rglob("*.yml")):
        yield from _of_block(str(path.relative_to(pages.ROOT)), Path(path).read_text("utf-8"), apart=False)


def _of_block(place: str, text: str, *, apart: bool) -> Iterator[Gate]:
    """Yield the plays of a block. The examples of a plugin are a list in which each task stands for itself."""
    data = yaml.safe_load(text)
    if not isinstance(data, list):
        return
    if all(pages.is_play(item) for item in data):
        # The role and its playbook have rows in the table of careless use.
        for play in (item for item in data if "hosts" in item):
            yield Gate(f"{place}: {play.get('name', play['hosts'])}", play)
        return
    for tasks in [[task] for task in data] if apart else [data]:
        play = {"name": tasks[0].get("name"), "hosts": GROUP, "gather_facts": False, "tasks": tasks}
        yield Gate(f"{place}: {play['name']}", play)
