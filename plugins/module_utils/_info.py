# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is private to the collection: its names may change in any release.

"""The results of C(sip_trunk_info), which its module and its action plugin share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ._errors import TalkoverError
from ._options import ConnectionOptions, TrunkQuery, check_cache_ttl
from ._trunks import TrunkReport

Fetch = Callable[[ConnectionOptions, TrunkQuery], TrunkReport]


def build_result(params: Mapping[str, Any], fetch: Fetch) -> dict[str, Any]:
    """Fetch trunks, and return the result of the task.

    :param params: the options, validated with ``module_spec``.
    :param fetch: what requests records, such as ``trunks.fetch``.
    """
    try:
        check_cache_ttl(params["cache_ttl"] or 0)
        query = TrunkQuery.from_options(params)
        token = os.environ.get("TALKOVER_TOKEN") if params["api_token"] is None else params["api_token"]
        report = fetch(ConnectionOptions.from_options({**params, "api_token": token}), query)
    except TalkoverError as error:
        return build_failure(error)
    only = {"trunk": report.trunks[0]} if len(query.trunk_ids) == 1 and report.trunks else {}
    return {
        "changed": False,
        "trunks": report.trunks,
        "missing": report.missing,
        "healthy": report.healthy,
        "problems": report.problems,
        "msg": report.message,
        **only,
    }


def build_failure(error: TalkoverError) -> dict[str, Any]:
    """Return the result of a task that failed."""
    # "until: result.healthy" then goes on, instead of ending with "no attribute 'healthy'".
    return {"failed": True, "msg": str(error), "error": error.as_dict(), "healthy": False}
