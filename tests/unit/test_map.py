# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The map of the house in CONTRIBUTING.md is the house."""

from __future__ import annotations

import ast
import graphlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

CLONE = Path(__file__).resolve().parents[2]

# Four parts: the depth, the name, what it is for, and what it imports.
LINE = re.compile(r"( *)(\S+) {2,}(\S.*?)(?: +→ (.*))?")


def drawn() -> dict[str, set[str]]:
    """Give what the map shows: paths, and the names that stand after their arrows."""
    found: dict[str, set[str]] = {}
    folders: list[str] = []
    text = (CLONE / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for line in text.partition("```text\n")[2].partition("```")[0].splitlines():
        match = LINE.fullmatch(line)
        assert match, f"no line of a map: {line}"
        indent, name, _words, imports = match.groups()
        folders[len(indent) // 2 :] = [name]
        path = "".join(folders)
        assert path not in found, f"twice in the map: {path}"
        found[path] = set((imports or "").split())
    return found


def held() -> list[str]:
    """Give the files that git holds, or would."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=CLONE, check=True, capture_output=True).stdout
    return [name for name in os.fsdecode(listed).split("\0") if name and (CLONE / name).is_file()]


def rooms(map_: dict[str, set[str]]) -> set[str]:
    """Give the paths that a map of this depth has to show: a folder without a line inside stands for all in it."""
    opened = {str(PurePosixPath(path).parent) + "/" for path in map_} | {"./"}
    shown = set()
    for name in held():
        parts = [part + "/" for part in PurePosixPath(name).parts[:-1]]
        path, depth = "", 0
        while depth < len(parts) and (path or "./") in opened:
            path += parts[depth]
            shown.add(path)
            depth += 1
        if (path or "./") in opened:
            shown.add(name)
    return shown


def imported(path: Path) -> Iterator[str]:
    """Give the names of the files of the collection that a file imports, wherever in it that happens."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            package, _dot, module = (node.module or "").rpartition(".")
            if package or module not in ("", "module_utils", "plugin_utils"):
                yield module
            else:
                yield from (alias.name for alias in node.names)


def test_each_room_has_its_line_and_each_line_its_room() -> None:
    map_ = drawn()
    there = rooms(map_)
    assert (sorted(there - map_.keys()), sorted(map_.keys() - there)) == ([], []), "without a line, and without a room"


def test_each_plugin_file_has_its_tests() -> None:
    plugins = [PurePosixPath(name) for name in held() if name.startswith("plugins/") and name.endswith(".py")]
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


def test_the_arrows_are_the_imports() -> None:
    files = {path: imports for path, imports in drawn().items() if path.startswith("plugins/") and path[-1] != "/"}
    real = {path: set(imported(CLONE / path)) if path.endswith(".py") else set() for path in files}
    assert files == real


def test_the_arrows_lead_one_way() -> None:
    shared = {PurePosixPath(path).stem: names for path, names in drawn().items() if "_utils/" in path}
    graphlib.TopologicalSorter(shared).prepare()
