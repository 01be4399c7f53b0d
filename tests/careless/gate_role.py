# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role and the playbook C(gate): ways to pass them, or to have the wrong trunks checked."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.talkover.voice.tests.careless.row import (
    ABSENT,
    CANARY,
    DEPLOY,
    FACT_CACHE,
    HEALTHY,
    OLD,
    SICK,
    Files,
    Play,
    Row,
    play,
    returning,
    tasks,
)

ROLE = "talkover.voice.gate"
# The first host alone would pass.
HOSTS = f"h1 talkover_trunk_id={HEALTHY}\nh2 talkover_trunk_id={SICK}\n"
IMPORT: Play = {"ansible.builtin.import_role": {"name": ROLE}}
INCLUDE: Play = {"ansible.builtin.include_role": {"name": ROLE}}
_TAGGED = {**DEPLOY, "tags": "deploy"}


def gated(
    name: str, *steps: Play, files: Files | None = None, keywords: dict[str, Any] | None = None, **row: Any
) -> Row:
    """Write a row for a play for two hosts, whose steps hold the role."""
    return tasks(name, *steps, files={"inventory": HOSTS, **(files or {})}, keywords=_on_all(keywords), **row)


def _on_all(keywords: dict[str, Any] | None) -> dict[str, Any]:
    return {"hosts": "all", **(keywords or {})}


def _listed(
    name: str, *, deploy: Play = DEPLOY, role: Any = ROLE, keywords: dict[str, Any] | None = None, **row: Any
) -> Row:
    """Write a row for a play with the role in its list of roles."""
    plays = [play(deploy, roles=[role], **_on_all(keywords))]
    return Row(name, {"inventory": HOSTS, "deploy.yml": plays, **row.pop("files", {})}, **row)


def _with(arguments: str) -> tuple[str]:
    return (f"playbook -i inventory {arguments} deploy.yml",)


# All at once: each of them would be enough to pass a gate that takes its keywords from the play.
_LAX = {
    "any_errors_fatal": False,
    "max_fail_percentage": 100,
    "ignore_errors": True,
    "ignore_unreachable": True,
    "become": True,
    "become_user": "nobody",
    "no_log": True,
    "connection": "winrm",
    "throttle": 1,
    "order": "reverse_sorted",
}
_SHOWN = {**_TAGGED, "no_log": False}
WAYS = (
    _listed(
        "in roles, with --tags, --skip-tags of others and --check",
        deploy=_TAGGED,
        commands=_with("--tags deploy --skip-tags gate,role --check"),
        has_control=True,
    ),
    _listed("keywords of the play", deploy=_SHOWN, keywords=_LAX, has_control=True),
    _listed("serial, and a sick trunk in the last batch", keywords={"serial": 1}, has_control=True),
    _listed("the strategy free", keywords={"strategy": "free"}, has_control=True),
    _listed("the strategy host_pinned", keywords={"strategy": "host_pinned"}),
    gated("import_role with --tags", IMPORT, _TAGGED, commands=_with("--tags deploy")),
    gated(
        "a block that ignores errors",
        {"block": [IMPORT], "ignore_errors": True, "ignore_unreachable": True, "any_errors_fatal": False},
    ),
    gated(
        "include_role that applies keywords",
        {
            "ansible.builtin.include_role": {"name": ROLE, "apply": {"ignore_errors": True, "tags": "x"}},
            "tags": "always",
        },
        _TAGGED,
        commands=_with("--tags deploy"),
    ),
    gated("include_role with run_once", {**INCLUDE, "run_once": True}, has_control=True),
    # Only the second task of the role stops these hosts.
    gated(
        "a condition that is false for the first host",
        {**IMPORT, "when": "inventory_hostname != 'h1'"},
        _SHOWN,
        keywords={**_LAX, "order": "sorted", "no_log": False},
        commands=_with("--tags deploy"),
        message="The trunks were not checked",
    ),
    *(
        gated(
            f"a condition that is false for the first host, and run_once of the {place}",
            step,
            keywords=keywords,
            message="The trunks were not checked",
        )
        for place, step, keywords in (
            ("role", {**IMPORT, "run_once": True, "when": "inventory_hostname != 'h1'"}, {}),
            ("block", {"block": [IMPORT], "run_once": True, "when": "inventory_hostname != 'h1'"}, {}),
            ("play", {**IMPORT, "when": "inventory_hostname != 'h1'"}, {"run_once": True}),
        )
    ),
    _listed(
        "a condition in roles that is false for the first host, and run_once",
        role={"role": ROLE, "run_once": True, "when": "inventory_hostname != 'h1'"},
        message="The trunks were not checked",
    ),
    gated("a condition that is false for the sick host", {**IMPORT, "when": "inventory_hostname != 'h2'"}),
    gated("include_role for the other host", {**INCLUDE, "when": "inventory_hostname != 'h1'"}),
    gated("rescue that fails", {"block": [IMPORT], "rescue": [{"ansible.builtin.fail": {"msg": "x"}}]}),
    gated("always", {"block": [IMPORT], "always": [{"ansible.builtin.debug": {"msg": "x"}}]}),
    gated("clear_host_errors", IMPORT, {"ansible.builtin.meta": "clear_host_errors"}),
    Row(
        "a dependency of two roles, of which the first changes the ID",
        {
            "inventory": HOSTS.replace(SICK, HEALTHY),
            **{f"roles/{name}/meta/main.yml": {"dependencies": [ROLE]} for name in ("one", "two")},
            "roles/one/tasks/main.yml": [{"ansible.builtin.set_fact": {"talkover_trunk_id": SICK}}],
            "roles/two/tasks/main.yml": [DEPLOY],
            "deploy.yml": [play(roles=["one", "two"], hosts="all")],
        },
    ),
    Row(
        "twice in roles, and the ID changes between them",
        {
            "inventory": HOSTS.replace(SICK, HEALTHY),
            "roles/one/tasks/main.yml": [{"ansible.builtin.set_fact": {"talkover_trunk_id": SICK}}],
            "deploy.yml": [play(DEPLOY, roles=[ROLE, "one", ROLE], hosts="all")],
        },
    ),
)

