# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that are misspelled, of the wrong type, set twice or null, and addresses."""

from __future__ import annotations

from typing import Any

from ansible_collections.talkover.voice.tests.careless.row import (
    ABSENT,
    HEALTHY,
    OLD,
    SICK,
    Row,
    ask,
    found,
    gate,
    holds,
    inventory,
    tasks,
)

_HELD = holds("result.healthy")
_DEFAULTS = "talkover.voice.sip_trunk_info"


def _defaults(given: dict[str, Any], *, group: str = _DEFAULTS) -> dict[str, Any]:
    return {"module_defaults": {group: given}}


_UNKNOWN = {
    "max_health_age": "600",
    "max_heath_age": "600",
    "includes": "['live_health']",
    "detail": "false",
    "trunk_id": f"'{SICK}'",
    "validate_cert": "false",
    "missing": "true",
}

MISSPELLED = (
    *(tasks(f"the lookup with {name}", gate(OLD, **{name: value}), message=name) for name, value in _UNKNOWN.items()),
    tasks(
        "query with max_health_age",
        holds(f"query('talkover.voice.sip_trunk', '{OLD}', max_health_age=600) is talkover.voice.healthy"),
        message="max_health_age",
    ),
    *(
        inventory(
            f"the source with {name}",
            {"inventory/01-hosts.yml": {"pbx": {"hosts": {"h1": {"talkover_trunk_id": OLD}}}}},
            options={name: value},
            message=name,
            unchanged=False,
        )
        for name, value in {
            "max_heath_age": 600,
            "max-health-age": 600,
            "max_age": 600,
            "includes": ["live_health"],
        }.items()
    ),
    inventory(
        "the source with group for groups", options={"group": {"deployable": "true"}, "groups": {}}, message="groups"
    ),
    inventory(
        "the source with trunk_id for trunk_id_from", options={"trunk_id": f"'{HEALTHY}'"}, message="trunk_id_from"
    ),
    tasks("the module with max_heath_age", ask(trunk_id=OLD, max_heath_age=600), _HELD, message="max_heath_age"),
    # ansible-core 2.21 would compute the digits of such a number for hours.
    *(
        tasks(f"the module with a huge {name}", ask(**{"trunk_id": SICK, name: "1e999999999"}), _HELD, message=name)
        for name in ("retries", "max_connections", "max_health_age")
    ),
    tasks("the lookup with huge retries", gate(SICK, retries="'1e999999999'"), message="retries"),
    # Python's Decimal, which ansible-core calls, accepts underscores anywhere.
    tasks("the module with huge retries, with underscores", ask(trunk_id=SICK, retries="1__0e99999999"), _HELD),
    tasks("the lookup with huge retries, with underscores", gate(SICK, retries="'_1e99999999'")),
    tasks(
        "the lookup with huge retries of a variable",
        gate(SICK),
        keywords={"vars": {"talkover_retries": "1e999999999"}},
        message="retries",
    ),
    *(
        inventory(f"the source with a huge {name}", options={name: "1e999999999"}, message=name)
        for name in ("retries", "max_health_age")
    ),
    tasks("the test with another argument", holds(f"{found(OLD)} is talkover.voice.healthy(max_age=600)")),
    tasks(
        "the filter with another argument", holds(f"{found(OLD)} | talkover.voice.health_problems(max_age=600) == []")
    ),
)

_LIST, _ONE, _ALL = {"trunk_ids": [HEALTHY]}, {"trunk_id": HEALTHY}, {"all_trunks": True}
TWICE = (
    tasks(
        "module_defaults with trunk_id, a task with trunk_ids", ask(trunk_ids=[SICK]), _HELD, keywords=_defaults(_ONE)
    ),
    tasks("module_defaults with trunk_ids, a task with trunk_id", ask(trunk_id=SICK), _HELD, keywords=_defaults(_LIST)),
    tasks(
        "module_defaults with trunk_ids, a task with all_trunks", ask(all_trunks=True), _HELD, keywords=_defaults(_LIST)
    ),
    tasks(
        "module_defaults with trunk_id, a task with all_trunks", ask(all_trunks=True), _HELD, keywords=_defaults(_ONE)
    ),
    tasks("module_defaults with all_trunks, a task with trunk_id", ask(trunk_id=SICK), _HELD, keywords=_defaults(_ALL)),
    tasks(
        "module_defaults of the group, a task with trunk_ids",
        ask(trunk_ids=[SICK]),
        _HELD,
        keywords=_defaults(_ONE, group="group/talkover.voice.talkover"),
    ),
    tasks("trunk_id and trunk_ids in one task", ask(trunk_id=HEALTHY, trunk_ids=[SICK]), _HELD),
    tasks("none of them", ask(details=False), _HELD),
    tasks("a list as trunk_id", ask(trunk_id=[HEALTHY, SICK]), _HELD, message="trunk_ids"),
    tasks(
        "a template of a list as trunk_id",
        ask(trunk_id="{{ ids }}"),
        _HELD,
        keywords={"vars": {"ids": [HEALTHY, SICK]}},
        message="trunk_ids",
    ),
    tasks("a dictionary as trunk_id", ask(trunk_id={"id": HEALTHY}), _HELD),
    tasks("a text with a comma as trunk_ids", ask(trunk_ids=f"{HEALTHY},{SICK}"), _HELD),
    tasks("a text of a list as trunk_ids", ask(trunk_ids="['t-ok', 't-sick']"), _HELD),
    tasks("an empty list", ask(trunk_ids=[]), _HELD),
    tasks("an empty ID", ask(trunk_id=""), _HELD),
    tasks("an undefined ID", ask(trunk_id="{{ undefined_id }}"), _HELD),
    tasks("an undefined ID with a default of omit", ask(trunk_id="{{ undefined_id | default(omit) }}"), _HELD),
    tasks("a list that holds omit", ask(trunk_ids=["{{ undefined_id | default(omit) }}"]), _HELD),
    tasks("an ID of None", ask(trunk_id="{{ none }}"), _HELD),
    tasks("an absent trunk", ask(trunk_id=ABSENT), _HELD),
    tasks("an absent trunk with missing_ok", ask(trunk_ids=[HEALTHY, ABSENT], missing_ok=True), _HELD),
    tasks("a lookup without a term", gate()),
    tasks("a lookup of an empty list", holds("query('talkover.voice.sip_trunk', []) is talkover.voice.healthy")),
    tasks(
        "a lookup of an undefined ID",
        holds("lookup('talkover.voice.sip_trunk', undefined_id | default('')) is talkover.voice.healthy"),
    ),
    tasks(
        "a lookup of absent trunks with missing_ok",
        holds(f"query('talkover.voice.sip_trunk', '{ABSENT}', missing_ok=true) is talkover.voice.healthy"),
    ),
)

