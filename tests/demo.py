# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks of docs/examples, run for the eyes of a reader: `make demo` starts this.

The collection is built and installed as Galaxy would. Then it is run against the emulator, or, with TALKOVER_TOKEN and
TRUNK in the environment, against the real service. The exit code is 0 only when each story ended as it was told.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from types import FrameType

    from ansible_collections.talkover.voice.tests.emulator import Emulator

CLONE = Path(__file__).resolve().parent.parent
EXAMPLES = Path("docs", "examples")
INVENTORY = EXAMPLES / "fleet"

# The names of tasks in the examples.
GATE = "Stop unless the trunk can carry calls"
DEPLOY = "Deploy the voice application"

TASK_FAILED = 2
"""What ansible-playbook ends with when a task failed."""


class Story(NamedTuple):
    """What the reader is told, and what must then happen."""

    told: str
    playbook: str
    variables: dict[str, Any]
    last_task: str
    exit_code: int
    live_checks: int
    printed: tuple[str, ...] = ()


STORIES = (
    Story(
        told="A healthy trunk: the gate opens, and the deploy task runs.",
        playbook="gate.yml",
        variables={"trunk_id": "trunk-healthy"},
        last_task=DEPLOY,
        exit_code=0,
        live_checks=1,
    ),
    Story(
        told="A trunk with problems: the gate stops the play before the deploy task, and says what is wrong.",
        playbook="gate.yml",
        variables={"trunk_id": "trunk-sick"},
        last_task=GATE,
        exit_code=TASK_FAILED,
        live_checks=1,
        printed=("is_verified is false", "live_health.is_healthy is false", "No answer to SIP OPTIONS"),
    ),
    Story(
        told="A trunk that recovers while the play waits: the gate opens at the third try.",
        playbook="wait.yml",
        variables={"trunk_id": "trunk-recovering", "seconds_between": 1},
        last_task=DEPLOY,
        exit_code=0,
        live_checks=3,
    ),
)


# Of the hosts of the inventory, those whose trunks are all healthy once the stories above are told.
DEPLOYABLE = ["pbx-houston-1", "pbx-houston-2", "pbx-recife-1"]


class Played(NamedTuple):
    """How a playbook, or another command, ended."""

    exit_code: int
    last_task: str
    output: str
    """Without colours, and with each run of white space as one blank."""