_FAIL: Play = {"ansible.builtin.fail": {"msg": "end"}}
_FIRST_FAILS: Play = {"ansible.builtin.fail": {"msg": "x"}, "when": "inventory_hostname == 'h1'"}
_SICK_FIRST = {"inventory": f"h1 talkover_trunk_id={SICK}\nh2 talkover_trunk_id={HEALTHY}\n"}
_POISON = {"poison": {}, "when": "inventory_hostname == 'h2'"}
# What the first host has to say about its own connection does not matter, nor what the inventory says about localhost.
_ASTRAY = "ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=9"
_LOCALHOST = (
    f"localhost {_ASTRAY} ansible_become=true ansible_python_interpreter=/nowhere ansible_shell_type=powershell\n"
)
OTHERS = (
    gated("the first host has failed, and its trunk is sick", _FIRST_FAILS, IMPORT, files=_SICK_FIRST),
    gated(
        "the first host is unreachable, and its trunk is sick",
        {"ansible.builtin.ping": {}},
        IMPORT,
        files={"inventory": f"h1 talkover_trunk_id={SICK} {_ASTRAY}\nh2 talkover_trunk_id={HEALTHY}\n"},
        has_control=True,
    ),
    gated(
        "a localhost of the inventory with another connection",
        IMPORT,
        files={"inventory": f"{_LOCALHOST}[pbx]\n{HOSTS}[all:vars]\nansible_become=true\n"},
        keywords={"hosts": "pbx", "connection": "ssh"},
        has_control=True,
    ),
    gated(
        "a connection as an extra variable",
        IMPORT,
        commands=_with("-e ansible_connection=ssh -e ansible_python_interpreter=/nowhere -e ansible_become=true"),
    ),
    gated("an environment of the play", IMPORT, keywords={"environment": {"LANG": "C"}}, has_control=True),
    gated(
        "the ID of the play", IMPORT, files={"inventory": "h1\nh2\n"}, keywords={"vars": {"talkover_trunk_id": SICK}}
    ),
)

_EXTRA = {
    "gate_report": {"healthy": True, "failed": False},
    "gate_ids_of_host": HEALTHY,
    "hostvars": {},
    "ansible_play_hosts_all": ["h1"],
    "ansible_play_batch": ["h1"],
    "healthy": True,
}
_EACH = "h1 trunk=t-ok other=t-sick\nh2 trunk=t-sick other=t-ok\n"
# Where the ID of the second host comes from, in ways that hostvars of the first host does not show.
_OF_PLAY = {"inventory": _EACH, "group_vars/all.yml": {"gate_trunk_ids": "{{ other }}"}}
VARIABLES = (
    # Only the first task of the role stops these hosts.
    gated(
        "extra variables with the names of the role",
        IMPORT,
        _SHOWN,
        keywords=_LAX,
        commands=_with(f"--tags deploy -e '{json.dumps(_EXTRA)}'"),
        has_control=True,
    ),
    gated(
        "a template of the play",
        IMPORT,
        files=_OF_PLAY,
        keywords={"vars": {"gate_trunk_ids": "{{ trunk }}"}},
        has_control=True,
    ),
    gated(
        "a template of include_role",
        {**INCLUDE, "vars": {"gate_trunk_ids": ["{{ trunk }}"]}},
        files=_OF_PLAY,
    ),
    gated(
        "a loop over include_role",
        {**INCLUDE, "vars": {"gate_trunk_ids": "{{ item }}"}, "loop": [HEALTHY, SICK]},
        files={"inventory": "h1\nh2\n"},
        has_control=True,
    ),
    Row(
        "a parameter of the role",
        {
            **_OF_PLAY,
            "deploy.yml": [play(DEPLOY, roles=[{"role": ROLE, "gate_trunk_ids": "{{ trunk }}"}], hosts="all")],
        },
        has_control=True,
    ),
    gated(
        "set_fact and include_vars for the second host",
        {"ansible.builtin.include_vars": "vars.yml", "when": "inventory_hostname == 'h2'"},
        {"ansible.builtin.set_fact": {"gate_trunk_ids": "{{ read }}"}, "when": "inventory_hostname == 'h2'"},
        IMPORT,
        files={"inventory": HOSTS.replace(SICK, HEALTHY), "vars.yml": {"read": SICK}},
    ),
    gated(
        "variables beside the playbook",
        IMPORT,
        files={
            "inventory": "h1\nh2\n",
            "host_vars/h1.yml": {"talkover_trunk_id": HEALTHY},
            "host_vars/h2.yml": {"talkover_trunk_id": [HEALTHY, SICK]},
        },
    ),
)


