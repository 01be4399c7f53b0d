# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Check the trunks of all hosts of a play in one task, which is the task of the role C(gate).

An expression in a task is evaluated for one host. C(hostvars) shows the other hosts without the variables of the play
and of the role. So the task has its expression in a variable, which is evaluated here for each host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.template import Templar

from ..module_utils._errors import TalkoverError
from ..module_utils._options import read_ids
from ..module_utils._text import sanitize
from ._facts import NO_FACTS, reject_facts
from ._plugin_options import decrypt, plain_message

IDS_OF_HOST = "gate_ids_of_host"
"""The variable of the task with the expression. It is read from the task itself, so no variable can replace it."""

VARIABLES = (
    *(f"gate_{option}" for option in ("trunk_ids", "all_trunks", "live", "max_health_age", "wait", "delay", "report")),
    IDS_OF_HOST,
    # The options of the playbook.
    "trunk_ids",
    "all_trunks",
)
"""The variables of the role and its playbook. A managed host must not choose them."""


def is_gate(task: Any) -> bool:
    """Return whether a task checks the trunks of all hosts of the play."""
    return IDS_OF_HOST in task.vars


def gate_args(args: Mapping[str, Any], task: Any, connection: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the module, with the IDs of all hosts of the play.

    :param args: the arguments of the task.
    :param variables: the variables of the host that the task runs for.
    :raises TalkoverError: kind ``config``, when a host has no valid ID, or when the result could come from elsewhere.
    """
    if connection.transport != "local":
        raise TalkoverError(
            "config",
            f"The gate must run on the controller, but the connection of localhost is {sanitize(connection.transport)}."
            " Do not set ansible_connection as an extra variable.",
        )
    if task.async_val:
        raise TalkoverError("config", "The gate cannot run with async. Remove async where the role is used.")
    reject_facts(variables, (*NO_FACTS, *VARIABLES))
    if _is_true(args.get("all_trunks", False)):
        return dict(args)
    if "trunk_ids" in args:
        raise TalkoverError("config", "trunk_ids is set by module_defaults. Set gate_trunk_ids of the role instead.")
    return {**args, "trunk_ids": _ids_of_play(task, variables)}


def gate_result(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a short result that fails unless all trunks are healthy, with one line for each problem.

    :param result: the result of the module.
    """
    kept = {name: value for name, value in result.items() if name not in ("trunks", "trunk", "missing")}
    # Print the result of a task that is ok, too, with a line for each item.
    kept["_ansible_verbose_always"] = True
    trunks = [trunk for trunk in result.get("trunks") or () if isinstance(trunk, Mapping)]
    labels = {str(trunk.get("id")): _label(trunk) for trunk in trunks}
    if kept.get("failed") or kept.get("healthy") is not True:
        problems: Mapping[str, list[str]] = kept.get("problems") or {}
        lines = [
            f"{labels.get(trunk_id, sanitize(trunk_id))}: {sentence}"
            for trunk_id, sentences in problems.items()
            for sentence in sentences
        ]
        message = "\n".join(lines) or str(kept.get("msg") or "The task ended without a result.")
        return {**kept, "failed": True, "healthy": False, "msg": message}
    message = "The trunk is healthy." if len(labels) == 1 else f"All {len(labels)} trunks are healthy."
    return {**kept, "checked": list(labels.values()), "msg": message}


def _label(trunk: Mapping[str, Any]) -> str:
    name, trunk_id = trunk.get("name"), sanitize(str(trunk.get("id")))
    return f"{sanitize(name)} ({trunk_id})" if isinstance(name, str) and name.strip() else trunk_id


def _is_true(value: Any) -> bool:
    try:
        return bool(boolean(value))
    except TypeError:
        raise TalkoverError(
            "config", "gate_all_trunks is neither true nor false. Set it to one of the two, or leave it out."
        ) from None


def _ids_of_play(task: Any, variables: Mapping[str, Any]) -> list[str]:
    """Return the IDs of all hosts of the play, also of those that have failed or that are in another batch."""
    hostvars, play = variables["hostvars"], task.get_play()
    # HostVars has no public API for the variables of another host with those of the play, the role and the task.
    manager, inventory = hostvars._variable_manager, hostvars._inventory  # noqa: SLF001
    hosts, everyone = variables["ansible_play_batch"], variables["ansible_play_hosts_all"]
    found: dict[str, None] = {}
    for name in everyone:
        host = inventory.get_host(name)
        seen = manager.get_vars(play=play, host=host, task=task, _hosts=hosts, _hosts_all=everyone)
        reject_facts(seen, (*NO_FACTS, *VARIABLES))
        found.update(dict.fromkeys(_ids_of_host(name, task, seen, manager._loader)))  # noqa: SLF001  # as above
    return list(found)


def _ids_of_host(host: str, task: Any, variables: Mapping[str, Any], loader: Any) -> list[str]:
    option = f"gate_trunk_ids of the host {sanitize(host)}"
    try:
        value = Templar(loader=loader, variables=variables).template(task.vars[IDS_OF_HOST], fail_on_undefined=True)
        value = decrypt(list(value) if isinstance(value, (list, tuple)) else value)
    except AnsibleError as error:
        raise TalkoverError("config", f"{option} cannot be evaluated: {plain_message(error)}") from None
    if value is None or value == []:
        empty = "null" if value is None else "an empty list"
        raise TalkoverError("config", f"{option} is {empty}. Set talkover_trunk_id of the host, or gate_trunk_ids.")
    return read_ids(value, option)
