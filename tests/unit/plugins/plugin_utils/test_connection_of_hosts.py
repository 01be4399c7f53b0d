# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test which connection options around a task are found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.plugin_utils._connection_of_hosts import (
    common_environment,
    varying_options,
)

MODULE = "talkover.voice.sip_trunk_info"


def find(**around: Any) -> list[str]:
    """Return the names of the options for a task with these keywords around it."""
    task = SimpleNamespace(
        get_play=lambda: SimpleNamespace(_action_groups={MODULE: ["talkover.voice.talkover"]}),
        _parent=SimpleNamespace(_get_parent_attribute=around.get),
    )
    return [option.name for option in varying_options(task)]


@pytest.mark.parametrize("name", [MODULE, "group/talkover.voice.talkover"])
def test_an_option_of_module_defaults_is_found(name: str) -> None:
    assert find(module_defaults=[{name: {"api_url": "{{ url }}", "timeout": 5}}]) == ["api_url"]
    assert find(module_defaults=[{name: "{{ options }}"}]) == [name]


def test_variables_of_the_environment_are_found_unless_they_are_harmless() -> None:
    text = "{{ text }}"
    found = ["TALKOVER_TOKEN", "https_proxy", "SSL_CERT_FILE", "PYTHONPATH", "LD_PRELOAD", "HOME", "X", 5]
    harmless = ["PATH", "no_proxy", "LANG", "LC_ALL"]
    names = [str(name) for name in found]
    assert find(environment=[dict.fromkeys([*harmless, *found], text), {}, text]) == [*names, "environment"]


@pytest.mark.parametrize(
    ("given", "common"),
    [
        (
            {"TALKOVER_API_URL": "x", "TALKOVER_PROXY": "y", "talkover_token": "z"},
            ["TALKOVER_API_URL", "TALKOVER_PROXY"],
        ),
        ({"http_proxy": "x", "CURL_CA_BUNDLE": "z", 5: 6}, []),
        ("text", []),
        (None, []),
    ],
)
def test_the_variables_of_this_collection_must_be_the_same_for_all_hosts(given: Any, common: list[str]) -> None:
    assert list(common_environment(given)) == common


def test_defaults_of_another_module_are_not_found() -> None:
    assert find(module_defaults=[{"ansible.builtin.uri": {"url": "{{ url }}"}}]) == []


def test_a_constant_option_is_not_found() -> None:
    assert find(module_defaults=[{MODULE: {"api_token": "{{ lookup('ansible.builtin.env', 'TOKEN') }}"}}]) == []
