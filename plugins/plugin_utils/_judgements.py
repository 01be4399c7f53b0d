# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Combine the health verdicts of all sources of the plugin, and set the variables and groups of each host."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..module_utils._errors import TalkoverError
from ..module_utils._trunks import TrunkReport
from ._facts import VERDICT_VARIABLES
from ._plugin_options import mark_untrusted


class UnsafeInventoryError(TalkoverError):
    """Report that the inventory may be unsafe, also without the source, so that the whole command must fail."""

    def __init__(self, message: str) -> None:
        super().__init__("config", message)


@dataclass(frozen=True)
class Judgement:
    """Hold the verdict of one source on one host.

    :param source: the plugin that read the source.
    :param ids: the IDs of the trunks that were checked.
    :param report: the records and the health of these trunks.
    :param created: whether the source created the host, with the ID of its trunk as the name.
    :param true_groups: the names of C(groups) whose expression is true for the host.
    :param joined: the names of all groups that C(groups) and C(keyed_groups) of the source added the host to.
    :param replaced: the variables that C(compose) set, with their previous values.
    """

    source: Any
    ids: tuple[str, ...]
    report: TrunkReport
    created: bool = False
    true_groups: frozenset[str] = frozenset()
    joined: frozenset[str] = frozenset()
    replaced: Mapping[str, Any] = field(default_factory=dict)


Judgements = dict[str, tuple[Judgement, ...]]

_ABSENT = object()
_BY_INVENTORY: weakref.WeakKeyDictionary[Any, tuple[Judgements, dict[str, Any]]] = weakref.WeakKeyDictionary()


def get_judgements(inventory: Any) -> Judgements:
    """Return the verdicts of earlier sources of this plugin, by host name."""
    return dict(_BY_INVENTORY.get(inventory, ({}, {}))[0])


def get_sources(judgements: Judgements) -> list[Any]:
    """Return the sources of verdicts, each once."""
    return list(dict.fromkeys(judgement.source for found in judgements.values() for judgement in found))


def keep_judgements(inventory: Any, judgements: Judgements) -> None:
    """Store verdicts for later sources of this plugin."""
    _BY_INVENTORY[inventory] = judgements, {host: _state(inventory.hosts[host]) for host in judgements}


def find_changed(inventory: Any) -> set[str]:
    """Return the names of checked hosts that other sources changed since the last source of this plugin."""
    _judgements, states = _BY_INVENTORY.get(inventory, ({}, {}))
    return {host for host, state in states.items() if state != _state(inventory.hosts[host])}


def _state(host: Any) -> tuple[set[str], dict[str, Any]]:
    return {group.name for group in host.groups}, dict(host.vars)


