# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Reject variables that come from facts, because a managed host controls its facts."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ansible import constants

from ..module_utils._errors import TalkoverError

VARIABLE_PREFIX = "talkover_"
CONNECTION_VARIABLES = tuple(
    f"{VARIABLE_PREFIX}{name}"
    for name in ("api_token", "api_url", "validate_certs", "ca_path", "client_cert", "client_key", "cache_ttl")
)
"""The documented variables of the connection options and of C(cache_ttl)."""

VERDICT_VARIABLES = ("talkover_trunks", "talkover_trunk", "talkover_healthy", "talkover_problems")
"""The variables that only the inventory plugin may set on a host."""

NO_FACTS = (*CONNECTION_VARIABLES, "talkover_trunk_id", *VERDICT_VARIABLES)
"""The variables that must not come from facts. With an ID or a record, a managed host could choose the trunk."""

HOST_VARIABLES = ("inventory_hostname", "inventory_hostname_short", "inventory_dir", "inventory_file")
"""The variables that name a host. A fact overrides them, and a template with one would take the ID of another host."""

SEARCH_VARIABLES = ("ansible_search_path", "role_path")
"""The variables that name the folders where lookups such as C(file) search. Inside hostvars, a fact overrides them."""

_IN_TEXT = tuple(f'"{start}' for start in (VARIABLE_PREFIX, "inventory_", *SEARCH_VARIABLES))


def reject_facts(variables: Mapping[str, Any] | None) -> None:
    """Raise an error when a variable of this collection may come from facts, which a managed host controls.

    :param variables: the variables of the host, as Ansible passes them to a plugin.
    :raises TalkoverError: kind ``config``; the message names the variable.
    """
    variables = variables or {}
    _reject_facts_of_all(find_manager(variables))
    reject_facts_of_host(variables, NO_FACTS)
    # Inside hostvars, Ansible passes the variables of one host, and no way to the facts of all.
    facts = variables.get("ansible_facts")
    latest = facts.get("ansible_facts") if isinstance(facts, Mapping) else None
    for known in (facts, latest, _stored_facts(variables)):
        _reject_names((*HOST_VARIABLES, *SEARCH_VARIABLES), known if isinstance(known, Mapping) else {})
    # In ansible_facts, the names have no prefix. Elsewhere than inside hostvars, Ansible sets the variable itself.
    if find_manager(variables) is None and isinstance(facts, Mapping) and "search_path" in facts:
        _reject_names(["ansible_search_path"], variables)


def reject_facts_of_host(variables: Mapping[str, Any], names: Collection[str]) -> None:
    """Raise an error when one of these variables may come from facts of this host.

    :raises TalkoverError: kind ``config``; the message names the variable.
    """
    present = [name for name in names if name in variables]
    if not present:
        return
    facts = variables.get("ansible_facts") or {}
    # A user variable may shadow ansible_facts, but not the store behind it.
    stored = _stored_facts(variables)
    if not isinstance(facts, Mapping):
        raise TalkoverError(
            "config",
            f"The variable ansible_facts is not a dictionary, so it cannot show whether {present[0]} comes from a "
            "fact. Remove the variable ansible_facts from the inventory and the play.",
        )
    # Within the task that returned them, ansible-core 2.18 and older keep only the latest facts, in this key.
    if "ansible_facts" in facts:
        raise TalkoverError(
            "config",
            f"The task itself has returned facts, so {present[0]} may be one of them. Use the plugin in a task of its "
            "own. If the host has a fact ansible_facts, remove that fact.",
        )
    _reject_names(present, facts)
    _reject_names(present, stored)


def _reject_names(names: Collection[str], facts: Mapping[str, Any]) -> None:
    for name in names:
        if name in facts:
            raise TalkoverError(
                "config",
                f"The variable {name} is also a fact of the host. It must not be one, because a managed host chooses "
                "its facts. Remove the fact, and set the variable without cacheable.",
            )


def _reject_facts_of_all(manager: Any) -> None:
    """Raise an error when any host has such a fact, because an expression may read it with C(hostvars).

    :raises TalkoverError: kind ``config``; the message names the variable and the host.
    """
    if manager is None or not constants.INJECT_FACTS_AS_VARS:
        return
    for host, facts in _loaded_facts(manager._fact_cache):  # noqa: SLF001  # as read_facts
        if name := next(filter(facts.__contains__, (*NO_FACTS, *HOST_VARIABLES, *SEARCH_VARIABLES)), None):
            raise TalkoverError(
                "config",
                f"The variable {name} is also a fact of the host {host}. It must not be one, because a managed host "
                "chooses its facts. Remove the fact, and set the variable without cacheable.",
            )


