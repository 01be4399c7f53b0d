# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts configure nothing and choose no trunk."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.plugin_utils import _facts


def refusal(call: Any, *arguments: Any) -> str:
    """Return the message of a configuration error."""
    with pytest.raises(TalkoverError) as raised:
        call(*arguments)
    assert raised.value.kind == "config"
    return str(raised.value)


@pytest.mark.parametrize("name", _facts.CONNECTION_VARIABLES)
def test_fact_that_sets_a_connection_variable_is_rejected(name: str) -> None:
    message = refusal(_facts.reject_facts, {name: "x", "ansible_facts": {name: "x"}})
    assert name in message


@pytest.mark.parametrize("facts", [{"ansible_facts": {}}, {"ansible_facts": {"talkover_api_url": 1}}, "{{ x }}", ["a"]])
def test_facts_that_could_hide_a_connection_variable_are_rejected(facts: Any) -> None:
    assert "talkover_api_url" in refusal(_facts.reject_facts, {"talkover_api_url": "x", "ansible_facts": facts})


@pytest.mark.parametrize(
    "variables",
    [
        None,
        {},
        {"ansible_facts": {"ansible_facts": {}}},
        {"talkover_api_url": "x"},
        {"talkover_api_url": "x", "ansible_facts": {"distribution": "x"}},
        {"ansible_facts": {"talkover_api_url": "x"}},
    ],
)
def test_other_facts_are_accepted(variables: Any) -> None:
    _facts.reject_facts(variables)


def test_a_fact_that_lookups_search_is_rejected_inside_hostvars() -> None:
    variables = {"ansible_search_path": ["/a"], "ansible_facts": {"search_path": ["/a"]}}
    assert "ansible_search_path" in refusal(_facts.reject_facts, variables)
    assert "role_path" in refusal(_facts.reject_facts, {"ansible_facts": {"role_path": "/a"}})
    # Another fact may have the same key.
    assert "ansible_search_path" in refusal(_facts.reject_facts, {**variables, "ansible_search_path": ["/b"]})
    _facts.reject_facts({"ansible_search_path": ["/a"], "ansible_facts": {"other": 1}})


def test_no_copy_of_a_fact_remains() -> None:
    own = {"a": 1, "ansible_facts": {"b": 2, "c": 3}, "b": 2, "ansible_c": 3, "c": 4}
    variables = {**own, "vars": dict(own), "ansible_delegated_vars": {"h1": dict(own)}}
    assert _facts.remove_facts(variables) == {"a": 1, "vars": {"a": 1}}
    assert _facts.remove_facts(own) == {"a": 1}


def test_a_host_without_facts_in_the_store_has_none() -> None:
    manager = SimpleNamespace(_fact_cache=_facts.NoFacts())
    assert _facts.read_facts(manager, "h1") == {}
    assert _facts.read_facts(SimpleNamespace(_fact_cache={"h1": {"a": 1}}), "h1") == {"a": 1}


FACTS = {"distribution": "x", "talkover_trunk_id": "t"}


class NoMemory:
    """A cache of facts without a memory of its own, such as that of memcached."""

    def keys(self) -> list[str]:
        return ["h2"]

    def get(self, _host: str) -> dict[str, str]:
        return FACTS


@pytest.mark.parametrize(
    "cache",
    [
        SimpleNamespace(_cache={"h2": FACTS}),
        SimpleNamespace(_plugin=SimpleNamespace(_cache={"h1": {}, "h2": FACTS})),
        SimpleNamespace(_cache={"s1_h2": {"__payload__": json.dumps(FACTS)}}),
        NoMemory(),
    ],
)
def test_fact_of_another_host_is_rejected(cache: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"hostvars": SimpleNamespace(_variable_manager=SimpleNamespace(_fact_cache=cache))}
    message = refusal(_facts.reject_facts, variables)
    assert "talkover_trunk_id" in message
    assert "h2" in message
    monkeypatch.setattr(constants, "INJECT_FACTS_AS_VARS", False)
    _facts.reject_facts(variables)


def test_names_inside_the_facts_of_another_host_are_accepted() -> None:
    payload = json.dumps({"local": {"talkover_trunk_id": "t"}, "name": "talkover_trunk_id"})
    cache = SimpleNamespace(_cache={"s1_h2": {"__payload__": payload}})
    _facts.reject_facts({"hostvars": SimpleNamespace(_variable_manager=SimpleNamespace(_fact_cache=cache))})
