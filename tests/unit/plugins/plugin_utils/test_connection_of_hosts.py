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
    connection_environment,
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


def test_variables_of_the_environment_that_configure_the_connection_are_found() -> None:
    text = "{{ text }}"
    found = ["TALKOVER_TOKEN", "https_proxy", "no_proxy", "SSL_CERT_FILE"]
    others = ["PATH", "HOME", "PYTHONPATH", "proxy", "ssl_cert_dir", 5]
    assert find(environment=[dict.fromkeys([*others, *found], text), {}, text]) == [*found, "environment"]


@pytest.mark.parametrize("given", ["text", None, [], [None], {5: 6}, {"PATH": "x", "talkover_token": "x"}])
def test_the_check_uses_no_other_variables_of_the_environment(given: Any) -> None:
    assert connection_environment(given) == {}


def test_the_variables_of_this_collection_must_be_the_same_for_all_hosts() -> None:
    used = connection_environment({"TALKOVER_API_URL": "x", "TALKOVER_TIMEOUT": 5, "HTTP_PROXY": "y", "X": "z"})
    assert used == {"TALKOVER_API_URL": "x", "TALKOVER_TIMEOUT": "5", "HTTP_PROXY": "y"}
    assert connection_environment([{"HTTP_PROXY": "x"}, {"HTTP_PROXY": "y", "X": "z"}]) == {"HTTP_PROXY": "y"}
    assert common_environment(used) == {"TALKOVER_API_URL": "x", "TALKOVER_TIMEOUT": "5"}


def test_defaults_of_another_module_are_not_found() -> None:
    assert find(module_defaults=[{"ansible.builtin.uri": {"url": "{{ url }}"}}]) == []


def test_a_constant_option_is_not_found() -> None:
    assert find(module_defaults=[{MODULE: {"api_token": "{{ lookup('ansible.builtin.env', 'TOKEN') }}"}}]) == []