def _loaded_facts(cache: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the facts of all hosts that were read, in this process or in the one that it was forked from.

    An expression can only have used these. Reading all of them may take seconds.
    """
    loaded = getattr(getattr(cache, "_plugin", cache), "_cache", None)
    if not isinstance(loaded, Mapping):
        # A cache without a memory of its own. It has no public type, so keys() may be all that it has.
        loaded = {host: cache.get(host) for host in list(cache.keys())}
    for host, facts in loaded.items():
        # ansible-core 2.19 and newer keep facts as JSON in the memory of a cache with files.
        text = facts.get("__payload__") if isinstance(facts, Mapping) else None
        if not isinstance(text, str):
            yield host, facts or {}
        elif any(start in text for start in _IN_TEXT):
            # Decoding all of it would take as long as hundreds of searches.
            yield host, json.loads(text)


def find_manager(variables: Mapping[str, Any]) -> Any:
    """Return Ansible's C(VariableManager), or C(None) inside C(hostvars), where the variables have no way to it."""
    return getattr(variables.get("hostvars"), "_variable_manager", None)


def _stored_facts(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    manager, host = find_manager(variables), variables.get("inventory_hostname")
    return read_facts(manager, host) if manager is not None and isinstance(host, str) else {}


def read_facts(manager: Any, host: str) -> Mapping[str, Any]:
    """Return the facts of a host from Ansible's own store.

    :param manager: Ansible's C(VariableManager), which has no public API for this.
    """
    try:
        return manager._fact_cache.get(host) or {}  # noqa: SLF001  # see above
    except KeyError:
        return {}


def has_facts(manager: Any) -> bool:
    """Return whether any facts were read, in this process or in the one that it was forked from."""
    cache = manager._fact_cache  # noqa: SLF001  # as read_facts
    loaded = getattr(getattr(cache, "_plugin", cache), "_cache", None)
    return bool(loaded if isinstance(loaded, Mapping) else list(cache.keys()))


class NoFacts:
    """Replace a fact cache with an empty one."""

    def get(self, host: str, *default: Any) -> Any:
        """Return the default, or raise an error without one, as the caches of ansible-core do for an unknown host."""
        if default:
            return default[0]
        raise KeyError(host)

    def keys(self) -> tuple[str, ...]:
        """Return the names of no hosts."""
        return ()


@contextlib.contextmanager
def without_facts(manager: Any) -> Iterator[None]:
    """Hide the facts of all hosts from a C(VariableManager)."""
    kept, manager._fact_cache = manager._fact_cache, NoFacts()  # noqa: SLF001  # as read_facts
    try:
        yield
    finally:
        manager._fact_cache = kept  # noqa: SLF001  # as read_facts


def remove_facts(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return variables of a host without those that are facts, that a fact replaced, or that hold copies of facts."""
    copies = ("vars", "ansible_delegated_vars", "_ansible_delegated_vars")
    names = {"ansible_facts", "ansible_local", *copies, *_stored_facts(variables)}
    facts = variables.get("ansible_facts")
    # The keys have no prefix, and two facts may have the same key. So what is not stored may be a fact of either name.
    keys = facts.keys() if isinstance(facts, Mapping) else ()
    suspects = {name for key in keys for name in (key, f"ansible_{key}") if name in variables and name not in names}
    if suspects:
        known = _inventory_variables(variables)
        names.update(name for name in suspects if name not in known or repr(known[name]) != repr(variables[name]))
    bare = {name: value for name, value in variables.items() if name not in names}
    return {**bare, "vars": bare} if "vars" in variables else bare


def _inventory_variables(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the variables of the inventory for the same host, or nothing inside C(hostvars)."""
    manager, name = find_manager(variables), variables.get("inventory_hostname")
    host = None if manager is None else variables["hostvars"]._inventory.get_host(name)  # noqa: SLF001  # no public API
    if host is None:
        return {}
    with without_facts(manager):
        found: Mapping[str, Any] = manager.get_vars(host=host, include_hostvars=False)
    return found
