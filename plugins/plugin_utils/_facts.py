# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Reject variables that come from facts, because a managed host controls its facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..module_utils._errors import TalkoverError

VARIABLE_PREFIX = "talkover_"
CONNECTION_VARIABLES = tuple(
    f"{VARIABLE_PREFIX}{name}"
    for name in ("api_token", "api_url", "validate_certs", "ca_path", "client_cert", "client_key", "cache_ttl")
)
"""The documented variables of the connection options and of C(cache_ttl)."""

NO_FACTS = (*CONNECTION_VARIABLES, "talkover_trunk_id")
"""The variables that must not come from facts. With the ID, a managed host could choose the trunk to check."""


def reject_facts(variables: Mapping[str, Any] | None, names: Collection[str] = NO_FACTS) -> None:
    """Raise an error when a variable of this collection may come from facts, which a managed host controls.

    :param variables: the variables of the host, as Ansible passes them to a plugin.
    :param names: the variables that must not come from facts.
    :raises TalkoverError: kind ``config``; the message names the variable.
    """
    variables = variables or {}
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
    for name in present:
        if name in facts or name in stored:
            raise TalkoverError(
                "config",
                f"The variable {name} is also a fact of the host. It must not be one, because a managed host chooses "
                "its facts. Remove the fact, and set the variable without cacheable.",
            )


def _stored_facts(variables: Mapping[str, Any]) -> Mapping[str, Any]:
    manager, host = getattr(variables.get("hostvars"), "_variable_manager", None), variables.get("inventory_hostname")
    return read_facts(manager, host) if manager is not None and isinstance(host, str) else {}


def read_facts(manager: Any, host: str) -> Mapping[str, Any]:
    """Return the facts of a host from Ansible's own store.

    :param manager: Ansible's C(VariableManager), which has no public API for this.
    """
    try:
        return manager._fact_cache.get(host) or {}  # noqa: SLF001  # see above
    except KeyError:
        return {}


class NoFacts:
    """Replace a fact cache with an empty one."""

    def get(self, host: str, *_default: Any) -> Any:
        """Raise an error, as the caches of all supported versions may for an unknown host."""
        raise KeyError(host)
