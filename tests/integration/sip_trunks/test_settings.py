# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the options come from, and what the cache keeps."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN
from ansible_collections.talkover.voice.tests.integration.sip_trunks.inventory import (
    DEPLOYABLE,
    OURS,
    Inventory,
    asked,
    assert_failed,
    members,
    variables,
)


def test_options_of_the_connection_may_be_templates(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source(
        api_token="{{ lookup('ansible.builtin.env', 'ELSEWHERE') }}",
        api_url="{{ service }}/",
        timeout="{{ 5 }}",
        validate_certs="{{ 1 == 1 }}",
        **DEPLOYABLE,
    )
    env = {"TALKOVER_TOKEN": "", "TALKOVER_API_URL": "", "ELSEWHERE": TOKEN}
    listed, said = inventory.listed("-e", json.dumps({"service": emulator.url}), "-vvvv", **env)
    assert members(listed, "deployable") == ["pbx1"], said
    inventory.source(api_token="{{ lookup('ansible.builtin.env', 'ELSEWHERE') }}", timeout="{{ nothing }}")
    listed, said = inventory.listed(**env)
    assert "timeout cannot be rendered" in said
    assert "Traceback" not in said
    assert not OURS & set(variables(listed, "pbx1"))


def test_options_of_the_connection_may_be_extra_variables(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source(**DEPLOYABLE)
    extra = {
        "talkover_api_token": "{{ lookup('ansible.builtin.env', 'ELSEWHERE') }}",
        "talkover_api_url": emulator.url,
        "talkover_validate_certs": "yes",
    }
    listed = inventory.show("-e", json.dumps(extra), TALKOVER_TOKEN="", TALKOVER_API_URL="", ELSEWHERE=TOKEN)
    assert members(listed, "deployable") == ["pbx1"]


def test_a_token_from_the_vault(inventory: Inventory) -> None:
    run = inventory.run
    password = run.home / "password"
    password.write_text("correct horse", encoding="utf-8")
    vault = ("--vault-password-file", str(password))
    code, secret = run("vault", "encrypt_string", *vault, "--name", "api_token", TOKEN)
    assert code == 0, secret
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.write(
        "99-talkover.yml",
        yaml.safe_dump({"plugin": "talkover.voice.sip_trunks", **DEPLOYABLE}) + secret[secret.index("api_token") :],
    )
    assert members(inventory.show(*vault, TALKOVER_TOKEN=""), "deployable") == ["pbx1"]
    # The same as a file of variables.
    inventory.source(**DEPLOYABLE)
    extra = run.home / "extra.yml"
    extra.write_text("talkover_" + secret[secret.index("api_token") :], encoding="utf-8")
    listed = inventory.show("-e", f"@{extra}", *vault, TALKOVER_TOKEN="")
    assert members(listed, "deployable") == ["pbx1"]


def test_a_token_that_is_not_set(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source(**DEPLOYABLE)
    assert_failed(*inventory.listed(TALKOVER_TOKEN=""), "api_token is empty")
    del inventory.run.env["TALKOVER_TOKEN"]
    assert_failed(*inventory.listed(), "api_token")
    assert_failed(*inventory.listed(TALKOVER_TOKEN="talq_of_somebody_else"), "The API returned 401 Unauthorized")
    assert {request.status for request in emulator.requests} == {401}


def test_the_cache_is_asked_first(inventory: Inventory, emulator: Emulator) -> None:
    kept = inventory.run.home / "kept"
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"talkover_trunk_id": "trunk-sick"}})
    options: dict[str, Any] = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(kept),
        **DEPLOYABLE,
    }
    inventory.source(**options)

    def requests(*arguments: str, **env: str) -> int:
        before = len(emulator.requests)
        listed, said = inventory.listed(*arguments, **env)
        assert members(listed, "deployable") == ["pbx1"], said
        assert 'must be "healthy"' in str(variables(listed, "pbx2")["talkover_problems"])
        return len(emulator.requests) - before

    assert requests() == 2
    assert requests() == 0
    # Older versions of ansible-inventory have no such option.
    flushed = inventory.play([{"hosts": "deployable", "tasks": [{"ping": {}}]}], "--flush-cache", "--syntax-check")
    assert flushed.code == 0, flushed.output
    assert len(emulator.requests) == 4
    (file,) = kept.iterdir()
    whole = file.read_text(encoding="utf-8")
    for damaged in ("", whole[:100], "[]", "{}", '{"trunk-healthy": {"id": "trunk-sick"}, "trunk-sick": null}'):
        file.write_text(damaged, encoding="utf-8")
        assert requests() == 2
    assert requests() == 0

    # An answer that was kept grows old like any other.
    file.write_text(re.sub(r"(last_health_check_at\W+)\d{4}", r"\g<1>2020", whole), encoding="utf-8")
    inventory.source(max_health_age=600, **options)
    assert members(inventory.show(), "deployable") == []


def test_the_cache_is_kept_apart_by_token_and_service(inventory: Inventory, emulator: Emulator) -> None:
    kept = inventory.run.home / "kept"
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    options: dict[str, Any] = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(kept),
        **DEPLOYABLE,
    }
    inventory.source(**options)
    assert members(inventory.show(), "deployable") == ["pbx1"]
    other = "talq_of_another_environment"
    with Emulator(token=other) as service:
        service.trunks["trunk-healthy"]["is_active"] = False
        assert members(inventory.show(TALKOVER_API_URL=service.url, TALKOVER_TOKEN=other), "deployable") == []
        assert asked(service) == {"/trunk-healthy": 1}
    # The same address with another token asks, and is refused.
    assert_failed(*inventory.listed(TALKOVER_TOKEN=other), "The API returned 401 Unauthorized")
    inventory.source(include="live_health", max_health_age=60, **options)
    inventory.show()
    assert asked(emulator) == {"/trunk-healthy": 3, "/trunk-healthy/health": 1}
    assert not any(other.encode() in file.read_bytes() for file in kept.iterdir())


def test_an_inventory_that_is_refreshed_asks_again(inventory: Inventory, emulator: Emulator) -> None:
    emulator.trunks["trunk-healthy"]["changes"] = [{"is_active": False}, {"is_active": True}]
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    kept = inventory.run.home / "kept"
    inventory.source(cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection=str(kept), **DEPLOYABLE)
    show = {"debug": {"msg": "{{ inventory_hostname }} healthy: {{ talkover_healthy }}"}}
    outcome = inventory.play(
        [
            {"hosts": "pbx", "tasks": [show, {"meta": "refresh_inventory"}]},
            {"hosts": "deployable", "tasks": [show]},
        ]
    )
    assert outcome.code == 0, outcome.output
    assert outcome.output.count("pbx1 healthy: False") == 1
    assert outcome.output.count("pbx1 healthy: True") == 1
    assert asked(emulator) == {"/trunk-healthy": 2}
