# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables set in several places: the source checks the trunk that the play uses, and its verdict stands."""

from __future__ import annotations

from typing import Any

from ansible_collections.talkover.voice.tests.careless.row import (
    DEPLOY,
    HEALTHY,
    SICK,
    Row,
    hosts,
    inventory,
    play,
    source,
)

_PLAIN = hosts(h1={})
_GOOD, _BAD = {"talkover_trunk_id": HEALTHY}, {"talkover_trunk_id": SICK}
_GRAND: dict[str, Any] = {
    "all": {"children": {"region": {"children": {"site": {"children": {"pbx": {"hosts": {"h1": {}}}}}}}}}
}
_SIBLINGS: dict[str, Any] = {"all": {"children": {"a_pbx": {"hosts": {"h1": {}}}, "z_pbx": {"hosts": {"h1": {}}}}}}


def _beside(**given: Any) -> dict[str, Any]:
    return {f"inventory/group_vars/{name}.yml": content for name, content in given.items()}


_PRIORITY = {
    "all": {
        "children": {
            "a_pbx": {"hosts": {"h1": {}}, "vars": {**_BAD, "ansible_group_priority": 10}},
            "z_pbx": {"hosts": {"h1": {}}, "vars": _GOOD},
        }
    }
}
_INLINE_GOOD = {"all": {"children": {"pbx": {"hosts": {"h1": {}}, "vars": _GOOD}}}}
_INLINE = {"all": {"vars": _GOOD, "children": {"pbx": {"hosts": {"h1": {}}, "vars": _BAD}}}}

# Each says the ID of a healthy trunk in the place that counts less.
_WHERE: dict[str, dict[str, Any]] = {
    "group_vars of a group over those of all": {"inventory/01-hosts.yml": _PLAIN, **_beside(all=_GOOD, pbx=_BAD)},
    "group_vars of a child over those of its grandparent": {
        "inventory/01-hosts.yml": _GRAND,
        **_beside(region=_GOOD, pbx=_BAD),
    },
    "group_vars of a child over those of its parent": {
        "inventory/01-hosts.yml": _GRAND,
        **_beside(all=_GOOD, site=_GOOD, pbx=_BAD),
    },
    "of two siblings, the later name": {"inventory/01-hosts.yml": _SIBLINGS, **_beside(a_pbx=_GOOD, z_pbx=_BAD)},
    "ansible_group_priority": {"inventory/01-hosts.yml": _PRIORITY},
    "inline variables of a group over those of all": {"inventory/01-hosts.yml": _INLINE},
    "group_vars over inline variables": {
        "inventory/01-hosts.yml": _INLINE_GOOD,
        **_beside(pbx=_BAD),
    },
    "host_vars over group_vars": {
        "inventory/01-hosts.yml": _PLAIN,
        **_beside(pbx=_GOOD),
        "inventory/host_vars/h1.yml": _BAD,
    },
    "a folder of group_vars": {
        "inventory/01-hosts.yml": _PLAIN,
        "inventory/group_vars/pbx/a.yml": _GOOD,
        "inventory/group_vars/pbx/b.yml": _BAD,
    },
    "INI: children": {
        "inventory/01-hosts.yml": {"all": {}},
        "inventory/02-hosts": "[pbx]\nh1\n[pbx:vars]\ntalkover_trunk_id=t-sick\n[site:children]\npbx\n"
        "[site:vars]\ntalkover_trunk_id=t-ok\n",
    },
    "INI: [all:vars] alone": {
        "inventory/01-hosts.yml": {"all": {}},
        "inventory/02-hosts": "[pbx]\nh1\n[all:vars]\ntalkover_trunk_id=t-sick\n",
    },
    "INI: a host in no group": {
        "inventory/01-hosts.yml": {"all": {}},
        "inventory/02-hosts": "h1\n[all:vars]\ntalkover_trunk_id=t-ok\n[ungrouped:vars]\ntalkover_trunk_id=t-sick\n",
    },
    "two sources of hosts": {
        "inventory/01-hosts.yml": hosts(h1=_GOOD),
        "inventory/02-hosts.yml": hosts(h1=_BAD),
    },
    "a template of a variable that a child group sets": {
        "inventory/01-hosts.yml": _PLAIN,
        **_beside(all={"talkover_trunk_id": "{{ line }}", "line": HEALTHY}, pbx={"line": SICK}),
    },
    "group_vars of a group that the source itself composes": {
        "inventory/01-hosts.yml": _INLINE_GOOD,
        **_beside(deployable=_BAD),
    },
}

