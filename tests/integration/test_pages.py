# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the documentation is complete, and that its examples work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration import pages
from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner
from ansible_collections.talkover.voice.tests.integration.reader import Reader

PLUGINS = [
    ("module", "sip_trunk_info"),
    ("test", "healthy"),
    ("filter", "health_problems"),
    ("lookup", "sip_trunk"),
]
ROLE = "talkover.voice.gate"


def documented(run: Runner, kind: str, name: str) -> dict[str, Any]:
    code, output = run("doc", "--json", "-t", kind, f"talkover.voice.{name}")
    assert code == 0, output
    page: dict[str, Any] = json.loads(output)[f"talkover.voice.{name}"]
    return page


@pytest.mark.parametrize(("kind", "name"), PLUGINS)
def test_a_plugin_is_documented_as_text_and_as_json(run: Runner, kind: str, name: str) -> None:
    page = documented(run, kind, name)
    assert page["doc"]["short_description"]
    assert page["return"]
    code, text = run("doc", "-t", kind, f"talkover.voice.{name}")
    assert code == 0, text
    assert page["doc"]["author"][0].split("(")[0] in text


def test_the_role_is_documented_as_text_and_as_json(run: Runner) -> None:
    code, output = run("doc", "--json", "-t", "role", ROLE)
    assert code == 0, output
    # What comes before it are warnings.
    options = json.loads(output[output.index("{\n") :])[ROLE]["entry_points"]["main"]["options"]
    defaults = yaml.safe_load((pages.ROOT / "roles" / "gate" / "defaults" / "main.yml").read_text("utf-8"))
    assert options.keys() == {*defaults, "gate_max_health_age"}
    assert all(options[name]["default"] == value for name, value in defaults.items() if name != "gate_trunk_ids")
    readme = (pages.ROOT / "roles" / "gate" / "README.md").read_text("utf-8")
    assert [name for name in options if f"| `{name}` |" not in readme] == []
    code, text = run("doc", "-t", "role", ROLE)
    assert code == 0, text
    assert "gate_trunk_ids" in text


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Emulator]:
    """Return a service with a private authority, that only lets those in who have a certificate of it, too."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    authority = trustme.CA()
    server, client = authority.issue_cert("127.0.0.1"), authority.issue_cert("client.example.com")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    server.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    client.cert_chain_pems[0].write_to_path(str(folder / "client.pem"))
    client.private_key_pem.write_to_path(str(folder / "client.key"))
    with Emulator(token=TOKEN, certfile=str(folder / "server.pem"), client_ca=str(folder / "ca.pem")) as service:
        yield service


@pytest.mark.parametrize("page", pages.names())
def test_the_examples_of_a_page_run(run: Runner, emulator: Emulator, gateway: Emulator, page: str) -> None:
    meant = {
        "https://voice.acme.example/api/v1": emulator.url,
        "https://gateway.acme.example/api/v1": gateway.url,
        "/etc/talkover/": f"{run.home / 'certificates'}/",
    }
    Reader(run, emulator.url, meant).follow(pages.blocks(page))
    assert emulator.requests or not pages.blocks(page)


def test_the_action_group_has_the_module(run: Runner, emulator: Emulator) -> None:
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/talkover.voice.talkover": {"api_url": emulator.url, "trunk_id": "trunk-healthy"}},
        "tasks": [{"talkover.voice.sip_trunk_info": {}}],
    }
    path = Path(run.home, "defaults.yml")
    path.write_text(yaml.safe_dump([play]), encoding="utf-8")
    code, output = run("playbook", str(path))
    assert code == 0, output
    assert len(emulator.requests) == 1
