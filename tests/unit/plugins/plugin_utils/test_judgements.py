# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts of several sources on one host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible.inventory.data import InventoryData

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._trunks import TrunkReport
from ansible_collections.talkover.voice.plugins.plugin_utils import _facts, _judgements
from ansible_collections.talkover.voice.plugins.plugin_utils._judgements import Judgement

GOOD = {"id": "good", "is_active": True, "is_verified": True, "health_status": "healthy"}
SICK = {**GOOD, "id": "sick", "is_active": False}


class Source:
    """A source whose hosts have their IDs in the variable C(ids)."""

    composed_group_names = frozenset({"deployable"})

    def read_trunk_ids(self, _host: str, variables: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(variables["ids"])


def judgement(*records: dict[str, Any], created: bool = False) -> Judgement:
    found = {record["id"]: record for record in records}
    return Judgement(Source(), tuple(found), TrunkReport(found, None), created)


def test_a_host_of_one_trunk_has_it_by_itself() -> None:
    variables = _judgements.build_variables([judgement(GOOD)])
    assert variables["talkover_trunk"] == GOOD
    assert variables["talkover_trunks"] == [GOOD]
    assert variables["talkover_healthy"] is True
    assert variables["talkover_problems"] == {}


@pytest.mark.parametrize("records", [(GOOD, SICK), (SICK, GOOD)])
def test_each_source_must_find_the_host_healthy(records: tuple[dict[str, Any], ...]) -> None:
    variables = _judgements.build_variables([judgement(record) for record in records])
    assert variables["talkover_healthy"] is False
    assert "talkover_trunk" not in variables
    assert list(variables["talkover_problems"]) == ["sick"]


def test_two_sources_report_a_problem_once() -> None:
    once = _judgements.build_variables([judgement(SICK)])
    assert _judgements.build_variables([judgement(SICK), judgement(SICK)]) == once


@pytest.mark.parametrize(
    ("ids", "valid"), [(["good"], True), (["sick"], False), (["good", "sick"], False), ([], False)]
)
def test_a_play_must_use_the_ids_that_were_checked(ids: list[str], valid: bool) -> None:
    if valid:
        _judgements.check_ids("h1", [judgement(GOOD)], {"ids": ids})
    else:
        with pytest.raises(TalkoverError) as caught:
            _judgements.check_ids("h1", [judgement(GOOD)], {"ids": ids})
        assert caught.value.kind == "config"


def test_a_created_host_needs_no_variable_with_its_id() -> None:
    for ids in ([], ["good"]):
        _judgements.check_ids("good", [judgement(GOOD, created=True)], {"ids": ids})
    with pytest.raises(TalkoverError, match="was checked"):
        _judgements.check_ids("good", [judgement(GOOD, created=True)], {"ids": ["sick"]})


@pytest.mark.parametrize(
    ("judgements", "words"),
    [
        ((), "because no trunk of the host was checked"),
        ((judgement(SICK),), "is not true for it. Remove"),
        ((replace(judgement(GOOD), true_groups=frozenset({"deployable"})),), None),
    ],
)
def test_a_composed_group_has_only_hosts_whose_expression_is_true(
    judgements: tuple[Judgement, ...], words: str | None
) -> None:
    data = InventoryData()
    data.add_group("deployable")
    data.add_group("lab")
    data.add_child("deployable", "lab")
    data.add_host("h1", "lab")
    if words is None:
        _judgements.check_groups(data, {"h1": judgements}, Source())
    else:
        with pytest.raises(_judgements.UnsafeInventoryError, match=words):
            _judgements.check_groups(data, {"h1": judgements}, Source())


def test_no_created_host_has_the_name_of_a_composed_group() -> None:
    created: _judgements.Judgements = {"deployable": (judgement({**GOOD, "id": "deployable"}, created=True),)}
    with pytest.raises(_judgements.UnsafeInventoryError, match="name of a group"):
        _judgements.check_groups(InventoryData(), created, Source())


@pytest.mark.parametrize("name", _facts.VERDICT_VARIABLES)
def test_the_variables_belong_to_the_plugin(name: str) -> None:
    own = _judgements.build_variables([judgement(GOOD)])
    _judgements.check_owned("h1", {**own, "other": 1}, own)
    with pytest.raises(_judgements.UnsafeInventoryError, match=name):
        _judgements.check_owned("h1", {**own, name: "forged"}, own)
    with pytest.raises(_judgements.UnsafeInventoryError, match=name):
        _judgements.check_owned("h1", {name: None}, {})


def test_judgements_are_kept_by_inventory() -> None:
    first, second = InventoryData(), InventoryData()
    first.add_host("h1", "all")
    _judgements.keep_judgements(first, {"h1": (judgement(GOOD),)})
    _judgements.get_judgements(first).clear()
    assert list(_judgements.get_judgements(first)) == ["h1"]
    assert _judgements.get_judgements(second) == {}
    assert _judgements.find_changed(first) == set()
    first.set_variable("h1", "x", 1)
    assert _judgements.find_changed(first) == {"h1"}
