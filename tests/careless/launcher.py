# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run Ansible's commands in forks of one process that has imported Ansible already.

A command costs 0.1 s this way instead of 0.8 s. Each one runs the real command-line class in a process of its own, so
no state passes from one to the next. Only caches of code are warm: the plugin loaders, and the modules of Python.

The parent reads one JSON object per line of the input: C(arguments), C(directory), C(environment), and
C(output), the file for the standard output and error. It answers with the exit code on a line.

What Ansible reads when it is imported (most of E(ANSIBLE_*)) is fixed by the environment of the parent.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import sys
import traceback
import warnings
from typing import Any

COMMANDS = {"playbook": "PlaybookCLI", "inventory": "InventoryCLI", "doc": "DocCLI", "vault": "VaultCLI"}
TIMEOUT = 300
"""Seconds after which a command is killed."""
SETTINGS = {
    "ANSIBLE_ASYNC_DIR",
    "ANSIBLE_CACHE_PLUGIN",
    "ANSIBLE_CACHE_PLUGIN_CONNECTION",
    "ANSIBLE_CACHE_PLUGIN_TIMEOUT",
    "ANSIBLE_CALLBACKS_ENABLED",
    "ANSIBLE_DEBUG",
    "ANSIBLE_DEPRECATION_WARNINGS",
    "ANSIBLE_HASH_BEHAVIOUR",
    "ANSIBLE_HOME",
    "ANSIBLE_INJECT_INVOCATION",
    "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED",
    "ANSIBLE_INVENTORY_CACHE",
    "ANSIBLE_INVENTORY_CACHE_CONNECTION",
    "ANSIBLE_INVENTORY_CACHE_PLUGIN",
    "ANSIBLE_INVENTORY_CACHE_TIMEOUT",
    "ANSIBLE_INVENTORY_ENABLED",
    "ANSIBLE_LOCAL_TEMP",
    "ANSIBLE_PIPELINING",
    "ANSIBLE_PRECEDENCE",
    "ANSIBLE_REMOTE_TEMP",
    "ANSIBLE_TRANSFORM_INVALID_GROUP_CHARS",
}
"""The settings that may differ between commands, because Ansible or its plugins read them when they are used."""
INVENTORY_PLUGINS = ("host_list", "script", "auto", "yaml", "ini", "toml", "advanced_host_list", "constructed")


def warm_up() -> None:
    """Import what every command needs, and load the documentation of the plugins that it uses."""
    # What a task's worker imports, too.
    import requests  # noqa: F401
    from ansible.cli import doc, inventory, playbook, vault  # noqa: F401
    from ansible.executor import task_executor  # noqa: F401
    from ansible.plugins import loader

    with contextlib.suppress(Exception):
        loader.init_plugin_loader()
        importlib.import_module("ansible_collections.ansible.builtin")
        importlib.import_module("ansible_collections.talkover.voice")
        for name in INVENTORY_PLUGINS:
            loader.inventory_loader.get(name)
        loader.inventory_loader.get("talkover.voice.sip_trunks")
        loader.lookup_loader.get("talkover.voice.sip_trunk")
        # What every play loads, with the documentation of each.
        for kind in ("become", "callback", "connection", "shell"):
            list(getattr(loader, f"{kind}_loader").all(class_only=True))
        loader.cache_loader.get("memory")
        loader.strategy_loader.get("linear", class_only=True)
        for name in ("debug", "assert", "set_fact", "gather_facts", "talkover.voice.sip_trunk_info"):
            loader.action_loader.get(name, class_only=True)


def renew_settings() -> None:
    """Read the settings again that may differ, as Ansible does when it is imported."""
    from ansible import constants

    for name, definition in constants.config.get_configuration_definitions().items():
        if SETTINGS.intersection(variable["name"] for variable in definition.get("env", ())):
            setattr(constants, name, constants.config.get_config_value(name))


def run_command(command: str, arguments: list[str]) -> int:
    """Run a command as its console script does."""
    module = importlib.import_module(f"ansible.cli.{command}")
    try:
        getattr(module, COMMANDS[command]).cli_executor([f"ansible-{command}", *arguments])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:  # noqa: BLE001  # it ends this process, and the test reads it
        traceback.print_exc()
        return 250
    return 0


def start(request: dict[str, Any]) -> int:
    """Fork, run one command, and return its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 250
    try:
        output = os.open(str(request["output"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(str(request["directory"]))
        # The workers of a command have no alarm of its own: a fork clears it.
        signal.alarm(TIMEOUT)
        command, *arguments = request["arguments"]
        # Ansible warns that the launcher has set up the collections already.
        warnings.simplefilter("ignore")
        renew_settings()
        code = run_command(command, arguments)
        # Removes the temporary directories of this command.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code & 0xFF)


def main() -> None:
    """Answer requests until the standard input ends."""
    warm_up()
    requests, answers = sys.stdin, os.fdopen(os.dup(1), "w")
    # Nothing that a plugin prints while it is loaded may look like an answer.
    os.dup2(2, 1)
    for line in requests:
        answers.write(f"{start(json.loads(line))}\n")
        answers.flush()


if __name__ == "__main__":
    main()