def _facts(name: str, value: Any, **row: Any) -> Row:
    return gated(
        f"a fact {name} of the second host", _POISON, IMPORT, files=returning(**{name: value}), message=name, **row
    )


# The unit tests have a case for each name.
FACTS: tuple[Row, ...] = (
    _facts("gate_trunk_ids", HEALTHY),
    _facts(
        "inventory_hostname",
        "h1",
        keywords={"vars": {"gate_trunk_ids": "{{ {'h1': 't-ok', 'h2': 't-sick'}[inventory_hostname] }}"}},
    ),
    gated(
        "a fact gate_live of the first host",
        {"ansible.builtin.set_fact": {"gate_live": False, "cacheable": True}},
        IMPORT,
        files={"inventory": f"h1 talkover_trunk_id={SICK}\n"},
        message="gate_live",
    ),
)

_DEFAULTS = "group/talkover.voice.talkover"
_URLS = {"inventory": "h1 talkover_trunk_id=t-ok url=@THIEF@\nh2 talkover_trunk_id=t-sick url=@URL@\n"}
_REST = ("HOME", "HOSTALIASES", "LANG", "OPENSSL_CONF", "PATH", "PYTHONPATH", "SSLKEYLOGFILE")
_POISON_FIRST = {"poison": {}, "when": "inventory_hostname == 'h1'"}


