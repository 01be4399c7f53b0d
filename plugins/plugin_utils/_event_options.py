# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Read and check the arguments of the event source."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._errors import TalkoverError
from ..module_utils._health_events import INITIAL, EventSettings
from ..module_utils._module_args import check_module_args, module_spec
from ..module_utils._options import (
    ConnectionOptions,
    TrunkQuery,
    check_range,
    check_size,
    read_token,
    reject_unknown,
)

MAX_INTERVAL = 86400.0
MAX_COUNT = 1000
MIN_MAX_WAIT = 60.0
"""The default of C(max_wait) is the interval, but not less than the window of the rate limit."""

EVENT_SPEC: dict[str, dict[str, Any]] = {
    "interval": {"type": "float", "default": 60},
    "sick_after": {"type": "int", "default": 2},
    "recovered_after": {"type": "int", "default": 2},
    "unknown_after": {"type": "int", "default": 3},
    "initial": {"type": "str", "default": "sick", "choices": list(INITIAL)},
    "heartbeat": {"type": "float", "default": 0},
    "hosts": {"type": "dict"},
}

# Names go into a limit, where "," and "~" alone select all hosts, "!a" all but one, and "@a" those in a file.
_HOST = re.compile(r"\w[^\s,]*")

# The variable in which ansible-rulebook passes the queue of a source with "feedback".
_FEEDBACK = "eda_feedback_queue"


class SourceOptions(NamedTuple):
    """Hold the arguments of the event source. ``interval`` is in seconds."""

    connection: ConnectionOptions
    query: TrunkQuery
    settings: EventSettings
    interval: float
    hosts: dict[str, list[str]] | None


def source_spec() -> dict[str, dict[str, Any]]:
    """Return the argument specification of the event source."""
    spec = {**module_spec(), **EVENT_SPEC}
    for name in ("trunk_id", "missing_ok", "cache_ttl"):
        del spec[name]
    # Their defaults depend on other options.
    spec["details"] = {"type": "bool"}
    spec["max_wait"] = {"type": "float"}
    return spec


def read_options(args: Mapping[str, Any]) -> SourceOptions:
    """Check and return the arguments of the event source.

    :raises TalkoverError: kind ``config``.
    """
    if _FEEDBACK in args:
        raise TalkoverError("config", "The source does not support feedback. Remove feedback from the rulebook.")
    spec = source_spec()
    reject_unknown(args, spec)
    # Before ansible-core converts or prints them: a value in the place of the token may contain the token.
    check_module_args(args)
    for name, value in args.items():
        if value is None:
            raise TalkoverError("config", f"{name} is null. Set it, or leave it out.")
        if spec[name].get("type") in ("int", "float"):
            check_size(name, value)
    given_token = args.get("api_token", os.environ.get("TALKOVER_TOKEN"))
    token = read_token(given_token)
    validation = ArgumentSpecValidator(spec).validate({**args, "api_token": given_token})
    if validation.error_messages:
        # The message may show the value of an argument, which may be the token by mistake.
        raise TalkoverError("config", token.hide(f"{str(validation.errors.msg).rstrip('.')}."))
    options = validation.validated_parameters
    interval = check_range("interval", options["interval"], 1.0, MAX_INTERVAL)
    if options["max_wait"] is None:
        options["max_wait"] = max(interval, MIN_MAX_WAIT)
    query = _read_query(options)
    return SourceOptions(
        ConnectionOptions.from_options(options),
        query,
        _read_settings(options),
        interval,
        _read_hosts(options["hosts"], query),
    )


def _read_query(options: dict[str, Any]) -> TrunkQuery:
    if (options["trunk_ids"] is not None) == bool(options["all_trunks"]):
        raise TalkoverError("config", "Exactly one of trunk_ids and all_trunks=true is needed. Set one of them.")
    if options["details"] is None:
        # A list is one request for any number of trunks, but it has no time of the last check.
        live = "live_health" in (options["include"] or ())
        options["details"] = options["max_health_age"] is not None and not live
    # One trunk that does not exist must not hide the others. It is sick.
    return TrunkQuery.from_options({**options, "missing_ok": True})


def _read_settings(options: Mapping[str, Any]) -> EventSettings:
    counts = {
        name: check_range(name, options[name], 1, MAX_COUNT)
        for name in ("sick_after", "recovered_after", "unknown_after")
    }
    heartbeat = check_range("heartbeat", options["heartbeat"], 0.0, MAX_INTERVAL)
    return EventSettings(**counts, initial=options["initial"], heartbeat=heartbeat)


def _read_hosts(hosts: Mapping[Any, Any] | None, query: TrunkQuery) -> dict[str, list[str]] | None:
    if hosts is None:
        return None
    mapped = {str(trunk_id): _host_names(str(trunk_id), names) for trunk_id, names in hosts.items()}
    missing = [trunk_id for trunk_id in query.trunk_ids if trunk_id not in mapped]
    if missing:
        raise TalkoverError(
            "config",
            f"hosts has no entry for {missing[0]!r}. Add one for each trunk, because an action for an event without "
            "hosts runs on all hosts.",
        )
    unused = [trunk_id for trunk_id in mapped if trunk_id not in query.trunk_ids]
    if unused and not query.all_trunks:
        raise TalkoverError("config", f"hosts has an entry for {unused[0]!r}, which is not in trunk_ids. Correct one.")
    return mapped


def _host_names(trunk_id: str, names: Any) -> list[str]:
    listed = [names] if isinstance(names, str) else names
    if not isinstance(listed, list) or not listed or not all(isinstance(name, str) and name.strip() for name in listed):
        # An empty limit would select all hosts.
        raise TalkoverError("config", f"hosts must have at least one host name for {trunk_id!r}. Set a list of names.")
    if not all(_HOST.fullmatch(name) for name in listed):
        raise TalkoverError(
            "config",
            f"hosts has a value for {trunk_id!r} that is not the name of a host or a group. Set a list of names, each "
            "without commas and white space.",
        )
    return listed
