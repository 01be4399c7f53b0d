# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test properties for any response: no false healthy verdict, no endless wait, no traceback."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.talkover.voice.plugins.module_utils import _health, _rate_limit, _response
from ansible_collections.talkover.voice.plugins.module_utils._token import Token
from ansible_collections.talkover.voice.plugins.module_utils._trunks import TrunkReport
from ansible_collections.talkover.voice.tests.emulator import Emulator
from ansible_collections.talkover.voice.tests.faults.fault import TOKEN
from ansible_collections.talkover.voice.tests.unit.plugins.module_utils.queries import refused

NOW = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)

# A busy machine may be slow.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)
moments = st.integers(-10_000, 10_000).map(lambda offset: (NOW + timedelta(seconds=offset)).isoformat()) | json_values
checks = st.fixed_dictionaries({}, optional={"is_healthy": st.just(True) | json_values, "checked_at": moments})
records = st.fixed_dictionaries(
    {},
    optional={
        "is_active": st.just(True) | json_values,
        "is_verified": st.just(True) | json_values,
        "health_status": st.just("healthy") | json_values,
        "last_health_check_at": moments,
        "live_health": checks | json_values,
    },
)


def earned(record: dict[str, Any], highest: int | None) -> bool:
    """Return whether a record is healthy, by an independent implementation of the definition."""
    if record.get("is_active") is not True or record.get("is_verified") is not True:
        return False
    if "live_health" in record:
        check = record["live_health"]
        if not isinstance(check, dict) or check.get("is_healthy") is not True:
            return False
        moment = check.get("checked_at")
    else:
        if record.get("health_status") != "healthy":
            return False
        moment = record.get("last_health_check_at")
    if highest is None:
        return True
    try:
        age = (NOW - datetime.fromisoformat(moment)).total_seconds()  # type: ignore[arg-type]  # that is what is tried
    except (TypeError, ValueError):
        return False
    return -60 <= age <= highest


@unhurried
@given(records, st.none() | st.integers(0, 9000))
def test_healthy_only_when_each_condition_holds(record: dict[str, Any], highest: int | None) -> None:
    found = _health.find_problems(record, highest, NOW.timestamp())
    assert not found or all(sentence.endswith((".", '"')) for sentence in found)
    if not found:
        assert earned(record, highest)


@unhurried
@given(json_values)
def test_json_is_given_back_or_refused(value: Any) -> None:
    body = json.dumps(value).encode()
    try:
        read = _response.parse_json(body, Token(TOKEN))
    except _response.InvalidResponse:
        return
    assert json.loads(json.dumps(read)) == read


@unhurried
@given(st.binary())
def test_bytes_are_read_or_refused(body: bytes) -> None:
    token = Token(TOKEN)
    _response.parse_error_body(body, token)
    for encoding in ("", "gzip", "deflate", "br"):
        with contextlib.suppress(_response.InvalidResponse):
            _response.parse_json(_response.inflate(body, encoding, 99), token)


headers = st.text() | st.integers().map(str) | st.floats().map(str) | st.datetimes().map(lambda moment: moment.ctime())


@unhurried
@given(headers, headers)
def test_the_waits_of_headers_are_bounded(value: str, date: str) -> None:
    said = {"Retry-After": value, "X-RateLimit-Reset": value, "Date": date}
    reset, wait = _rate_limit.reset_wait(said), _rate_limit.retry_after(said)
    assert reset is None or 0 <= reset <= _rate_limit.MAX_SINGLE_WAIT
    assert wait is None or wait >= 0


@unhurried
@given(json_values)
def test_an_error_of_any_shape_has_words(value: Any) -> None:
    for envelope in (value, {"error": value}, {"error": {"details": value, "message": value}}, {"errors": value}):
        words = _response.parse_error(envelope)
        assert len(words.message) <= 300


# Mostly the characters of markers, and those that sentences add or remove.
texts = st.text(st.sampled_from("{{{}%#:\"'\\ a\u200b"), max_size=9) | st.just("#jinja2:x")
marked = st.recursive(
    texts, lambda children: st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3), max_leaves=8
)
marker = re.compile(r"\{[{%#]|[}%#]\}|#jinja2:")


@unhurried
@given(
    st.lists(
        st.fixed_dictionaries(
            {"is_active": marked, "health_status": marked},
            optional={
                "id": texts,
                "name": texts,
                "live_health": marked | st.fixed_dictionaries({"is_healthy": marked, "error": texts}),
            },
        ),
        min_size=1,
    )
)
def test_no_sentence_on_a_trunk_has_a_template_marker(trunks: list[dict[str, Any]]) -> None:
    report = TrunkReport({str(number): trunk for number, trunk in enumerate(trunks)}, 60)
    joined = " ".join(sentence for sentences in report.problems.values() for sentence in sentences)
    for text in (report.message, joined, " ".join(_health.find_problems_in(trunks, 60))):
        assert not marker.search(text)


@pytest.fixture(scope="module")
def service() -> Iterator[Emulator]:
    with Emulator(limit=10**6) as started:
        yield started


