# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the lookup in plays: its number of requests, its results and errors, and the files that remain."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import COLLECTIONS, TOKEN, Runner

TRUNKS = ("trunk-healthy", "trunk-sick", "trunk-recovering")


def look_up(run: Runner, expressions: dict[str, str], *arguments: str, **env: str) -> dict[str, Any]:
    """Return the values of expressions in a play."""
    path = run.home / "values.json"
    values = {name: f"{{{{ {expression} }}}}" for name, expression in expressions.items()}
    together = ", ".join(f"{name}={name}" for name in values)
    keep = {"content": f"{{{{ dict({together}) | to_json }}}}", "dest": str(path)}
    tasks = [{"ansible.builtin.set_fact": values}, {"ansible.builtin.copy": keep}]
    code, output = run.play(tasks, *arguments, **env)
    assert code == 0, output
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def refusal(run: Runner, expression: str, *arguments: str, **env: str) -> str:
    """Return what is printed when a lookup fails."""
    code, output = run.play([{"ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}}], *arguments, **env)
    assert code == 2, output
    assert "Traceback" not in output
    # Ansible folds its messages to the width of the terminal.
    return " ".join(output.split())


def fleet(run: Runner, forks: str, tasks: int, variables: dict[str, Any], **env: str) -> None:
    """Run a play in which fifty hosts refer to their trunk, four times in each task."""
    hosts = {f"host{number:02}": {"wanted": TRUNKS[number % 3]} for number in range(50)}
    everyone = {"ansible_connection": "local", "trunk": "{{ lookup('talkover.voice.sip_trunk', wanted) }}", **variables}
    inventory = run.home / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": everyone}}), encoding="utf-8")
    message = "{{ trunk.id }} {{ trunk.name }} {{ trunk.port }} {{ trunk is talkover.voice.healthy }}"
    play = {"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": message}}] * tasks}
    path = run.home / "fleet.yml"
    path.write_text(yaml.safe_dump([play]), encoding="utf-8")
    code, output = run("playbook", "-i", str(inventory), "-f", forks, str(path), **env)
    assert code == 0, output


def by_trunk(service: Emulator) -> dict[str, list[float]]:
    """Return the times at which each trunk was asked for."""
    times = defaultdict(list)
    for request in service.requests:
        times[request.path.rpartition("/")[2]].append(request.time)
    return times


def test_a_thousand_references_make_one_request_a_trunk(run: Runner, emulator: Emulator) -> None:
    emulator.latency = 0.05
    fleet(run, "10", 5, {}, TALKOVER_API_URL=emulator.url, TALKOVER_CACHE_TTL="300")
    assert {trunk: len(times) for trunk, times in by_trunk(emulator).items()} == dict.fromkeys(TRUNKS, 1)


def test_no_trunk_is_asked_for_twice_within_its_ttl(run: Runner, emulator: Emulator) -> None:
    emulator.latency = 0.05
    fleet(run, "10", 2, {"talkover_cache_ttl": 1.5}, TALKOVER_API_URL=emulator.url)
    for times in by_trunk(emulator).values():
        assert all(later - earlier >= 1.5 for earlier, later in zip(times, times[1:]))


def test_the_records_come_in_the_order_of_the_terms(run: Runner, emulator: Emulator) -> None:
    ids = "map(attribute='id') | list"
    found = look_up(
        run,
        {
            "one": "lookup('talkover.voice.sip_trunk', 'trunk-sick').id",
            "several": f"query('talkover.voice.sip_trunk', 'trunk-sick', 'trunk-healthy', 'trunk-sick') | {ids}",
            "listed": f"query('talkover.voice.sip_trunk', ['trunk-sick', 'trunk-healthy']) | {ids}",
            "every": f"query('talkover.voice.sip_trunk', all_trunks=true, details=false) | {ids}",
            "absent": "query('talkover.voice.sip_trunk', 'trunk-9', missing_ok=true)",
            "present": f"query('talkover.voice.sip_trunk', 'trunk-9', 'trunk-sick', missing_ok=true) | {ids}",
            "live": "lookup('talkover.voice.sip_trunk', 'trunk-sick', include='live_health').live_health.is_healthy",
        },
        TALKOVER_API_URL=emulator.url,
    )
    assert found == {
        "one": "trunk-sick",
        "several": ["trunk-sick", "trunk-healthy", "trunk-sick"],
        "listed": ["trunk-sick", "trunk-healthy"],
        "every": list(TRUNKS),
        "absent": [],
        "present": ["trunk-sick"],
        "live": False,
    }


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("lookup('talkover.voice.sip_trunk')", "No trunk ID was given"),
        ("lookup('talkover.voice.sip_trunk', [])", "No trunk ID was given"),
        ("lookup('talkover.voice.sip_trunk', '')", "empty ID"),
        ("lookup('talkover.voice.sip_trunk', {'a': 1})", "which is not an ID"),
        ("lookup('talkover.voice.sip_trunk', 'a', all_trunks=true)", "Give exactly one of the two"),
        ("lookup('talkover.voice.sip_trunk', 'a', timeout=0)", "timeout must be from"),
        ("lookup('talkover.voice.sip_trunk', 'a', cache_ttl=-1)", "cache_ttl must be"),
        ("lookup('talkover.voice.sip_trunk', 'trunk-9')", "The API returned 404 Not Found"),
        ("lookup('talkover.voice.sip_trunk', 'a', api_token='talq_other')", "401"),
    ],
)
def test_an_error_is_a_sentence(run: Runner, emulator: Emulator, expression: str, words: str) -> None:
    assert words in refusal(run, expression, TALKOVER_API_URL=emulator.url)


