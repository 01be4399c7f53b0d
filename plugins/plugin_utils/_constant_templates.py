# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Recognize templates that have the same value for all hosts, so that they need not be rendered for each."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

_LOOKUPS = ("lookup", "query", "q")
# Those of ansible-core that read no variables. Of others, nothing is known.
_PLUGINS = ("env", "file", "ini", "pipe", "unvault")
_HARMLESS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Concat, nodes.Add, nodes.Keyword)
# The output of a command often ends with a line break.
_FILTERS = ("trim",)


def is_constant(value: Any) -> bool:
    """Return whether a value can only have one value for all hosts.

    A template is constant when it has nothing but text, lookups that read no variables, and the filter C(trim). All
    others may differ.
    """
    if isinstance(value, Mapping):
        return all(map(is_constant, (*value.keys(), *value.values())))
    if isinstance(value, (list, tuple)):
        return all(map(is_constant, value))
    return not isinstance(value, str) or _is_constant_text(str(value))


@functools.lru_cache(maxsize=256)
def _is_constant_text(text: str) -> bool:
    # The header of a template can define other delimiters.
    if text.startswith("#jinja2:"):
        return False
    if "{" not in text:
        return True
    try:
        tree = Environment().parse(text)  # noqa: S701  # nothing is rendered
    except (TemplateSyntaxError, RecursionError):
        return False
    return all(map(_is_constant_node, tree.iter_child_nodes()))


def _is_constant_node(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Call):
        return _is_constant_lookup(node)
    # A lookup renders the templates in its terms.
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and "{" in node.value:
        return False
    is_harmless = node.name in _FILTERS if isinstance(node, nodes.Filter) else isinstance(node, _HARMLESS)
    return is_harmless and all(map(_is_constant_node, node.iter_child_nodes()))


def _is_constant_lookup(call: nodes.Call) -> bool:
    callee, arguments = call.node, [*call.args, *call.kwargs]
    if not (isinstance(callee, nodes.Name) and callee.name in _LOOKUPS and call.args):
        return False
    plugin = call.args[0]
    is_known = isinstance(plugin, nodes.Const) and str(plugin.value).replace("ansible.builtin.", "", 1) in _PLUGINS
    return is_known and not call.dyn_args and not call.dyn_kwargs and all(map(_is_constant_node, arguments))