_EXTRA = {
    "-e with another ID": ({"inventory/01-hosts.yml": hosts(h1=_GOOD)}, "-e talkover_trunk_id=t-sick"),
    "-e with a file": (
        {"inventory/01-hosts.yml": hosts(h1=_GOOD), "extra.yml": _BAD},
        "-e @extra.yml",
    ),
    "-e with JSON": (
        {"inventory/01-hosts.yml": hosts(h1=_GOOD)},
        """-e '{"talkover_trunk_id": ["t-ok", "t-sick"]}'""",
    ),
    "-e of what the ID is a template of": (
        {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": "{{ line }}", "line": HEALTHY})},
        "-e line=t-sick",
    ),
}

_OURS: dict[str, Any] = {"talkover_healthy": True}
_CLAIM = {
    "host_vars": {"inventory/host_vars/h1.yml": _OURS},
    "group_vars": _beside(pbx=_OURS),
    "group_vars of all": _beside(all=_OURS),
    "inline": {"inventory/01-hosts.yml": hosts(h1={**_BAD, **_OURS})},
    "inline for a group": {"inventory/01-hosts.yml": {"pbx": {"hosts": {"h1": _BAD}, "vars": _OURS}}},
    "host_vars, the records": {"inventory/host_vars/h1.yml": {"talkover_trunks": [{"id": HEALTHY}]}},
    "host_vars, the problems": {"inventory/host_vars/h1.yml": {"talkover_problems": {}}},
    "host_vars, the record": {"inventory/host_vars/h1.yml": {"talkover_trunk": {"id": HEALTHY}}},
    "an INI string": {
        "inventory/01-hosts.yml": {"all": {}},
        "inventory/02-hosts": "[pbx]\nh1 talkover_trunk_id=t-sick talkover_healthy=True\n",
    },
    "group_vars of the group that it opens": _beside(deployable=_OURS),
}

# The same, and a play that trusts the variable instead of the group.
_TRUSTING: dict[str, Any] = {"deploy.yml": [play({**DEPLOY, "when": "talkover_healthy"}, hosts="all")]}
_LEFT = hosts(h1={**_BAD, **_OURS})
_LEFTOVERS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "group_vars": (_beside(pbx=_OURS), {}, ""),
    "host_vars": ({"inventory/host_vars/h1.yml": _OURS}, {}, ""),
    "inline": ({"inventory/01-hosts.yml": _LEFT}, {}, ""),
    "-e": ({}, {}, """-e '{"talkover_healthy": true}'"""),
    "and a service that is down": (_beside(pbx=_OURS), {"api_url": "http://127.0.0.1:9/"}, ""),
    "and no token": (_beside(pbx=_OURS), {"api_token": ""}, ""),
    "and an option of the wrong type": (_beside(pbx=_OURS), {"max_health_age": "soon"}, ""),
    "and another variable for the IDs": (
        {"inventory/01-hosts.yml": hosts(h1={"line": SICK, **_OURS})},
        {"max_health_age": "soon", "trunk_id_from": "line"},
        "",
    ),
    "and a host before with an invalid ID": (
        {"inventory/01-hosts.yml": hosts(h0={"talkover_trunk_id": [""]}, h1={**_BAD, **_OURS})},
        {},
        "",
    ),
    "and an invalid ID": ({"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": [""], **_OURS})}, {}, ""),
    "in a later source": (
        {"inventory/01-hosts.yml": hosts(h2=_GOOD), "inventory/zz.yml": _LEFT},
        {},
        "",
    ),
}