def test_a_lookup_without_a_token_names_the_option(run: Runner) -> None:
    del run.env["TALKOVER_TOKEN"]
    assert "api_token" in refusal(run, "lookup('talkover.voice.sip_trunk', 'a')")


def test_an_error_at_the_highest_verbosity_shows_no_token(run: Runner, emulator: Emulator) -> None:
    emulator.fail_next("/trunk-sick", status=403, body={"message": f"No, {TOKEN}"})
    task = {"ansible.builtin.debug": {"msg": "{{ lookup('talkover.voice.sip_trunk', 'trunk-sick') }}"}}
    code, output = run.play([task], "-vvvv", TALKOVER_API_URL=emulator.url, ANSIBLE_DEBUG="1")
    assert code == 2
    assert "********" in output


def test_the_options_come_from_where_they_are_documented(run: Runner, emulator: Emulator) -> None:
    del run.env["TALKOVER_TOKEN"]
    config = run.home / "ansible.cfg"
    config.write_text(f"[talkover]\napi_url = {emulator.url}\ncache_ttl = 0\n", encoding="utf-8")
    names = dict.fromkeys(("first", "again"), "lookup('talkover.voice.sip_trunk', 'trunk-sick').id")
    variables = {"talkover_api_token": "{{ lookup('ansible.builtin.env', 'ELSEWHERE') }}"}
    found = look_up(run, names, "-e", json.dumps(variables), ANSIBLE_CONFIG=str(config), ELSEWHERE=TOKEN)
    assert set(found.values()) == {"trunk-sick"}
    assert len(emulator.requests) == 2
    wrong = {**variables, "talkover_api_url": "ftp://nowhere"}
    printed = refusal(run, names["first"], "-e", json.dumps(wrong), ANSIBLE_CONFIG=str(config), ELSEWHERE=TOKEN)
    assert "ftp://nowhere" in printed


def test_what_the_service_returns_is_never_a_template(run: Runner, emulator: Emulator) -> None:
    marker = run.home / "executed"
    name = f"{{{{ lookup('ansible.builtin.pipe', 'touch {marker}') }}}} [% x %] {{% raw %}}"
    emulator.trunks["trunk-healthy"].update(name=name, provider_name="${x} <% y %>", domain=f"{{{{ '{marker}' }}}}")
    target = run.home / "rendered"
    template = run.home / "template.j2"
    template.write_text("{{ trunk.name }}\n{{ again.name }}\n{{ trunk.domain }}", encoding="utf-8")
    loop = {"loop": "{{ query('talkover.voice.sip_trunk', 'trunk-healthy') }}"}
    tasks: list[dict[str, Any]] = [
        {"ansible.builtin.set_fact": {"again": "{{ trunk }}", "name": "{{ trunk.name }}"}},
        {"ansible.builtin.set_fact": {"second": "{{ name }}", "third": "{{ again.name }}"}},
        {"ansible.builtin.debug": {"msg": "{{ second }} {{ third }} {{ trunk }}"}},
        {"ansible.builtin.template": {"src": str(template), "dest": str(target)}},
        {"ansible.builtin.debug": {"msg": "{{ item.name }}"}, **loop},
        {"ansible.builtin.debug": {"msg": "{{ item.name }}"}, "with_talkover.voice.sip_trunk": ["trunk-healthy"]},
    ]
    extra = json.dumps({"trunk": "{{ lookup('talkover.voice.sip_trunk', 'trunk-healthy') }}"})
    code, output = run.play(tasks, "-e", extra, TALKOVER_API_URL=emulator.url)
    assert code == 0, output
    assert target.read_text(encoding="utf-8") == f"{name}\n{name}\n{{{{ '{marker}' }}}}"
    assert not marker.exists()


