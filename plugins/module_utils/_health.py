# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Define what a healthy trunk is, and find the problems of a record.

The fields and their documented values are those of the Talkover SIP trunk API (docs.talkover.ai, SIP trunks).
A field that is missing, null, of another type or has another value is a problem.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from ._text import sanitize

FUTURE_TOLERANCE = 60
"""The maximum number of seconds that the service's clock may be ahead of the local clock."""

NO_TRUNK = "There is no trunk in the list."

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-5][0-9]))"
)


def find_problems(
    record: Mapping[str, Any], max_health_age: float | None = None, now: float | None = None
) -> list[str]:
    """Return the reasons why a trunk is not healthy.

    :param record: a full record or a summary, with ``live_health`` when the live check was requested.
    :param max_health_age: the maximum age of the newest health check, in seconds; ``None`` for any age.
    :param now: the Unix time to compare with; defaults to the current time.
    :returns: one sentence for each condition that is not met; an empty list for a healthy trunk.
    """
    found = [
        _describe_mismatch(field, record, field, "true")
        for field in ("is_active", "is_verified")
        if record.get(field) is not True
    ]
    if "live_health" in record:
        check, source, field = record["live_health"], "live_health", "checked_at"
        if not isinstance(check, Mapping):
            return [*found, _describe_mismatch("live_health", record, "live_health", "an object")]
        if check.get("is_healthy") is not True:
            reason = f' The check says "{sanitize(check["error"])}".' if isinstance(check.get("error"), str) else ""
            found.append(_describe_mismatch("live_health.is_healthy", check, "is_healthy", "true") + reason)
    else:
        check, source, field = record, "", "last_health_check_at"
        if record.get("health_status") != "healthy" or not isinstance(record["health_status"], str):
            found.append(_describe_mismatch("health_status", record, "health_status", '"healthy"'))
    if max_health_age is not None:
        name = f"{source}.{field}".lstrip(".")
        found.extend(_age_problems(name, check, field, max_health_age, time.time() if now is None else now))
    return found


def find_problems_in(value: Any, max_health_age: float | None = None, now: float | None = None) -> list[str]:
    """Return the reasons why a record, or any record of a list, is not healthy.

    :param value: one record, or a list of records. An empty list is a problem.
    :returns: sentences; for a list, each starts with the name or ID of the trunk.
    :raises TypeError: when value is neither a record nor a list of records.
    """
    if isinstance(value, Mapping):
        return find_problems(value, max_health_age, now)
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise TypeError(f"A trunk record or a list of them is needed, but got {_type_name(value)}.")
    for number, record in enumerate(value, start=1):
        if not isinstance(record, Mapping):
            raise TypeError(f"Item {number} of the list is {_type_name(record)}, and not a trunk record.")
    if not value:
        return [NO_TRUNK]
    return [
        f"{label(record, f'Trunk {number} of the list')}: {sentence}"
        for number, record in enumerate(value, start=1)
        for sentence in find_problems(record, max_health_age, now)
    ]


def parse_max_age(value: Any) -> int:
    """Return max_health_age as an integer number of seconds.

    :raises TypeError: when the value is not a whole number of seconds, zero or more.
    """
    if isinstance(value, str) and re.fullmatch("[0-9]{1,12}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise TypeError(f"max_health_age must be a whole number of seconds, zero or more, but is {_format_value(value)}.")


def timestamp(value: Any) -> float | None:
    """Return an RFC 3339 timestamp as Unix time, or ``None`` for anything else, including one without a time zone."""
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    fraction, sign, hours, minutes = match.group(7, 8, 9, 10)
    try:
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
        year, month, day, hour, minute, second = map(int, match.group(1, 2, 3, 4, 5, 6))
        moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    since_epoch = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return since_epoch.total_seconds() + float(f"0.{fraction or 0}")


def _age_problems(name: str, check: Mapping[str, Any], field: str, highest: float, now: float) -> list[str]:
    checked = timestamp(check.get(field))
    if checked is None:
        return [_describe_mismatch(name, check, field, "a timestamp with a zone")]
    age = now - checked
    if age > highest:
        return [f"The newest health check ({name}) is {age:.0f} s old, but must not be older than {highest} s."]
    if age < -FUTURE_TOLERANCE:
        return [f"The newest health check ({name}) lies {-age:.0f} s in the future; compare the clocks."]
    return []


def _describe_mismatch(name: str, container: Mapping[str, Any], field: str, wanted: str) -> str:
    found = f"is {_format_value(container[field])}" if field in container else "is missing"
    return f"{name} {found}, but must be {wanted}."


def _format_value(value: Any) -> str:
    # As JSON, because the string "true" must not look like the boolean.
    return sanitize(json.dumps(value, ensure_ascii=False, default=str), 80)


def label(record: Mapping[str, Any], default: str) -> str:
    """Return the name of a trunk for messages, or its ID if it has no name."""
    for field in ("name", "id"):
        text = sanitize(record[field]) if isinstance(record.get(field), str) else ""
        if text:
            return text
    return default


def _type_name(value: Any) -> str:
    return "nothing" if value is None else f"a value of type {type(value).__name__}"
