# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""What hosts know already, and changes to an inventory that are made as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.inventory.group import Group
from ansible.inventory.helpers import get_group_vars
from ansible.inventory.host import Host
from ansible.utils.vars import combine_vars
from ansible.vars.plugins import get_vars_from_inventory_sources

from ..module_utils.errors import TalkoverError


class Hosts:
    """The variables of hosts as a play will see them, as far as the sources up to this one know."""

    def __init__(self, loader: Any, inventory: Any, path: str) -> None:
        self._loader = loader
        self._sources = [*inventory.processed_sources, path]
        self._of_groups: dict[tuple[str, ...], Any] = {}
        self._of_files: dict[str, Any] = {}

    def variables(self, host: Any, added: Mapping[str, Any] | None = None) -> Any:
        """Give the variables of a host, as if some had been added to it."""
        groups = host.get_groups()
        key = tuple(group.name for group in groups)
        if key not in self._of_groups:
            self._of_groups[key] = combine_vars(get_group_vars(groups), self._beside(groups))
        if host.name not in self._of_files:
            self._of_files[host.name] = self._beside([host])
        variables = combine_vars(self._of_groups[key], host.get_vars())
        for more in (added, self._of_files[host.name]):
            variables = combine_vars(variables, more) if more else variables
        return variables

    def _beside(self, entities: list[Any]) -> Any:
        return get_vars_from_inventory_sources(self._loader, self._sources, entities, "all")


class Draft:
    """What is to be done to an inventory, in the place of it: nothing is done before all of it is known to work.

    Those who compose write host by host, and may fail at any of them. A host and a group of one name are refused,
    because ansible-core would give to all of the group what is meant for the host.
    """

    def __init__(self, inventory: Any) -> None:
        self._inventory = inventory
        self._groups: dict[str, str] = {}
        self._hosts: dict[str, Any] = {}
        self._steps: list[tuple[str, ...]] = []
        self.variables: dict[str, dict[str, Any]] = {}

    def get_host(self, name: str) -> Any:
        return self._hosts.get(name) or self._inventory.hosts[name]

    def set_variable(self, host: str, name: str, value: Any) -> None:
        if host in self._inventory.groups:
            raise _same_name(host)
        self.variables.setdefault(host, {})[name] = value
        self._steps.append(("set_variable", host, name, value))

    def add_group(self, name: str) -> str:
        if name not in self._groups:
            if not name:
                raise TalkoverError("config", "groups or keyed_groups give a group without a name.")
            # The group itself may change its name.
            self._groups[name] = Group(name).name
            self._steps.append(("add_group", name))
        if self._groups[name] in self._hosts or self._groups[name] in self._inventory.hosts:
            raise _same_name(name)
        return self._groups[name]

    def add_host(self, name: str, group: str) -> str:
        if name not in self._hosts and name not in self._inventory.hosts:
            if name in self._groups.values() or name in self._inventory.groups:
                raise _same_name(name)
            self._hosts[name] = Host(name)
            for known in ("all", group):
                self._hosts[name].add_group(self._inventory.groups.get(known) or Group(known))
        self._steps.append(("add_host", name, group))
        return name

    def add_child(self, group: str, child: str) -> None:
        self._steps.append(("add_child", group, child))

    def carry_out(self) -> None:
        for method, *arguments in self._steps:
            getattr(self._inventory, method)(*arguments)


def _same_name(name: str) -> TalkoverError:
    return TalkoverError("config", f"There would be both a host and a group called {name}. Rename one of them.")
