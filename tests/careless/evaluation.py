# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text of the API in every statement that evaluates, through everything that gives it to a play.

Each text is alone in what it comes with: where several texts meet in one result, one that is marked can cover for one
that is not. A play loops over the forms, so that a row costs one run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.talkover.voice.tests.careless.row import CANARY, Play, Row, ask, inventory, play, tasks

# In parts, so that an excerpt of the play in an error is not taken for the value.
_CANARY = f"{{{{ '{CANARY[:9]}' ~ '{CANARY[9:]}' }}}}"
CANARIES: dict[str, Any] = {"canary": _CANARY, "canaries": {"value": _CANARY}}
FORMS = {
    "a template": "{{ lookup('pipe', 'touch @HOME@/evaluated-template') }}",
    "a call": "lookup('pipe', 'touch @HOME@/evaluated-call')",
    "a variable": "canary",
    "an attribute": "canaries.value",
    "a number": "1",
    "a keyword": "true",
    "a call with a filter": 'lookup("pipe", "touch @HOME@/evaluated-filter") | default(true)',
    "not": "not false",
    "a comparison": "1 == 1",
    "raw": "{% raw %}canary{% endraw %}",
    "a statement": "{% set x = lookup('pipe', 'touch @HOME@/evaluated-statement') %}",
    "a comment": "{# canary",
    # Short, because messages quote only the start of a value.
    "a variable in a template": "{{ canary }}",
}
# What Ansible evaluates in a text that begins with a name, or holds one.
_LEADING = {
    "an end of a statement": "lookup('pipe', 'touch @HOME@/evaluated-end') %}",
    "a header of template options": (
        "#jinja2:variable_start_string:'[[',variable_end_string:']]',"
        """x:[[ lookup("pipe","touch @HOME@/evaluated-header; :") ]],x:x"""
    ),
    "a header of template options, in the rest of which the text is": (
        "#jinja2:variable_start_string:'[[',variable_end_string:']]',x:0 #"
    ),
}
_HEADED = """a:[[ lookup("pipe","touch @HOME@/evaluated-headed; :") ]]"""
FIELDS = (
    "name",
    "provider_name",
    "domain",
    "username",
    "transport",
    "outbound_proxy",
    "auth_realm",
    "created_at",
    "updated_at",
    "last_health_check_at",
    "health_status",
    "unknown_field",
)
_FORMED = tuple({"id": f"f{number}", "name": text} for number, text in enumerate(FORMS.values()))
# Routes that differ little from another one use the six basic forms, because these rows take the longest.
_BASIC = _FORMED[:6]
_COUNT = "{{ range(%d) | list }}"


def statements(text: str, count: int, *, brief: bool = False) -> list[Play]:
    """Write a task for each statement that evaluates, with a loop over the texts.

    :param text: an expression for one of them, of C(item).
    :param brief: whether to write only one statement of each kind.
    """
    template = f"{{{{ {text} }}}}"
    ran: Play = {"ansible.builtin.debug": {"msg": "{{ 'RA' ~ 'N ' ~ item }}"}}
    quiet: Play = {"ansible.builtin.debug": {"msg": "x"}}
    passed = {"success_msg": "{{ 'RA' ~ 'N ' ~ item }}"}
    steps: list[Play] = [
        {**ran, "when": template},
        {**quiet, "when": text},
        {"ansible.builtin.assert": {"that": template, **passed}},
        {"ansible.builtin.debug": {"var": template}},
        {"ansible.builtin.debug": {"msg": "{{ twice }}"}, "vars": {"again": template, "twice": "{{ again }}"}},
        {"ansible.builtin.set_fact": {"kept": template}},
        {**quiet, "when": "{{ kept | default('') }}"},
    ]
    if brief:
        return [{"ignore_errors": True, "loop": _COUNT % count, **step} for step in steps]
    steps += [
        {**ran, "when": [template, "true"]},
        {**quiet, "when": "again", "vars": {"again": template}},
        {**quiet, "failed_when": template},
        {**quiet, "failed_when": text},
        {**quiet, "changed_when": template},
        {**quiet, "until": template, "retries": 1, "delay": 0},
        {"ansible.builtin.assert": {"that": [template], "fail_msg": template, **passed}},
        {"ansible.builtin.assert": {"that": ["again"]}, "vars": {"again": template}},
        {"ansible.builtin.debug": {"var": text}},
        {"ansible.builtin.debug": {"msg": template}},
        {"ansible.builtin.debug": {"msg": "{{ again }}"}, "vars": {"again": template}},
        {"ansible.builtin.debug": {"msg": "{{ kept | default('') }}"}},
        {"ansible.builtin.debug": {"msg": "{{ lookup('template', 'text.j2') }}"}, "vars": {"again": template}},
        {"ansible.builtin.debug": {"msg": "{{ lookup('ansible.builtin.list', again) }}"}, "vars": {"again": template}},
        {**quiet, "ignore_errors": template},
        {**quiet, "name": template},
        {**quiet, "environment": {"X": template}},
        {"ansible.builtin.debug": {"msg": "x", "verbosity": template}},
        {"ansible.builtin.set_fact": {"more": {"again": template}}},
        {"ansible.builtin.debug": {"msg": "{{ more.again | default('') }}"}},
    ]
    looped = [{"ignore_errors": True, "loop": _COUNT % count, **step} for step in steps]
    # What a loop itself makes of a text.
    inner = [
        {**ran, "when": "{{ one }}"},
        {"ansible.builtin.debug": {"var": "{{ one }}"}},
        {"ansible.builtin.debug": {"msg": "{{ one }}"}},
    ]
    for step in inner:
        for words in ({"loop": f"{{{{ [{text}] }}}}"}, {"with_items": [template]}):
            each = {**step, **words, "loop_control": {"loop_var": "one"}, "vars": {"item": 0}, "ignore_errors": True}
            looped += [{**each, "vars": {"item": number}} for number in range(min(count, 4))]
    return looped


