# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test faults with ansible-playbook: the play gets each result, and the token does not leak."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._errors import ADVICE
from ansible_collections.talkover.voice.plugins.module_utils._options import CONNECTION_SPEC
from ansible_collections.talkover.voice.tests.faults import runner, table
from ansible_collections.talkover.voice.tests.faults.fault import TOKEN
from ansible_collections.talkover.voice.tests.faults.table import FAULTS, SECTIONS

if TYPE_CHECKING:
    from ansible_collections.talkover.voice.tests.integration.commands import Runner
from ansible_collections.talkover.voice.tests.integration.sip_trunks.inventory import without_mark

# The table runs on Python 3.9 as well, which modules support and ansible-core does not.
pytest.importorskip("ansible", reason="ansible-core is not installed")

ODD = (
    *(f"JSON: {fault.name}" for fault in SECTIONS["JSON"] if fault.kinds == "healthy"),
    "JSON: a body with 65 levels",
    "JSON: a body with 500 levels",
    "JSON: an integer of 4,301 digits, in a field",
    "JSON: a lone high surrogate, in a field",
    "Verdict: a record with is_active false",
)

ECHOES = (
    "Wire: a header without a colon",
    "Wire: a banner that echoes the token",
    "Redirects: a Location that echoes the token",
    "Messages: 401, echoing the token",
    "Messages: 401, echoing the token in plain text",
    "Messages: 500, echoing the token in headers",
    "Messages: 200 with the token in the record",
    "Messages: 200 with passwords in the record",
)

# Some rows of each section for the other plugins, which call the same fetch.
PLUGINS = (
    "Wire: refused",
    "Wire: reset during the headers",
    "Wire: silent",
    "Wire: dripping in the body",
    "Wire: endless headers",
    "Wire: a gzip bomb: 1 GB from 1 MB",
    "TLS: a valid response",
    "TLS: an unknown authority",
    "TLS: a client certificate required and missing",
    "TLS: a client certificate and a key with a passphrase",
    "Proxies: refused, with a password",
    "netrc: NETRC, default",
    "Redirects: 302 to the same host",
    "Redirects: a Location that echoes the token",
    "Messages: 401, echoing the token",
    "Messages: 403, echoing the token in HTML",
    "Messages: 404, in the API's shape 1",
    "Messages: 422, with ANSI sequences",
    "Messages: 422, with a password in the message",
    "Messages: 500, with JSON 100,000 levels deep",
    "Messages: 200 with success: false and a healthy record",
    "Messages: 200 with another trunk",
    "Messages: 200 with passwords in the record",
    "Messages: 200 with the token in the record",
    "JSON: a template, in a field",
    "JSON: names with a meaning in Ansible, in a field",
    "JSON: 64 levels",
    "JSON: a body with 65 levels",
    "JSON: a body with the verdict twice, last false",
    "JSON: a lone high surrogate, in a field",
    "Verdict: a record with is_active false",
    'Verdict: a record with is_verified "true"',
    "Rate: 429, an hour to wait",
    "Options: retries: -1",
    "Options: timeout: 0.0",
    "Options: api_url 'ftp://app.talkover.ai/api/v1'",
)

PLAY = """
- hosts: localhost
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    faults: "{{ lookup('file', 'faults.json') | from_json }}"
  tasks:
    - talkover.voice.sip_trunk_info:
        trunk_id: trunk-1
        api_token: "{{ lookup('env', 'SECRET') or omit }}"
        api_url: "{{ item.url }}"
        retries: 0
      loop: "{{ faults }}"
      ignore_errors: true
      register: played

    - ansible.builtin.assert:
        that: came in item.item.kinds
        fail_msg: "{{ item.item.name }}: {{ came }}"
        quiet: true
      vars:
        came: "{{ item.error.kind if item is failed else ('healthy' if item.healthy else 'unhealthy') }}"
      loop: "{{ played.results }}"
      loop_control:
        label: "{{ item.item.name }}"
"""


