# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of the wrong type, and tokens near an error: none is printed."""

from __future__ import annotations

from typing import Any

from ansible_collections.talkover.voice.tests.careless.row import HEALTHY, Row, ask, gate, holds, inventory, tasks

_HELD = holds("result.healthy")
# Never as a literal: ansible-core 2.21 prints the lines of a play around an error itself.
_TOKEN = "lookup('ansible.builtin.env', 'TALKOVER_TOKEN')"
_HIDDEN: dict[str, str] = {
    "a list": f"[{_TOKEN}]",
    "a list of query()": "query('ansible.builtin.env', 'TALKOVER_TOKEN')",
    "a dictionary": f"{{'token': {_TOKEN}}}",
    "a list in a list": f"[[{_TOKEN}]]",
    "a list in a dictionary in a list": f"[{{'a': [{_TOKEN}]}}]",
    "a text with a line feed": f"{_TOKEN} ~ '\\n' ~ 'x'",
    "a text with white space inside": f"{_TOKEN} ~ ' x'",
    "a text that is not ASCII": f"{_TOKEN} ~ 'é'",
}


def _variable(value: Any) -> dict[str, Any]:
    return {"vars": {"talkover_api_token": value}}


ROWS: tuple[Row, ...] = (
    *(tasks(f"api_token of the lookup: {name}", gate(HEALTHY, api_token=text)) for name, text in _HIDDEN.items()),
    *(
        tasks(
            f"api_token of the module: {name}",
            ask(trunk_id=HEALTHY, api_token=f"{{{{ {text} }}}}"),
            commands=("playbook -vvv -i inventory deploy.yml",),
        )
        for name, text in _HIDDEN.items()
        if "list" not in name and "dict" not in name
    ),
    tasks(
        "api_token of the module, misspelled",
        ask(trunk_id=HEALTHY, api_tokn=f"{{{{ {_TOKEN} }}}}"),
        keywords={"vars": {"ansible_inject_invocation": True}},
        commands=("playbook -vvv -i inventory deploy.yml",),
        message="api_tokn",
    ),
    *(
        tasks(f"talkover_api_token: {name}", gate(HEALTHY), keywords=_variable(f"{{{{ {text} }}}}"))
        for name, text in _HIDDEN.items()
    ),
    tasks(
        "talkover_api_token: a dictionary in YAML", gate(HEALTHY), keywords=_variable({"token": f"{{{{ {_TOKEN} }}}}"})
    ),
    tasks("talkover_api_token: a list in YAML", gate(HEALTHY), keywords=_variable([f"{{{{ {_TOKEN} }}}}"])),
    tasks(
        "talkover_api_token: the wrong name in a template",
        gate(HEALTHY),
        keywords=_variable(f"{{{{ {_TOKEN} | no_such_filter }}}}"),
    ),
    *(
        inventory(
            f"api_token of the source: {name}",
            options={"api_token": text},
            commands=(f"inventory {flag} -i inventory --list",),
        )
        for name, text in {
            "a comment that does not end": "@TOKEN@{#",
            "a template that does not end": "@TOKEN@{{",
            "a list": ["@TOKEN@"],
            "a dictionary": {"token": "@TOKEN@"},
            "an undefined variable": "@TOKEN@{{ nothing_here }}",
        }.items()
        for flag in ("-v",)
    ),
    inventory(
        "a token in the source, in the line before an error",
        {"inventory/99-talkover.yml": "plugin: talkover.voice.sip_trunks\napi_token: @TOKEN@\nmax_heath_age: 5\n"},
        message="max_heath_age",
    ),
    inventory(
        "a token in the source, in the line before a wrong value",
        {"inventory/99-talkover.yml": "plugin: talkover.voice.sip_trunks\napi_token: @TOKEN@\nretries: many\n"},
    ),
    inventory(
        "a token in the source, in the line before YAML that is none",
        {"inventory/99-talkover.yml": "plugin: talkover.voice.sip_trunks\napi_token: tok_of_nobody\n  x: [\n"},
    ),
    inventory(
        "a token in the source, and a source without a trunk",
        {
            "inventory/99-talkover.yml": "plugin: talkover.voice.sip_trunks\napi_token: @TOKEN@\n"
            "retries: 0\ngroups: {deployable: talkover_healthy}\n"
        },
        has_control=True,
        commands=("playbook -vvvv -i inventory deploy.yml",),
    ),
)
