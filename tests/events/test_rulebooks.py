# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the rulebooks of the collection, and show that text of the API is only data in a playbook that they start."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._text import neutralize, sanitize
from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration import pages

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "events"
# Each run of a playbook takes seconds, and in this number of them each text is in two of three places.
RUNS = 3


@pytest.fixture
def inventory(rulebook: Any) -> str:
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = dict.fromkeys(("localhost", "pbx-1", "pbx-2", "pbx-3"), local)
    return str(rulebook.write("inventory.yml", {"all": {"hosts": hosts}}))


def test_a_sick_trunk_starts_a_playbook_on_its_hosts(rulebook: Any, emulator: Emulator) -> None:
    for name in ("incident.yml", "vars.yml", "hosts.yml"):
        shutil.copy(EXAMPLES / name, rulebook.home)
    variables = str(rulebook.write("fast.yml", {"talkover_interval": 1}))
    both = (rulebook.home / "vars.yml").read_text("utf-8") + (rulebook.home / variables).read_text("utf-8")
    (rulebook.home / "vars.yml").write_text(both, encoding="utf-8")
    with rulebook.running("-r", "talkover.voice.incident", "-i", "hosts.yml", "--vars", "vars.yml") as wait_for:
        wait_for("PLAY RECAP")
        wait_for("pbx-houston-3")
    assert "Trunk Backup Carrier — São Paulo of pbx-houston-2: is_verified is false" in rulebook.printed
    assert "Trunk Backup Carrier — São Paulo of pbx-houston-3" in rulebook.printed
    assert "of pbx-houston-1" not in rulebook.printed
    assert "of localhost" not in rulebook.printed


def test_the_rulebook_of_the_guide(rulebook: Any, emulator: Emulator, inventory: str) -> None:
    guide = pages.files("guide_events.rst")
    for name in ("trunks.yml", "incident.yml"):
        text = guide[name].replace("interval: 60", "interval: 1")
        (rulebook.home / name).write_text(text, encoding="utf-8")
    with rulebook.running("-r", "trunks.yml", "-i", inventory) as wait_for:
        wait_for("Backup Carrier — São Paulo: is_verified is false, but must be true.")
        wait_for("PLAY RECAP")
        wait_for("pbx-3")
        emulator.trunks["trunk-sick"] |= {"is_verified": True, "health_status": "healthy"}
        wait_for("Backup Carrier — São Paulo is healthy again.")
    assert "ok: [pbx-1]" not in rulebook.printed


def test_recovery_is_announced(rulebook: Any, emulator: Emulator, inventory: str) -> None:
    variables = str(rulebook.write("vars.yml", {"talkover_interval": 1}))
    with rulebook.running("-r", "talkover.voice.announce", "-i", inventory, "--vars", variables) as wait_for:
        wait_for("Backup Carrier — São Paulo is sick since")
        emulator.trunks["trunk-sick"] |= {"is_verified": True, "health_status": "healthy"}
        wait_for("Backup Carrier — São Paulo is healthy again since")
        emulator.close()
        wait_for("The health of Backup Carrier — São Paulo is unknown.")
    assert "Primary Carrier — US is sick" not in rulebook.printed


def attacks(pwned: Path) -> list[str]:
    call = f"lookup('ansible.builtin.pipe', 'touch {pwned}')"
    # A power takes hours, and a header or a vaulted text would end the playbook with an error.
    return ["9**999999999", call, f"#jinja2: ' or {call} or '", f"$ANSIBLE_VAULT;1.1;AES256 {{{{ {call} }}}}"]


# How a careless playbook may use a text: print it, and evaluate it in each way that Ansible has.
CARELESS = ["name", "trunk_id", "problems[0]"]
USES = ["TEXT", "'TEXT' == 'x'", '"TEXT" == "x"', "TEXT == 1"]


def template(expression: str) -> str:
    return f"{{{{ {expression} }}}}"


