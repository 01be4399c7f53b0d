# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the argument specification of the module, and what it rejects before ansible-core converts it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._module_args import check_module_args, module_spec

TOKEN = "talq_secret"


def test_the_specification_of_the_module_keeps_the_token_of_the_environment_out_of_its_parameters() -> None:
    spec = module_spec()
    assert spec["api_token"] == {"type": "str", "no_log": True}
    assert spec["api_url"]["fallback"][1] == ["TALKOVER_API_URL"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"trunk_id": ["a"]}, "Use trunk_ids"),
        ({"trunk_id": {"id": "a"}}, "type dict"),
        ({"trunk_id": None}, "trunk_id is null"),
        ({"trunk_ids": None, "all_trunks": True}, "trunk_ids is null"),
        ({"trunk_ids": ["a", None]}, "NoneType"),
        ({"trunk_ids": [["a"]]}, "type list"),
        ({"trunk_ids": [True]}, "type bool"),
        ({"trunk_id": "a", "max_health_age": None}, "max_health_age is null"),
        ({"trunk_id": "a", "api_token": None}, "api_token is null"),
        ({"trunk_id": "a", "api_token": {"token": TOKEN}}, "api_token must be a string"),
        ({"trunk_id": "a", "timeout": 10**400}, "timeout"),
        ({"trunk_id": "a", "cache_ttl": -(10**400)}, "cache_ttl"),
        ({"trunk_id": "a", "retries": "1e999999999"}, "retries is a number that is too large"),
        ({"trunk_id": "a", "max_health_age": "-1e999999999"}, "max_health_age is a number that is too large"),
    ],
)
def test_an_argument_that_ansible_would_convert_is_an_error(given: dict[str, Any], words: str) -> None:
    with pytest.raises(TalkoverError) as caught:
        check_module_args(given)
    assert caught.value.kind == "config"
    assert words in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_arguments_that_mean_what_they_say_are_accepted() -> None:
    check_module_args({"trunk_ids": ["a,b", 7], "max_health_age": 60})
    check_module_args({"trunk_id": 7})
