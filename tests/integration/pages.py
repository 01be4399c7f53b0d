# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Collect the examples on the pages of the documentation.

What cannot be run against the emulator is marked right before the block, with the reason: C(.. not run: reason) in
reStructuredText, and C(<!-- not run: reason -->) in Markdown. C(not run (ansible-galaxy): reason) leaves out the lines
of a console that begin with that command, and no others. A block that is a file has its name as the caption, or in
C(<!-- file: name -->).
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ansible_collections.talkover.voice.tests.integration.commands import COLLECTIONS

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "docsite" / "rst"
PLUGINS = "plugins"
EXAMPLES = Path(COLLECTIONS, "ansible_collections", "talkover", "voice", "plugins") if COLLECTIONS else ROOT / "plugins"
"""The plugins whose examples are run: those of the artifact, when it is installed."""
TRUNK_IDS = {
    "3f2b7c1a-9d54-4e0b-8a6f-52c1d7e90b34": "trunk-healthy",
    "7d0a4e92-1c3f-4b68-9e5d-a84f20b6c711": "trunk-recovering",
    "b91e6d05-62fa-4c87-b3d0-0f7a5c2e8d49": "trunk-sick",
}
"""The trunk IDs of the examples, which look like those of the service, and the trunks of the emulator that they are."""

# Languages of blocks that only show output.
_OUTPUT = ("ansible-output", "text")
_RST = re.compile(
    r"(?:^\.\. not run(?: \((?P<left_out>[\w-]+)\))?: (?P<reason>.+(?:\n   .+)*)\n\n)?"
    r"^\.\. code-block:: (?P<language>\S+)\n"
    r"(?: +:caption: (?P<name>.+)\n)?"
    r"\n(?P<text>(?: {4}.*\n|\n)+)",
    re.MULTILINE,
)
_MARKDOWN = re.compile(
    r"(?:^<!-- not run(?: \((?P<left_out>[\w-]+)\))?: (?P<reason>[^>]+) -->\n+)?"
    r"(?:^<!-- file: (?P<name>\S+) -->\n+)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """An example."""

    place: str
    """The file and the number of the line."""
    language: str
    text: str
    name: str | None = None
    """The name of the file that it is."""
    left_out: str | None = None
    """The command that is not run, where others are."""

    @property
    def kind(self) -> str:
        """Return the type of the example, which determines how to run it.

        :raises ValueError: for an example that cannot be run and has no mark.
        """
        if self.language in ("yaml", "yaml+jinja"):
            return _kind(yaml.safe_load(self.text), self.place)
        if self.language in ("console", "python") or (self.name and self.language in ("ini", "json")):
            return self.language
        raise ValueError(f"{self.place}: nobody can run this {self.language}. Say so above it, with the reason.")

    def commands(self) -> Iterator[str]:
        """Yield the commands of a console block."""
        for line in self.text.splitlines():
            command = line.removeprefix("$ ")
            if command != line and not (self.left_out and command.startswith(self.left_out)):
                yield command


def is_play(item: dict[str, Any]) -> bool:
    """Return whether an item of a list in YAML is a play or imports some, and is no task."""
    return "hosts" in item or "ansible.builtin.import_playbook" in item


def use_emulator_ids(text: str) -> str:
    """Replace the trunk IDs of an example with those of the emulator."""
    for shown, actual in TRUNK_IDS.items():
        text = text.replace(shown, actual)
    return text


def names() -> list[str]:
    """Return the names of the pages; the examples of all plugins are one of them."""
    return ["README.md", "roles/gate/README.md", PLUGINS, *sorted(path.name for path in GUIDES.glob("*.rst"))]


def blocks(page: str) -> list[Block]:
    """Return what can be run on a page.

    :raises ValueError: for a block in an unknown syntax, which would be skipped otherwise.
    """
    if page == PLUGINS:
        return list(_examples())
    markdown = page.endswith(".md")
    text = (ROOT if markdown else GUIDES).joinpath(page).read_text("utf-8")
    found = [*(_MARKDOWN if markdown else _RST).finditer(text)]
    written = len(re.findall(r"^ *```\w", text, re.MULTILINE)) if markdown else text.count("code-block::")
    if len(found) != written:
        raise ValueError(f"{page}: {written} blocks are written there, but only {len(found)} have the usual form.")
    return [
        Block(
            f"{page}, line {text.count(chr(10), 0, match.start('language')) + 1}",
            match["language"],
            use_emulator_ids(textwrap.dedent(match["text"])),
            match["name"],
            match["left_out"],
        )
        for match in found
        if match["language"] not in _OUTPUT and (match["left_out"] or not match["reason"])
    ]


def files(page: str) -> dict[str, str]:
    """Return the named blocks of a guide by their names, including those that are not run here."""
    found = _RST.finditer(GUIDES.joinpath(page).read_text("utf-8"))
    return {match["name"]: use_emulator_ids(textwrap.dedent(match["text"])) for match in found if match["name"]}


def _examples() -> Iterator[Block]:
    for path in sorted(EXAMPLES.glob("[!_]*/*.*")):
        if path.suffix == ".yml":
            yield Block(path.name, "yaml", use_emulator_ids(yaml.safe_load(path.read_text("utf-8"))["EXAMPLES"]))
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
                yield Block(path.name, "yaml", use_emulator_ids(ast.literal_eval(node.value)))


def _kind(data: Any, place: str) -> str:
    if isinstance(data, list) and all(isinstance(item, dict) for item in data):
        if all("sources" in item for item in data):
            return "rulebook"
        return "plays" if all(is_play(item) for item in data) else "tasks"
    if isinstance(data, dict):
        if "plugin" in data:
            return "source"
        if "fields" in data:
            return "inputs"
        if "version" in data:
            return "environment"
        if data.keys() <= {"env", "extra_vars"}:
            return "injectors"
        if all(isinstance(group, dict) and group.keys() <= {"hosts", "children", "vars"} for group in data.values()):
            return "hosts"
        if "collections" not in data:
            return "variables"
    raise ValueError(f"{place}: nobody can run this YAML. Say so above it, with the reason.")
