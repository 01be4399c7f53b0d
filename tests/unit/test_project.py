# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check what the README and the workflows say about the project against the files that define it."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

CLONE = Path(__file__).resolve().parents[2]
README = (CLONE / "README.md").read_text(encoding="utf-8")
GALAXY: dict[str, Any] = yaml.safe_load((CLONE / "galaxy.yml").read_text(encoding="utf-8"))
REPOSITORY: str = GALAXY["repository"]
OWNER, NAME = REPOSITORY.rsplit("/", 2)[1:]
SITE = f"https://{OWNER}.github.io/{NAME}"
CELLS = ast.parse((CLONE / "tools/cells.py").read_text(encoding="utf-8"))
WORKFLOWS = sorted((CLONE / ".github/workflows").glob("*.yml"))


def read_constant(name: str) -> Any:
    """Return a constant of tools/cells.py, which starts interpreters when it is imported."""
    (value,) = [
        node.value for node in CELLS.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    ]
    return ast.literal_eval(value)


CORES = list(read_constant("CORES"))
OLDEST = read_constant("PYTHON_VERSIONS")[0]


def test_the_address_of_the_repository_is_the_same_everywhere() -> None:
    """To move the repository, replace the address in galaxy.yml and that of its GitHub Pages in all files."""
    listed = subprocess.run(["git", "grep", "-I", "-n", NAME], cwd=CLONE, check=True, capture_output=True, text=True)
    allowed = re.compile(rf"(?:{re.escape(REPOSITORY)}|{re.escape(SITE)}|repository: {OWNER}/{NAME})(?![\w-])")
    assert [line for line in listed.stdout.splitlines() if NAME in allowed.sub("", line)] == []


def test_the_readme_has_absolute_links_only() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert len(links) > 20
    assert [link for link in links if not link.startswith("https://")] == []


def test_links_to_the_repository_lead_to_files() -> None:
    paths = re.findall(re.escape(REPOSITORY) + r"/(?:blob|raw)/main/([^)\s]+)", README)
    assert paths
    assert [path for path in paths if not (CLONE / path).is_file()] == []


def test_the_badges_are_true() -> None:
    badges = re.findall(r"!\[([^\]]+)\]\(https://img\.shields\.io/badge/([^)]+)-blue\)", README)
    assert dict(badges) == {
        f"ansible-core {CORES[0]} to {CORES[-1]}": f"ansible--core-{CORES[0]}%20to%20{CORES[-1]}",
        f"Python {OLDEST} or newer": f"python-{OLDEST}%2B",
        "License: GPL-3.0-or-later": "license-GPL--3.0--or--later",
    }
    required = yaml.safe_load((CLONE / "meta/runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]
    assert required == f">={CORES[0]}.0"


def test_the_readme_names_the_versions() -> None:
    assert f"| ansible-core | {CORES[0]} to {CORES[-1]} |" in README
    assert f"| {OLDEST} or newer; 2.7 and 3.6 to 3.8 are not supported |" in README


def test_each_supported_core_runs_in_the_workflow() -> None:
    jobs = yaml.safe_load((CLONE / ".github/workflows/test.yml").read_text(encoding="utf-8"))["jobs"]
    assert jobs["core"]["strategy"]["matrix"]["core"] == CORES


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_targets_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)(?: # v[\d.]+)?$", text, re.MULTILINE)
    pinned = [action for action in used if re.search(r"@[0-9a-f]{40}$", action)]
    local = [action for action in used if action.startswith("./") and (CLONE / action / "action.yml").is_file()]
    assert sorted([*pinned, *local]) == sorted(used)
    assert text.count("uses:") == len(used)
    targets = set(re.findall(r"\bmake ([\w-]+)", text))
    makefile = (CLONE / "Makefile").read_text(encoding="utf-8")
    assert {target for target in targets if f"\n{target}:" not in makefile} == set()
