# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that no output, file or process list of a run contains the token, for each source of the token.

The runner of these tests looks for it after each command, in all that was printed and in all files of its home. What is
here makes sure that there is something to look into: logs, caches, what stays on the host, crashes.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.integration.commands import Runner

# With characters that are escaped in URLs and in JSON.
TOKEN = "talq_gr3p/for+me&every_where=="

# A defect of the collection, with all its arguments in the message.
CRASH = """

def fetch(*arguments, **keywords):
    raise ZeroDivisionError(f"A crash with {arguments!r} and {keywords!r}.")
"""


FROM_SECRET = "{{ lookup('ansible.builtin.env', 'SECRET') }}"


class Source(NamedTuple):
    """Hold a source of the token: settings for the environment, the module, the lookup, and a variable."""

    env: dict[str, str]
    option: str | None
    keyword: str
    variable: str | None


SOURCES = {
    # ANSIBLE_DEBUG is set only here, as ansible-core before 2.19 prints the arguments of each task then. The files that
    # are kept hold them as well.
    "environment": Source(
        {"TALKOVER_TOKEN": TOKEN, "ANSIBLE_DEBUG": "1", "ANSIBLE_KEEP_REMOTE_FILES": "1"}, None, "", None
    ),
    "options": Source({"SECRET": TOKEN}, FROM_SECRET, ", api_token=lookup('ansible.builtin.env', 'SECRET')", None),
    "variables": Source({"SECRET": TOKEN}, "{{ talkover_api_token }}", "", FROM_SECRET),
}


