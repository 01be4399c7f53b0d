# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Check the trunks of all hosts of a play in one task, which is the task of the role C(gate).

An expression in a task is evaluated for one host. C(hostvars) shows the other hosts without the variables of the play
and of the role. So the task has its expression in a variable, which is evaluated here for each host.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Union

from ansible import errors
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.template import Templar

from ..module_utils._errors import TalkoverError
from ..module_utils._options import read_ids, reject_unknown
from ..module_utils._text import sanitize
from ._connection_of_hosts import ConnectionOption, common_environment, connection_environment, varying_options
from ._facts import (
    HOST_VARIABLES,
    NO_FACTS,
    has_facts,
    reject_facts,
    reject_facts_of_host,
    without_facts,
)
from ._plugin_options import decrypt, plain_message

_Option = Union[str, ConnectionOption]
"""An option of the role by its name, or a connection option around the task."""

_UNSET = object()
"""The value of an option that a host does not have."""

_OMITTED = getattr(errors, "AnsibleValueOmittedError", ())
"""What the template C({{ omit }}) raises with ansible-core 2.19 and newer."""

IDS_OF_HOST = "gate_ids_of_host"
"""The variable of the task with the expression. It is read from the task itself, so no variable can replace it."""

PLAYBOOK_OPTIONS = ("trunk_ids", "all_trunks")
"""The options of the playbook, which it passes to the role by other names."""

_IS_PLAYBOOK = "gate_playbook"
"""The variable that marks the play of the playbook."""

_PREFIX = "gate_"

COMMON = ("gate_all_trunks", "gate_live", "gate_max_health_age", "gate_wait", "gate_delay")
"""The options that must have one value for all hosts."""

OPTIONS = (*COMMON, "gate_trunk_ids")
"""The options of the role."""

VARIABLES = (
    *OPTIONS,
    "gate_report",
    IDS_OF_HOST,
    *PLAYBOOK_OPTIONS,
    *HOST_VARIABLES,
)
"""The variables of the role, its playbook and its templates. A managed host must not choose them."""


class _Value(NamedTuple):
    """The value of an option for a host.

    :param common: what must be the same for all hosts.
    :param own: what may differ between hosts, but must not depend on facts either.
    """

    common: Any = None
    own: Any = None


def is_gate(task: Any) -> bool:
    """Return whether a task checks the trunks of all hosts of the play."""
    return IDS_OF_HOST in task.vars


