# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run galaxy-importer, and the linters that it runs on event sources in its container."""

from __future__ import annotations

import configparser
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# As in the certification workflow for partners. Neither Galaxy nor Automation Hub runs flake8.
SETTINGS = {"check_required_tags": "true", "require_v1_or_greater": "true", "run_ansible_lint": "true"}
FINDINGS = ("WARNING:", "ERROR:", "CRITICAL:")


def run(command: list[str], folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, and capture its output."""
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **env}, check=False, capture_output=True, encoding="utf-8"
    )


def import_artifact(tarball: Path, folder: Path) -> tuple[list[str], dict[str, Any]]:
    """Run galaxy-importer on an artifact, and return its findings and its result."""
    settings = folder / "galaxy-importer.cfg"
    config = configparser.ConfigParser()
    config["galaxy-importer"] = {**SETTINGS, "ansible_local_tmp": str(folder / "tmp")}
    with settings.open("w", encoding="utf-8") as stream:
        config.write(stream)
    command = [sys.executable, "-m", "galaxy_importer.main", str(tarball)]
    outcome = run(command, folder, GALAXY_IMPORTER_CONFIG=str(settings))
    lines = outcome.stdout.splitlines()
    findings = [line for line in lines if line.startswith(FINDINGS)]
    # It reports a missing tool as an information, and continues.
    findings += [line for line in lines if "skipping" in line and line not in findings]
    result = folder / "importer_result.json"
    if outcome.returncode or not result.exists():
        return [*findings, f"exit code {outcome.returncode}: {outcome.stderr.strip() or outcome.stdout.strip()}"], {}
    imported: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return findings, imported


def lint_event_sources(tree: Path) -> Iterator[str]:
    """Run the linters for event sources with the options of galaxy-importer, and yield their findings."""
    if not (tree / "extensions/eda/plugins").is_dir():
        return
    script = "import galaxy_importer, os; print(os.path.dirname(galaxy_importer.__file__))"
    package = Path(run([sys.executable, "-c", script], tree).stdout.strip())
    config = configparser.ConfigParser()
    config.read(package / "ansible_test/container/eda/tox.ini", encoding="utf-8")
    for kind, name in (("", "ruff"), ("event_source", "pylint-event-source"), ("event_filter", "pylint-event-filter")):
        if not (tree / "extensions/eda/plugins" / kind).is_dir():
            continue
        # The leading dash makes tox ignore the exit code.
        template = config[f"testenv:{name}"]["commands"].removeprefix("- ").replace("{posargs}", str(tree))
        command = [word for part in shlex.split(template) for word in _expand(part)]
        outcome = run([sys.executable, "-m", *command], tree, RUFF_NO_CACHE="true")
        yield from (f"{name}: {line}" for line in (outcome.stdout + outcome.stderr).splitlines() if line.strip())


def _expand(word: str) -> list[str]:
    path = Path(word)
    return sorted(map(str, path.parent.glob(path.name))) if "*" in word else [word]