class Ansible:
    """ansible-core with the built collection, deaf to whatever configuration this machine has.

    Args:
        folder: All that it writes goes there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        config = folder / "ansible.cfg"
        config.touch()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "TALKOVER_"))}
        if kept.get("LC_ALL") in {"C", "POSIX"}:
            # Ansible refuses to work without UTF-8, which Python only sees to when this is not set.
            del kept["LC_ALL"]
        self._environment = {
            **kept,
            "ANSIBLE_CONFIG": str(config),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            "ANSIBLE_INVENTORY": os.devnull,
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_NOCOWS": "true",
        }
        if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
            self._environment["ANSIBLE_FORCE_COLOR"] = "true"

    def install(self) -> None:
        """Build the collection of this clone, and install the artifact.

        Raises:
            subprocess.CalledProcessError: One of the two failed; C(output) says why.
        """
        self._galaxy("build", str(CLONE), "--output-path", str(self._folder))
        (artifact,) = self._folder.glob("talkover-voice-*.tar.gz")
        self._galaxy("install", str(artifact), "--offline", "--collections-path", str(self._folder / "collections"))

    def play(self, playbook: str, variables: Mapping[str, Any], connection: Mapping[str, str]) -> Played:
        """Run one of the examples, and show what it prints as it prints it.

        Args:
            playbook: Its file name.
            variables: Its extra variables.
            connection: Further environment, which is how it learns of the service and the token.
        """
        shown = " ".join("-e " + shlex.quote(f"{name}={value}") for name, value in variables.items())
        say(f"$ ansible-playbook {EXAMPLES / playbook} {shown}")
        command = ["playbook", str(CLONE / EXAMPLES / playbook), "--extra-vars", json.dumps(dict(variables))]
        return self._show(command, {**self._environment, **connection}, self._folder)

    def use(self, command: str, connection: Mapping[str, str]) -> Played:
        """Run a command in the folder of the inventory, and show what it prints as it prints it.

        Args:
            command: As one types it there.
            connection: As above.
        """
        say(f"$ {command}")
        program, *arguments = command.removeprefix("ansible-").split()
        # The configuration there says which inventory is meant.
        environment = {**self._environment, **connection, "ANSIBLE_CONFIG": str(CLONE / INVENTORY / "ansible.cfg")}
        del environment["ANSIBLE_INVENTORY"]
        return self._show([program, *arguments], environment, CLONE / INVENTORY)

    def _show(self, command: list[str], environment: Mapping[str, str], folder: Path) -> Played:
        lines = []
        with self._running(command, environment, folder) as process:
            assert process.stdout
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(re.sub(r"\x1b\[[0-9;]*m", "", line))
        tasks = [match[1] for match in (re.match(r"TASK \[(.*)\] \**$", line) for line in lines) if match]
        return Played(process.returncode, tasks[-1] if tasks else "", " ".join("".join(lines).split()))

    def _galaxy(self, *arguments: str) -> None:
        command = ["galaxy", "collection", *arguments]
        with self._running(command, self._environment, self._folder) as process:
            output, _nothing = process.communicate()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, f"ansible-galaxy collection {arguments[0]}", output)

    @contextlib.contextmanager
    def _running(
        self, arguments: list[str], environment: Mapping[str, str], folder: Path
    ) -> Iterator[subprocess.Popen[str]]:
        # By way of the module, as the first line of an installed script cannot hold any path. In a session of its own,
        # so that Ctrl-C comes here alone, and here is where it is decided that nothing is left running.
        process = subprocess.Popen(
            [sys.executable, "-m", "ansible", *arguments],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        with process:
            try:
                yield process
                process.wait()
            except BaseException:
                _end(process)
                raise


def _end(process: subprocess.Popen[str]) -> None:
    """Let Ansible clean up after itself as it does after Ctrl-C, but not for long."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        os.killpg(process.pid, signal.SIGKILL)


def say(text: str) -> None:
    """Print a line at once, so that it stands before what a process started later prints."""
    print(text, flush=True)


def emulated(service: Emulator) -> dict[str, str]:
    """Give the environment in which Ansible learns of the emulator."""
    connection = {"TALKOVER_API_URL": service.url, "TALKOVER_TOKEN": service.token}
    # Nobody's proxy reaches the loopback interface of this machine.
    return connection | {name: "" for name in os.environ if name.lower().endswith("_proxy")}


def tell(story: Story, ansible: Ansible, service: Emulator) -> list[str]:
    """Run a story, and return what went otherwise than it was told."""
    played = ansible.play(story.playbook, story.variables, emulated(service))
    asked = f"/{story.variables['trunk_id']}/health"
    live_checks = sum(request.path.endswith(asked) for request in service.requests)
    wrong = []
    if played.exit_code != story.exit_code:
        wrong.append(f"ansible-playbook ended with {played.exit_code} instead of {story.exit_code}")
    if played.last_task != story.last_task:
        wrong.append(f'the last task was "{played.last_task}" instead of "{story.last_task}"')
    if live_checks != story.live_checks:
        wrong.append(f"the trunk was checked {live_checks} times instead of {story.live_checks}")
    wrong += [f'"{words}" was not printed' for words in story.printed if words not in played.output]
    return wrong


def tell_of_hosts(ansible: Ansible, service: Emulator) -> list[str]:
    """Show an inventory, deploy to what is deployable in it, and return what went otherwise than it was told."""
    service.requests.clear()
    say(f"$ cd {INVENTORY}")
    graph = ansible.use("ansible-inventory --graph", emulated(service))
    say("")
    played = ansible.use("ansible-playbook deploy.yml", emulated(service))
    wrong = [
        f"{command} ended with {code} instead of 0"
        for command, code in (("ansible-inventory", graph.exit_code), ("ansible-playbook", played.exit_code))
        if code
    ]
    shown = re.findall(r"\|--(pbx-[\w-]+)", graph.output.partition("@deployable:")[2].partition("@")[0])
    deployed = re.findall(r"Deploying to (pbx-[\w-]+),", played.output)
    for verb, hosts in (("shows", shown), ("reached", deployed)):
        if sorted(hosts) != DEPLOYABLE:
            wrong.append(f"it {verb} {sorted(hosts)} as deployable instead of {DEPLOYABLE}")
    live_checks = sum(request.path.endswith("/health") for request in service.requests)
    if live_checks != 6:
        wrong.append(f"two runs with three trunks made {live_checks} live checks instead of 6")
    return wrong


