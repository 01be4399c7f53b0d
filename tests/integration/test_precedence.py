# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the inventory plugin checks the trunk IDs that a play uses, with Ansible as the oracle.

Each example is a random inventory. One real C(ansible-playbook) run reads it, and each host prints what
C(talkover_trunk_id) is for it, and which trunks the inventory source judged.

E(TALKOVER_TEST_LAYOUTS) is the number of inventories of each test; make thorough sets it. With it, a failing inventory
is shrunk.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from ansible_collections.talkover.voice.tests.careless.layouts import TRUNKS, Layout, layouts
from ansible_collections.talkover.voice.tests.careless.warm import Launcher
from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner
from ansible_collections.talkover.voice.tests.integration.sip_trunks.inventory import without_mark

EXAMPLES = int(os.environ.get("TALKOVER_TEST_LAYOUTS", "20"))
# Shrinking an inventory takes minutes, so only make thorough does it.
PHASES = (Phase.generate, Phase.shrink) if "TALKOVER_TEST_LAYOUTS" in os.environ else (Phase.generate,)

# Ansible's own order, and others that users may choose.
PRECEDENCES = {
    "default": "",
    "files of all last": "all_inventory,groups_inventory,groups_plugins_inventory,groups_plugins_play,"
    "all_plugins_inventory,all_plugins_play",
    "groups inline last": "all_plugins_inventory,groups_plugins_inventory,all_inventory,groups_inventory",
    "without files": "all_inventory,groups_inventory",
}

PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{ found | to_json | b64encode }}"
      vars:
        found:
          host: "{{ inventory_hostname }}"
          seen: "{{ talkover_trunk_id | default(none) }}"
          judged: "{{ talkover_trunks | default([]) | map(attribute='id') | list }}"
          healthy: "{{ talkover_healthy | default('unknown') }}"
          groups: "{{ group_names }}"
"""
SICK = tuple(trunk for trunk in TRUNKS if trunk.startswith("s"))


class Oracle:
    """Run inventories with C(ansible-playbook)."""

    def __init__(self, run: Runner, launcher: Launcher, base: Path, **environment: str) -> None:
        self.environment = {**run.env, "HOME": str(base), "ANSIBLE_DEPRECATION_WARNINGS": "false", **environment}
        self.launcher = launcher
        self.base = base
        (base / "play").mkdir()
        (base / "play" / "play.yml").write_text(PLAY, encoding="utf-8")

    def ask(self, layout: Layout) -> tuple[dict[str, dict[str, Any]], str]:
        """Return what each host prints, and all that was printed."""
        folder = self.base / "layout"
        shutil.rmtree(folder, ignore_errors=True)
        layout.write(folder)
        arguments = ["playbook", *layout.command, str(self.base / "play" / "play.yml")]
        code, output = self.launcher.start(arguments, folder, self.environment, self.base / "output")
        if code != 0:
            # When the inventory would be unsafe without the source, the command ends.
            assert re.search("is in the group|A source after|Another source changed", " ".join(output.split())), output
            return {}, output
        found = [
            json.loads(base64.b64decode(text), object_hook=without_mark)
            for text in re.findall(r'"msg": "([\w+/=]+)"', output)
        ]
        return {entry["host"]: entry for entry in found}, output


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return a service with some healthy trunks and some sick ones."""
    trunks = [{"id": name, "health_status": "unhealthy" if name in SICK else "healthy"} for name in TRUNKS]
    with Emulator(token=TOKEN, trunks=trunks, limit=1_000_000_000) as service:
        yield service.url


@pytest.fixture
def oracle(request: pytest.FixtureRequest, run: Runner, launcher: Launcher, tmp_path: Path, url: str) -> Oracle:
    """Return an oracle with an order of precedence."""
    order = PRECEDENCES[getattr(request, "param", "default")]
    settings_ = {"ANSIBLE_PRECEDENCE": order} if order else {}
    return Oracle(run, launcher, tmp_path, TALKOVER_API_URL=url, **settings_)


def as_ids(value: Any) -> list[str]:
    """Return the IDs that a variable holds."""
    return list(dict.fromkeys([value] if isinstance(value, str) and value else value or []))


def check(found: dict[str, dict[str, Any]], said: str, layout: Layout) -> bool:
    """Check each host, and return whether the source was used."""
    if not found and layout.composed:
        return False
    assert set(found) == {"h1", "h2", "h3", "h4"}, said
    if not any(host["healthy"] != "unknown" for host in found.values()):
        # Nothing was judged: either there was nothing to judge, or the source failed as a whole.
        if any(as_ids(host["seen"]) for host in found.values()):
            assert layout.composed, said
            assert "Failed to parse" in said, said
        assert not any("deployable" in host["groups"] for host in found.values())
        return False
    for name, host in found.items():
        seen = as_ids(host["seen"])
        assert host["judged"] == seen, (name, host, said)
        assert (host["healthy"] == "unknown") == (not seen), (name, host)
        assert host["healthy"] is not True or not set(seen) & set(SICK), (name, host)
        assert "deployable" not in host["groups"] or host["healthy"] is True, (name, host)
    return True


unhurried = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=PHASES,
)


@pytest.mark.parametrize("oracle", PRECEDENCES, indirect=True)
def test_what_is_judged_is_what_a_play_uses(oracle: Oracle) -> None:
    used = []

    @unhurried
    @given(layouts())
    def play(layout: Layout) -> None:
        used.append(check(*oracle.ask(layout), layout))

    play()
    # Layouts without a checked host prove nothing.
    assert sum(used) > len(used) / 2


def test_what_the_source_composes_changes_nothing_that_was_judged(oracle: Oracle) -> None:
    used = []

    @unhurried
    @given(layouts(composing=True))
    def play(layout: Layout) -> None:
        used.append(check(*oracle.ask(layout), layout))

    play()
    assert sum(used) > len(used) / 5
