# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes to an inventory are made as a whole, and the view of a play leaves no trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible import template
from ansible.errors import AnsibleUndefinedVariable
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.talkover.voice.plugins.plugin_utils import _inventory_transaction as transactions

# Text of a source is trusted on ansible-core 2.19 and newer.
trusted: Any = getattr(template, "trust_as_template", str)


@pytest.fixture
def inventory() -> InventoryData:
    data = InventoryData()
    data.add_group("pbx")
    data.add_host("h1", "pbx")
    data.set_variable("h1", "x", 1)
    return data


def state(data: Any) -> Any:
    return (
        sorted(data.groups),
        sorted(data.hosts),
        {name: dict(host.vars) for name, host in data.hosts.items()},
        {name: [host.name for host in group.hosts] for name, group in data.groups.items()},
    )


def change(data: Any) -> None:
    data.add_group("deployable")
    data.add_host("h2", "deployable")
    data.add_child("deployable", "h1")
    data.set_variable("h1", "x", 2)


def test_a_transaction_is_kept_when_it_succeeds(inventory: InventoryData) -> None:
    with transactions.transaction(inventory):
        change(inventory)
    assert set(inventory.hosts) == {"h1", "h2"}
    assert inventory.hosts["h1"].vars["x"] == 2


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_transaction_is_undone_when_it_fails(inventory: InventoryData, error: type[BaseException]) -> None:
    def fail() -> None:
        with transactions.transaction(inventory):
            change(inventory)
            raise error

    before = state(inventory)
    with pytest.raises(error):
        fail()
    assert state(inventory) == before


def test_a_play_sees_group_vars_beside_the_source(inventory: InventoryData, tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "pbx.yml").write_text("y: 2\nx: 9\n", encoding="utf-8")
    (tmp_path / "talkover.yml").write_text("", encoding="utf-8")
    before = state(inventory)
    with transactions.play_view(DataLoader(), inventory, str(tmp_path / "talkover.yml")) as view:
        seen = view.get_vars(inventory.hosts["h1"])
        assert not view.has_facts()
        with view.without_facts():
            assert view.get_vars(inventory.hosts["h1"])["x"] == 1
    assert (seen["x"], seen["y"], seen["group_names"]) == (1, 2, ["pbx"])
    assert state(inventory) == before


def test_an_expression_sees_the_variables() -> None:
    templar = Templar(loader=DataLoader())
    assert transactions.evaluate(templar, trusted("a ~ 'x'"), {"a": 2}) == "2x"
    with pytest.raises(AnsibleUndefinedVariable):
        transactions.evaluate(templar, trusted("missing"), {})


def test_functions_of_all_sources_run_once_after_the_last(inventory: InventoryData) -> None:
    runs: list[int] = []
    transactions.call_after_all_sources(inventory, lambda: runs.append(1))
    transactions.call_after_all_sources(inventory, lambda: runs.append(2))
    inventory.current_source = "last"
    inventory.reconcile_inventory()
    assert runs == []
    inventory.current_source = None
    inventory.reconcile_inventory()
    inventory.reconcile_inventory()
    assert sorted(runs) == [1, 2]
    assert "reconcile_inventory" not in vars(inventory)


def test_a_function_after_all_sources_survives_a_source_that_fails(inventory: InventoryData) -> None:
    runs: list[int] = []

    def fail() -> None:
        transactions.call_after_all_sources(inventory, lambda: runs.append(1))
        with transactions.transaction(inventory):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    inventory.reconcile_inventory()
    assert runs == [1]


def test_the_state_tells_whether_a_source_changed_the_inventory(inventory: InventoryData) -> None:
    inventory.processed_sources = ["first"]
    before = transactions.get_state(inventory, "last")
    assert transactions.get_state(inventory, "last") == before
    change(inventory)
    assert transactions.get_state(inventory, "last") != before


def test_a_proxy_is_unwrapped(inventory: InventoryData) -> None:
    class Proxy:
        __wrapped__ = inventory

    assert transactions.unwrap(Proxy()) is inventory
    assert transactions.unwrap(inventory) is inventory