# The options are rendered for the first host only.
CONNECTION = (
    *(
        gated(
            f"a URL for each host, {how}",
            IMPORT,
            files=_URLS,
            keywords={"module_defaults": {_DEFAULTS: {"api_url": template, "retries": 0}}},
            message="in module_defaults",
        )
        for how, template in (
            ("with a filter of Ansible", "{{ url | mandatory }}"),
            ("by a lookup of variables", "{{ lookup('ansible.builtin.vars', 'url') }}"),
            ("by the dictionary of variables", "{{ vars['url'] }}"),
            ("in the terms of a lookup", "{{ lookup('ansible.builtin.items', ['{{ url }}']) }}"),
            ("in a command", "{{ lookup('ansible.builtin.pipe', 'echo {{ url }}') }}"),
            ("with other delimiters", "#jinja2: variable_start_string:'[[', variable_end_string:']]'\n{# #}[[ url ]]"),
        )
    ),
    gated(
        "a URL for each host, in the environment",
        IMPORT,
        files=_URLS,
        keywords={"environment": {"TALKOVER_API_URL": "{{ url | mandatory }}"}},
        message="in environment",
    ),
    *(
        gated(
            f"a URL that depends on the {what} of a variable",
            IMPORT,
            files={
                "inventory": json.dumps(
                    {
                        "all": {
                            "hosts": {
                                "h1": {**first, "talkover_trunk_id": HEALTHY},
                                "h2": {**other, "talkover_trunk_id": SICK},
                            }
                        }
                    }
                )
            },
            keywords={"module_defaults": {_DEFAULTS: {"api_url": f"{{{{ '@URL@' if {condition} else '@THIEF@' }}}}"}}},
            message="in module_defaults",
        )
        for what, condition, first, other in (
            ("existence", "lab is defined", {}, {"lab": None}),
            ("type", "lab is boolean", {"lab": 1}, {"lab": True}),
        )
    ),
    gated(
        "a fact in the URL, through hostvars",
        _POISON_FIRST,
        IMPORT,
        files={**returning(url="@THIEF@"), "inventory": f"h1 url=@URL@\nh2\n[all:vars]\ntalkover_trunk_id={SICK}\n"},
        keywords={"module_defaults": {_DEFAULTS: {"api_url": "{{ hostvars['h1'].url }}"}}},
        message="fact",
    ),
    gated(
        "a fact in the URL",
        _POISON_FIRST,
        IMPORT,
        files={**returning(url="@THIEF@"), "inventory": f"h1 talkover_trunk_id={SICK} url=@URL@\n"},
        keywords={"module_defaults": {_DEFAULTS: {"api_url": "{{ url | mandatory }}"}}},
        message="depends on a fact",
    ),
    *(
        gated(
            f"a fact in the environment, {how}",
            _POISON_FIRST,
            {"block": [IMPORT], "environment": environment},
            files={
                **returning(setting=fact, ansible_env={"PATH": "/bin"}),
                "inventory": f"h1 setting=@URL@ talkover_trunk_id={SICK}\n",
            },
            message=message,
        )
        for how, environment, fact, message in (
            ("a proxy", {"http_proxy": "{{ setting }}"}, "@THIEF@", "http_proxy .* depends on a fact"),
            ("certificates", {"REQUESTS_CA_BUNDLE": "{{ setting }}"}, "/x", "REQUESTS_CA_BUNDLE .* depends on a fact"),
            ("a template", "{{ {'ALL_PROXY': setting} }}", "@THIEF@", "environment .* depends on a fact"),
            ("all of it", "{{ setting }}", {"TALKOVER_API_URL": "@THIEF@"}, "environment .* depends on a fact"),
            ("no proxy", {"no_proxy": "{{ setting }}"}, "x", "no_proxy .* depends on a fact"),
            (
                "a name in a template",
                "{{ {'http' ~ setting: '@THIEF@'} }}",
                "_proxy",
                "environment .* depends on a fact",
            ),
            (
                "a template with a fact that no variable has",
                "{{ {'TALKOVER_API_URL': setting, 'PATH': ansible_env.PATH} }}",
                "@THIEF@",
                "environment .* depends on a fact",
            ),
            (
                "a condition beside a fact that no variable has",
                "{{ {'TALKOVER_API_URL': setting} if setting == '@URL@' else {'PATH': ansible_env.PATH} }}",
                "",
                "environment .* depends on a fact",
            ),
        )
    ),
    gated(
        "module_defaults for the module, and others for its group",
        IMPORT,
        files=_URLS,
        keywords={
            "module_defaults": {
                "talkover.voice.sip_trunk_info": {"api_url": "{{ url | mandatory }}"},
                _DEFAULTS: {"api_url": "{{ '@URL@' | mandatory }}"},
            }
        },
        message=r"api_url \(in module_defaults\) differs",
    ),
    gated(
        "a token of the second host that cannot be evaluated",
        IMPORT,
        files={
            "inventory": "h1 talkover_trunk_id=t-ok of=talkover://api:@TOKEN@@app\n"
            "h2 talkover_trunk_id=t-ok of=talkover://api:@TOKEN@\n"
        },
        # ansible-core 2.16 itself would show it in a task for this host.
        keywords={"serial": 1, "module_defaults": {_DEFAULTS: {"api_token": "{{ of | urlsplit('password') }}"}}},
        message=r"api_token \(in module_defaults\) of the host h2 cannot be evaluated",
    ),
    # The check starts no process, so nothing else in the environment reaches it.
    gated(
        "facts in the rest of the environment",
        {"poison": {}},
        {"block": [IMPORT], "environment": dict.fromkeys(_REST, "{{ setting }}")},
        files={
            **returning(setting="@HOME@/evil", ansible_remote_tmp="/nowhere$(touch @HOME@/evaluated)"),
            **{f"evil/{name}.py": "open('@HOME@/evaluated', 'w')" for name in ("sitecustomize", "usercustomize")},
            "inventory": f"localhost talkover_trunk_id={SICK} ansible_port=2222\n",
        },
        has_control=True,
    ),
    gated(
        "a token in the environment, with -vvv",
        {"block": [IMPORT], "environment": {"TALKOVER_TOKEN": "{{ '@TOKEN@' | trim }}", "TALKOVER_API_URL": "@URL@"}},
        commands=_with("-vvv"),
        env={"TALKOVER_TOKEN": "x", "TALKOVER_API_URL": "@THIEF@"},
        has_control=True,
    ),
    gated(
        "a proxy and the URL in the environment of the play",
        IMPORT,
        keywords={"environment": {"HTTP_PROXY": "@THIEF@", "no_proxy": "127.0.0.1", "TALKOVER_API_URL": "@URL@"}},
        env={"TALKOVER_API_URL": "@THIEF@"},
        has_control=True,
    ),
    # Correct uses: these differ, but do not configure the connection, or may differ.
    *(
        gated(
            f"an environment that differs between the hosts, {how}",
            {"poison": {}},
            {"block": [IMPORT], "environment": environment},
            files={
                **returning(ansible_env={"PATH": "/bin"}),
                "inventory": f"h1 own=a talkover_trunk_id={HEALTHY}\nh2 own=b talkover_trunk_id={SICK}\n",
            },
            has_control=True,
        )
        for how, environment in (
            ("by names", {"LANG": "{{ own }}", "no_proxy": "127.0.0.1,{{ own }}", "PATH": "{{ ansible_env.PATH }}"}),
            ("by a template", "{{ {'LANG': own, 'no_proxy': '127.0.0.1,' ~ own} }}"),
            ("by a template of names", "{{ {own: 'x'} }}"),
        )
    ),
    gated(
        "the address from a fact of the controller",
        {"poison": {}, "delegate_to": "localhost", "delegate_facts": True},
        IMPORT,
        files={**returning(url="@THIEF@"), "inventory": f"h1 talkover_trunk_id={SICK}\n"},
        keywords={
            "module_defaults": {_DEFAULTS: {"api_url": "{{ ansible_delegated_vars.localhost.url | default('@URL@') }}"}}
        },
        message="depends on a fact",
    ),
    gated(
        "include_vars replaces an option that the play sets",
        {"ansible.builtin.include_vars": "more.yml"},
        IMPORT,
        files={"more.yml": {"gate_max_health_age": 3600}},
        keywords={"vars": {"gate_max_health_age": 900}},
        has_control=True,
    ),
    gated(
        "a connection option of thousands of digits",
        IMPORT,
        keywords={"module_defaults": {_DEFAULTS: {"max_connections": "{{ 10 ** 5000 }}"}}},
        message="max_connections",
    ),
    gated(
        "a connection option that is new each time",
        IMPORT,
        keywords={"module_defaults": {_DEFAULTS: {"timeout": "{{ lookup('pipe', 'date +1%S.%N') | trim }}"}}},
        has_control=True,
    ),
)
# The role's task must not change what the expressions see.
_SSH = "h1 ansible_connection=ssh talkover_trunk_id=t-sick\n"
_EVALUATES = "{{ lookup('pipe', 'touch @HOME@/evaluated') }}"
FACTS += (
    gated(
        "the ID depends on the connection of the host",
        IMPORT,
        files={"inventory": _SSH},
        keywords={"vars": {"gate_trunk_ids": "{{ 't-ok' if ansible_connection == 'local' else 't-sick' }}"}},
    ),
    gated(
        "the URL depends on the connection of the host",
        IMPORT,
        files={"inventory": _SSH},
        keywords={
            "module_defaults": {_DEFAULTS: {"api_url": "{{ '@THIEF@' if ansible_connection == 'local' else '@URL@' }}"}}
        },
    ),
    gated(
        "a fact with a template, in another variable of the environment",
        {"poison": {}},
        {
            "block": [IMPORT],
            "environment": {"SITE": "{{ groups.all | map('extract', hostvars, 'setting') | join(',') }}"},
        },
        files=returning(setting=_EVALUATES),
        has_control=True,
    ),
    gated(
        "a fact behind a template of a template in the environment",
        {"poison": {}},
        {"block": [IMPORT], "environment": {"TALKOVER_API_URL": "{{ '{' ~ '{ setting }' ~ '}' }}"}},
        files={**returning(setting="@THIEF@"), "inventory": f"h1 talkover_trunk_id={SICK}\n"},
        message="api_url",
    ),
    *(
        gated(
            f"a message with a template, from {what}",
            _POISON_FIRST,
            {
                "block": [{**IMPORT, "vars": {"gate_trunk_ids": "{{ {'a': 't-ok'}[site | default('a')] }}"}}],
                "rescue": [
                    {
                        "ansible.builtin.set_fact": {
                            "report": "{{ groups.all | map('extract', hostvars, ['gate_report', 'msg'])"
                            " | select('defined') | join(' ') }}"
                        }
                    },
                    {"ansible.builtin.debug": {"msg": "{{ report }}"}},
                    _FAIL,
                ],
            },
            files={**returning(**facts), "inventory": "h1\nh2\n"},
            keywords={"vars": {"x": CANARY}},
            message=message,
        )
        for what, facts, message in (
            ("a fact", {"site": _EVALUATES}, "cannot be evaluated"),
            ("the name of a fact", {"gate_max_health_age{{x}}": 1}, "is not an option"),
        )
    ),
    gated(
        "a variable whose name is a number",
        IMPORT,
        files={"group_vars/all.yml": "5060: x\n"},
        has_control=True,
    ),
    gated(
        "a connection option that is omitted",
        {"poison": {}},
        IMPORT,
        files=returning(setting="x"),
        keywords={"module_defaults": {_DEFAULTS: {"api_url": "{{ lab_url | default(omit) }}"}}},
        has_control=True,
    ),
    gated(
        "files of variables by a fact",
        {"poison": {}},
        {"poison": {}},
        IMPORT,
        files={**returning(ansible_os_family="Debian"), "Debian.yml": {"some": "x"}},
        keywords={"vars_files": ["{{ ansible_facts.os_family | default('Debian') }}.yml"]},
        has_control=True,
    ),
    gated(
        "a fact in the template of the ID",
        _POISON_FIRST,
        IMPORT,
        files={**returning(site="b"), "inventory": "h1 site=a\n"},
        keywords={"vars": {"gate_trunk_ids": "{{ {'a': 't-sick', 'b': 't-ok'}[site | mandatory] }}"}},
        message="depends on a fact",
    ),
    *(
        gated(
            f"a fact chooses the ID, {how}",
            {"poison": {}},
            IMPORT,
            files={**returning(**facts), "inventory": f"h1 site=prod number=1 trunk_prod={SICK}\n"},
            keywords={"vars": {"gate_trunk_ids": template}},
            trunks=({"id": "t-1", "health_status": "unhealthy"}, {"id": "t-1.0"}),
            message="fact",
        )
        for how, facts, template in (
            (
                "by a lookup of variables",
                {"trunk_prod": HEALTHY},
                "{{ lookup('ansible.builtin.vars', 'trunk_' ~ site) }}",
            ),
            ("through hostvars", {"trunk_prod": HEALTHY}, "{{ hostvars.h1.trunk_prod }}"),
            ("in place of a default", {"override": HEALTHY}, "{{ override | default(trunk_prod) }}"),
            ("by its type", {"number": 1.0}, "t-{{ number }}"),
            (
                "beside a fact that no variable has",
                {"site": "lab", "ansible_hostname": "x"},
                "{{ {'prod': {'x': 't-sick'}, 'lab': {'x': 't-ok'}}[site][ansible_hostname] }}",
            ),
            (
                "in a list with a fact that no variable has",
                {"site": "lab", "ansible_hostname": "x"},
                ["{{ {'prod': 't-sick', 'lab': 't-ok'}[site] }}", "{{ {'x': 't-ok'}[ansible_hostname] }}"],
            ),
        )
    ),
    gated(
        "a fact turns the live check off",
        {"poison": {}},
        IMPORT,
        files={**returning(live=False), "inventory": "h1 talkover_trunk_id=t-live\n"},
        keywords={"vars": {"gate_live": "{{ live | default(true) }}"}},
        trunks=({"id": "t-live", "live": {"is_healthy": False}},),
        message="fact",
    ),
    gated(
        "a fact in the search path of the ID's file",
        _POISON_FIRST,
        IMPORT,
        files={
            **returning(ansible_search_path=["@HOME@/other"]),
            "inventory": "h1\n",
            "files/id": SICK,
            "other/files/id": HEALTHY,
        },
        keywords={"vars": {"gate_trunk_ids": "{{ lookup('ansible.builtin.file', 'id') }}"}},
    ),
    Row(
        "a cached fact of a host that only the expression reads",
        {
            "inventory": HOSTS,
            **returning(talkover_trunk_id=HEALTHY),
            "first.yml": [play({"poison": {}}, hosts="h2")],
            "deploy.yml": [
                play(
                    {
                        **IMPORT,
                        "vars": {"gate_trunk_ids": "{{ ['h2'] | map('extract', hostvars, 'talkover_trunk_id') }}"},
                    },
                    hosts="localhost",
                ),
                play(DEPLOY, hosts="all"),
            ],
        },
        ("playbook -i inventory first.yml", "playbook -i inventory deploy.yml"),
        FACT_CACHE,
        message="gate_trunk_ids of the host localhost depends on a fact",
    ),
    # ansible-core 2.21 would compute the digits of such a number for hours, before any task of the role.
    *(
        gated(f"a huge fact {name}", {"poison": {}}, IMPORT, files=returning(**{name: "1e999999999"}))
        for name in ("gate_wait", "gate_delay", "gate_max_health_age")
    ),
)

