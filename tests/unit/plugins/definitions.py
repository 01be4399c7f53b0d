# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give a plugin that a test creates itself the options of its documentation, as Ansible's loader would."""

from __future__ import annotations

import importlib
from typing import Any

import yaml
from ansible import constants, template

from ansible_collections.talkover.voice.plugins.doc_fragments import connection, query

# Text of a documentation is trusted on ansible-core 2.19 and newer.
trusted: Any = getattr(template, "trust_as_template", str)

OWN = {
    "talkover.voice.connection": connection.ModuleDocFragment.DOCUMENTATION,
    "talkover.voice.connection.plugins": connection.ModuleDocFragment.PLUGINS,
    "talkover.voice.query": query.ModuleDocFragment.DOCUMENTATION,
}


def define_options(kind: str, plugin: Any, documentation: str) -> None:
    """Define the options of a plugin.

    :param kind: the type of the plugin, such as C(lookup).
    """
    described = yaml.safe_load(documentation)
    fragments = described["extends_documentation_fragment"]
    texts = [documentation, *(OWN.get(name) or _of_ansible(name) for name in fragments)]
    definitions: dict[str, Any] = {}
    for text in texts:
        for option, definition in yaml.safe_load(text)["options"].items():
            if isinstance(definition.get("default"), str):
                definition["default"] = trusted(definition["default"])
            definitions.setdefault(option, {}).update(definition)
    plugin._load_name = f"talkover.voice.{described['name']}"
    plugin._redirected_names = [plugin._load_name]
    constants.config.initialize_plugin_configuration_definitions(kind, plugin._load_name, definitions)


def _of_ansible(name: str) -> str:
    module = importlib.import_module(f"ansible.plugins.doc_fragments.{name}")
    return str(module.ModuleDocFragment.DOCUMENTATION)
