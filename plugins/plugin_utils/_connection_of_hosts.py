# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Find connection options of a task that are not the same for all hosts of the play.

With C(run_once), Ansible renders C(module_defaults) and C(environment) for the first host only. The trunks of another
host would be checked with the URL or the token of the first. The templates are not rendered here, because a lookup in
them may be slow, or may return a new token each time. Instead, the variables that they use are compared.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables

_MODULE = "talkover.voice.sip_trunk_info"
_SAME = ("hostvars", "groups", "omit")
"""Variables that are the same for all hosts. Comparing C(hostvars) would read all of them."""


def differing_variables(task: Any, first: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the names of the variables in the connection options of a task that differ between two hosts.

    :param first: the variables of one host, not rendered.
    :param other: those of the other host.
    """
    used = _used(list(_options(task)), first) | _used(list(_options(task)), other)
    return sorted(name for name in used if name not in _SAME and first.get(name) != other.get(name))


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


def _used(value: Any, variables: Mapping[str, Any]) -> set[str]:
    """Return the names of the variables that a value uses, and those that they use."""
    found: set[str] = set()
    rest = [value]
    while rest:
        new = _names(rest.pop()) - found
        found |= new
        rest += [variables[name] for name in new if name in variables and name not in _SAME]
    return found


def _names(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(_names_of_template(str(value))) if "{" in value else set()
    if isinstance(value, Mapping):
        return set().union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, (list, tuple)) else set()


@functools.lru_cache(maxsize=256)
def _names_of_template(text: str) -> frozenset[str]:
    # Ansible reports a wrong template when it renders it.
    with contextlib.suppress(TemplateSyntaxError):
        return frozenset(find_undeclared_variables(Environment().parse(text)))  # noqa: S701  # nothing is rendered
    return frozenset()
