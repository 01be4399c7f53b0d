# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory in real runs: hosts that learn about their trunks, trunks as hosts, and nothing half done."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ansible_collections.talkover.voice.tests.emulator import Emulator

if TYPE_CHECKING:
    from .conftest import Outcome, Runner

TOKEN = "talq_do_not_print_me_7f3a"
OURS = {"talkover_trunks", "talkover_trunk", "talkover_healthy", "talkover_problems"}
DEPLOYABLE: dict[str, Any] = {"groups": {"deployable": "talkover_healthy"}}
HOSTILE = "{{ lookup('pipe', 'touch PWNED') }}"


class Inventory:
    """A folder of sources, and what Ansible makes of them."""

    def __init__(self, run: Runner, url: str) -> None:
        self.run = run
        self.folder = run.home / "inventory"
        self.folder.mkdir()
        run.env["TALKOVER_API_URL"] = url

    def write(self, name: str, content: Any) -> str:
        """Write a file of the folder; what is no text, as JSON, which is YAML as well."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    def hosts(self, hosts: dict[str, Any], name: str = "01-hosts.yml", group: str = "pbx") -> str:
        """Write a source of hosts, given by their variables."""
        return self.write(name, {group: {"hosts": hosts}})

    def source(self, name: str = "99-talkover.yml", **options: Any) -> str:
        """Write a source of trunks."""
        return self.write(name, {"plugin": "talkover.voice.sip_trunks", "retries": 0, **options})

    def show(self, *arguments: str, **env: str) -> dict[str, Any]:
        """Give the inventory as ansible-inventory lists it, which must go without a word."""
        listed, said = self.listed(*arguments, **env)
        assert not said
        return listed

    def listed(self, *arguments: str, **env: str) -> tuple[dict[str, Any], str]:
        """Give the inventory as ansible-inventory lists it, and what it said, with each white space as one blank."""
        path = self.run.home / "listed.json"
        sources = [] if "-i" in arguments else ["-i", str(self.folder)]
        outcome = self.run("inventory", *sources, "--list", "--output", str(path), *arguments, **env)
        assert outcome.code == 0, outcome.output
        listed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), object_hook=_without_mark)
        # What is looked for in the files of a run is the token, and --export leaves another place for it.
        path.unlink()
        return listed, " ".join(outcome.output.split())

    def play(self, plays: list[dict[str, Any]], *arguments: str, **env: str) -> Outcome:
        """Run plays on the hosts of the inventory, without a connection."""
        path = self.run.home / "plays.yml"
        common = {"gather_facts": False, "connection": "local"}
        path.write_text(json.dumps([{**common, **play} for play in plays]), encoding="utf-8")
        return self.run("playbook", "-i", str(self.folder), str(path), *arguments, **env)


def _without_mark(value: dict[str, Any]) -> Any:
    # So ansible-inventory marks a text that must not be taken for a template.
    return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else value


def variables(listed: dict[str, Any], host: str) -> dict[str, Any]:
    """Give the variables of a host."""
    return dict(listed["_meta"]["hostvars"].get(host, {}))


def members(listed: dict[str, Any], group: str) -> list[str]:
    """Give the hosts of a group."""
    return sorted(listed.get(group, {}).get("hosts", []))


def asked(service: Emulator) -> Counter[str]:
    """Give how often each path was asked for."""
    return Counter(request.path.partition("/sip-trunks")[2] for request in service.requests)


@pytest.fixture
def inventory(run: Runner, emulator: Emulator) -> Inventory:
    """Give an inventory without any source, for the emulated service."""
    return Inventory(run, emulator.url)


@pytest.fixture
def down(run: Runner) -> Inventory:
    """Give an inventory for a service that has just gone."""
    with Emulator(token=TOKEN) as service:
        url = service.url
    return Inventory(run, url)


# What hosts learn.


def test_hosts_get_the_trunks_that_their_variables_name(inventory: Inventory, emulator: Emulator) -> None:
    inventory.write(
        "01-hosts.yml",
        {
            "pbx": {
                "children": {
                    "ours": {
                        "hosts": {
                            "own": {"talkover_trunk_id": "trunk-sick"},
                            "group": {},
                            "several": {"talkover_trunk_id": ["trunk-sick", "trunk-healthy", "trunk-sick"]},
                            "template": {"carrier": "healthy", "talkover_trunk_id": "trunk-{{ carrier }}"},
                        },
                        "vars": {"talkover_trunk_id": "trunk-healthy"},
                    },
                    "files": {"hosts": {"group-file": {}, "host-file": {}}},
                    "others": {
                        "hosts": {
                            "undefined": {},
                            "not-quite": {"talkover_trunk_id": "{{ nothing }}"},
                            "empty": {"talkover_trunk_id": ""},
                            "none": {"talkover_trunk_id": None},
                            "no-item": {"talkover_trunk_id": []},
                        }
                    },
                }
            }
        },
    )
    inventory.write("group_vars/files.yml", {"talkover_trunk_id": "trunk-healthy"})
    inventory.write("host_vars/host-file.yml", {"talkover_trunk_id": "trunk-recovering"})
    inventory.source(
        compose={"carrier_name": "talkover_trunk.name", "broken": "talkover_trunk.nothing.at_all"},
        keyed_groups=[{"key": "talkover_trunks | map(attribute='provider_name') | list", "prefix": "carrier"}],
        **DEPLOYABLE,
    )
    listed = inventory.show()

    assert asked(emulator) == {"/trunk-healthy": 1, "/trunk-sick": 1, "/trunk-recovering": 1}
    for host in ("group", "template", "group-file"):
        found = variables(listed, host)
        assert found["talkover_trunk"]["id"] == "trunk-healthy"
        assert found["talkover_trunks"] == [found["talkover_trunk"]]
        assert (found["talkover_healthy"], found["talkover_problems"]) == (True, {})
        assert found["carrier_name"] == "Primary Carrier — US"
        assert "broken" not in found
    several = variables(listed, "several")
    assert [trunk["id"] for trunk in several["talkover_trunks"]] == ["trunk-sick", "trunk-healthy"]
    assert "talkover_trunk" not in several
    assert several["talkover_healthy"] is False
    assert several["talkover_problems"] == variables(listed, "own")["talkover_problems"]
    assert list(several["talkover_problems"]) == ["trunk-sick"]
    assert 'health_status is "unhealthy", but must be "healthy".' in several["talkover_problems"]["trunk-sick"]
    assert variables(listed, "host-file")["talkover_trunk"]["id"] == "trunk-recovering"
    for host in ("undefined", "not-quite", "empty", "none", "no-item"):
        assert not OURS & set(variables(listed, host))
    assert members(listed, "deployable") == ["group", "group-file", "template"]
    assert members(listed, "carrier_primary_carrier") == ["group", "group-file", "several", "template"]
    assert members(listed, "carrier_backup_carrier") == ["own", "several"]
    # Nothing but the password, which the service never shows, is left out of a record.
    assert variables(listed, "own")["talkover_trunk"]["username"] == "talkover"


def test_a_thousand_hosts_share_fifty_trunks(run: Runner) -> None:
    from ansible_collections.talkover.voice.tests.emulator import scenario

    trunks = scenario.generated(50)
    with Emulator(token=TOKEN, trunks=trunks) as service:
        inventory = Inventory(run, service.url)
        inventory.hosts({f"pbx{n}": {"talkover_trunk_id": trunks[n % 50]["id"]} for n in range(1000)})
        inventory.source(**DEPLOYABLE)
        listed = inventory.show()
        assert asked(service) == {f"/{trunk['id']}": 1 for trunk in trunks}
        assert {request.status for request in service.requests} == {200}
    assert len(members(listed, "deployable")) == 1000
    assert all(
        variables(listed, f"pbx{n}")["talkover_trunk"]["id"] == trunks[n % 50]["id"] for n in (0, 49, 50, 777, 999)
    )


def test_trunks_are_hosts_beside_those_that_use_them(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-sick"}, "pbx2": {}})
    inventory.write("group_vars/talkover_trunks.yml", {"city": "Recife"})
    inventory.source(
        all_trunks=True,
        compose={"label": "city | default('-') ~ ' ' ~ talkover_trunk.id ~ ' ' ~ inventory_hostname"},
        **DEPLOYABLE,
    )
    listed = inventory.show()
    assert asked(emulator) == {"": 1, "/trunk-healthy": 1, "/trunk-sick": 1, "/trunk-recovering": 1}
    assert members(listed, "talkover_trunks") == ["trunk-healthy", "trunk-recovering", "trunk-sick"]
    assert members(listed, "deployable") == ["trunk-healthy"]
    assert variables(listed, "trunk-sick")["talkover_trunk"] == variables(listed, "pbx1")["talkover_trunk"]
    assert variables(listed, "trunk-sick")["label"] == "Recife trunk-sick trunk-sick"
    assert variables(listed, "pbx1")["label"] == "- trunk-sick pbx1"
    assert not OURS & set(variables(listed, "pbx2"))


def test_summaries_take_one_request(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-sick"}, "pbx2": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source(details=False, all_trunks=True, **DEPLOYABLE)
    listed = inventory.show()
    assert asked(emulator) == {"": 1}
    assert members(listed, "deployable") == ["pbx2", "trunk-healthy"]
    assert "username" not in variables(listed, "pbx1")["talkover_trunk"]


def test_live_checks_numbers_and_their_age(inventory: Inventory, emulator: Emulator) -> None:
    emulator.trunks["trunk-healthy"]["last_health_check_at"] = "2020-01-01T00:00:00Z"
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"talkover_trunk_id": "trunk-sick"}})
    inventory.source(include=["live_health", "dids"], max_health_age=600, **DEPLOYABLE)
    listed = inventory.show()
    assert members(listed, "deployable") == ["pbx1"]
    trunk = variables(listed, "pbx2")["talkover_trunk"]
    assert trunk["dids"][0]["number"] == "+551130031234"
    assert "No answer to SIP OPTIONS" in str(variables(listed, "pbx2")["talkover_problems"])

    inventory.source(max_health_age=600, **DEPLOYABLE)
    listed = inventory.show()
    assert members(listed, "deployable") == []
    assert "must not be older than 600 s" in str(variables(listed, "pbx1")["talkover_problems"])


def test_a_trunk_that_does_not_exist(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts(
        {"pbx1": {"talkover_trunk_id": "trunk-gone"}, "pbx2": {"talkover_trunk_id": ["trunk-healthy", "trunk-gone"]}}
    )
    inventory.source(missing_ok=True, **DEPLOYABLE)
    listed = inventory.show()
    for host, trunks in (("pbx1", []), ("pbx2", ["trunk-healthy"])):
        found = variables(listed, host)
        assert [trunk["id"] for trunk in found["talkover_trunks"]] == trunks
        assert "talkover_trunk" not in found
        assert found["talkover_healthy"] is False
        assert found["talkover_problems"] == {"trunk-gone": ["This trunk does not exist."]}
    assert members(listed, "deployable") == []

    inventory.source(**DEPLOYABLE)
    assert_failed(*inventory.listed(), "trunk 'trunk-gone'", "404", "Check the ID")


# What fails, fails as a whole.


def assert_failed(listed: dict[str, Any], said: str, *words: str) -> None:
    """Check that a source failed with one message, and did nothing to any host or group."""
    assert not any(OURS & set(found) for found in listed["_meta"]["hostvars"].values())
    assert set(listed) <= {"_meta", "all", "pbx", "ungrouped"}
    assert "Traceback" not in said
    for word in words:
        assert word in said
    # From ansible-core 2.19 on, it prints each message once more as the cause of itself.
    assert len(re.findall(r"auto'? plugin: ", said)) == 1


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"compose": {"first": "talkover_healthy", "label": "talkover_trunks[1].name"}}, "Could not set label"),
        ({"groups": {"early": "talkover_healthy", "late": "talkover_trunks[1].is_active"}}, "Could not add host pbx2"),
        ({"keyed_groups": [{"key": "talkover_trunks[1].name"}]}, "Could not generate group for host pbx2"),
    ],
)
def test_strict_templates_leave_no_host_half_done(inventory: Inventory, options: dict[str, Any], word: str) -> None:
    # The first host can be composed, the second cannot.
    inventory.hosts(
        {
            "pbx1": {"talkover_trunk_id": ["trunk-healthy", "trunk-recovering"]},
            "pbx2": {"talkover_trunk_id": "trunk-healthy"},
        }
    )
    inventory.source(strict=True, **options)
    assert_failed(*inventory.listed(), word)
    inventory.source(**options)
    assert set(variables(inventory.show(), "pbx2")) >= OURS


def test_one_answer_that_is_missing_fails_all(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"talkover_trunk_id": "trunk-sick"}})
    inventory.source(all_trunks=True, **DEPLOYABLE)
    emulator.fail_next("/trunk-sick", status=500)
    assert_failed(*inventory.listed(), "Asked for trunk 'trunk-sick'", "500")


def test_a_service_that_cannot_be_asked(down: Inventory) -> None:
    down.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    down.source(**DEPLOYABLE)
    assert_failed(*down.listed(), "Asked for trunk 'trunk-healthy'", "refused")

    play = {"tasks": [{"debug": {"msg": "Deploying to {{ inventory_hostname }}."}}]}
    block_list = {"hosts": "all:!blocked", **play, "vars": {"blocked_is_a_bad_idea": True}}
    closed = down.play([{"hosts": "deployable", **play}])
    opened = down.play([block_list])
    assert "Deploying to" not in closed.output
    # What the guide warns of.
    assert "Deploying to pbx1." in opened.output

    strictly = down.play([block_list], ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")
    assert strictly.code != 0
    assert "Deploying to" not in strictly.output
    assert "Traceback" not in strictly.output
    listed = down.run("inventory", "-i", str(down.folder), "--list", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")
    assert listed.code != 0


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"id": "trunk-healthy"}, "dict"),
        (True, "bool"),
        (["trunk-healthy", ""], "an empty ID"),
        ("..", "no trunk but a path"),
    ],
)
def test_a_value_that_is_no_trunk_names_its_host(
    inventory: Inventory, emulator: Emulator, value: Any, word: str
) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"talkover_trunk_id": value}})
    inventory.source(**DEPLOYABLE)
    assert_failed(*inventory.listed(), "trunk_id_from gives host pbx2 no trunk", word)
    assert not emulator.requests


def test_a_broken_expression_names_a_host(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source(trunk_id_from="talkover_trunk_id | no_such_filter")
    assert_failed(*inventory.listed(), "trunk_id_from gives host pbx1 no trunk", "no_such_filter")
    assert not emulator.requests


def test_hosts_come_before_their_trunks(inventory: Inventory) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}}, name="50-hosts.yml")
    inventory.source("10-talkover.yml", **DEPLOYABLE)
    assert_failed(*inventory.listed(), "No earlier inventory source defined a host", "Name this source after those")
    (inventory.folder / "10-talkover.yml").rename(inventory.folder / "60-talkover.yml")
    assert members(inventory.show(), "deployable") == ["pbx1"]


def test_a_host_and_a_group_of_one_name(inventory: Inventory, emulator: Emulator) -> None:
    # Ansible would give the verdict on the host to all hosts of the group.
    inventory.write(
        "01-hosts.yml", {"pbx": {"hosts": {"pbx": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"x": 1}}}}
    )
    inventory.source(**DEPLOYABLE)
    word = "There would be both a host and a group called"
    assert_failed(*inventory.listed(), f"{word} pbx.")

    # And all hosts would become members of what this trunk is a member of.
    inventory.hosts({"pbx1": {}})
    emulator.trunks["all"] = {"id": "all"}
    inventory.source(all_trunks=True, **DEPLOYABLE)
    assert_failed(*inventory.listed(), f"{word} all.")

    del emulator.trunks["all"]
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source(groups={"pbx1": "talkover_healthy"})
    assert_failed(*inventory.listed(), f"{word} pbx1.")


def test_the_name_of_the_source(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}})
    inventory.source("99-trunks.yml")
    listed, said = inventory.listed()
    assert "could not be verified by inventory plugin 'talkover.voice.sip_trunks'" in said
    assert not OURS & set(variables(listed, "pbx1"))
    assert not emulator.requests
    (inventory.folder / "99-trunks.yml").rename(inventory.folder / "99-talkover.yaml")
    assert set(variables(inventory.show(), "pbx1")) >= OURS


# Options.


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
    inventory.source(timeout="{{ nothing }}")
    listed, said = inventory.listed(**env)
    assert "nothing" in said
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
    assert_failed(*inventory.listed(TALKOVER_TOKEN="talq_of_somebody_else"), "Asked for trunk", "401")
    assert {request.status for request in emulator.requests} == {401}


# The cache.


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
    assert_failed(*inventory.listed(TALKOVER_TOKEN=other), "Asked for trunk", "401")
    inventory.source(include="live_health", **options)
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


# Ways to look at it.


def test_the_commands_that_show_an_inventory(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts({"pbx1": {"talkover_trunk_id": "trunk-healthy"}, "pbx2": {"talkover_trunk_id": "trunk-sick"}})
    source = inventory.source(**DEPLOYABLE)
    folder = str(inventory.folder)

    graph = inventory.run("inventory", "-i", folder, "--graph", "--vars").output
    deployable = graph[graph.index("@deployable") :].partition("|--@")[0]
    assert "pbx1" in deployable
    assert "pbx2" not in deployable
    assert "{talkover_healthy = True}" in graph
    assert "{talkover_healthy = False}" in graph

    host = inventory.run("inventory", "-i", folder, "--host", "pbx2")
    assert json.loads(host.output, object_hook=_without_mark)["talkover_trunk"]["id"] == "trunk-sick"

    as_yaml = inventory.run("inventory", "-i", folder, "--list", "--yaml")
    assert as_yaml.code == 0, as_yaml.output
    assert "talkover_healthy: true" in as_yaml.output

    exported = inventory.show("--export", "--limit", "pbx2")
    assert set(exported["_meta"]["hostvars"]) == {"pbx2"}
    assert variables(exported, "pbx2")["talkover_healthy"] is False

    emulator.requests.clear()
    twice = inventory.show("-i", folder, "-i", source)
    assert members(twice, "deployable") == ["pbx1"]
    assert asked(emulator) == {"/trunk-healthy": 2, "/trunk-sick": 2}


# A record is data.


@pytest.mark.parametrize("characters", ["", "ignore"])
def test_what_the_service_says_is_never_a_template(inventory: Inventory, emulator: Emulator, characters: str) -> None:
    emulator.trunks.clear()
    emulator.trunks[HOSTILE] = {"id": HOSTILE, "name": HOSTILE, "provider_name": HOSTILE, "health_status": HOSTILE}
    inventory.hosts({"pbx1": {"wanted": ["x"]}})
    inventory.source(
        all_trunks=True,
        compose={
            "note": "talkover_trunk.name",
            "notes": "{'a': [talkover_trunk.name ~ '!'], 'b': talkover_trunks | map(attribute='name') | join}",
        },
        keyed_groups=[
            {"key": "talkover_trunk.provider_name", "prefix": "carrier"},
            {"key": "talkover_trunk.name", "prefix": "", "separator": "name "},
        ],
    )
    (inventory.run.home / "shown.j2").write_text("{{ everything | to_json }}\n{{ note }}\n", encoding="utf-8")
    names = ("talkover_trunks", "talkover_problems", "note", "notes", "inventory_hostname", "group_names")
    everything = {name: f"{{{{ {name} }}}}" for name in (*names, "inventory_hostname_short")}
    env = {"ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS": characters} if characters else {}
    shown = str(inventory.run.home / "shown")
    outcome = inventory.play(
        [
            {
                "hosts": "talkover_trunks",
                "tasks": [
                    {"debug": {"var": "hostvars[inventory_hostname]"}},
                    {"debug": {"msg": "{{ groups }} {{ group_names }} {{ inventory_hostname_short }}"}},
                    {"set_fact": {"everything": everything}},
                    {"set_fact": {"everything": "{{ everything }}", "once_more": "{{ everything.note }}"}},
                    {"debug": {"msg": "{{ everything }} {{ once_more }}"}},
                    {"template": {"src": str(inventory.run.home / "shown.j2"), "dest": shown}},
                    {"assert": {"that": ["once_more == note", "note == talkover_trunk.name"]}},
                ],
            }
        ],
        **env,
    )
    assert outcome.code == 0, outcome.output
    assert not list(inventory.run.home.rglob("PWNED"))
    first, _newline, rest = Path(shown).read_text(encoding="utf-8").partition("\n")
    found = json.loads(first)
    assert found["note"] == found["inventory_hostname"] == found["talkover_trunks"][0]["name"] == HOSTILE
    assert found["notes"] == {"a": [f"{HOSTILE}!"], "b": HOSTILE}
    assert found["inventory_hostname_short"] == HOSTILE.partition(".")[0]
    assert list(found["talkover_problems"]) == [HOSTILE]
    assert rest == f"{HOSTILE}\n"
    assert (f"carrier_{HOSTILE}" in found["group_names"]) is bool(characters)
    assert not list(inventory.run.home.rglob("PWNED"))


def test_names_arrive_as_they_are(inventory: Inventory, emulator: Emulator) -> None:
    names = [
        '{% raw %}"',
        'it\'s {# a #} "trunk"\nof two lines',
        "Транк — トランク ☎ \u202eيمين",
        "{'a': [1]}",
        "!unsafe",
    ]
    emulator.trunks.clear()
    for number, name in enumerate(names):
        emulator.trunks[f"t{number}"] = {"id": f"t{number}", "name": name, "provider_name": f"  {name}"}
    inventory.hosts({"pbx1": {"talkover_trunk_id": [f"t{number}" for number in range(len(names))]}})
    inventory.source(
        compose={"names": "talkover_trunks | map(attribute='name') | list"},
        keyed_groups=[{"key": "talkover_trunks | map(attribute='name') | list", "prefix": "", "separator": ""}],
    )
    for setting in ("", "always", "silently", "ignore", "never"):
        env = {"ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS": setting} if setting else {}
        listed, said = inventory.listed(**env)
        found = variables(listed, "pbx1")
        assert [trunk["name"] for trunk in found["talkover_trunks"]] == found["names"] == names
        assert [trunk["provider_name"] for trunk in found["talkover_trunks"]] == [f"  {name}" for name in names]
        kept = setting in ("ignore", "never")
        assert all((name in listed) is kept for name in names)
        assert ("it_s____a_____trunk__of_two_lines" in listed) is not kept
        assert ("Invalid characters were found" in said) is (setting in ("always", "never"))


# What is documented is run.


def documented(run: Runner) -> list[dict[str, Any]]:
    """Give the sources among the examples of the plugin; all but the first are comments, as an example is one file."""
    code, output = run("doc", "--json", "-t", "inventory", "talkover.voice.sip_trunks")
    assert code == 0, output
    page = json.loads(output)["talkover.voice.sip_trunks"]
    assert page["doc"]["short_description"]
    bare = (re.sub("^# ?", "", part, flags=re.MULTILINE) for part in page["examples"].split("\n\n"))
    return [yaml.safe_load(part[part.index("plugin: ") :]) for part in bare if "plugin: " in part]


def test_the_examples_of_the_plugin_run(inventory: Inventory, emulator: Emulator) -> None:
    inventory.hosts(
        {
            "pbx1": {"talkover_trunk_id": "trunk-healthy", "voice": {"trunks": ["trunk-healthy"]}},
            "pbx2": {"talkover_trunk_id": "trunk-sick", "voice": {"trunks": ["trunk-sick", "trunk-healthy"]}},
        }
    )
    first, second, third = documented(inventory.run)
    inventory.write("99-talkover.yml", first)
    assert members(inventory.show(), "deployable") == ["pbx1"]
    inventory.write("99-talkover.yml", second)
    listed = inventory.show()
    assert members(listed, "deployable") == ["pbx1"]
    assert members(listed, "carrier_primary_carrier") == ["pbx1", "pbx2"]
    assert variables(listed, "pbx2")["carrier"] == "backup-carrier, primary-carrier"
    inventory.write("99-talkover.yml", third)
    assert len(members(inventory.show(), "talkover_trunks")) == 3
    emulator.requests.clear()
    assert len(members(inventory.show(), "talkover_trunks")) == 3
    assert not emulator.requests


@pytest.fixture
def examples(inventory: Inventory, tree: Path) -> Path:
    """Give a copy of the examples, as a user would make."""
    inventory.folder.rmdir()
    shutil.copytree(tree / "ansible_collections/talkover/voice/docs/examples/fleet", inventory.folder)
    return inventory.folder


def test_the_deploy_goes_to_the_deployable_hosts(inventory: Inventory, emulator: Emulator, examples: Path) -> None:
    emulator.trunks["trunk-recovering"] |= {"changes": [], "live": []}
    env = {"ANSIBLE_CONFIG": str(examples / "ansible.cfg")}
    deploy = str(examples / "deploy.yml")
    outcome = inventory.run("playbook", deploy, **env)
    assert outcome.code == 0, outcome.output
    deployed = sorted(re.findall(r"Deploying to (\S+),", outcome.output))
    assert deployed == ["pbx-houston-1", "pbx-houston-2", "pbx-recife-1"]
    assert "Primary Carrier" in outcome.output

    emulator.trunks["trunk-healthy"]["live"] = {"is_healthy": False}
    emulator.trunks["trunk-recovering"]["is_active"] = False
    none = inventory.run("playbook", deploy, **env)
    assert none.code == 0, none.output
    assert "no hosts matched" in none.output

    emulator.fail_next("/health", status=403)
    unknown = inventory.run("playbook", deploy, **env)
    assert unknown.code != 0
    assert "Deploying to" not in none.output + unknown.output


def test_the_other_sources_of_the_guide(inventory: Inventory, emulator: Emulator, examples: Path) -> None:
    def listed(source: str, *arguments: str, **env: str) -> dict[str, Any]:
        hosts = str(examples / "hosts.yml")
        return inventory.show("-i", hosts, "-i", str(examples / source), *arguments, **env)

    for _twice in range(2):
        assert members(listed("cached.talkover.yml"), "deployable") == ["pbx-houston-1", "pbx-houston-2"]
    assert asked(emulator) == {"/trunk-healthy": 1, "/trunk-sick": 1, "/trunk-recovering": 1}

    trunks = listed("trunks.talkover.yml")
    assert set(members(trunks, "sick")) >= {"trunk-sick", "pbx-sao-paulo-1"}
    assert "trunk-healthy" in members(trunks, "carrier_primary_carrier")

    run = inventory.run
    password = run.home / "password"
    password.write_text("correct horse", encoding="utf-8")
    vault = ("--vault-password-file", str(password))
    code, secret = run("vault", "encrypt_string", *vault, TOKEN)
    assert code == 0, secret
    lines = textwrap.dedent(secret.partition("!vault |\n")[2]).strip().splitlines()
    (run.home / "talkover.token").write_text(
        "\n".join(line for line in lines if re.fullmatch(r"\$ANSIBLE_VAULT.*|[0-9a-f]+", line)) + "\n", encoding="utf-8"
    )
    assert "pbx-houston-1" in members(listed("vault.talkover.yml", *vault, TALKOVER_TOKEN=""), "deployable")


def test_the_guide_shows_the_examples_as_they_are(tree: Path) -> None:
    docs = tree / "ansible_collections/talkover/voice/docs"
    guide = (docs / "docsite/rst/guide_inventory.rst").read_text(encoding="utf-8")
    blocks = re.findall(r"^\.\. code-block:: (?:yaml|ini)\n\n((?: {4}.*\n|\n)+)", guide, re.MULTILINE)
    shown = {textwrap.dedent(block).strip() for block in blocks}
    files = {
        path.name: path.read_text(encoding="utf-8").partition("\n\n")[2].removeprefix("---\n").strip()
        for path in (docs / "examples/fleet").iterdir()
    }
    assert shown == set(files.values())
