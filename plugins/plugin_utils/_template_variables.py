# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Find the variables that templates use, without rendering them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from ..module_utils._errors import TalkoverError

SAME_FOR_ALL_HOSTS = ("hostvars", "groups", "omit")
"""Variables that are the same for all hosts. Reading C(hostvars) would read all of them."""

_LOOKUPS = ("lookup", "query", "q")
_READERS = ("config", "template", "vars", "varnames")
"""The lookups of ansible-core that read variables which their arguments do not show."""


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
        rest += [variables[name] for name in new if name in variables and name not in SAME_FOR_ALL_HOSTS]
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
            "all hosts, and must not be facts. Use the variables themselves.",
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
