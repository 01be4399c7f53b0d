# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow a page of the documentation: save its files, run its plays, and run its commands."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import jinja2
import yaml

from ansible_collections.talkover.voice.tests.integration.commands import TOKEN, Runner
from ansible_collections.talkover.voice.tests.integration.pages import EXAMPLES, Block

# Hosts for pages that define none. The hosts of the pages have a healthy trunk; the office must not be deployed to.
_HOSTS = """
all:
  vars: {ansible_connection: local}
  children:
    pbx: {hosts: {pbx-1: {talkover_trunk_id: trunk-healthy}}}
    offices: {hosts: {office-1: {talkover_trunk_id: trunk-sick}}}
    windows: {hosts: {windows-1: {talkover_trunk_id: trunk-healthy, ansible_connection: winrm}}}
"""
_END = [{"ansible.builtin.assert": {"that": "'office-1' not in groups.deployable | default([])"}}]
# What is typed, and how it reaches this Python. The installed commands have the path of their Python in the first line,
# where Ansible takes no blank.
_COMMANDS = {
    "ansible": "-m ansible.cli.adhoc",
    "ansible-inventory": "-m ansible.cli.inventory",
    "ansible-playbook": "-m ansible.cli.playbook",
    "python": "",
    "python3": "",
}
# As ansible-rulebook runs an event source.
_FIRST_EVENT = """
import asyncio, json, runpy, sys
async def first(main, args):
    queue = asyncio.Queue(1)
    tasks = asyncio.ensure_future(main(queue, args)), asyncio.ensure_future(queue.get())
    (ended, *_rest), _running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    print(ended.result())
    for task in tasks:
        task.cancel()
asyncio.run(first(runpy.run_path(sys.argv[1])["main"], json.loads(sys.argv[2])))
"""
_WORDS = {
    "<your token>": TOKEN,
    "<seu token>": TOKEN,
    "<the ID of your trunk>": "trunk-healthy",
    "<o ID do seu tronco>": "trunk-healthy",
}


class Reader:
    """Does so in the home of a runner.

    :param meant: what stands on a page for an address or a file, and what it is here.
    """

    def __init__(self, run: Runner, url: str, meant: Mapping[str, str]) -> None:
        self._run = run
        self._url = url
        self._meant = {**_WORDS, **meant}
        self._plays: list[str] = []
        self._sources: list[str] = []
        self._fields: dict[str, str] = {}
        path = f"{run.home / 'bin'}:{run.env['PATH']}"
        run.env |= {"PATH": path, "PYTHONPATH": run.env["ANSIBLE_COLLECTIONS_PATH"], "TALKOVER_API_URL": url}
        for command, arguments in _COMMANDS.items():
            self._save(f"bin/{command}", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {arguments} "$@"\n')
            (run.home / "bin" / command).chmod(0o755)
        self._save("hosts.yml", _HOSTS)

    def follow(self, blocks: Iterable[Block]) -> None:
        """Run the blocks of a page: all plays with all sources in one process, then the commands.

        :raises AssertionError: when a play or a command failed.
        """
        kinds = [(block, block.kind) for block in blocks]
        typed = [self._filled("\n".join(block.commands())) for block, kind in kinds if kind == "console"]
        for number, (block, kind) in enumerate(kinds):
            if kind != "console":
                name = block.name or f"{number}.{'talkover.yml' if kind == 'source' else 'yml'}"
                text = self._filled(block.text)
                self._save(name, text)
                # Skip files that a later command uses.
                if not (block.name and name.partition("/")[0] in " ".join(typed)):
                    getattr(self, f"_use_{kind}")(name, text)
        if self._plays or self._sources:
            self._play()
        for commands in typed:
            self._type(commands)

    def _filled(self, text: str) -> str:
        for word, meaning in self._meant.items():
            text = text.replace(word, meaning)
        return text

    def _save(self, name: str, text: str) -> None:
        path = self._run.home / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _save_play(self, name: str, **play: Any) -> None:
        self._save(name, yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, **play}]))

    def _use_plays(self, name: str, _text: str) -> None:
        self._plays.append(name)

    def _use_rulebook(self, _name: str, text: str) -> None:
        """Wait for an event of each source. The tests in tests/events run rulebooks."""
        source = EXAMPLES.parent / "extensions" / "eda" / "plugins" / "event_source" / "sip_trunk_health.py"
        for ruleset in yaml.safe_load(text):
            for sources in ruleset["sources"]:
                args = {**sources["talkover.voice.sip_trunk_health"], "initial": "all", "sick_after": 1}
                self._succeed("-c", _FIRST_EVENT, str(source), json.dumps(args))

    def _use_tasks(self, name: str, text: str) -> None:
        self._save_play(name, tasks=yaml.safe_load(text))
        self._plays.append(name)

    def _use_variables(self, name: str, text: str) -> None:
        variables = yaml.safe_load(text)
        tasks = [{"ansible.builtin.assert": {"that": f"{variable} is defined"}} for variable in variables]
        self._save_play(name, hosts="pbx", vars=variables, tasks=tasks)
        self._plays.append(name)

    def _use_source(self, name: str, _text: str) -> None:
        self._sources.append(name)

    def _use_hosts(self, name: str, text: str) -> None:
        """Write the hosts to the inventory of the plays."""

    def _use_ini(self, name: str, text: str) -> None:
        """Write the configuration file of Ansible."""

    def _use_inputs(self, _name: str, text: str) -> None:
        """Fill a form in, as the user of a platform would. What the environment said before is not for plays there."""
        for field in yaml.safe_load(text)["fields"]:
            self._fields[field["id"]] = TOKEN if field.get("secret") else self._url
        del self._run.env["TALKOVER_TOKEN"], self._run.env["TALKOVER_API_URL"]

    def _use_injectors(self, _name: str, text: str) -> None:
        """Put what was filled in where the platform would."""
        for name, template in yaml.safe_load(text)["env"].items():
            self._run.env[name] = jinja2.Template(template).render(self._fields)

    def _use_environment(self, name: str, _text: str) -> None:
        self._succeed("-m", "ansible_builder", "create", "--file", name)

    def _use_json(self, name: str, _text: str) -> None:
        # It ends at the end of its stdin, which is empty.
        options = ["--exit-with-stdin", "--port", "0", "--trunks", name]
        self._succeed("-m", "ansible_collections.talkover.voice.tests.emulator", *options)

    def _use_python(self, _name: str, text: str) -> None:
        self._succeed("-c", text)

    def _succeed(self, *arguments: str) -> None:
        outcome = self._run.start(*arguments)
        assert outcome.code == 0, outcome.output

    def _play(self) -> None:
        self._save_play("end.yml", tasks=_END)
        sources = [argument for name in ["hosts.yml", *self._sources] for argument in ("-i", name)]
        extra = json.dumps({"trunk_id": "trunk-healthy", "trunk_ids": ["trunk-healthy"], "talkover_api_url": self._url})
        outcome = self._run(
            *("playbook", *sources, "-e", extra, *self._plays, "end.yml"), ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="1"
        )
        assert outcome.code == 0, outcome.output

    def _type(self, commands: str) -> None:
        outcome = self._run.run("bash", "-euc", commands)
        assert outcome.code == 0, f"{commands}\n{outcome.output}"
        assert not self._run.leaking(outcome.output)
