# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the files of an artifact, and the documentation of its plugins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from .artifact import Artifact

# A requirement of the community is that the tarball stays well below the limit of Galaxy, 20 MB.
MAX_TARBALL = 2_000_000
MAX_FILE = 500_000
# The directories that the requirements for collections allow in plugins/.
PLUGIN_DIRECTORIES = {
    "action", "become", "cache", "callback", "cliconf", "connection", "doc_fragments", "filter", "httpapi", "inventory",
    "lookup", "modules", "module_utils", "netconf", "plugin_utils", "shell", "strategy", "sub_plugins", "terminal",
    "test", "vars",
}  # fmt: skip
UNDOCUMENTED = {"action", "doc_fragments", "module_utils", "plugin_utils"}
EVENT_SOURCE = "eda/plugins/event_source"
PYTHON = "python >= 3.9"
# In two parts, because REUSE reads such a line as the license of this file.
LICENSE = "SPDX-License-Identifier" + ": GPL-3.0-or-later"
TARGET_PYTHON = 'python_requires: ">=3.9"'
CODE_OF_CONDUCT = "docs.ansible.com/ansible/latest/community/code_of_conduct.html"


def check_files(artifact: Artifact) -> Iterator[str]:
    """Yield files that must not be in the artifact, and files that are missing."""
    files = artifact.files
    if artifact.size > MAX_TARBALL:
        yield f"the tarball has {artifact.size} bytes"
    for name in files:
        path = PurePosixPath(name)
        if any(part.startswith(".") or part in ("__pycache__", "output") for part in path.parts):
            yield f"{name}: a hidden or temporary file"
        if (artifact.tree / name).stat().st_size > MAX_FILE:
            yield f"{name}: a large file"
        if path.parts[0] == "plugins" and path.parts[1] not in PLUGIN_DIRECTORIES:
            yield f"{name}: not a directory that the requirements allow in plugins/"
        if path.parts[:1] == ("plugins",) and path.parts[1].endswith("_utils") and not path.name.startswith("_"):
            yield f"{name}: private code without a leading underscore"
        if re.fullmatch(r"tests/sanity/ignore-.*\.txt", name):
            yield f"{name}: no sanity test may be ignored"
    needed = ("README.md", "COPYING", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "meta/runtime.yml", "tests/config.yml")
    yield from (f"no {name}" for name in needed if name not in files)
    if CODE_OF_CONDUCT not in artifact.read("CODE_OF_CONDUCT.md"):
        yield "CODE_OF_CONDUCT.md does not link to the code of conduct of the Ansible community"
    if TARGET_PYTHON not in artifact.read("tests/config.yml"):
        yield f"tests/config.yml does not say {TARGET_PYTHON}, so that modules are checked for Python 2.7"


def check_licenses(artifact: Artifact) -> Iterator[str]:
    """Yield code without the license that the requirements demand."""
    for name in artifact.files:
        if name.startswith(("plugins/", "roles/", "playbooks/", "extensions/")) and name.endswith((".py", ".yml")):
            head = artifact.read(name)[:400]
            if LICENSE not in head:
                yield f"{name}: no license identifier"


def check_documentation(artifact: Artifact) -> Iterator[str]:
    """Yield plugins that ansible-doc does not list, or whose documentation lacks something."""
    listed = {
        (item["content_type"], item["content_name"]): item["doc_strings"] or {}
        for item in artifact.imported["docs_blob"]["contents"]
    }
    for name in artifact.files:
        path = PurePosixPath(name)
        if path.parts[0] == "plugins" and path.suffix == ".py" and path.parts[1] not in UNDOCUMENTED:
            kind = path.parts[1].replace("modules", "module")
            found = _check_plugin(kind, path.stem, listed.get((kind, path.stem), {}))
            yield from (f"{kind} {path.stem}: {text}" for text in found)
        elif path.match(f"extensions/{EVENT_SOURCE}/*.py") and (EVENT_SOURCE, path.stem) not in listed:
            yield f"event source {path.stem}: galaxy-importer does not list it"
        elif path.match("playbooks/*.yml") and ("playbook", path.name) not in listed:
            yield f"playbook {path.name}: galaxy-importer does not list it"
        elif path.match("roles/*/meta/argument_specs.yml") and ("role", path.parts[1]) not in listed:
            yield f"role {path.parts[1]}: galaxy-importer does not list it"


def _check_plugin(kind: str, name: str, page: dict[str, Any]) -> Iterator[str]:
    doc = page.get("doc")
    if not doc:
        yield "ansible-doc does not list it"
        return
    # An inventory plugin returns nothing.
    sections = ("examples",) if kind == "inventory" else ("examples", "return")
    yield from (f"no {key}" for key in sections if not page.get(key))
    keys = ("short_description", "description", "author", "version_added")
    yield from (f"no {key}" for key in keys if not doc.get(key))
    if PYTHON not in doc.get("requirements", []):
        yield f"its requirements do not say {PYTHON}"
    if name.endswith("_info") and doc.get("attributes", {}).get("check_mode", {}).get("support") != "full":
        yield "an _info module has to support check mode"