def gate_args(args: Mapping[str, Any], task: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the module, with the IDs of all hosts of the play.

    :param args: the arguments of the task.
    :param variables: the variables of the host that the task runs for.
    :raises TalkoverError: kind ``config``, when a host has no valid ID, or when the result could come from elsewhere.
    """
    play = task.get_play()
    for name in PLAYBOOK_OPTIONS:
        if _IS_PLAYBOOK in play.vars and f"gate_{name}" in play.vars:
            raise TalkoverError(
                "config", f"The playbook does not use gate_{name} of import_playbook. Set {name} instead."
            )
    if task.async_val:
        raise TalkoverError("config", "The gate cannot run with async. Remove async where the role is used.")
    all_trunks = _is_true(args.get("all_trunks", False))
    if not all_trunks and "trunk_ids" in args:
        raise TalkoverError("config", "trunk_ids is set by module_defaults. Set gate_trunk_ids of the role instead.")
    hosts = _check_hosts(task, variables, COMMON if all_trunks else OPTIONS)
    # The expressions may have read hosts whose stored facts were not loaded before.
    reject_facts(variables)
    found: dict[str, Any] = {}
    age = next(iter(hosts.values()))["gate_max_health_age"].common
    if age is not _UNSET:
        found["max_health_age"] = age
    elif "max_health_age" in args:
        reason = "max_health_age is set by module_defaults. Set gate_max_health_age of the role instead."
        raise TalkoverError("config", reason)
    if not all_trunks:
        ids = [trunk_id for host, values in hosts.items() for trunk_id in _read_ids(host, values["gate_trunk_ids"].own)]
        found["trunk_ids"] = list(dict.fromkeys(ids))
    return {**args, **found}


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
    """Read the options of a host of the play.

    :param variables: what the task would see if it ran for this host.
    """

    def __init__(self, name: str, variables: dict[str, Any], task: Any, loader: Any) -> None:
        # As ansible-core does when it runs a task. Lookups search files there.
        variables["ansible_search_path"] = task.get_search_path()
        self.name = name
        self.variables = variables
        self._task = task
        self._templar = Templar(loader=loader, variables=variables)

    def read(self, option: _Option) -> _Value:
        """Return the value of an option.

        :raises TalkoverError: kind ``config``, when the value cannot be evaluated.
        """
        if option == "gate_trunk_ids":
            return _Value(own=self._evaluate(option, self._task.vars[IDS_OF_HOST]))
        if isinstance(option, str):
            known = option in self.variables
            return _Value(self._evaluate(option, self.variables[option]) if known else _UNSET)
        value = self._evaluate(option, option.value)
        if not option.is_environment:
            return _Value(value)
        used = connection_environment(value)
        return _Value(common_environment(used), used)

    def _evaluate(self, option: _Option, value: Any) -> Any:
        try:
            value = self._templar.template(value, fail_on_undefined=True)
            value = decrypt(list(value) if isinstance(value, (list, tuple)) else value)
            # Python shows no integers of thousands of digits.
            repr(value)
            return value
        except _OMITTED:
            return _UNSET
        except Exception as error:  # noqa: BLE001  # ansible-core 2.18 and older pass on what a filter raises
            reason = f": {sanitize(plain_message(error))}"
            if isinstance(option, ConnectionOption):
                reason = (
                    ". The reason is not shown, because it may hold the token. Check the variables and the filters of "
                    "its template for this host, and the vault password."
                )
            message = f"{_describe(option)} of the host {sanitize(self.name)} cannot be evaluated{reason}"
            raise TalkoverError("config", message) from None


def _describe(option: _Option) -> str:
    if isinstance(option, str):
        return option
    if option.name == "environment":
        return option.name
    return f"{sanitize(option.name)} (in {'environment' if option.is_environment else 'module_defaults'})"


def _read_ids(host: str, value: Any) -> list[str]:
    """Return the IDs of the trunks of a host.

    :raises TalkoverError: kind ``config``, when there is none, or when one of them is not valid.
    """
    option = f"gate_trunk_ids of the host {sanitize(host)}"
    if value is None or value is _UNSET or value == []:
        empty = "an empty list" if value == [] else "null"
        raise TalkoverError("config", f"{option} is {empty}. Set talkover_trunk_id of the host, or gate_trunk_ids.")
    return read_ids(value, option)


def _check_hosts(task: Any, variables: Mapping[str, Any], names: Sequence[str]) -> dict[str, dict[str, _Value]]:
    """Check the options of all hosts of the play, also of those that have failed and those of other batches.

    :param names: the options of the role to read.
    :returns: the values of these options by host and name.
    :raises TalkoverError: kind ``config``, when an option depends on a fact, or differs between hosts.
    """
    hostvars, play = variables["hostvars"], task.get_play()
    # HostVars has no public API for the variables of another host with those of the play, the role and the task.
    manager, inventory = hostvars._variable_manager, hostvars._inventory  # noqa: SLF001
    batch, everyone = variables["ansible_play_batch"], variables["ansible_play_hosts_all"]

    def read_host(name: str, **more: Any) -> _Host:
        seen = manager.get_vars(play=play, host=inventory.get_host(name), task=task, _hosts=batch, _hosts_all=everyone)
        return _Host(name, {**seen, **more}, task, manager._loader)  # noqa: SLF001  # as above

    options: list[_Option] = [*names, *varying_options(task)]
    first: list[_Value] = []
    found: dict[str, dict[str, _Value]] = {}
    for name in everyone:
        _reject_replaced(manager, play, name)
        # They hold facts of localhost.
        host = read_host(name, ansible_delegated_vars=variables.get("ansible_delegated_vars"))
        reject_facts_of_host(host.variables, (*NO_FACTS, *VARIABLES))
        _reject_misspelled(host.variables, play, task)
        values = [host.read(option) for option in options]
        first = first or values
        for option, expected, value in zip(options, first, values):
            if repr(value.common) != repr(expected.common):
                raise TalkoverError(
                    "config",
                    f"{_describe(option)} differs between the hosts {sanitize(everyone[0])} and {sanitize(name)}, but "
                    "the check is one for all hosts. Set it to the same value, or use a play for each.",
                )
        if has_facts(manager):
            with without_facts(manager):
                _reject_dependence(read_host(name), options, values)
        found[name] = dict(zip(names, values))
    return found


def _reject_dependence(bare: _Host, options: Sequence[_Option], values: Sequence[_Value]) -> None:
    """Raise an error when an option has another value without the facts of all hosts, or none.

    :param bare: the host without facts.
    :param values: the values with facts.
    :raises TalkoverError: kind ``config``; the message names the option and the host.
    """
    for option, value in zip(options, values):
        try:
            same = repr(bare.read(option)) == repr(value)
        except TalkoverError:
            same = False
        if not same:
            raise TalkoverError(
                "config",
                f"{_describe(option)} of the host {sanitize(bare.name)} depends on a fact, or changes each time it is "
                "evaluated. A managed host chooses its facts, so they must not choose what is checked. Use variables "
                "that are not facts, or a constant.",
            )


def _reject_misspelled(variables: Mapping[str, Any], play: Any, task: Any) -> None:
    """Raise an error for a variable whose name is close to that of an option. The option would have its default.

    :raises TalkoverError: kind ``config``; the message names the option.
    """
    # The prefix that all have in common would make each name look similar.
    endings = [option[len(_PREFIX) :] for option in OPTIONS]
    for name in map(str, variables):
        ending = name[len(_PREFIX) :]
        is_other = name.startswith(_PREFIX) and name not in VARIABLES
        if is_other and ("age" in ending.split("_") or difflib.get_close_matches(ending, endings, n=1, cutoff=0.8)):
            reject_unknown([name], OPTIONS)
    # Without the prefix, other variables of the inventory may have this name.
    given = variables if _IS_PLAYBOOK in play.vars else {**play.vars, **task.get_vars()}
    if "max_health_age" in given and "gate_max_health_age" not in variables:
        reject_unknown(["max_health_age"], OPTIONS)


def _reject_replaced(manager: Any, play: Any, host: str) -> None:
    """Raise an error when an earlier task has set an option that import_playbook sets as well.

    :raises TalkoverError: kind ``config``; the message names the option and the host.
    """
    # Elsewhere, the variables of the play are defaults that a task may change.
    names = (*PLAYBOOK_OPTIONS, *COMMON) if _IS_PLAYBOOK in play.vars else ()
    # The results of set_fact, register and include_vars. There is no public API.
    for set_before in (manager._nonpersistent_fact_cache, manager._vars_cache):  # noqa: SLF001
        for name in names:
            if name in play.vars and name in (set_before.get(host) or {}):
                raise TalkoverError(
                    "config",
                    f"An earlier task has set {name} for the host {sanitize(host)}, which replaces the {name} of "
                    "import_playbook. Use another name in set_fact, register and include_vars.",
                )
