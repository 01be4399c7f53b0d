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

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from ..module_utils._errors import TalkoverError

_MODULE = "talkover.voice.sip_trunk_info"
_SAME = ("hostvars", "groups", "omit")
"""Variables that are the same for all hosts. Comparing C(hostvars) would read all of them."""

_LOOKUPS = ("lookup", "query", "q")
_READERS = ("config", "template", "vars", "varnames")
"""The lookups of ansible-core that read variables which their arguments do not show."""


def differing_variables(task: Any, first: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the names of the variables in the connection options of a task that differ between two hosts.

    :param first: the variables of one host, not rendered.
    :param other: those of the other host.
    :raises TalkoverError: kind ``config``, when a template hides which variables it uses.
    """
    used = connection_variables(task, first) | connection_variables(task, other)
    return sorted(name for name in used if name not in _SAME and first.get(name) != other.get(name))


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


def used_variables(value: Any, variables: Mapping[str, Any], place: str | None = None) -> set[str]:
    """Return the names of the variables that a value uses, and those that they use.

    :param value: text with templates, or a list or a dictionary of such values.
    :param place: where the value is, for the error about a template that hides its variables; without it, there is
        no error.
    :raises TalkoverError: kind ``config``, see ``place``.
    """
    found: set[str] = set()
    rest = [value]
    while rest:
        new = {name for text in _templates(rest.pop()) for name in _names(text, place)} - found
        found |= new
        rest += [variables[name] for name in new if name in variables and name not in _SAME]
    return found


def _templates(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "{" in value:
            yield str(value)
    elif isinstance(value, (Mapping, list, tuple)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _templates(item)


def _names(text: str, place: str | None) -> frozenset[str]:
    names, hidden = _read_template(text)
    if hidden and place is not None:
        raise TalkoverError(
            "config",
            f"A template in {place} uses {hidden}, which hides the variables that it reads. They must be the same for "
            "all hosts, and no facts. Use the variables themselves.",
        )
    return names


@functools.lru_cache(maxsize=256)
def _read_template(text: str) -> tuple[frozenset[str], str]:
    """Return the names in a template, and what in it can read a variable without its name, or an empty text."""
    try:
        # Parsing looks no filter up, unlike the functions of jinja2.meta, which fail for the filters of Ansible.
        tree = Environment().parse(text)  # noqa: S701  # nothing is rendered
    except TemplateSyntaxError:
        return frozenset(), "syntax that Jinja does not have"
    plain = {id(call.node) for call in tree.find_all(nodes.Call) if _is_plain_lookup(call)}
    found = list(tree.find_all(nodes.Name))
    hidden = [node.name for node in found if node.name in ("vars", *_LOOKUPS) and id(node) not in plain]
    if any(tree.find(kind) for kind in (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        hidden.append("another template")
    return frozenset(node.name for node in found), "".join(hidden[:1])


def _is_plain_lookup(call: nodes.Call) -> bool:
    """Return whether a call is that of a lookup which is named in it, and not one of those that read variables."""
    if not (isinstance(call.node, nodes.Name) and call.node.name in _LOOKUPS and call.args):
        return False
    plugin = call.args[0]
    return isinstance(plugin, nodes.Const) and str(plugin.value).rpartition(".")[2] not in _READERS
