# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors guide shows messages that the collection prints today, word for word."""

from __future__ import annotations

import json
import re

from ansible_collections.talkover.voice.tests.integration import pages
from ansible_collections.talkover.voice.tests.integration.commands import Runner
from ansible_collections.talkover.voice.tests.integration.error_messages import Situations

_SECTION = re.compile(
    r"^(?P<heading>\S.*)\n\^+\n\n\.\. code-block:: text\n\n(?P<message>(?: {4}.+\n)+)", re.MULTILINE
)


def documented() -> dict[str, str]:
    """Return the messages of the guide, by the heading of their section, with single spaces."""
    text = (pages.GUIDES / "guide_errors.rst").read_text("utf-8")
    return {match["heading"].replace("``", ""): " ".join(match["message"].split()) for match in _SECTION.finditer(text)}


def test_the_messages_of_the_guide_are_those_of_the_module(run: Runner) -> None:
    with Situations(run.home) as situations:
        tasks = []
        for heading, options in situations.tasks().items():
            environment = options.pop("env", {})
            task = {"talkover.voice.sip_trunk_info": options, "environment": environment}
            tasks += [
                {**task, "register": "result", "ignore_errors": True},
                {"ansible.builtin.set_fact": {"messages": "{{ messages | default({}) | combine({heading: result.msg}) }}"},
                 "vars": {"heading": heading}},
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
