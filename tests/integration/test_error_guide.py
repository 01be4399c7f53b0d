# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the messages in the errors guide are those that the collection prints."""

from __future__ import annotations

import json
import re
from typing import Any

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration import pages
from ansible_collections.talkover.voice.tests.integration.commands import Runner
from ansible_collections.talkover.voice.tests.integration.error_messages import INVENTORIES, TRUNK, Situations

_SECTION = re.compile(r"^(?P<heading>\S.*)\n\^+\n\n\.\. code-block:: text\n\n(?P<message>(?: {4}.+\n)+)", re.MULTILINE)


def documented() -> dict[str, str]:
    """Return the messages of the guide with single spaces, by the heading of their section."""
    text = (pages.GUIDES / "guide_errors.rst").read_text("utf-8")
    return {match["heading"].replace("``", ""): " ".join(match["message"].split()) for match in _SECTION.finditer(text)}


def is_shown(message: str, output: str) -> bool:
    """Return whether a command printed a message, regardless of line breaks."""
    return "".join(message.split()) in "".join(output.split())


def test_the_messages_of_the_guide_are_those_of_the_module(run: Runner) -> None:
    tasks: list[dict[str, Any]] = []
    with Situations(run.home) as situations:
        for heading, options in situations.tasks().items():
            task = {"talkover.voice.sip_trunk_info": options, "environment": options.pop("env", {})}
            keep = "{{ messages | default({}) | combine({heading: result.msg}) }}"
            tasks += [
                {**task, "register": "result", "ignore_errors": True},
                {"ansible.builtin.set_fact": {"messages": keep}, "vars": {"heading": heading}},
            ]
        path = run.home / "messages.json"
        tasks.append({"ansible.builtin.copy": {"content": "{{ messages | to_json }}", "dest": str(path)}})
        del run.env["TALKOVER_TOKEN"]
        code, output = run.play(tasks)
        assert code == 0, output
        messages = json.loads(path.read_text("utf-8"))
        actual = {heading: situations.shown(message) for heading, message in messages.items()}
    shown = documented()
    assert {heading: shown.get(heading) for heading in actual} == actual
    assert shown.keys() == actual.keys() | INVENTORIES.keys()


def test_the_messages_of_the_guide_are_those_of_the_inventory(run: Runner) -> None:
    playbook = run.home / "deploy.yml"
    playbook.write_text("[{hosts: deployable, gather_facts: false, tasks: []}]", encoding="utf-8")
    shown = documented()
    for heading, situation in INVENTORIES.items():
        hosts, source = run.home / "hosts.yml", run.home / "talkover.yml"
        hosts.write_text(json.dumps(situation["hosts"]), encoding="utf-8")
        source.write_text(json.dumps(situation["source"]), encoding="utf-8")
        with Emulator(trunks=[{"id": TRUNK, "is_active": False}], token=run.token) as service:
            arguments = ("-i", str(hosts), "-i", str(source), str(playbook))
            output = run("playbook", *arguments, TALKOVER_API_URL=service.url).output
        assert is_shown(shown[heading], output), f"{shown[heading]}\n\n{output}"