def careless_playbook(record: Path) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = []
    for field in CARELESS:
        text = template(f"ansible_eda.event.talkover.{field}")
        tasks += [
            {"ansible.builtin.debug": {"msg": text}},
            {"ansible.builtin.set_fact": {"again": text}},
            {"ansible.builtin.debug": {"msg": template("again")}},
        ]
        for use in USES:
            when, that = use.replace("TEXT", text), use.replace("TEXT", template("again"))
            tasks.append({"ansible.builtin.debug": {"msg": "evaluated"}, "when": when, "ignore_errors": True})
            tasks.append({"ansible.builtin.debug": {"msg": "evaluated"}, "when": that, "ignore_errors": True})
    seen = template("[ansible_eda.event.talkover, from_rulebook] | to_json")
    path = f"{record}/{template('ansible_eda.event.talkover.id')}"
    tasks.append({"ansible.builtin.copy": {"content": seen, "dest": path}})
    return [{"hosts": "all", "gather_facts": False, "tasks": tasks}]


def test_text_of_the_api_is_only_data(rulebook: Any, emulator: Emulator, inventory: str, tmp_path: Path) -> None:
    pwned, record = tmp_path / "pwned", tmp_path / "record"
    record.mkdir()
    texts = attacks(pwned)
    emulator.trunks.clear()
    for number in range(RUNS):
        name, trunk_id, status = (texts[(number + place) % len(texts)] for place in range(3))
        emulator.trunks[trunk_id] = {"id": trunk_id, "name": name, "health_status": status}
    # The token from a variable of the rulebook, which must not be printed either.
    args = {"all_trunks": True, "interval": 1, "api_token": template("TALKOVER_TOKEN")}
    source = {"talkover.voice.sip_trunk_health": args}
    extra = {"from_rulebook": {key: template(f"event.talkover.{key}") for key in ("name", "trunk_id", "problems")}}
    action = {"run_playbook": {"name": rulebook.write("careless.yml", careless_playbook(record)), "extra_vars": extra}}
    rule = {"name": "Sick", "condition": 'event.talkover.event == "sick"', "action": action}
    rules = rulebook.write("rules.yml", [{"name": "Careless", "hosts": "all", "sources": [source], "rules": [rule]}])
    hosts = {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}}
    one = rulebook.write("one.yml", hosts)
    with rulebook.running("-r", rules, "-i", one, "--env-vars", "TALKOVER_TOKEN") as wait_for:
        for _event in range(RUNS):
            wait_for("PLAY RECAP")
    assert not pwned.exists()
    assert '"msg": "evaluated"' not in rulebook.printed
    seen = [json.loads(path.read_text("utf-8")) for path in record.iterdir()]
    assert len(seen) == RUNS, rulebook.printed
    for event, from_rulebook in seen:
        assert (event["name"], event["trunk_id"]) == (from_rulebook["name"], from_rulebook["trunk_id"])
        assert event["problems"] == from_rulebook["problems"]
    assert {event["name"] for event, _again in seen} == {neutralize(sanitize(text)) for text in texts[:RUNS]}


def test_a_wrong_argument_ends_ansible_rulebook(rulebook: Any, inventory: str) -> None:
    source = {"talkover.voice.sip_trunk_health": {"all_trunks": True, "intervall": 1}}
    rule = {"name": "Any", "condition": "event.talkover is defined", "action": {"debug": None}}
    rules = rulebook.write("rules.yml", [{"name": "Wrong", "hosts": "all", "sources": [source], "rules": [rule]}])
    assert "'intervall' is not an option. Did you mean interval?" in rulebook.finish("-r", rules, "-i", inventory)


def test_a_refused_token_ends_ansible_rulebook(rulebook: Any, emulator: Emulator, inventory: str) -> None:
    emulator.fail_next("/sip-trunks", status=401)
    output = rulebook.finish("-r", "talkover.voice.announce", "-i", inventory)
    assert "The API returned 401 Unauthorized" in output
    assert "Check that api_token or TALKOVER_TOKEN is the token of this environment" in output
