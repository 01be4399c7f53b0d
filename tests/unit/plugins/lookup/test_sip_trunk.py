# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup plugin, called as Ansible calls it; against the emulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.talkover.voice.plugins.lookup import sip_trunk
from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.unit.plugins.definitions import define_options


@pytest.fixture
def lookup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, emulator: Emulator) -> Any:
    """Return a function that runs the lookup with some terms and options."""
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    plugin: Any = sip_trunk.LookupModule(loader=DataLoader(), templar=Templar(loader=DataLoader()))
    define_options("lookup", plugin, sip_trunk.DOCUMENTATION)

    def run(*terms: Any, **options: Any) -> list[Any]:
        given = {"api_url": emulator.url, "api_token": emulator.token, "retries": 0, **options}
        return plugin.run(list(terms), variables={}, **given)  # type: ignore[no-any-return]

    return run


def ids(records: list[Any]) -> list[str]:
    return [record["id"] for record in records]


def test_records_are_in_the_order_of_the_terms(lookup: Any) -> None:
    assert ids(lookup("trunk-sick", "trunk-healthy")) == ["trunk-sick", "trunk-healthy"]


def test_a_term_may_be_a_list_and_may_repeat_an_id(lookup: Any) -> None:
    assert ids(lookup(["trunk-sick", "trunk-healthy"], "trunk-sick")) == ["trunk-sick", "trunk-healthy", "trunk-sick"]


def test_all_trunks_need_no_term(lookup: Any, emulator: Emulator) -> None:
    assert ids(lookup(all_trunks=True)) == list(emulator.trunks)


def test_a_record_is_fetched_once_within_its_ttl(lookup: Any, emulator: Emulator) -> None:
    for _number in range(3):
        lookup("trunk-healthy")
    assert len(emulator.requests) == 1
    lookup("trunk-healthy", cache_ttl=0)
    assert len(emulator.requests) == 2


def test_a_missing_trunk_may_be_left_out(lookup: Any) -> None:
    assert ids(lookup("trunk-healthy", "absent", missing_ok=True)) == ["trunk-healthy"]


@pytest.mark.parametrize(
    ("terms", "options"),
    [
        ([], {}),
        (["trunk-healthy"], {"all_trunks": True}),
        (["absent"], {}),
        ([""], {}),
        ([None], {}),
        (["trunk-healthy"], {"api_token": "wrong"}),
        (["trunk-healthy"], {"max_health_age": 600}),
        (["trunk-healthy"], {"detail": True}),
    ],
)
def test_anything_else_is_an_error(lookup: Any, terms: list[Any], options: dict[str, Any]) -> None:
    with pytest.raises(AnsibleLookupError):
        lookup(*terms, **options)
