# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definition of healthy: as a table, and as a property of any JSON."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.talkover.voice.plugins.module_utils import _health

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=timezone.utc).timestamp()
GOOD: dict[str, Any] = {
    "id": "trunk-1",
    "name": "Primary",
    "is_active": True,
    "is_verified": True,
    "health_status": "healthy",
    "last_health_check_at": "2026-01-31T11:59:00Z",
}
LIVE = {"is_healthy": True, "response_time_ms": 42, "checked_at": "2026-01-31T11:59:30Z"}
ABSENT = object()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NEARLY = st.sampled_from(
    [True, False, "true", "healthy", "Healthy", 1, "2026-01-31T11:59:00Z", "2026-01-31T11:59:00", None]
)


def changed(field: str, value: Any, record: dict[str, Any] | None = None) -> dict[str, Any]:
    rest = {name: kept for name, kept in (record or GOOD).items() if name != field}
    return rest if value is ABSENT else {**rest, field: value}


def test_a_trunk_that_meets_all_conditions_is_healthy() -> None:
    assert _health.find_problems(GOOD) == []
    assert _health.find_problems(GOOD, 60, NOW) == []
    assert _health.find_problems({**GOOD, "live_health": LIVE}, 30, NOW) == []


@pytest.mark.parametrize("field", ["is_active", "is_verified"])
@pytest.mark.parametrize(
    ("value", "found"),
    [
        (False, "is false"),
        ("true", 'is "true"'),
        (1, "is 1"),
        (None, "is null"),
        ([True], "is [true]"),
        ({"a": 1}, 'is {"a": 1}'),
        (ABSENT, "is missing"),
    ],
)
def test_only_the_boolean_true_counts(field: str, value: Any, found: str) -> None:
    assert _health.find_problems(changed(field, value)) == [f"{field} {found}, but must be true."]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("unhealthy", 'is "unhealthy"'),
        ("Healthy", 'is "Healthy"'),
        ("healthy ", 'is "healthy "'),
        (True, "is true"),
        (None, "is null"),
        (["healthy"], 'is ["healthy"]'),
        (ABSENT, "is missing"),
    ],
)
def test_only_the_status_healthy_counts(value: Any, found: str) -> None:
    assert _health.find_problems(changed("health_status", value)) == [f'health_status {found}, but must be "healthy".']


@pytest.mark.parametrize(
    ("value", "found"), [(False, "is false"), ("true", 'is "true"'), (1, "is 1"), (ABSENT, "is missing")]
)
def test_a_live_check_counts_in_place_of_the_status(value: Any, found: str) -> None:
    record = {**GOOD, "health_status": "unhealthy", "live_health": LIVE}
    assert _health.find_problems(record) == []
    record["live_health"] = changed("is_healthy", value, LIVE)
    assert _health.find_problems(record) == [f"live_health.is_healthy {found}, but must be true."]


@pytest.mark.parametrize("value", [None, True, "healthy", [], [LIVE]])
def test_a_live_check_of_another_shape_is_no_check(value: Any) -> None:
    (problem,) = _health.find_problems({**GOOD, "live_health": value})
    assert problem.startswith("live_health is ")


def test_a_failed_live_check_says_why() -> None:
    record = {**GOOD, "live_health": {"is_healthy": False, "error": "no answer\x1b[31m"}}
    assert _health.find_problems(record) == [
        'live_health.is_healthy is false, but must be true. The check says "no answer [31m".'
    ]


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-31T11:59:00Z",
        "2026-01-31t11:59:00z",
        "2026-01-31T12:59:00+01:00",
        "2026-01-31T08:59:00.123456789-03:00",
    ],
)
def test_a_timestamp_with_a_zone_is_read(value: str) -> None:
    assert _health.find_problems(changed("last_health_check_at", value), 60, NOW) == []


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-31T11:59:00",
        "2026-01-31",
        "20260131T115900Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T11:59:60Z",
        "2026-02-30T11:59:00Z",
        "0000-01-31T11:59:00Z",
        "2026-01-31T11:59:00+24:00",
        "2026-01-31T11:59:00+01:60",
        "2026-01-31T11:59:00.1234567890Z",
        "2026-01-31T11:59:00Z\n",
        " 2026-01-31T11:59:00Z",
        "\uff12026-01-31T11:59:00Z",
        "now",
        "",
        1769860740,
        True,
        None,
        ABSENT,
    ],
)
def test_anything_else_is_no_time(value: Any) -> None:
    (problem,) = _health.find_problems(changed("last_health_check_at", value), 10**9, NOW)
    assert problem.startswith("last_health_check_at is ")
    assert problem.endswith("but must be a timestamp with a zone.")


