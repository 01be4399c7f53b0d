# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts and other values that a managed host or a task chooses, never choose where the token goes."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.talkover.voice.tests.careless.row import (
    FACT_CACHE,
    HEALTHY,
    SICK,
    Play,
    Row,
    ask,
    found,
    gate,
    holds,
    hosts,
    inventory,
    play,
    returning,
    tasks,
)

_ELSEWHERE: dict[str, Any] = {"talkover_api_url": "@THIEF@"}
# What a host can say, by the name of the variable.
_SAYS: dict[str, Any] = {
    "talkover_api_url": "@THIEF@",
    "talkover_validate_certs": False,
    "talkover_ca_path": "/tmp/ca.pem",
    "talkover_api_token": "talq_of_somebody_else",
    "talkover_client_cert": "/tmp/client.pem",
    "talkover_client_key": "/tmp/client.key",
    "talkover_cache_ttl": 86400,
}


def _cached(**facts: Any) -> dict[str, Any]:
    return {"facts/h1": json.dumps(facts), "facts/s1_h1": json.dumps(facts)}


_SET: Play = {"ansible.builtin.set_fact": {**_ELSEWHERE, "cacheable": True}}
_GATE = gate(SICK)
_IS_HEALTHY = " is talkover.voice.healthy"
_LOOKED_UP: Play = {
    "ansible.builtin.set_fact": {"verdict": f"{{{{ {found(SICK)} is talkover.voice.healthy }}}}"},
}
_TWO_HOSTS = f"h1 talkover_trunk_id={HEALTHY}\nh2 talkover_trunk_id={SICK}\n"
_ALL_IDS = "ansible_play_hosts | map('extract', hostvars, 'talkover_trunk_id') | list"
# As in the guide.
_ASKED_FOR_ALL = (
    {**ask(trunk_ids=f"{{{{ {_ALL_IDS} }}}}"), "delegate_to": "localhost", "run_once": True},
    holds("result.healthy"),
)