_TEMPLATE_FILE = {"text.j2": "{{ again }}"}


def route(
    name: str,
    text: str,
    *first: Play,
    trunks: tuple[dict[str, Any], ...] = _FORMED,
    brief: bool = True,
    **row: Any,
) -> Row:
    """Write a row for a way on which texts come into a play.

    How a text arrives and how a statement evaluates it are independent. So only the main ways use all statements.
    """
    steps = statements(text, len(trunks), brief=brief)
    files = {**_TEMPLATE_FILE, "deploy.yml": [play(*first, *steps, vars=CANARIES)]}
    return tasks(name, files={**files, **row.pop("files", {})}, trunks=trunks, **row)


def _fielded(field: str, text: str) -> dict[str, Any]:
    return {"id": f"field-{field}", "name": "n", field: text}


def fields(form: str) -> tuple[dict[str, Any], ...]:
    """Give trunks of which each has one field of that form."""
    made = [_fielded(field, FORMS[form].replace("evaluated", f"evaluated-{field}")) for field in FIELDS]
    live = {"is_healthy": False, "error": FORMS[form]}
    return (*made, {"id": "field-live", "live": live, "dids": [{"id": "d", "number": FORMS[form]}]})


_FIELD_AT = f"({list(FIELDS)} + ['live'])[item]"


