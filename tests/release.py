# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say whether a release could be made now, a line a point, and why not: make release-check."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

CLONE = Path(__file__).resolve().parent.parent
# A copy of what git holds, in a tree that Ansible's tools know as the collection. They may change it.
COPY = Path(sys.argv[1])
# What antsibull-changelog writes. The session changelog renews it with the same options.
WRITTEN = ("CHANGELOG.md", "CHANGELOG.rst", "changelogs/changelog.yaml")
REFRESH = ("release", "--refresh", "--reload-plugins", "--update-existing")
VERSION = r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)"


def run(*command: str, where: Path = COPY) -> tuple[int, str]:
    """Run a command, and give how it ended and what it printed."""
    ended = subprocess.run(
        command, cwd=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )  # fmt: skip
    return ended.returncode, ended.stdout.strip()


def git(*arguments: str) -> str:
    """Ask git about the clone."""
    return run("git", *arguments, where=CLONE)[1]


def number(version: str) -> tuple[int, ...]:
    """Give a version as what can be compared."""
    return tuple(map(int, version.split(".")))


def version() -> str:
    """Give the version that would be released."""
    return str(yaml.safe_load((CLONE / "galaxy.yml").read_text("utf-8"))["version"])


def check_version() -> str:
    """The version is semantic, and newer than all that were released from another commit."""
    if not re.fullmatch(VERSION, version()):
        return f"galaxy.yml has {version()!r}, which is not three numbers with dots between"
    here = git("tag", "--points-at", "HEAD").split()
    tags = [tag for tag in git("tag").split() if re.fullmatch(VERSION, tag) and tag not in here]
    newest = max(tags, key=number, default="")
    if newest and number(version()) <= number(newest):
        return f"galaxy.yml has {version()}, and {newest} is released"
    wrong = [tag for tag in here if re.fullmatch(VERSION, tag) and tag != version()]
    return f"this commit is tagged {wrong[0]}, and galaxy.yml has {version()}" if wrong else ""


def check_changelog() -> str:
    """The changelog has the version, with each fragment and each plugin, and is written as it would be now."""
    releases = yaml.safe_load((CLONE / "changelogs/changelog.yaml").read_text("utf-8"))["releases"]
    if version() not in releases:
        return f"it has no {version()}; run .venv/bin/nox -s changelog"
    told = {name for release in releases.values() for name in release.get("fragments", [])}
    left = sorted(path.name for path in (CLONE / "changelogs/fragments").glob("*.y*ml") if path.name not in told)
    if left:
        return f"it lacks {', '.join(left)}; run .venv/bin/nox -s changelog"
    code, output = run("antsibull-changelog", "lint")
    if code:
        return output
    code, output = run("antsibull-changelog", *REFRESH, "--date", releases[version()]["release_date"])
    if code:
        return output
    stale = [name for name in WRITTEN if (COPY / name).read_bytes() != (CLONE / name).read_bytes()]
    return f"{', '.join(stale)} would be written otherwise; run .venv/bin/nox -s changelog" if stale else ""


def check_mentions() -> str:
    """README, guides and plugins speak of no other version of the collection as if it were this one."""
    mentions = re.compile(rf"(?:talkover[-.]voice[-:@ =]+|version_added: *[\"']?)({VERSION})")
    wrong = []
    for path in (*CLONE.glob("*.md"), *CLONE.glob("docs/docsite/**/*"), *CLONE.glob("plugins/**/*")):
        if path.suffix in (".md", ".py", ".rst", ".yml") and path.name not in WRITTEN:
            for found in mentions.finditer(path.read_text("utf-8")):
                added = found[0].startswith("version_added")
                if number(found[1]) > number(version()) if added else found[1] != version():
                    wrong.append(f"{path.relative_to(CLONE)} mentions {found[1]}")
    return ", ".join(wrong)


def check_tree() -> str:
    """All changes are committed."""
    changed = git("status", "--porcelain")
    return f"git status shows {changed.splitlines()[0]!r}" if changed else ""


def check_tests() -> str:
    """Make test passed for this commit, with nothing changed."""
    record = CLONE / ".nox" / "test.done"
    tested = record.read_text("utf-8").strip() if record.exists() else ""
    head = git("rev-parse", "HEAD")
    return "" if tested == head else f"make test last passed for {tested or 'no commit'}, and this is {head}"


def check_artifact() -> str:
    """The artifact is built, and Galaxy's importer finds nothing to say against it."""
    code, output = run("ansible-galaxy", "collection", "build", "--force", "--output-path", str(COPY.parent))
    if code:
        return output
    artifacts = [path.name for path in COPY.parent.glob("*.tar.gz")]
    code, output = run(sys.executable, "-m", "galaxy_importer.main", *artifacts, where=COPY.parent)
    errors = [line for line in output.splitlines() if line.startswith(("ERROR", "WARNING"))]
    return " ".join(errors or [output[-500:]]) if code or errors else ""


POINTS: dict[str, Callable[[], str]] = {
    "version": check_version,
    "changelog": check_changelog,
    "mentions of versions": check_mentions,
    "work tree": check_tree,
    "tests": check_tests,
    "artifact and importer": check_artifact,
}


def main() -> int:
    """Go through all points, whatever comes of the first."""
    os.environ["GIT_OPTIONAL_LOCKS"] = "0"
    against = 0
    for name, check in POINTS.items():
        why = check()
        against += bool(why)
        print(f"{name}: {'no: ' + why if why else 'yes: ' + str(check.__doc__)}", flush=True)
    print(f"{version()} could {'not ' if against else ''}be released now.")
    return int(against > 0)


if __name__ == "__main__":
    sys.exit(main())
