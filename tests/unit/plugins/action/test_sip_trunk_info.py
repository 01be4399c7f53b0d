# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What decides where a task runs, and what it may hand over. Real plays are in tests/integration/test_fleet.py."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ansible", reason="ansible-core is not installed")

from ansible_collections.talkover.voice.plugins.action import sip_trunk_info  # it needs ansible-core


class Marked(str):
    """A string with a mark, as Ansible has some."""

    __slots__ = ()

    def __str__(self) -> str:  # pylint: disable=invalid-str-returned
        return self


def test_plain_values_have_no_marks() -> None:
    given = {Marked("name"): [Marked("a"), 1, 1.5, True, None, (Marked("b"),)]}
    plain = sip_trunk_info._plain(given)
    assert plain == {"name": ["a", 1, 1.5, True, None, ["b"]]}
    assert {type(name) for name in plain} == {type(plain["name"][0])} == {str}


@pytest.mark.parametrize("value", [dt.date(2026, 1, 31), b"a", {1: "a"}, [object()]])
def test_values_that_json_does_not_have_are_left_to_the_module(value: Any) -> None:
    with pytest.raises(TypeError):
        sip_trunk_info._plain(value)


def test_the_same_file_in_another_folder_is_another_python(tmp_path: Path) -> None:
    assert sip_trunk_info._is_same_python(sys.executable)
    other = tmp_path / "python"
    other.symlink_to(sys.executable)
    assert not sip_trunk_info._is_same_python(str(other))
    assert not sip_trunk_info._is_same_python("/nowhere/python")
