# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""Define the argument specification of the module, and check arguments before ansible-core converts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._errors import TalkoverError
from ._options import CONNECTION_SPEC, QUERY_SPEC, check_id, check_size, read_token


def module_spec() -> dict[str, dict[str, Any]]:
    """Return the argument specification of a module.

    The token has no fallback to the environment, because ansible-core 2.22 returns the values of C(no_log) parameters
    in the raw result.
    """
    from ansible.module_utils.basic import env_fallback

    spec = {**CONNECTION_SPEC, **QUERY_SPEC}
    spec["api_url"] = {**spec["api_url"], "fallback": (env_fallback, ["TALKOVER_API_URL"])}
    spec["cache_ttl"] = {"type": "float", "default": 0}
    return spec


def check_module_args(given: Mapping[str, Any]) -> None:
    """Reject arguments that ansible-core would silently convert to an unintended value.

    :param given: the arguments of the task, before any conversion.
    :raises TalkoverError: kind ``config``, for a null, a list or dict instead of a string, and a huge number.
    """
    for name in ("api_token", "trunk_id", "trunk_ids", "max_health_age"):
        if name in given and given[name] is None:
            raise TalkoverError(
                "config", f"{name} is null. Check the expression that sets it, or use omit to leave the option out."
            )
    if "api_token" in given:
        read_token(given["api_token"])
    for name, option in module_spec().items():
        if option.get("type") == "int" or (option.get("type") == "float" and isinstance(given.get(name), int)):
            check_size(name, given.get(name))
    if isinstance(given.get("trunk_id"), (list, tuple)):
        raise TalkoverError("config", "trunk_id must be one ID, but is a list. Use trunk_ids for a list of IDs.")
    if "trunk_id" in given:
        check_id(given["trunk_id"], "trunk_id")
    if isinstance(given.get("trunk_ids"), (list, tuple)):
        for trunk_id in given["trunk_ids"]:
            check_id(trunk_id, "trunk_ids")
