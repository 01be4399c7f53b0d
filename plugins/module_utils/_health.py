# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The one definition of a healthy trunk: pure rules from a record to sentences.

The fields and their documented values are those of the Talkover SIP trunk API (docs.talkover.ai, SIP trunks).
Whatever is missing, null, of another type or spelled otherwise is a problem.
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
"""The seconds by which the clock of the service may be ahead of ours."""

NO_TRUNK = "There is no trunk in the list."

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-5][0-9]))"
)


def find_problems(
    record: Mapping[str, Any], max_health_age: float | None = None, now: float | None = None
) -> list[str]:
    """Say what keeps a trunk from carrying calls.

    :param record: a full record or a summary, with ``live_health`` when the live check was asked for.
    :param max_health_age: the seconds that the newest health check may be old; ``None`` for any age.
    :param now: the Unix time to compare with; the present when left out.
    :returns: a sentence for each condition that does not hold; empty for a healthy trunk.
    """
    found = [
        _instead(field, record, field, "true")
        for field in ("is_active", "is_verified")
        if record.get(field) is not True
    ]
    if "live_health" in record:
        check, source, field = record["live_health"], "live_health", "checked_at"
        if not isinstance(check, Mapping):
            return [*found, _instead("live_health", record, "live_health", "an object")]
        if check.get("is_healthy") is not True:
            reason = f' The check says "{sanitize(check["error"])}".' if isinstance(check.get("error"), str) else ""
            found.append(_instead("live_health.is_healthy", check, "is_healthy", "true") + reason)
    else:
        check, source, field = record, "", "last_health_check_at"
        if record.get("health_status") != "healthy" or not isinstance(record["health_status"], str):
            found.append(_instead("health_status", record, "health_status", '"healthy"'))
    if max_health_age is not None:
        name = f"{source}.{field}".lstrip(".")
        found.extend(_age_problems(name, check, field, max_health_age, time.time() if now is None else now))
    return found


def find_problems_in(value: Any, max_health_age: float | None = None, now: float | None = None) -> list[str]:
    """Say what keeps a record, or any record of a list, from being healthy.

    :param value: one record, or a list of records.
    :returns: sentences, each led by the trunk's name or ID when a list was given; an empty list is a problem itself.
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
    """Read what the user gave as the highest age, in seconds.

    :raises TypeError: when it is not a whole number of seconds, zero or more.
    """
    if isinstance(value, str) and re.fullmatch("[0-9]{1,12}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise TypeError(f"max_health_age must be a whole number of seconds, zero or more, but is {_shown(value)}.")


def timestamp(value: Any) -> float | None:
    """Read an RFC 3339 timestamp as Unix time; ``None`` for anything else, one without a zone included."""
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
        return [_instead(name, check, field, "a timestamp with a zone")]
    age = now - checked
    if age > highest:
        return [f"The newest health check ({name}) is {age:.0f} s old, but must not be older than {highest} s."]
    if age < -FUTURE_TOLERANCE:
        return [f"The newest health check ({name}) lies {-age:.0f} s in the future; compare the clocks."]
    return []


def _instead(name: str, container: Mapping[str, Any], field: str, wanted: str) -> str:
    found = f"is {_shown(container[field])}" if field in container else "is missing"
    return f"{name} {found}, but must be {wanted}."


def _shown(value: Any) -> str:
    # JSON is how the reader knows the value from the API; the string "true" must not look like the boolean.
    return sanitize(json.dumps(value, ensure_ascii=False, default=str), 80)


def label(record: Mapping[str, Any], default: str) -> str:
    """Return what a message calls a trunk: its name, or else its ID."""
    for field in ("name", "id"):
        text = sanitize(record[field]) if isinstance(record.get(field), str) else ""
        if text:
            return text
    return default


def _type_name(value: Any) -> str:
    return "nothing" if value is None else f"a value of type {type(value).__name__}"
