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
from ._connection_of_hosts import connection_variables, differing_variables
from ._facts import (
    HOST_VARIABLES,
    NO_FACTS,
    read_facts,
    reject_facts,
    reject_facts_of_host,
    reject_used_facts,
    without_facts,
)
from ._plugin_options import decrypt, plain_message
from ._template_variables import used_variables

IDS_OF_HOST = "gate_ids_of_host"
"""The variable of the task with the expression. It is read from the task itself, so no variable can replace it."""

PLAYBOOK_OPTIONS = ("trunk_ids", "all_trunks")
"""The options of the playbook."""

COMMON = ("gate_all_trunks", "gate_live", "gate_max_health_age", "gate_wait", "gate_delay")
"""The options that must have one value for all hosts."""

VARIABLES = (
    *COMMON,
    "gate_trunk_ids",
    "gate_report",
    IDS_OF_HOST,
    *PLAYBOOK_OPTIONS,
    *HOST_VARIABLES,
)
"""The variables of the role, its playbook and its templates. A managed host must not choose them."""


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
    all_trunks = _is_true(args.get("all_trunks", False))
    if not all_trunks and "trunk_ids" in args:
        raise TalkoverError("config", "trunk_ids is set by module_defaults. Set gate_trunk_ids of the role instead.")
    hosts = _check_hosts(task, variables)
    ids = [] if all_trunks else [trunk_id for host in hosts for trunk_id in host.read_ids()]
    # The expressions may have read hosts whose stored facts were not loaded before.
    reject_facts(variables)
    return dict(args) if all_trunks else {**args, "trunk_ids": list(dict.fromkeys(ids))}


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


class _Host:
    """Evaluate expressions for a host of the play.

    :param variables: what the task would see if it ran for this host.
    """

    def __init__(self, name: str, variables: Mapping[str, Any], task: Any, loader: Any) -> None:
        self.name = name
        self._expression = task.vars[IDS_OF_HOST]
        self._variables = variables
        self._templar = Templar(loader=loader, variables=variables)

    def evaluate(self, name: str, value: Any) -> Any:
        """Return a value with its templates rendered.

        :raises TalkoverError: kind ``config``, when that is not possible.
        """
        try:
            value = self._templar.template(value, fail_on_undefined=True)
            return decrypt(list(value) if isinstance(value, (list, tuple)) else value)
        except AnsibleError as error:
            reason = f"{name} of the host {sanitize(self.name)} cannot be evaluated: {plain_message(error)}"
            raise TalkoverError("config", reason) from None

    def read_options(self) -> dict[str, Any]:
        """Return the options that the hosts have in common."""
        return {name: self.evaluate(name, self._variables[name]) for name in COMMON if name in self._variables}

    def read_ids(self) -> list[str]:
        """Return the IDs of the trunks of the host.

        :raises TalkoverError: kind ``config``, when there is none, or when one of them is not valid.
        """
        value = self.evaluate("gate_trunk_ids", self._expression)
        option = f"gate_trunk_ids of the host {sanitize(self.name)}"
        if value is None or value == []:
            empty = "null" if value is None else "an empty list"
            raise TalkoverError("config", f"{option} is {empty}. Set talkover_trunk_id of the host, or gate_trunk_ids.")
        return read_ids(value, option)


def _check_hosts(task: Any, variables: Mapping[str, Any]) -> list[_Host]:
    """Return all hosts of the play, also those that have failed and those of other batches.

    :raises TalkoverError: kind ``config``, when an option comes from a fact, or differs between hosts.
    """
    hostvars, play = variables["hostvars"], task.get_play()
    # HostVars has no public API for the variables of another host with those of the play, the role and the task.
    manager, inventory = hostvars._variable_manager, hostvars._inventory  # noqa: SLF001
    batch, everyone = variables["ansible_play_batch"], variables["ansible_play_hosts_all"]
    hosts: list[_Host] = []
    first: dict[str, Any] = {}
    first_seen: Mapping[str, Any] = {}
    used: set[str] = set()
    for name in everyone:
        _reject_replaced(manager, play, name)
        host = {"play": play, "host": inventory.get_host(name), "task": task, "_hosts": batch, "_hosts_all": everyone}
        seen = manager.get_vars(**host)
        # As ansible-core does when it runs a task. Lookups search files there.
        seen["ansible_search_path"] = task.get_search_path()
        reject_facts_of_host(seen, (*NO_FACTS, *VARIABLES))
        used_here = connection_variables(task, seen)
        reject_used_facts("module_defaults or environment", used_here, seen)
        _reject_replacing_facts(manager, host, seen, task.vars[IDS_OF_HOST])
        hosts.append(_Host(name, seen, task, manager._loader))  # noqa: SLF001  # as above
        options = hosts[-1].read_options()
        first, first_seen, used = (first, first_seen, used) if len(hosts) > 1 else (options, seen, used_here)
        differing = [option for option in COMMON if options.get(option) != first.get(option)]
        differing += [
            f"{variable} (in module_defaults or environment)"
            for variable in differing_variables(used | used_here, first_seen, seen)
        ]
        if differing:
            raise TalkoverError(
                "config",
                f"{differing[0]} differs between the hosts {sanitize(everyone[0])} and {sanitize(name)}, but the check "
                "is one for all hosts. Set it to the same value, or use a play for each.",
            )
    return hosts


def _reject_replaced(manager: Any, play: Any, host: str) -> None:
    """Raise an error when an earlier play has set an option that import_playbook sets as well.

    :raises TalkoverError: kind ``config``; the message names the option and the host.
    """
    # The results of set_fact, register and include_vars. There is no public API.
    for set_before in (manager._nonpersistent_fact_cache, manager._vars_cache):  # noqa: SLF001
        for name in PLAYBOOK_OPTIONS:
            if name in play.vars and name in (set_before.get(host) or {}):
                raise TalkoverError(
                    "config",
                    f"An earlier task has set {name} for the host {sanitize(host)}, which replaces the {name} of "
                    "import_playbook. Use another name in set_fact, register and include_vars.",
                )


def _reject_replacing_facts(manager: Any, host: Mapping[str, Any], seen: Mapping[str, Any], ids: Any) -> None:
    """Raise an error when a fact replaces a variable that the options of the role use.

    A variable that is only a fact, such as ansible_hostname, may be used.

    :raises TalkoverError: kind ``config``; the message names the variable and the host.
    """
    facts = read_facts(manager, host["host"].name)
    values = [ids, *(seen[name] for name in COMMON if name in seen)]
    names = used_variables(values, seen).intersection(facts) if facts else ()
    if not names:
        return
    with without_facts(manager):
        without = manager.get_vars(**host)
    for name in names:
        if name in without and without[name] != seen.get(name):
            raise TalkoverError(
                "config",
                f"The variable {name}, which the gate uses, is also a fact of the host {sanitize(host['host'].name)}. "
                "It must not be one, because a managed host chooses its facts. Remove the fact.",
            )
