# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sources of an inventory, and what Ansible makes of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import Outcome, Runner

OURS = {"talkover_trunks", "talkover_trunk", "talkover_healthy", "talkover_problems"}
"""What a host gets."""
DEPLOYABLE: dict[str, Any] = {"groups": {"deployable": "talkover_healthy"}}
"""The group that plays are for."""


class Inventory:
    """A folder of sources, and what Ansible makes of them."""

    def __init__(self, run: Runner, url: str) -> None:
        self.run = run
        self.folder = run.home / "inventory"
        self.folder.mkdir()
        run.env["TALKOVER_API_URL"] = url

    def write(self, name: str, content: Any) -> str:
        """Write a file of the folder; what is no text, as JSON, which is YAML as well."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    def hosts(self, hosts: dict[str, Any], name: str = "01-hosts.yml", group: str = "pbx") -> str:
        """Write a source of hosts, given by their variables."""
        return self.write(name, {group: {"hosts": hosts}})

    def source(self, name: str = "99-talkover.yml", **options: Any) -> str:
        """Write a source of trunks."""
        return self.write(name, {"plugin": "talkover.voice.sip_trunks", "retries": 0, **options})

    def show(self, *arguments: str, **env: str) -> dict[str, Any]:
        """Return the inventory as ansible-inventory lists it, without warnings."""
        listed, said = self.listed(*arguments, **env)
        assert not said
        return listed

    def listed(self, *arguments: str, **env: str) -> tuple[dict[str, Any], str]:
        """Return the inventory as ansible-inventory lists it, and what it said, with each white space as one blank."""
        path = self.run.home / "listed.json"
        sources = [] if "-i" in arguments else ["-i", str(self.folder)]
        outcome = self.run("inventory", *sources, "--list", "--output", str(path), *arguments, **env)
        assert outcome.code == 0, outcome.output
        listed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), object_hook=without_mark)
        # What is looked for in the files of a run is the token, and --export leaves another place for it.
        path.unlink()
        return listed, " ".join(outcome.output.split())

    def play(self, plays: list[dict[str, Any]], *arguments: str, **env: str) -> Outcome:
        """Run plays on the hosts of the inventory, without a connection."""
        path = self.run.home / "plays.yml"
        common = {"gather_facts": False, "connection": "local"}
        path.write_text(json.dumps([{**common, **play} for play in plays]), encoding="utf-8")
        return self.run("playbook", "-i", str(self.folder), str(path), *arguments, **env)


def without_mark(value: dict[str, Any]) -> Any:
    """Return a text that ansible-inventory marks as no template, as it is."""
    return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else value


def variables(listed: dict[str, Any], host: str) -> dict[str, Any]:
    """Return the variables of a host."""
    return dict(listed["_meta"]["hostvars"].get(host, {}))


def members(listed: dict[str, Any], group: str) -> list[str]:
    """Return the hosts of a group."""
    return sorted(listed.get(group, {}).get("hosts", []))


def asked(service: Emulator) -> Counter[str]:
    """Give how often each path was asked for."""
    return Counter(request.path.partition("/sip-trunks")[2] for request in service.requests)


def assert_failed(listed: dict[str, Any], said: str, *words: str) -> None:
    """Check that a source failed with one message, and did nothing to any host or group."""
    assert not any(OURS & set(found) for found in listed["_meta"]["hostvars"].values())
    assert set(listed) <= {"_meta", "all", "pbx", "ungrouped"}
    assert "Traceback" not in said
    # Ansible wraps lines anywhere, even at a hyphen within an ID.
    squeezed = "".join(said.split())
    for word in words:
        assert "".join(word.split()) in squeezed, said
    # From ansible-core 2.19 on, it prints each message once more as the cause of itself.
    assert len(re.findall("auto'?plugin:", squeezed)) == 1, said
