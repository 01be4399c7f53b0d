# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the command line of the emulator, started from another directory."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.talkover.voice.tests.emulator.cli import PORT, parser

FOLDER = Path(__file__).resolve().parents[2] / "emulator"


class Running:
    """Hold a running emulator and its output."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        self.process = process
        self.first = process.stdout.readline()
        exports = [process.stdout.readline().strip().removeprefix("export ").split("=", 1) for _time in range(2)]
        self.url, self.token = (value.strip("'") for _name, value in exports)
        self.names = [name for name, _value in exports]

    def get(self, path: str, token: str | None = None) -> tuple[int, Any]:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
        headers = {"Authorization": f"Bearer {token or self.token}"}
        connection.request("GET", parts.path + path, headers=headers)
        response = connection.getresponse()
        answer = response.status, json.loads(response.read())
        connection.close()
        return answer


@contextlib.contextmanager
def started(cwd: Path, *options: str, command: tuple[str, ...] = (str(FOLDER),)) -> Iterator[Running]:
    process = subprocess.Popen(
        [sys.executable, *command, "--exit-with-stdin", "--port", "0", *options],
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Running(process)
        finally:
            process.kill()


def refused(cwd: Path, *options: str) -> str:
    """Run a command that must fail, and return its error message."""
    done = subprocess.run(
        [sys.executable, str(FOLDER), *options], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(tmp_path: Path, by: signal.Signals) -> None:
    with started(tmp_path) as emulator:
        assert emulator.first == f"Listening on {emulator.url}\n"
        assert emulator.names == ["TALKOVER_API_URL", "TALKOVER_TOKEN"]
        assert emulator.get("/sip-trunks/trunk-healthy")[0] == 200
        emulator.process.send_signal(by)
        assert emulator.process.wait(30) == 0
        assert emulator.process.stderr
        assert "Traceback" not in emulator.process.stderr.read()
    assert not list(tmp_path.iterdir())


def test_a_closed_standard_input_ends_it(tmp_path: Path) -> None:
    with started(tmp_path) as emulator:
        assert emulator.process.stdin
        emulator.process.stdin.close()
        assert emulator.process.wait(30) == 0


def test_it_is_a_module_of_the_collection_too(tmp_path: Path) -> None:
    voice = tmp_path / "ansible_collections" / "talkover" / "voice"
    voice.mkdir(parents=True)
    (voice / "tests").symlink_to(FOLDER.parent)
    command = ("-m", "ansible_collections.talkover.voice.tests.emulator")
    with started(tmp_path, command=command) as emulator:
        assert emulator.get("/sip-trunks")[0] == 200


def test_log_holds_no_token(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with started(tmp_path, "--log", str(log), "--token", "talq_secret") as emulator:
        emulator.get("/sip-trunks?page=1")
        emulator.get("/sip-trunks/none?key=talq_secret")
        emulator.get("/sip-trunks", token="talq_wrong")
    text = log.read_text(encoding="utf-8")
    assert "talq_secret" not in text
    assert "talq_wrong" not in text
    entries = [json.loads(line) for line in text.splitlines()]
    assert [(entry["path"], entry["status"], entry["authorized"]) for entry in entries] == [
        ("/api/v1/sip-trunks", 200, True),
        ("/api/v1/sip-trunks/none", 404, True),
        ("/api/v1/sip-trunks", 401, False),
    ]
    assert entries[0]["query"] == "page=1"


def test_scenario_file(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps({"token": "talq_file", "trunks": [{"id": "café"}]}), encoding="utf-8")
    with started(tmp_path, "--trunks", "scenario.json") as emulator:
        assert emulator.token == "talq_file"
        assert emulator.get("/sip-trunks/caf%C3%A9")[1]["data"]["id"] == "café"


def test_generated_trunks_and_the_other_options(tmp_path: Path) -> None:
    limits = ["--limit", "4", "--window", "600", "--reset", "epoch"]
    answers = ["--latency", "0.01", "--error-shape", "4", "--page-size", "2"]
    with started(tmp_path, "--count", "3", *limits, *answers) as emulator:
        assert emulator.get("/sip-trunks/trunk-0003")[1]["data"]["name"] == "Carrier 3"
        assert emulator.get("/sip-trunks")[1]["meta"]["last_page"] == 2
        assert emulator.get("/sip-trunks/none")[1].keys() == {"message"}
        assert emulator.get("/sip-trunks")[0] == 200
        assert emulator.get("/sip-trunks")[0] == 429


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("nonsense", "is not JSON"),
        ("[]", "must be an object"),
        ('{"trunks": [], "tokens": "a"}', "must be an object"),
        ('{"trunks": {}}', "must be a list"),
        ('{"trunks": [{"name": "a"}]}', "Trunk number 1"),
        ('{"trunks": [], "token": ""}', "token"),
    ],
)
def test_an_unusable_scenario_is_explained(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "scenario.json").write_text(content, encoding="utf-8")
    assert words in refused(tmp_path, "--trunks", "scenario.json")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--trunks", "none.json"], "none.json"),
        (["--key", "key.pem"], "--cert"),
        (["--cert", "none.pem"], "none.pem"),
        (["--port", "70000"], "port"),
        (["--limit", "0"], "rate limit"),
        (["--log", "none/log"], "none"),
    ],
)
def test_an_unusable_option_is_explained(tmp_path: Path, options: list[str], words: str) -> None:
    stderr = refused(tmp_path, *options)
    assert words in stderr.splitlines()[-1]
    assert "Traceback" not in stderr


def test_the_default_port_is_fixed(tmp_path: Path) -> None:
    assert parser().parse_args([]).port == PORT == 8255


def test_a_port_in_use_is_explained(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        stderr = refused(tmp_path, "--port", str(port))
    assert f"port {port} on 127.0.0.1 is already in use" in stderr
    assert "--port 0" in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize(("options", "logged"), [([], True), (["--quiet"], False)])
def test_each_request_is_a_line_on_stderr(tmp_path: Path, options: list[str], logged: bool) -> None:
    with started(tmp_path, "--token", "talq_secret", *options) as emulator:
        emulator.get("/sip-trunks/trunk-sick")
        emulator.get("/sip-trunks?key=talq_secret", token="talq_wrong")
        emulator.process.terminate()
        assert emulator.process.stderr
        lines = emulator.process.stderr.read().splitlines()
    assert [line.split()[1:4] for line in lines] == [
        ["GET", "/api/v1/sip-trunks/trunk-sick", "200"],
        ["GET", "/api/v1/sip-trunks?key=***", "401"],
    ] * logged


def test_help_is_plain(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER), "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert "trunk-recovering recovers once per start" in done.stdout
    assert done.stdout.isascii()
