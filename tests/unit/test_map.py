# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the repository layout in CONTRIBUTING.md against the files and their imports."""

from __future__ import annotations

import ast
import graphlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

CLONE = Path(__file__).resolve().parents[2]

# Groups: indentation, name, description, imports.
LINE = re.compile(r"( *)(\S+) {2,}(\S.*?)(?: +→ (.*))?")


def read_layout() -> dict[str, set[str]]:
    """Return the paths in the layout, each with the names after its arrow."""
    layout: dict[str, set[str]] = {}
    folders: list[str] = []
    text = (CLONE / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for line in text.partition("```text\n")[2].partition("```")[0].splitlines():
        match = LINE.fullmatch(line)
        assert match, f"invalid line: {line}"
        indent, name, _description, imports = match.groups()
        folders[len(indent) // 2 :] = [name]
        path = "".join(folders)
        assert path not in layout, f"duplicate path: {path}"
        layout[path] = set((imports or "").split())
    return layout


def tracked_files() -> list[str]:
    """Return the files that git tracks or would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=CLONE, check=True, capture_output=True).stdout
    return [name for name in os.fsdecode(listed).split("\0") if name and (CLONE / name).is_file()]


def expected_paths(layout: dict[str, set[str]]) -> set[str]:
    """Return the paths that the layout must list. A directory without lines inside stands for all its files."""
    expanded = {str(PurePosixPath(path).parent) + "/" for path in layout} | {"./"}
    paths = set()
    for name in tracked_files():
        parts = [part + "/" for part in PurePosixPath(name).parts[:-1]]
        path, depth = "", 0
        while depth < len(parts) and (path or "./") in expanded:
            path += parts[depth]
            paths.add(path)
            depth += 1
        if (path or "./") in expanded:
            paths.add(name)
    return paths


def imported_names(path: Path) -> Iterator[str]:
    """Yield the names of the collection's files that a file imports, including imports inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            package, _dot, module = (node.module or "").rpartition(".")
            if package or module not in ("", "module_utils", "plugin_utils"):
                yield module
            else:
                yield from (alias.name for alias in node.names)


def test_layout_lists_every_path_once() -> None:
    layout = read_layout()
    expected = expected_paths(layout)
    assert (sorted(expected - layout.keys()), sorted(layout.keys() - expected)) == ([], []), (
        "missing lines, and lines without a path"
    )


def test_each_plugin_file_has_its_tests() -> None:
    plugins = [PurePosixPath(name) for name in tracked_files() if name.startswith("plugins/") and name.endswith(".py")]
    tested = CLONE / "tests" / "unit"
    missing = []
    for path in plugins:
        name = path.stem.lstrip("_")
        tests = tested / path.parent
        # Documentation fragments are tested with the plugins that they document. A directory holds several files.
        if (
            path.parent.name != "doc_fragments"
            and not (tests / f"test_{name}.py").exists()
            and not (tests / name).is_dir()
        ):
            missing.append(str(path))
    assert missing == []


def test_arrows_match_the_imports() -> None:
    files = {
        path: imports for path, imports in read_layout().items() if path.startswith("plugins/") and path[-1] != "/"
    }
    real = {path: set(imported_names(CLONE / path)) if path.endswith(".py") else set() for path in files}
    assert files == real


def test_imports_have_no_cycles() -> None:
    shared = {PurePosixPath(path).stem: names for path, names in read_layout().items() if "_utils/" in path}
    graphlib.TopologicalSorter(shared).prepare()
