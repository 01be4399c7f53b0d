# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random inventories: hosts in trees of groups, and the places where a variable can be set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

TRUNKS = ("t1", "t2", "t3", "t4", "t5", "s1", "s2", "s3")
"""The trunks of the service: those that begin with s are sick."""
HOSTS = ("h1", "h2", "h3", "h4")
GROUPS = ("g1", "g2", "g3", "g4", "g5", "g6")
SUFFIXES = ("", ".yml", ".yaml", ".json")

Files = dict[str, str]


@dataclass(frozen=True)
class Layout:
    """An inventory.

    :param files: by their path below the folder of the layout.
    :param sources: arguments of C(-i), without the source of this collection.
    :param trunks: the path of the source of this collection.
    :param arguments: further arguments of the command.
    :param composed: whether the source itself may change the variables of a host.
    """

    files: Mapping[str, str]
    sources: tuple[str, ...]
    trunks: str
    arguments: tuple[str, ...] = ()
    composed: bool = False

    def write(self, folder: Path) -> None:
        """Write the files."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    @property
    def command(self) -> list[str]:
        """Return the arguments of an Ansible command."""
        sources = dict.fromkeys((*self.sources, self.trunks))
        return [part for source in sources for part in ("-i", source)] + list(self.arguments)


# What a variable may be: an ID, two of them, nothing, or a template of another variable.
_PLAIN = st.sampled_from(TRUNKS)
_VALUES = st.one_of(
    _PLAIN,
    _PLAIN,
    _PLAIN,
    st.lists(_PLAIN, min_size=1, max_size=2, unique=True),
    st.sampled_from(("", "{{ site }}", "{{ site | default('t5') }}")),
)
_PRIORITIES = st.sampled_from((-1, 0, 1, 2, 10))
_VARIABLES = st.fixed_dictionaries(
    {}, optional={"talkover_trunk_id": _VALUES, "site": _PLAIN, "ansible_group_priority": _PRIORITIES}
)
_SET = st.fixed_dictionaries({"talkover_trunk_id": _VALUES}, optional={"ansible_group_priority": _PRIORITIES})
_MAYBE: st.SearchStrategy[dict[str, Any]] = st.one_of(st.just({}), _VARIABLES, _SET)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Draw groups and their children. A child stands later in the list, so there is no loop."""
    names = GROUPS[: draw(st.integers(1, len(GROUPS)))]
    return {
        name: tuple(draw(st.lists(st.sampled_from(names[at + 1 :]), max_size=3, unique=True)))
        if at + 1 < len(names)
        else ()
        for at, name in enumerate(names)
    }


def as_yaml(tree: Mapping[str, tuple[str, ...]], members: Mapping[str, list[str]], given: Mapping[str, Any]) -> str:
    """Write a source in YAML (as JSON), each group once, at the top level."""
    groups: dict[str, Any] = {}
    for name in ("all", "ungrouped", *tree):
        entry: dict[str, Any] = {}
        if tree.get(name):
            entry["children"] = {child: {} for child in tree[name]}
        if members.get(name):
            entry["hosts"] = {host: given.get(host, {}) for host in members[name]}
        if given.get(name):
            entry["vars"] = given[name]
        if entry or name in tree:
            groups[name] = entry
    # Ansible takes an empty dictionary for a host of that name.
    return json.dumps(groups or {"all": {}})


def as_ini(tree: Mapping[str, tuple[str, ...]], members: Mapping[str, list[str]], given: Mapping[str, Any]) -> str:
    """Write a source in INI."""
    lines = []
    for name in ("ungrouped", *tree):
        lines += [f"[{name}]"]
        for host in members.get(name, []):
            pairs = (f"{key}={json.dumps(json.dumps(value))}" for key, value in given.get(host, {}).items())
            lines.append(" ".join((host, *pairs)))
        if tree.get(name):
            lines += [f"[{name}:children]", *tree[name]]
    for name in ("all", *tree):
        if given.get(name):
            lines += [f"[{name}:vars]", *(f"{key}={json.dumps(value)}" for key, value in given[name].items())]
    return "\n".join([*lines, ""])


