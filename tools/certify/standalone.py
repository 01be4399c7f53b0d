# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the collection works when only the directories that Ansible uses are installed."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from .importer import run

# A collection must work if every other file and directory is deleted.
DIRECTORIES = ("meta", "playbooks", "plugins", "roles")
# Without a token, each plugin fails with an error of its own before it sends a request.
PLUGINS = {
    "sip_trunk_info": {"talkover.voice.sip_trunk_info": {"trunk_id": "a"}},
    "sip_trunk": {"ansible.builtin.debug": {"msg": "{{ lookup('talkover.voice.sip_trunk', 'a') }}"}},
}
RECORD = {"id": "a", "is_active": True, "is_verified": False, "health_status": "healthy"}
VERDICT = [
    "trunk is not talkover.voice.healthy",
    "(trunk | talkover.voice.health_problems) is search('is_verified')",
]


def check_standalone(tree: Path, folder: Path) -> Iterator[str]:
    """Yield what fails in a tree with only the directories that Ansible uses."""
    collection = folder / "ansible_collections" / "talkover" / "voice"
    for name in filter(lambda name: (tree / name).is_dir(), DIRECTORIES):
        shutil.copytree(tree / name, collection / name)
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.assert": {"that": VERDICT}, "vars": {"trunk": RECORD}},
            *({**task, "register": name, "ignore_errors": True} for name, task in PLUGINS.items()),
            *(
                {"ansible.builtin.assert": {"that": f"{name}.msg is search('api_token|TALKOVER_TOKEN')"}}
                for name in PLUGINS
            ),
        ],
    }
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "a.talkover.yml").write_text("plugin: talkover.voice.sip_trunks\nall_trunks: true\n", encoding="utf-8")
    scripts = Path(sys.executable).parent
    env = {"ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_LOCALHOST_WARNING": "false", "TALKOVER_TOKEN": ""}
    outcome = run([str(scripts / "ansible-playbook"), "play.yml"], folder, **env)
    if outcome.returncode:
        yield f"play: {outcome.stdout} {outcome.stderr}"
    outcome = run([str(scripts / "ansible-inventory"), "-i", "a.talkover.yml", "--list"], folder, **env)
    if "TALKOVER_TOKEN" not in outcome.stderr:
        yield f"inventory: {outcome.stdout} {outcome.stderr}"
    for playbook in sorted((tree / "playbooks").glob("*.yml")):
        name = f"talkover.voice.{playbook.stem}"
        outcome = run([str(scripts / "ansible-playbook"), "--syntax-check", name], folder, **env)
        if outcome.returncode:
            yield f"playbook {name}: {outcome.stderr}"
