# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the playbooks and inventories for both sides, which differ only in what is compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from .lab import Lab, Service

HOSTS = 1000
GROUPS = {"deployable": "talkover_healthy", "over_udp": "talkover_trunk.transport == 'udp'"}

Variables = dict[str, Any]

_REACH = {"api_url": "{{ api_url }}", "api_token": "{{ api_token }}", "ca_path": "{{ ca_path }}"}
_HEADERS = {"Authorization": "Bearer {{ api_token }}"}
_KEYWORDS = ", ".join(f"{name}={name}" for name in _REACH)
_URL_KEYWORDS = "headers={'Authorization': 'Bearer ' ~ api_token}, ca_path=ca_path, split_lines=false"


def ids(count: int) -> list[str]:
    """Return the IDs of the first trunks of the emulator."""
    return [f"trunk-{number:04}" for number in range(1, count + 1)]


def module(**options: Any) -> Variables:
    """Return a task that asks with our module."""
    return {"talkover.voice.sip_trunk_info": {**_REACH, **options}, "register": "result"}


def uri(trunk_id: str) -> Variables:
    """Return a task that asks with Ansible's own module."""
    url = f"{{{{ api_url }}}}/sip-trunks/{trunk_id}"
    return {"ansible.builtin.uri": {"url": url, "headers": _HEADERS, "ca_path": "{{ ca_path }}"}, "register": "result"}


def delegated(task: Variables) -> Variables:
    """Return a task that runs on the controller for a host of a fleet."""
    return {**task, "delegate_to": "localhost"}


def holds(condition: str) -> Variables:
    """Return a task that ends the play unless a condition holds."""
    return {"ansible.builtin.assert": {"that": [condition], "quiet": True}}


def tried(task: Variables, tries: int) -> Variables:
    """Return a task that is repeated without delay, and never succeeds."""
    return {**task, "until": "result.never | default(false)", "retries": tries - 1, "delay": 0, "ignore_errors": True}


def debug(message: str | Sequence[str]) -> Variables:
    """Return a task that evaluates expressions on the controller."""
    return {"ansible.builtin.debug": {"msg": message}}


PING: Variables = {"ansible.builtin.ping": {}}
UNASKED = debug("{{ ids | length }}")
OUR_TERMS = debug(f"{{{{ query('talkover.voice.sip_trunk', *ids, {_KEYWORDS}) | length }}}}")
THEIR_TERMS = debug(f"{{{{ query('ansible.builtin.url', *urls, {_URL_KEYWORDS}) | map('from_json') | length }}}}")

# The gates of a fleet, for each side.
OUR_GATE = holds("result.healthy")
THEIR_GATE = holds("result.json.data.health_status == 'healthy'")
LOOKUP_GATE = holds(f"lookup('talkover.voice.sip_trunk', talkover_trunk_id, {_KEYWORDS}) is talkover.voice.healthy")
INVENTORY_GATE = holds("talkover_healthy")
NO_GATE = [debug("{{ talkover_trunk_id }}"), holds("talkover_trunk_id is defined")]

# The contents of group_vars, for each side.
OUR_TRUNK = f"{{{{ lookup('talkover.voice.sip_trunk', talkover_trunk_id, {_KEYWORDS}) }}}}"
THEIR_TRUNK = (
    "{{ (lookup('ansible.builtin.url', api_url ~ '/sip-trunks/' ~ talkover_trunk_id, "
    + _URL_KEYWORDS
    + ") | from_json).data }}"
)
NO_TRUNK = "{{ {'name': lookup('ansible.builtin.env', 'HOME'), 'domain': 1, 'port': 2, 'transport': 3} }}"


class Book:
    """Write playbooks and inventories for one service.

    Args:
        lab: The working directory.
        service: The emulator for the requests.
    """

    def __init__(self, lab: Lab, service: Service) -> None:
        self._folder = lab.folder
        self._service = service
        self._reach = {"api_url": service.url, "api_token": service.token, "ca_path": str(lab.ca)}

    def play(self, name: str, *tasks: Variables, hosts: str = "localhost") -> Path:
        """Write a playbook."""
        play = {"hosts": hosts, "gather_facts": False, "tasks": tasks}
        return self._write(f"{name}.json", [{**play, "tasks": list(tasks)}])

    def given(self, count: int) -> str:
        """Write the extra variables of both sides, and return the command-line argument for them."""
        named = ids(count)
        urls = [f"{self._service.url}/sip-trunks/{trunk_id}" for trunk_id in named]
        return f"-e@{self._write('given.json', {**self._reach, 'ids': named, 'urls': urls})}"

    def fleet(self, side: str, trunk: str = "", *, hosts: int, trunks: int) -> Path:
        """Write an inventory whose hosts find their trunk in an expression of C(group_vars)."""
        group = {"hosts": _assigned(hosts, trunks), "vars": {"ansible_connection": "local"}}
        (self._folder / side / "group_vars").mkdir(parents=True, exist_ok=True)
        self._write(f"{side}/group_vars/all.json", {"trunk": trunk})
        return self._write(f"{side}/hosts.json", {"all": group})

    def enriched(self, form: str) -> tuple[Path, Path]:
        """Write the sources of hosts whose trunks are fetched: the hosts, and that of the inventory plugin."""
        return self._write(f"hosts.{form}", {"all": {"hosts": _assigned(HOSTS, 50)}}), self.source()

    def source(self) -> Path:
        """Write the source of the inventory plugin."""
        source = {"plugin": "talkover.voice.sip_trunks", "strict": True, "groups": GROUPS, **self._reach}
        return self._write("talkover.yml", source)

    def constructed(self, form: str, variables: Mapping[str, Variables]) -> tuple[Path, Path]:
        """Write the sources of hosts that have all variables already: the hosts, and Ansible's own plugin's."""
        source = {"plugin": "ansible.builtin.constructed", "strict": True, "groups": GROUPS}
        hosts = self._write(f"static.{form}", {"all": {"hosts": variables}})
        return hosts, self._write("constructed.yml", source)

    def _write(self, name: str, content: Any) -> Path:
        path = self._folder / name
        # Aliases would make the static file of the other side shorter than one that a person or a tool writes.
        text = json.dumps(content) if name.endswith(".json") else _yaml(content)
        path.write_text(text, "utf-8")
        return path


def _assigned(hosts: int, trunks: int) -> dict[str, Variables]:
    named = ids(trunks)
    return {f"host-{number:04}": {"talkover_trunk_id": named[number % trunks]} for number in range(hosts)}


def _yaml(content: Any) -> str:
    # By way of JSON, so that nothing is written as a reference to what stands elsewhere in the file.
    text: str = yaml.dump(json.loads(json.dumps(content)), Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper))
    return text