@st.composite
def beside(draw: st.DrawFn, folder: str, names: tuple[str, ...]) -> Files:
    """Draw files of group_vars and host_vars in a folder."""
    files: Files = {}
    for name in draw(st.lists(st.sampled_from(names), max_size=4, unique=True)):
        kind = "host_vars" if name in HOSTS else "group_vars"
        place = f"{folder}{kind}/{name}"
        if draw(st.integers(0, 3)) == 0:
            for part in draw(st.sampled_from((("a.yml",), ("a.yml", "b.yml"), ("b.json", "c/d.yml")))):
                files[f"{place}/{part}"] = json.dumps(draw(_SET))
        else:
            files[f"{place}{draw(st.sampled_from(SUFFIXES))}"] = json.dumps(draw(_SET))
    return files


@st.composite
def layouts(draw: st.DrawFn, *, composing: bool = False) -> Layout:
    """Draw an inventory of one to three sources, in one folder or in several."""
    tree = draw(trees())
    files: Files = {}
    sources = []
    shared = draw(st.booleans())
    for number in range(1, draw(st.integers(1, 3)) + 1):
        folder = "inventory/" if shared else f"i{number}/"
        # Each source tells of a part of the tree, the first one of all of it.
        part = {name: below for name, below in tree.items() if number == 1 or draw(st.booleans())}
        places = st.sampled_from(("ungrouped", *part)) if part else st.just("ungrouped")
        members: dict[str, list[str]] = {}
        for host in HOSTS if number == 1 else draw(st.lists(st.sampled_from(HOSTS), max_size=2, unique=True)):
            for place in draw(st.lists(places, min_size=1, max_size=2, unique=True)):
                members.setdefault("ungrouped" if place == "ungrouped" else place, []).append(host)
        given = {name: draw(_MAYBE) for name in ("all", *part, *HOSTS)}
        ini = draw(st.booleans())
        # No suffix for INI: ansible-core 2.16 ignores .ini in a folder.
        name = f"{folder}0{number}-hosts{'' if ini else '.yml'}"
        files[name] = (as_ini if ini else as_yaml)(part, members, given)
        sources.append(folder if shared or draw(st.booleans()) else name)
    more = ("deployable", "on_t1", "on_s1") if composing else ()
    for folder in dict.fromkeys(name.rpartition("/")[0] + "/" for name in list(files)):
        files |= draw(beside(folder, ("all", "ungrouped", *tree, *HOSTS, *more)))
    return _with_trunks(draw, files, sources, shared, composing)


def _with_trunks(draw: st.DrawFn, files: Files, sources: list[str], shared: bool, composing: bool) -> Layout:
    source: dict[str, Any] = {"plugin": "talkover.voice.sip_trunks", "details": False, "retries": 0}
    if composing:
        source |= draw(compositions)
    within = shared and draw(st.booleans())
    trunks = "inventory/99-talkover.yml" if within else draw(st.sampled_from(("last/talkover.yml", "talkover.yml")))
    if trunks == "last/talkover.yml" and draw(st.booleans()):
        names = ("all", "ungrouped", *HOSTS, *GROUPS, "deployable")
        files |= draw(beside("last/", names if composing else names[:-1]))
    files[trunks] = json.dumps(source)
    arguments: list[str] = []
    extra = draw(st.sampled_from(("", "", "", "value", "file", "other")))
    if extra == "value":
        arguments += ["-e", f"talkover_trunk_id={draw(_PLAIN)}"]
    elif extra == "file":
        files["extra.yml"] = json.dumps(draw(_SET))
        arguments += ["-e", "@extra.yml"]
    elif extra == "other":
        arguments += ["-e", f"site={draw(_PLAIN)}"]
    return Layout(files, tuple(dict.fromkeys(sources)), "inventory/" if within else trunks, tuple(arguments), composing)


compositions = st.fixed_dictionaries(
    {},
    optional={
        "groups": st.fixed_dictionaries(
            {}, optional={"deployable": st.just("talkover_healthy"), "g1": st.just("talkover_healthy")}
        ),
        "compose": st.sampled_from(
            (
                {"talkover_trunk_id": "'s1'"},
                {"talkover_trunk_id": "talkover_trunks[0].id"},
                {"site": "'s2'"},
                {"other": "talkover_healthy"},
            )
        ),
        "keyed_groups": st.sampled_from(
            (
                [{"key": "talkover_trunks[0].id", "prefix": "on"}],
                [{"key": "talkover_trunks[0].id", "prefix": "on", "parent_group": "g2"}],
            )
        ),
    },
)
"""What a source adds of its own."""
