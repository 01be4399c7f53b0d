# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test which variables of the connection options are compared between hosts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.plugin_utils._connection_of_hosts import (
    connection_variables,
    differing_variables,
)

MODULE = "talkover.voice.sip_trunk_info"


def find(first: dict[str, Any], other: dict[str, Any], **around: Any) -> list[str]:
    """Return the variables that differ, for a task with these keywords around it."""
    task = SimpleNamespace(
        get_play=lambda: SimpleNamespace(_action_groups={MODULE: ["talkover.voice.talkover"]}),
        _parent=SimpleNamespace(_get_parent_attribute=around.get),
    )
    used = connection_variables(task, first) | connection_variables(task, other)
    return differing_variables(used, first, other)


@pytest.mark.parametrize("name", [MODULE, "group/talkover.voice.talkover"])
def test_a_variable_of_module_defaults_is_compared(name: str) -> None:
    defaults = [{name: {"api_url": "{{ url }}"}}]
    assert find({"url": "a"}, {"url": "b"}, module_defaults=defaults) == ["url"]
    assert find({"url": "a"}, {"url": "a"}, module_defaults=defaults) == []
    assert find({"url": "a"}, {}, module_defaults=defaults) == ["url"]


def test_a_variable_behind_another_is_compared() -> None:
    defaults = [{MODULE: {"api_url": "{{ url }}"}}]
    hosts = ({"url": "{{ base }}/v1", "base": base} for base in ("a", "b"))
    assert find(*hosts, module_defaults=defaults) == ["base"]


def test_only_variables_of_this_collection_in_the_environment_are_compared() -> None:
    hosts = ({"token": "a", "path": "a"}, {"token": "b", "path": "b"})
    environment = [{"TALKOVER_TOKEN": "{{ token }}", "PATH": "{{ path }}"}]
    assert find(*hosts, environment=environment) == ["token"]


def test_defaults_of_another_module_are_not_compared() -> None:
    defaults = [{"ansible.builtin.uri": {"url": "{{ url }}"}}]
    assert find({"url": "a"}, {"url": "b"}, module_defaults=defaults) == []


@pytest.mark.parametrize(
    "template",
    [
        "{{ url | mandatory }}",
        "{{ url | ansible.builtin.regex_replace('a', 'b') }}",
        "{{ 'x' if url is ansible.builtin.match('a') else 'y' }}",
        "{{ lookup('ansible.builtin.file', url) }}",
        "{% if url %}x{% endif %}",
    ],
)
def test_a_variable_beside_filters_and_tests_of_ansible_is_compared(template: str) -> None:
    assert find({"url": "a"}, {"url": "b"}, module_defaults=[{MODULE: {"api_url": template}}]) == ["url"]


def test_a_lookup_that_is_named_and_reads_no_variables_is_no_error() -> None:
    defaults = [{MODULE: {"api_token": "{{ lookup('ansible.builtin.env', 'TOKEN') }}"}}]
    assert find({}, {}, module_defaults=defaults) == []