def show_emulated(ansible: Ansible) -> int:
    """Tell the stories."""
    # The folder of a script is where its imports are looked for, but not with every setting of Python.
    sys.path.insert(0, str(CLONE / "tests"))
    emulator: type[Emulator] = importlib.import_module("emulator").Emulator
    failures = []
    with emulator() as service:
        for number, story in enumerate(STORIES, start=1):
            say(f"\n{number}. {story.told}")
            failures += [f"story {number}: {wrong}" for wrong in tell(story, ansible, service)]
        number = len(STORIES) + 1
        told = "Six hosts behind these trunks, of which one is sick: the deploy goes to the deployable hosts alone."
        say(f"\n{number}. {told}")
        failures += [f"story {number}: {wrong}" for wrong in tell_of_hosts(ansible, service)]
    say("")
    if failures:
        say("Not as it was told: " + "; ".join(failures) + ".")
        return 1
    say(
        "Shown: a gate that opens, one that stops a deploy and says why, one that waits, and hosts that know their "
        f"trunks. Next: copy {EXAMPLES / 'gate.yml'} or {INVENTORY}, or set TALKOVER_TOKEN and run "
        "`make demo TRUNK=<id>` to ask about a trunk of yours."
    )
    return 0


def show_real(ansible: Ansible, trunk_id: str, token: str) -> int:
    """Ask the real service about one trunk; nothing is deployed, as the deploy task of the example only prints."""
    url = os.environ.get("TALKOVER_API_URL")
    connection = {"TALKOVER_TOKEN": token, **({"TALKOVER_API_URL": url} if url else {})}
    # Not the URL itself: it may be one that the module is about to refuse for the secret in it.
    where = "the service at TALKOVER_API_URL" if url else "the real service"
    say(f"\nThis asks {where}, not the emulator, about {trunk_id}. The deploy task only prints.")
    played = ansible.play("gate.yml", {"trunk_id": trunk_id}, connection)
    say("")
    if (played.exit_code, played.last_task) == (0, DEPLOY):
        say(f"Shown: {trunk_id} can carry calls, and the gate opened. Next: copy {EXAMPLES / 'gate.yml'}.")
        return 0
    if (played.exit_code, played.last_task) == (TASK_FAILED, GATE):
        say(f"Shown: {trunk_id} has problems, and the gate stopped the play. Next: solve what is named above.")
        return 0
    say(f"There is no verdict on {trunk_id}. Next: do what the message above says.")
    return played.exit_code or 1


def show() -> int:
    """Set everything up in a temporary folder, and show what the environment asks for."""
    token, trunk_id = (os.environ.get(name, "").strip() for name in ("TALKOVER_TOKEN", "TRUNK"))
    with tempfile.TemporaryDirectory(prefix="talkover-demo-") as folder:
        ansible = Ansible(Path(folder))
        say("Building the collection, and installing it from its artifact ...")
        try:
            ansible.install()
        except subprocess.CalledProcessError as error:
            say(f"{error.output}{error.cmd} failed, see above.")
            return 1
        if token and trunk_id:
            return show_real(ansible, trunk_id, token)
        if token or trunk_id:
            missing = "TRUNK" if token else "TALKOVER_TOKEN"
            say(f"This uses the emulator: to ask the real service, set {missing} as well.")
        return show_emulated(ansible)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Show everything; whatever ends it ends all that it started, and removes what it wrote."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        return show()
    except KeyboardInterrupt:
        say("\nInterrupted. Nothing is left running.")
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
