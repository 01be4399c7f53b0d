# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a row of the table of careless use is, and the words to write one with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HEALTHY, SICK, OLD, ABSENT = "t-ok", "t-sick", "t-old", "t-none"
"""The trunks of the service. The third one is healthy by a check of the year 2020, the fourth does not exist."""
CANARY = "the value of a variable that is a secret"
"""What the variable C(canary) holds, and C(canaries.value). Nothing prints it, unless text of the API is evaluated."""

Files = Mapping[str, Any]
Play = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A row. In all texts, @URL@ is the service, @THIEF@ is another server, and @HOME@ is the row's directory.

    :param name: what a user, a managed host or an operator does.
    :param files: by their paths; what is no text, as JSON, which is YAML as well.
    :param commands: arguments of Ansible commands, such as C("playbook -i inventory deploy.yml").
    :param env: variables of the environment.
    :param message: a regular expression that the output must match, white space as one blank.
    :param has_control: whether a second test runs the same with healthy trunks and expects a deploy. It shows that
        the trunk is the reason.
    :param deploys: the hosts that may be deployed.
    :param trunks: further trunks of the service.
    :param changes: changes of trunks after the first command.
    :param unchanged: whether the inventory must be what it is without the source of this collection.
    :param tls: whether the service speaks TLS, with an untrusted certificate.
    """

    name: str
    files: Files
    commands: tuple[str, ...] = ("playbook -i inventory deploy.yml",)
    env: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    has_control: bool = False
    deploys: tuple[str, ...] = ()
    trunks: tuple[Mapping[str, Any], ...] = ()
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unchanged: bool = False
    tls: bool = False


FACT_CACHE = {
    "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
    "ANSIBLE_CACHE_PLUGIN_CONNECTION": "facts",
    "ANSIBLE_CACHE_PLUGIN_TIMEOUT": "0",
}
"""Settings that keep the facts of hosts in files, for ever."""


def returning(**facts: Any) -> dict[str, str]:
    """Return the file of a module C(poison), which returns facts."""
    content = json.dumps({"changed": False, "ansible_facts": facts})
    return {"library/poison.sh": f"#!/bin/sh\ncat <<'END'\n{content}\nEND\n"}


DEPLOY: Play = {"ansible.builtin.debug": {"msg": "{{ 'DEP' ~ 'LOYED ' ~ inventory_hostname }}"}}
"""The task that must not run. What it prints is in no file, so that no excerpt of a file can look like it."""


def play(*tasks: Play, hosts: str = "h1", **keywords: Any) -> Play:
    """Write a play without a connection."""
    return {"hosts": hosts, "gather_facts": False, "connection": "local", **keywords, "tasks": list(tasks)}


def hosts(group: str = "pbx", **given: Any) -> dict[str, Any]:
    """Write a source of hosts by their variables."""
    return {"all": {"children": {group: {"hosts": given}}}}


def source(**options: Any) -> dict[str, Any]:
    """Write a source of this collection with the group that a deploy is for."""
    return {
        "plugin": "talkover.voice.sip_trunks",
        "retries": 0,
        "groups": {"deployable": "talkover_healthy"},
        **options,
    }


SICK_HOST = hosts(h1={"talkover_trunk_id": SICK})
DEPLOYABLE = [play(DEPLOY, hosts="deployable")]


def inventory(name: str, files: Files | None = None, *, options: Mapping[str, Any] | None = None, **row: Any) -> Row:
    """Write a row for an inventory with the host h1, whose trunk is sick, and a deploy for the group."""
    base = {
        "inventory/01-hosts.yml": SICK_HOST,
        "inventory/99-talkover.yml": source(**(options or {})),
        "deploy.yml": DEPLOYABLE,
    }
    return Row(name, {**base, **(files or {})}, **row)


def tasks(
    name: str, *steps: Play, files: Files | None = None, keywords: Mapping[str, Any] | None = None, **row: Any
) -> Row:
    """Write a row for a play whose last task is the deploy."""
    base = {"inventory": "h1\n", "deploy.yml": [play(*steps, DEPLOY, **(keywords or {}))]}
    return Row(name, {**base, **(files or {})}, **row)


def ask(**options: Any) -> Play:
    """Write a task that asks for trunks."""
    return {"talkover.voice.sip_trunk_info": {"retries": 0, **options}, "register": "result"}


def holds(*conditions: str) -> Play:
    """Write a task that goes on only when all conditions hold."""
    return {"ansible.builtin.assert": {"that": list(conditions)}}


def found(*terms: str, **options: str) -> str:
    """Write a lookup of trunks, as an expression."""
    words = [*(repr(term) for term in terms), *(f"{name}={value}" for name, value in options.items())]
    return f"lookup('talkover.voice.sip_trunk', {', '.join(words)})"


def gate(*terms: str, **options: str) -> Play:
    """Write a task that goes on only when a lookup finds healthy trunks."""
    return holds(f"{found(*terms, **options)} is talkover.voice.healthy")
