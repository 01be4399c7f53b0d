# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What fails, fails as a whole: no host is half done."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.sip_trunks.inventory import (
    DEPLOYABLE,
    OURS,
    Inventory,
    assert_failed,
    members,
    variables,
)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"compose": {"first": "talkover_healthy", "label": "talkover_trunks[1].name"}}, "Could not set label"),
        ({"groups": {"early": "talkover_healthy", "late": "talkover_trunks[1].is_active"}}, "Could not add host pbx2"),
        ({"keyed_groups": [{"key": "talkover_trunks[1].name"}]}, "Could not generate group for host pbx2"),
    ],
)
def test_strict_templates_leave_no_host_half_done(inventory: Inventory, options: dict[str, Any], word: str) -> None:
    # The first host can be composed, the second cannot.
    inventory.hosts(
        {
            "pbx1": {"talkover_trunk_id": ["trunk-healthy", "trunk-recovering"]},
            "pbx2": {"talkover_trunk_id": "trunk-healthy"},
        }
    )
    inventory.source(strict=True, **options)
    assert_failed(*inventory.listed(), word)
    inventory.source(**options)
    assert set(variables(inventory.show(), "pbx2")) >= OURS


def test_one_answer_that_is_missing_fails_all(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"talkover_trunk_id": "trunk-sick"}})
    inventory.source(all_trunks=True, **DEPLOYABLE)
    emulator.fail_next("/trunk-sick", status=500)
    assert_failed(*inventory.listed(), "The API returned 500", "(trunk 'trunk-sick', ")


def test_a_service_that_cannot_be_asked(down: Inventory) -> None:
    down.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    down.source(**DEPLOYABLE)
    assert_failed(*down.listed(), "Connection refused (trunk 'trunk-healthy', ")

    play = {"tasks": [{"debug": {"msg": "Deploying to {{ inventory_hostname }}."}}]}
    block_list = {"hosts": "all:!blocked", **play, "vars": {"blocked_is_a_bad_idea": True}}
    closed = down.play([{"hosts": "deployable", **play}])
    opened = down.play([block_list])
    assert "Deploying to" not in closed.output
    # What the guide warns of.
    assert "Deploying to pbx1." in opened.output

    strictly = down.play([block_list], ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")
    assert strictly.code != 0
    assert "Deploying to" not in strictly.output
    assert "Traceback" not in strictly.output
    listed = down.run("inventory", "-i", str(down.folder), "--list", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")
    assert listed.code != 0


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"id": "trunk-healthy"}, "dict"),
        (True, "bool"),
        (["trunk-healthy", ""], "an empty ID"),
        ("..", "a path and not an ID"),
    ],
)
def test_a_value_that_is_no_trunk_names_its_host(
    inventory: Inventory, emulator: Emulator, value: Any, word: str
) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"talkover_trunk_id": value}})
    inventory.source(**DEPLOYABLE)
    assert_failed(*inventory.listed(), "Host pbx2 has no valid trunk ID: talkover_trunk_id holds", word)
    assert not emulator.requests


def test_a_broken_expression_names_a_host(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source(trunk_id_from="talkover_trunk_id | no_such_filter")
    assert_failed(*inventory.listed(), "Host pbx1 has no valid trunk ID", "cannot be evaluated", "no_such_filter")
    assert not emulator.requests


def test_hosts_come_before_their_trunks(inventory: Inventory) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}}, name="50-hosts.yml")
    inventory.source("10-talkover.yml", **DEPLOYABLE)
    assert_failed(*inventory.listed(), "No earlier inventory source defines a host", "Name this source after those")
    (inventory.folder / "10-talkover.yml").rename(inventory.folder / "60-talkover.yml")
    assert members(inventory.show(), "deployable") == ["pbx1"]


def test_a_host_and_a_group_of_one_name(inventory: Inventory, emulator: Emulator) -> None:
    # Ansible would give the verdict on the host to all hosts of the group.
    inventory.write(
        "01-hosts.yml", {"pbx": {"hosts": {"pbx": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"x": 1}}}}
    )
    inventory.source(**DEPLOYABLE)
    word = "There is both a host and a group called"
    assert_failed(*inventory.listed(), f"{word} pbx.")

    # And all hosts would become members of what this trunk is a member of.
    inventory.hosts({"pbx1": {}})
    emulator.trunks["all"] = {"id": "all"}
    inventory.source(all_trunks=True, **DEPLOYABLE)
    assert_failed(*inventory.listed(), f"{word} all.")

    del emulator.trunks["all"]
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source(groups={"pbx1": "talkover_healthy"})
    assert_failed(*inventory.listed(), "Host pbx1 cannot be added to its groups: can't add group to itself")


def test_the_name_of_the_source(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source("99-trunks.yml")
    listed, said = inventory.listed()
    assert "could not be verified by inventory plugin 'talkover.voice.sip_trunks'" in said
    assert not OURS & set(variables(listed, "pbx1"))
    assert not emulator.requests
    (inventory.folder / "99-trunks.yml").rename(inventory.folder / "99-talkover.yaml")
    assert set(variables(inventory.show(), "pbx1")) >= OURS