_AGE: dict[str, Any] = {"gate": {"max_age": None}}
NULL = (
    tasks("the test with none", holds(f"{found(OLD)} is talkover.voice.healthy(none)")),
    tasks(
        "the test with a null variable",
        holds(f"{found(OLD)} is talkover.voice.healthy(max_health_age=gate.max_age)"),
        keywords={"vars": _AGE},
    ),
    tasks("the filter with none", holds(f"{found(OLD)} | talkover.voice.health_problems(none) == []")),
    tasks(
        "the filter with a null variable",
        holds(f"{found(OLD)} | talkover.voice.health_problems(max_health_age=gate.max_age) == []"),
        keywords={"vars": _AGE},
    ),
    inventory(
        "the source with an empty age",
        {"inventory/01-hosts.yml": {"pbx": {"hosts": {"h1": {"talkover_trunk_id": OLD}}}}},
        options={"max_health_age": None},
        message="max_health_age",
    ),
    tasks(
        "the module with a null variable",
        ask(trunk_id=OLD, max_health_age="{{ gate.max_age }}"),
        _HELD,
        keywords={"vars": _AGE},
        message="max_health_age",
    ),
    tasks(
        "the module with mandatory",
        ask(trunk_id=OLD, max_health_age="{{ gate.age | mandatory }}"),
        _HELD,
        keywords={"vars": _AGE},
    ),
    tasks("the module with an age of a text", ask(trunk_id=OLD, max_health_age="ten minutes"), _HELD),
    tasks("the test with a negative age", holds(f"{found(OLD)} is talkover.voice.healthy(-1)")),
    tasks("the test with an age of a text", holds(f"{found(OLD)} is talkover.voice.healthy('x')")),
    tasks("the test with an undefined age", holds(f"{found(OLD)} is talkover.voice.healthy(undefined_age)")),
    tasks("the module with an age", ask(trunk_id=OLD, max_health_age=600), _HELD),
)

# An address that is not in use. A proxy on the loopback is the user's own and may be used.
_FOREIGN = "http://192.0.2.1:9"
ADDRESSES = (
    tasks(
        "HTTP:// in capitals, and a proxy",
        gate(SICK, api_url="'@URL@' | replace('http', 'HTTP')"),
        env={"http_proxy": _FOREIGN, "HTTP_PROXY": _FOREIGN},
        has_control=True,
    ),
    tasks(
        "Http:// with a capital, and a proxy for all",
        ask(trunk_id=SICK, api_url="{{ '@URL@' | replace('http', 'Http') }}"),
        _HELD,
        env={"all_proxy": _FOREIGN, "http_proxy": _FOREIGN},
        has_control=True,
    ),
    tasks(
        "HTTP:// of a host that is not the loopback",
        gate(SICK, api_url="'HTTP://talkover.example/api/v1'"),
        message="https",
    ),
    tasks(
        "HTTPS:// in capitals, an unknown authority",
        gate(HEALTHY, api_url="'@URL@' | replace('https', 'HTTPS')"),
        tls=True,
        message="[Cc]ertificate",
    ),
    tasks(
        "HTTPS:// in capitals, an unknown authority, the module",
        ask(trunk_id=HEALTHY, api_url="{{ '@URL@' | replace('https', 'HTTPS') }}"),
        _HELD,
        tls=True,
        message="[Cc]ertificate",
    ),
    tasks(
        "HttpS://, an unknown authority",
        gate(HEALTHY, api_url="'@URL@' | replace('https', 'HttpS')"),
        tls=True,
        message="[Cc]ertificate",
    ),
    tasks(
        "HTTPS:// in capitals, validate_certs false",
        gate(SICK, api_url="'@URL@' | replace('https', 'HTTPS')", validate_certs="false"),
        tls=True,
        has_control=True,
    ),
    tasks(
        "HTTPS:// in capitals, a ca_path that is not there",
        gate(HEALTHY, api_url="'@URL@' | replace('https', 'HTTPS')", ca_path="'/no/such.pem'"),
        tls=True,
        message="/no/such.pem",
    ),
    tasks(
        "an address with user and password",
        gate(SICK, api_url="'@THIEF@' | replace('//', '//user:word@')"),
        message="api_url",
    ),
)

ROWS: tuple[Row, ...] = (*MISSPELLED, *TWICE, *NULL, *ADDRESSES)
