# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the module in plays: typical use, and each error kind."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner

HEALTHY: dict[str, Any] = {"trunk_id": "trunk-healthy", "retries": 0}


@pytest.fixture
def silent() -> Iterator[int]:
    """Return the port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def unused_port() -> Iterator[int]:
    """Return a port that is reserved, but on which nothing listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def failed(run: Runner, url: str, **options: Any) -> tuple[dict[str, Any], str]:
    """Return the error and the message of the module under the most talkative Ansible."""
    result, _output = run.result({**HEALTHY, "api_url": url, **options}, "-vvvv", ANSIBLE_DEBUG="1")
    assert result["failed"]
    return result["error"], result["msg"]


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ({"status": 401, "body": {"message": "No Bearer"}}, "auth", ['401 Unauthorized: "No Bearer"', "token"]),
        ({"status": 403, "body": {"error": {"code": "NO", "message": "Up"}}}, "forbidden", ["403 Forbidden", "plan"]),
        ({"status": 404, "body": {"message": "No such trunk"}}, "not_found", ["404", "No such trunk", "Check the ID"]),
        ({"status": 429, "headers": {"Retry-After": "3600"}}, "rate_limited", ["asks to wait 3600 s", "later"]),
        ({"status": 422, "body": {"message": "Invalid", "errors": {"id": ["is odd"]}}}, "rejected", ["422", "is odd"]),
        ({"status": 200, "body": {"success": False, "message": "Not today"}}, "rejected", ["Not today"]),
        ({"status": 503, "body": b"<html><h1>Busy</h1></html>"}, "server", ["503", '"Busy"', "Try again later"]),
        ({"status": 302, "headers": {"Location": f"/login?{TOKEN}"}}, "bad_response", ["302", "redirect to /login"]),
        ({"status": 200, "body": b"hello"}, "bad_response", ["not JSON", "api_url"]),
    ],
)  # fmt: skip
def test_what_the_service_refuses(
    run: Runner, emulator: Emulator, answer: dict[str, Any], kind: str, words: list[str]
) -> None:
    emulator.fail_next("/trunk-healthy", **answer)
    error, message = failed(run, emulator.url)
    assert (error["kind"], error.get("status", 200)) == (kind, answer["status"])
    assert error["trunk_id"] == "trunk-healthy"
    for word in (*words, "(trunk 'trunk-healthy', ", emulator.url):
        assert word in message


def test_a_wrong_option(run: Runner, emulator: Emulator) -> None:
    error, message = failed(run, emulator.url, trunk_id=" ")
    assert error == {"kind": "config"}
    assert "empty ID" in message


def test_a_service_that_is_not_there(run: Runner, unused_port: int) -> None:
    error, message = failed(run, f"http://127.0.0.1:{unused_port}/api/v1")
    assert error["kind"] == "network"
    assert "refused" in message


def test_a_service_that_says_nothing(run: Runner, silent: int) -> None:
    error, message = failed(run, f"http://127.0.0.1:{silent}/api/v1", timeout=0.3)
    assert error["kind"] == "timeout"
    assert "Timed out after 0.3 s" in message
    assert "raise timeout" in message


def test_a_private_authority(run: Runner, tmp_path: Path) -> None:
    authority = trustme.CA()
    files = {name: str(tmp_path / name) for name in ("ca.pem", "cert.pem", "key.pem")}
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(files["ca.pem"])
    certificate.cert_chain_pems[0].write_to_path(files["cert.pem"])
    certificate.private_key_pem.write_to_path(files["key.pem"])
    with Emulator(token=TOKEN, certfile=files["cert.pem"], keyfile=files["key.pem"]) as service:
        error, message = failed(run, service.url)
        assert error["kind"] == "tls"
        assert "ca_path" in message
        options = {**HEALTHY, "api_url": service.url}
        assert run.result({**options, "ca_path": files["ca.pem"]})[0]["healthy"]
        assert run.result(options, REQUESTS_CA_BUNDLE=files["ca.pem"])[0]["healthy"]


def test_netrc_never_replaces_the_token(run: Runner, emulator: Emulator) -> None:
    netrc = run.home / ".netrc"
    netrc.write_text("default login wrong password wrong\n", encoding="utf-8")
    netrc.chmod(0o600)
    assert run.result({**HEALTHY, "api_url": emulator.url})[0]["healthy"]
    assert emulator.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_success_shows_no_token_either(run: Runner, emulator: Emulator) -> None:
    emulator.trunks["trunk-healthy"]["name"] = f"echo of {TOKEN}"
    result, _output = run.result({**HEALTHY, "api_url": emulator.url}, "-vvvv", ANSIBLE_DEBUG="1")
    assert result["healthy"]
    elsewhere = {"api_token": "{{ lookup('ansible.builtin.env', 'ELSEWHERE') }}"}
    options = {**HEALTHY, **elsewhere, "api_url": emulator.url}
    # Not with ANSIBLE_DEBUG, under which ansible-core itself prints the arguments of every module.
    given, _output = run.result(options, "-vvvv", TALKOVER_TOKEN="", ELSEWHERE=TOKEN)
    assert given["healthy"]


def test_check_mode(run: Runner, emulator: Emulator) -> None:
    result, _output = run.result({**HEALTHY, "api_url": emulator.url}, "--check", "--diff")
    assert (result["healthy"], result["changed"]) == (True, False)


@pytest.mark.parametrize(("trunk_id", "code"), [("trunk-healthy", 0), ("trunk-sick", 2), ("trunk-unknown", 2)])
def test_the_gate_opens_for_a_healthy_trunk_alone(
    run: Runner, emulator: Emulator, tree: Path, trunk_id: str, code: int
) -> None:
    gate = tree / "ansible_collections/talkover/voice/docs/examples/gate.yml"
    outcome = run("playbook", str(gate), "-e", f"trunk_id={trunk_id}", TALKOVER_API_URL=emulator.url)
    assert outcome.code == code, outcome.output
    assert ("Deploying" in outcome.output) is (code == 0)
    assert ("is_verified is false" in outcome.output) is (trunk_id == "trunk-sick")


def test_a_play_waits_for_a_trunk_that_recovers(run: Runner, emulator: Emulator, tree: Path) -> None:
    emulator.trunks["trunk-recovering"]["live"] = [{"is_healthy": False}, {"is_healthy": False}, {"is_healthy": True}]
    wait = tree / "ansible_collections/talkover/voice/docs/examples/wait.yml"
    extra = '{"trunk_id": "trunk-recovering", "seconds_between": 0}'
    outcome = run("playbook", str(wait), "-e", extra, TALKOVER_API_URL=emulator.url)
    assert outcome.code == 0, outcome.output
    assert "Deploying" in outcome.output
    assert sum(request.path.endswith("/health") for request in emulator.requests) == 3


def test_the_records_of_odd_names_arrive_as_they_are(run: Runner, emulator: Emulator) -> None:
    name = "{{ 7 * 7 }} — \u202eيمين 'quoted' \"twice\" \\ \x00"
    emulator.trunks["trunk-healthy"]["name"] = name
    assert run.result({**HEALTHY, "api_url": emulator.url})[0]["trunk"]["name"] == name