def check_owned(host: str, variables: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Raise an error when a host has one of the plugin's variables from another source.

    :param variables: the variables of the host as a play sees them.
    :param own: the variables that this plugin set on the host.
    :raises UnsafeInventoryError: a play could use the variable, also when the source fails.
    """
    for name in VERDICT_VARIABLES:
        if variables.get(name, _ABSENT) != own.get(name, _ABSENT):
            raise UnsafeInventoryError(
                f"Host {host} has the variable {name} from elsewhere, but it belongs to this plugin. Remove it from "
                "host_vars, group_vars, the other sources, compose and the extra vars, also when it is false. If it is "
                "a cached fact, delete the files of the fact cache: --flush-cache comes too late.",
            )


def check_ids(host: str, judgements: Iterable[Judgement], variables: Mapping[str, Any]) -> None:
    """Raise an error when a play would use other trunks for a host than those that were checked.

    :param variables: the variables of the host as a play sees them.
    :raises TalkoverError: kind ``config``.
    """
    for judgement in judgements:
        ids = judgement.source.read_trunk_ids(host, variables)
        # A host that the source created needs no variable with its ID.
        if ids != judgement.ids and (ids or not judgement.created):
            raise TalkoverError(
                "config",
                f"The trunk of host {host} has changed: {_join(judgement.ids)} was checked, but a play would see "
                f"{_join(ids)}. Do not set it in compose, in the group_vars of composed groups, in later sources, or "
                "for the hosts of all_trunks.",
            )


def check_groups(inventory: Any, judgements: Judgements, source: Any) -> None:
    """Raise an error when a host is in a group of C(groups) whose expression is not true for it.

    :param source: a source of this plugin, besides those of the verdicts.
    :raises UnsafeInventoryError: a play for the group would include the host, also when the source fails.
    """
    sources = [*get_sources(judgements), source]
    for name in sorted({name for each in sources for name in each.composed_group_names}):
        if any(judgement.created for judgement in judgements.get(name, ())):
            # The pattern of a play matches hosts, too, and text of the API must not choose them.
            raise UnsafeInventoryError(
                f"The trunk ID {name} is the name of a group in groups, so a play for the group would include its "
                "host. Rename the group."
            )
        # As the pattern of a play does. Ansible can forget a group in the list of the host.
        for host in inventory.groups[name].get_hosts() if name in inventory.groups else ():
            found = judgements.get(host.name, ())
            if not any(name in judgement.true_groups for judgement in found):
                raise UnsafeInventoryError(
                    f"Host {host.name} is in the group {name}, but the expression of {name} in groups is not true for "
                    f"it{'' if found else ', because no trunk of the host was checked'}. Remove the host from that "
                    "group in the other sources, keyed_groups and parent_group."
                )


def set_variables(host: str, judgements: Sequence[Judgement]) -> None:
    """Set the variables of a host from all verdicts on it."""
    for name, value in build_variables(judgements).items():
        judgements[-1].source.inventory.set_variable(host, name, value)


def compose(
    inventory: Any, host: str, judgements: Iterable[Judgement], variables: Mapping[str, Any]
) -> tuple[Judgement, ...]:
    """Apply C(compose), C(groups) and C(keyed_groups) of each source, and return the verdicts with the changes.

    :param variables: the variables of the host as a play sees them, including those of the plugin.
    """
    entity, seen, composed = inventory.hosts[host], dict(variables), []
    for judgement in judgements:
        groups, before = set(entity.groups), dict(entity.vars)
        judgement.source.compose_variables(host, seen)
        replaced = {
            name: before.get(name, _ABSENT)
            for name, value in entity.vars.items()
            if value is not before.get(name, _ABSENT)
        }
        seen.update((name, entity.vars[name]) for name in replaced)
        true_groups = judgement.source.compose_groups(host, seen)
        joined = frozenset(group.name for group in set(entity.groups) - groups)
        composed.append(replace(judgement, true_groups=true_groups, joined=joined, replaced=replaced))
    return tuple(composed)


def undo(inventory: Any, host: str, judgements: Sequence[Judgement]) -> None:
    """Undo the changes of earlier sources to a host, because they depend on the verdicts of those sources only."""
    entity = inventory.hosts[host]
    for judgement in reversed(judgements):
        for name in judgement.joined:
            inventory.groups[name].remove_host(entity)
        for name, value in judgement.replaced.items():
            entity.vars.pop(name, None)
            if value is not _ABSENT:
                entity.vars[name] = value
    for name in VERDICT_VARIABLES:
        entity.vars.pop(name, None)


def _join(ids: Iterable[str]) -> str:
    return ", ".join(map(repr, ids)) or "none"


def build_variables(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Return the variables of a host: the trunks of all verdicts, healthy only when every verdict is."""
    if not judgements:
        return {}
    records: dict[str, Any] = {}
    problems: dict[str, list[str]] = {}
    for judgement in judgements:
        for trunk_id, record in judgement.report.records.items():
            records[trunk_id] = records.get(trunk_id) or record
        for trunk_id, sentences in judgement.report.problems.items():
            known = problems.setdefault(trunk_id, [])
            known += [sentence for sentence in sentences if sentence not in known]
    trunks = [record for record in records.values() if record is not None]
    only = {"talkover_trunk": trunks[0]} if len(records) == 1 and trunks else {}
    verdict: Mapping[str, Any] = {
        "talkover_healthy": all(judgement.report.healthy for judgement in judgements),
        "talkover_problems": problems,
    }
    variables: dict[str, Any] = mark_untrusted({"talkover_trunks": trunks, **only, **verdict})
    # These names are constants, not text from the API.
    return {str(name): value for name, value in variables.items()}