_CHANGES: dict[str, dict[str, Any]] = {
    "compose with the ID of another trunk": {"compose": {"talkover_trunk_id": f"'{SICK}'"}},
    "compose with what the ID is a template of": {"compose": {"line": f"'{SICK}'"}},
    "a keyed group with group_vars": {"keyed_groups": [{"key": "talkover_trunks[0].transport", "prefix": "over"}]},
    "a keyed group below a parent with group_vars": {
        "keyed_groups": [{"key": "talkover_trunks[0].id", "prefix": "x", "parent_group": "parent"}]
    },
}
_TEMPLATE = {"talkover_trunk_id": "{{ line }}", "line": HEALTHY}

ROWS: tuple[Row, ...] = (
    *(
        inventory(name, files, has_control="itself" not in name and "no group" not in name)
        for name, files in _WHERE.items()
    ),
    *(
        inventory(name, files, commands=(f"playbook -i inventory deploy.yml {arguments}",), has_control=True)
        for name, (files, arguments) in _EXTRA.items()
    ),
    inventory("the plain case", has_control=True),
    inventory(
        "ungrouped with group_vars, which the host leaves for deployable",
        {"inventory/01-hosts.yml": "all: {hosts: {h1: }}", **_beside(all=_BAD, ungrouped=_GOOD)},
    ),
    *(
        inventory(f"a verdict of the user's own: {name}", files, message="h1|deployable")
        for name, files in _CLAIM.items()
    ),
    *(
        inventory(
            f"a verdict of the user's own that a play trusts: {name}",
            {**_TRUSTING, **files},
            options=options,
            commands=(f"playbook -i inventory {arguments} deploy.yml",),
            message="Host h1 has the variable talkover_healthy from elsewhere",
        )
        for name, (files, options, arguments) in _LEFTOVERS.items()
    ),
    inventory(
        "a verdict of a host without a trunk",
        {
            **_TRUSTING,
            "inventory/01-hosts.yml": hosts(h1=_BAD, h2={"ansible_connection": "local", **_OURS}),
        },
        deploys=("h2",),
        has_control=True,
    ),
    inventory(
        "a verdict of the user's own: -e",
        commands=("playbook -i inventory deploy.yml -e talkover_healthy=true",),
    ),
    inventory(
        "a verdict of the user's own: -e with use_extra_vars",
        options={"use_extra_vars": True, "compose": {"good": "talkover_healthy"}},
        commands=("""playbook -i inventory deploy.yml -e '{"talkover_healthy": true}'""",),
    ),
    inventory(
        "a verdict of the user's own: -e with use_extra_vars, by a keyed group",
        options={
            "use_extra_vars": True,
            "groups": {},
            "keyed_groups": [{"key": "talkover_healthy | ternary('deployable', 'no')", "separator": ""}],
        },
        commands=("""playbook -i inventory deploy.yml -e '{"talkover_healthy": true}'""",),
    ),
    *(
        inventory(
            f"what the source adds: {name}",
            {
                "inventory/01-hosts.yml": {"all": {"vars": _TEMPLATE, "children": {"pbx": {"hosts": {"h1": {}}}}}},
                **_beside(over_udp=_BAD, parent=_BAD),
            },
            options=options,
        )
        for name, options in _CHANGES.items()
    ),
    inventory(
        "another order of precedence",
        {"inventory/01-hosts.yml": _PLAIN, **_beside(all=_BAD, pbx=_GOOD)},
        env={"ANSIBLE_PRECEDENCE": "groups_inventory,groups_plugins_inventory,all_inventory,all_plugins_inventory"},
    ),
    inventory(
        "hash_behaviour merge",
        {
            "inventory/01-hosts.yml": _PLAIN,
            **_beside(all={"voice": {"trunk": HEALTHY, "note": "x"}}, pbx={"voice": {"trunk": SICK}}),
        },
        options={"trunk_id_from": "voice.trunk"},
        env={"ANSIBLE_HASH_BEHAVIOUR": "merge"},
    ),
    inventory(
        "a source outside of the folder of the hosts",
        {
            "inventory/99-talkover.yml": {},
            "last/talkover.yml": source(),
            "last/group_vars/pbx.yml": _BAD,
            "inventory/01-hosts.yml": _PLAIN,
            **_beside(pbx=_GOOD),
        },
        commands=("playbook -i inventory/01-hosts.yml -i last/talkover.yml deploy.yml",),
    ),
)
