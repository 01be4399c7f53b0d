# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup against facts, options and templates of Ansible, in real plays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner

LOOKUP = "{{ lookup('talkover.voice.sip_trunk', 'trunk-sick').id }}"
SHOW = {"ansible.builtin.debug": {"msg": f"record of {LOOKUP}"}}
MODULE = """
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"facts": {"type": "dict", "required": True}})
module.exit_json(changed=False, ansible_facts=module.params["facts"])
"""


@pytest.fixture
def attacker() -> Iterator[Emulator]:
    """Start the service of an attacker that a managed host redirects the token to."""
    with Emulator(token=TOKEN) as service:
        yield service


def play_facts(
    run: Runner, tasks: list[dict[str, Any]], *arguments: str, hosts: str = "localhost", **env: str
) -> tuple[int, str]:
    """Run tasks that may use the module C(return_facts), and return the output on one line."""
    library = run.home / "library"
    library.mkdir(exist_ok=True)
    (library / "return_facts.py").write_text(MODULE, encoding="utf-8")
    path = run.home / "facts.yml"
    path.write_text(yaml.safe_dump([{"hosts": hosts, "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    code, output = run("playbook", str(path), *arguments, **env)
    return code, " ".join(output.split())


# Other values that a host may return to hide the fact.
DISGUISES: list[dict[str, Any]] = [
    {},
    {"ansible_facts": {}},
    {"ansible_ansible_facts": {}},
    {"ansible_facts": {"ansible_facts": {}}, "ansible_ansible_facts": {"ansible_facts": {}}},
    {"ansible_talkover_api_url": None, "vars": {}, "hostvars": {}},
]


def test_fact_of_a_managed_host_does_not_redirect_the_token(
    run: Runner, emulator: Emulator, attacker: Emulator
) -> None:
    # The fact outranks the variable of the inventory when it is injected.
    variables = {"ansible_connection": "local", "talkover_api_url": emulator.url}
    hosts = {
        f"host{number}": {**variables, "returned": {"talkover_api_url": attacker.url, **more}}
        for number, more in enumerate(DISGUISES)
    }
    inventory = run.home / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    gather: dict[str, Any] = {"return_facts": {"facts": "{{ returned }}"}}
    tasks = [gather, {**SHOW, "ignore_errors": True}]
    code, output = play_facts(run, tasks, "-i", str(inventory), hosts="all")
    assert code == 0, output
    assert attacker.requests == []
    assert "record of" not in output.replace(f"record of {LOOKUP}", "")
    assert output.count("The variable talkover_api_url is also a fact") >= 3
    assert output.count("ignored=1") == len(DISGUISES)


def test_cached_fact_does_not_redirect_the_token(run: Runner, emulator: Emulator, attacker: Emulator) -> None:
    cache = {"ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(run.home / "c")}
    keep = {"ansible.builtin.set_fact": {"talkover_api_url": attacker.url, "cacheable": True}}
    assert play_facts(run, [keep], **cache)[0] == 0
    code, output = play_facts(run, [SHOW], TALKOVER_API_URL=emulator.url, **cache)
    assert attacker.requests == []
    assert code == 2
    assert "talkover_api_url is also a fact" in output


@pytest.mark.parametrize("later", [[], [{"harmless": 1}]])
def test_fact_of_the_same_task_does_not_redirect_the_token(
    run: Runner, emulator: Emulator, attacker: Emulator, later: list[dict[str, Any]]
) -> None:
    """On ansible-core 2.18 and older, the second item of a loop hides the facts of the first."""
    condition = f"{LOOKUP.strip('{} ')} == 'x'"
    task = {"return_facts": {"facts": "{{ item }}"}, "loop": [{"talkover_api_url": attacker.url}, *later]}
    conditions = ({"changed_when": condition}, {"failed_when": condition}, {"until": condition, "retries": 1})
    tasks = [{**task, **each, "delay": 0, "ignore_errors": True} for each in conditions]
    _code, output = play_facts(run, tasks, TALKOVER_API_URL=emulator.url)
    assert attacker.requests == []
    assert "may be one of them" in output or "is also a fact" in output


def test_other_facts_and_unused_names_do_no_harm(run: Runner, emulator: Emulator) -> None:
    facts = {"return_facts": {"facts": {"ansible_facts": {}, "distribution": "x", "ansible_ansible_facts": {}}}}
    code, output = play_facts(run, [facts, SHOW], TALKOVER_API_URL=emulator.url)
    assert code == 0, output
    assert "record of trunk-sick" in output


def test_set_fact_without_cacheable_is_accepted(run: Runner, emulator: Emulator) -> None:
    code, output = play_facts(run, [{"ansible.builtin.set_fact": {"talkover_api_url": emulator.url}}, SHOW])
    assert code == 0, output


WRONG_OPTIONS = [
    ("api_tokn='x'", "'api_tokn' is not an option. Did you mean api_token?"),
    ("cache_tll=0", "Did you mean cache_ttl?"),
    ("max_health_age=600", "max_health_age is not an option of the lookup"),
    ("api_token=query('ansible.builtin.env', 'TALKOVER_TOKEN')", "api_token is not a string"),
    ("api_token={'a': lookup('ansible.builtin.env', 'TALKOVER_TOKEN')}", "api_token is not a string"),
    ("api_token=none", "api_token is not a string"),
    ("api_token=7", "api_token is not a string"),
    ("timeout=query('ansible.builtin.env', 'TALKOVER_TOKEN')", "timeout is a list"),
    ("retries=lookup('ansible.builtin.env', 'TALKOVER_TOKEN')", "retries"),
    ("include=lookup('ansible.builtin.env', 'TALKOVER_TOKEN')", "include"),
    ("validate_certs='ture'", "validate_certs is neither true nor false"),
]


def test_wrong_options_are_errors_without_the_token(run: Runner, emulator: Emulator) -> None:
    tasks = [
        {
            "ansible.builtin.debug": {"msg": f"{{{{ lookup('talkover.voice.sip_trunk', 'trunk-sick', {keywords}) }}}}"},
            "ignore_errors": True,
        }
        for keywords, _words in WRONG_OPTIONS
    ]
    _code, output = run.play(tasks, "-vvvv", TALKOVER_API_URL=emulator.url, ANSIBLE_DISPLAY_TRACEBACK="always")
    parts = output.split("TASK [")[1:]
    assert len(parts) == len(WRONG_OPTIONS)
    for part, (_keywords, words) in zip(parts, WRONG_OPTIONS):
        assert words in " ".join(part.split("PLAY RECAP")[0].split())
        assert "...ignoring" in part
    assert emulator.requests == []


WRONG_TOKENS: list[Any] = [
    "{{ query('ansible.builtin.env', 'TALKOVER_TOKEN') }}",
    {"a": "{{ lookup('ansible.builtin.env', 'TALKOVER_TOKEN') }}"},
    "{{ lookup('ansible.builtin.env', 'TALKOVER_TOKEN') }}{#",
    "{{ lookup('ansible.builtin.env', 'TALKOVER_TOKEN') | no_such_filter }}",
    "{{ undefined_variable }}",
    None,
    5,
]


def test_wrong_token_variables_are_errors_without_the_token(run: Runner, emulator: Emulator) -> None:
    tasks = [{**SHOW, "vars": {"talkover_api_token": value}, "ignore_errors": True} for value in WRONG_TOKENS]
    _code, output = run.play(tasks, "-vvvv", TALKOVER_API_URL=emulator.url, ANSIBLE_DISPLAY_TRACEBACK="always")
    parts = output.split("TASK [")[1:]
    assert len(parts) == len(WRONG_TOKENS)
    for part in parts:
        assert "talkover_api_token" in part
        assert "...ignoring" in part
    assert emulator.requests == []


def test_facts_do_not_make_a_wrong_template_show_the_token(run: Runner, emulator: Emulator) -> None:
    """On ansible-core 2.18 and older, a filter may raise any error, here one that shows the port of a URL."""
    template = "{{ ('https://api:' ~ lookup('ansible.builtin.env', 'TALKOVER_TOKEN')) | urlsplit('port') }}"
    names = ("talkover_api_token", "talkover_api_url")
    tasks: list[dict[str, Any]] = [
        {"return_facts": {"facts": {"anything": 1}}},
        *({**SHOW, "vars": {name: template}, "ignore_errors": True} for name in names),
    ]
    code, output = play_facts(run, tasks, TALKOVER_API_URL=emulator.url)
    assert code == 0, output
    assert "talkover_api_token cannot be rendered or decrypted" in output
    assert "talkover_api_url cannot be rendered" in output


def test_with_loops_and_templated_ttl_work(run: Runner, emulator: Emulator) -> None:
    loop = {"ansible.builtin.debug": {"msg": "{{ item.id }}"}, "with_talkover.voice.sip_trunk": ["trunk-sick"]}
    extra = json.dumps({"talkover_cache_ttl": "{{ seconds | int * 2 }}", "seconds": "0"})
    code, output = run.play([loop, SHOW], "-e", extra, TALKOVER_API_URL=emulator.url)
    assert code == 0, output
    assert len(emulator.requests) >= 2


def test_vaulted_token_and_trunk_id_are_decrypted(run: Runner, emulator: Emulator) -> None:
    del run.env["TALKOVER_TOKEN"]
    secret = run.home / "vault-password"
    secret.write_text("open sesame\n", encoding="utf-8")
    texts = {}
    for name, text in (("talkover_api_token", TOKEN), ("wanted", "trunk-sick")):
        encrypt = ("ansible.cli.vault", "encrypt_string", "--vault-password-file", str(secret), text)
        code, output = run.start("-m", *encrypt)
        assert code == 0, output
        texts[name] = output[output.index("!vault") :].split("Encryption")[0]
    variables = run.home / "vault.yml"
    variables.write_text("".join(f"{name}: {text}\n" for name, text in texts.items()), encoding="utf-8")
    # ansible-core 2.22 prints no decrypted text.
    task = {"ansible.builtin.assert": {"that": "lookup('talkover.voice.sip_trunk', wanted).id == 'trunk-' ~ 'sick'"}}
    arguments = ("-e", f"@{variables}", "--vault-password-file", str(secret))
    code, output = run.play([task], *arguments, TALKOVER_API_URL=emulator.url)
    assert code == 0, output
    secret.write_text("open barley\n", encoding="utf-8")
    facts = {"return_facts": {"facts": {"anything": 1}}}
    code, output = play_facts(run, [facts, SHOW], *arguments, TALKOVER_API_URL=emulator.url)
    assert code == 2
    assert "Check its template and the vault password" in output
