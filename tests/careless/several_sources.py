# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several sources that judge, compose or change the same host, and groups that others fill."""

from __future__ import annotations

from typing import Any

from ansible_collections.talkover.voice.tests.careless.row import (
    DEPLOY,
    DEPLOYABLE,
    HEALTHY,
    SICK,
    Files,
    Row,
    hosts,
    inventory,
    play,
    source,
)

_HOST = hosts(h1={"a": HEALTHY, "b": SICK, "c": SICK})
_CONSTRUCTED = {"plugin": "ansible.builtin.constructed", "groups": {"deployable": "talkover_healthy | default(false)"}}
_LATER = hosts(h1={"talkover_trunk_id": SICK})
_GOOD = hosts(h1={"talkover_trunk_id": HEALTHY})
_OURS = "-i inventory/99-talkover.yml"
_BROKEN = source(trunk_id_from="b", strict=True, compose={"x": "nothing_here"}, groups={})


_DOWN = {"api_url": "http://127.0.0.1:9/"}
_STATIC: Files = {"inventory/02-static.yml": {"deployable": {"hosts": {"h9": {}}}}}
_BY_CHILD: Files = {"inventory/02-static.yml": {"deployable": {"children": {"lab": {"hosts": {"h9": {}}}}}}}
_NOT_CHECKED = "is in the group deployable"


def _unprefixed(key: str, **others: str) -> dict[str, str]:
    return {"key": key, "prefix": "", "separator": "", **others}


