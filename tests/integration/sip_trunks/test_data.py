# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the service says arrives as it is, and is never a template."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._text import sanitize
from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.sip_trunks.inventory import (
    Inventory,
    assert_failed,
    variables,
)

HOSTILE = "{{ lookup('pipe', 'touch PWNED') }}"


def test_what_the_service_says_is_never_a_template(inventory: Inventory, emulator: Emulator) -> None:
    emulator.trunks.clear()
    emulator.trunks["t1"] = {"id": "t1", "name": HOSTILE, "provider_name": HOSTILE, "health_status": HOSTILE}
    inventory.source(
        all_trunks=True,
        compose={
            "note": "talkover_trunk.name",
            "notes": "{'a': [talkover_trunk.name ~ '!'], 'b': talkover_trunks | map(attribute='name') | join}",
        },
        keyed_groups=[{"key": "talkover_trunk.provider_name", "prefix": "carrier"}],
    )
    (inventory.run.home / "shown.j2").write_text("{{ everything | to_json }}\n{{ note }}\n", encoding="utf-8")
    names = ("talkover_trunks", "talkover_problems", "note", "notes", "inventory_hostname", "group_names")
    everything = {name: f"{{{{ {name} }}}}" for name in names}
    shown = str(inventory.run.home / "shown")
    outcome = inventory.play(
        [
            {
                "hosts": "talkover_trunks",
                "tasks": [
                    {"debug": {"var": "hostvars[inventory_hostname]"}},
                    {"debug": {"msg": "{{ groups }} {{ group_names }}"}},
                    {"set_fact": {"everything": everything}},
                    {"set_fact": {"everything": "{{ everything }}", "once_more": "{{ everything.note }}"}},
                    {"debug": {"msg": "{{ everything }} {{ once_more }}"}},
                    {"template": {"src": str(inventory.run.home / "shown.j2"), "dest": shown}},
                    {"assert": {"that": ["once_more == note", "note == talkover_trunk.name"]}},
                ],
            }
        ],
    )
    assert outcome.code == 0, outcome.output
    assert not list(inventory.run.home.rglob("PWNED"))
    first, _newline, rest = Path(shown).read_text(encoding="utf-8").partition("\n")
    found = json.loads(first)
    assert found["note"] == found["talkover_trunks"][0]["name"] == HOSTILE
    assert found["notes"] == {"a": [f"{HOSTILE}!"], "b": HOSTILE}
    assert sanitize(HOSTILE) in found["talkover_problems"]["t1"][-1]
    assert rest == f"{HOSTILE}\n"


@pytest.mark.parametrize(
    "trunk_id", [HOSTILE, "lookup('pipe', 'touch PWNED')", "a b", "a,b", "../x", "localhost", "pbx1"]
)
def test_a_host_is_not_named_by_what_could_be_an_expression_or_another_host(
    inventory: Inventory, emulator: Emulator, trunk_id: str
) -> None:
    emulator.trunks.clear()
    emulator.trunks[trunk_id] = {"id": trunk_id}
    inventory.hosts({"pbx1": {}})
    inventory.source(all_trunks=True)
    assert_failed(*inventory.listed(), "The trunk ID ", "host.")
    assert not list(inventory.run.home.rglob("PWNED"))


@pytest.mark.parametrize("name", ["a|b", "x[0]", "'x'"])
def test_a_group_is_not_named_by_what_could_be_an_expression(
    inventory: Inventory, emulator: Emulator, name: str
) -> None:
    emulator.trunks["trunk-healthy"]["provider_name"] = name
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source(keyed_groups=[{"key": "talkover_trunk.provider_name", "prefix": "", "separator": ""}])
    listed, _said = inventory.listed()
    assert re.sub(r"\W", "_", name) in listed
    assert_failed(*inventory.listed(ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS="ignore"), "cannot be the name of a group")
    assert not list(inventory.run.home.rglob("PWNED"))


def test_names_arrive_as_they_are(inventory: Inventory, emulator: Emulator) -> None:
    names = [
        '{% raw %}"',
        'it\'s {# a #} "trunk"\nof two lines',
        "Транк — トランク ☎ \u202eيمين",
        "{'a': [1]}",
        "!unsafe",
    ]
    tame = "Транк — trunk 1"
    emulator.trunks.clear()
    for number, name in enumerate(names):
        emulator.trunks[f"t{number}"] = {"id": f"t{number}", "name": name, "provider_name": f"  {name}"}
    inventory.hosts({"pbx1": {"talkover_trunk_id": [f"t{number}" for number in range(len(names))]}})
    emulator.trunks["t0"]["username"] = tame
    inventory.source(
        compose={"names": "talkover_trunks | map(attribute='name') | list"},
        keyed_groups=[{"key": "talkover_trunks[0].username", "prefix": "", "separator": ""}],
    )
    for setting in ("", "always", "silently", "ignore", "never"):
        env = {"ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS": setting} if setting else {}
        listed, said = inventory.listed(**env)
        found = variables(listed, "pbx1")
        assert [trunk["name"] for trunk in found["talkover_trunks"]] == found["names"] == names
        assert [trunk["provider_name"] for trunk in found["talkover_trunks"]] == [f"  {name}" for name in names]
        kept = setting in ("ignore", "never")
        assert (tame in listed) is kept
        assert ("Транк___trunk_1" in listed) is not kept
        assert ("Invalid characters were found" in said) is (setting in ("always", "never"))
