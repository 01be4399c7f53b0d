# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of the role evaluates the options of each host, and fails unless all trunks are healthy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible import template
from ansible.parsing.dataloader import DataLoader

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.plugin_utils import _play_gate

MODULE = "talkover.voice.sip_trunk_info"
DEFAULTS = {"gate_all_trunks": False, "gate_live": True, "gate_wait": 0, "gate_delay": 30}
# ansible-core 2.19 and newer render only what is marked, as YAML files are.
trusted = getattr(template, "trust_as_template", str)
EXPRESSION = trusted("{{ gate_trunk_ids }}")


def gate_args(
    hosts: dict[str, dict[str, Any]],
    *,
    async_val: int = 0,
    around: dict[str, Any] | None = None,
    given: dict[str, Any] | None = None,
    **args: Any,
) -> dict[str, Any]:
    """Return the arguments for hosts with these variables.

    :param around: keywords of the play.
    :param given: variables that the role was given.
    """
    known = {name: {**DEFAULTS, **variables} for name, variables in hosts.items()}
    manager = SimpleNamespace(
        get_vars=lambda host, **_others: known[host.name],
        _loader=DataLoader(),
        _fact_cache={},
        _nonpersistent_fact_cache={},
        _vars_cache={},
    )
    inventory = SimpleNamespace(get_host=lambda name: SimpleNamespace(name=name))
    hostvars = SimpleNamespace(_variable_manager=manager, _inventory=inventory)
    task = SimpleNamespace(
        vars={_play_gate.IDS_OF_HOST: EXPRESSION},
        async_val=async_val,
        get_play=lambda: SimpleNamespace(_action_groups={MODULE: ["talkover.voice.talkover"]}, vars={}),
        get_search_path=list,
        get_vars=lambda: given or {},
        _parent=SimpleNamespace(_get_parent_attribute=(around or {}).get),
    )
    variables = {"hostvars": hostvars, "ansible_play_batch": [], "ansible_play_hosts_all": list(hosts)}
    assert _play_gate.is_gate(task)
    return _play_gate.gate_args(args, task, variables)


def refusal(hosts: dict[str, dict[str, Any]], **options: Any) -> str:
    """Return the message of a configuration error."""
    with pytest.raises(TalkoverError) as raised:
        gate_args(hosts, **options)
    assert raised.value.kind == "config"
    return str(raised.value)


def test_a_task_without_the_variable_is_no_gate() -> None:
    assert not _play_gate.is_gate(SimpleNamespace(vars={"gate_trunk_ids": "x"}))


def test_the_ids_of_all_hosts_are_asked_for_once_and_in_order() -> None:
    hosts: dict[str, dict[str, Any]] = {
        "h1": {"gate_trunk_ids": "b"},
        "h2": {"gate_trunk_ids": ["a", "b"]},
        "h3": {"gate_trunk_ids": 7},
    }
    assert gate_args(hosts, include=["live_health"]) == {"include": ["live_health"], "trunk_ids": ["b", "a", "7"]}


@pytest.mark.parametrize("given", [True, "yes"])
def test_all_trunks_need_no_id(given: Any) -> None:
    assert gate_args({"h1": {}}, all_trunks=given) == {"all_trunks": given}


@pytest.mark.parametrize(
    "value", [None, "", " ", [], [""], [None], ["a", " "], [["a"]], {"a": 1}, "..", ".", True, "a\n", 1.5]
)
def test_an_invalid_id_of_one_host_is_an_error_that_names_the_host(value: Any) -> None:
    assert "gate_trunk_ids of the host h2" in refusal({"h1": {"gate_trunk_ids": "a"}, "h2": {"gate_trunk_ids": value}})


def test_an_undefined_id_of_one_host_is_an_error_that_names_the_host() -> None:
    message = refusal({"h1": {"gate_trunk_ids": "a"}, "h2": {}})
    assert "gate_trunk_ids of the host h2 cannot be evaluated" in message


@pytest.mark.parametrize("name", _play_gate.COMMON)
def test_an_option_that_differs_between_hosts_is_an_error(name: str) -> None:
    hosts: dict[str, dict[str, Any]] = {"h1": {"gate_trunk_ids": "a"}, "h2": {"gate_trunk_ids": "a", name: 5}}
    assert f"{name} differs between the hosts h1 and h2" in refusal(hosts)
    assert f"{name} differs between the hosts h1 and h2" in refusal(hosts, all_trunks=True)