@pytest.fixture
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that rows name, apart from where the token is looked for."""
    folder = tmp_path_factory.mktemp("certificates")
    table.write(folder)
    return folder


@contextlib.contextmanager
def playing(run: Runner, names: tuple[str, ...], folder: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """Run several faults concurrently, and yield the options for each, without the token of the tests."""
    reach = CONNECTION_SPEC.keys() - {"api_token"}
    with contextlib.ExitStack() as stack:
        asked = {name: stack.enter_context(runner.played(FAULTS[name], folder))[1] for name in names}
        run.env |= {variable: os.environ[variable] for name in names for variable in FAULTS[name].environ}
        yield {
            name: {option: given[option] for option in reach if given[option] is not None}
            | ({} if "retries" in FAULTS[name].options else {"retries": 0})
            | {option: given[option] for option in FAULTS[name].options}
            for name, given in asked.items()
        }


def prepare(run: Runner, environ: dict[str, str]) -> None:
    """Set the environment that all runs of this file share."""
    del run.env["TALKOVER_TOKEN"]
    run.token = TOKEN
    run.env |= {"ANSIBLE_LOG_PATH": str(run.home / "log"), "LC_ALL": "C.UTF-8", **environ}


def check_passwords(run: Runner, output: str) -> None:
    """Look for a password that the service or the environment contains in all output and files."""
    for text in (output, *(path.read_text("utf-8", "replace") for path in run.home.rglob("*") if path.is_file())):
        assert not [line[:400] for line in text.splitlines() if "hunter2" in line]


def squeezed(text: str) -> str:
    """Return a text without white space, because Ansible wraps lines anywhere."""
    return "".join(text.split())


def check_message(name: str, message: str) -> None:
    """Check that a message of any kind except C(config) names the request, and has advice behind it."""
    kinds = FAULTS[name].kinds.split()
    assert "Traceback" not in message, name
    is_about_a_request = any(ADVICE[kind] for kind in kinds)
    assert bool(re.search(r"\((livecheckof)?trunk'trunk-1',[^)]*\)\.[A-Z]", message)) == is_about_a_request, (
        name,
        message,
    )


def ends_well(name: str) -> bool:
    return FAULTS[name].kinds in ("healthy", "unhealthy")


@pytest.mark.parametrize(
    ("names", "environ"),
    [
        # With ANSIBLE_DEBUG, ansible-core before 2.19 prints the arguments of a task itself.
        pytest.param(ODD + ECHOES, {"TALKOVER_TOKEN": TOKEN, "ANSIBLE_DEBUG": "1"}, id="token in the environment"),
        pytest.param(ECHOES, {"SECRET": TOKEN}, id="token as an argument"),
    ],
)
def test_results_reach_the_play_and_the_token_nothing(
    run: Runner, certificates: Path, names: tuple[str, ...], environ: dict[str, str]
) -> None:
    prepare(run, environ)
    with playing(run, names, certificates) as asked:
        faults = [
            {"name": name, "url": given["api_url"], "kinds": FAULTS[name].kinds.split()}
            for name, given in asked.items()
        ]
        (run.home / "faults.json").write_text(json.dumps(faults), encoding="utf-8")
        (run.home / "play.yml").write_text(PLAY, encoding="utf-8")
        code, output = run("playbook", "-vvvv", "play.yml")
    assert code == 0, [line[:300] for line in output.splitlines() if line.startswith("failed:")]
    assert "ok=2 " in output
    check_passwords(run, output)


def test_the_lookup_has_the_same_ends(run: Runner, certificates: Path) -> None:
    prepare(run, {"TALKOVER_TOKEN": TOKEN, "NO_PROXY": "127.0.0.1"})
    looked_up = "lookup('talkover.voice.sip_trunk', 'trunk-1', cache_ttl=0, **given) is talkover.voice.healthy"
    keep = {"content": "{{ results | to_json }}", "dest": str(run.home / "results.json")}
    with playing(run, PLUGINS, certificates) as asked:
        tasks: list[dict[str, Any]] = [
            {
                "ansible.builtin.debug": {"msg": f"{{{{ {looked_up} }}}}"},
                "vars": {"given": given},
                "register": f"result_{number}",
                "ignore_errors": True,
            }
            for number, given in enumerate(asked.values())
        ]
        results = ", ".join(f"result_{number}.msg" for number in range(len(asked)))
        tasks.append({"ansible.builtin.copy": keep, "vars": {"results": f"{{{{ [{results}] }}}}"}})
        code, output = run.play(tasks, "-vvvv")
    assert code == 0, output
    check_passwords(run, output)
    for name, message in zip(PLUGINS, json.loads((run.home / "results.json").read_text("utf-8"))):
        if ends_well(name):
            assert message is (FAULTS[name].kinds == "healthy"), (name, message)
        else:
            check_message(name, squeezed(message))


def test_the_inventory_has_the_same_ends(run: Runner, certificates: Path) -> None:
    prepare(run, {"TALKOVER_TOKEN": TOKEN, "NO_PROXY": "127.0.0.1"})
    hosts = {f"host{number}": {f"trunk_{number}": "trunk-1"} for number in range(len(PLUGINS))}
    (run.home / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    sources = ["-i", "hosts.yml"]
    target = run.home / "listed.json"
    with playing(run, PLUGINS, certificates) as asked:
        for number, given in enumerate(asked.values()):
            source = {"plugin": "talkover.voice.sip_trunks", "trunk_id_from": f"trunk_{number}", **given}
            (run.home / f"{number}.talkover.yml").write_text(json.dumps(source), encoding="utf-8")
            sources += ["-i", f"{number}.talkover.yml"]
        code, output = run("inventory", *sources, "-vvvv", "--list", "--output", str(target))
    assert code == 0, output
    check_passwords(run, output)
    listed = json.loads(target.read_text("utf-8"), object_hook=without_mark)["_meta"]["hostvars"]
    # The message of each source starts with its name.
    messages = re.split(r"/(\d+)\.talkover\.yml:", squeezed(output))
    said: dict[str, str] = {}
    for source_number, message in zip(messages[1::2], messages[2::2]):
        said[source_number] = said.get(source_number, "") + message
    for number, name in enumerate(PLUGINS):
        found = listed[f"host{number}"]
        if ends_well(name):
            assert found["talkover_healthy"] is (FAULTS[name].kinds == "healthy"), name
            assert found["talkover_trunk"]["id"] == "trunk-1"
        else:
            assert set(found) == {f"trunk_{number}"}, name
            check_message(name, said[str(number)])
