# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the checks of an artifact find what they look for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.talkover.voice.tools.certify import contents, metadata, readme
from ansible_collections.talkover.voice.tools.certify.artifact import Artifact

Check = Callable[[Artifact], Iterator[str]]

INFO = {
    "namespace": "talkover",
    "name": "voice",
    "version": "1.0.0",
    "authors": ["A"],
    "description": "D",
    "tags": ["networking"],
    "license_file": "COPYING",
    "dependencies": {},
    **dict.fromkeys(metadata.ADDRESSES, "https://example.com"),
}
FILES = {
    "README.md": "# voice\n",
    "COPYING": "GNU GENERAL PUBLIC LICENSE",
    "CONTRIBUTING.md": "",
    "CODE_OF_CONDUCT.md": contents.CODE_OF_CONDUCT,
    "meta/runtime.yml": 'requires_ansible: ">=2.16.0"',
    "meta/execution-environment.yml": "dependencies: {python: meta/ee-requirements.txt}",
    "meta/ee-requirements.txt": "requests>=2.25.1\n",
    "tests/config.yml": contents.TARGET_PYTHON,
    "changelogs/changelog.yaml": "releases: {1.0.0: {changes: {release_summary: First}}}",
    "CHANGELOG.md": "## v1\\.0\\.0\n",
    "CHANGELOG.rst": "v1.0.0\n======\n",
    "plugins/modules/trunk_info.py": f"# {contents.LICENSE}\n",
}
MODULE = {
    "doc": {
        "short_description": "S",
        "description": ["D"],
        "author": ["A"],
        "version_added": "1.0.0",
        "requirements": ["python >= 3.9"],
        "attributes": {"check_mode": {"support": "full"}},
    },
    "examples": "E",
    "return": [{"name": "trunk"}],
}
PAGE = "".join(f"<h2>{heading}</h2><p>{' '.join(readme.PHRASES.get(heading, ()))}</p>" for heading in readme.HEADINGS)
CHECKS: list[Check] = [
    metadata.check_metadata,
    metadata.check_runtime,
    metadata.check_changelog,
    metadata.check_requirements,
    readme.check_readme,
    contents.check_files,
    contents.check_licenses,
    contents.check_documentation,
]


def build(
    folder: Path, files: dict[str, str], info: dict[str, Any], html: str = PAGE, module: dict[str, Any] | None = None
) -> Artifact:
    """Return an artifact with changed files, metadata, README or documentation of its module."""
    for name, text in {**FILES, **files, "MANIFEST.json": json.dumps({"collection_info": {**INFO, **info}})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    item = {"content_type": "module", "content_name": "trunk_info", "doc_strings": module or MODULE}
    blob = {"collection_readme": {"html": html}, "contents": [item]}
    return Artifact(folder, 1000, {"docs_blob": blob, "requires_ansible": ">=2.16.0"})


def findings(artifact: Artifact) -> list[str]:
    return [finding for check in CHECKS for finding in check(artifact)]


def test_a_good_artifact_has_no_findings(tmp_path: Path) -> None:
    assert findings(build(tmp_path, {}, {})) == []


@pytest.mark.parametrize(
    ("info", "finding"),
    [
        ({"version": "0.9.0"}, "version 0.9.0: not a stable semantic version"),
        ({"tags": []}, "tags is not set"),
        ({"issues": "http://example.com"}, "issues: http://example.com is no https URL"),
        ({"license_file": None}, "license_file does not name the GNU General Public License"),
        ({"dependencies": {"a.b": "*"}}, "dependency a.b *: it needs a lower bound of at least 1.0.0"),
    ],
)
def test_wrong_metadata_is_found(tmp_path: Path, info: dict[str, Any], finding: str) -> None:
    assert finding in findings(build(tmp_path, {}, info))


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        ("meta/runtime.yml", 'requires_ansible: ">=2.15.0"', "no longer supported by Automation Platform"),
        ("meta/runtime.yml", 'requires_ansible: ">=2.16.0,<2.22"', "not a lower bound alone"),
        ("changelogs/changelog.yaml", "releases: {}", "no changes of 1.0.0"),
        ("CHANGELOG.md", "## v0\\.9\\.0\n", "CHANGELOG.md: no section for 1.0.0"),
        ("meta/ee-requirements.txt", "requests==2.25.1\n", "has an upper bound or a pin"),
        ("meta/ee-requirements.txt", "ansible-core>=2.16\n", "comes with the execution environment"),
        ("README.md", "pip install --user ansible-core\n", "is not installed with pip"),
        (".ansible-lint", "", "a hidden or temporary file"),
        ("plugins/tools/a.py", "", "not a directory that the requirements allow"),
        ("plugins/module_utils/shared.py", "", "private code without a leading underscore"),
        ("plugins/modules/trunk_info.py", "", "no license identifier"),
        ("plugins/lookup/trunk.py", "", "lookup trunk: ansible-doc does not list it"),
        ("tests/sanity/ignore-2.16.txt", "", "no sanity test may be ignored"),
        ("tests/config.yml", "", "so that modules are checked for Python 2.7"),
        ("CODE_OF_CONDUCT.md", "Be nice.", "does not link to the code of conduct"),
        ("extensions/eda/plugins/event_source/a.py", "", "event source a: galaxy-importer does not list it"),
        ("playbooks/gate.yml", "", "playbook gate.yml: galaxy-importer does not list it"),
        ("roles/gate/meta/argument_specs.yml", "", "role gate: galaxy-importer does not list it"),
    ],
)
def test_wrong_files_are_found(tmp_path: Path, name: str, text: str, finding: str) -> None:
    assert finding in "\n".join(findings(build(tmp_path, {name: text}, {})))


@pytest.mark.parametrize(
    ("html", "finding"),
    [
        (PAGE + '<a href="CONTRIBUTING.md">C</a>', "relative link: CONTRIBUTING.md"),
        (PAGE + '<a href="#support">S</a>', "relative link: #support"),
        (PAGE + '<img src="https://example.com/a.svg">', "image without a description: https://example.com/a.svg"),
        (PAGE.replace("<h2>Support</h2>", "<h3>Support</h3>"), "no heading 'Support'"),
        (PAGE.replace("Create issue", ""), "Support: it does not mention 'Create issue'"),
    ],
)
def test_a_wrong_readme_is_found(tmp_path: Path, html: str, finding: str) -> None:
    assert finding in findings(build(tmp_path, {}, {}, html))


def test_a_relative_link_in_the_readme_of_a_role_is_found(tmp_path: Path) -> None:
    artifact = build(tmp_path, {}, {})
    artifact.imported["docs_blob"]["contents"][0]["readme_html"] = '<a href="../tasks/main.yml">tasks</a>'
    assert findings(artifact) == ["trunk_info: relative link: ../tasks/main.yml"]


@pytest.mark.parametrize("key", ["short_description", "description", "author", "version_added", "requirements"])
def test_incomplete_documentation_is_found(tmp_path: Path, key: str) -> None:
    doc = {name: value for name, value in MODULE["doc"].items() if name != key}  # type: ignore[attr-defined]
    found = findings(build(tmp_path, {}, {}, module={**MODULE, "doc": doc}))
    assert [line.partition(":")[0] for line in found] == ["module trunk_info"]
