# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the valid and invalid values of the options."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.talkover.voice.plugins.module_utils._errors import TalkoverError
from ansible_collections.talkover.voice.plugins.module_utils._options import (
    CA_VARIABLES,
    DEFAULT_URL,
    ConnectionOptions,
    TrunkQuery,
)
from ansible_collections.talkover.voice.tests.defaults import defaults

TOKEN = "talq_secret"


def connection(**options: Any) -> ConnectionOptions:
    return ConnectionOptions.from_options({**defaults(), "api_token": TOKEN, **options})


def question(**options: Any) -> TrunkQuery:
    return TrunkQuery.from_options({**defaults(), **options})


def refused(call: Any, **options: Any) -> str:
    with pytest.raises(TalkoverError) as caught:
        call(**options)
    assert caught.value.kind == "config"
    assert TOKEN not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        DEFAULT_URL,
        "https://voice.acme.com:8443/api/v1",
        "http://127.0.0.1:8080/api/v1",
        "http://127.8.9.1/api/v1",
        "http://localhost/api/v1",
        "http://[::1]:8080/api/v1",
        "https://[2001:db8::1]/api/v1",
    ],
)
def test_an_absolute_url_serves_with_or_without_its_last_slash(url: str) -> None:
    assert connection(api_url=url).api_url == url.rstrip("/")
    assert connection(api_url=f"{url}/").api_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "normalized"),
    [
        ("HTTPS://voice.acme.com/", "https://voice.acme.com"),
        ("Https://Voice.ACME.com:8443/API/v1;A", "https://voice.acme.com:8443/API/v1;A"),
        ("HTTP://LOCALHOST:8080/a//b", "http://localhost:8080/a//b"),
        ("HTTPS://[2001:DB8::1]/api", "https://[2001:db8::1]/api"),
    ],
)
def test_the_scheme_and_the_host_are_case_insensitive(url: str, normalized: str) -> None:
    given = connection(api_url=url)
    assert given.api_url == normalized
    assert given.cache_key == connection(api_url=normalized).cache_key


@pytest.mark.parametrize("name", [*CA_VARIABLES, "HTTPS_PROXY", "https_proxy", "no_proxy"])
def test_the_cache_key_has_what_the_environment_says_of_the_connection(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = connection().cache_key
    monkeypatch.setenv(name, "ca.pem")
    assert connection().cache_key != before


@pytest.mark.parametrize("url", ["HTTP://example.com", "hTTp://10.0.0.1/api/v1"])
def test_http_in_capitals_is_for_the_loopback_too(url: str) -> None:
    assert "unencrypted" in refused(connection, api_url=url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://voice.acme.com/api/v1", "unencrypted"),
        ("http://127.0.0.1.acme.com/api/v1", "unencrypted"),
        ("http://localhost.acme.com/api/v1", "unencrypted"),
        ("http://10.0.0.1/api/v1", "unencrypted"),
        ("http://[::2]/api/v1", "unencrypted"),
        ("https://user:pa55word@voice.acme.com/api/v1", "user name or password"),
        ("https://@voice.acme.com/api/v1", "user name or password"),
        ("https://voice.acme.com/api/v1?x=1", "query"),
        ("https://voice.acme.com/api/v1?", "query"),
        ("https://voice.acme.com/api/v1#top", "fragment"),
        ("ftp://voice.acme.com/api/v1", "absolute"),
        ("voice.acme.com/api/v1", "absolute"),
        ("/api/v1", "absolute"),
        ("https:///api/v1", "absolute"),
        ("", "absolute"),
        ("https://voice.acme.com:0/api/v1", "absolute"),
        ("https://voice.acme.com:65536/api/v1", "invalid host or port"),
        ("https://voice.acme.com:x/api/v1", "invalid host or port"),
        ("https://[::1/api/v1", "invalid host or port"),
        ("https://voice acme.com/api/v1", "white space"),
        ("https://voice.acme.com/api/v1\n", "white space"),
        ("https://voice.acme.com\\@evil.example/api", "backslash"),
        (f"ftp://voice.acme.com/{TOKEN}", "absolute"),
    ],
)
def test_any_other_url_is_an_error_that_shows_no_secret(url: str, words: str) -> None:
    message = refused(connection, api_url=url)
    assert words in message
    assert "pa55word" not in message


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("timeout", 0),
        ("timeout", -1.0),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("timeout", 1e308),
        ("retries", -1),
        ("retries", 10**9),
        ("max_connections", 0),
        ("max_connections", 10**9),
        ("max_wait", -1.0),
        ("max_wait", float("nan")),
        ("max_wait", 1e9),
        ("client_key", "/key.pem"),
    ],
)
def test_a_value_out_of_range_is_an_error_that_names_the_option(option: str, value: Any) -> None:
    assert option in refused(connection, **{option: value})


@pytest.mark.parametrize("trunk_id", ["", " ", "\t", ".", "..", "a\nb", "a\x00", "\x85", "\ud800"])
def test_an_id_that_would_turn_into_another_question_is_an_error(trunk_id: str) -> None:
    assert "trunk_ids holds" in refused(question, trunk_ids=["trunk-1", trunk_id])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Exactly one"),
        ({"all_trunks": False}, "got none of them"),
        ({"all_trunks": True, "trunk_ids": ["trunk-1"]}, "got trunk_ids and all_trunks"),
        ({"trunk_id": "trunk-1", "trunk_ids": ["trunk-2"]}, "got trunk_id and trunk_ids"),
        ({"trunk_id": "trunk-1", "all_trunks": True}, "got trunk_id and all_trunks"),
        ({"trunk_id": ""}, "trunk_id holds an empty ID"),
        ({"trunk_ids": []}, "empty list"),
        ({"all_trunks": True, "max_health_age": -1}, "max_health_age"),
        ({"all_trunks": True, "max_health_age": 60, "details": False}, "live_health"),
        ({"all_trunks": True, "max_health_age": 60, "details": False, "include": ["dids"]}, "live_health"),
    ],
)
def test_options_that_contradict_each_other_are_an_error(options: dict[str, Any], words: str) -> None:
    assert words in refused(question, **options)


def test_an_id_named_twice_is_asked_for_once_and_in_order() -> None:
    assert question(trunk_ids=["b", "a", "b", "é/?#% x"]).trunk_ids == ("b", "a", "é/?#% x")


def test_all_trunks_may_be_false_beside_ids() -> None:
    assert question(trunk_ids=["a"], all_trunks=False).all_trunks is False


def test_a_summary_with_a_live_check_has_an_age() -> None:
    assert question(all_trunks=True, details=False, include=["live_health"], max_health_age=60).max_health_age == 60


@pytest.mark.parametrize("token", [["talq_secret"], {"token": TOKEN}, 5, b"talq_secret", True])
def test_a_token_that_is_not_a_string_is_an_error_that_does_not_show_it(token: Any) -> None:
    assert "api_token must be a string" in refused(connection, api_token=token)


def test_a_missing_token_says_where_to_set_it() -> None:
    assert "No token: set TALKOVER_TOKEN where this runs (host " in refused(connection, api_token=None)