_RAN: Play = {"ansible.builtin.debug": {"msg": "{{ 'RA' ~ 'N ' ~ number }}"}}
_SAFE: Play = {"ansible.builtin.debug": {"msg": "stopped"}}


def _closed(number: int, variables: dict[str, Any]) -> Play:
    """Write a block that goes on after a gate that must fail."""
    role = {"name": ROLE, "rolespec_validate": False}
    steps = [{"ansible.builtin.include_role": role, "vars": variables}, _RAN]
    return {"block": steps, "rescue": [_SAFE], "vars": {"number": number}}


def _each(name: str, *variables: dict[str, Any], **row: Any) -> Row:
    """Write a row with a gate for each set of variables, without the argument specification of the role."""
    return gated(name, *(_closed(*each) for each in enumerate(variables)), _FAIL, **row)


_SECOND = "{{ 't-ok' if inventory_hostname == 'h1' else %s }}"
_ONLY_LIVE = {"id": "t-live", "live": {"is_healthy": False}}
_IDS = ("''", "none", "[]", "['t-ok', '']", "nothing")
_INVALID: tuple[Any, ...] = (None, [], ABSENT, "{{ nothing }}")
OPTIONS = (
    _each("an invalid ID of the second host", *({"gate_trunk_ids": _SECOND % text} for text in _IDS)),
    _each("an invalid ID", *({"gate_trunk_ids": value} for value in _INVALID)),
    _each(
        "an invalid option",
        *(
            {"gate_trunk_ids": HEALTHY, **option}
            for option in (
                {"gate_all_trunks": "flase"},
                {"gate_all_trunks": "{{ nothing }}"},
                {"gate_max_health_age": None},
                {"gate_max_health_age": "{{ nothing }}"},
                {"gate_live": "{{ nothing }}"},
                {"gate_wait": "{{ nothing }}"},
            )
        ),
    ),
    _each(
        "a live check that something else than false turns off",
        *({"gate_trunk_ids": "t-live", "gate_live": value} for value in ("flase", None, True)),
        trunks=(_ONLY_LIVE,),
    ),
    _each(
        "a check that is too old",
        {"gate_trunk_ids": OLD, "gate_max_health_age": 900},
        {"gate_trunk_ids": OLD, "gate_max_health_age": "900", "gate_live": False},
    ),
    _each(
        "all trunks, of which one is sick", {"gate_all_trunks": True}, {"gate_all_trunks": "yes", "gate_live": False}
    ),
    gated(
        "a misspelled option",
        {**IMPORT, "vars": {"gate_trunk_id": SICK}},
        files={"inventory": f"h1 talkover_trunk_id={HEALTHY}\n"},
        message="Did you mean gate_trunk_ids",
    ),
    gated(
        "an option of the second host that is stricter",
        IMPORT,
        files={"inventory": f"h1 talkover_trunk_id={HEALTHY}\nh2 talkover_trunk_id={OLD} gate_max_health_age=900\n"},
        message="gate_max_health_age differs",
    ),
    gated("a wait in vain", {**IMPORT, "vars": {"gate_wait": 1, "gate_delay": 0}}),
    *(
        gated(
            f"a URL of the second host in {name}",
            {**IMPORT, "vars": {"gate_all_trunks": True}},
            files={"inventory": "h1 url=@THIEF@\nh2 url=@URL@\n"},
            keywords=keywords,
            message=r"(?i)api_url \(in (module_defaults|environment)\) differs between the hosts h1 and h2",
        )
        for name, keywords in (
            ("module_defaults", {"module_defaults": {"group/talkover.voice.talkover": {"api_url": "{{ url }}"}}}),
            ("environment", {"environment": {"TALKOVER_API_URL": "{{ url }}"}}),
        )
    ),
    *(
        gated(
            f"module_defaults with {', '.join(defaults)}",
            IMPORT,
            keywords={"module_defaults": {"group/talkover.voice.talkover": defaults}},
            **row,
        )
        for defaults, row in (
            ({"trunk_ids": [HEALTHY]}, {"message": "module_defaults"}),
            ({"trunk_id": HEALTHY}, {"message": "trunk_id"}),
            ({"max_health_age": 900}, {"message": "Set gate_max_health_age"}),
            (
                {
                    "all_trunks": True,
                    "missing_ok": False,
                    "details": False,
                    "cache_ttl": 3600,
                    "include": [],
                    "retries": 0,
                },
                {"has_control": True},
            ),
        )
    ),
    gated(
        "module_defaults of the module with max_health_age, in a template",
        IMPORT,
        files={"inventory": f"h1 talkover_trunk_id={OLD}\n"},
        keywords={"module_defaults": {"talkover.voice.sip_trunk_info": {"max_health_age": "{{ 900 | int }}"}}},
        message="Set gate_max_health_age",
    ),
    gated(
        "max_health_age in module_defaults and in the role",
        {**IMPORT, "vars": {"gate_max_health_age": 900}},
        keywords={"module_defaults": {_DEFAULTS: {"max_health_age": 5}}},
        has_control=True,
    ),
    gated(
        "variables with the names of functions",
        IMPORT,
        keywords={"vars": {"query": "x", "lookup": "x", "q": "x"}},
        has_control=True,
    ),
    gated(
        "undefined variables that Ansible allows",
        IMPORT,
        files={"inventory": HOSTS.replace(SICK, "'{{ nothing }}'")},
        env={"ANSIBLE_ERROR_ON_UNDEFINED_VARS": "false", "ANSIBLE_JINJA2_NATIVE": "true"},
    ),
    gated(
        "text of the API in the message",
        _closed(1, {"gate_all_trunks": True}),
        {"ansible.builtin.debug": {"msg": "{{ gate_report.msg }} {{ gate_report.problems }}"}},
        _FAIL,
        keywords={"vars": {"canary": CANARY}},
        trunks=(
            {
                "id": "{{ canary }}",
                "name": "{{ lookup('pipe', 'touch @HOME@/evaluated') }}",
                "is_active": "{{ canary }}",
            },
        ),
    ),
)

