# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the cells of the test matrix, and find the installed Pythons for them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from java import has_java

# The Python versions that each ansible-core supports on the controller, oldest core first.
CORES = {
    "2.16": ("3.10", "3.11", "3.12"),
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}

# Each runs with the requests version of RHEL 9, and with the newest. Another cell tests the next core.
REQUESTS = ("2.25.1", "newest")
NEXT = "2.22"

# The Python versions that modules support.
PYTHON_VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
OLDEST = PYTHON_VERSIONS[0]
# Those that ansible-test supports, too.
UNSUPPORTED = ("2.7", "3.5", "3.6", "3.7", "3.8")
# Where nox downloads the Pythons that make matrix misses, with uv.
DOWNLOADED = Path.home() / ".local" / "share" / "uv" / "python"

# The checks that `make test` never runs, and why.
LEFT_OUT = {
    "ansible-test sanity: shellcheck, pslint": "the collection holds no shell script and no PowerShell",
    "a gate in an execution environment": "it needs a container engine; make ee runs it",
    "ansible-test in containers, other systems than this one": "they need a container engine",
}


class Cell(NamedTuple):
    """Hold a combination of ansible-core, Python and requests."""

    python: str
    core: str
    requests: str

    @property
    def name(self) -> str:
        """Return the name that the sessions of the cell have in common."""
        return "next" if self.core == NEXT else f"{self.core}, {name_requests(self.requests)}"


def find_pythons(versions: tuple[str, ...] = PYTHON_VERSIONS) -> dict[str, Path]:
    """Map the versions of the Pythons on this machine to their interpreters.

    Each is started to check it, because pyenv has shims on the PATH for versions that are not selected.
    """
    found = {"{}.{}".format(*sys.version_info): Path(sys.executable).resolve()}
    for version in versions:
        name = f"python{version}"
        named = Path(shutil.which(name) or name)
        pyenv = sorted(named.parent.parent.glob(f"versions/{version}.*/bin/{name}"))
        for candidate in (named, *pyenv, *sorted(DOWNLOADED.glob(f"cpython-{version}.*/bin/{name}"))):
            with contextlib.suppress(OSError, subprocess.CalledProcessError):
                command = [str(candidate), "-c", "import ensurepip, sys; print(sys.executable)"]
                answer = subprocess.run(command, check=True, capture_output=True, text=True)
                found.setdefault(version, Path(answer.stdout.strip()))
    return found


def choose_pythons(core: str) -> list[str]:
    """Return the Pythons that an ansible-core takes and that are here."""
    return [python for python in CORES[core] if python in PYTHONS]


def choose_cores() -> dict[str, str]:
    """Map the oldest and the newest ansible-core that this machine can run to a Python."""
    cores = [core for core in CORES if choose_pythons(core)]
    return {cores[0]: choose_pythons(cores[0])[0], cores[-1]: choose_pythons(cores[-1])[-1]}


def name_requests(requests: str) -> str:
    """Return the words for a version of requests."""
    return "newest requests" if requests == "newest" else f"requests {requests}"


def list_cells() -> Iterator[Cell]:
    """Yield the cells of the matrix: old requests on the oldest installed Python, new requests on the newest.

    When no installed Python fits, nox tries to download one.
    """
    for core, pythons in CORES.items():
        here = choose_pythons(core) or list(pythons[-1:])
        for python, requests in zip((here[0], here[-1]), REQUESTS):
            yield Cell(python, core, requests)
    yield Cell(max(PYTHONS, key=PYTHON_VERSIONS.index), NEXT, "newest")


def explain_gaps() -> Iterator[str]:
    """Yield a line for each check that cannot run on this machine."""
    for core in (min(CORES), max(CORES)):
        if core not in CHOSEN:
            taken = ", ".join(CHOSEN)
            yield f"ansible-core {core}: it needs Python {' or '.join(CORES[core])}, and none was found; {taken} ran"
    for python in PYTHON_VERSIONS:
        if python not in PYTHONS:
            cores = [core for core, pythons in CORES.items() if python in pythons]
            cells = f", and its cells with ansible-core {' and '.join(cores)}" if cores else ""
            yield f"Python {python}{cells}: it was not found"
    if not shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin"):
        yield "nginx in front of the service: it was not found; make nginx installs it, as root"
    if not shutil.which("gpg"):
        yield "the signature of an artifact: gpg was not found"
    if not has_java():
        yield "ansible-rulebook: Java 17 was not found; make java installs it, as root"
    for what, why in LEFT_OUT.items():
        yield f"{what}: {why}"


PYTHONS = find_pythons()
CHOSEN = choose_cores()
CELLS = list(list_cells())
