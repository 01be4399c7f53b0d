# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin, called as Ansible calls it; against the emulator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader

from ansible_collections.talkover.voice.plugins.inventory import sip_trunks
from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.unit.plugins.definitions import define_options


@pytest.fixture
def source(tmp_path: Path, emulator: Emulator) -> Any:
    """Return a function that parses a source with some options into an inventory."""

    def parse(inventory: InventoryData, **options: Any) -> None:
        plugin: Any = sip_trunks.InventoryModule()
        define_options("inventory", plugin, sip_trunks.DOCUMENTATION)
        path = tmp_path / "talkover.yml"
        given = {"plugin": plugin.NAME, "api_url": emulator.url, "retries": 0, **options}
        path.write_text(json.dumps(given), encoding="utf-8")
        plugin.parse(inventory, DataLoader(), str(path), cache=False)

    return parse


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch, bare_environment: None, emulator: Emulator) -> None:
    """Set the token where a source finds it."""
    monkeypatch.setenv("TALKOVER_TOKEN", emulator.token)


def inventory(**ids: Any) -> InventoryData:
    """Return an inventory of hosts with their trunk IDs."""
    data = InventoryData()
    for host, trunk_id in ids.items():
        data.add_host(host, "all")
        data.set_variable(host, "talkover_trunk_id", trunk_id)
    return data


def test_hosts_get_their_trunks_and_a_verdict(source: Any) -> None:
    data = inventory(good="trunk-healthy", bad=["trunk-healthy", "trunk-sick"], none="")
    source(data, groups={"deployable": "talkover_healthy"})
    variables = {name: host.vars for name, host in data.hosts.items()}
    assert variables["good"]["talkover_healthy"] is True
    assert variables["good"]["talkover_trunk"]["id"] == "trunk-healthy"
    assert [trunk["id"] for trunk in variables["bad"]["talkover_trunks"]] == ["trunk-healthy", "trunk-sick"]
    assert variables["bad"]["talkover_healthy"] is False
    assert list(variables["bad"]["talkover_problems"]) == ["trunk-sick"]
    assert "talkover_healthy" not in variables["none"]
    assert [host.name for host in data.groups["deployable"].hosts] == ["good"]


def test_all_trunks_become_hosts(source: Any, emulator: Emulator) -> None:
    data = InventoryData()
    source(data, all_trunks=True)
    assert set(data.hosts) == set(emulator.trunks)
    assert {host.name for host in data.groups[sip_trunks.GROUP].hosts} == set(emulator.trunks)


@pytest.mark.parametrize(
    "options",
    [
        {"groups": {"deployable": "undefined_variable"}, "strict": True},
        {"api_url": "http://127.0.0.1:1/api/v1"},
        {"group": {"deployable": "true"}},
        {"max_health_age": None},
        {"cache": True, "cache_timeout": 0},
    ],
)
def test_an_inventory_is_unchanged_after_an_error(source: Any, options: dict[str, Any]) -> None:
    data = inventory(good="trunk-healthy")
    with pytest.raises(AnsibleParserError):
        source(data, **options)
    assert data.hosts["good"].vars.keys() & {"talkover_trunks", "talkover_healthy"} == set()
    assert "deployable" not in data.groups


def test_a_host_with_the_id_of_a_missing_trunk_is_an_error(source: Any) -> None:
    with pytest.raises(AnsibleParserError, match="absent"):
        source(inventory(good="trunk-healthy", bad="absent"))


@pytest.mark.parametrize(
    ("name", "valid"),
    [("talkover.yml", True), ("9.talkover.yaml", True), ("talkover.json", False), ("hosts.yml", False)],
)
def test_a_source_is_known_by_its_name(name: str, valid: bool, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("plugin: other\n", encoding="utf-8")
    assert sip_trunks.InventoryModule().verify_file(str(path)) is valid


@pytest.mark.parametrize("name", ["lookup('pipe', 'id')", "a[0]", "a|b", "{{ a }}"])
def test_a_group_name_is_no_expression(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not set("()[]|{}") & set(sip_trunks.group_name(name))
    monkeypatch.setenv("ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS", "ignore")
    with pytest.raises(TalkoverError):
        sip_trunks.group_name(name)