# The playbook, before the plays of a site.
_GATE: Play = {"ansible.builtin.import_playbook": ROLE, "vars": {"trunk_ids": [HEALTHY, SICK]}}


def _before(name: str, *plays: Play, first: tuple[Play, ...] = (), **row: Any) -> Row:
    site = [*first, _GATE, *(plays or (play(DEPLOY, hosts="all"),))]
    return Row(name, {"inventory": "h1\nh2\n", "deploy.yml": site, **row.pop("files", {})}, **row)


PLAYBOOK: tuple[Row, ...] = (
    _before("the playbook before a site", has_control=True),
    _before("the playbook, with a limit", commands=_with("--limit h2")),
    _before(
        "the playbook, with tags", play(_TAGGED, hosts="all"), commands=_with("--tags deploy --check"), has_control=True
    ),
    _before(
        "the playbook, after localhost has failed",
        first=(play({**_FIRST_FAILS, "when": "inventory_hostname == 'localhost'"}, hosts="localhost,all"),),
        has_control=True,
    ),
    _before(
        "the playbook, after a host has failed, and a play for localhost",
        play(DEPLOY, hosts="localhost"),
        play(DEPLOY, hosts="h2"),
        first=(play(_FIRST_FAILS, hosts="all"),),
        has_control=True,
    ),
    _before(
        "the playbook, with settings of Ansible that ignore errors",
        files={"inventory": f"{_LOCALHOST}h1\nh2\n"},
        env={"ANSIBLE_STRATEGY": "free", "ANSIBLE_ANY_ERRORS_FATAL": "false"},
    ),
    _before(
        "the playbook, and hosts with a connection that is not installed",
        play(DEPLOY, hosts="localhost"),
        files={"inventory": "h1 ansible_connection=some.network.cli\n"},
        has_control=True,
    ),
    _before(
        "the playbook, with variables of the inventory",
        files={"group_vars/all.yml": {"gate_trunk_ids": HEALTHY, "trunk_ids": HEALTHY, "gate_all_trunks": False}},
    ),
)
# The role would check these trunks instead of those of the playbook.
PLAYBOOK += tuple(
    _before(name, message="Do not set gate_trunk_ids", **row)
    for name, row in (
        ("the playbook, and gate_trunk_ids as an extra variable", {"commands": _with("-e gate_trunk_ids=t-ok")}),
        ("the playbook, and gate_all_trunks as an extra variable", {"commands": _with("-e gate_all_trunks=true")}),
        (
            "the playbook, and gate_trunk_ids by set_fact",
            {"first": (play({"ansible.builtin.set_fact": {"gate_trunk_ids": HEALTHY}}, hosts="localhost,all"),)},
        ),
    )
)
PLAYBOOK += tuple(
    Row(
        f"the playbook, and {name} by set_fact, {how}",
        {
            "inventory": "h1\n",
            "deploy.yml": [
                play({"ansible.builtin.set_fact": {name: value}}, hosts="localhost,all"),
                {
                    "ansible.builtin.import_playbook": ROLE,
                    "vars": {**given, "gate_live": True, "gate_max_health_age": 900},
                },
                play(DEPLOY),
            ],
        },
        commands=_with(arguments),
        trunks=(_ONLY_LIVE,),
        message=f"replaces the {name}",
    )
    for name, value, trunk in (("gate_live", False, "t-live"), ("gate_max_health_age", 10**9, OLD))
    for how, given, arguments in (
        ("beside trunk_ids", {"trunk_ids": [trunk]}, ""),
        ("and trunk_ids by -e", {}, f"-e trunk_ids={trunk}"),
    )
)
PLAYBOOK += tuple(
    Row(
        f"the playbook, and {name} of import_playbook",
        {
            "inventory": "h1\n",
            "group_vars/all.yml": inherited,
            "deploy.yml": [{"ansible.builtin.import_playbook": ROLE, "vars": given}, play(DEPLOY)],
        },
        message=f"does not use {name}",
    )
    for name, given, inherited in (
        ("gate_trunk_ids", {"gate_trunk_ids": [SICK]}, {"trunk_ids": HEALTHY}),
        ("gate_all_trunks", {"gate_all_trunks": True, "trunk_ids": HEALTHY}, {}),
    )
)
PLAYBOOK += tuple(
    Row(
        f"the playbook, with the misspelled option {name}",
        {"inventory": "h1\n", "deploy.yml": [play(DEPLOY)]},
        (f"playbook -i inventory -e trunk_ids={OLD} -e {name}=900 {ROLE} deploy.yml",),
        message=f"{name}. is not an option. Did you mean gate_max_health_age",
    )
    for name in ("gate_max_helth_age", "gate_max_age", "max_health_age")
)
_ON_PROD = {"when": "stage | default('') == 'prod'"}
PLAYBOOK += tuple(
    Row(
        f"the playbook, and a condition that is false for its first host, {how}",
        {
            "inventory": "h1\n[prod]\nh2\n[prod:vars]\nstage=prod\n",
            "deploy.yml": [{**_GATE, **_ON_PROD}, play({**DEPLOY, **_ON_PROD}, hosts="all")],
        },
        commands=_with(arguments),
        message="The trunks were not checked",
    )
    for how, arguments in (("without a limit", ""), ("with tags", "--tags deploy"), ("with a limit", "--limit h1,h2"))
)
PLAYBOOK += tuple(
    _before(
        f"the playbook, and trunk_ids by {how}",
        first=(play(*steps, hosts="localhost,all"),),
        files={"vars.yml": {"trunk_ids": HEALTHY}},
        message="replaces the trunk_ids",
    )
    for how, steps in (
        ("set_fact", ({"ansible.builtin.set_fact": {"trunk_ids": [HEALTHY]}},)),
        ("include_vars", ({"ansible.builtin.include_vars": "vars.yml"},)),
    )
)
ROWS: tuple[Row, ...] = (*WAYS, *OTHERS, *VARIABLES, *CONNECTION, *FACTS, *OPTIONS, *PLAYBOOK)
