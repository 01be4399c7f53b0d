# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several inventory sources for one host, and sources that fail."""

from __future__ import annotations

from typing import Any

from ansible_collections.talkover.voice.tests.careless.row import (
    DEPLOYABLE,
    HEALTHY,
    SICK,
    SICK_HOST,
    Row,
    hosts,
    inventory,
    source,
)

_BOTH = hosts(h1={"a": HEALTHY, "b": SICK, "talkover_trunk_id": SICK})
_A, _B = source(trunk_id_from="a"), source(trunk_id_from="b")
_LIST = (
    "inventory -i inventory/01-hosts.yml --list",
    "inventory -i inventory/01-hosts.yml -i inventory/99-talkover.yml --list",
)
_FAIL = {
    "inventory/01-hosts.yml": hosts(
        h1={"talkover_trunk_id": HEALTHY}, h2={"talkover_trunk_id": HEALTHY}, h3={"talkover_trunk_id": HEALTHY}
    )
}


def _fails(name: str, commands: tuple[str, ...] = _LIST, **options: Any) -> Row:
    return inventory(f"half of a source: {name}", _FAIL, options=options, commands=commands, unchanged=True)


def _two(name: str, first: dict[str, Any], second: dict[str, Any], **row: Any) -> Row:
    files = {"inventory/01-hosts.yml": _BOTH, "inventory/50-talkover.yml": first, "inventory/99-talkover.yml": second}
    return inventory(f"two sources for a host: {name}", {**files, **row.pop("files", {})}, **row)