def test_two_runs_with_two_tokens_do_not_see_each_other(run: Runner, tmp_path: Path, tree: Path) -> None:
    answers: dict[str, Any] = {}
    other_home = tmp_path / "other"
    other_home.mkdir()
    runs = {"ours": run, "theirs": Runner(other_home, COLLECTIONS or str(tree))}
    runs["theirs"].env["ANSIBLE_LOCAL_TEMP"] = run.env["ANSIBLE_LOCAL_TEMP"]
    with Emulator(token=TOKEN, latency=0.2) as ours, Emulator(token="talq_theirs", latency=0.2) as theirs:
        theirs.trunks["trunk-healthy"]["name"] = "theirs"
        runs["theirs"].env["TALKOVER_TOKEN"] = theirs.token

        def work(who: str, service: Emulator) -> None:
            expression = {"name": "lookup('talkover.voice.sip_trunk', 'trunk-healthy', cache_ttl=300).name"}
            answers[who] = look_up(runs[who], expression, TALKOVER_API_URL=service.url)["name"]

        threads = [threading.Thread(target=work, args=pair) for pair in (("ours", ours), ("theirs", theirs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {"ours": "Primary Carrier — US", "theirs": "theirs"}


@pytest.mark.parametrize("harm", ['for file in "$store"/*; do echo garbage > "$file"; done', 'chmod 777 "$store"'])
def test_a_store_that_is_spoilt_during_the_run_costs_requests_alone(run: Runner, emulator: Emulator, harm: str) -> None:
    lookup = "{{ lookup('talkover.voice.sip_trunk', 'trunk-sick', cache_ttl=300).id }}"
    message = {"ansible.builtin.debug": {"msg": lookup}}
    place = run.env["ANSIBLE_LOCAL_TEMP"]
    spoil = {"ansible.builtin.shell": f'for store in "{place}"/*/talkover-voice; do {harm}; done'}
    code, output = run.play([message, message, spoil, message], TALKOVER_API_URL=emulator.url)
    assert code == 0, output
    assert [request.status for request in emulator.requests] == [200, 200]


@pytest.mark.parametrize("trunk_id", ["trunk-healthy", "trunk-9"])
def test_nothing_is_left_behind(run: Runner, emulator: Emulator, trunk_id: str) -> None:
    task = {"ansible.builtin.debug": {"msg": f"{{{{ lookup('talkover.voice.sip_trunk', '{trunk_id}') }}}}"}}
    run.play([task], TALKOVER_API_URL=emulator.url)
    assert emulator.requests
    assert list(Path(run.env["ANSIBLE_LOCAL_TEMP"]).iterdir()) == []


def test_nothing_is_left_behind_after_an_interrupt(run: Runner, emulator: Emulator) -> None:
    emulator.latency = 30
    task = {"ansible.builtin.debug": {"msg": "{{ lookup('talkover.voice.sip_trunk', 'trunk-healthy', timeout=60) }}"}}
    path = run.home / "play.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "ansible.cli.playbook", str(path)],
        env={**run.env, "TALKOVER_API_URL": emulator.url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        while not emulator.peak:
            assert process.poll() is None
            time.sleep(0.01)
        # Like a terminal: to all processes of the group.
        os.killpg(process.pid, signal.SIGINT)
        output, _errors = process.communicate(timeout=20)
    assert process.returncode != 0
    assert TOKEN.encode() not in output
    assert list(Path(run.env["ANSIBLE_LOCAL_TEMP"]).iterdir()) == []


def test_a_long_wait_for_the_rate_window_is_told_once(run: Runner) -> None:
    with Emulator(token=TOKEN, limit=1, window=6) as service:
        expression = "query('talkover.voice.sip_trunk', 'trunk-healthy', 'trunk-sick') | length"
        tasks = [{"ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}}]
        code, output = run.play(tasks, TALKOVER_API_URL=service.url)
    assert code == 0, output
    assert output.count("the rate limit of the service is used up; going on in") == 1