@contextlib.contextmanager
def watched() -> Iterator[set[str]]:
    """Collect the command lines of all processes, as every user of a machine can see them."""
    seen: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            if Path("/proc/self/cmdline").exists():
                for path in Path("/proc").glob("[0-9]*/cmdline"):
                    with contextlib.suppress(OSError):
                        seen.add(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            else:
                seen.update(subprocess.check_output(["ps", "-axww", "-o", "args"], text=True).splitlines())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def tasks(run: Runner, source: Source) -> list[dict[str, Any]]:
    """Fetch with each plugin, store the results as facts, and search the temporary files of the run."""
    lookup = "lookup('talkover.voice.sip_trunk', '{}', cache_ttl=300" + source.keyword + ")"
    good, refused = lookup.format("trunk-healthy"), lookup.format("trunk-refused")
    module = {
        "retries": 0,
        "api_url": "{{ talkover_api_url }}",
        **({"api_token": source.option} if source.option else {}),
    }
    facts = {"cacheable": True, "asked": "{{ asked }}", "refused": "{{ refused }}", "looked_up": f"{{{{ {good} }}}}"}
    store = {"cmd": f"cp -r '{run.env['ANSIBLE_LOCAL_TEMP']}' '{run.home}/store'"}
    return [
        {
            "talkover.voice.sip_trunk_info": {"trunk_ids": ["trunk-healthy", "trunk-sick"], **module},
            "register": "asked",
        },
        {
            "talkover.voice.sip_trunk_info": {"trunk_id": "trunk-refused", **module},
            "register": "refused",
            "ignore_errors": True,
        },
        {"talkover.voice.sip_trunk_info": {"trunk_id": "a", "timeout": "soon", **module}, "ignore_errors": True},
        {"ansible.builtin.set_fact": facts},
        {"ansible.builtin.debug": {"msg": [f"{{{{ {good} }}}}", "{{ asked }} {{ refused }} {{ talkover_trunks }}"]}},
        {"ansible.builtin.debug": {"msg": f"{{{{ {refused} }}}}"}, "ignore_errors": True},
        {"ansible.builtin.command": store},
        {"ansible.builtin.fail": {"msg": "A host that failed is in a file for another try."}},
    ]


def prepare(run: Runner, service: Emulator, source: Source) -> list[str]:
    """Write an inventory and a play, and return the arguments for a command."""
    run.token = TOKEN
    del run.env["TALKOVER_TOKEN"]
    run.env |= {
        **source.env,
        "ANSIBLE_LOG_PATH": str(run.home / "log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(run.home / "facts"),
        "ANSIBLE_RETRY_FILES_ENABLED": "true",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": str(run.home / "retry"),
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
    }
    # The service echoes the token wherever possible.
    echo = f"{TOKEN} {quote(TOKEN, safe='')}"
    service.trunks["trunk-healthy"].update(name=echo, **{TOKEN: echo})
    service.fail_next("/trunk-refused", status=403, body={"message": echo}, headers={"X-Echo": TOKEN}, times=99)
    folder = run.home / "inventory"
    folder.mkdir()
    hosts = {"pbx": {"hosts": {"pbx1": {"talkover_trunk_id": "trunk-healthy", "ansible_connection": "local"}}}}
    trunks = {
        "plugin": "talkover.voice.sip_trunks",
        "compose": {"everything": "talkover_trunks"},
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(run.home / "records"),
        **({"api_token": source.option} if source.option else {}),
    }
    (folder / "01-hosts.yml").write_text(json.dumps(hosts), encoding="utf-8")
    (folder / "99-talkover.yml").write_text(json.dumps(trunks), encoding="utf-8")
    play = {"hosts": "pbx", "gather_facts": False, "tasks": tasks(run, source)}
    (run.home / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    extra = {"talkover_api_url": service.url, **({"talkover_api_token": source.variable} if source.variable else {})}
    return ["-i", str(folder), "-vvvv", "-e", json.dumps(extra)]


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_token_is_nowhere(run: Runner, source: Source) -> None:
    play = str(run.home / "play.yml")
    with Emulator(token=TOKEN) as service, watched() as seen:
        arguments = prepare(run, service, source)
        code, output = run("playbook", *arguments, play)
        assert code == 2, output
        assert "ignored=3" in output, output
        assert {request.status for request in service.requests} == {200, 403}
        listed = run("inventory", *arguments, "--list")
        shown = run("inventory", *arguments, "--graph", "--vars")
    for outcome in (listed, shown):
        assert outcome.code == 0
        assert "talkover_healthy" in outcome.output
    for text in (output, listed.output, shown.output, (run.home / "log").read_text("utf-8")):
        assert "********" in text
    for place in ("facts", "records", "store/*/talkover-voice", "retry"):
        assert [path for path in run.home.glob(f"{place}/*") if path.stat().st_size], place
    assert bool([*run.home.glob("remote/*/AnsiballZ_sip_trunk_info.py")]) == ("ANSIBLE_KEEP_REMOTE_FILES" in source.env)
    if "ANSIBLE_KEEP_REMOTE_FILES" in source.env:
        # Otherwise the tasks run inside Ansible, where no process has arguments.
        assert "AnsiballZ_sip_trunk_info" in "\n".join(seen)
    assert not run.leaking("\n".join(seen))


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_crash_of_our_own_does_not_show_the_token(run: Runner, source: Source) -> None:
    copy = run.home / "broken"
    for part in ("plugins", "meta"):
        place = Path("ansible_collections/talkover/voice", part)
        shutil.copytree(Path(run.env["ANSIBLE_COLLECTIONS_PATH"], place), copy / place)
    with (copy / "ansible_collections/talkover/voice/plugins/module_utils/_trunks.py").open("a") as file:
        file.write(CRASH)
    with Emulator(token=TOKEN) as service:
        arguments = prepare(run, service, source)
        content = json.loads((run.home / "play.yml").read_text())
        task, fact = content[0]["tasks"][0], content[0]["tasks"][3]
        fact["ansible.builtin.set_fact"].update(asked="", refused="")
        content[0]["tasks"] = [{**task, "ignore_errors": True}, fact]
        (run.home / "play.yml").write_text(json.dumps(content), encoding="utf-8")
        code, output = run("playbook", *arguments, str(run.home / "play.yml"), ANSIBLE_COLLECTIONS_PATH=str(copy))
        assert not service.requests
    assert code == 2, output
    parse, _play, rest = output.partition("PLAY [pbx]")
    module, _task, lookup = rest.partition("TASK [ansible.builtin.set_fact]")
    for part in (parse, module, lookup):
        assert "A crash with (ConnectionOptions(token=********" in part, part
    assert "Traceback" in output