ROWS: tuple[Row, ...] = (
    *(
        tasks(
            f"a variable called ansible_facts hides the fact, {how}",
            *before,
            {"poison": {}},
            _GATE,
            files=returning(**_ELSEWHERE),
            keywords=keywords,
            message="talkover_api_url",
        )
        for how, before, keywords in (
            ("of the play", (), {"vars": {"ansible_facts": {"os_family": "Debian"}}}),
            ("by set_fact", ({"ansible.builtin.set_fact": {"ansible_facts": {"os_family": "Debian"}}},), {}),
        )
    ),
    *(
        tasks(
            f"a fact is used by the module, {name}",
            {"poison": {}},
            {**ask(trunk_id=trunk, **options), "delegate_to": "localhost"},
            holds("result.healthy"),
            files={**returning(**{name: value}), "inventory": "h1 talkover_trunk_id=t-sick talkover_api_url=@URL@\n"},
            message=name,
        )
        for name, value, trunk, options in (
            ("talkover_trunk_id", HEALTHY, "{{ talkover_trunk_id }}", {}),
            ("talkover_api_url", "@THIEF@", SICK, {"api_url": "{{ talkover_api_url }}"}),
        )
    ),
    *(
        tasks(
            f"a fact of another host is used through hostvars, {name}",
            {"poison": {}, "when": "inventory_hostname == 'h2'"},
            *steps,
            files={**returning(talkover_trunk_id=HEALTHY), "inventory": _TWO_HOSTS},
            keywords={"hosts": "all"},
            env=env,
            message="talkover_trunk_id",
        )
        for name, env, steps in (
            ("by the module", {}, _ASKED_FOR_ALL),
            ("by the module, with a cache of facts", FACT_CACHE, _ASKED_FOR_ALL),
            ("by the lookup", {}, [holds(f"query('talkover.voice.sip_trunk', {_ALL_IDS}) is talkover.voice.healthy")]),
        )
    ),
    tasks(
        "a fact chooses the trunk of a lookup",
        {"poison": {}},
        holds("lookup('talkover.voice.sip_trunk', talkover_trunk_id) is talkover.voice.healthy"),
        files={**returning(talkover_trunk_id=HEALTHY), "inventory": f"h1 talkover_trunk_id={SICK}\n"},
        message="talkover_trunk_id",
    ),
    *(
        tasks(
            f"a fact with the name of a variable of the inventory, {name}",
            {"poison": {}},
            step,
            *more,
            files=returning(**{name: value}),
            message=f"{name} is also a fact",
        )
        for name, value, step, more in (
            (
                "talkover_trunks",
                [{"id": HEALTHY}],
                {**ask(trunk_ids="{{ talkover_trunks | map(attribute='id') | list }}"), "delegate_to": "localhost"},
                [holds("result.healthy")],
            ),
            (
                "talkover_trunk",
                {"id": HEALTHY},
                holds(f"{found('ID')}{_IS_HEALTHY}".replace("'ID'", "talkover_trunk.id")),
                [],
            ),
            ("talkover_healthy", True, holds(f"talkover_healthy or {found(SICK)}{_IS_HEALTHY}"), [gate(HEALTHY)]),
            ("talkover_problems", {}, gate(HEALTHY), []),
        )
    ),
    *(
        tasks(
            f"a module returns the fact {name}",
            {"poison": {}},
            gate(HEALTHY),
            files=returning(**{name: value}),
            message=name,
        )
        for name, value in _SAYS.items()
    ),
    tasks("a module returns the address, with a sick trunk", {"poison": {}}, _GATE, files=returning(**_ELSEWHERE)),
    tasks(
        "gather_facts returns the address",
        _GATE,
        keywords={"gather_facts": True},
        files={**returning(**_ELSEWHERE), "inventory": "h1 ansible_facts_modules=poison\n"},
        message="talkover_api_url",
    ),
    *(
        tasks(
            f"facts of an earlier run, {name}",
            gate(HEALTHY),
            files={"first.yml": [play({"poison": {}})], **returning(**{name: value})},
            commands=("playbook -i inventory first.yml", "playbook -i inventory deploy.yml"),
            env=FACT_CACHE,
            message=name,
        )
        for name, value in _SAYS.items()
        if name != "talkover_api_token"
    ),
    *(
        tasks(
            f"set_fact with cacheable, {name}",
            {"ansible.builtin.set_fact": {name: value, "cacheable": True}},
            gate(HEALTHY),
            message=name,
        )
        for name, value in _SAYS.items()
    ),
    tasks(
        "set_fact with cacheable, then a lookup in a loop", _SET, {**_GATE, "loop": [1, 2]}, message="talkover_api_url"
    ),
    tasks(
        "set_fact with cacheable, then a lookup in set_fact",
        _SET,
        _LOOKED_UP,
        holds("verdict"),
        message="talkover_api_url",
    ),
    tasks(
        "set_fact with cacheable, then query",
        _SET,
        holds(f"query('talkover.voice.sip_trunk', '{SICK}') is talkover.voice.healthy"),
        message="talkover_api_url",
    ),
    tasks(
        "set_fact with cacheable, then with_",
        _SET,
        {**holds("item is talkover.voice.healthy"), "with_talkover.voice.sip_trunk": [SICK]},
        message="talkover_api_url",
    ),
    tasks(
        "set_fact with cacheable, in a variable of the play",
        _SET,
        holds("trunk is talkover.voice.healthy"),
        keywords={"vars": {"trunk": f"{{{{ {found(SICK)} }}}}"}},
        message="talkover_api_url",
    ),
    tasks(
        "set_fact with cacheable, and the free strategy",
        _SET,
        _GATE,
        keywords={"strategy": "free"},
        message="talkover_api_url",
    ),
    tasks(
        "set_fact with cacheable, and ignored errors",
        _SET,
        {**_GATE, "ignore_errors": True, "register": "gated"},
        holds("gated is success"),
        message="talkover_api_url",
    ),
    tasks(
        "a fact of the same name as an inventory variable",
        {"poison": {}},
        _GATE,
        files={**returning(**_ELSEWHERE), "inventory": "h1 talkover_api_url=@URL@\n"},
        message="talkover_api_url",
    ),
    tasks(
        "delegated facts",
        {"poison": {}, "delegate_to": "h1", "delegate_facts": True},
        _GATE,
        files=returning(**_ELSEWHERE),
        message="talkover_api_url",
    ),
    tasks(
        "facts that are not injected",
        {"poison": {}},
        gate(SICK),
        files=returning(**_ELSEWHERE),
        env={"ANSIBLE_INJECT_FACT_VARS": "false"},
    ),
    tasks(
        "the facts of another host, by hostvars",
        {"poison": {}, "when": "inventory_hostname == 'h2'"},
        _GATE,
        files={**returning(**_ELSEWHERE), "inventory": "h1\nh2\n"},
        keywords={"hosts": "all"},
    ),
    tasks(
        "a fact that names the address, with the module on the controller",
        {"poison": {}},
        {"talkover.voice.sip_trunk_info": {"trunk_id": SICK, "retries": 0}, "register": "result"},
        holds("result.healthy"),
        files=returning(**_ELSEWHERE, api_url="@THIEF@", TALKOVER_API_URL="@THIEF@"),
        message="talkover_api_url",
    ),
    *(
        tasks(
            f"a fact in the address, {how}",
            {"poison": {}},
            _GATE,
            files={**returning(url="@THIEF@"), "inventory": "h1 url=@URL@\n"},
            keywords={"vars": {"talkover_api_url": template}},
            message="talkover_api_url",
        )
        for how, template in (
            ("through hostvars", "{{ hostvars['h1'].url }}"),
            ("in the terms of a lookup", "{{ lookup('ansible.builtin.items', ['{{ url }}']) }}"),
            ("by a lookup of variables", "{{ lookup('ansible.builtin.vars', 'url') }}"),
            ("through the variable vars", "{{ vars['url'] }}"),
            ("with other delimiters", "#jinja2:variable_start_string:'[[', variable_end_string:']]'\n[[ url ]]"),
            ("through vars in vars", "{{ vars['vars']['url'] | default(vars['url']) }}"),
        )
    ),
    *(
        tasks(
            f"two facts with the same key, inside hostvars, {how}",
            {"poison": {}},
            holds("hostvars.h1.trunk is talkover.voice.healthy"),
            files={
                **returning(**facts),
                "inventory": "h1 url=@URL@\n",
                "group_vars/all.yml": {"talkover_api_url": "{{ url }}", "trunk": f"{{{{ {found(SICK)} }}}}"},
            },
            message="fact",
        )
        for how, facts in (
            ("the address", {"url": "@THIEF@", "ansible_url": "x"}),
            (
                "the address and hostvars",
                {"url": "@THIEF@", "ansible_url": "x", "hostvars": "x", "ansible_hostvars": "y"},
            ),
            ("the folders of files", {"ansible_search_path": ["@HOME@/fetched"], "search_path": "x"}),
        )
    ),
    tasks(
        "facts beside the templates of the address and the token",
        {"poison": {}},
        _GATE,
        files={**returning(other="@THIEF@"), "inventory": "h1 url=@URL@ token=@TOKEN@\n"},
        keywords={"vars": {"talkover_api_url": "{{ vars['url'] }}", "talkover_api_token": "{{ token }}"}},
        has_control=True,
    ),
    tasks(
        "a fact in the address, through the variables of the delegated host",
        {"poison": {}},
        {**_GATE, "delegate_to": "h1"},
        files={**returning(url="@THIEF@"), "inventory": "h1 url=@URL@\n"},
        keywords={"vars": {"talkover_api_url": "{{ ansible_delegated_vars.h1.url | default(url) }}"}},
        # ansible-core 2.18 and older render all variables of the delegated host, also this one.
        message="talkover_api_url (depends on a fact|cannot be rendered)",
    ),
    tasks(
        "a fact in the address, returned by the task that looks up the trunk",
        {"poison": {}, "until": f"{found(SICK)}{_IS_HEALTHY}", "retries": 1, "delay": 0},
        files={**returning(url="@THIEF@"), "inventory": "h1 url=@URL@\n"},
        keywords={"vars": {"talkover_api_url": "{{ url }}"}},
        message="talkover_api_url depends on a fact|The task itself has returned facts",
    ),
    *(
        tasks(
            f"a stored fact of a host that is not in the play, in {where}",
            *steps,
            files={
                "first.yml": [play({"poison": {}}, hosts="gw")],
                **returning(**facts),
                "inventory": f"h1\ngw url=@URL@ talkover_trunk_id={SICK}\n",
            },
            keywords={"vars": variables},
            commands=("playbook -i inventory first.yml", "playbook -i inventory deploy.yml"),
            env=FACT_CACHE,
            message=message,
        )
        for where, facts, variables, steps, message in (
            (
                "the address",
                {"url": "@THIEF@"},
                {"talkover_api_url": "{{ hostvars['gw'].url }}"},
                [_GATE],
                "talkover_api_url depends on a fact",
            ),
            *(
                (
                    where,
                    {"talkover_trunk_id": HEALTHY},
                    {"ids": ["{{ hostvars['gw'].talkover_trunk_id }}"]},
                    [step],
                    "talkover_trunk_id is also a fact of the host",
                )
                for where, step in (
                    ("a list of IDs", holds(f"query('talkover.voice.sip_trunk', ids){_IS_HEALTHY}")),
                    ("a loop", {**holds("query('talkover.voice.sip_trunk', item)" + _IS_HEALTHY), "loop": "{{ ids }}"}),
                )
            ),
        )
    ),
    *(
        tasks(
            f"a fact of the files that lookups search, {name}",
            {"poison": {}},
            {**holds(f"hostvars.h2.trunk{_IS_HEALTHY}"), "run_once": True},
            files={
                **returning(**{name: value}),
                "inventory": "h2\n",
                "url": "@URL@",
                "fetched/files/url": "@THIEF@",
                "fetched/url": "@THIEF@",
                "group_vars/all.yml": {
                    "talkover_api_url": "{{ lookup('ansible.builtin.file', 'url') }}",
                    "trunk": f"{{{{ {found(SICK)} }}}}",
                },
            },
            keywords={"hosts": "h2"},
            message=f"{name} is also a fact",
        )
        for name, value in (("ansible_search_path", ["@HOME@/fetched"]), ("role_path", "@HOME@/fetched"))
    ),
    *(
        inventory(
            f"a stored fact of another host chooses the trunk, {how}",
            {
                "inventory/01-hosts.yml": hosts(h1={"gateway": "gw"}, gw={"line": SICK, **of_gateway}),
                "first.yml": [play({"poison": {}}, hosts="gw")],
                **returning(line=HEALTHY),
            },
            options={"trunk_id_from": expression},
            commands=("playbook -i inventory/01-hosts.yml first.yml", "playbook -i inventory deploy.yml"),
            env=FACT_CACHE,
            message="A cached fact changes the trunk of host h1",
        )
        for how, expression, of_gateway in (
            ("in the expression", "hostvars[gateway].line", {}),
            ("in a template", "hostvars[gateway].lines", {"lines": ["{{ line }}"]}),
        )
    ),
    inventory(
        "a stored fact of another host beside the expression",
        {
            "inventory/01-hosts.yml": hosts(h1={"gateway": "gw"}, gw={"line": SICK}),
            "first.yml": [play({"poison": {}}, hosts="gw")],
            **returning(other=HEALTHY),
        },
        options={"trunk_id_from": "hostvars[gateway].line"},
        commands=("playbook -i inventory/01-hosts.yml first.yml", "playbook -i inventory deploy.yml"),
        env=FACT_CACHE,
        has_control=True,
    ),
    tasks(
        "a fact in the template of the address",
        {"poison": {}},
        _GATE,
        files=returning(url="@THIEF@"),
        keywords={"vars": {"url": "@URL@", "talkover_api_url": "{{ url | mandatory }}"}},
        message="talkover_api_url depends on a fact",
    ),
    tasks(
        "a fact that renames a host, and a lookup inside hostvars",
        {"poison": {}, "when": "inventory_hostname == 'h2'"},
        {
            **holds(f"(['h1', 'h2'] | map('extract', hostvars, 'trunk') | list){_IS_HEALTHY}"),
            "run_once": True,
        },
        files={
            **returning(inventory_hostname="h1"),
            "inventory": "h1\nh2\n",
            "group_vars/all.yml": {
                "ids": {"h1": HEALTHY, "h2": SICK},
                "trunk": "{{ lookup('talkover.voice.sip_trunk', ids[inventory_hostname]) }}",
            },
        },
        keywords={"hosts": "all"},
        message="inventory_hostname is also a fact",
    ),
    tasks(
        "facts with the names of options, with the module on the controller",
        {"poison": {}},
        {"talkover.voice.sip_trunk_info": {"trunk_id": SICK, "retries": 0}, "register": "result"},
        holds("result.healthy"),
        files=returning(api_url="@THIEF@", TALKOVER_API_URL="@THIEF@"),
        has_control=True,
    ),
    *(
        tasks(
            f"a fact that renames the host, {how}",
            {"poison": {}},
            *steps,
            files=returning(inventory_hostname="other"),
            keywords={"vars": {"ids": {"h1": SICK, "other": HEALTHY}}},
            message="inventory_hostname",
        )
        for how, steps in (
            ("the module", (ask(trunk_id="{{ ids[inventory_hostname] }}"), holds("result.healthy"))),
            ("the lookup", (holds(found("ID").replace("'ID'", "ids[inventory_hostname]") + _IS_HEALTHY),)),
        )
    ),
    tasks(
        "an empty fact", {"poison": {}}, gate(HEALTHY), files=returning(talkover_api_url=""), message="talkover_api_url"
    ),
)
