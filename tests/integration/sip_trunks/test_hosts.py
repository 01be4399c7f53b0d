# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What hosts learn about their trunks, trunks as hosts, and the commands that show them."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner
from ansible_collections.talkover.voice.tests.integration.sip_trunks.inventory import (
    DEPLOYABLE,
    OURS,
    Inventory,
    asked,
    assert_failed,
    members,
    variables,
    without_mark,
)

FLEET: dict[str, Any] = {
    "pbx": {
        "children": {
            "ours": {
                "hosts": {
                    "own": {"talkover_trunk_id": "trunk-sick"},
                    "group": {},
                    "several": {"talkover_trunk_id": ["trunk-sick", "trunk-healthy", "trunk-sick"]},
                    "template": {"carrier": "healthy", "talkover_trunk_id": "trunk-{{ carrier }}"},
                },
                "vars": {"talkover_trunk_id": "trunk-healthy"},
            },
            "files": {"hosts": {"group-file": {}, "host-file": {}}},
            "others": {
                "hosts": {
                    "undefined": {},
                    "not-quite": {"talkover_trunk_id": "{{ nothing }}"},
                    "empty": {"talkover_trunk_id": ""},
                    "none": {"talkover_trunk_id": None},
                    "no-item": {"talkover_trunk_id": []},
                }
            },
        }
    }
}


def test_hosts_get_the_trunks_that_their_variables_name(inventory: Inventory, emulator: Emulator) -> None:
    inventory.write("01-hosts.yml", FLEET)
    inventory.write("group_vars/files.yml", {"talkover_trunk_id": "trunk-healthy"})
    inventory.write("host_vars/host-file.yml", {"talkover_trunk_id": "trunk-recovering"})
    inventory.source(
        compose={"carrier_name": "talkover_trunk.name", "broken": "talkover_trunk.nothing.at_all"},
        keyed_groups=[{"key": "talkover_trunks | map(attribute='provider_name') | list", "prefix": "carrier"}],
        **DEPLOYABLE,
    )
    listed = inventory.show()

    assert asked(emulator) == {"/trunk-healthy": 1, "/trunk-sick": 1, "/trunk-recovering": 1}
    for host in ("group", "template", "group-file"):
        found = variables(listed, host)
        assert found["talkover_trunk"]["id"] == "trunk-healthy"
        assert found["talkover_trunks"] == [found["talkover_trunk"]]
        assert (found["talkover_healthy"], found["talkover_problems"]) == (True, {})
        assert found["carrier_name"] == "Primary Carrier — US"
        assert "broken" not in found
    several = variables(listed, "several")
    assert [trunk["id"] for trunk in several["talkover_trunks"]] == ["trunk-sick", "trunk-healthy"]
    assert "talkover_trunk" not in several
    assert several["talkover_healthy"] is False
    assert several["talkover_problems"] == variables(listed, "own")["talkover_problems"]
    assert list(several["talkover_problems"]) == ["trunk-sick"]
    assert 'health_status is "unhealthy", but must be "healthy".' in several["talkover_problems"]["trunk-sick"]
    assert variables(listed, "host-file")["talkover_trunk"]["id"] == "trunk-recovering"
    for host in ("undefined", "not-quite", "empty", "none", "no-item"):
        assert not OURS & set(variables(listed, host))
    assert members(listed, "deployable") == ["group", "group-file", "template"]
    assert members(listed, "carrier_primary_carrier") == ["group", "group-file", "several", "template"]
    assert members(listed, "carrier_backup_carrier") == ["own", "several"]
    # Nothing but the password, which the service never shows, is left out of a record.
    assert variables(listed, "own")["talkover_trunk"]["username"] == "talkover"


def test_a_thousand_hosts_share_fifty_trunks(run: Runner) -> None:
    from ansible_collections.talkover.voice.tests.emulator import scenario

    trunks = scenario.generated(50)
    with Emulator(token=TOKEN, trunks=trunks) as service:
        inventory = Inventory(run, service.url)
        inventory.hosts({f"pbx{n}": {"talkover_trunk_id": trunks[n % 50]["id"]} for n in range(1000)})
        inventory.source(**DEPLOYABLE)
        listed = inventory.show()
        assert asked(service) == {f"/{trunk['id']}": 1 for trunk in trunks}
        assert {request.status for request in service.requests} == {200}
    assert len(members(listed, "deployable")) == 1000
    assert all(
        variables(listed, f"pbx{n}")["talkover_trunk"]["id"] == trunks[n % 50]["id"] for n in (0, 49, 50, 777, 999)
    )


