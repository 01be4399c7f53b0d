# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Change an inventory as a whole, or read it as a play would see it."""

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

GetVars = Callable[[Any], Any]
"""Return the variables of a host."""


def unwrap(inventory: Any) -> Any:
    """Return the inventory itself, which ansible-core 2.19 and newer hand to a plugin inside a proxy."""
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
def play_view(loader: Any, inventory: Any, path: str) -> Iterator[GetVars]:
    """Show an inventory as a play would see it if no other source followed.

    Ansible itself does all of it: the groups are reconciled, the vars plugins of the inventory stage have run, and
    C(VariableManager) applies the precedence. The inventory is as before when the block ends.

    :param path: the source that is being parsed.
    :returns: a function that gives the variables of a host.
    :raises AnsibleError: when Ansible cannot read the variables.
    """
    restore = _save(inventory)
    try:
        sources = _sources(inventory, path)
        manager = InventoryManager(loader, sources=sources, parse=False)
        manager._inventory = inventory  # noqa: SLF001  # there is no other way to hand it over
        type(inventory).reconcile_inventory(inventory)
        for entity in (*inventory.groups.values(), *inventory.hosts.values()):
            added = get_vars_from_inventory_sources(loader, sources, [entity], "inventory")
            if added:
                entity.vars = combine_vars(entity.vars, added)
        variables = VariableManager(loader, manager)
        # Without this, the working directory counts as the directory of the playbook, which it need not be.
        variables.safe_basedir = False
        HostVars(manager, variables, loader)

        def get_vars(host: Any) -> Any:
            return variables.get_vars(host=host)

        yield get_vars
    finally:
        restore()


def check_after_all_sources(inventory: Any, path: str, check: Callable[[], None]) -> None:
    """Run a check when Ansible has read all sources, because those after a source can change what it found.

    Ansible has no hook for that moment, but it reconciles the inventory then, and never between two sources. An error
    of the check ends the command.

    :param path: the source that is being parsed. When it is the last one, there is nothing to check.
    """
    if _sources(inventory, path)[-1] == path:
        return

    def reconcile_inventory() -> None:
        del inventory.reconcile_inventory
        inventory.reconcile_inventory()
        check()

    inventory.reconcile_inventory = reconcile_inventory


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
    """Return the sources that Ansible looks for C(group_vars) and C(host_vars) beside, later ones included."""
    listed = context.CLIARGS.get("inventory") or ()
    sources = [listed] if isinstance(listed, str) else list(listed)
    if any(path == source or path.startswith(f"{source.rstrip('/')}/") for source in sources):
        return sources
    return [*inventory.processed_sources, path]


def _save(inventory: Any) -> Callable[[], None]:
    """Save the state of an inventory, its groups and its hosts, and return a function that restores it."""
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
    # The containers change in place, what is in them does not.
    return value.copy() if isinstance(value, (dict, list, set)) else value
