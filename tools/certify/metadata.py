# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the metadata, the changelog and the requirements of an artifact."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from .artifact import Artifact

# The oldest ansible-core that Automation Platform supports.
OLDEST_CORE = (2, 16)
SEMANTIC_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
ADDRESSES = ("repository", "documentation", "homepage", "issues")


def check_metadata(artifact: Artifact) -> Iterator[str]:
    """Yield what is wrong with the metadata from galaxy.yml."""
    info = artifact.info
    version = SEMANTIC_VERSION.fullmatch(str(info["version"]))
    if not version or int(version[1]) < 1:
        yield f"version {info['version']}: not a stable semantic version"
    yield from (f"{key} is not set" for key in ("authors", "description", "tags") if not info.get(key))
    yield from (
        f"{key}: {info.get(key)} is no https URL" for key in ADDRESSES if not str(info.get(key)).startswith("https://")
    )
    if not artifact.read(info.get("license_file") or "").lstrip().startswith("GNU GENERAL PUBLIC LICENSE"):
        yield "license_file does not name the GNU General Public License"
    for name, requirement in info["dependencies"].items():
        if not re.match(r">=[1-9]", requirement):
            yield f"dependency {name} {requirement}: it needs a lower bound of at least 1.0.0"


def check_runtime(artifact: Artifact) -> Iterator[str]:
    """Yield what is wrong with the required ansible-core."""
    required = str((yaml.safe_load(artifact.read("meta/runtime.yml")) or {}).get("requires_ansible"))
    lowest = re.fullmatch(r">=(\d+)\.(\d+)\.\d+", required)
    if not lowest:
        yield f"requires_ansible {required}: not a lower bound alone"
    elif (int(lowest[1]), int(lowest[2])) < OLDEST_CORE:
        yield f"requires_ansible {required}: no longer supported by Automation Platform"
    if artifact.imported["requires_ansible"] != required:
        yield f"requires_ansible {required}: galaxy-importer read {artifact.imported['requires_ansible']}"


def check_changelog(artifact: Artifact) -> Iterator[str]:
    """Yield where the changelog lacks the version."""
    version = str(artifact.info["version"])
    releases = (yaml.safe_load(artifact.read("changelogs/changelog.yaml")) or {}).get("releases", {})
    if not releases.get(version, {}).get("changes"):
        yield f"changelogs/changelog.yaml: no changes of {version}"
    for name, heading in (("CHANGELOG.md", f"## v{re.escape(version)}"), ("CHANGELOG.rst", f"v{version}")):
        if heading not in artifact.read(name).splitlines():
            yield f"{name}: no section for {version}"


def check_requirements(artifact: Artifact) -> Iterator[str]:
    """Yield what is wrong with the Python packages for execution environments."""
    declared = (yaml.safe_load(artifact.read("meta/execution-environment.yml")) or {}).get("dependencies", {})
    names = [name for name in ("requirements.txt", declared.get("python")) if name and artifact.read(name)]
    if not names:
        yield "no Python requirements for execution environments"
    for name in names:
        for line in artifact.read(name).splitlines():
            requirement = line.partition("#")[0].strip()
            if re.match(r"ansible(-core)?\b(?!-)", requirement):
                yield f"{name}: {requirement} comes with the execution environment"
            if re.search(r"[<~]|==", requirement):
                yield f"{name}: {requirement} has an upper bound or a pin"
    if (system := declared.get("system")) and not artifact.read(system):
        yield f"meta/execution-environment.yml: {system} is not in the artifact"