def test_trunks_are_hosts_beside_those_that_use_them(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-sick"}, "pbx2": {}})
    inventory.write("group_vars/talkover_trunks.yml", {"city": "Recife"})
    inventory.source(
        all_trunks=True,
        compose={"label": "city | default('-') ~ ' ' ~ talkover_trunk.id ~ ' ' ~ inventory_hostname"},
        **DEPLOYABLE,
    )
    listed = inventory.show()
    assert asked(emulator) == {"": 1, "/trunk-healthy": 1, "/trunk-sick": 1, "/trunk-recovering": 1}
    assert members(listed, "talkover_trunks") == ["trunk-healthy", "trunk-recovering", "trunk-sick"]
    assert members(listed, "deployable") == ["trunk-healthy"]
    assert variables(listed, "trunk-sick")["talkover_trunk"] == variables(listed, "pbx1")["talkover_trunk"]
    assert variables(listed, "trunk-sick")["label"] == "Recife trunk-sick trunk-sick"
    assert variables(listed, "pbx1")["label"] == "- trunk-sick pbx1"
    assert not OURS & set(variables(listed, "pbx2"))


def test_summaries_take_one_request(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-sick"}, "pbx2": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source(details=False, all_trunks=True, **DEPLOYABLE)
    listed = inventory.show()
    assert asked(emulator) == {"": 1}
    assert members(listed, "deployable") == ["pbx2", "trunk-healthy"]
    assert "username" not in variables(listed, "pbx1")["talkover_trunk"]


def test_live_checks_numbers_and_their_age(inventory: Inventory, emulator: Emulator) -> None:
    emulator.trunks["trunk-healthy"]["last_health_check_at"] = "2020-01-01T00:00:00Z"
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"talkover_trunk_id": "trunk-sick"}})
    inventory.source(include=["live_health", "dids"], max_health_age=600, **DEPLOYABLE)
    listed = inventory.show()
    assert members(listed, "deployable") == ["pbx1"]
    trunk = variables(listed, "pbx2")["talkover_trunk"]
    assert trunk["dids"][0]["number"] == "+551130031234"
    assert "No answer to SIP OPTIONS" in str(variables(listed, "pbx2")["talkover_problems"])

    inventory.source(max_health_age=600, **DEPLOYABLE)
    listed = inventory.show()
    assert members(listed, "deployable") == []
    assert "must not be older than 600 s" in str(variables(listed, "pbx1")["talkover_problems"])


def test_a_trunk_that_does_not_exist(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts(
        {"pbx1": {"talkover_trunk_id": "trunk-gone"}, "pbx2": {"talkover_trunk_id": ["trunk-healthy", "trunk-gone"]}}
    )
    inventory.source(missing_ok=True, **DEPLOYABLE)
    listed = inventory.show()
    for host, trunks in (("pbx1", []), ("pbx2", ["trunk-healthy"])):
        found = variables(listed, host)
        assert [trunk["id"] for trunk in found["talkover_trunks"]] == trunks
        assert "talkover_trunk" not in found
        assert found["talkover_healthy"] is False
        assert found["talkover_problems"] == {"trunk-gone": ["This trunk does not exist."]}
    assert members(listed, "deployable") == []

    inventory.source(**DEPLOYABLE)
    assert_failed(*inventory.listed(), "trunk 'trunk-gone'", "404", "Check the ID")


def test_the_commands_that_show_an_inventory(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"talkover_trunk_id": "trunk-sick"}})
    source = inventory.source(**DEPLOYABLE)
    folder = str(inventory.folder)

    graph = inventory.run("inventory", "-i", folder, "--graph", "--vars").output
    deployable = graph[graph.index("@deployable") :].partition("|--@")[0]
    assert "pbx1" in deployable
    assert "pbx2" not in deployable
    assert "{talkover_healthy = True}" in graph
    assert "{talkover_healthy = False}" in graph

    host = inventory.run("inventory", "-i", folder, "--host", "pbx2")
    assert json.loads(host.output, object_hook=without_mark)["talkover_trunk"]["id"] == "trunk-sick"

    as_yaml = inventory.run("inventory", "-i", folder, "--list", "--yaml")
    assert as_yaml.code == 0, as_yaml.output
    assert "talkover_healthy: true" in as_yaml.output

    exported = inventory.show("--export", "--limit", "pbx2")
    assert set(exported["_meta"]["hostvars"]) == {"pbx2"}
    assert variables(exported, "pbx2")["talkover_healthy"] is False

    emulator.requests.clear()
    twice = inventory.show("-i", folder, "-i", source)
    assert members(twice, "deployable") == ["pbx1"]
    assert asked(emulator) == {"/trunk-healthy": 2, "/trunk-sick": 2}
