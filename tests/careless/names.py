# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts and groups that are named by text of the API: no name is an expression."""

from __future__ import annotations

from typing import Any

from ansible_collections.talkover.voice.tests.careless.evaluation import CANARIES, FORMS
from ansible_collections.talkover.voice.tests.careless.row import Play, Row, inventory, play

_RAW = {"ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS": "never"}
# What a play may do with a name.
_OF_HOSTS = ("inventory_hostname", "inventory_hostname_short")
_OF_GROUPS = ("group_names[0]", "groups | list | last", "item")


def uses(expression: str) -> list[Play]:
    """Write tasks that would evaluate a text."""
    template = f"{{{{ {expression} }}}}"
    ran: Play = {"ansible.builtin.debug": {"msg": "{{ 'RA' ~ 'N ' ~ inventory_hostname }}"}}
    quiet: Play = {"ansible.builtin.debug": {"msg": "x"}}
    steps = [
        {**ran, "when": template},
        {**quiet, "failed_when": template},
        {"ansible.builtin.assert": {"that": [template], "success_msg": "{{ 'RA' ~ 'N ' ~ inventory_hostname }}"}},
        {"ansible.builtin.debug": {"var": template}},
        {"ansible.builtin.debug": {"msg": "{{ again }}"}, "vars": {"again": template}},
    ]
    if expression == "item":
        return [{**step, "loop": "{{ group_names }}", "ignore_errors": True} for step in steps]
    return [{**step, "ignore_errors": True} for step in steps]


def _plays(names: tuple[str, ...]) -> list[Play]:
    # Without the source, the only host is in no group, and there is nothing to evaluate.
    hosts = "all:!ungrouped"
    return [play(*(step for name in names for step in uses(name)), hosts=hosts, vars=CANARIES)]


def _named(form: str, text: str, **options: Any) -> Row:
    trunk = {"id": text, "name": "n"}
    env = _RAW if options.pop("raw", False) else {}
    return inventory(
        f"{options.pop('what')}: {form}",
        {"deploy.yml": _plays(_OF_GROUPS if env else _OF_HOSTS), "inventory/01-hosts.yml": "all: {hosts: {}}"},
        options={"all_trunks": True, **options},
        trunks=(trunk,),
        env=env,
    )


def _keyed(form: str, text: str, *, raw: bool) -> Row:
    """Write a row with a group that is named by the text of a trunk; its host has a name of its own."""
    return inventory(
        f"a {'raw ' if raw else ''}keyed group: {form}",
        {
            "deploy.yml": _plays(_OF_GROUPS),
            "inventory/01-hosts.yml": {"all": {"hosts": {"h1": {"talkover_trunk_id": "t-text"}}}},
        },
        options={"groups": {}, "keyed_groups": [{"key": "talkover_trunk.name", "prefix": "", "separator": ""}]},
        trunks=({"id": "t-text", "name": text},),
        env=_RAW if raw else {},
    )


ROWS: tuple[Row, ...] = (
    *(_named(form, text, what="a host of all_trunks") for form, text in FORMS.items()),
    *(_keyed(form, text, raw=False) for form, text in FORMS.items()),
    *(_keyed(form, text, raw=True) for form, text in FORMS.items()),
    _named(
        "a call",
        FORMS["a call"],
        what="a raw group by its ID",
        raw=True,
        keyed_groups=[{"key": "talkover_trunk.id", "prefix": "", "separator": ""}],
    ),
    _named("a keyword", "all", what="the name of a group"),
    _named("a keyword", "localhost", what="the controller's name"),
    _named("a keyword", "ungrouped", what="the name of another group"),
)