@pytest.mark.parametrize("text", ["{{ url }}", "{{ indirect }}", "{% if url == '1' %}a{% endif %}"])
def test_a_connection_option_that_differs_between_hosts_is_an_error(text: str) -> None:
    common = {"gate_trunk_ids": "a", "indirect": trusted("{{ url }}/v1")}
    hosts: dict[str, dict[str, Any]] = {"h1": {**common, "url": "1"}, "h2": {**common, "url": "2"}}
    text = trusted(text)
    for name, around in (
        ("api_url (in module_defaults)", {"module_defaults": [{"group/talkover.voice.talkover": {"api_url": text}}]}),
        ("headers (in module_defaults)", {"module_defaults": [{}, {MODULE: {"headers": [text]}}]}),
        ("TALKOVER_API_URL (in environment)", {"environment": [{"TALKOVER_API_URL": text}]}),
        ("environment", {"environment": [trusted("{{ {'TALKOVER_API_URL': url} }}")]}),
    ):
        assert f"{name} differs between the hosts h1 and h2" in refusal(hosts, around=around)
        assert refusal(hosts, around=around, all_trunks=True)
        assert gate_args({"h1": hosts["h1"], "h2": {**common, "url": "1"}}, around=around)


def test_an_error_of_a_connection_option_does_not_show_the_reason() -> None:
    text = trusted("{{ token.x | mandatory('talq_of_h1') }}")
    hosts: dict[str, dict[str, Any]] = {"h1": {"gate_trunk_ids": "a", "token": {}}}
    for around in (
        {"module_defaults": [{MODULE: {"api_token": text}}]},
        {"module_defaults": [{MODULE: trusted("{{ {'api_token': token.x | mandatory('talq_of_h1')} }}")}]},
        {"environment": [{"TALKOVER_TOKEN": text}]},
    ):
        message = refusal(hosts, around=around)
        assert "of the host h1 cannot be evaluated" in message
        assert "talq" not in message


@pytest.mark.parametrize("name", ["gate_wait", "gate_max_health_age"])
def test_an_error_of_an_option_of_the_role_shows_the_reason(name: str) -> None:
    # ansible-core 2.18 and older raise what the filter raises.
    hosts: dict[str, dict[str, Any]] = {"h1": {"gate_trunk_ids": "a", name: trusted("{{ 'x'.index('y') }}")}}
    assert f"{name} of the host h1 cannot be evaluated: " in (message := refusal(hosts))
    assert "substring not found" in message


def test_the_role_passes_the_maximum_age_of_all_hosts() -> None:
    hosts: dict[str, dict[str, Any]] = {
        name: {"gate_trunk_ids": "a", "age": 5, "gate_max_health_age": trusted("{{ age }}")} for name in ("h1", "h2")
    }
    assert gate_args(hosts, max_health_age=900) == {"max_health_age": 5, "trunk_ids": ["a"]}
    assert gate_args(hosts, all_trunks=True) == {"max_health_age": 5, "all_trunks": True}


def test_a_maximum_age_of_module_defaults_alone_is_an_error() -> None:
    assert "Set gate_max_health_age" in refusal({"h1": {"gate_trunk_ids": "a"}}, max_health_age=900)


def test_a_variable_that_no_connection_option_uses_may_differ() -> None:
    common = {"gate_trunk_ids": "a", "hostvars": {"h1": {"url": "x"}}}
    hosts: dict[str, dict[str, Any]] = {"h1": {**common, "env": "1"}, "h2": {**common, "env": 2}}
    around = {
        "module_defaults": [
            {
                # A word in a string is no variable.
                MODULE: {
                    "api_token": trusted("{{ lookup('env', 'X') ~ hostvars.h1.url }}"),
                    "api_url": "env {",
                },
                "group/other.collection.all": {"region": "{{ env }}"},
            }
        ],
        "environment": [{"HTTPS_PROXY": "{{ env }}"}, {"TALKOVER_TIMEOUT": 5}],
    }
    assert gate_args(hosts, around=around)