@unhurried
@given(st.sampled_from([200, 302, 400, 503]), texts, marked)
def test_no_message_of_an_error_has_a_template_marker(service: Emulator, status: int, text: str, value: Any) -> None:
    bodies: tuple[Any, ...] = (
        {"success": False, "error": {"code": text, "message": text}, "errors": {"a": value}},
        {"success": True, "data": {"id": text}},
        {"success": True, "data": [], "meta": {"last_page": value}},
        {"success": True, "data": [], "pagination": {text: value}},
        text.encode(),
    )
    headers = {"Location": f"https://a.example/{text.encode('ascii', 'ignore').decode()}"}
    for body, path in itertools.product(bodies, ("/sip-trunks", "/trunk-healthy")):
        service.fail_next(path, status=status, headers=headers, body=body)
        options = {"all_trunks": True, "details": False} if path == "/sip-trunks" else {"trunk_ids": ["trunk-healthy"]}
        assert not marker.search(str(refused(service, **options)))


zones = (
    st.just((0, "Z"))
    | st.just((0, "z"))
    | st.builds(
        lambda sign, hours, minutes: (
            (hours * 3600 + minutes * 60) * (-1 if sign == "-" else 1),
            f"{sign}{hours:02}:{minutes:02}",
        ),
        st.sampled_from("+-"),
        st.integers(0, 23),
        st.integers(0, 59),
    )
)
fractions = st.text("0123456789", min_size=1, max_size=9)


EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# From the year 1000, as the C library writes earlier ones without their zeros, to the last day of 9999.
unix_times = st.integers(-30_000_000_000, 253_402_200_000)


@unhurried
@given(unix_times, fractions | st.none(), zones, st.sampled_from("Tt"))
def test_each_timestamp_of_rfc_3339_is_read(
    seconds: int, fraction: str | None, zone: tuple[int, str], between: str
) -> None:
    offset, suffix = zone
    text = f"{EPOCH + timedelta(seconds=seconds):%Y-%m-%d{between}%H:%M:%S}" + (f".{fraction}" if fraction else "")
    expected = seconds - offset + float(f"0.{fraction or 0}")
    assert _health.timestamp(text + suffix) == pytest.approx(expected, abs=1e-4, rel=0)


ODD_TIMES = (
    "{0:%Y-%m-%dT%H:%M:%S}",
    "{0:%Y-%m-%dT%H:%M:60}Z",
    "{0:%Y-%m-%dT24:00:00}Z",
    "{0:%Y-%m-%dT%H:%M}Z",
    "{0:%Y-%m-%d}",
    "{0:%Y%m%dT%H%M%S}Z",
    "{0:%Y-%m-%d %H:%M:%S}Z",
    "0000-{0:%m-%dT%H:%M:%S}Z",
    "1{0:%Y-%m-%dT%H:%M:%S}Z",
    "-{0:%Y-%m-%dT%H:%M:%S}Z",
    "{0:%Y-%m-%dT%H:%M:%S}+0000",
    "{0:%Y-%m-%dT%H:%M:%S}+00",
    "{0:%Y-%m-%dT%H:%M:%S}+24:00",
    "{0:%Y-%m-%dT%H:%M:%S}+00:60",
    "{0:%Y-%m-%dT%H:%M:%S} Z",
    "{0:%Y-%m-%dT%H:%M:%S}UTC",
    "{0:%Y-%m-%dT%H:%M:%S}.Z",
    "{0:%Y-%m-%dT%H:%M:%S}.1234567890Z",
    "{0:%Y-%m-%dT%H:%M:%S},5Z",
    " {0:%Y-%m-%dT%H:%M:%S}Z",
    "{0:%Y-%m-%dT%H:%M:%S}Z\n",
    "{0:%Y-W%V-%uT%H:%M:%S}Z",
    "{0:%Y-%jT%H:%M:%S}Z",
)


@unhurried
@given(unix_times, st.sampled_from(ODD_TIMES))
def test_nothing_else_is_a_timestamp(seconds: int, form: str) -> None:
    assert _health.timestamp(form.format(EPOCH + timedelta(seconds=seconds))) is None


@unhurried
@given(st.integers(-(10**12), 10**12), st.integers(0, 9000))
def test_no_clock_makes_an_old_check_young(error: int, highest: int) -> None:
    record = {
        "is_active": True,
        "is_verified": True,
        "health_status": "healthy",
        "last_health_check_at": NOW.isoformat(),
    }
    # Whoever asks has a clock that is wrong by so many seconds.
    found = _health.find_problems(record, highest, NOW.timestamp() + error)
    assert bool(found) is not (-60 <= error <= highest)


@pytest.mark.parametrize("digits", [1, 3, 6, 7, 9])
def test_fractions_of_any_length_count(digits: int) -> None:
    assert _health.timestamp(f"2026-01-31T12:00:00.{'5' * digits}Z") == pytest.approx(NOW.timestamp() + 0.5, abs=0.06)
