# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Verdicts on the hosts of one inventory, from all sources of the plugin, and what follows from them."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..module_utils.errors import TalkoverError
from ..module_utils.trunks import Answer
from .controller import mark_untrusted

VARIABLES = ("talkover_trunks", "talkover_trunk", "talkover_healthy", "talkover_problems")
"""The variables that belong to the plugin: a host must not have them from anywhere else."""


@dataclass
class Judgement:
    """What one source says of one host.

    :param source: the plugin that read the source.
    :param ids: the IDs of the trunks that were checked.
    :param report: the records of these trunks, and the verdict.
    :param created: whether the source created the host, named by the ID of its trunk.
    """

    source: Any
    ids: tuple[str, ...]
    report: Answer
    created: bool = False
    groups: set[str] = field(default_factory=set)
    """The groups that the host joined by the composition of the source."""
    replaced: dict[str, Any] = field(default_factory=dict)
    """The variables that the composition of the source set, with the values before."""


Judgements = dict[str, list[Judgement]]

_ABSENT = object()
_BY_INVENTORY: weakref.WeakKeyDictionary[Any, Judgements] = weakref.WeakKeyDictionary()


def get_judgements(inventory: Any) -> Judgements:
    """Return what earlier sources of this plugin found out about the hosts of an inventory, by host name."""
    return {host: list(judgements) for host, judgements in _BY_INVENTORY.get(inventory, {}).items()}


def keep_judgements(inventory: Any, judgements: Judgements) -> None:
    """Keep judgements for later sources of this plugin."""
    _BY_INVENTORY[inventory] = judgements


def check_owned(host: str, variables: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Reject a host that has one of the plugin's variables from anywhere else.

    :param variables: the variables of the host as a play sees them.
    :param own: the variables that this plugin gave the host.
    :raises TalkoverError: kind ``config``.
    """
    for name in VARIABLES:
        if variables.get(name, _ABSENT) != own.get(name, _ABSENT):
            raise TalkoverError(
                "config",
                f"Host {host} has the variable {name} from elsewhere, but it belongs to this plugin. Remove it from "
                "host_vars, group_vars, the other sources, compose and the extra vars.",
            )


def check_ids(host: str, judgements: Iterable[Judgement], variables: Mapping[str, Any]) -> None:
    """Reject a host whose play would use other trunks than those that were checked.

    :param variables: the variables of the host as a play sees them.
    :raises TalkoverError: kind ``config``.
    """
    for judgement in judgements:
        if judgement.created:
            continue
        ids = judgement.source.read_trunk_ids(host, variables)
        if ids != judgement.ids:
            raise TalkoverError(
                "config",
                f"The trunk of host {host} has changed: {_join(judgement.ids)} was checked, but a play would see "
                f"{_join(ids)}. Do not set it in compose, in the group_vars of composed groups, or in later sources.",
            )


def compose(inventory: Any, host: str, judgements: list[Judgement], variables: Mapping[str, Any]) -> None:
    """Give a host its variables, and what each of its sources composes of them.

    What earlier sources composed is undone first, because it followed from their verdicts alone.

    :param variables: the variables of the host as a play sees them.
    """
    entity = inventory.hosts[host]
    seen = {name: value for name, value in variables.items() if name not in VARIABLES}
    for judgement in reversed(judgements[:-1]):
        for name in judgement.replaced:
            seen.pop(name, None)
        _undo(inventory, entity, judgement)
    own = build_variables(judgements)
    for name in VARIABLES:
        entity.vars.pop(name, None)
    for name, value in own.items():
        judgements[-1].source.inventory.set_variable(host, name, value)
    seen.update(own)
    for judgement in judgements:
        groups, before = set(entity.groups), dict(entity.vars)
        judgement.source.compose_variables(host, seen)
        judgement.replaced = {
            name: before.get(name, _ABSENT)
            for name, value in entity.vars.items()
            if value is not before.get(name, _ABSENT)
        }
        seen.update((name, entity.vars[name]) for name in judgement.replaced)
        judgement.source.compose_groups(host, seen)
        judgement.groups = {group.name for group in set(entity.groups) - groups}


def _undo(inventory: Any, host: Any, judgement: Judgement) -> None:
    for name in judgement.groups:
        inventory.groups[name].remove_host(host)
    for name, value in judgement.replaced.items():
        if value is _ABSENT:
            host.vars.pop(name, None)
        else:
            host.vars[name] = value


def _join(ids: Iterable[str]) -> str:
    return ", ".join(map(repr, ids)) or "none"


def build_variables(judgements: list[Judgement]) -> dict[str, Any]:
    """Return the variables of a host: the trunks of all judgements, healthy only when each says so."""
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
    # The names are ours, and no text of the API.
    return {str(name): value for name, value in variables.items()}