def _hosts(trunks: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    given = {f"n{number}": {"talkover_trunk_id": trunk["id"]} for number, trunk in enumerate(trunks)}
    return {"all": {"hosts": {"h1": {}, **given}}}


def _inventory(
    name: str, text: str, trunks: tuple[dict[str, Any], ...] = _FORMED, *, brief: bool = True, **options: Any
) -> Row:
    plays = [play(*statements(text, len(trunks), brief=brief), vars=CANARIES)]
    files = {"inventory/01-hosts.yml": _hosts(trunks), "deploy.yml": plays, **_TEMPLATE_FILE}
    return inventory(name, files, options={"groups": {}, **options}, trunks=trunks)


def _used_once(template: str) -> list[Play]:
    return [
        {"ansible.builtin.debug": {"msg": template}},
        {"ansible.builtin.debug": {"msg": "Of {{ made }}"}, "vars": {"made": template}},
        {
            "ansible.builtin.assert": {"that": "made is not defined", "fail_msg": "{{ made }}"},
            "vars": {"made": template},
        },
    ]


def _used_again(template: str) -> list[Play]:
    return [
        {"ansible.builtin.set_fact": {"made": template}},
        {"ansible.builtin.debug": {"msg": "{{ made }}"}},
        {"ansible.builtin.include_tasks": "passed.yml", "vars": {"passed": template}},
        {"ansible.builtin.debug": {"msg": "{{ one }}"}, "loop": [template], "loop_control": {"loop_var": "one"}},
        {"ansible.builtin.debug": {"msg": "x"}, "environment": {"X": template}, "name": template},
    ]


def _in_conditions(template: str) -> list[Play]:
    return [
        {"ansible.builtin.debug": {"msg": "{{ 'RA' ~ 'N ' }}"}, "when": template},
        {"ansible.builtin.set_fact": {"made": template}},
        {"ansible.builtin.debug": {"msg": "{{ 'RA' ~ 'N ' }}"}, "when": "{{ made }}"},
    ]


def _from_hostvars(
    name: str,
    text: str,
    trunks: tuple[dict[str, Any], ...],
    *uses: Callable[[str], list[Play]],
    **options: Any,
) -> Row:
    """Write a row for a text that a filter makes from the variables of another host.

    ansible-core 2.18 and older forget there that the text is unsafe, and evaluate it when a play uses it again.
    """
    steps = [
        {"ignore_errors": True, **step, "vars": {"item": number, **step.get("vars", {})}}
        for number in range(len(trunks))
        for use in uses
        for step in use(f"{{{{ {text} }}}}")
    ]
    files = {
        "inventory/01-hosts.yml": _hosts(trunks),
        "deploy.yml": [play(*steps, vars=CANARIES)],
        "passed.yml": [{"ansible.builtin.set_fact": {"made": "{{ passed }}"}}, *_used_once("{{ made }}")[:1]],
    }
    return inventory(name, files, options={"groups": {}, **options}, trunks=trunks)


_EACH = {**ask(trunk_id="{{ 'f' ~ item }}"), "loop": _COUNT % len(FORMS), "ignore_errors": True}
_EACH_BASIC = {**_EACH, "loop": _COUNT % len(_BASIC)}
_NATIVE = {"ANSIBLE_JINJA2_NATIVE": "1"}
_ID_TRUNKS = tuple({"id": trunk["name"], "name": "n", "health_status": "unhealthy"} for trunk in _BASIC)
_HIDDEN = "hostvars['n' ~ item]"
_NAMES = "['n' ~ item] | map('extract', hostvars, 'talkover_trunk') | map(attribute='name') | join(', ')"
_UNHEALTHY = tuple({**trunk, "health_status": trunk["name"]} for trunk in _FORMED)
_LED = tuple(
    {"id": f"l{number}", "name": text, "live": {"is_healthy": False, "error": _HEADED}}
    for number, text in enumerate((*_LEADING.values(), *FORMS.values()))
)
_LOOKED = "lookup('talkover.voice.sip_trunk', 'f' ~ item).name"
_FIELD_LOOKUP = f"lookup('talkover.voice.sip_trunk', 'field-' ~ {_FIELD_AT}, include=['live_health', 'dids'])"
_LIVE_LOOKUP = _FIELD_LOOKUP.replace(_FIELD_AT, repr("live"))

ROWS: tuple[Row, ...] = (
    route("the module's result", "result.results[item].trunk.name", _EACH, brief=False),
    route(
        "the module's result, in a loop without a loop",
        "result.results[item].trunks[0].name",
        _EACH_BASIC,
        trunks=_BASIC,
    ),
    route("the module's result, native", "result.results[item].trunk.name", _EACH_BASIC, trunks=_BASIC, env=_NATIVE),
    route("the lookup", _LOOKED, brief=False),
    route("the lookup, native", _LOOKED, trunks=_BASIC, env=_NATIVE),
    route("query", "query('talkover.voice.sip_trunk', 'f' ~ item)[0].name", trunks=_BASIC),
    route(
        "query of all trunks",
        f"(query('talkover.voice.sip_trunk', all_trunks=true)[item - {len(_BASIC)}]).name",
        trunks=_BASIC,
    ),
    route("the lookup, summaries", "lookup('talkover.voice.sip_trunk', 'f' ~ item, details=false).name", trunks=_BASIC),
    route(
        "the lookup, IDs",
        f"(query('talkover.voice.sip_trunk', all_trunks=true)[item - {len(_BASIC)}]).id",
        trunks=_ID_TRUNKS,
    ),
    route(
        "the module's result, IDs", f"result.trunks[item - {len(_BASIC)}].id", ask(all_trunks=True), trunks=_ID_TRUNKS
    ),
    route(
        "the module's result, IDs of problems",
        f"(result.problems | list)[item - {len(_BASIC)}]",
        ask(all_trunks=True),
        trunks=_ID_TRUNKS,
    ),
    route(
        "the problems of the filter",
        "(lookup('talkover.voice.sip_trunk', 'f' ~ item) | talkover.voice.health_problems + ['x'])[0]",
        trunks=tuple({**trunk, "health_status": trunk["name"]} for trunk in _BASIC),
    ),
    route(
        "the problems of a list, which begin with a name",
        "([lookup('talkover.voice.sip_trunk', 'f' ~ item)] | talkover.voice.health_problems + ['x'])[0]",
        trunks=tuple({**trunk, "health_status": "unhealthy"} for trunk in _BASIC),
    ),
    *(
        route(
            f"each field of the lookup, {form}",
            f"({_FIELD_LOOKUP})[{_FIELD_AT} if {_FIELD_AT} != 'live' else 'name']",
            trunks=fields(form),
        )
        for form in ("a template", "a call", "a variable")
    ),
    *(
        route(
            f"live checks and numbers, {form}",
            f"[{_LIVE_LOOKUP}.live_health.error, {_LIVE_LOOKUP}.dids[0].number][item % 2]",
            trunks=fields(form)[-2:],
        )
        for form in ("a template", "a call", "a variable")
    ),
    _inventory("the inventory's variables", f"{_HIDDEN}.talkover_trunk.name", brief=False),
    _inventory("the inventory's list", f"{_HIDDEN}.talkover_trunks[0].name", _BASIC),
    _inventory(
        "what the source composes",
        f"{_HIDDEN}.carrier",
        _BASIC,
        brief=False,
        compose={"carrier": "talkover_trunk.name"},
    ),
    _inventory(
        "what the source composes of several",
        f"{_HIDDEN}.carrier",
        _BASIC,
        compose={"carrier": "talkover_trunk.name ~ ''"},
    ),
    _inventory(
        "what the source composes of a list",
        f"{_HIDDEN}.carriers[0]",
        _BASIC,
        compose={"carriers": "talkover_trunks | map(attribute='name') | list"},
    ),
    _inventory(
        "what the source composes, joined",
        f"{_HIDDEN}.carriers",
        _BASIC,
        compose={"carriers": "talkover_trunks | map(attribute='name') | join(', ')"},
    ),
    _inventory(
        "the inventory's problems",
        f"(({_HIDDEN}.talkover_problems.values() | list) + [['x']])[0][0]",
        tuple({**trunk, "health_status": trunk["name"]} for trunk in _BASIC),
    ),
    *(
        _inventory(
            f"each field of the inventory, {form}",
            f"{_HIDDEN}.talkover_trunk[{_FIELD_AT} if {_FIELD_AT} != 'live' else 'name']",
            fields(form),
        )
        for form in ("a template", "a call", "a variable")
    ),
    _from_hostvars(
        "the inventory's problems, joined",
        f"{_HIDDEN}.talkover_problems.values() | flatten | join(' ')",
        _UNHEALTHY,
        _used_again,
        _in_conditions,
    ),
    _from_hostvars(
        "the problems of the filter, joined",
        f"{_HIDDEN}.talkover_trunk | talkover.voice.health_problems | join(' ')",
        _UNHEALTHY,
        _used_again,
        _in_conditions,
    ),
    _from_hostvars(
        "the problems of a list, joined",
        f"[{_HIDDEN}.talkover_trunk, {_HIDDEN}.talkover_trunk] | talkover.voice.health_problems | join(' ')",
        _LED,
        _used_again,
        _in_conditions,
        include="live_health",
    ),
    # The limit in the guide on reliability, and what to do.
    _from_hostvars(
        "names from hostvars, joined, on ansible-core 2.19 and newer",
        f"({_NAMES}) if ansible_version.full is version('2.19', '>=') else ''",
        _LED,
        _used_again,
        _in_conditions,
    ),
    _from_hostvars("names from hostvars, joined, in the task that needs them", _NAMES, _LED, _used_once),
    _from_hostvars(
        "names from hostvars, joined, without braces and number signs",
        f"{_NAMES} | regex_replace('[{{}}#]', '')",
        _LED,
        _used_once,
        _used_again,
    ),
    _inventory("summaries in the inventory", f"{_HIDDEN}.talkover_trunk.name", _BASIC, details=False),
)
