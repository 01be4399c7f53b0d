# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Find the variables that the connection options of a task use.

With C(run_once), Ansible renders C(module_defaults) and C(environment) for the first host only. The trunks of another
host would be checked with the URL or the token of the first. The templates are not rendered here, because a lookup in
them may be slow, or may return a new token each time. Instead, the variables that they use are compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ._template_variables import SAME_FOR_ALL_HOSTS, used_variables

_MODULE = "talkover.voice.sip_trunk_info"


def differing_variables(used: Collection[str], first: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the names of the variables that differ between two hosts.

    :param used: the names to compare.
    :param first: the variables of one host, not rendered.
    :param other: those of the other host.
    """
    return sorted(name for name in used if name not in SAME_FOR_ALL_HOSTS and first.get(name) != other.get(name))


def connection_variables(task: Any, variables: Mapping[str, Any]) -> set[str]:
    """Return the names of the variables that the connection options around a task use.

    :param variables: the variables of a host, not rendered.
    :raises TalkoverError: kind ``config``, when a template hides which variables it uses.
    """
    return used_variables(list(_options(task)), variables, "module_defaults or environment")


def _options(task: Any) -> Iterator[Any]:
    """Return the connection options around a task, not rendered."""
    groups = (task.get_play()._action_groups or {}).get(_MODULE, ())  # noqa: SLF001  # as ansible-core itself
    names = {_MODULE, *(f"group/{group}" for group in groups)}
    for defaults in _around(task, "module_defaults"):
        yield from (value for name, value in defaults.items() if name in names)
    for variables in _around(task, "environment"):
        if isinstance(variables, Mapping):
            yield from (value for name, value in variables.items() if str(name).startswith("TALKOVER_"))
        else:
            yield variables


def _around(task: Any, keyword: str) -> list[Any]:
    """Return a keyword of the blocks, roles and the play around a task. That of the task itself may be rendered."""
    # The attribute of the block may be without that of the play. There is no public API.
    value = task._parent._get_parent_attribute(keyword)  # noqa: SLF001
    return value if isinstance(value, list) else []
