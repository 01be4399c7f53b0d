# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the arguments of the event source."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._options import DEFAULT_URL
from ansible_collections.talkover.voice.plugins.plugin_utils._event_options import read_options

TOKEN = "talq_do_not_print_me_7f3a"
GIVEN = {"api_token": TOKEN, "trunk_ids": ["a", "b"]}


def test_the_defaults() -> None:
    options = read_options(GIVEN)
    assert options.connection.api_url == DEFAULT_URL
    assert options.connection.max_wait == options.interval == 60
    assert options.settings == (2, 2, 3, "sick", 0)
    assert options.query.trunk_ids == ("a", "b")
    assert (options.query.details, options.query.missing_ok, options.hosts) == (False, True, None)


def test_the_environment_has_the_token_and_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALKOVER_TOKEN", "talq_environment")
    monkeypatch.setenv("TALKOVER_API_URL", "https://voice.acme.example/api/v1")
    connection = read_options({"all_trunks": True}).connection
    assert connection.token.header() == "Bearer talq_environment"
    assert connection.api_url == "https://voice.acme.example/api/v1"
    assert read_options(GIVEN).connection.token.header() == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("given", "details"),
    [
        ({}, False),
        ({"max_health_age": 60}, True),
        ({"max_health_age": 60, "include": ["live_health"]}, False),
        ({"details": True}, True),
    ],
)
def test_details_are_fetched_when_the_age_needs_them(given: dict[str, Any], details: bool) -> None:
    assert read_options({**GIVEN, **given}).query.details is details


@pytest.mark.parametrize(("interval", "max_wait"), [(5, 60), (300, 300)])
def test_a_poll_waits_for_the_rate_limit_as_long_as_its_interval(interval: int, max_wait: int) -> None:
    assert read_options({**GIVEN, "interval": interval}).connection.max_wait == max_wait
    assert read_options({**GIVEN, "interval": interval, "max_wait": 7}).connection.max_wait == 7


def test_values_of_a_rulebook_are_converted() -> None:
    options = read_options({**GIVEN, "interval": "30", "sick_after": "3", "hosts": {"a": "pbx-1", "b": ["pbx-2"]}})
    assert (options.interval, options.settings.sick_after) == (30.0, 3)
    assert options.hosts == {"a": ["pbx-1"], "b": ["pbx-2"]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"intervall": 5}, "'intervall' is not an option. Did you mean interval?"),
        ({"trunk_id": "a"}, "'trunk_id' is not an option. Did you mean trunk_ids?"),
        ({"cache_ttl": 5}, "'cache_ttl' is not an option."),
        ({"eda_feedback_queue": asyncio.Queue()}, "does not support feedback"),
        ({"all_trunks": True}, "Exactly one of trunk_ids and all_trunks=true"),
        ({"trunk_ids": None}, "trunk_ids is null"),
        ({"trunk_ids": []}, "trunk_ids is an empty list"),
        ({"trunk_ids": [""]}, "trunk_ids holds an empty ID"),
        ({"interval": None}, "interval is null"),
        ({"interval": 0}, "interval must be from 1.0 to"),
        ({"interval": "nan"}, "interval must be from 1.0 to"),
        ({"interval": "soon"}, "interval"),
        ({"sick_after": 0}, "sick_after must be from 1 to"),
        ({"recovered_after": -1}, "recovered_after must be from 1 to"),
        ({"unknown_after": 0}, "unknown_after must be from 1 to"),
        ({"heartbeat": -1}, "heartbeat must be from 0.0 to"),
        ({"initial": "first"}, "value of initial must be one of: sick, all, none"),
        ({"timeout": TOKEN}, "timeout"),
        ({"validate_certs": "flase"}, "validate_certs"),
        ({"include": ["health"]}, "value of include must be one or more of"),
        ({"max_health_age": 60, "details": False}, "max_health_age with details=false needs"),
        ({"hosts": {"a": "pbx-1"}}, "hosts has no entry for 'b'"),
        ({"hosts": {"a": "x", "b": "x", "c": "x"}}, "hosts has an entry for 'c', which is not in trunk_ids"),
        ({"hosts": {"a": "x", "b": []}}, "hosts must have at least one host name for 'b'"),
        ({"hosts": {"a": "x", "b": [" "]}}, "hosts must have at least one host name for 'b'"),
        ({"hosts": {"a": "x", "b": None}}, "hosts must have at least one host name for 'b'"),
        *[
            ({"hosts": {"a": "x", "b": name}}, "is not the name of a host")
            for name in (",", "x,all", "!x", "@x", "~", ":")
        ],
        ({"hosts": []}, "hosts"),
        *[
            ({name: 10**400}, f"{name} is a number that is too large")
            for name in ("interval", "heartbeat", "sick_after")
        ],
        ({"retries": float("inf")}, "retries is a number that is too large"),
        ({"sick_after": "1e999999999"}, "sick_after is a number that is too large"),
        ({"sick_after": "9" * 5000}, "sick_after is a number that is too large"),
        ({"api_token": [TOKEN]}, "api_token must be a string, but is of type list"),
        ({"api_token": f"{TOKEN} x"}, "api_token contains white space"),
        ({"api_url": f"http://{TOKEN}@voice.acme.example"}, "api_url contains a user name or password"),
    ],
)
def test_a_wrong_argument_is_a_configuration_error(given: dict[str, Any], message: str) -> None:
    with pytest.raises(TalkoverError) as raised:
        read_options({**GIVEN, **given})
    assert raised.value.kind == "config"
    assert message in str(raised.value)
    assert TOKEN not in str(raised.value)


def test_no_token_is_a_configuration_error() -> None:
    with pytest.raises(TalkoverError, match="No token: set TALKOVER_TOKEN"):
        read_options({"all_trunks": True})


def test_a_trunk_that_is_created_later_needs_no_host() -> None:
    assert read_options({"api_token": TOKEN, "all_trunks": True, "hosts": {"a": "pbx-1"}}).hosts == {"a": ["pbx-1"]}