_VERDICT = _unprefixed("talkover_healthy | ternary('deployable', 'held')")
_CARRIER = _unprefixed("talkover_trunk.provider_name")
_CARRIED: Files = {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": "t-dep"})}
_CARRIER_TRUNK = {"id": "t-dep", "health_status": "unhealthy", "provider_name": "deployable"}


def _sources(name: str, files: dict[str, Any], **row: Any) -> Row:
    base = {"inventory/01-hosts.yml": _HOST, "inventory/99-talkover.yml": source(trunk_id_from="b", groups={})}
    return inventory(name, {**base, **files}, **row)


ROWS: tuple[Row, ...] = (
    _sources(
        "a source that fails between two others",
        {
            "inventory/02-talkover.yml": source(trunk_id_from="a"),
            "inventory/03-talkover.yml": _BROKEN,
            "inventory/99-talkover.yml": source(trunk_id_from="c", groups={}),
        },
    ),
    _sources(
        "a source that fails between two others, with keyed groups",
        {
            "inventory/02-talkover.yml": source(
                trunk_id_from="a", groups={}, keyed_groups=[{"key": "talkover_healthy | string", "prefix": "ok"}]
            ),
            "inventory/03-talkover.yml": _BROKEN,
            "inventory/99-talkover.yml": source(trunk_id_from="c", groups={}),
            "deploy.yml": [{**DEPLOYABLE[0], "hosts": "ok_True"}],
        },
    ),
    _sources(
        "a constructed source between two of this plugin",
        {
            "inventory/02-talkover.yml": source(trunk_id_from="a", groups={}),
            "inventory/03.constructed.yml": _CONSTRUCTED,
        },
        message="next to each other",
    ),
    _sources(
        "a composed variable that replaces one of a group",
        {
            "inventory/01-hosts.yml": {
                "all": {
                    "children": {
                        "pbx": {"hosts": {"h1": {"a": HEALTHY, "b": HEALTHY}}, "vars": {"state": "MAINTENANCE"}}
                    }
                }
            },
            "inventory/02-talkover.yml": source(
                trunk_id_from="a",
                compose={"state": "state | default('ok') | lower"},
                groups={"deployable": "talkover_healthy and state == 'ok'"},
            ),
        },
    ),
    inventory(
        "the same source first and last, and another one between",
        {"inventory/01-hosts.yml": _GOOD, "inventory/99-talkover.yml": source(), "later.yml": _LATER},
        commands=(f"playbook -i inventory/01-hosts.yml {_OURS} -i later.yml {_OURS} deploy.yml",),
    ),
    inventory(
        "a later source sets the ID",
        {"inventory/01-hosts.yml": _GOOD, "inventory/zz.yml": _LATER},
        message="A source after",
    ),
    inventory(
        "a later source adds a group with group_vars",
        {
            "inventory/01-hosts.yml": hosts(h1={}),
            "inventory/group_vars/all.yml": {"talkover_trunk_id": HEALTHY},
            "inventory/group_vars/late.yml": {"talkover_trunk_id": SICK},
            "inventory/zz.yml": {"late": {"hosts": {"h1": {}}}},
        },
        message="A source after",
    ),
    inventory(
        "a later source sets the verdict",
        {"inventory/zz.yml": hosts(h1={"talkover_healthy": True})},
    ),
    inventory(
        "a keyed group has the name of the composed group",
        {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": "t-dep"})},
        options={"keyed_groups": [{"key": "talkover_trunk.provider_name", "prefix": "", "separator": ""}]},
        trunks=({"id": "t-dep", "health_status": "unhealthy", "provider_name": "deployable"},),
        message="is in the group deployable",
    ),
    inventory(
        "a keyed group below the composed group",
        options={"keyed_groups": [{"key": "'carrier'", "prefix": "", "separator": "", "parent_group": "deployable"}]},
        message="is in the group deployable",
    ),
    inventory(
        "another source fills the composed group",
        {"inventory/02-static.yml": {"deployable": {"hosts": {"h1": {}}}}},
        message="is in the group deployable",
    ),
    inventory(
        "another source fills the composed group by a child",
        {"inventory/02-static.yml": {"deployable": {"children": {"pbx": {}}}}},
        message="is in the group deployable",
    ),
    inventory(
        "a later source fills the composed group",
        {"inventory/zz.yml": {"deployable": {"hosts": {"h1": {}}}}},
        message="is in the group deployable",
    ),
    *(
        inventory(
            f"an unchecked host is in the composed group: {name}",
            {"inventory/01-hosts.yml": _GOOD, **files},
            options=options,
            message="h9 is in the group deployable",
        )
        for name, files, options in (
            ("by a static source", _STATIC, {}),
            ("by a child", _BY_CHILD, {}),
            ("by a later source", {"inventory/zz.yml": _STATIC["inventory/02-static.yml"]}, {}),
            (
                "by a later source, with an ID",
                {"inventory/zz.yml": {"deployable": {"hosts": {"h9": {"talkover_trunk_id": SICK}}}}},
                {},
            ),
            ("and the service is down", _STATIC, _DOWN),
            ("by a child, and the service is down", _BY_CHILD, _DOWN),
            (
                "later, and the service is down",
                {"inventory/zz.yml": {**_STATIC["inventory/02-static.yml"]}},
                _DOWN,
            ),
            ("and an option is wrong", _STATIC, {"max_health_age": "soon"}),
            ("and no host has an ID", {"inventory/01-hosts.yml": hosts(h1={}), **_STATIC}, {}),
            (
                "by text of the API and a parent_group",
                {"inventory/02-static.yml": {"staging": {"hosts": {"h9": {}}}}},
                {"keyed_groups": [_unprefixed("'staging'", parent_group="deployable")]},
            ),
            (
                "and another source succeeds",
                {
                    **_STATIC,
                    "inventory/zz-talkover.yml": source(trunk_id_from="b", groups={"other": "talkover_healthy"}),
                },
                _DOWN,
            ),
        )
    ),
    inventory(
        "a host with a trunk is in the composed group, and the service is down",
        {"inventory/02-static.yml": {"deployable": {"hosts": {"h1": {}}}}},
        options=_DOWN,
        message=_NOT_CHECKED,
    ),
    _sources(
        "a host in the composed group of a source that fails, checked by another",
        {
            "inventory/01-hosts.yml": hosts(h1={"a": HEALTHY, "b": SICK}),
            "inventory/02-static.yml": {"deployable": {"hosts": {"h1": {}}}},
            "inventory/50-talkover.yml": source(trunk_id_from="a", groups={}),
            "inventory/99-talkover.yml": source(trunk_id_from="b", **_DOWN),
        },
        message=_NOT_CHECKED,
    ),
    _sources(
        "another source succeeds after one that ended the command",
        {
            "inventory/01-hosts.yml": hosts(h1={"a": SICK}, h2={"b": HEALTHY}),
            "inventory/02-static.yml": {"deployable": {"hosts": {"h1": {}}}},
            "inventory/50-talkover.yml": source(trunk_id_from="a"),
            "inventory/99-talkover.yml": source(trunk_id_from="b", groups={"other": "talkover_healthy"}),
        },
        message=_NOT_CHECKED,
    ),
    *(
        inventory(
            f"a source that Ansible read in part, and the service is {state}",
            {
                "inventory/01-hosts.yml": {
                    "deployable": {"hosts": {"h1": {"talkover_trunk_id": SICK}}},
                    "zz": {"hosts": [1, 2]},
                }
            },
            options=options,
            message=_NOT_CHECKED,
        )
        for state, options in (("up", {}), ("down", _DOWN))
    ),
    inventory(
        "a host with the name of the composed group",
        {"inventory/01-hosts.yml": hosts(deployable={"talkover_trunk_id": SICK})},
        message="has the name of a group in groups",
    ),
    inventory(
        "a trunk whose ID is the name of the composed group",
        trunks=({"id": "deployable", "health_status": "unhealthy"},),
        options={"all_trunks": True, "groups": {"deployable": "talkover_healthy and false"}},
        message="is the name of a group in groups",
    ),
    inventory(
        "a group that Ansible forgets in the list of the host",
        {
            "inventory/01-hosts.yml": {
                "ungrouped": {"hosts": {"h1": {"talkover_trunk_id": SICK}}},
                "deployable": {"hosts": {"h1": {}}, "children": {"ungrouped": {}}},
            }
        },
        message=_NOT_CHECKED,
    ),
    inventory(
        "a name of the composed group that Ansible changes",
        {
            "inventory/02-static.yml": {"deploy-able": {"hosts": {"h1": {}}}},
            "deploy.yml": [play(DEPLOY, hosts="deploy-able")],
        },
        options={"groups": {"deploy-able": "talkover_healthy"}},
        message="is in the group deploy-able",
    ),
    inventory(
        "groups that are no dictionary",
        _STATIC,
        options={"groups": "deployable"},
        message="groups must be a dictionary",
    ),
    inventory(
        "variables that Ansible cannot read, and the service is down",
        {
            "inventory/01-hosts.yml": {"web": {"hosts": {"w1": {}}}, "secret": {"hosts": {"s1": {}}}},
            "inventory/group_vars/secret.yml": "$ANSIBLE_VAULT;1.1;AES256\n3030\n",
            "deploy.yml": [play(DEPLOY, hosts="web")],
        },
        options=_DOWN,
        deploys=("w1",),
        has_control=True,
    ),
    inventory(
        "hosts of other groups, and the service is down",
        {"deploy.yml": [{**DEPLOYABLE[0], "hosts": "all"}]},
        options=_DOWN,
        deploys=("h1",),
    ),
    inventory(
        "text of the API is the name that another keyed group gives healthy hosts",
        _CARRIED,
        trunks=(_CARRIER_TRUNK,),
        options={"groups": {}, "keyed_groups": [_VERDICT, _CARRIER]},
        message="talkover_trunk.provider_name",
    ),
    inventory(
        "the same with two sources",
        {
            **_CARRIED,
            "inventory/50-talkover.yml": source(groups={}, keyed_groups=[_VERDICT]),
        },
        trunks=(_CARRIER_TRUNK,),
        options={"groups": {}, "keyed_groups": [_CARRIER]},
        message="talkover_trunk.provider_name",
    ),
    inventory(
        "text of the API continues the prefix of a keyed group",
        {**_CARRIED, "deploy.yml": [play(DEPLOY, hosts="carrier_eu_ok")]},
        trunks=({**_CARRIER_TRUNK, "provider_name": "eu_ok"},),
        options={
            "keyed_groups": [
                {"key": "talkover_healthy | ternary('ok', 'held')", "prefix": "carrier_eu"},
                {"key": "talkover_trunk.provider_name", "prefix": "carrier"},
            ]
        },
        message="begin their group names",
    ),
    inventory(
        "keyed groups with different prefixes, and the same in two sources",
        {
            "inventory/50-talkover.yml": source(
                groups={}, keyed_groups=[_VERDICT, {"key": "talkover_trunk.provider_name", "prefix": "carrier"}]
            ),
        },
        options={
            "groups": {},
            "keyed_groups": [_VERDICT, {"key": "talkover_trunk.provider_name", "prefix": "carrier"}],
        },
        has_control=True,
    ),
    *(
        inventory(
            f"all_trunks before a host with the same name, {how}",
            {
                "hosts.yml": {"pbx": {"hosts": {"pbx-1": given}}},
                "talkover.yml": source(all_trunks=True),
                "deploy.yml": [play(DEPLOY, hosts="deployable")],
                **files,
            },
            trunks=({"id": "pbx-1"},),
            commands=("playbook -i talkover.yml -i hosts.yml deploy.yml --limit pbx",),
            message="The trunk of host .* has changed",
        )
        for how, given, files in (
            ("with an ID", {"talkover_trunk_id": SICK}, {}),
            ("with an ID in group_vars", {}, {"group_vars/pbx.yml": {"talkover_trunk_id": SICK}}),
            ("with an ID in group_vars of all", {}, {"group_vars/all.yml": {"talkover_trunk_id": SICK}}),
        )
    ),
    inventory(
        "a variable with the name of the expression",
        {"inventory/01-hosts.yml": hosts(h1={"voice": {"trunk": SICK}, "voice.trunk": HEALTHY})},
        options={"trunk_id_from": "voice.trunk"},
        has_control=True,
    ),
    inventory(
        "an ID that begins with __ansible_",
        {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": "__ansible_type"})},
        message="reserves",
    ),
)
