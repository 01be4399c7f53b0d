# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Caches of Ansible: an old verdict opens nothing."""

from __future__ import annotations

from typing import Any

from ansible_collections.talkover.voice.tests.careless.row import (
    DEPLOY,
    HEALTHY,
    SICK,
    Play,
    Row,
    ask,
    gate,
    holds,
    hosts,
    inventory,
    play,
    tasks,
)

_GLOBAL = {
    "ANSIBLE_INVENTORY_CACHE": "true",
    "ANSIBLE_INVENTORY_CACHE_PLUGIN": "ansible.builtin.jsonfile",
    "ANSIBLE_INVENTORY_CACHE_CONNECTION": "@HOME@/cache",
}
_WELL = {"inventory/01-hosts.yml": hosts(h1={"talkover_trunk_id": HEALTHY})}
# The first command asks while the trunk is well, and the second one comes after it has fallen ill.
_TWICE = ("inventory -i inventory --graph", "playbook -i inventory deploy.yml")
_FALLS = {HEALTHY: {"health_status": "unhealthy", "live": {"is_healthy": False}}}
_OWN: dict[str, Any] = {
    "cache": True,
    "cache_plugin": "ansible.builtin.jsonfile",
    "cache_connection": "@HOME@/cache",
}


def _cached(name: str, *, env: dict[str, str] | None = None, **options: Any) -> Row:
    return inventory(name, _WELL, options=options, commands=_TWICE, changes=_FALLS, env=env or {})


def _with_relative_authority(*then: Play) -> list[Play]:
    path = "../../home-tls/ca.pem"
    return [play(ask(trunk_id=HEALTHY, ca_path=path, cache_ttl=300), holds("result.healthy"), *then)]


ROWS: tuple[Row, ...] = (
    tasks(
        "a relative ca_path that is another file for the second playbook",
        files={"a/first.yml": _with_relative_authority(), "b/c/second.yml": _with_relative_authority(DEPLOY)},
        commands=("playbook -i inventory a/first.yml b/c/second.yml",),
        tls=True,
        message="cannot be loaded",
    ),
    _cached("no cache at all"),
    _cached("a global inventory cache", env=_GLOBAL),
    _cached("a global inventory cache, without an end", env={**_GLOBAL, "ANSIBLE_CACHE_PLUGIN_TIMEOUT": "0"}),
    _cached("a global inventory cache, with an end", env={**_GLOBAL, "ANSIBLE_INVENTORY_CACHE_TIMEOUT": "3600"}),
    _cached("a global inventory cache, and live checks", env=_GLOBAL, include=["live_health"]),
    _cached(
        "a fact cache for the inventory",
        env={
            "ANSIBLE_INVENTORY_CACHE": "1",
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": "@HOME@/cache",
        },
    ),
    inventory(
        "a global inventory cache in ansible.cfg",
        {
            **_WELL,
            "ansible.cfg": "[defaults]\nfact_caching_timeout = 0\n"
            "[inventory]\ncache = true\ncache_plugin = jsonfile\ncache_connection = cache\n",
        },
        commands=_TWICE,
        changes=_FALLS,
    ),
    _cached("the source's own cache with a timeout of 0", **_OWN, cache_timeout=0),
    _cached("the source's own cache with a global timeout of 0", env={"ANSIBLE_CACHE_PLUGIN_TIMEOUT": "0"}, **_OWN),
    _cached("the source's own cache of live checks", **_OWN, include=["live_health"]),
    _cached("the source's own cache of an older verdict", **_OWN, max_health_age=0),
    _cached("the source's own cache, flushed", **_OWN, cache_timeout=-1),
    inventory(
        "the source's own cache, and --flush-cache",
        _WELL,
        options={**_OWN, "cache_timeout": 600},
        commands=(_TWICE[0], "playbook -i inventory --flush-cache deploy.yml"),
        changes=_FALLS,
    ),
    inventory(
        "the source's own cache, and meta: refresh_inventory",
        {
            **_WELL,
            "deploy.yml": [
                {"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.meta": "refresh_inventory"}]},
                {
                    "hosts": "deployable",
                    "gather_facts": False,
                    "tasks": [{"ansible.builtin.debug": {"msg": "{{ 'DEP' ~ 'LOYED ' ~ inventory_hostname }}"}}],
                },
            ],
        },
        options={**_OWN, "cache_timeout": 600},
        commands=_TWICE,
        changes=_FALLS,
    ),
    tasks(
        "the lookup's cache from run to run",
        gate(HEALTHY, cache_ttl="3600"),
        commands=("playbook -i inventory first.yml", "playbook -i inventory deploy.yml"),
        files={"first.yml": [{"hosts": "h1", "gather_facts": False, "tasks": [gate(HEALTHY, cache_ttl="3600")]}]},
        changes=_FALLS,
    ),
    tasks("the lookup with a cache_ttl that is no number", gate(SICK, cache_ttl="'for ever'")),
    tasks("the lookup with a cache_ttl below zero", gate(HEALTHY, cache_ttl="-1"), message="cache_ttl"),
    tasks("the lookup with a cache_ttl without an end", gate(HEALTHY, cache_ttl="'inf' | float")),
    tasks(
        "a cache_ttl in a template",
        gate(SICK),
        keywords={"vars": {"talkover_cache_ttl": "{{ ttl }}", "ttl": 5}},
        has_control=True,
    ),
)