ROWS: tuple[Row, ...] = (
    _two("the sick one first", _B, _A),
    _two("the healthy one first", _A, _B),
    _two("both of the same name", source(trunk_id_from="a"), source(trunk_id_from="b", groups={})),
    _two("the group of the second alone", source(trunk_id_from="b", groups={}), _A),
    _two("the second fails", _B, source(trunk_id_from="a", strict=True, compose={"x": "undefined_thing"})),
    _two(
        "the first fails",
        source(trunk_id_from="b", strict=True, compose={"x": "undefined_thing"}),
        _A,
        commands=("playbook -i inventory deploy.yml -e gate_all=1",),
        deploys=("h1",),
    ),
    _two("three of them", _A, _B, files={"inventory/98-talkover.yml": source(trunk_id_from="[a, b]")}),
    _two(
        "the second in another folder",
        _B,
        {},
        files={"inventory/99-talkover.yml": _A},
        commands=("playbook -i inventory -i inventory/99-talkover.yml deploy.yml",),
    ),
    inventory(
        "the same source twice",
        commands=("playbook -i inventory -i inventory/99-talkover.yml deploy.yml",),
        has_control=True,
    ),
    inventory("the same folder twice", commands=("playbook -i inventory -i ./inventory/ deploy.yml",)),
    inventory(
        "a constructed source afterwards",
        {
            "inventory/zz.constructed.yml": {
                "plugin": "ansible.builtin.constructed",
                "groups": {"deployable": "talkover_healthy | default(false)"},
            }
        },
        has_control=True,
    ),
    inventory(
        "a constructed source before",
        {
            "inventory/02.constructed.yml": {
                "plugin": "ansible.builtin.constructed",
                "compose": {"talkover_healthy": "true"},
            }
        },
    ),
    inventory(
        "a constructed source that gives the ID",
        {
            "inventory/01-hosts.yml": hosts(h1={}),
            "inventory/02.constructed.yml": {
                "plugin": "ansible.builtin.constructed",
                "compose": {"talkover_trunk_id": f"'{SICK}'"},
            },
        },
        has_control=True,
    ),
    inventory("ANSIBLE_INVENTORY_ENABLED without auto", env={"ANSIBLE_INVENTORY_ENABLED": "yaml,ini"}),
    inventory(
        "ANSIBLE_INVENTORY_ENABLED with this plugin alone",
        env={"ANSIBLE_INVENTORY_ENABLED": "yaml,talkover.voice.sip_trunks"},
        has_control=True,
    ),
    inventory(
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED",
        options={"api_url": "http://127.0.0.1:9/"},
        env={"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"},
    ),
    inventory("a service that is down", options={"api_url": "http://127.0.0.1:9/"}, commands=_LIST, unchanged=True),
    _fails(
        "a group that becomes its own child",
        keyed_groups=[{"key": "'pbx'", "prefix": "", "separator": "", "parent_group": "pbx"}],
    ),
    _fails(
        "a loop of groups",
        keyed_groups=[
            {"key": "'x'", "prefix": "", "separator": "", "parent_group": "y"},
            {"key": "'y'", "prefix": "", "separator": "", "parent_group": "x"},
        ],
    ),
    _fails(
        "a keyed group named all below a parent",
        keyed_groups=[{"key": "'all'", "prefix": "", "separator": "", "parent_group": "pbx"}],
    ),
    _fails(
        "strict, and a host that cannot be composed",
        strict=True,
        compose={"x": "talkover_trunk.id if inventory_hostname != 'h2' else nothing_here"},
    ),
    _fails(
        "strict, and a group that cannot be told",
        strict=True,
        groups={"deployable": "talkover_healthy and (inventory_hostname != 'h3' or nothing_here)"},
    ),
    _fails("a group with the name of a host", groups={"h2": "talkover_healthy"}),
    _fails("an option of the wrong type", max_health_age="soon"),
    inventory(
        "a trunk that does not exist",
        {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": HEALTHY}, h2={"talkover_trunk_id": "t-none"})},
        commands=_LIST,
        unchanged=True,
    ),
    inventory(
        "no host has an ID",
        {"inventory/01-hosts.yml": hosts(h1={"talkover_trunkid": SICK}, h2={"talkover_trunkid": HEALTHY})},
        message="talkover_trunk_id.*2 hosts|2 hosts.*talkover_trunk_id",
    ),
    inventory("no host has an ID by another name", options={"trunk_id_from": "voice.trunk"}, message="voice.trunk"),
    inventory(
        "a misspelled variable, in INI",
        {"inventory/01-hosts.yml": {"all": {}}, "inventory/02-hosts": "h1 talkover_trunk=t-sick\n"},
        message="talkover_trunk",
    ),
    inventory(
        "a source whose name does not end in talkover.yml",
        {"inventory/99-talkover.yml": source(groups={}), "inventory/voice.yml": source()},
        message="talkover.yml",
    ),
    inventory(
        "an ID of the wrong type",
        {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": {"id": HEALTHY}})},
        message="h1",
    ),
    inventory("an ID that is a number", {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": 5})}),
    inventory(
        "a list that holds an empty ID",
        {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": [HEALTHY, ""]})},
        message="h1",
    ),
    inventory(
        "a list with a sick one",
        {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": [HEALTHY, SICK]})},
        has_control=True,
    ),
    inventory("hosts before and after", {"inventory/zz-hosts.yml": hosts(h1={"talkover_trunk_id": HEALTHY})}),
    inventory("a play with --limit", commands=("playbook -i inventory deploy.yml --limit h1",), has_control=True),
    inventory(
        "a play of all hosts with --limit deployable",
        {"deploy.yml": [{**DEPLOYABLE[0], "hosts": "all"}]},
        commands=("playbook -i inventory deploy.yml --limit deployable",),
    ),
    inventory(
        "an ID in vault text, as a source outside",
        {"inventory/01-hosts.yml": SICK_HOST},
        commands=("playbook -i inventory/01-hosts.yml deploy.yml",),
    ),
    inventory(
        "all_trunks with the ID of a host",
        {"inventory/01-hosts.yml": {"all": {"hosts": {SICK: {"talkover_trunk_id": HEALTHY}}}}},
        options={"all_trunks": True},
        commands=_LIST,
        unchanged=True,
    ),
    inventory(
        "a pattern in a variable",
        {"deploy.yml": [{**DEPLOYABLE[0], "hosts": "{{ 'deploy' ~ 'able' }}"}]},
        has_control=True,
    ),
)
