# Copyright (c) 2026, Talkover Voice Collection Contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked, and a service that counts how often."""

from __future__ import annotations

from typing import Any

from ansible_collections.talkover.voice.plugins.module_utils import _clock
from ansible_collections.talkover.voice.plugins.module_utils._options import (
    ConnectionOptions,
    TrunkQuery,
)
from ansible_collections.talkover.voice.plugins.module_utils._trunks import TrunkReport
from ansible_collections.talkover.voice.tests.defaults import defaults


def connection(**options: Any) -> ConnectionOptions:
    return ConnectionOptions.from_options({**defaults(), "api_token": "talq_a", **options})


def question(*ids: str, **options: Any) -> TrunkQuery:
    return TrunkQuery.from_options({**defaults(), "trunk_ids": list(ids) or None, "all_trunks": not ids, **options})


class Service:
    """Answers with a record a trunk, and counts how often each was asked for."""

    def __init__(self, *every: str) -> None:
        self.every = every
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, asked: TrunkQuery) -> TrunkReport:
        self.asked.append(asked.trunk_ids)
        ids = asked.trunk_ids or self.every
        return TrunkReport({i: {"id": i, "n": len(self.asked)} for i in ids}, None, dict.fromkeys(ids, _clock.now()))