@pytest.mark.parametrize("name", [*_play_gate.VARIABLES, "talkover_trunk_id"])
def test_a_fact_of_any_host_is_an_error(name: str) -> None:
    hosts: dict[str, dict[str, Any]] = {
        "h1": {"gate_trunk_ids": "a"},
        "h2": {"gate_trunk_ids": "a", name: "x", "ansible_facts": {name: "x"}},
    }
    assert f"The variable {name} is also a fact" in refusal(hosts)


def test_async_is_an_error() -> None:
    assert "async" in refusal({"h1": {"gate_trunk_ids": "a"}}, async_val=30)


@pytest.mark.parametrize(
    "name", ["gate_max_age", "gate_health_max_age", "gate_max_helth_age", "gate_trunk_id", "gate_alltrunks"]
)
def test_a_misspelled_option_is_an_error(name: str) -> None:
    hosts = {"h1": {"gate_trunk_ids": "a", name: 900}}
    assert f"'{name}' is not an option. Did you mean gate_" in refusal(hosts)


def test_other_variables_are_no_options() -> None:
    names: list[Any] = [
        "gate_host",
        "gate_id",
        "gate_line",
        "gate_deploy",
        "gate_environment",
        "trunk_id",
        "max_health_age",
        5060,
    ]
    assert gate_args({"h1": {"gate_trunk_ids": "a", **dict.fromkeys(names, "x")}})


def test_an_option_of_the_module_is_none_of_the_role() -> None:
    given = {"max_health_age": 900}
    assert "Did you mean gate_max_health_age" in refusal({"h1": {"gate_trunk_ids": "a"}}, given=given)
    assert gate_args({"h1": {"gate_trunk_ids": "a", "gate_max_health_age": 900}}, given=given)


def test_a_message_has_no_template() -> None:
    for variables in ({"gate_max_health_age{{x}}": 1}, {"gate_trunk_ids": trusted("{{ {}['{' ~ '{ x }}'] }}")}):
        assert "{{" not in refusal({"h1": {"gate_trunk_ids": "a", **variables}})


def test_ids_of_module_defaults_are_an_error() -> None:
    assert "module_defaults" in refusal({"h1": {"gate_trunk_ids": "a"}}, trunk_ids=["b"])


@pytest.mark.parametrize("given", ["flase", None, [], 2])
def test_all_trunks_must_be_a_boolean(given: Any) -> None:
    assert "gate_all_trunks" in refusal({"h1": {"gate_trunk_ids": "a"}}, all_trunks=given)


def test_the_result_of_healthy_trunks_names_them() -> None:
    trunks = [{"id": "a", "name": "Carrier"}, {"id": "b", "name": None}]
    result = _play_gate.gate_result({"healthy": True, "trunks": trunks, "missing": [], "problems": {}, "msg": "x"})
    assert not result.get("failed")
    assert result["msg"] == "All 2 trunks are healthy."
    assert result["checked"] == ["Carrier (a)", "b"]
    assert "trunks" not in result


def test_the_message_has_a_line_for_each_problem() -> None:
    problems = {"a": ["One.", "Two."], "b\n": ["This trunk does not exist."]}
    result = _play_gate.gate_result(
        {"healthy": False, "trunks": [{"id": "a", "name": "C\x1b[1m"}], "problems": problems}
    )
    assert result["failed"]
    first, second, third = result["msg"].split("\n")
    assert first.startswith("C")
    assert first.endswith("(a): One.")
    assert "\x1b" not in first
    assert second.endswith(": Two.")
    assert third.startswith("b")


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"healthy": "yes"},
        {"healthy": 1, "trunks": [{"id": "a"}]},
        {"healthy": True, "failed": True, "msg": "timed out"},
        {"healthy": False, "trunks": [], "problems": {}, "msg": "There is no trunk."},
        {"skipped": True},
        {"ansible_job_id": "1", "started": 1},
    ],
)
def test_any_other_result_is_a_failure_with_a_message(result: dict[str, Any]) -> None:
    shaped = _play_gate.gate_result(result)
    assert shaped["failed"] is True
    assert shaped["healthy"] is False
    assert shaped["msg"] == result.get("msg", "The task ended without a result.")
