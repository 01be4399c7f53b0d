# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Change an inventory atomically, or read its variables as a play would see them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from ansible import context
from ansible.inventory.manager import InventoryManager
from ansible.utils.vars import combine_vars
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible.vars.plugins import get_vars_from_inventory_sources

from ._facts import has_facts, without_facts


class PlayView:
    """Read the variables of hosts as a play sees them."""

    def __init__(self, variables: VariableManager) -> None:
        self._variables = variables

    def get_vars(self, host: Any) -> Any:
        """Return the variables of a host."""
        return self._variables.get_vars(host=host)

    def has_facts(self) -> bool:
        """Return whether cached facts of any host were read, which an expression may do with C(hostvars)."""
        return has_facts(self._variables)

    def without_facts(self) -> contextlib.AbstractContextManager[None]:
        """Hide the cached facts of all hosts, also from expressions that are evaluated meanwhile."""
        return without_facts(self._variables)


def unwrap(inventory: Any) -> Any:
    """Return the inventory itself, which ansible-core 2.19 and newer pass to a plugin inside a proxy object."""
    return getattr(inventory, "__wrapped__", inventory)


@contextlib.contextmanager
def transaction(inventory: Any) -> Iterator[None]:
    """Undo all changes to an inventory when the block fails."""
    restore = _save(inventory)
    try:
        yield
    except BaseException:
        restore()
        raise


@contextlib.contextmanager
def play_view(loader: Any, inventory: Any, path: str) -> Iterator[PlayView]:
    """Provide the variables as a play would see them if no other source followed.

    Ansible computes them: the groups are reconciled, the vars plugins of the inventory stage run, and
    C(VariableManager) applies the precedence. The inventory is restored when the block ends.

    :param path: the source that is being parsed.
    :raises AnsibleError: when Ansible cannot read the variables.
    """
    restore = _save(inventory)
    try:
        sources = _sources(inventory, path)
        manager = InventoryManager(loader, sources=sources, parse=False)
        manager._inventory = inventory  # noqa: SLF001  # no public API
        type(inventory).reconcile_inventory(inventory)
        for entity in (*inventory.groups.values(), *inventory.hosts.values()):
            added = get_vars_from_inventory_sources(loader, sources, [entity], "inventory")
            if added:
                entity.vars = combine_vars(entity.vars, added)
        variables = VariableManager(loader, manager)
        # Without this, Ansible would use the working directory as the directory of the playbook.
        variables.safe_basedir = False
        HostVars(manager, variables, loader)
        yield PlayView(variables)
    finally:
        restore()


def call_after_all_sources(inventory: Any, function: Callable[[], None]) -> None:
    """Call a function after Ansible has read all sources, besides the functions of earlier sources.

    An error in the function ends the command.
    """
    # Ansible has no hook for this, but it reconciles the inventory at that time. While a source is being parsed,
    # current_source is set.
    earlier = inventory.reconcile_inventory

    def reconcile_inventory() -> None:
        if inventory.current_source is None:
            vars(inventory).pop("reconcile_inventory", None)
            function()
        earlier()

    inventory.reconcile_inventory = reconcile_inventory


def get_state(inventory: Any, path: str) -> Any:
    """Return the groups, the hosts, their variables and the sources, to find out whether later sources change them.

    :param path: the source that is being parsed.
    """
    groups = {
        name: (dict(group.vars), group.priority, list(group.child_groups), list(group.hosts))
        for name, group in inventory.groups.items()
    }
    hosts = {name: (dict(host.vars), list(host.groups)) for name, host in inventory.hosts.items()}
    return groups, hosts, _sources(inventory, path)


def evaluate(templar: Any, expression: str, variables: Any) -> Any:
    """Return the value of an expression, as a task would see it.

    :raises AnsibleUndefinedVariable: when it is undefined.
    :raises AnsibleError: when it cannot be evaluated.
    """
    templar.available_variables = variables
    if hasattr(templar, "evaluate_expression"):
        return templar.evaluate_expression(expression)
    # ansible-core 2.18 and older
    return templar.template(f"{{{{ {expression} }}}}")


def _sources(inventory: Any, path: str) -> list[str]:
    """Return all sources, including later ones. Ansible reads C(group_vars) and C(host_vars) next to each."""
    listed = context.CLIARGS.get("inventory") or ()
    sources = [listed] if isinstance(listed, str) else list(listed)
    if any(path == source or path.startswith(f"{source.rstrip('/')}/") for source in sources):
        return sources
    return [*inventory.processed_sources, path]


def _save(inventory: Any) -> Callable[[], None]:
    """Save the state of an inventory with its groups and hosts, and return a function that restores it."""
    saved = [
        (entity, {name: _copy(value) for name, value in vars(entity).items()})
        for entity in (inventory, *inventory.groups.values(), *inventory.hosts.values())
    ]

    def restore() -> None:
        for entity, state in saved:
            vars(entity).clear()
            vars(entity).update(state)

    return restore


def _copy(value: Any) -> Any:
    # Ansible changes the containers in place, but not their elements.
    return value.copy() if isinstance(value, (dict, list, set)) else value
