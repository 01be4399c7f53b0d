# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the stories with the emulator, and check their results."""

from __future__ import annotations

import importlib
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from .commands import EXAMPLES, INVENTORY, Ansible, say
from .events import tell_of_events

if TYPE_CHECKING:
    from ansible_collections.talkover.voice.tests.emulator import Emulator

# The names of tasks in the examples.
GATE = "Stop unless the trunk can carry calls"
DEPLOY = "Deploy the voice application"
# The tasks of the role.
CHECK, EACH_HOST = (
    f"talkover.voice.gate : {name}"
    for name in ("Check the SIP trunks of all hosts of the play", "Stop each host for which the check did not run")
)

TASK_FAILED = 2
"""The exit code of ansible-playbook when a task failed."""


class Story(NamedTuple):
    """Hold the text of a story, and its expected result."""

    told: str
    playbook: str
    trunk_id: str
    variables: dict[str, Any]
    last_task: str
    exit_code: int
    live_checks: int
    printed: tuple[str, ...] = ()


STORIES = (
    Story(
        told="A healthy trunk: the playbook of the collection ends with exit code 0. There is no file to write.",
        playbook="talkover.voice.gate",
        trunk_id="trunk-healthy",
        variables={"trunk_ids": "trunk-healthy"},
        last_task=EACH_HOST,
        exit_code=0,
        live_checks=1,
    ),
    Story(
        told="A trunk with problems: the role stops the play before the deploy task, and says what is wrong.",
        playbook="role.yml",
        trunk_id="trunk-sick",
        variables={"talkover_trunk_id": "trunk-sick"},
        last_task=CHECK,
        exit_code=TASK_FAILED,
        live_checks=1,
        printed=("is_verified is false", "live_health.is_healthy is false", "No answer to SIP OPTIONS"),
    ),
    Story(
        told="A trunk that recovers while the role waits: the gate opens at the third try.",
        playbook="role.yml",
        trunk_id="trunk-recovering",
        variables={"talkover_trunk_id": "trunk-recovering", "gate_wait": 2, "gate_delay": 1},
        last_task=DEPLOY,
        exit_code=0,
        live_checks=3,
    ),
)


# The hosts of the inventory whose trunks are all healthy after the stories above.
DEPLOYABLE = ["pbx-houston-1", "pbx-houston-2", "pbx-recife-1"]


def emulated(service: Emulator) -> dict[str, str]:
    """Return the environment in which Ansible learns of the emulator."""
    connection = {"TALKOVER_API_URL": service.url, "TALKOVER_TOKEN": service.token}
    # A proxy cannot reach the loopback interface of this machine.
    return connection | {name: "" for name in os.environ if name.lower().endswith("_proxy")}


def tell(story: Story, ansible: Ansible, service: Emulator) -> list[str]:
    """Run a story, and return the differences from the expected result."""
    played = ansible.play(story.playbook, story.variables, emulated(service))
    asked = f"/{story.trunk_id}/health"
    live_checks = sum(request.path.endswith(asked) for request in service.requests)
    wrong = []
    if played.exit_code != story.exit_code:
        wrong.append(f"ansible-playbook ended with {played.exit_code} instead of {story.exit_code}")
    if played.last_task != story.last_task:
        wrong.append(f'the last task was "{played.last_task}" instead of "{story.last_task}"')
    if live_checks != story.live_checks:
        wrong.append(f"the trunk was checked {live_checks} times instead of {story.live_checks}")
    wrong += [f'"{words}" was not printed' for words in story.printed if words not in played.output]
    return wrong


def tell_of_hosts(ansible: Ansible, service: Emulator) -> list[str]:
    """Show an inventory, deploy to its deployable hosts, and return the differences from the expected result."""
    service.requests.clear()
    say(f"$ cd {INVENTORY}")
    graph = ansible.use("ansible-inventory --graph", emulated(service))
    say("")
    played = ansible.use("ansible-playbook deploy.yml", emulated(service))
    wrong = [
        f"{command} ended with {code} instead of 0"
        for command, code in (("ansible-inventory", graph.exit_code), ("ansible-playbook", played.exit_code))
        if code
    ]
    shown = re.findall(r"\|--(pbx-[\w-]+)", graph.output.partition("@deployable:")[2].partition("@")[0])
    deployed = re.findall(r"Deploying to (pbx-[\w-]+),", played.output)
    for verb, hosts in (("shows", shown), ("reached", deployed)):
        if sorted(hosts) != DEPLOYABLE:
            wrong.append(f"it {verb} {sorted(hosts)} as deployable instead of {DEPLOYABLE}")
    live_checks = sum(request.path.endswith("/health") for request in service.requests)
    if live_checks != 6:
        wrong.append(f"two runs with three trunks made {live_checks} live checks instead of 6")
    return wrong


def show_emulated(ansible: Ansible) -> int:
    """Run all stories."""
    # By the name that it has for this program, which does not know the clone as a collection.
    emulator: type[Emulator] = importlib.import_module("emulator").Emulator
    failures = []
    with emulator() as service:
        for number, story in enumerate(STORIES, start=1):
            say(f"\n{number}. {story.told}")
            failures += [f"story {number}: {wrong}" for wrong in tell(story, ansible, service)]
        number = len(STORIES) + 1
        told = "Six hosts behind these trunks, of which one is sick: the deploy goes to the deployable hosts alone."
        say(f"\n{number}. {told}")
        failures += [f"story {number}: {wrong}" for wrong in tell_of_hosts(ansible, service)]
        number += 1
        say(f"\n{number}. A trunk turns sick while a rulebook watches it: an event starts a playbook on its hosts.")
        failures += [f"story {number}: {wrong}" for wrong in tell_of_events(ansible, service, emulated(service))]
    say("")
    if failures:
        say("Not as it was told: " + "; ".join(failures) + ".")
        return 1
    say(
        "Shown: a gate that opens, one that stops a deploy and says why, one that waits, hosts that know their trunks, "
        "and a playbook that an event starts. "
        f"Next: copy {EXAMPLES / 'role.yml'} or {INVENTORY}, or set TALKOVER_TOKEN and run "
        "`make demo TRUNK=<id>` to ask about a trunk of yours."
    )
    return 0
