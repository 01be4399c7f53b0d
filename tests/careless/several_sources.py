# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several sources that judge, compose or change the same host, and groups that others fill."""

from __future__ import annotations

from typing import Any

from ansible_collections.talkover.voice.tests.careless.row import (
    DEPLOYABLE,
    HEALTHY,
    SICK,
    Row,
    hosts,
    inventory,
    source,
)

_HOST = hosts(h1={"a": HEALTHY, "b": SICK, "c": SICK})
_CONSTRUCTED = {"plugin": "ansible.builtin.constructed", "groups": {"deployable": "talkover_healthy | default(false)"}}
_LATER = hosts(h1={"talkover_trunk_id": SICK})
_GOOD = hosts(h1={"talkover_trunk_id": HEALTHY})
_OURS = "-i inventory/99-talkover.yml"
_BROKEN = source(trunk_id_from="b", strict=True, compose={"x": "nothing_here"}, groups={})


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