@pytest.mark.parametrize(
    ("age", "highest", "healthy"),
    [(60, 60, True), (61, 60, False), (0, 0, True), (1, 0, False), (-60, 0, True), (-61, 10**9, False)],
)
def test_the_age_has_its_bounds(age: int, highest: int, healthy: bool) -> None:
    checked = datetime.fromtimestamp(NOW - age, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (not _health.find_problems(changed("last_health_check_at", checked), highest, NOW)) is healthy
    live = {**GOOD, "last_health_check_at": None, "live_health": {**LIVE, "checked_at": checked}}
    assert (not _health.find_problems(live, highest, NOW)) is healthy


@pytest.mark.parametrize("year", ["0001", "9999"])
@pytest.mark.parametrize("zone", ["Z", "+23:59", "-23:59"])
def test_the_ends_of_time_are_no_accident(year: str, zone: str) -> None:
    record = changed("last_health_check_at", f"{year}-01-01T00:00:00{zone}")
    assert len(_health.find_problems(record, 600, NOW)) == 1


def test_with_a_live_check_its_own_time_counts() -> None:
    record = {**GOOD, "live_health": changed("checked_at", ABSENT, LIVE)}
    assert _health.find_problems(record, 600, NOW) == [
        "live_health.checked_at is missing, but must be a timestamp with a zone."
    ]


# How fast a busy machine draws values is no property of the verdict.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    fields=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("is_active", "is_verified", "health_status", "last_health_check_at", "name"), JSON | NEARLY
        )
        | {
            "live_health": JSON
            | st.fixed_dictionaries({}, optional={"is_healthy": JSON | NEARLY, "checked_at": JSON | NEARLY})
        },
    ),
    base=st.sampled_from([{}, GOOD]),
    highest=st.none() | st.integers(0, 120),
)
def test_healthy_means_that_every_condition_holds(
    fields: dict[str, Any], base: dict[str, Any], highest: int | None
) -> None:
    record = {**base, **fields}
    problems = _health.find_problems(record, highest, NOW)
    assert all(problems)
    holds = record.get("is_active") is True and record.get("is_verified") is True
    if "live_health" in record:
        check = record["live_health"] if isinstance(record["live_health"], dict) else {}
        holds = holds and check.get("is_healthy") is True
        checked = check.get("checked_at")
    else:
        holds = holds and record.get("health_status") == "healthy"
        checked = record.get("last_health_check_at")
    if highest is not None:
        times = {GOOD["last_health_check_at"]: 60, LIVE["checked_at"]: 30}
        age = times.get(checked) if isinstance(checked, str) else None
        holds = holds and age is not None and age <= highest
    assert (problems == []) is holds


def test_each_problem_of_a_list_is_led_by_the_trunk() -> None:
    sick = {**GOOD, "is_active": False}
    records = [GOOD, sick, {**sick, "name": " \n"}, {**sick, "name": None, "id": 7}]
    assert [problem.split(":", maxsplit=1)[0] for problem in _health.find_problems_in(records)] == [
        "Primary",
        "trunk-1",
        "Trunk 4 of the list",
    ]
    assert _health.find_problems_in(sick) == ["is_active is false, but must be true."]


def test_an_empty_list_is_not_healthy() -> None:
    assert _health.find_problems_in([]) == [_health.NO_TRUNK]


@pytest.mark.parametrize("value", [None, "trunk-1", b"x", 3, True, {1, 2}, ["trunk-1"], [GOOD, None], [[GOOD]]])
def test_what_is_no_record_has_no_verdict(value: Any) -> None:
    with pytest.raises(TypeError, match="record"):
        _health.find_problems_in(value)


@pytest.mark.parametrize(("value", "age"), [(0, 0), (600, 600), ("600", 600)])
def test_an_age_is_a_whole_number(value: Any, age: int) -> None:
    assert _health.parse_max_age(value) == age


@pytest.mark.parametrize("value", [None, -1, "", "-1", "1.5", 1.5, True, "ten", [], float("nan")])
def test_any_other_age_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError, match="max_health_age must be"):
        _health.parse_max_age(value)
